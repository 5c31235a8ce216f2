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
    """
    A batch, with the marks of its symbols where the text has any. Where windows go on from those before, the symbols that
    follow them, and whether nothing comes before.
    """

    symbols: torch.Tensor  # [B][T]
    following: torch.Tensor = None  # [B]
    anew: bool = False
    marks: torch.Tensor = None  # [B][T]

    def parts(self):
        """The tensors that are there, by name."""
        return {name: part for name, part in self._asdict().items() if torch.is_tensor(part)}

    def on(self, device, rows=slice(None)):
        """Those sequences, on a device."""
        return self._replace(**{name: part[rows].to(device) for name, part in self.parts().items()})


def _numbers(text):
    return torch.frombuffer(bytearray(text), dtype=torch.uint8).long() if text else torch.zeros(0).long()


class Text(NamedTuple):
    """Bytes and, where they came with a list of borders, a mark for each; see borders.py."""

    content: bytes
    marks: bytes = None

    def cut(self, start, end=None):
        return Text(*(part and part[start:end] for part in self))

    def digest(self):
        return hashlib.sha256(self.content + (self.marks or b"")).hexdigest()

    def numbers(self):
        """Symbols [N], and their marks likewise or None."""
        return [part if part is None else _numbers(part) for part in self]


class Corpus:
    """A text cut into windows, its last `val_fraction` held out, or another text."""

    def __init__(self, text, settings, held_out=None):
        """`text` and `held_out` are Texts. Raises ValueError where one batch takes more than there is."""
        self.length, self.batch = settings["sequence_length"], settings["batch_size"]
        self.seed, self.shuffle = settings["seed"], settings["shuffle"]
        self.carries = carries_state(settings)
        if held_out is None:
            cut = len(text.content) - int(len(text.content) * settings["val_fraction"])
            text, held_out = text.cut(0, cut), text.cut(cut)
        self.digest = text.digest()
        self.train, self.held_out = text.numbers(), held_out.numbers()
        self.windows = len(text.content) // self.length
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

    def _read(self, text, starts, anew=False):
        """The Windows of `text` from these places on."""
        symbols, marks = (part if part is None else torch.stack([part[at : at + self.length] for at in starts]) for part in text)
        ends = (at + self.length for at in starts)
        following = torch.tensor([int(text[0][end]) if end < len(text[0]) else EOS for end in ends])
        return Windows(symbols, following if self.carries else None, anew, marks)

    def training_batch(self, step):
        """The Windows of a step, from 0."""
        return self._read(self.train, [self._window(step, i) * self.length for i in range(self.batch)])

    def held_out_batches(self, most):
        """
        At most `most` batches of the held-out text, in order; the last may be short. With carried state each sequence reads a
        part of its own.
        """
        count = len(self.held_out[0]) // self.length
        sequences = min(self.batch, count)
        if not self.carries:
            batches = [range(i, min(i + self.batch, count)) for i in range(0, count, self.batch)]
        else:
            steps = count // max(1, sequences)
            batches = [range(i, sequences * steps, steps) for i in range(steps)]
        places = lambda numbers: [number * self.length for number in numbers]
        return [self._read(self.held_out, places(own), i == 0) for i, own in enumerate(batches[:most])]
