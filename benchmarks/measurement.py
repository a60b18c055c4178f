"""Speed of the metrics: Self-BLEU against nltk's loop, semantic diversity of 10,000 × 384, and a full comparison.

Run from the repository root: python benchmarks/measurement.py [--rounds 7] [--only NAME …]
Goals (issue 3): Self-BLEU at least 8 times as fast as nltk's loop on 100 sets of 10 texts and 40 times on one set of
1000; semantic diversity of 10,000 × 384 below 1 s and 200 MB; a comparison of 4 systems × 12 metrics × 500 prompts ×
3 seeds below 10 s on two cores.
Both sides of Self-BLEU start from texts and use the same tokenizer, so the time of tokenizing is in both, and its
memory of words is emptied before every run. They are run in turn, `--rounds` times, after one round that is not
counted; medians of processor seconds (both have one thread). nltk's loop over 1000 texts takes half a minute: it is
timed on a sample of the hypotheses, each against all 999 siblings, and scaled up; the JSON says so. The last line is
one JSON object.
"""
import argparse, datetime, json, os, platform, random, statistics, sys, time, tracemalloc
from pathlib import Path
import numpy as np
from polyidiom.diversity import _bleu, self_bleu, semantic_diversity
from polyidiom.words import TOKENIZER, _pieces, tokenize

def texts(n, rng, mean_length=20, vocabulary=5000):
    "Texts of 15 to 25 words, drawn by Zipf's law"
    words, weights = [f"word{i}" for i in range(vocabulary)], [1/(i + 1) for i in range(vocabulary)]
    return [" ".join(rng.choices(words, weights, k=rng.randint(mean_length - 5, mean_length + 5))) for _ in range(n)]

def nltk_loop(replies, hypotheses=None, n=4):
    "BLEU of each text (or of those at the places `hypotheses`) against its siblings, as nltk is used for Self-BLEU"
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu
    tokens, smooth = [tokenize(t) for t in replies], SmoothingFunction().method1
    places = range(len(tokens)) if hypotheses is None else hypotheses
    return [sentence_bleu(tokens[:i] + tokens[i+1:], tokens[i], (1/n,)*n, smooth) for i in places]

def seconds(f, clock=time.process_time):
    "Seconds of one call, of the processor by default; the tokenizer has to cut every word anew"
    _pieces.cache_clear()
    start = clock()
    f()
    return clock() - start

def in_turn(ours, theirs, rounds, scale=1):
    "(median seconds of ours, of theirs times `scale`, median of the ratios), run alternately after a warm-up"
    ours(), theirs()
    pairs = [(seconds(ours), seconds(theirs)*scale) for _ in range(rounds)]
    return (statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs),
            statistics.median(b/a for a, b in pairs))

def self_bleu_100x10(rounds):
    rng = random.Random(0)
    sets = [texts(10, rng) for _ in range(100)]
    worst = max(abs(float(self_bleu(s)) - statistics.fmean(nltk_loop(s))) for s in sets)
    assert worst < 1e-12, worst
    a, b, ratio = in_turn(lambda: [self_bleu(s) for s in sets], lambda: [nltk_loop(s) for s in sets], rounds)
    return dict(self_bleu_speedup_100x10=round(ratio, 1), self_bleu_100x10_seconds=round(a, 4),
                nltk_100x10_seconds=round(b, 3))

def self_bleu_1000(rounds, sample=40):
    rng = random.Random(1)
    replies = texts(1000, rng)
    places = rng.sample(range(1000), sample)
    worst = np.abs(_bleu([tokenize(t) for t in replies], 4)[places] - nltk_loop(replies, places)).max()
    assert worst < 1e-12, worst
    a, b, ratio = in_turn(lambda: self_bleu(replies), lambda: nltk_loop(replies, places), rounds, 1000/sample)
    return dict(self_bleu_speedup_1000=round(ratio, 1), self_bleu_1000_seconds=round(a, 4),
                nltk_1000_seconds=round(b, 1),
                nltk_1000=f"timed on {sample} of the 1000 hypotheses, each against its 999 siblings, "
                          f"times {1000/sample:g}")

def semantic_10k(rounds):
    x = np.random.default_rng(0).normal(size=(10_000, 384)).astype("float32")
    semantic_diversity(x)
    took = statistics.median(seconds(lambda: semantic_diversity(x), time.perf_counter) for _ in range(rounds))
    tracemalloc.start()
    semantic_diversity(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return dict(semantic_10k_seconds=round(took, 4), semantic_10k_peak_mb=round(peak/1e6, 1))

def compare_seconds(rounds):
    "Wall-clock seconds of 4 systems × 12 metrics × 500 prompts × 3 seeds, 10,000 resamples; nothing kept between calls"
    from polyidiom import scored, stats
    from polyidiom.families import compare_all
    rng = np.random.default_rng(0)
    rows = [dict(system=f"system {k}", seed=s, example=f"p{i}", metric=f"metric {m}", value=float(v))
            for k in range(4) for m in range(12) for s in range(3) for i, v in enumerate(rng.normal(.05*k, 1, 500))]
    def full():
        scored._kept_weights.cache_clear()
        stats._kept_flips.cache_clear()
        found = compare_all(rows, n_resamples=10_000)
        assert len(found) == 6*12 and all(c.p is not None and c.checkpoints["low"] is not None for c in found)
    full()
    took = statistics.median(seconds(full, time.perf_counter) for _ in range(min(rounds, 5)))
    return dict(compare_seconds=round(took, 2), compare_comparisons=72)

PARTS = dict(self_bleu_100x10=self_bleu_100x10, self_bleu_1000=self_bleu_1000, semantic_10k=semantic_10k,
             compare=compare_seconds)

def main():
    p = argparse.ArgumentParser()
    p.add_argument("--rounds", type=int, default=7)
    p.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
    a = p.parse_args()
    out, load = {}, round(os.getloadavg()[0], 2)
    for name in a.only:
        got = PARTS[name](a.rounds)
        out |= got
        for k, v in got.items(): print(f"{k:28s} {v}", flush=True)
    out |= dict(rounds=a.rounds, tokenizer=TOKENIZER, cores=os.cpu_count(),
                threads=os.environ.get("OMP_NUM_THREADS", "default"),
                load_before=load, load_after=round(os.getloadavg()[0], 2), python=platform.python_version(),
                numpy=np.__version__, date=datetime.date.today().isoformat())
    f = Path(__file__).parent/"results"/f"measurement-{out['date']}.json"
    f.parent.mkdir(exist_ok=True)
    f.write_text(json.dumps(out, indent=1) + "\n")
    print(json.dumps(out))

if __name__ == "__main__": sys.exit(main())
