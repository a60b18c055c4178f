"""Time and memory to load 50,000 checked records, for each kind of file.

Run from the repository root: python benchmarks/loading.py
Ceilings: 10 s and 1 GB (issue 2). Every load runs in a process of its own, with all records held in a list at the end,
as a training run would hold them. The files are made here; SemEval's real rows are repeated if they are at hand.
The last line is one JSON object of ratios: ceiling / measured, so that more is better.
"""
import csv, json, random, subprocess, sys, tempfile, time
from pathlib import Path

N, SECONDS, MB = 50_000, 10, 1000
CHILD = """
import json, resource, sys, time
start = time.perf_counter()
from polyidiom.corpora import load
it = load(sys.argv[1], sys.argv[2], **json.loads(sys.argv[3]))
records = list(it)
seconds = time.perf_counter() - start
assert it.report.ok and len(records) == int(sys.argv[4]), it.report
print(json.dumps(dict(seconds=round(seconds, 2), mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))))
"""

def sentence(rng, words):
    "A text of 15–40 words with 'break the ice' in it, and its place"
    a, b = (" ".join(rng.choices(words, k=rng.randint(7, 20))) for _ in range(2))
    text = f"{a} broke the ice {b}."
    return text, len(a) + 1, len(a) + 14

def make_files(folder):
    "Write the inputs; returns {name: (corpus, path, options, number of records)}"
    rng = random.Random(0)
    words = [f"{o}{i}" for i, o in enumerate("harbour winter joke captain łódź קרח παγος bridge".split()*20)]
    rows = [(i, *sentence(rng, words)) for i in range(N)]
    with open(folder/"magpie.jsonl", "w", encoding="utf-8") as f:
        for i, text, s, e in rows:
            row = dict(id=i, idiom="break the ice", label="il"[i % 2], confidence=1.,
                       context=["Before it."]*2 + [text] + ["After it."]*2,
                       offsets=[[s, s+5], [s+6, s+9], [s+10, e]], split="training")
            f.write(json.dumps(row) + "\n")
    with open(folder/"table.csv", "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f)
        w.writerow("id text start end surface y".split())
        w.writerows([i, text, s, e, text[s:e], i % 2] for i, text, s, e in rows)
    import pandas as pd
    pd.read_csv(folder/"table.csv").to_parquet(folder/"table.parquet")
    table = dict(columns=dict(uid="id", label="y"), labels={"0": "literal", "1": "idiomatic"}, lang="en")
    out = dict(magpie_jsonl=("magpie", folder/"magpie.jsonl", {}, N),
               table_csv=("table", folder/"table.csv", table, N),
               table_parquet=("table", folder/"table.parquet", table, N))
    from polyidiom.core import has_data
    if base := has_data("semeval2022_task2a"):
        source = list(csv.DictReader(open(base/"SubTaskA/Data/train_zero_shot.csv", encoding="utf-8", newline="")))
        with open(folder/"train_zero_shot.csv", "w", newline="", encoding="utf-8") as f:
            w = csv.DictWriter(f, list(source[0]))
            w.writeheader()
            for i in range(N): w.writerow(source[i % len(source)] | dict(DataID=f"copy.{i}"))
        out["semeval_csv"] = ("semeval2022_2a", folder/"train_zero_shot.csv", {}, N)
    else: print("SKIP semeval_csv: no semeval2022_task2a under the data root")
    return out

def main():
    worst = dict(seconds=0, mb=0)
    with tempfile.TemporaryDirectory() as tmp:
        for name, (corpus, path, options, n) in make_files(Path(tmp)).items():
            cmd = [sys.executable, "-c", CHILD, corpus, str(path), json.dumps(options), str(n)]
            out = subprocess.run(cmd, capture_output=True, text=True)
            if out.returncode: sys.exit(f"{name} failed:\n{out.stderr}")
            got = json.loads(out.stdout)
            worst = {k: max(worst[k], got[k]) for k in worst}
            print(f"{name:16s} {n:,} records  {got['seconds']:6.2f} s  {got['mb']:5d} MB  "
                  f"{n/got['seconds']:,.0f} records/s")
    result = dict(records=N, worst_seconds=worst["seconds"], worst_mb=worst["mb"],
                  seconds_ceiling_over_measured=round(SECONDS/worst["seconds"], 2),
                  mb_ceiling_over_measured=round(MB/worst["mb"], 2))
    out = Path(__file__).parent/"results"/f"loading-{time.strftime('%Y-%m-%d')}.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(result) + "\n")
    print(json.dumps(result))

if __name__ == "__main__": main()
