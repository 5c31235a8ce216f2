"""Random configurations with the core's results (cases.js): the PyTorch package gives the same within 1e-4."""

import json
import sys
import unittest
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "wasm/pytorch"))

from adaptive_compressor import build_model, read_settings  # noqa: E402
from adaptive_compressor.group import Group  # noqa: E402
from adaptive_compressor.trainer import losses_of  # noqa: E402
from golden_test import close, group_of, read_golden  # noqa: E402

TOLERANCE = 1e-4
FOLDER = Path(sys.argv.pop()) if len(sys.argv) > 1 else Path()


class Cases(unittest.TestCase):
    left = 0
    met = {}

    def run_window(self, model, window, carried, masks):
        """A pass; None where rounding moved a border."""
        symbols = torch.tensor(window["symbols"])
        following = window["following"] and torch.tensor(window["following"])
        given = {"marks": torch.tensor(window["given_marks"])} if hasattr(model, "borders") else {}
        going_on = {} if following is None else {"following": following, "carried": carried}
        output = model(symbols, **given, **going_on)
        self.assertEqual(len(output.borders), len(masks))
        for mask, expected in zip(output.borders, masks):
            if mask.tolist() != [[mark == 1 for mark in row] for row in expected]:
                return None
        return output

    def window(self, model, k, window, tensors, carried):
        """One window, read and trained on, each from what its own kind carried; None where rounding moved a border."""
        with torch.no_grad():
            model.eval()
            read = self.run_window(model, window, carried[0], window["readMasks"])
        model.train()
        model.dropout.step = window["step"]
        output = self.run_window(model, window, carried[1], window["masks"])
        if read is None or output is None:
            return None
        close(self, read.decoder_logits, tensors[f"logits/{k}"], TOLERANCE, 0, "logits")
        close(self, read.encoder_logits, tensors[f"encoder_logits/{k}"], TOLERANCE, 0, "the encoder's logits")
        parts, values = losses_of(output, Group())
        model.zero_grad(set_to_none=True)
        total = model.total(parts)
        total.backward()
        close(self, total.detach(), torch.tensor(window["losses"]["total"]), TOLERANCE, 1e-5, "total loss")
        for name in ("byte_encoder", "byte_decoder"):
            own = torch.tensor(values.get(name, values["byte_decoder"]))
            close(self, own, torch.tensor(window["losses"][name]), TOLERANCE, 1e-5, f"loss {name}")
        for name, parameter in model.named_parameters():
            expected = tensors[f"gradients/{k}/{name}"]
            found = parameter.grad if parameter.grad is not None else torch.zeros_like(expected)
            close(self, found, expected, TOLERANCE, TOLERANCE, f"gradient of {name}")
        if window["following"]:
            close(self, output.carried.states, tensors[f"carried/{k}"], TOLERANCE, 0, "carried states")
            rules = [number for row in output.carried.rules for rule in row for number in rule.values()]
            expected = torch.tensor(window["rules"], dtype=torch.float64)
            close(self, torch.tensor(rules, dtype=torch.float64), expected, TOLERANCE, 0, "rules")
        return read.carried, output.carried

    def check(self, path):
        metadata, tensors = read_golden(path)
        settings = read_settings(metadata["settings"])
        model = build_model(settings)
        model.load_state_dict(group_of(tensors, "weights/"), strict=True)
        carried = None, None
        for k, window in enumerate(metadata["windows"]):
            before, carried = carried, None
            with self.subTest(**{key: settings[key] for key in ("model_type", "wiring", "level_rules", "level_widths")}):
                carried = self.window(model, k, window, tensors, before)
            if carried is None:
                Cases.left += 1
                return
        kind = settings["model_type"] if settings["model_type"] != "adaptive" else settings["wiring"]
        has = lambda tables: len(getattr(model, tables, ())) > 0
        features = {"dropout": settings["dropout"] > 0, "spans": has("span_embeddings"), "tokens": has("token_embeddings"),
                    "recalled n-grams": has("ngram_recall"), "recalled spans": has("span_recall"),
                    "scored by the encoder": getattr(model, "byte_encoder_head", None) is not None and kind == "residual"}
        for name in (kind, *(name for name, used in features.items() if used)):
            Cases.met[name] = Cases.met.get(name, 0) + 1

    def test_all(self):
        files = sorted(FOLDER.glob("case-*.safetensors"))
        for file in files:
            self.check(file)
        print(json.dumps({"left": Cases.left, **Cases.met}))
        self.assertLessEqual(Cases.left, 0.05 * len(files), "cases that depended on rounding")
        for kind in ("residual", "mirror", "flat", "baseline", "dropout", "spans", "recalled n-grams", "recalled spans",
                     "scored by the encoder"):
            self.assertGreaterEqual(Cases.met.get(kind, 0), 0.05 * len(files), kind)


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main()
