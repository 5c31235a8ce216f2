"""Which bytes a step reads: the same windows in the same order as the core reads them."""

import torch

_MASK = (1 << 64) - 1


def _mix(x):
    x = (x + 0x9E3779B97F4A7C15) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


def _hash3(a, b, c):
    return _mix(_mix(_mix(a) ^ b) ^ c)


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
            left, right = right, left ^ (_hash3(seed, (epoch << 32) | number, right) & 0xFFFFFFFF & mask)
        x = (left << half) | right
        if x < count:
            return x


class Corpus:
    """A text cut into windows, its last `val_fraction` held out."""

    def __init__(self, text, settings):
        self.length, self.batch = settings["sequence_length"], settings["batch_size"]
        self.seed, self.shuffle = settings["seed"], settings["shuffle"]
        cut = len(text) - int(len(text) * settings["val_fraction"])
        symbols = torch.frombuffer(bytearray(text), dtype=torch.uint8).long() if text else torch.zeros(0).long()
        self.train, self.held_out = symbols[:cut], symbols[cut:]
        self.windows = len(self.train) // self.length
        self.steps_per_epoch = self.windows // self.batch
        if self.steps_per_epoch == 0:
            raise ValueError("The text is shorter than one batch: choose a longer text or a smaller batch.")

    def training_batch(self, step):
        """The batch of a step, from 0: [B][T]."""
        epoch, place = divmod(step, self.steps_per_epoch)
        numbers = range(place * self.batch, (place + 1) * self.batch)
        if self.shuffle:
            numbers = [shuffled(self.seed, epoch, self.windows, i) for i in numbers]
        return torch.stack([self.train[n * self.length : (n + 1) * self.length] for n in numbers])

    def held_out_batches(self, most):
        """At most `most` batches of the held-out text, in order; the last may be short."""
        count = len(self.held_out) // self.length
        windows = self.held_out[: count * self.length].reshape(count, self.length)
        return list(windows.split(self.batch))[:most]
