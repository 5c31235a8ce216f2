"""When training ends: after a number of steps or minutes, when evaluations stop improving, when a target is reached."""

import math

from .sentences import said


def _early(step, settings):
    """Whether an evaluation is due although its turn has not come: at powers of two before the first regular one."""
    return settings["eval_early"] and 0 < step < settings["eval_every"] and not step & (step - 1)


def _count(number, noun):
    return f"{number:g} {noun}{'' if number == 1 else 's'}"


def _whole(value):
    return isinstance(value, int) and not isinstance(value, bool) and -1 <= value < 2**31


class StopRules:
    """The rules that may end training early, and what they remember, as checkpoints have it."""

    def __init__(self, memory=None):
        self.best, self.stale, self.counted = None, 0, -1
        if not isinstance(memory, dict):
            return
        best, stale, counted = (memory.get(name) for name in ("best", "stale", "counted"))
        known = best is None or (isinstance(best, (int, float)) and math.isfinite(best))
        if known and _whole(stale) and stale >= 0 and _whole(counted):
            self.best, self.stale, self.counted = best, stale, counted

    def memory(self):
        return {"best": self.best, "stale": self.stale, "counted": self.counted}

    def is_due(self, step, settings):
        """Whether an evaluation is due at a step and has not been counted yet."""
        every = settings["eval_every"]
        return every > 0 and (step % every == 0 or _early(step, settings)) and step > self.counted

    def count(self, step, bits, settings):
        """Counts an evaluation that was due; `bits` a byte, None where nothing is held out."""
        if not self.is_due(step, settings):
            return
        self.counted = step
        if bits is None:
            return
        if self.best is None or bits < self.best:
            self.best, self.stale = bits, 0
        elif not _early(step, settings):
            self.stale += 1

    def reason(self, step, seconds, settings):
        """Why training ends now, for a sentence; None where it goes on."""
        target, patience, minutes = (settings[name] for name in ("target_bpb", "patience", "max_minutes"))
        if step >= settings["max_steps"]:
            return said("all_made")
        if target > 0 and self.best is not None and self.best <= target:
            return said("target", target=target)
        if 0 < patience <= self.stale:
            return said("no_progress", count=_count(patience, "evaluation"))
        if 0 < minutes * 60 <= seconds:
            return said("minutes", count=_count(minutes, "minute"))
        return None
