"""Border rules: which positions of a level become tokens of the next. None passes a gradient; all numbers are float32."""

import struct

import torch

_MASK = (1 << 64) - 1

# What a rule remembers of a sequence, in the order of checkpoints; all zeros before the first position.
FIELDS = ("reached", "sum", "score", "symbol", "since", "count")

_SPACES = frozenset(b" \t\n\v\f\r")


def _mix(x):
    x = (x + 0x9E3779B97F4A7C15) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


def hash3(a, b, c):
    """64 bits for three words, as the core has them."""
    return _mix(_mix(_mix(a) ^ b) ^ c)


def shortest(x):
    """The number with the fewest digits that is this float32."""
    return next(number for number in (float(f"{x:.{digits}g}") for digits in range(1, 18)) if float32(number) == x)


def float32(x):
    """The nearest number that a float32 can hold."""
    return struct.unpack("f", struct.pack("f", x))[0]


class RuleState:
    """A rule at its place in a sequence."""

    __slots__ = FIELDS

    def __init__(self, values=(0.0,) * len(FIELDS)):
        for field, value in zip(FIELDS, values):
            setattr(self, field, value)

    def values(self):
        return [getattr(self, field) for field in FIELDS]


def _accumulated(state, at):
    state.sum = state.reached = float32(state.sum + at.score)
    if state.sum < at.threshold:
        return False
    state.sum = 0.0
    return True


def _level(state, at):
    state.reached = at.score
    return at.score >= at.threshold


def _rise(state, at):
    state.reached = float32(at.score - state.score)
    return state.reached >= at.threshold


def _whitespace(state, at):
    return at.symbol in _SPACES and state.symbol not in _SPACES


def _every_nth(state, at):
    state.reached = float(state.since)
    return state.since >= at.threshold


def _random(state, at):
    chance = (hash3(at.seed, at.level, int(state.count)) >> 11) / 2**53
    return chance * at.threshold < 1


# What decides at a position that is not the first, and the thresholds of bytes and above where no list names one.
_RULES = {
    "accumulated": (_accumulated, None),
    "level": (_level, (2.5, 0.5)),
    "rise": (_rise, (0.5, 0.1)),
    "whitespace": (_whitespace, (0, 0)),
    "every_nth": (_every_nth, (6, 6)),
    "random": (_random, (6, 6)),
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
        self.level, self.seed, self.score, self.symbol = level, settings["seed"], 0.0, 0
        self.name, self.threshold = rule_name(settings, level), threshold_of(settings, level)

    def _next(self, state):
        state.reached = 0.0
        border = state.count == 0 or _RULES[self.name][0](state, self)
        state.score, state.symbol = self.score, self.symbol
        state.since = 1 if border else state.since + 1
        state.count += 1
        return border

    def mark(self, scores, symbols, there, states=None):
        """
        scores, symbols, there [B][T] -> bool [B][T]. `symbols` are the last bytes that positions had seen; `states` [B] are
        RuleStates to go on from, which move on; None begins anew.
        """
        states = states or [RuleState() for _ in range(scores.shape[0])]
        lengths = there.sum(dim=1).tolist()
        rows = zip(scores.detach().float().tolist(), symbols.tolist(), lengths, states)
        marks = []
        for row, seen, length, state in rows:
            marks.append([False] * len(row))
            for t in range(length):
                self.score, self.symbol = row[t], seen[t]
                marks[-1][t] = self._next(state)
        return torch.tensor(marks, dtype=torch.bool, device=scores.device).reshape(scores.shape)
