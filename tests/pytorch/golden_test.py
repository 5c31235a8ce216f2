"""The golden cases of tests/golden/: losses, logits, borders, gradients and updated weights of the PyTorch package."""

import json
import sys
import unittest
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "wasm/pytorch"))

from adaptive_compressor import build_model, read_settings  # noqa: E402
from adaptive_compressor.data import Windows  # noqa: E402
from adaptive_compressor.settings import BY_NAME  # noqa: E402
from adaptive_compressor.group import Group  # noqa: E402
from adaptive_compressor.trainer import Trainer  # noqa: E402

TYPES = {"F32": torch.float32, "I32": torch.int32, "U8": torch.uint8}
LOSSES = {"byte_encoder": "byte_encoder_loss", "byte_decoder": "byte_decoder_loss", "loss": "loss"}


def read_golden(path):
    raw = path.read_bytes()
    start = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:start])
    metadata = {name: json.loads(text) for name, text in header.pop("__metadata__").items()}
    tensors = {}
    for name, entry in header.items():
        begin, end = (start + offset for offset in entry["data_offsets"])
        kind, shape = TYPES[entry["dtype"]], entry["shape"]
        data = torch.frombuffer(bytearray(raw[begin:end]), dtype=kind) if end > begin else torch.zeros(0, dtype=kind)
        tensors[name] = data.reshape(shape)
    return metadata, tensors


def group_of(tensors, prefix):
    return {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}


class Recorded:
    """A corpus whose batches are those of a golden case."""

    def __init__(self, tensors):
        self.tensors = tensors

    def training_batch(self, step):
        return Windows(self.tensors[f"batch/{step + 1}"].long())


def close(case, found, expected, absolute, relative, what):
    worst = ((found - expected).abs() - absolute - relative * expected.abs()).max().item() if expected.numel() else -1
    case.assertLessEqual(worst, 0, what)


class Golden(unittest.TestCase):
    def check(self, path):
        metadata, tensors = read_golden(path)
        settings = read_settings({name: value for name, value in metadata.items() if name in BY_NAME})
        model = build_model(settings)
        initial = group_of(tensors, "init/")
        if hasattr(model, "parameter_match_pad"):
            initial.setdefault("parameter_match_pad", torch.zeros(model.parameter_match_pad.shape))
        model.load_state_dict(initial, strict=True)
        self.assertEqual(sum(p.numel() for p in model.parameters()), metadata["parameter_count"])
        output = model(tensors["batch/1"].long())
        close(self, output.decoder_logits, tensors["forward/byte_decoder_logits"], 2e-5, 0, "decoder logits")
        if settings["model_type"] == "adaptive":
            close(self, output.encoder_logits, tensors["forward/byte_encoder_logits"], 2e-5, 0, "encoder logits")
        for level, mask in enumerate(output.borders):
            self.assertTrue(torch.equal(mask.to(torch.uint8), tensors[f"forward/border_mask/{level}"]))
        trainer = Trainer(model, settings, Recorded(tensors), Group())
        for k in range(1, metadata["steps"] + 1):
            losses = trainer.advance()
            for ours, theirs in LOSSES.items():
                if ours in losses:
                    expected = tensors[f"trajectory/{theirs}"][k - 1]
                    close(self, torch.tensor(losses[ours]), expected, 0, 1e-5, f"{ours} of step {k}")
            if k == 1:
                self.check_gradients(model, group_of(tensors, "grad/"))
            for name, expected in group_of(tensors, f"after/{k}/").items():
                close(self, dict(model.named_parameters())[name].detach(), expected, 1e-5, 0, f"{name} after {k}")

    def check_gradients(self, model, expected):
        for name, parameter in model.named_parameters():
            if name in expected:
                close(self, parameter.grad, expected[name], 1e-5, 1e-4, f"gradient of {name}")
            else:
                self.assertIsNone(parameter.grad, name)


for file in sorted((ROOT / "tests/golden").glob("*.safetensors")):
    name = f"test_{file.stem.replace('-', '_')}"
    setattr(Golden, name, lambda self, file=file: self.check(file))

if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main()
