"""A model in training: steps, evaluation, and checkpoints to go on from."""

import math
from contextlib import nullcontext

import torch
from torch.nn.parallel import DistributedDataParallel

from .averaging import WeightAverage
from .carried import carried_of, steered
from .checkpoint import Checkpoint
from .models.levels import TABLES
from .numbers import shortest
from .rules import threshold_of
from .sentences import said
from .stopping import StopRules


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


def losses_of(output, group):
    """Each loss as a mean over the whole batch: a share of it that can be differentiated, and its value."""
    names = list(output.sums)
    counts = group.summed([float(output.counts[name]) for name in names])
    # A level may have no token in a window.
    parts = {name: output.sums[name] / max(1, count) for name, count in zip(names, counts)}
    values = dict(zip(names, group.summed([float(part.detach()) for part in parts.values()])))
    return parts, values


def inputs_of(windows, carried):
    """What a model is given with windows, where they go on from what was `carried`."""
    going_on = {} if windows.following is None or windows.anew else {"carried": carried}
    return {**windows.parts(), **going_on}


def elapsed(state):
    """Milliseconds of training before, where a checkpoint says so."""
    given = state.get("elapsed_ms", 0)
    return given if isinstance(given, (int, float)) and 0 <= given < math.inf else 0


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
            raise ValueError(said("too_many_processes", processes=group.size, sequences=settings["batch_size"]))
        factor = getattr(self.model, "rate_factor", lambda name: 1)
        groups = {}
        named = dict(self.model.named_parameters())
        self.tables = [named.pop(name) for name in list(named) if name.startswith(TABLES)]
        for name, parameter in named.items():
            if parameter.requires_grad:
                groups.setdefault(factor(name), []).append(parameter)
        groups = [{"params": parameters, "factor": own} for own, parameters in groups.items()]
        self.optimiser = torch.optim.AdamW(groups, lr=0.0, weight_decay=settings["weight_decay"], eps=1e-8)
        share = settings["weight_averaging"]
        self.average = WeightAverage(dict(self.model.named_parameters()), share) if share > 0 else None
        self.carried = None
        self.rules = StopRules()
        # Seconds of training before this process.
        self.seconds = 0.0

    def forward(self, windows):
        half = torch.autocast(self.group.device.type, dtype=torch.bfloat16) if self.bfloat16 else nullcontext()
        with half:
            output = self.wrapped(**inputs_of(self.group.share(windows), self.carried))
            self.carried = output.carried if windows.following is not None else None
            return output

    def advance(self):
        """One step; returns the losses before its update. Raises FloatingPointError."""
        self.wrapped.train()
        self.model.zero_grad(set_to_none=True)
        self.model.dropout.step, self.model.dropout.first = self.step, self.group.rows(self.settings["batch_size"]).start
        output = self.forward(self.corpus.training_batch(self.step))
        parts, values = losses_of(output, self.group)
        # Processes average their gradients, and each holds a part of the mean.
        (self.model.total(parts) * self.group.size).backward()
        total = float(self.model.total(values))
        if not math.isfinite(total):
            raise FloatingPointError(said("not_finite", step=self.step + 1))
        if self.settings["clip_norm"] > 0:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.settings["clip_norm"])
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.settings, self.step) * group["factor"]
        self.optimiser.step()
        self.update_tables(learning_rate(self.settings, self.step))
        if output.tokens:
            self.steer(self.group.summed([float(count) for count in output.tokens]))
        self.step += 1
        if self.average:
            self.average.follow(self.step)
        return {**values, "loss": total}

    @torch.no_grad()
    def update_tables(self, rate):
        """Adam for the rows of tables that the step read, without weight decay; the others stay, moments included."""
        for table in self.tables:
            if table.grad is None:
                continue
            state = self.optimiser.state[table]
            if not state:
                state.update(step=torch.tensor(0.0), exp_avg=torch.zeros_like(table), exp_avg_sq=torch.zeros_like(table))
            state["step"] += 1
            steps, rows = float(state["step"]), table.grad.norm(p=1, dim=1) != 0
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

    def evaluate(self):
        """Bits a byte of the held-out text, the mean over its batches; None where there is none."""
        with self.average.reading() if self.average else nullcontext():
            return self.evaluated()

    @torch.no_grad()
    def evaluated(self):
        """The same with the weights that the model has now."""
        self.model.eval()
        bits = []
        carried = None
        for windows in self.corpus.held_out_batches(self.settings["val_max_batches"]):
            output = self.model(**inputs_of(windows.on(self.group.device), carried))
            carried = output.carried
            bits.append(float(output.sums["byte_decoder"]) / output.counts["byte_decoder"] / math.log(2))
        return sum(bits) / len(bits) if bits else None

    def reading(self):
        """Settings for reading with the weights: with the thresholds to which training has steered its levels."""
        now = [border.threshold for border in getattr(self.model, "borders", [])]
        if now == [threshold_of(self.settings, level) for level in range(len(now))]:
            return self.settings
        return {**self.settings, "level_thresholds": [shortest(threshold) for threshold in now]}

    def names(self):
        """Parameters by name in the order of checkpoints."""
        return getattr(self.model, "in_order", lambda: dict(self.model.named_parameters()))()

    def checkpoint(self, seconds=0.0):
        """
        Everything that the page and the command line go on from. All processes call it together. `seconds` of training are
        kept where there is a limit.
        """
        names = self.names()
        moments = {name: self.optimiser.state.get(p, {}) for name, p in names.items()}
        zero = lambda name, key: moments[name].get(key, torch.zeros_like(names[name]))
        updates = [int(moments[name].get("step", 0)) for name in names]
        limited = {"elapsed_ms": round(seconds * 1000)} if self.settings["max_minutes"] > 0 else {}
        state = {"stopping": self.rules.memory(), **limited, "text_sha256": self.corpus.digest}
        state.update(step=self.step, updates=updates)
        latest = {}
        if self.average and self.average.count > 0:
            state["averaged"] = self.average.count
            latest, names = names, {name: self.average.weights[name] for name in names}
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
            latest,
        )

    def resume(self, checkpoint):
        """Takes over the moments, the step and what sequences carry of a resumable checkpoint. Raises ValueError."""
        if checkpoint.state.get("text_sha256", self.corpus.digest) != self.corpus.digest:
            raise ValueError(said("other_text"))
        self.step, updates = checkpoint.place()
        updates = dict(zip((name for name in self.names() if name in checkpoint.tensors), updates))
        for name, parameter in self.model.named_parameters():
            if updates.get(name, 0) > 0 and parameter.requires_grad:
                self.optimiser.state[parameter] = {
                    "step": torch.tensor(float(updates[name])),
                    "exp_avg": checkpoint.exp_avg[name].clone().to(self.group.device),
                    "exp_avg_sq": checkpoint.exp_avg_sq[name].clone().to(self.group.device),
                }
        if self.average and checkpoint.averaged() > 0:
            self.average.resume(checkpoint.averaged(), checkpoint.latest)
        self.rules = StopRules(checkpoint.state.get("stopping"))
        self.seconds = elapsed(checkpoint.state) / 1000
        if self.corpus.carries:
            own = self.group.rows(self.settings["batch_size"])
            self.carried = carried_of(checkpoint, self.model, own, self.group.device)
