"""Two workers against one: wall time of CPU-bound runs of at least 10 s with one thread each.

Run from the repository root: python benchmarks/engines.py [--rounds 3] [--seconds 11] [--runs 4]
Goal (issue 5): two workers at least 1.8 times as fast as one. (What a run costs beside bare papermill is measured by
benchmarks/plans.py.) Each run hashes a fixed amount of data, sized once so that it takes `--seconds` on this machine
alone, and checks it against nothing else: the work is the same for one and for two workers. One and two workers are
measured in turn, `--rounds` times, each time in a fresh runs folder with workers that are already started; ratios of
one round are paired, the median is reported, and all of them are listed. The load of the machine before and after is
part of the result: on a busy machine two workers get less than two cores. The last line is one JSON object, which is
also written to benchmarks/results.
"""
import argparse, datetime, json, os, platform, statistics, sys, tempfile, time
from pathlib import Path
os.environ.update(OMP_NUM_THREADS="1", OMP_WAIT_POLICY="PASSIVE")
import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from polyidiom.engines import Here
from polyidiom.record import Run
from polyidiom.study import Task

def notebook(path, work):
    settings = 'run_dir:str = ""  # folder\nn:int = 0  # which run\nrounds:int = 1  # amount of work'
    cells = [new_code_cell(c) for c in (settings, work)]
    cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(new_notebook(metadata=dict(kernelspec=dict(name="python3", display_name="python3",
                                                              language="python")), cells=cells), path)
    return str(path)

burn = """
import hashlib, time
from polyidiom.record import Run
run = Run.begin("", dict(n=n, rounds=rounds), run_dir)
started, used = time.perf_counter(), time.process_time()
block = str(n).encode()
for _ in range(rounds): block = hashlib.pbkdf2_hmac("sha256", block, b"salt", 10_000)
run.finish(dict(seconds_of_work=time.perf_counter() - started, cpu=time.process_time() - used));
"""
def rounds_for(seconds):
    "Rounds of `burn` that take `seconds` of one core"
    import hashlib
    start = time.process_time()
    for _ in range(50): hashlib.pbkdf2_hmac("sha256", b"0", b"salt", 10_000)
    return max(1, round(50*seconds/(time.process_time() - start)))

def wall(engine, tasks):
    "Seconds from the first submit to the last result, and the folders"
    start = time.perf_counter()
    paths = [f.result() for f in [engine.submit(t) for t in tasks]]
    return time.perf_counter() - start, paths

def speedup(box, rounds, runs, seconds):
    nb, amount, pairs, work, cpu = notebook(box/"burn.ipynb", burn), rounds_for(seconds), [], [], []
    with Here(1, gpus=[], threads=1) as one, Here(2, gpus=[], threads=1) as two:
        for i in range(-1, rounds):   # the first is a warm-up
            took = {}
            for engine in (one, two) if i % 2 else (two, one):
                root = box/f"{engine.slots}-{i}"
                todo = runs if i >= 0 else engine.slots
                tasks = [Task(f"burn-{n}", nb, dict(n=n, rounds=amount if i >= 0 else 1), [], root)
                         for n in range(todo)]
                took[engine.slots], paths = wall(engine, tasks)
                if i >= 0:
                    found = [Run(p).manifest["metrics"] for p in paths]
                    work += [m["seconds_of_work"] for m in found]
                    cpu += [m["cpu"] for m in found]
            if i >= 0:
                pairs.append((took[1], took[2]))
                print(f"one {took[1]:.1f} s, two {took[2]:.1f} s, ratio {took[1]/took[2]:.3f}, "
                      f"load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    ratios = [a/b for a, b in pairs]
    return dict(two_workers_speedup=round(statistics.median(ratios), 3), ratios=[round(r, 3) for r in ratios],
                runs=runs,
                one_worker_seconds=[round(a, 1) for a, _ in pairs], two_workers_seconds=[round(b, 1) for _, b in pairs],
                shortest_run_seconds=round(min(work), 1), cpu_seconds_of_a_run=round(statistics.median(cpu), 1),
                share_of_a_core=round(sum(cpu)/sum(work), 3))

if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--seconds", type=float, default=11.)
    p.add_argument("--runs", type=int, default=4)
    a = p.parse_args()
    before = os.getloadavg()
    with tempfile.TemporaryDirectory() as d: found = speedup(Path(d), a.rounds, a.runs, a.seconds)
    today = datetime.date.today().isoformat()
    result = dict(date=today, python=platform.python_version(), cores=os.cpu_count(),
                  load_before=[round(x, 1) for x in before], load_after=[round(x, 1) for x in os.getloadavg()], **found)
    out = Path(__file__).parent/"results"/f"engines-{today}.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(result) + "\n")
    print(json.dumps(result))
