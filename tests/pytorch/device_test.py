"""
Training on a device that is not the processor, without one: tensors that say that they lie elsewhere, and that refuse to
be computed with together with the processor's, as a GPU's do.
"""

import sys
import unittest
from pathlib import Path
from unittest.mock import patch

import torch
from torch.utils._mode_utils import no_dispatch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "wasm/pytorch"))

from adaptive_compressor import build_model, read_settings  # noqa: E402
from adaptive_compressor.data import Corpus, Text  # noqa: E402
from adaptive_compressor.group import Group  # noqa: E402
from adaptive_compressor.trainer import Trainer  # noqa: E402

# A device name that PyTorch knows on every machine; the processor computes all the same.
DEVICE = torch.device("meta")

TEXT = b"The sea was calm, and the ship lay still. Of the whale nothing was seen, and they went below.\n" * 40
SMALL = {"hidden_size": 6, "num_levels": 4, "sequence_length": 12, "batch_size": 2, "clip_norm": 1, "val_max_batches": 2, "dropout": 0.1}
TABLES = {"ngram_order": 3, "ngram_rows": 30, "span_order": 3, "token_embeddings": True, "recall": True}
RESIDUAL = {"wiring": "residual", "carry_state": True, "level_target_rates": [4], "encoder_scores": True, **TABLES}
RULES = (["accumulated", "level", "rise"], ["whitespace", "every_nth", "random"])
KINDS = {
    "mirror": {"byte_entropy_threshold": 12},
    "teacher forced": {"border_mode": "teacher_forced"},
    "baseline": {"model_type": "baseline"},
    "flat": {"model_type": "flat", "carry_state": True},
    **{" ".join(rules): {**RESIDUAL, "level_rules": rules, "level_thresholds": [0.5, 0.5, 0.1]} for rules in RULES},
}


class Elsewhere(torch.Tensor):
    """A tensor on the pretended device."""

    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, inner):
        return torch.Tensor._make_wrapper_subclass(
            cls, inner.shape, strides=inner.stride(), storage_offset=inner.storage_offset(), dtype=inner.dtype, device=DEVICE
        )

    def __init__(self, inner):
        self.inner = inner

    def tolist(self):
        return self.inner.tolist()

    def __repr__(self):
        return f"Elsewhere({self.inner})"

    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        return compute(function, args, kwargs or {})


def compute(function, args, kwargs):
    """Computes on the processor, and tells on which device the result would be."""
    tensors = [each for each in tree_flatten((args, kwargs))[0] if isinstance(each, torch.Tensor)]
    here = [each for each in tensors if not isinstance(each, Elsewhere)]
    moved = function in (torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default)
    # As for a GPU, only single numbers may come from the processor.
    if len(here) not in (0, len(tensors)) and not moved and any(each.dim() > 0 for each in here):
        raise AssertionError(f"{function} has tensors of the processor and of the device.")
    device = kwargs.get("device")
    there = torch.device(device) == DEVICE if device is not None else bool(tensors) and len(here) < len(tensors)
    if moved and function is torch.ops.aten.copy_.default:
        there = isinstance(args[0], Elsewhere)
    if device is not None:
        kwargs = {**kwargs, "device": torch.device("cpu")}
    if function is torch.ops.aten.bitwise_xor.Tensor and isinstance(args[1], int):
        args = (args[0], torch.tensor(args[1]))
    inner = lambda each: each.inner if isinstance(each, Elsewhere) else each
    out = function(*tree_map(inner, args), **tree_map(inner, kwargs))
    if there and function is torch.ops.aten.transpose_.default:
        with no_dispatch():
            function(*args)
    # A tensor changed in place stays the same tensor.
    known = {id(inner(each)): each for each in tensors}

    def wrap(each):
        if not there or not isinstance(each, torch.Tensor):
            return each
        return known[id(each)] if id(each) in known else Elsewhere(each)

    return tree_map(wrap, out)


class Pretended(TorchDispatchMode):
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        return compute(function, args, kwargs or {})


def tensor(data, dtype=None, device=None, _made=torch.tensor):
    """torch.tensor, which moves to a device without consulting the mode."""
    made = _made(data, dtype=dtype)
    return made if device is None else made.to(device)


def trained(changes, device):
    """The results of three steps and an evaluation: losses, bits a byte, a checkpoint."""
    settings = read_settings({**SMALL, **changes})
    torch.manual_seed(1)
    trainer = Trainer(build_model(settings), settings, Corpus(Text(TEXT), settings), Group(device))
    losses = [trainer.advance()["loss"] for _ in range(3)]
    return losses, trainer.evaluate(), trainer.checkpoint(), trainer


class Device(unittest.TestCase):
    def check(self, changes):
        losses, bits, checkpoint, _ = trained(changes, "cpu")
        with Pretended(), patch("torch.tensor", tensor):
            there_losses, there_bits, there, trainer = trained(changes, "meta")
            self.assertTrue(all(isinstance(p, Elsewhere) for p in trainer.model.parameters()))
        for found, expected in zip([*there_losses, there_bits], [*losses, bits]):
            self.assertAlmostEqual(found, expected, places=4)
        self.assertEqual(there.state["updates"], checkpoint.state["updates"])

    def test_mixing_is_refused(self):
        with Pretended():
            there = torch.zeros(3, device=DEVICE)
            self.assertIsInstance(there + 1, Elsewhere)
            with self.assertRaises(AssertionError):
                there + torch.zeros(3)
            with self.assertRaises(AssertionError):
                there[torch.tensor([0, 1])] + torch.arange(2)
            self.assertNotIsInstance(there.cpu(), Elsewhere)


for name, changes in KINDS.items():
    setattr(Device, f"test_{name.replace(' ', '_')}", lambda self, changes=changes: self.check(changes))

if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main()
