"""What our client costs in time beside the bare SDK, and how often the preflight's interval holds.

Run from the repository root: python benchmarks/client.py [--rounds 7] [--n 400] [--studies 1000]
Goals (issue 7): at concurrency 8 and 100 ms latency of the server, `Client.ask` with a cache on the disk takes at most
10 % longer than the SDK's own `messages.create` from 8 threads with the same settings, and the interval covers the final
cost in at least 19 of 20 simulated studies.
Overhead: a loopback server in a process of its own; both ask the same n questions, in turn, after one round that is not
counted. The medians are compared; for a machine that others load, the best rounds and the processor's milliseconds a
request are given beside them.
Coverage: the distributions of nbs/50g_costs.ipynb with seeds that neither the page nor the choice of the confidence
has seen; `twenties` is the share of blocks of 20 studies of one distribution in which at least 19 held.
The last line is one JSON object.
"""
import argparse, datetime, json, os, platform, statistics, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import numpy as np

SERVER = """
import sys, time
from polyidiom.loopback import Loopback
with Loopback(lambda body: dict(label="idiomatic"), latency=float(sys.argv[1])) as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""
LABEL = dict(type="object", properties=dict(label=dict(type="string")), required=["label"], additionalProperties=False)
MODEL = "claude-haiku-5-5"

def requests(n):
    from polyidiom.messages import Request
    return [Request(f"s{i}", "label-v1", [dict(role="user", content=f"Is the phrase in sentence {i} an idiom?")],
                    "Label the phrase. "*40, LABEL) for i in range(n)]

def ours(url, asks, concurrency):
    from polyidiom.client import Client
    with tempfile.TemporaryDirectory() as box:
        client = Client(MODEL, cache=Path(box)/"replies.jsonl", concurrency=concurrency, base_url=url, quiet=True)
        return timed(lambda: client.ask(asks))

def bare(url, asks, concurrency):
    import anthropic
    from polyidiom.messages import body
    api, bodies = anthropic.Anthropic(base_url=url, timeout=60, max_retries=5), [body(r, MODEL) for r in asks]
    with ThreadPoolExecutor(concurrency) as pool:
        return timed(lambda: list(pool.map(lambda b: api.messages.create(**b), bodies)))

def timed(call):
    "(seconds of the clock, seconds of the processor)"
    began, before = time.perf_counter(), time.process_time()
    assert len(call()) > 0
    return time.perf_counter() - began, time.process_time() - before

def overhead(n, rounds, concurrency, latency):
    child = subprocess.Popen([sys.executable, "-c", SERVER, str(latency)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             text=True)
    url, asks = child.stdout.readline().strip(), requests(n)
    ours(url, asks[:40], concurrency), bare(url, asks[:40], concurrency)
    runs = dict(ours=[], bare=[])
    for i in range(rounds):
        for name, f in [("ours", ours), ("bare", bare)][::1 if i % 2 else -1]: runs[name].append(f(url, asks, concurrency))
        print(f"round {i + 1}: ours {runs['ours'][-1][0]:.2f} s, bare {runs['bare'][-1][0]:.2f} s", flush=True)
    child.stdin.close()
    child.wait()
    wall, cpu = ({k: statistics.median(r[j] for r in v) for k, v in runs.items()} for j in (0, 1))
    best = {k: min(r[0] for r in v) for k, v in runs.items()}
    return dict(n=n, concurrency=concurrency, latency=latency, rounds=rounds, ideal_s=n*latency/concurrency,
                ours_s=wall["ours"], bare_s=wall["bare"], overhead=wall["ours"]/wall["bare"] - 1,
                best_ours_s=best["ours"], best_bare_s=best["bare"], overhead_of_best=best["ours"]/best["bare"] - 1,
                ours_cpu_ms=1e3*cpu["ours"]/n, bare_cpu_ms=1e3*cpu["bare"]/n)

def distributions():
    "LENGTHS of the page, whose cell defines them"
    page = json.loads((Path(__file__).parent.parent/"nbs"/"50g_costs.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(c["source"]) for c in page["cells"] if c["cell_type"] == "code"]
    space = dict(np=np)
    exec(next(c for c in cells if "LENGTHS = {" in c), space)
    return space["LENGTHS"], space["lengths"]

def coverage(studies, seed):
    from polyidiom.costs import mean_interval
    names, lengths = distributions()
    out = {}
    for cap in (512, 2048):
        for m in (80, 480, 1980):
            for k, name in enumerate(names):
                r, held, above = np.random.default_rng([seed, cap, m, k]), [], []
                for _ in range(studies):
                    pilot, total = lengths(name, r, 20, cap), lengths(name, r, m, cap).mean()
                    low, high = mean_interval(pilot, cap, m)
                    held.append(bool(low <= total <= high))
                    above.append(high/total)
                out[name, cap, m] = held, statistics.median(above)
    blocks = [sum(held[i:i + 20]) >= 19 for held, _ in out.values() for i in range(0, studies - 19, 20)]
    worst = min(out, key=lambda k: np.mean(out[k][0]))
    return dict(studies=studies*len(out), held=float(np.mean([h for held, _ in out.values() for h in held])),
                worst=dict(case=list(map(str, worst)), held=float(np.mean(out[worst][0]))), twenties=float(np.mean(blocks)),
                end_over_outcome={f"max_tokens {cap}": statistics.median(a for k, (_, a) in out.items() if k[1] == cap)
                                  for cap in (512, 2048)})

def main():
    p = argparse.ArgumentParser()
    for name, value in (("--n", 400), ("--rounds", 7), ("--concurrency", 8), ("--studies", 1000), ("--seed", 20261120)):
        p.add_argument(name, type=int, default=value)
    p.add_argument("--latency", type=float, default=.1)
    p.add_argument("--out", help="also write the JSON object here")
    a = p.parse_args()
    os.environ.setdefault("ANTHROPIC_API_KEY", "made-up-key-of-the-benchmark")
    result = dict(date=str(datetime.date.today()), python=platform.python_version(), cores=os.cpu_count(),
                  load=round(os.getloadavg()[0], 1),
                  overhead=overhead(a.n, a.rounds, a.concurrency, a.latency) if a.rounds else None,
                  coverage=coverage(a.studies, a.seed) if a.studies else None)
    if a.out: Path(a.out).write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result))

if __name__ == "__main__": main()
