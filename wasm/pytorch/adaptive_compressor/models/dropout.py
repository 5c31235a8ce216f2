"""Dropout with the core's masks, so that the same numbers are left out there, here, on any device and in any process."""

import torch

from ..numbers import float32, hash3_of, hash_of


class Dropout:
    """
    Leaves out numbers of a model's states in training. A mask depends on the seed, the training step, the place in the model and
    the place in the batch alone; see c/dropout.h.
    """

    def __init__(self, settings):
        self.rate, self.seed = float32(settings["dropout"]), settings["seed"]
        # The training step, and which sequence of the batch comes first here.
        self.step, self.first = 0, 0

    def __call__(self, x, place):
        """x [B][T][H] of the part `place` of a model -> the same, what is kept scaled up by 1 / (1 - rate)."""
        count = lambda axis: torch.arange(x.shape[axis], device=x.device)
        rows = (count(0)[:, None] + self.first << 32) + count(1)
        keys = hash3_of(self.seed, (place >> 8) << 40 | self.step << 8 | place & 255, rows)
        kept = hash_of(keys[:, :, None], count(2)) >= int(self.rate * 2**32)
        return x * kept * float32(1 / float32(1 - self.rate))
