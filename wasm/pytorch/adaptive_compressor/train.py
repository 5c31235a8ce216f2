"""Training on one processor, on many, or on GPUs: `torchrun --nproc_per_node N -m adaptive_compressor.train ...`."""

import argparse
import json
import math
import os
import signal
import sys
import time

import torch

from .borders import read_marks
from .checkpoint import CheckpointError, read_checkpoint, with_weights, write_checkpoint
from .data import Corpus, Text
from .events import EventWriter
from .group import Group
from .models import build_model
from .rules import rule_name
from .sentences import said
from .settings import BY_NAME, PRESETS, SETTINGS, SettingError, read_preset, read_setting, read_settings
from .trainer import Trainer

# What another model's weights bring with them.
_OF_WEIGHTS = ("model", "borders", "losses")
# What must stay as it was for training to go on exactly, besides what is of the model.
_DATA_ORDER = ("sequence_length", "batch_size", "seed", "shuffle", "carry_state", "segment_length")
# Settings of the page and the command line that mean nothing to PyTorch.
_IDLE = ("workers", "max_documents", "val_max_documents", "sample_bytes", "sample_prompt")
# Seconds between two savings on the way.
_SAVE_EVERY = 60
_INTERRUPTED = 130


def _flag(name):
    return f"--{name.replace('_', '-')}"


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(prog="adaptive-compressor-train", description=__doc__)
    parser.add_argument("--text-file", required=True, help="Plain text, read as bytes.")
    parser.add_argument("--val-text-file", help="Text to hold out; by default the end of the text.")
    parser.add_argument("--borders", help="Borders of your own, for the rule given: a line each, the position of a byte, and a level.")
    parser.add_argument("--val-borders", help="Likewise of the text that --val-text-file names.")
    parser.add_argument("--preset", help=f"Settings where no flag says otherwise: {', '.join(PRESETS)}.")
    parser.add_argument("--init", help="A checkpoint whose weights training starts from.")
    parser.add_argument("--resume", help="A resumable checkpoint to go on from exactly, on the same text.")
    parser.add_argument("--output", help="Where the checkpoint goes, once a minute and at the end.")
    parser.add_argument("--weights", help="Where the weights alone go at the end.")
    parser.add_argument("--metrics", help="Append figures as JSON Lines.")
    parser.add_argument("--tensorboard", help="A folder for an event file with the same figures.")
    parser.add_argument("--device", help="cpu, cuda, or one of several as cuda:1; by default cuda where there is any.")
    parser.add_argument("--bfloat16", action="store_true", help="Compute in bfloat16 where that is safe.")
    for setting in SETTINGS:
        if setting["group"] == "generation":
            continue
        unit = f" ({setting['unit']})" if setting.get("unit") else ""
        flag, text = _flag(setting["name"]), f"{setting['help']}{unit}".replace("%", "%%")
        if setting["type"] == "flag":
            parser.add_argument(flag, nargs="?", const="true", help=text)
            parser.add_argument(f"--no-{flag[2:]}", dest=setting["name"], action="store_const", const="false")
        else:
            parser.add_argument(flag, help=text)
    return parser.parse_args(arguments)


def _changes(given):
    """What the preset and the flags say, which win. Raises SettingError."""
    flags = {name: getattr(given, name, None) for name in BY_NAME}
    flags = {name: read_setting(name, value) for name, value in flags.items() if value is not None}
    return {**(read_preset(given.preset) if given.preset else {}), **flags}


def start_of(given):
    """The model, its settings, and the checkpoint that it came from, if any. Raises ValueError, OSError."""
    changes = _changes(given)
    if given.init and given.resume:
        raise SettingError(said("two_starts"))
    file = given.resume or given.init
    if not file:
        settings = read_settings(changes)
        torch.manual_seed(settings["seed"])
        return build_model(settings), settings, None
    checkpoint = read_checkpoint(file)
    kept = checkpoint.settings
    for name, value in changes.items():
        fixed = BY_NAME[name]["group"] == "model" or (given.resume and name in _DATA_ORDER)
        if fixed and name in kept and read_setting(name, value) != kept[name]:
            raise SettingError(said("other_setting", option=_flag(name), own=value, value=kept[name]))
    if given.init:
        kept = {name: value for name, value in kept.items() if BY_NAME[name]["group"] in _OF_WEIGHTS}
    elif checkpoint.state is None:
        raise CheckpointError(said("weights_only", file=file))
    settings = read_settings({**kept, **changes})
    if given.resume and checkpoint.place()[0] >= settings["max_steps"]:
        made, most = checkpoint.place()[0], settings["max_steps"]
        raise SettingError(said("all_steps", file=file, step=made, most=most))
    return with_weights(checkpoint, settings), settings, checkpoint


def texts_of(given, settings):
    """What a Corpus is made of. Raises ValueError, OSError."""
    levels = settings["num_levels"] - 1 if settings["model_type"] == "adaptive" else 0
    marked = "given" in [rule_name(settings, level) for level in range(levels)]
    if given.borders and not marked:
        print(said("no_effect", option="--borders"), file=sys.stderr, flush=True)
    if marked and not given.borders:
        raise SettingError(said("borders_missing"))
    if marked and given.val_text_file and not given.val_borders:
        raise SettingError(said("held_out_borders_missing"))

    def read(file, borders):
        with open(file, "rb") as content:
            text = content.read()
        return Text(text, read_marks(borders, text) if marked else None)

    held_out = read(given.val_text_file, given.val_borders) if given.val_text_file else None
    return read(given.text_file, given.borders), settings, held_out


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


class Figures:
    """Where the first process tells how training goes: lines of JSON, the same in a file, events of TensorBoard."""

    def __init__(self, given, step, resumed):
        """Raises OSError."""
        self.begun = time.monotonic()
        self.lines = open(given.metrics, "a", encoding="utf-8") if given.metrics else None
        self.events = EventWriter(given.tensorboard, step + 1 if resumed else None) if given.tensorboard else None

    def tell(self, step, figures):
        print(json.dumps({"step": step, "seconds": round(time.monotonic() - self.begun, 2), **figures}), flush=True)
        try:
            if self.lines:
                self.lines.write(json.dumps({"step": step, "wall_time": time.time(), **figures}) + "\n")
                self.lines.flush()
            if self.events:
                self.events.scalars(step, figures)
        except OSError as error:
            print(error, file=sys.stderr, flush=True)

    def close(self):
        for file in (self.lines, self.events):
            if file:
                file.close()


class Interrupts:
    """Whether the keyboard, torchrun or a terminal that goes away asked for an end. A second Ctrl-C ends at once."""

    def __init__(self):
        self.asked = False
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._take)

    def _take(self, number, _):
        if self.asked and number == signal.SIGINT:
            os._exit(_INTERRUPTED)
        self.asked = True


def _place_of(given, settings):
    """The file for the checkpoint: the one named, else the one resumed from, else a name that is not taken."""
    name = f"{settings['model_type']}_L{settings['sequence_length']}"
    name += f"_B{settings['batch_size'] * settings['sequence_length'] // 1000}k"
    candidates = (f"{name}{'' if i == 1 else f'-{i}'}.safetensors" for i in range(1, 1 << 20))
    return given.output or given.resume or next(file for file in candidates if not os.path.exists(file))


def run(trainer, given, figures, place):
    """Trains until a rule or the reader ends it, and saves. Returns the exit status. `figures`: None in other processes."""
    settings, group, interrupts = trainer.settings, trainer.group, Interrupts()
    begun = saved = time.monotonic()

    def save(seconds, on_the_way):
        checkpoint = trainer.checkpoint(seconds)
        if not figures:
            return
        try:
            write_checkpoint(place, checkpoint)
            if given.weights and not on_the_way:
                write_checkpoint(given.weights, checkpoint.weights())
        except OSError as error:
            if not on_the_way:
                raise
            print(error, file=sys.stderr, flush=True)

    def evaluate():
        bits = trainer.evaluate()
        bits = None if bits is None else group.of_first([bits])[0]
        if figures and bits is not None:
            figures.tell(trainer.step, {"val/byte_decoder_bpb": bits})
        trainer.rules.count(trainer.step, bits, settings)

    while True:
        now = time.monotonic()
        seconds, due = group.of_first([trainer.seconds + now - begun, now - saved > _SAVE_EVERY])
        reason = trainer.rules.reason(trainer.step, seconds, settings)
        interrupted = group.summed([interrupts.asked])[0] > 0
        if reason or interrupted:
            break
        if due:
            save(seconds, True)
            saved = time.monotonic()
        losses = trainer.advance()
        if figures and (trainer.step % settings["log_every"] == 0 or trainer.step in (1, settings["max_steps"])):
            figures.tell(trainer.step, metrics_of(losses))
        if trainer.rules.is_due(trainer.step, settings):
            evaluate()
    if reason and settings["eval_every"] and trainer.rules.counted != trainer.step:
        evaluate()
    save(seconds, False)
    if figures:
        why = "" if reason in (None, said("all_made")) else f": {reason}"
        print(said("saved", file=place, step=trainer.step, why=why), flush=True)
    if not reason and figures:
        print(said("to_go_on", file=place), flush=True)
    return 0 if reason else _INTERRUPTED


def main(arguments=None):
    given = parse_arguments(arguments)
    group = figures = None
    try:
        group = Group(given.device)
        first = group.rank == 0
        model, settings, checkpoint = start_of(given)
        corpus = Corpus(*texts_of(given, settings))
        trainer = Trainer(model, settings, corpus, group, given.bfloat16)
        if given.resume:
            trainer.resume(checkpoint)
        place = _place_of(given, settings)
        if first:
            for file in filter(None, (place, given.weights, given.metrics)):
                os.makedirs(os.path.dirname(file) or ".", exist_ok=True)
            for name in _IDLE:
                if getattr(given, name) is not None:
                    print(said("no_effect", option=_flag(name)), file=sys.stderr, flush=True)
            figures = Figures(given, trainer.step, bool(given.resume))
        return run(trainer, given, figures, place)
    except (ValueError, OSError, FloatingPointError) as error:
        sys.exit(str(error))
    finally:
        if figures:
            figures.close()
        if group:
            group.close()


if __name__ == "__main__":
    sys.exit(main())
