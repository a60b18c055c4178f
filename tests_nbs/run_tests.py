"""`make test`: the source of the package is its notebooks, so the gate is theirs.
1. nbdev-clean and nbdev-export must change nothing. 2. nbdev-test on every notebook of nbs/ and tests_nbs/, two at a time.
The last line counts: a notebook that ran without error is passed, a notebook that raised (or the gate of step 1) is failed,
and every check that a notebook or a cell flag left out is skipped, each listed with its reason."""
import hashlib, json, os, re, signal, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

root = Path(__file__).resolve().parent.parent
bin_ = Path(sys.executable).parent
limit = 1500   # seconds a notebook may take
quiet = dict(OMP_NUM_THREADS="1", OMP_WAIT_POLICY="PASSIVE", TOKENIZERS_PARALLELISM="false", HF_HUB_OFFLINE="1",
             MPLBACKEND="agg")
flags = ("slow", "gpu", "notest")

def hashes():
    files = [*root.glob("nbs/**/*.ipynb"), *root.glob("tests_nbs/*.ipynb"), *root.glob("polyidiom/*.py")]
    return {p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in files if ".ipynb_checkpoints" not in p.parts}

def gate():
    "Files that nbdev-clean or nbdev-export change"
    before = hashes()
    for cmd in (["nbdev-clean"], ["nbdev-clean", "--fname", "tests_nbs"], ["nbdev-export"]):
        p = subprocess.run([bin_/cmd[0], *cmd[1:]], cwd=root, capture_output=True, text=True)
        if p.returncode: return [f"{' '.join(cmd)} exited {p.returncode}: {p.stderr[-500:]}"]
    after = hashes()
    return sorted(k for k in {*before, *after} if before.get(k) != after.get(k))

def flagged(nb):
    "A line for each kind of cell that nbdev-test leaves out; a notebook that cannot be read has failed already"
    try: cells = json.loads(nb.read_text(encoding="utf-8"))["cells"]
    except ValueError: return []
    code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    lines = []
    for flag in (*flags, "eval: *false"):
        n = sum(bool(re.search(rf"^#\| *{flag}\b", c, flags=re.M)) for c in code)
        again = f"; nbdev-test {nb.relative_to(root)} --flags {flag}" if flag in flags else ""
        if n: lines.append(dict(what=f"{nb.stem}: {n} cell(s)", why=f"flagged {flag.replace('*', '')}{again}"))
    return lines

def test(nb, log):
    "(notebook, whether it passed, seconds, what it said)"
    start = time.time()
    env = {**os.environ, **quiet, "POLYIDIOM_SKIP_LOG": str(log),
           "PATH": f"{bin_}{os.pathsep}{os.environ.get('PATH', '')}"}
    p = subprocess.Popen([bin_/"nbdev-test", str(nb), "--n-workers", "0"], cwd=root, env=env, text=True,
                         start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try: out, _ = p.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(p.pid, signal.SIGKILL)   # with the kernels and browsers it started
        return nb, False, time.time() - start, f"longer than {limit} s\n{p.communicate()[0][-3000:]}"
    return nb, p.returncode == 0, time.time() - start, out[-6000:]

def carry_out(books, folder):
    "Test them two at a time, the long ones first; returns whether each passed, and what was skipped"
    books = sorted(books, key=lambda p: (p.parent.name != "tests_nbs", -p.stat().st_size))
    log = lambda nb: Path(folder)/f"{nb.parent.name}-{nb.stem}.jsonl"
    passed, skips = [], []
    with ThreadPoolExecutor(int(os.environ.get("POLYIDIOM_TEST_WORKERS", 2))) as ex:
        for nb, ok, secs, out in ex.map(lambda nb: test(nb, log(nb)), books):
            passed.append(ok)
            print(f"{'ok  ' if ok else 'FAIL'} {nb.relative_to(root)} ({secs:.0f} s)", flush=True)
            if not ok: print(out, flush=True)
            if log(nb).is_file(): skips += map(json.loads, filter(None, log(nb).read_text(encoding="utf-8").split("\n")))
            skips += flagged(nb)
    return passed, skips

def main(select=""):
    books = [p for d in ("nbs", "tests_nbs") for p in sorted((root/d).glob("*.ipynb")) if select in p.as_posix()]
    if not books: sys.exit(f"no notebook's path contains {select!r}")
    bad = [] if select else gate()
    if bad: print("FAIL nbdev-clean or nbdev-export changes:", *bad, sep="\n  ")
    elif not select: print("ok   nbdev-clean and nbdev-export change nothing")
    with tempfile.TemporaryDirectory() as folder: passed, skips = carry_out(books, folder)
    if not select: print("note nbs/runs are executed by tests_nbs/study.ipynb, nbs/lab pages are checked by "
                         "tests_nbs/site.ipynb; they are not counted")
    for s in skips: print(f"skip {s['what']}: {s['why']}")
    gates = 0 if select else 1   # counts as one, passed or failed
    failed = passed.count(False) + bool(bad)
    print(f"{len(passed) + gates - failed} passed, {failed} failed, {len(skips)} skipped")
    return bool(failed)

if __name__ == "__main__": sys.exit(main(*sys.argv[1:]))
