"""A plan of 1,000 runs shown, the status of 1,000 finished runs, and what a run costs beside bare papermill.

Run from the repository root: python benchmarks/plans.py [--rounds 7] [--runs 1000]
Goals (issue 5): shown in < 2 s and status in < 2 s, each by the command in a process of its own (from start to exit,
with all imports; seconds of the processor beside them, for a machine that others load); overhead of a run ≤ 1.0 s.
Overhead: the same notebook by `polyidiom.record.execute` into a run folder (identity, lock, manifest, hashes,
verification) and by bare `papermill.execute_notebook`, in turn, after one round that is not counted; the difference
of the medians. `plan_overhead` is the same for a row of `run_plan`, with ledger and gates. The last line is one JSON
object.
"""
import argparse, datetime, json, os, platform, shutil, statistics, subprocess, sys, tempfile, time
from pathlib import Path
import nbformat, yaml
from nbformat.v4 import new_code_cell, new_notebook

BARE = "import time\nfrom pathlib import Path"
OURS = "from polyidiom.record import Run"
PARAMETERS = 'run_dir:str = ""  # folder\nn:int = 1  # result\ngroup:int = 0  # for the grid'
RECORD = """run = Run.begin("", dict(n=n), run_dir)
run.write("scores", [dict(uid=str(i), value=i) for i in range(100)])
run.finish(dict(n=n));"""
PLAIN = """out = Path(run_dir)
out.mkdir(parents=True, exist_ok=True)
(out/"scores.jsonl").write_text("\\n".join(str(i) for i in range(100)));"""

def notebook(file, *cells):
    nb = new_notebook(metadata=dict(kernelspec=dict(name="python3", display_name="python3", language="python")),
                      cells=[new_code_cell(c) for c in cells])
    nb.cells[1].metadata["tags"] = ["parameters"]
    nbformat.write(nb, file)
    return file

def big_plan(box, n):
    "A plan of `n` runs: a grid, a gate after the first ten, and a sum at the end"
    nb, total = notebook(box/"one.ipynb", OURS, PARAMETERS, RECORD), notebook(box/"total.ipynb", OURS,
            'run_dir:str = ""\nruns:list = []  # ids', RECORD)
    runs = [dict(name="pilot-{n}", notebook=str(nb), grid=dict(n=list(range(10))), seconds=[20, 60]),
            dict(name="run-{n}", notebook=str(nb), grid=dict(n=list(range(10, n - 1))), seconds=[20, 60],
                 dollars_per_hour=2.0),
            dict(name="total", notebook=str(total), after=["run-*"], seconds=10)]
    gates = [dict(name="it works", after=["pilot-*"], metric="n", op=">=", value=0)]
    (box/"big.yaml").write_text(yaml.safe_dump(dict(name="big", runs=runs, gates=gates)))
    return box/"big.yaml"

def finish_all(plan, root):
    "Run folders of all rows, and a ledger, as carrying the plan out would leave them; no notebook is executed"
    from polyidiom.carry import run_plan
    from polyidiom.core import sha256_file
    from polyidiom.notebooks import find_notebook
    from polyidiom.record import Run, is_current, prepare
    from polyidiom.study import complete
    def folder(notebook, params, inputs=(), name=None, root=None, **_):
        nb = find_notebook(notebook)
        run = prepare(nb, complete(nb, params), inputs, name, root)
        if is_current(run): return run
        run = Run.begin(nb, params, run.path)
        run.write("scores", [dict(uid=str(i), value=i) for i in range(100)])
        run.finish({f"metric {i}": [i/50, 0., 1.] for i in range(50)} | {"n": 1})
        shutil.copy(nb, run.path/"notebook.ipynb")
        run.note(notebook_sha256=sha256_file(nb))
        return run
    return run_plan(plan, root, submit=folder, quiet=True)

def command(*args):
    "(seconds from start to exit, seconds of the processor, what it printed) of a `polyidiom study` command"
    began, before = time.perf_counter(), os.times()
    p = subprocess.run([sys.executable, "-c", "from polyidiom.cli import main; main()", "study", *map(str, args)],
                       capture_output=True, text=True)
    if p.returncode: sys.exit(p.stderr)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, cpu, p.stdout

def shown_and_status(box, n, rounds):
    from polyidiom.study import load_plan
    file, root = big_plan(box, n), box/"runs"
    before = [command("show", file, "--root", root, "--workers", 8) for _ in range(rounds)]
    assert f"{n} runs" in before[0][2], before[0][2][-2000:]
    began = time.perf_counter()
    finish_all(load_plan(str(file)), root)
    made = time.perf_counter() - began
    after = [command("status", file, "--root", root) for _ in range(rounds)]
    assert f"{n} done of {n} runs" in after[0][2], after[0][2][-2000:]
    began = time.perf_counter()
    again = finish_all(load_plan(str(file)), root)
    resumed = time.perf_counter() - began
    assert all(r.reused for r in again.values())
    median = lambda found, i: round(statistics.median(f[i] for f in found), 2)
    return dict(runs=n, show_seconds=median(before, 0), show_cpu_seconds=median(before, 1),
                status_seconds=median(after, 0), status_cpu_seconds=median(after, 1),
                resume_of_finished_seconds=round(resumed, 2), folders_made_seconds=round(made, 1))

def overhead(box, rounds):
    import papermill
    from polyidiom.carry import run_plan
    from polyidiom.record import execute
    from polyidiom.study import entry, plan_of
    bare, ours = notebook(box/"bare.ipynb", BARE, PARAMETERS, PLAIN), notebook(box/"ours.ipynb", OURS, PARAMETERS,
            RECORD)
    def by_papermill(i):
        papermill.execute_notebook(str(bare), str(box/"bare.out.ipynb"), dict(n=i, run_dir=str(box/f"bare-{i}")),
                                   progress_bar=False, kernel_name="python3")
    def by_record(i): execute(str(ours), dict(n=i), name="ours", root=box/"o", progress_bar=False)
    def by_plan(i): run_plan(plan_of("p", entry("row", str(ours), dict(n=i))), box/"p", quiet=True)
    took = {f: [] for f in (by_papermill, by_record, by_plan)}
    for i in range(rounds + 1):
        for f in took:
            began = time.perf_counter()
            f(i)
            if i: took[f].append(time.perf_counter() - began)
    bare, record, plan = (statistics.median(t) for t in took.values())
    return dict(rounds=rounds, papermill_seconds=round(bare, 2), record_seconds=round(record, 2),
                plan_seconds=round(plan, 2),
                record_overhead=round(record - bare, 2), plan_overhead=round(plan - bare, 2))

def main():
    p = argparse.ArgumentParser()
    p.add_argument("--rounds", type=int, default=7)
    p.add_argument("--runs", type=int, default=1000)
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as tmp:
        result = dict(shown_and_status(Path(tmp), a.runs, max(a.rounds//2, 1)), **overhead(Path(tmp), a.rounds))
    result |= dict(cores=os.cpu_count(), python=platform.python_version(), load=round(os.getloadavg()[0], 1))
    out = Path(__file__).parent/"results"/f"plans-{datetime.date.today()}.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(result) + "\n")
    print(json.dumps(result))

if __name__ == "__main__": main()
