"""Checkpoints as the page and the command line write them: safetensors files, read and written without a library."""

import json
import math
import os
from dataclasses import dataclass, field

import torch

from .models import build_model
from .sentences import said
from .settings import BY_NAME, read_setting, read_settings

PREFIX = "adaptive_compressor."
_CARRIED = f"{PREFIX}carried"
_TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
_MAX_HEADER = 1 << 20


class CheckpointError(ValueError):
    """A file that is not a checkpoint, in one sentence."""


def _whole(x):
    return isinstance(x, int) and not isinstance(x, bool) and 0 <= x < 1 << 31


@dataclass
class Checkpoint:
    """Settings, float32 tensors by name and, of a resumable one, the optimiser's moments and where training was."""

    settings: dict
    tensors: dict
    exp_avg: dict = field(default_factory=dict)
    exp_avg_sq: dict = field(default_factory=dict)
    state: dict = None
    carried: torch.Tensor = None  # [batch][numbers] what sequences carry from window to window
    latest: dict = field(default_factory=dict)  # the latest weights, where the tensors are an average of those before

    def weights(self):
        """The same without what training goes on from."""
        return Checkpoint(self.settings, self.tensors)

    def averaged(self):
        """How many sets of weights the tensors are an average of; 0 where they are the latest themselves."""
        count = self.state.get("averaged", 0)
        return count if self.latest and _whole(count) else 0

    def place(self):
        """The training step, and the updates that each tensor has had. Raises CheckpointError."""
        step, updates = self.state.get("step"), self.state.get("updates")
        if not _whole(step) or not isinstance(updates, list) or len(updates) != len(self.tensors) or not all(map(_whole, updates)):
            raise CheckpointError(said("no_place"))
        return step, updates


def _header(raw):
    if len(raw) < 10:
        raise CheckpointError(said("too_short"))
    length = int.from_bytes(raw[:8], "little")
    if length > min(len(raw) - 8, _MAX_HEADER):
        raise CheckpointError(said("not_safetensors"))
    try:
        header = json.loads(raw[8 : 8 + length].decode("utf-8"))
    except ValueError:
        raise CheckpointError(said("header_not_json")) from None
    if not isinstance(header, dict):
        raise CheckpointError(said("header_no_object"))
    return header, 8 + length


def _tensor(name, entry, raw, start):
    try:
        kind, shape = _TYPES[entry["dtype"]], [int(size) for size in entry["shape"]]
        begin, end = (start + int(offset) for offset in entry["data_offsets"])
    except (KeyError, TypeError, ValueError):
        raise CheckpointError(said("unusable_tensor", name=name)) from None
    size = math.prod(shape) * (4 if kind == torch.float32 else 2)
    if min(shape, default=0) < 0 or not start <= begin <= end <= len(raw) or end - begin != size:
        raise CheckpointError(said("wrong_size", name=name))
    if size == 0:
        return torch.zeros(shape)
    values = torch.frombuffer(bytearray(raw[begin:end]), dtype=kind).reshape(shape).float()
    if not torch.isfinite(values).all():
        raise CheckpointError(said("not_finite_tensor", name=name))
    return values


def _check_place(state, moments, latest, carried, tensors):
    """Raises CheckpointError where training could not go on from here."""
    if not isinstance(state, (dict, type(None))):
        raise CheckpointError(said("no_place"))
    if state is None and (any(moments) or latest or carried is not None):
        raise CheckpointError(said("moments_alone"))
    for name in tensors if state is not None else ():
        if not all(name in group for group in moments):
            raise CheckpointError(said("lacks_moments", name=name))
    for name, tensor in [entry for group in moments for entry in group.items()]:
        if name not in tensors or tensor.shape != tensors[name].shape:
            raise CheckpointError(said("other_moments", name=name))
    for name in [*latest, *(tensors if latest else ())]:
        if name not in tensors or name not in latest or latest[name].shape != tensors[name].shape:
            raise CheckpointError(said("other_latest", name=name))
    for name, tensor in moments[1].items():
        if (tensor < 0).any():
            raise CheckpointError(said("negative_moment", name=name))


def read_checkpoint(path):
    """Reads a file. Raises CheckpointError or OSError."""
    with open(path, "rb") as file:
        raw = file.read()
    header, start = _header(raw)
    metadata = header.pop("__metadata__", {})
    groups = {"": {}, f"{PREFIX}exp_avg.": {}, f"{PREFIX}exp_avg_sq.": {}, f"{PREFIX}latest.": {}}
    for name, entry in header.items():
        prefix = next((p for p in groups if p and name.startswith(p)), "")
        groups[prefix][name[len(prefix) :]] = _tensor(name, entry, raw, start)
    try:
        settings = {name: json.loads(text) for name, text in metadata.items() if name in BY_NAME}
        state = json.loads(metadata.get(f"{PREFIX}state", "null"))
    except (AttributeError, TypeError, ValueError):
        raise CheckpointError(said("unreadable_settings")) from None
    settings = {name: read_setting(name, value) for name, value in settings.items()}
    tensors, first, second, latest = groups.values()
    carried = tensors.pop(_CARRIED, None)
    _check_place(state, (first, second), latest, carried, tensors)
    return Checkpoint(settings, tensors, first, second, state, carried, latest)


def write_checkpoint(path, checkpoint):
    """
    Writes a file beside its place and renames it, so that what was there stays until the new one is whole. Raises
    CheckpointError where a number is not finite, since nobody could use it, and OSError.
    """
    entries, chunks, offset = {}, [], 0
    metadata = {name: json.dumps(value) for name, value in checkpoint.settings.items()}
    if checkpoint.state is not None:
        metadata[f"{PREFIX}state"] = json.dumps(checkpoint.state)
    entries["__metadata__"] = metadata
    moments = [(f"{PREFIX}exp_avg.", checkpoint.exp_avg), (f"{PREFIX}exp_avg_sq.", checkpoint.exp_avg_sq), (f"{PREFIX}latest.", checkpoint.latest)]
    carried = {} if checkpoint.carried is None else {_CARRIED: checkpoint.carried}
    for prefix, group in [("", checkpoint.tensors), *moments, ("", carried)]:
        for name, tensor in group.items():
            if not torch.isfinite(tensor).all():
                raise CheckpointError(said("not_finite_model"))
            data = tensor.detach().float().cpu().contiguous().numpy().tobytes()
            shape = list(tensor.shape)
            entries[prefix + name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + len(data)]}
            chunks.append(data)
            offset += len(data)
    text = json.dumps(entries, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % 8)
    beside = f"{path}.{os.getpid()}.part"
    try:
        with open(beside, "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            for data in chunks:
                file.write(data)
        os.replace(beside, path)
    except OSError:
        if os.path.exists(beside):
            os.remove(beside)
        raise


def with_weights(checkpoint, settings):
    """A model of these settings with a checkpoint's weights. Strict: every tensor must fit. Raises CheckpointError."""
    model = build_model(settings)
    tensors = dict(checkpoint.tensors)
    if "parameter_match_pad" not in tensors and hasattr(model, "parameter_match_pad"):
        tensors["parameter_match_pad"] = model.parameter_match_pad.detach()
    try:
        model.load_state_dict(tensors, strict=True)
    except RuntimeError:
        raise CheckpointError(said("other_tensors")) from None
    return model


def load_model(path, changes=None):
    """
    The model of a checkpoint, its settings, some changed where wanted, and the checkpoint itself. Raises CheckpointError,
    SettingError, OSError.
    """
    checkpoint = read_checkpoint(path)
    settings = read_settings({**checkpoint.settings, **(changes or {})})
    return with_weights(checkpoint, settings), settings, checkpoint
