"""Borders for given scores (rules.js): the PyTorch package has the core's, to the bit, however the text is cut into windows."""

import json
import random
import sys
import unittest
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "wasm/pytorch"))

from adaptive_compressor import defaults  # noqa: E402
from adaptive_compressor.rules import Border, RuleState, seen_with  # noqa: E402

FILE = Path(sys.argv.pop()) if len(sys.argv) > 1 else None


def borders_of(case, cuts):
    """Borders [n], and what is compared with the threshold at the last position of each window between two cuts."""
    level = case["level"]
    settings = {**defaults(), "seed": case["seed"], "level_rules": [case["rule"]] * (level + 1)}
    border = Border({**settings, "level_thresholds": [case["threshold"]] * (level + 1)}, level)
    # Beside it, a shorter sequence and an empty one.
    states, found, reached = [RuleState() for _ in range(3)], [], []
    for begin, end in zip(cuts, cuts[1:]):
        scores = torch.tensor([case["scores"][begin:end]]).repeat(3, 1)
        symbols = torch.tensor([case["symbols"][begin:end]]).repeat(3, 1)
        lengths = torch.tensor([[end - begin], [(end - begin) // 2], [0]])
        marks = border.mark(scores, seen_with(symbols), torch.arange(end - begin)[None] < lengths, states)
        if marks[1:].logical_and(torch.arange(end - begin) >= lengths[1:]).any():
            raise AssertionError("a border beyond the sequence")
        found += marks[0].tolist()
        reached.append((end - 1, states[0].reached))
    if states[2].values() != RuleState().values():
        raise AssertionError("the state of an empty sequence changed")
    return found, reached


class Rules(unittest.TestCase):
    def test_all(self):
        cases = json.loads(FILE.read_text())
        chance = random.Random(1)
        for case in cases:
            n = len(case["scores"])
            for cuts in ([0, n], [0, *sorted(chance.sample(range(1, n), 3)), n], list(range(n + 1))):
                with self.subTest(rule=case["rule"], threshold=case["threshold"], cuts=cuts):
                    found, reached = borders_of(case, cuts)
                    self.assertEqual(found, [mark == 1 for mark in case["borders"]])
                    for at, value in reached:
                        self.assertEqual(value, case["reached"][at])
        print(json.dumps({rule: sum(case["rule"] == rule for case in cases) for rule in {case["rule"] for case in cases}}))


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main()
