"""Which bytes a step reads: the same windows in the same order as the core reads them."""

import hashlib
from typing import NamedTuple

import torch

from .models.parts import EOS
from .numbers import hash3
from .sentences import said
from .settings import carries_state


def shuffled(seed, epoch, count, index):
    """The place of item `index` in the random order of 0 … count − 1 that (seed, epoch) has; see c/random.h."""
    half = 1
    while half < 16 and (1 << (2 * half)) < count:
        half += 1
    mask = (1 << half) - 1
    x = index
    while True:
        left, right = x >> half, x & mask
        for number in range(4):
            left, right = right, left ^ (hash3(seed, (epoch << 32) | number, right) & mask)
        x = (left << half) | right
        if x < count:
            return x


class Windows(NamedTuple):
    """A batch. Where windows go on from those before, the symbols that follow them, and whether nothing comes before."""

    symbols: torch.Tensor  # [B][T]
    following: torch.Tensor = None  # [B]
    anew: bool = False


def _symbols(text):
    return torch.frombuffer(bytearray(text), dtype=torch.uint8).long() if text else torch.zeros(0).long()


class Corpus:
    """A text cut into windows, its last `val_fraction` held out, or another text."""

    def __init__(self, text, settings, held_out=None):
        """`text` and `held_out` are bytes. Raises ValueError where one batch takes more than there is."""
        self.length, self.batch = settings["sequence_length"], settings["batch_size"]
        self.seed, self.shuffle = settings["seed"], settings["shuffle"]
        self.carries = carries_state(settings)
        if held_out is None:
            cut = len(text) - int(len(text) * settings["val_fraction"])
            text, held_out = text[:cut], text[cut:]
        self.digest = hashlib.sha256(text).hexdigest()
        self.train, self.held_out = _symbols(text), _symbols(held_out)
        self.windows = len(self.train) // self.length
        # Windows that are read in order before the next segment comes.
        self.segment = 1
        if self.carries:
            wanted = int(settings["segment_length"] / self.length + 0.5)
            most = max(1, self.windows // self.batch)
            self.segment = min(wanted, most) if wanted else most
        self.segments = self.windows // self.segment
        self.rounds = self.segments // self.batch
        self.steps_per_epoch = self.rounds * self.segment
        if self.steps_per_epoch == 0:
            raise ValueError(said("short_text"))

    def _window(self, step, sequence):
        """The number of the window that a sequence reads at a step. Sequences come to new segments one after another."""
        own = step + (sequence * self.segment) // self.batch
        epoch, turn = divmod(own // self.segment, self.rounds)
        chosen = turn * self.batch + sequence
        if self.shuffle:
            chosen = shuffled(self.seed, epoch, self.segments, chosen)
        return chosen * self.segment + own % self.segment

    def _read(self, text, starts):
        """Windows of `text` from these places on, and what follows each."""
        rows = torch.stack([text[at : at + self.length] for at in starts])
        following = [int(text[at + self.length]) if at + self.length < len(text) else EOS for at in starts]
        return rows, torch.tensor(following) if self.carries else None

    def training_batch(self, step):
        """The Windows of a step, from 0."""
        return Windows(*self._read(self.train, [self._window(step, i) * self.length for i in range(self.batch)]))

    def held_out_batches(self, most):
        """
        At most `most` batches of the held-out text, in order; the last may be short. With carried state each sequence reads a
        part of its own.
        """
        count = len(self.held_out) // self.length
        if not self.carries:
            windows = self.held_out[: count * self.length].reshape(count, self.length)
            return [Windows(batch) for batch in windows.split(self.batch)][:most] if count else []
        sequences = min(self.batch, count)
        steps = count // max(1, sequences)
        places = lambda i: [(s * steps + i) * self.length for s in range(sequences)]
        return [Windows(*self._read(self.held_out, places(i)), i == 0) for i in range(min(most, steps))]
