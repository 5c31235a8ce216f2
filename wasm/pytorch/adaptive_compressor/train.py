"""Training on one processor, on many, or on GPUs: `torchrun --nproc_per_node N -m adaptive_compressor.train …`."""

import argparse
import json
import math
import os
import sys
import time

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from .carried import carried_of, steered
from .checkpoint import Checkpoint, load_model, write_checkpoint
from .data import Corpus
from .models import build_model
from .rules import shortest, threshold_of
from .settings import SETTINGS, SettingError, read_settings


def learning_rate(settings, step):
    """Constant, or a linear warm-up and then a half cosine to 0 after the last step."""
    rate = settings["learning_rate"]
    if settings["schedule"] != "cosine":
        return rate
    warmup = settings["warmup_steps"]
    if step < warmup:
        return rate * (step + 1) / (warmup + 1)
    progress = min(1, (step - warmup) / max(1, settings["max_steps"] - warmup))
    return rate * 0.5 * (1 + math.cos(math.pi * progress))


class Group:
    """The processes that share a batch; one, where there is no torchrun."""

    def __init__(self):
        self.size, self.rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
        cuda = torch.cuda.is_available()
        local = int(os.environ.get("LOCAL_RANK", 0))
        self.device = torch.device("cuda", local) if cuda else torch.device("cpu")
        if cuda:
            torch.cuda.set_device(self.device)
        if self.size > 1:
            dist.init_process_group("nccl" if cuda else "gloo")

    def rows(self, batch):
        """Which sequences of a batch this process computes: the same ones at every step, so that they can go on."""
        return slice(batch * self.rank // self.size, batch * (self.rank + 1) // self.size)

    def share(self, windows):
        """The part of a batch that this process computes: symbols [B][T] and, where there are any, what follows [B]."""
        own = self.rows(len(windows.symbols))
        return [part[own].to(self.device) for part in windows[:2] if part is not None]

    def gathered(self, part):
        """A part [sequences of this process][…] of every process, one after another, on the CPU."""
        if self.size == 1:
            return [part]
        parts = [None] * self.size
        dist.all_gather_object(parts, part)
        return parts

    def summed(self, numbers):
        """Numbers added up over all processes, in double precision."""
        total = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        if self.size > 1:
            dist.all_reduce(total)
        return total.tolist()

    def close(self):
        if self.size > 1:
            dist.destroy_process_group()


def losses_of(output, group):
    """Each loss as a mean over the whole batch: a share of it that can be differentiated, and its value."""
    names = list(output.sums)
    counts = group.summed([float(output.counts[name]) for name in names])
    # A level may have no token in a window.
    parts = {name: output.sums[name] / max(1, count) for name, count in zip(names, counts)}
    values = dict(zip(names, group.summed([float(part.detach()) for part in parts.values()])))
    return parts, values


class Trainer:
    """A model, its optimiser and its text."""

    def __init__(self, model, settings, corpus, group, bfloat16=False):
        self.settings, self.corpus, self.group, self.bfloat16 = settings, corpus, group, bfloat16
        self.model = model.to(group.device)
        self.step = 0
        self.wrapped = self.model
        if group.size > 1:
            self.wrapped = DistributedDataParallel(self.model, find_unused_parameters=True)
        if settings["batch_size"] < group.size:
            raise ValueError(f"{group.size} processes can't share {settings['batch_size']} sequences: start fewer.")
        factor = getattr(self.model, "rate_factor", lambda name: 1)
        groups = {}
        named = dict(self.model.named_parameters())
        self.tables = [named.pop(name) for name in list(named) if name.startswith("ngram_embeddings")]
        for name, parameter in named.items():
            if parameter.requires_grad:
                groups.setdefault(factor(name), []).append(parameter)
        groups = [{"params": parameters, "factor": own} for own, parameters in groups.items()]
        self.optimiser = torch.optim.AdamW(groups, lr=0.0, weight_decay=settings["weight_decay"], eps=1e-8)
        self.carried = None

    def forward(self, windows):
        with torch.autocast(self.group.device.type, dtype=torch.bfloat16, enabled=self.bfloat16):
            if windows.following is None:
                return self.wrapped(*self.group.share(windows))
            output = self.wrapped(*self.group.share(windows), self.carried)
            self.carried = output.carried
            return output

    def advance(self):
        """One step; returns the losses before its update. Raises FloatingPointError."""
        self.wrapped.train()
        self.model.zero_grad(set_to_none=True)
        output = self.forward(self.corpus.training_batch(self.step))
        parts, values = losses_of(output, self.group)
        # Processes average their gradients, and each holds a part of the mean.
        (self.model.total(parts) * self.group.size).backward()
        total = float(self.model.total(values))
        if not math.isfinite(total):
            raise FloatingPointError(f"At step {self.step + 1} the loss stopped being a finite number.")
        if self.settings["clip_norm"] > 0:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.settings["clip_norm"])
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.settings, self.step) * group["factor"]
        self.optimiser.step()
        self.update_tables(learning_rate(self.settings, self.step))
        if output.tokens:
            self.steer(self.group.summed([float(count) for count in output.tokens]))
        self.step += 1
        return {**values, "loss": total}

    @torch.no_grad()
    def update_tables(self, rate):
        """Adam for the rows of n-grams that the step read, without weight decay; the others stay, moments included."""
        for table in self.tables:
            state = self.optimiser.state[table]
            if not state:
                state.update(step=torch.tensor(0.0), exp_avg=torch.zeros_like(table), exp_avg_sq=torch.zeros_like(table))
            state["step"] += 1
            steps, rows = float(state["step"]), table.grad.ne(0).any(dim=1)
            g, m, v = table.grad[rows], state["exp_avg"][rows], state["exp_avg_sq"][rows]
            state["exp_avg"][rows] = m = 0.9 * m + 0.1 * g
            state["exp_avg_sq"][rows] = v = 0.999 * v + 0.001 * g * g
            table[rows] -= rate / (1 - 0.9**steps) * m / ((v / (1 - 0.999**steps)).sqrt() + 1e-8)

    def steer(self, tokens):
        """Moves thresholds to where their target rates want them; `tokens` are those of each level in the whole batch."""
        for level, border in enumerate(self.model.borders):
            targets = self.settings["level_target_rates"]
            target = targets[level] if level < len(targets) else 0
            border.threshold = steered(border.threshold, target, tokens[level + 1], tokens[level])

    @torch.no_grad()
    def evaluate(self):
        """Bits a byte of the held-out text, the mean over its batches; None where there is none."""
        self.model.eval()
        bits = []
        carried = None
        for windows in self.corpus.held_out_batches(self.settings["val_max_batches"]):
            own = [part.to(self.group.device) for part in windows[:2] if part is not None]
            if windows.following is None:
                output = self.model(*own)
            else:
                output = self.model(*own, None if windows.anew else carried)
                carried = output.carried
            bits.append(float(output.sums["byte_decoder"]) / output.counts["byte_decoder"] / math.log(2))
        return sum(bits) / len(bits) if bits else None

    def reading(self):
        """Settings of whoever reads with the weights: with the thresholds to which training has steered its levels."""
        now = [border.threshold for border in getattr(self.model, "borders", [])]
        if now == [threshold_of(self.settings, level) for level in range(len(now))]:
            return self.settings
        return {**self.settings, "level_thresholds": [shortest(threshold) for threshold in now]}

    def checkpoint(self):
        """Everything that the page and the command line go on from. All processes call it together."""
        in_order = getattr(self.model, "in_order", lambda: dict(self.model.named_parameters()))
        names = in_order()
        moments = {name: self.optimiser.state.get(p, {}) for name, p in names.items()}
        zero = lambda name, key: moments[name].get(key, torch.zeros_like(names[name]))
        updates = [int(moments[name].get("step", 0)) for name in names]
        state = {"step": self.step, "updates": updates}
        carried = None
        if self.carried:
            carried = torch.cat(self.group.gathered(self.carried.states.cpu()))
            rules = self.group.gathered([rule.values() for row in self.carried.rules for rule in row])
            state["rules"] = [number for part in rules for rule in part for number in rule]
        return Checkpoint(
            self.reading(),
            names,
            {name: zero(name, "exp_avg") for name in names},
            {name: zero(name, "exp_avg_sq") for name in names},
            state,
            carried,
        )

    def resume(self, checkpoint):
        """Takes over the moments, the step and what sequences carry of a resumable checkpoint."""
        updates = checkpoint.state.get("updates", [])
        order = list(checkpoint.tensors)
        for name, parameter in self.model.named_parameters():
            count = updates[order.index(name)] if name in order and len(updates) == len(order) else 0
            if count == 0 or not parameter.requires_grad:
                continue
            self.optimiser.state[parameter] = {
                "step": torch.tensor(float(count)),
                "exp_avg": checkpoint.exp_avg[name].clone().to(self.group.device),
                "exp_avg_sq": checkpoint.exp_avg_sq[name].clone().to(self.group.device),
            }
        self.step = int(checkpoint.state.get("step", 0))
        if self.corpus.carries:
            own = self.group.rows(self.settings["batch_size"])
            self.carried = carried_of(checkpoint, self.model, own, self.group.device)


def metrics_of(losses):
    """Losses under the names that the page and the command line write."""
    means = {}
    for name in ("meta", "uncertainty"):
        own = [value for key, value in losses.items() if key.startswith(f"{name}_")]
        means[f"train/{name}_loss"] = sum(own) / len(own) if own else 0.0
    bytes_ = {name: value for name, value in losses.items() if name.startswith("byte_")}
    return {
        "train/loss": losses["loss"],
        **{f"train/{name}_loss": value for name, value in bytes_.items()},
        **{f"train/{name}_bpb": value / math.log(2) for name, value in bytes_.items()},
        **means,
    }


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(prog="adaptive-compressor-train", description=__doc__)
    parser.add_argument("--text-file", required=True, help="Plain text, read as bytes.")
    parser.add_argument("--output", help="Where the checkpoint goes.")
    parser.add_argument("--init", help="A checkpoint whose weights training starts from.")
    parser.add_argument("--resume", help="A resumable checkpoint to go on from.")
    parser.add_argument("--tensorboard", help="A folder for event files; needs the package tensorboard.")
    parser.add_argument("--bfloat16", action="store_true", help="Compute in bfloat16 where that is safe.")
    for setting in SETTINGS:
        unit = f" ({setting['unit']})" if setting.get("unit") else ""
        flag, text = setting["name"].replace("_", "-"), f"{setting['help']}{unit}".replace("%", "%%")
        if setting["type"] == "flag":
            parser.add_argument(f"--{flag}", nargs="?", const="true", help=text)
            parser.add_argument(f"--no-{flag}", dest=setting["name"], action="store_const", const="false")
        else:
            parser.add_argument(f"--{flag}", help=text)
    return parser.parse_args(arguments)


def main(arguments=None):
    given = parse_arguments(arguments)
    named = {s["name"]: getattr(given, s["name"]) for s in SETTINGS}
    changes = {name: value for name, value in named.items() if value is not None}
    group = Group()
    say = print if group.rank == 0 else (lambda *_, **__: None)
    try:
        checkpoint = None
        file = given.resume or given.init
        if file:
            model, settings, checkpoint = load_model(file, changes)
            if given.resume and checkpoint.state is None:
                sys.exit(f"{file} has weights only: --init starts from them.")
        else:
            settings = read_settings(changes)
            torch.manual_seed(settings["seed"])
            model = build_model(settings)
        with open(given.text_file, "rb") as text:
            corpus = Corpus(text.read(), settings)
        trainer = Trainer(model, settings, corpus, group, given.bfloat16)
        if given.resume:
            trainer.resume(checkpoint)
        run(trainer, given, say)
    except (SettingError, ValueError, OSError, FloatingPointError) as error:
        sys.exit(str(error))
    finally:
        group.close()


def run(trainer, given, say):
    """Trains to the last step, writing lines of JSON, and saves."""
    settings = trainer.settings
    writer = None
    if given.tensorboard and trainer.group.rank == 0:
        from torch.utils.tensorboard import SummaryWriter

        writer = SummaryWriter(given.tensorboard)
    begun = time.monotonic()

    def tell(figures):
        say(json.dumps({"step": trainer.step, "seconds": round(time.monotonic() - begun, 2), **figures}), flush=True)
        for name, value in figures.items() if writer else ():
            writer.add_scalar(name, value, trainer.step)

    while trainer.step < settings["max_steps"]:
        losses = trainer.advance()
        if trainer.step % settings["log_every"] == 0:
            tell(metrics_of(losses))
        every = settings["eval_every"]
        early = settings["eval_early"] and trainer.step < every and not trainer.step & (trainer.step - 1)
        if every and (early or trainer.step % every == 0 or trainer.step == settings["max_steps"]):
            bits = trainer.evaluate()
            if bits is not None:
                tell({"val/byte_decoder_bpb": bits})
    checkpoint = trainer.checkpoint() if given.output else None
    if checkpoint and trainer.group.rank == 0:
        write_checkpoint(given.output, checkpoint)
        say(f"Saved {given.output} at step {trainer.step}.")


if __name__ == "__main__":
    main()
