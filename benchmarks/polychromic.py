"""Seconds a training step of diversity takes: ours, TRL's GRPOTrainer and RLOOTrainer, and what it adds to plain SFT.

Run from the repository root:
    python benchmarks/polychromic.py [--backend ours trl-grpo trl-rloo null] [--rounds 15] [--gpu]

Goals (issue 4): at prompts of 100 tokens, N=8 replies of 24 tokens, at least 2.5 times as fast a step as TRL's
GRPOTrainer, at 10 tokens not slower; polychromic training at most 2.0 times plain SFT (batch 8, P=2 prompts, N=8,
prompt 100) every 4 steps, 1.5 times every 8.

*A step.* Every arm trains its own copy of one random Qwen3 (`--gpu`: 0.6 B parameters, LoRA, bf16) in a
transformers.Trainer with the same optimiser, prompts, number of replies and reward:

- `embedding`: mean cosine distance of MiniLM to the siblings, one embedder for all arms, with `precision="auto"`
  (a training's default);
- `embedding-fp32`, `embedding-bf16`: the same in a given precision (bf16: autocast, vectors normalised in float32);
- `trivial`: a reply's length, so that the step itself is compared.

`ours`: sample_group, embed, loo_advantage, sequence_logps_shared_prefix, backward. `null`: the inert form
(`objective="detached"`: it samples and embeds, nothing is learnt from it) with its SFT batch. Every reply has exactly
24 tokens: EOS is never drawn (ours: `suppress`; TRL: `generation_kwargs={"suppress_tokens": …}`) and every arm checks
the lengths.

*Overhead.* `train_generator` to its end with objective ce, and polychromic every 4 and every 8 steps; one turn is 8
steps. There too EOS is not drawn, and the replies count as ended, so that the gate has something to say. Default gate:
the reference, whose pass is in the time.

All arms live in one process, each in a thread that waits for its turn between two steps: turns are interleaved, the
order rotates, so that whatever else the machine does falls on all alike. Threads: one (OMP_NUM_THREADS=1). A time is
from the end of a step to the end of the next, data and bookkeeping included; ratios are medians over rounds of the
ratio within a round, of processor seconds (on a GPU of wall seconds) as the headline and of wall seconds beside it.
Peak memory: each arm in a process of its own, resident memory at its highest in three steps less that before the first.
Before any time is taken, gradients with a shared prefix are compared with those of the plain path (largest difference
over largest gradient below 1e-5) at every prompt length. Last line: one JSON object.
"""
import argparse, contextlib, copy, datetime, functools, json, os, platform, random
import statistics, subprocess, sys, tempfile, threading, time, warnings
from pathlib import Path
from unittest.mock import patch
os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", TRL_EXPERIMENTAL_SILENCE="1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
warnings.simplefilter("ignore")
import torch, transformers as tf
from polyidiom import diverse_trainer
from polyidiom.causal import add_lora, byte_bpe, load_causal, merged, offline_texts, qwen3, save_causal
from polyidiom.contract import PairRecord
from polyidiom.diverse import by_embedding
from polyidiom.embedders import Embedder, load_embedder
from polyidiom.generate import Template, render, sample_group
from polyidiom.generators import sibling_distance, train_generator
from polyidiom.logps import no_dropout, sequence_logps, sequence_logps_shared_prefix
from polyidiom.polychromic import loo_advantage, pg_loss

tf.utils.logging.set_verbosity_error()
N, T, P, BATCH, CYCLE, TEMPLATE = 8, 24, 2, 8, 8, Template(style="completion")
REWARDS = ("embedding", "embedding-fp32", "embedding-bf16", "trivial")
GOALS = dict(speedup_vs_trl_prompt100=2.5, speedup_vs_trl_prompt10=1., overhead_every4=2., overhead_every8=1.5)
# 1.6 M parameters with its 2048 pieces; and Qwen3-0.6B, but for head_dim
SMALL = dict(hidden=160, layers=4, heads=4, kv_heads=2, intermediate=480, positions=256)
SIX = dict(hidden=1024, layers=28, heads=16, kv_heads=8, intermediate=3072, positions=1024)

# ---- what all arms share: tokenizer, model, prompts, reward ----

def build(folder, gpu):
    "Save a random model and its tokenizer"
    tok = byte_bpe(offline_texts(), 2048)
    if not gpu: return save_causal(folder, qwen3(tok, **SMALL), tok)
    tok.add_tokens([f"<{i}>" for i in range(151_936 - len(tok))])        # the real one's vocabulary: its logits cost
    return save_causal(folder, qwen3(tok, **SIX).to(torch.bfloat16), tok)

def words_of(tok):
    "Pieces that are whole words"
    return sorted(w[1:] for w, i in tok.get_vocab().items()
                  if w[0] == "Ġ" and w[1:].isascii() and w[1:].isalpha() and len(w) > 3)

def text_of(length, rng, words, count):
    "A text of random words for which `count` tokens come out"
    while True:
        text = [rng.choice(words)]
        while (n := count(" ".join(text))) < length: text += rng.choices(words, k=max(1, (length - n)//2))
        if n == length: return " ".join(text)

def pairs_of(tok, length, n, replies, seed, split="train"):
    "`PairRecord`s whose prompts have `length` tokens and whose replies, EOS included, T"
    rng, words = random.Random(seed), words_of(tok)
    prompt = lambda: text_of(length, rng, words, lambda s: len(render(s, tok, TEMPLATE).prompt_ids))
    reply = lambda: text_of(T, rng, words, lambda s: len(render("x", tok, TEMPLATE, reply=s).reply_ids))
    return [PairRecord(f"{split}:{i}", "benchmark", prompt(), "en", [dict(text=reply()) for _ in range(replies)],
                       split=split)
            for i in range(n)]

class World:
    "One prompt length and one reward, for every arm the same"
    def __init__(self, folder, length, reward, gpu, lora, bf16, embed):
        self.folder, self.length, self.reward = folder, length, reward
        self.gpu, self.lora, self.bf16 = gpu, lora, bf16
        self.tok = load_causal(folder)[1] if not gpu else tf.AutoTokenizer.from_pretrained(folder, padding_side="left")
        self.eos, self.embed, self.seconds = [self.tok.eos_token_id], embed, {}
        self.prompts = [render(p.prompt, self.tok, TEMPLATE).text for p in pairs_of(self.tok, length, 32, 0, 0)]
        assert {len(self.ids(p)) for p in self.prompts} == {length}

    def ids(self, text): return self.tok(text)["input_ids"]

    def model(self):
        "A copy of the model, ready to train"
        model = load_causal(self.folder, dtype="auto" if self.gpu else "float32", trainable=True)[0]
        if self.lora: model = add_lora(model)
        return model.to("cuda" if self.gpu else "cpu").train()

    @contextlib.contextmanager
    def timed(self, arm, what):
        start = clock()
        yield
        a, b = self.seconds.get((arm, what), (0, 0)), clock()
        self.seconds[arm, what] = a[0] + 1, a[1] + (b[1] - start[1])

    def distances(self, texts): # P lists of N texts
        return by_embedding(self.embed)(texts)

def clock():
    "(wall, processor) seconds; a GPU has finished what it was given"
    if torch.cuda.is_available(): torch.cuda.synchronize()
    return time.perf_counter(), time.perf_counter() if torch.cuda.is_available() else time.process_time()

def embedders():
    "{reward: function from texts to unit vectors}"
    e = load_embedder("minilm", precision="auto")
    given = {f"embedding-{p}": Embedder(e.model, e.name, precision=p) for p in ("fp32", "bf16")}
    return {"embedding": e, **given, "trivial": e}

# ---- taking turns ----

class Turns(tf.TrainerCallback):
    "Lets its trainer go on for `steps` steps at a time and notes their (wall, processor) seconds"
    def __init__(self, steps):
        self.steps, self.go, self.back = steps, threading.Semaphore(0), threading.Semaphore(0)
        self.times, self.error, self.over = [], None, False

    def wait(self, control):
        self.back.release()
        self.go.acquire()
        control.should_training_stop = self.over
        self.start, self.n = clock(), 0

    def on_train_begin(self, args, state, control, **kw): self.wait(control)

    def on_step_end(self, args, state, control, **kw):
        self.n += 1
        if self.n < self.steps: return
        now = clock()
        self.times.append((now[0] - self.start[0], now[1] - self.start[1]))
        self.wait(control)

    def run(self, work): # work: function of this callback, trains
        def body():
            try: work(self)
            except BaseException as e: self.error = e
            finally: self.back.release()
        self.thread = threading.Thread(target=body, daemon=True)
        self.thread.start()
        self.meet()

    def meet(self):
        self.back.acquire()
        if self.error: raise self.error

    def turn(self):
        self.go.release()
        self.meet()

    def stop(self):
        self.over = True
        self.go.release()
        self.thread.join()

def in_turn(works, rounds, steps, label): # {arm: function of a `Turns`}
    "{arm: [(wall, processor) seconds of each turn]}, after one turn each that is not counted"
    arms = {}
    for name, work in works.items():
        arms[name] = Turns(steps)
        arms[name].run(work)
    order = list(arms)
    for k in range(rounds + 1):
        for name in order[k % len(order):] + order[:k % len(order)]: arms[name].turn()
        if k == 0: continue
        last = {n: [1000*x/steps for x in t.times[-1]] for n, t in arms.items()}
        shown = "  ".join(f"{n} {cpu:.0f} ({wall:.0f})" for n, (wall, cpu) in last.items())
        print(f"{label} round {k}: {shown}  ms cpu (wall)", flush=True)
    for t in arms.values(): t.stop()
    return {n: t.times[1:] for n, t in arms.items()}

# ---- the arms of a step ----

def common(world, steps=10**6):
    "Settings that all trainers share"
    return dict(learning_rate=1e-5, max_steps=steps, max_grad_norm=1., optim="adamw_torch_fused", weight_decay=0.,
                seed=0, use_cpu=not world.gpu, bf16=world.bf16, save_strategy="no", report_to="none",
                disable_tqdm=True, logging_steps=10**6, dataloader_pin_memory=False, remove_unused_columns=False)

class Ours(tf.Trainer):
    "One step of the polychromic objective without an SFT batch"
    def __init__(self, world, *a, **kw):
        super().__init__(*a, **kw)
        self.world, self.chance = world, torch.Generator().manual_seed(0)

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        w = self.world
        cast = lambda: torch.autocast("cuda" if w.gpu else "cpu", torch.bfloat16, enabled=w.bf16)
        folded = contextlib.nullcontext() if w.bf16 else merged(model)
        with w.timed("ours", "generate"), folded, cast():
            ids = [w.ids(p) for p in inputs["prompt"]]
            group = sample_group(model, w.tok, ids, N, T, generator=self.chance, suppress=w.eos)
        assert group.mask.all() and group.ids.shape == (P, N, T)
        with w.timed("ours", "reward"):
            texts = group.texts(w.tok)
            if w.reward != "trivial": A = loo_advantage(w.distances(texts))
            else: A = by_length(torch.tensor([[float(len(t)) for t in ts] for ts in texts]))
        with w.timed("ours", "forward"), cast(), no_dropout(model):
            logps = sequence_logps_shared_prefix(model, group, suppress=w.eos)
        return pg_loss(logps, group.mask, A.to(logps.device))

def by_length(r): return r - r.mean(-1, keepdim=True)       # (P, N)

def ours(world, turns):
    rows = [dict(prompt=p) for p in world.prompts]
    with tempfile.TemporaryDirectory() as d:
        args = tf.TrainingArguments(d, per_device_train_batch_size=P, **common(world))
        t = Ours(world, world.model(), args, train_dataset=rows, callbacks=[turns],
                 data_collator=lambda b: dict(prompt=[x["prompt"] for x in b]))
        t.pop_callback(tf.PrinterCallback)
        t.train()

def trl_reward(world, arm):
    "The reward as TRL asks for it; it checks that every reply has T tokens"
    siblings = sibling_distance(N, embed=world.embed)
    def reward(prompts, completions, completion_ids, **kw):
        assert len(completions) == P*N and {len(x) for x in completion_ids} == {T}
        with world.timed(arm, "reward"):
            return siblings(prompts, completions) if world.reward != "trivial" else [float(len(c)) for c in completions]
    return reward

def trl(world, turns, arm):
    import trl as library
    from datasets import Dataset
    kinds = dict(grpo=("GRPO", dict(loss_type="dr_grpo", scale_rewards="none")),
                 rloo=("RLOO", dict(normalize_advantages=False)))
    kind, more = kinds[arm[4:]]
    with tempfile.TemporaryDirectory() as d:
        args = getattr(library, f"{kind}Config")(
            d, per_device_train_batch_size=P*N, num_generations=N, max_completion_length=T, beta=0.,
            top_p=1., top_k=0, temperature=1., num_iterations=1, gradient_checkpointing=False,
            generation_kwargs=dict(suppress_tokens=world.eos), **more, **common(world))
        assert args.steps_per_generation == args.gradient_accumulation_steps == 1
        model = world.model()
        generate = model.generate
        def counted(*a, **kw):
            with world.timed(arm, "generate"): return generate(*a, **kw)
        model.generate = counted
        rows = Dataset.from_list([dict(prompt=p) for p in world.prompts])
        t = getattr(library, f"{kind}Trainer")(model, trl_reward(world, arm), args, rows, callbacks=[turns],
                                               processing_class=copy.deepcopy(world.tok))
        t.pop_callback(tf.PrinterCallback)
        t.train()

# ---- whole trainings ----

@contextlib.contextmanager
def no_eos(eos):
    "Inside, the trainer never draws EOS, and replies count as ended"
    def all_of_them(*a, **kw):
        g = sample_group(*a, **kw, suppress=eos)
        g.finished[:] = True
        assert g.mask.all() and g.ids.shape[-1] == T
        return g
    logps = functools.partial(sequence_logps_shared_prefix, suppress=eos)
    with patch.multiple(diverse_trainer, sample_group=all_of_them, sequence_logps_shared_prefix=logps): yield

def training(world, turns, steps, log=None, gate="reference", **settings):
    "`train_generator`, stopped between turns"
    pairs = pairs_of(world.tok, world.length, 32, -(-BATCH*(steps + CYCLE)//32), 1)
    held = pairs_of(world.tok, world.length, 16, 4, 2, "validation")
    c = dict(model=world.folder, mode="lora" if world.lora else "full", precision="bf16" if world.bf16 else "fp32",
             template=TEMPLATE.to_dict(), max_length=world.length + T, max_completion_length=T,
             batch_size=BATCH, lr=1e-5, max_steps=steps, logging_steps=CYCLE,
             num_generations=N, diversity_prompts_per_step=P, quality_gate=gate) | settings
    embed = world.embed if c["objective"] in ("polychromic", "detached") else None
    with tempfile.TemporaryDirectory() as d:
        r = train_generator(c, pairs, Path(d)/"run", held, embed=embed, callbacks=[turns])
    kept = ("time/", "gate/", "grad_norm/", "diversity/")
    if log is None: return
    log.append([{k: v for k, v in h.items() if k.startswith(kept)} for h in r.history if "time/ce" in h])

def every(m, objective="polychromic", **kw): return dict(objective=objective, diversity_every_n_steps=m, **kw)

STEP_ARMS = {"ours": ours, **{n: functools.partial(trl, arm=n) for n in ("trl-grpo", "trl-rloo")},
             "null": functools.partial(training, steps=400, gate="none", **every(1, "detached"))}
OVERHEAD_ARMS = dict(ce=dict(objective="ce"), every4=every(4), every8=every(8), every4_no_gate=every(4, gate="none"),
                     every8_no_gate=every(8, gate="none"), detached4=every(4, "detached"))

# ---- gradients first ----

def same_gradients(world):
    "Largest difference of gradients between the shared prefix and the plain path, over the largest gradient (float32)"
    model = world.model().float()
    names = [n for n, p in model.named_parameters() if p.requires_grad]
    with torch.no_grad():                                # an untrained adapter's A has no gradient: B is 0
        for n, p in model.named_parameters():
            if "lora_B" in n: p.normal_(std=.02)
    chance = torch.Generator().manual_seed(1)
    ids = [world.ids(p) for p in world.prompts[:P]]
    group = sample_group(model, world.tok, ids, N, T, generator=chance, suppress=world.eos)
    A, found = torch.randn(P, N, generator=chance).to(group.ids.device), []
    for f in (sequence_logps_shared_prefix, sequence_logps):
        model.zero_grad(set_to_none=True)
        with no_dropout(model): pg_loss(f(model, group, suppress=world.eos), group.mask, A).backward()
        found.append({n: p.grad.clone() for n, p in model.named_parameters() if n in names})
    differs = max(float((found[0][n] - g).abs().max()) for n, g in found[1].items())
    worst = differs/max(float(g.abs().max()) for g in found[1].values())
    assert worst < 1e-5, f"gradients with a shared prefix differ by {worst:.2g} at prompts of {world.length} tokens"
    return worst

# ---- memory ----

def status(key):
    "MB that the system notes under that name for this process"
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(x.split()[1])/1024 for x in lines if x.startswith(key))

def memory(world, work):
    "dict(peak_mb, steps_mb) of three steps, in this process"
    turns, gpu = Turns(1), world.gpu
    turns.run(work)
    if gpu:
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()/2**20
    else:
        Path("/proc/self/clear_refs").write_text("5")
        before = status("VmRSS")
    for _ in range(3): turns.turn()
    peak = torch.cuda.max_memory_allocated()/2**20 if gpu else status("VmHWM")
    turns.stop()
    return dict(peak_mb=round(peak), steps_mb=round(peak - before, 1))

def memory_apart(a, folder, length, arm):
    "The same in a process of its own"
    cmd = [sys.executable, __file__, "--memory", arm, "--folder", folder, "--prompts", str(length),
           "--mode", a.mode, "--precision", a.precision] + ["--gpu"]*a.gpu
    r = subprocess.run(cmd, capture_output=True, text=True)
    if r.returncode: raise RuntimeError(f"{arm}: {r.stderr[-2000:]}")
    return json.loads(r.stdout.splitlines()[-1])

# ---- the whole ----

def ratio(times, a, b):
    "dict(cpu, wall): medians over rounds of a's seconds over b's"
    middle = lambda i: round(statistics.median(x[i]/y[i] for x, y in zip(times[a], times[b])), 3)
    return dict(cpu=middle(1), wall=middle(0))

def ms(times, steps=1):
    "{arm: dict(cpu, wall)}: milliseconds a step, medians over rounds"
    middle = lambda v, i: round(1000*statistics.median(x[i] for x in v)/steps, 1)
    return {n: dict(cpu=middle(v, 1), wall=middle(v, 0)) for n, v in times.items()}

def step_part(a, world):
    "Ratios and milliseconds of one prompt length and reward"
    arms = {n: functools.partial(STEP_ARMS[n], world) for n in a.backend if n != "null" or world.reward != "trivial"}
    world.seconds.clear()
    with no_eos(world.eos): times = in_turn(arms, a.rounds, 1, f"prompt {world.length} {world.reward}")
    parts = {f"{arm} {what}": round(1000*s/n, 1) for (arm, what), (n, s) in world.seconds.items()}
    out = dict(ms=ms(times), parts_ms=parts)
    return out | {n: ratio(times, n, "ours") for n in times if n != "ours" and "ours" in times}

def overhead_part(a, world):
    "Ratios to plain SFT, milliseconds and what the trainings logged, of one prompt length"
    rounds, logs = max(3, a.rounds*2//3), {n: [] for n in a.overhead}
    arms = {n: functools.partial(training, world, steps=(rounds + 2)*CYCLE, log=logs[n], **OVERHEAD_ARMS[n])
            for n in a.overhead}
    with no_eos(world.eos): times = in_turn(arms, rounds, CYCLE, f"training, prompt {world.length}")
    out = dict(ms_a_step=ms(times, CYCLE), rounds=rounds)
    out |= {n: ratio(times, n, "ce") for n in arms if n != "ce" and "ce" in arms}
    middle = lambda rows: {k: round(statistics.median(h[k] for h in rows if k in h), 5) for k in rows[-1]}
    out["log"] = {n: middle(rows[0]) for n, rows in logs.items() if rows and rows[0]}
    return out

def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--backend", nargs="+", choices=STEP_ARMS, default=list(STEP_ARMS))
    p.add_argument("--rounds", type=int, default=15)
    p.add_argument("--prompts", type=int, nargs="+")
    p.add_argument("--rewards", nargs="+", choices=REWARDS, default=["embedding", "trivial"])
    p.add_argument("--overhead", nargs="*", choices=OVERHEAD_ARMS, default=list(OVERHEAD_ARMS))
    p.add_argument("--mode", choices=("full", "lora"))
    p.add_argument("--precision", choices=("fp32", "bf16"))
    p.add_argument("--gpu", action="store_true")
    p.add_argument("--no_memory", action="store_true")
    p.add_argument("--no_steps", action="store_true")
    p.add_argument("--memory", choices=[*STEP_ARMS, *OVERHEAD_ARMS], help=argparse.SUPPRESS)
    p.add_argument("--folder", help=argparse.SUPPRESS)
    a = p.parse_args()
    a.precision = a.precision or ("bf16" if a.gpu else "fp32")
    a.mode = a.mode or ("lora" if a.gpu else "full")
    a.prompts = a.prompts or ([128, 512] if a.gpu else [10, 100])
    return a

def only_memory(a, world):
    "What `memory_apart` asks of its process"
    if a.memory in STEP_ARMS: work = functools.partial(STEP_ARMS[a.memory], world)
    else: work = functools.partial(training, world, steps=8, **OVERHEAD_ARMS[a.memory])
    with no_eos(world.eos): print(json.dumps(memory(world, work)))

def measure(a, world):
    "(gradients and size, steps, overhead, memory); world: function of folder, length and reward"
    steps, over, mem = {}, {}, {}
    with tempfile.TemporaryDirectory() as folder:
        build(folder, a.gpu)
        worlds = {n: world(folder, n) for n in a.prompts}
        out = dict(gradients={f"prompt{n}": float(f"{same_gradients(w):.2g}") for n, w in worlds.items()})
        print("gradients, shared prefix against plain, largest relative difference:", out["gradients"], flush=True)
        out["parameters"] = sum(x.numel() for x in worlds[a.prompts[0]].model().parameters())
        if not a.no_steps:
            steps = {f"prompt{n}_{r}": step_part(a, world(folder, n, r)) for n in a.prompts for r in a.rewards}
        if a.overhead: over = overhead_part(a, worlds[a.prompts[-1]])
        if not a.no_memory:
            arms = [*([] if a.no_steps else a.backend), *(n for n in a.overhead if n in ("ce", "every4"))]
            mem = {f"prompt{n}": {arm: memory_apart(a, folder, n, arm) for arm in arms} for n in a.prompts}
    return out, steps, over, mem

def main():
    a = arguments()
    if a.gpu and not torch.cuda.is_available():
        print("SKIP: --gpu needs CUDA, and there is none here")
        return
    if not a.gpu: torch.set_num_threads(1)
    embeds = embedders()
    world = lambda folder, length, reward="embedding": World(folder, length, reward, a.gpu, a.mode == "lora",
                                                             a.precision == "bf16", embeds[reward])
    if a.memory: return only_memory(a, world(a.folder, a.prompts[0]))
    import trl, peft
    load, began = round(os.getloadavg()[0], 2), time.time()
    out, steps, over, mem = measure(a, world)
    which = "wall" if a.gpu else "cpu"
    faster = lambda n: steps.get(f"prompt{n}_embedding", {}).get("trl-grpo", {}).get(which)
    head = {f"speedup_vs_trl_prompt{n}": faster(n) for n in a.prompts}
    head |= {f"overhead_{k}": over.get(k, {}).get(which) for k in ("every4", "every8")}
    out = dict(
        **head, headline=f"medians of {which} seconds", **out, steps=steps, training=over, peak_memory=mem,
        mode=a.mode, precision=a.precision, embedder_precision="auto", N=N, new_tokens=T, P=P, sft_batch=BATCH,
        rounds=a.rounds, goals=GOALS, threads=torch.get_num_threads(), cores=os.cpu_count(), load_before=load,
        load_after=round(os.getloadavg()[0], 2), seconds=round(time.time() - began),
        device=torch.cuda.get_device_name() if a.gpu else "cpu", python=platform.python_version(),
        torch=torch.__version__, transformers=tf.__version__, trl=trl.__version__, peft=peft.__version__,
        date=datetime.date.today().isoformat())
    f = Path(__file__).parent/"results"/f"polychromic{'-gpu' if a.gpu else ''}-{out['date']}.json"
    f.parent.mkdir(exist_ok=True)
    f.write_text(json.dumps(out, indent=1) + "\n")
    print(json.dumps(out))

if __name__ == "__main__": sys.exit(main())
