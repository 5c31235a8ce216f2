"""Border rules: which positions of a level become tokens of the next. None passes a gradient; all numbers are float32."""

import math
from array import array
from typing import NamedTuple

import torch

from .numbers import float32, hash3_of, shifted

# What a rule remembers of a sequence, in the order of checkpoints; all zeros before the first position.
FIELDS = ("reached", "sum", "score", "symbol", "since", "count")


class RuleState:
    """A rule at its place in a sequence."""

    __slots__ = FIELDS

    def __init__(self, values=(0.0,) * len(FIELDS)):
        for field, value in zip(FIELDS, values):
            setattr(self, field, value)

    def values(self):
        return [getattr(self, field) for field in FIELDS]


def seen_with(symbols, marks=None):
    """
    symbols [B][T] and the marks of these bytes, likewise: how many levels, from level 0 up, a list of the reader's gives a
    border there; default 0. -> [B][T][2], what rules know of the last bytes that positions had seen.
    """
    return torch.stack([symbols, torch.zeros_like(symbols) if marks is None else marks], dim=2)


class Window(NamedTuple):
    """Where a rule decides: positions of sequences side by side, which go on from what the rule remembers of each."""

    scores: torch.Tensor  # [B][T]
    symbols: torch.Tensor  # [B][T]
    marks: torch.Tensor  # [B][T]
    lengths: list  # [B] positions that are there
    states: list  # [B] of RuleState
    level: int
    threshold: float
    seed: int

    def remembered(self, field, dtype=torch.float32):
        """[B][1] what the rule remembers of each sequence."""
        return torch.tensor([[getattr(state, field)] for state in self.states], dtype=dtype, device=self.scores.device)

    def places(self):
        """[1][T] 0, 1, 2, ..."""
        return torch.arange(self.scores.shape[1], device=self.scores.device)[None]


# A rule gives bool [B][T], which positions are borders, and what is compared with the threshold there, None where nothing is.
# The first position of a text is always one.


def _accumulated(window, place=None):
    """
    Sums in single precision begin anew at borders, so that each depends on the one before: position by position. `place`:
    bool [B][T], where there may be a border once the sum has reached the threshold; default everywhere.
    """
    rows, marks, reached = window.scores.tolist(), [], []
    places = place.tolist() if place is not None else [[True] * len(row) for row in rows]
    # Rounds what it is given.
    total = array("f", [0.0])
    for row, allowed, length, state in zip(rows, places, window.lengths, window.states):
        total[0] = state.sum
        own, sums = [False] * len(row), [0.0] * len(row)
        for t in range(0 if state.count else 1, length):
            total[0] += row[t]
            sums[t] = total[0]
            if sums[t] >= window.threshold and allowed[t]:
                own[t], total[0] = True, 0.0
        state.sum = total[0]
        marks.append(own)
        reached.append(sums)
    shape, device = window.scores.shape, window.scores.device
    return torch.tensor(marks, device=device).reshape(shape), torch.tensor(reached, device=device).reshape(shape)


def _level(window):
    return window.scores >= window.threshold, window.scores


def _risen(window):
    """[B][T] by how much the score rose."""
    return window.scores - torch.cat([window.remembered("score"), window.scores[:, :-1]], dim=1)


def _rise(window):
    reached = _risen(window)
    return reached >= window.threshold, reached


def _accumulated_rise(window):
    return _accumulated(window, _risen(window) >= float32(_CLEAR_RISE[min(window.level, 1)]))


def _is_space(symbols):
    return (symbols == 32) | ((symbols >= 9) & (symbols <= 13))


def _whitespace(window):
    before = torch.cat([window.remembered("symbol", torch.int64), window.symbols[:, :-1]], dim=1)
    return _is_space(window.symbols) & ~_is_space(before), None


def _accumulated_word_end(window):
    return _accumulated(window, _whitespace(window)[0])


def _every_nth(window):
    period = max(1, math.ceil(window.threshold))
    since, begun = window.remembered("since", torch.int64), window.remembered("count", torch.int64) > 0
    first = torch.where(begun, (period - since).clamp_min(0), torch.zeros_like(since))
    behind = window.places() - first
    return (behind >= 0) & (behind % period == 0), torch.where(behind <= 0, since + window.places(), (behind - 1) % period + 1)


def _random(window):
    numbers = window.remembered("count", torch.int64) + window.places()
    chance = shifted(hash3_of(window.seed, window.level, numbers), 11).double() / 2**53
    return chance * window.threshold < 1, None


def _given(window):
    return window.marks > window.level, None


# A rise that is one, at the bytes and above.
_CLEAR_RISE = (0.5, 0.1)

# What decides, and the thresholds of bytes and above where no list names one.
_RULES = {
    "accumulated": (_accumulated, None),
    "level": (_level, (2.5, 0.5)),
    "rise": (_rise, _CLEAR_RISE),
    "accumulated_rise": (_accumulated_rise, None),
    "accumulated_word_end": (_accumulated_word_end, None),
    "whitespace": (_whitespace, (0, 0)),
    "every_nth": (_every_nth, (6, 6)),
    "random": (_random, (6, 6)),
    "given": (_given, (0, 0)),
}

RULE_NAMES = ("accumulated", "teacher_forced", *(name for name in _RULES if name != "accumulated"))


def rule_name(settings, level):
    """The rule of a level."""
    rules = settings["level_rules"]
    if level < len(rules):
        return rules[level]
    return "teacher_forced" if settings["border_mode"] == "teacher_forced" else "accumulated"


def threshold_of(settings, level):
    """The threshold that a level starts with, in its rule's unit."""
    own, rule = settings["level_thresholds"], rule_name(settings, level)
    if level < len(own):
        return float32(own[level])
    if rule == "teacher_forced":
        return float32(settings["threshold"])
    if rule == "accumulated":
        return float32(settings["meta_uncertainty_threshold" if level else "byte_entropy_threshold"])
    return float32(_RULES[rule][1][min(level, 1)])


class Border:
    """The rule of one level, for sequences side by side."""

    def __init__(self, settings, level):
        self.level, self.seed = level, settings["seed"]
        self.name, self.threshold = rule_name(settings, level), threshold_of(settings, level)

    def mark(self, scores, seen, there, states=None):
        """
        scores, there [B][T], seen [B][T][2] as seen_with gives it -> bool [B][T]. `states` [B] are RuleStates to go on from,
        which move on; None begins anew.
        """
        states = states or [RuleState() for _ in range(scores.shape[0])]
        if scores.shape[1] == 0:
            return torch.zeros_like(there)
        scores, lengths = scores.detach().float(), there.sum(dim=1).tolist()
        window = Window(scores, *seen.unbind(2), lengths, states, self.level, self.threshold, self.seed)
        marks, reached = _RULES[self.name][0](window)
        begins = (window.remembered("count", torch.int64) == 0) & (window.places() == 0)
        marks = (marks | begins) & there
        reached = torch.zeros_like(scores) if reached is None else reached.masked_fill(begins, 0)
        self._remember(window, marks, reached)
        return marks

    @staticmethod
    def _remember(window, marks, reached):
        """Moves states to the last position that is there; those of sequences without one stay."""
        latest = torch.where(marks, window.places(), -1).amax(dim=1)
        last = torch.tensor([[max(0, length - 1)] for length in window.lengths], device=marks.device)
        ends = [part.gather(1, last).squeeze(1).double() for part in (reached, window.scores, window.symbols)]
        rows = torch.stack([*ends, latest.double()]).t().tolist()
        for (end, score, symbol, border), length, state in zip(rows, window.lengths, window.states):
            if length:
                state.reached, state.score, state.symbol = end, score, int(symbol)
                state.since = length - int(border) if border >= 0 else state.since + length
                state.count += length
