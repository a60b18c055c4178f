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

def hashes():
    files = [*root.glob("nbs/**/*.ipynb"), *root.glob("tests_nbs/*.ipynb"), *root.glob("polyidiom/*.py")]
    return {p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files if ".ipynb_checkpoints" not in p.parts}

def gate():
    "Files that nbdev-clean or nbdev-export change"
    before = hashes()
    for cmd in (["nbdev-clean"], ["nbdev-clean", "--fname", "tests_nbs"], ["nbdev-export"]):
        p = subprocess.run([bin_/cmd[0], *cmd[1:]], cwd=root, capture_output=True, text=True)
        if p.returncode: return [f"{' '.join(cmd)} exited {p.returncode}: {p.stderr[-500:]}"]
    after = hashes()
    return sorted(k for k in {*before, *after} if before.get(k) != after.get(k))

def flagged(nb):
    "One line for each kind of cell that nbdev-test leaves out; a notebook that cannot be read has failed already"
    try: cells = ["".join(c["source"]) for c in json.loads(nb.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
    except ValueError: return []
    n = {f: sum(bool(re.search(rf"^#\| *{f}\b", c, flags=re.M)) for c in cells) for f in ("slow", "gpu", "notest")}
    if k := sum(bool(re.search(r"^#\| *eval: *false", c, flags=re.M)) for c in cells): n["eval: false"] = k
    return [dict(what=f"{nb.stem}: {k} cell(s)", why=f"flagged {f}" if ":" in f else f"flagged {f}; nbdev-test {nb.relative_to(root)} --flags {f}") for f, k in n.items() if k]

def test(nb, log):
    t = time.time()
    env = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "TOKENIZERS_PARALLELISM": "false", "POLYIDIOM_SKIP_LOG": str(log), "HF_HUB_OFFLINE": "1", "MPLBACKEND": "agg",
           "PATH": f"{bin_}{os.pathsep}{os.environ.get('PATH', '')}"}
    p = subprocess.Popen([bin_/"nbdev-test", str(nb), "--n-workers", "0"], cwd=root, env=env, text=True, start_new_session=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try: out, _ = p.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(p.pid, signal.SIGKILL)   # with the kernels and browsers it started
        return nb, False, time.time()-t, f"longer than {limit} s\n{p.communicate()[0][-3000:]}"
    return nb, p.returncode == 0, time.time()-t, out[-6000:]

def main(select=""):
    books = [p for d in ("nbs", "tests_nbs") for p in sorted((root/d).glob("*.ipynb")) if select in p.as_posix()]
    if not books: sys.exit(f"no notebook's path contains {select!r}")
    failed = 0
    if not select:
        if bad := gate(): failed += 1; print("FAIL nbdev-clean or nbdev-export changes:", *bad, sep="\n  ")
        else: print("ok   nbdev-clean and nbdev-export change nothing")
    books.sort(key=lambda p: (p.parent.name != "tests_nbs", -p.stat().st_size))   # the long ones first
    with tempfile.TemporaryDirectory() as d:
        log = lambda nb: Path(d)/f"{nb.parent.name}-{nb.stem}.jsonl"
        with ThreadPoolExecutor(int(os.environ.get("POLYIDIOM_TEST_WORKERS", 2))) as ex:
            done = []
            for nb, ok, secs, out in ex.map(lambda nb: test(nb, log(nb)), books):
                done.append(ok); print(f"{'ok  ' if ok else 'FAIL'} {nb.relative_to(root)} ({secs:.0f} s)", flush=True)
                if not ok: print(out, flush=True)
        skips = [json.loads(l) for nb in books if log(nb).is_file() for l in log(nb).read_text(encoding="utf-8").split("\n") if l] + [s for nb in books for s in flagged(nb)]
    if not select: print("note nbs/runs are executed by tests_nbs/study.ipynb, nbs/lab pages are checked by tests_nbs/package.ipynb; they are not counted")
    for s in skips: print(f"skip {s['what']}: {s['why']}")
    failed += done.count(False)
    passed = done.count(True) + (not select and failed == done.count(False))
    print(f"{passed} passed, {failed} failed, {len(skips)} skipped")
    return bool(failed)

if __name__ == "__main__": sys.exit(main(*sys.argv[1:]))
