"""Tokens/s of polyidiom's `finetune` against a plain `transformers.Trainer` with default arguments, side by side.

Same encoder (MiniLM), sentences, batch size, learning rate and number of steps; interleaved, `--rounds` times, medians.
Tokens are counted without padding, over the training loop (data, forward, backward, optimiser), without loading and
without checkpoints. Macro-F1 on held-out rows is reported for both. Last line: one JSON object.
Run from the repository root: .venv/bin/python benchmarks/encoder.py
"""
import argparse, datetime, json, math, os, random, statistics, sys, tempfile, time, warnings
from pathlib import Path
from unittest.mock import patch
os.environ.setdefault("HF_HUB_OFFLINE", "1")
warnings.simplefilter("ignore")
import torch, transformers as tf
from sklearn.metrics import f1_score
from polyidiom.core import has_data, progress
from polyidiom.corpora import load
from polyidiom import models as M
from polyidiom import trainers
from polyidiom.encoders import encoder_path
from polyidiom.models import native_bf16
from polyidiom.trainers import TrainConfig, finetune

tf.utils.logging.set_verbosity_error()
LABELS = ["idiomatic", "literal"]

def data(n_dev):
    "(training rows, at most `n_dev` held-out rows, name): SemEval's English where it is at hand"
    if has_data("semeval2022_task2a"):
        rs = [r for r in load("semeval2022_2a") if r.lang == "en" and r.label in LABELS]
        held, name = "dev", "semeval2022_2a en"
    else:
        print("SKIP SemEval EN: ../shared/data/semeval2022_task2a is not there; polyidiom-mini (en) instead")
        rs = [r for r in load("polyidiom-mini") if r.lang == "en"]
        held, name = "test", "polyidiom-mini en"
    train, dev = ([r for r in rs if r.split == split] for split in ("train", held))
    rng = random.Random(0)
    rng.shuffle(train)
    rng.shuffle(dev)
    return train, dev[:n_dev], name

class Clock(tf.TrainerCallback):
    "Seconds (wall, and of the processor) from the beginning of an epoch to its last step"
    def on_epoch_begin(self, *a, **k): self.t, self.c = time.perf_counter(), time.process_time()

    def on_epoch_end(self, *a, **k):
        self.seconds, self.cpu = time.perf_counter() - self.t, time.process_time() - self.c

class Counting(tf.Trainer):
    "The stock trainer; only counts the tokens that it is given"
    tokens = 0

    def training_step(self, model, inputs, *a, **k):
        self.tokens += int(inputs["attention_mask"].sum())
        return super().training_step(model, inputs, *a, **k)

def result(tokens, clock, labels, predicted):
    return dict(tokens=tokens, rate=tokens/clock.seconds, cpu_rate=tokens/clock.cpu,
                f1=f1_score(labels, predicted, average="macro"))

def stock(train, dev, a, seed, out):
    "transformers.Trainer as its documentation shows it: default arguments, dynamic padding of random batches, fp32"
    tf.set_seed(seed)
    path, _ = encoder_path("minilm")
    tok = tf.AutoTokenizer.from_pretrained(path)
    with M.quiet_hub(tf):
        model = tf.AutoModelForSequenceClassification.from_pretrained(path, num_labels=2, dtype=torch.float32)
    cut = dict(truncation="longest_first", max_length=a.max_length)
    rows = [dict(tok(r.text, r.expression or "", **cut), labels=LABELS.index(r.label)) for r in train]
    clock = Clock()
    args = tf.TrainingArguments(out, per_device_train_batch_size=a.batch_size, max_steps=a.steps, learning_rate=a.lr,
                                seed=seed, use_cpu=not torch.cuda.is_available(), disable_tqdm=True, report_to="none")
    t = Counting(model, args, train_dataset=rows, processing_class=tok, callbacks=[clock])
    t.pop_callback(tf.PrinterCallback)
    t.train()
    model.eval()
    predicted = []
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=native_bf16()):
        for k in range(0, len(dev), 32):
            part = dev[k:k+32]
            b = tok([r.text for r in part], [r.expression or "" for r in part], **cut, padding=True,
                    return_tensors="pt")
            predicted += model(**b.to(model.device)).logits.argmax(-1).tolist()
    return result(t.tokens, clock, [LABELS.index(r.label) for r in dev], predicted)

def ours(train, dev, a, seed, out, precision):
    "`finetune` in one precision"
    c = TrainConfig(input_format="expression", pooling="cls", max_length=a.max_length, batch_size=a.batch_size,
                    lr=a.lr, warmup=0., weight_decay=0., epochs=a.steps/math.ceil(len(train)/a.batch_size),
                    seed=seed, precision=precision)
    clock, init = Clock(), trainers.IdiomTrainer.__init__
    def clocked(self, *x, callbacks=(), **kw): init(self, *x, callbacks=[*callbacks, clock], **kw)
    with patch.object(trainers.IdiomTrainer, "__init__", clocked):
        r = finetune(c, train, dict(dev=dev), out, quiet=True)
    h = next(h for h in r.history if "tokens_per_s" in h)
    return result(h["tokens"], clock, [x.label for x in dev], [p["label"] for p in r.predictions["dev"]])

def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--steps", type=int, default=27)
    p.add_argument("--batch_size", type=int, default=32)
    p.add_argument("--max_length", type=int, default=128)
    p.add_argument("--lr", type=float, default=2e-4)
    p.add_argument("--n_dev", type=int, default=160)
    p.add_argument("--threads", type=int, default=0)
    return p.parse_args()

def main():
    a = arguments()
    if a.threads: torch.set_num_threads(a.threads)
    train, dev, name = data(a.n_dev)
    bf16, began, load_before = native_bf16(), time.time(), os.getloadavg()[0]
    runs = {"stock": [], **({"bf16": []} if bf16 else {}), "fp32": []}
    for k in progress(range(a.rounds), "encoder benchmark"):
        for who in runs:
            with tempfile.TemporaryDirectory() as d:
                r = stock(train, dev, a, k, d) if who == "stock" else ours(train, dev, a, k, d, who)
            runs[who].append(r)
            print(f"round {k+1} {who:6s} {r['rate']:8.0f} tokens/s {r['cpu_rate']:8.0f} a processor second   "
                  f"macro-F1 {r['f1']:.3f}", flush=True)
    f1s = {w: [r["f1"] for r in rs] for w, rs in runs.items()}
    f1 = {w: dict(mean=round(statistics.mean(v), 4), sd=round(statistics.pstdev(v), 4)) for w, v in f1s.items()}
    times = lambda w, rate: round(statistics.median(b[rate]/s[rate] for b, s in zip(runs[w], runs["stock"])), 3)
    ratio, cpu = ({w: times(w, rate) for w in runs if w != "stock"} for rate in ("rate", "cpu_rate"))
    best = "bf16" if bf16 else "fp32"
    out = dict(
        speedup=ratio[best], speedup_bf16=ratio.get("bf16"), speedup_fp32=ratio["fp32"], speedup_per_cpu_second=cpu,
        goal=2.7 if bf16 else 1.8, native_bf16=bf16,
        tokens_per_s={w: round(statistics.median(r["rate"] for r in rs), 1) for w, rs in runs.items()},
        macro_f1=f1, f1_difference=round(f1[best]["mean"] - f1["stock"]["mean"], 4),
        corpus=name, n_train=len(train), rounds=a.rounds, batch_size=a.batch_size, max_length=a.max_length,
        threads=torch.get_num_threads(), load_before=round(load_before, 2), load_after=round(os.getloadavg()[0], 2),
        seconds=round(time.time() - began), date=datetime.date.today().isoformat(),
        torch=torch.__version__, transformers=tf.__version__)
    f = Path(__file__).parent/"results"/f"encoder-{out['date']}.json"
    f.parent.mkdir(exist_ok=True)
    f.write_text(json.dumps(out, indent=1) + "\n")
    print(json.dumps(out))

if __name__ == "__main__": sys.exit(main())
