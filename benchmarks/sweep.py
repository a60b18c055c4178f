"""Sweeps: 4 workers × 60 trivial trials, supervised and bare, on the same storage settings; overhead a trial; waiting.

    python benchmarks/sweep.py            SQLite (and PostgreSQL if OPTUNA_STORAGE_URL names a server)
    python benchmarks/sweep.py 3          the median of three rounds

Writes benchmarks/results/sweep-DATE.json. Bare Optuna is `study.optimize` in four processes on the very storage class that the
supervisor uses, so the ratio is the price of the supervisor; `stock` is Optuna's own RDBStorage with its defaults.
"""
import datetime, json, os, platform, statistics, subprocess, sys, tempfile, time, warnings
from pathlib import Path

WORKERS, TRIALS = 4, 60
SWEEP = dict(study_name="bench", objective="benchhills:f", direction="minimize", metric="height", n_trials=WORKERS*TRIALS,
             sampler=dict(name="tpe", seed=0), enqueue={"default": dict(x=.5, y=.5)},
             param_ranges={k: dict(kind="float", low=0, high=1) for k in "xy"})
OBJECTIVE = """
def f(params, report): return [dict(uid="a", height=params["x"]*params["y"])]
"""


def bare(url, name, seed, stock):
    "One process of bare Optuna"
    import optuna
    from polyidiom.storages import open_storage
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    storage = optuna.storages.RDBStorage(url, heartbeat_interval=15, grace_period=60) if stock else open_storage(url)
    study = optuna.load_study(study_name=name, storage=storage, sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(lambda t: t.suggest_float("x", 0, 1)*t.suggest_float("y", 0, 1), n_trials=TRIALS)


def time_bare(url, name, stock=False):
    import optuna
    from polyidiom.storages import open_storage
    optuna.create_study(study_name=name, storage=open_storage(url), direction="minimize")
    began = time.perf_counter()
    argv = [sys.executable, __file__, "bare", url, name]
    workers = [subprocess.Popen([*argv, str(i), str(int(stock))]) for i in range(WORKERS)]
    codes = [p.wait() for p in workers]
    assert codes == [0]*WORKERS, codes
    return time.perf_counter() - began


def time_supervised(root, name):
    from polyidiom.storages import load_study
    from polyidiom.supervisor import launch
    from polyidiom.sweep import load_sweep, trials_of
    sweep = load_sweep(SWEEP | dict(study_name=name))
    began = time.perf_counter()
    end = launch(sweep, WORKERS, root)
    took = time.perf_counter() - began
    done = sum(t.done for t in trials_of(load_study(sweep, root)))
    assert end.kind == "finished" and WORKERS*TRIALS <= done < WORKERS*TRIALS + WORKERS, (end, done)
    return took


def overhead(root, times=3):
    "ms that the supervisor adds to a trial: one worker, 60 trials, in this process; less the same by `study.optimize`; best of `times`"
    import optuna
    from polyidiom.storages import open_study, storage_url
    from polyidiom.supervisor import work
    from polyidiom.sweep import load_sweep
    took = {"with": [], "without": []}
    for i in range(times):
        for name, seconds in took.items():
            sweep = load_sweep(SWEEP | dict(study_name=f"overhead-{name}-{i}", n_trials=TRIALS))
            study = open_study(sweep, storage_url(sweep, root), 0)
            optuna.logging.set_verbosity(optuna.logging.ERROR)
            began = time.perf_counter()
            if name == "with": work(sweep, root=root)
            else: study.optimize(lambda t: t.suggest_float("x", 0, 1)*t.suggest_float("y", 0, 1), n_trials=TRIALS)
            seconds.append(time.perf_counter() - began)
    return 1000*(min(took["with"]) - min(took["without"]))/TRIALS


def rounds(n):
    found = {}
    for i in range(n):
        with tempfile.TemporaryDirectory() as box:
            (Path(box)/"benchhills.py").write_text(OBJECTIVE)
            sys.path.insert(0, box)
            os.environ["PYTHONPATH"] = f"{box}:{os.environ.get('PYTHONPATH', '')}"
            url = os.environ.get("OPTUNA_STORAGE_URL") or f"sqlite:///{box}/bare.db"
            kind, stamp = url.split(":")[0].split("+")[0], f"{os.getpid()}-{i}"
            if kind == "postgresql": url = url.replace("postgresql://", "postgresql+psycopg://")
            lines = {"bare": time_bare(url, f"bare-{stamp}"), "supervised": time_supervised(box, f"bench-{stamp}"),
                     "overhead_ms": overhead(box) if kind == "sqlite" else None}
            if kind == "sqlite": lines["stock"] = time_bare(f"sqlite:///{box}/stock.db", f"stock-{stamp}", stock=True)
            print(kind, {k: v and round(v, 1) for k, v in lines.items()}, flush=True)
            for k, v in lines.items(): found.setdefault(k, []).append(v)
            sys.path.remove(box)
    median = {k: round(statistics.median(v), 2) for k, v in found.items() if v[0] is not None}
    return kind, median | dict(ratio=round(statistics.median(s/b for s, b in zip(found["supervised"], found["bare"])), 2))


if __name__ == "__main__":
    if sys.argv[1:2] == ["bare"]:
        bare(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5] == "1")
    else:
        kind, result = rounds(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
        out = Path(__file__).parent/"results"/f"sweep-{datetime.date.today()}.json"
        known = json.loads(out.read_text()) if out.is_file() else {}
        known[kind] = result | dict(workers=WORKERS, trials=TRIALS, cores=len(os.sched_getaffinity(0)), machine=platform.machine())
        out.write_text(json.dumps(known, indent=1) + "\n")
        print(json.dumps({kind: known[kind]}, indent=1))
