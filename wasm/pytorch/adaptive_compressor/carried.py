"""What sequences carry from window to window, in and out of checkpoints; and thresholds that target rates steer."""

import math

from .models.levels import Carried
from .numbers import float32
from .rules import FIELDS, RuleState


def carried_of(checkpoint, model, rows, device):
    """What the sequences `rows`, a slice of the batch, carry; None where the checkpoint's does not fit the model."""
    states, rules = checkpoint.carried, checkpoint.state.get("rules")
    levels, batch = model.settings["num_levels"], model.settings["batch_size"]
    if states is None or list(states.shape) != [batch, model.carried_width] or not isinstance(rules, list):
        return None
    number = lambda x: isinstance(x, (int, float)) and math.isfinite(x)
    if len(rules) != batch * levels * len(FIELDS) or not all(number(x) for x in rules):
        return None
    each = [RuleState(rules[at : at + len(FIELDS)]) for at in range(0, len(rules), len(FIELDS))]
    by_sequence = [each[s * levels : (s + 1) * levels] for s in range(batch)]
    return Carried(states[rows].clone().to(device), by_sequence[rows])


def steered(threshold, target, tokens, positions):
    """The threshold after a step in which `positions` of a level gave `tokens`, where `target` positions a token are wanted."""
    if target <= 0 or positions == 0:
        return threshold
    return float32(threshold * math.exp(0.05 * min(2.0, tokens / positions * target - 1)))
