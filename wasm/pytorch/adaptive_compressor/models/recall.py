"""What sequences recall: which byte followed a context the last time, and how many times in a row; see c/recall.h."""

from typing import NamedTuple

import torch
from torch import nn

from ..numbers import mixed

# Slots of each context.
SLOTS = 32768

# Repeats that are told from each other at most.
_MOST = 7

# Rows of a context's table.
ROWS = 1 + 257 * (_MOST + 1)

_SALT = 0x5EED


class Memory(NamedTuple):
    """What slots say, or what is said of them, each [B][contexts][visits]."""

    byte: torch.Tensor  # plus 1, and 0 where none has followed
    repeats: torch.Tensor
    check: torch.Tensor  # which context it is, of those that share a slot

    def packed(self):
        """As one number each."""
        return self.check << 12 | self.repeats << 9 | self.byte

    def row(self):
        """The row of the context's table that stands for this."""
        return torch.where(self.byte > 0, self.byte + 257 * self.repeats, 0)


def _unpacked(numbers):
    """Memory may come from a file, so that any number may stand there: those of no slot say nothing."""
    bits = numbers.masked_fill((numbers < 0) | (numbers >= 1 << 23), 0).long()
    byte = bits & 511
    return Memory(byte.masked_fill(byte > 257, 0), bits >> 9 & _MOST, bits >> 12)


def _repeats(again, opens, repeats):
    """How many times in a row the same byte has followed, where it does so `again`; a slot `opens` with its own `repeats`."""
    index = torch.arange(again.shape[2], device=again.device).expand_as(again)
    # Where a row of the same byte begins, and what it begins with.
    start = index.masked_fill(again & ~opens, 0).cummax(dim=2).values
    first = (repeats + 1).masked_fill(~again, 0)
    return (index - start + first.gather(2, start)).clamp_max(_MOST)


def recalled(symbols, hashes, latest, slots):
    """
    symbols [B][T] and hashes of contexts [B][contexts][T] -> rows of the contexts' tables, of the same shape. Sequences carry
    `latest` [B][contexts], the slot that each context had last, from 1, and `slots` [B][contexts][SLOTS]; both move on.

    A position visits a slot: it reads what is known there, and then the slot learns the byte that follows. So what a visit finds
    is what the one before left at the same slot, and all visits are found at once where they are sorted by their slots. The
    first visit is that of the window before, which only has to learn; the last one has yet to.
    """
    last, g = symbols.shape[1], mixed(hashes, _SALT)
    # Behind all slots is one for a visit that never was.
    pending = (latest.long() - 1).masked_fill((latest < 1) | (latest > SLOTS), SLOTS)
    place, number = torch.cat([pending[:, :, None], g % SLOTS], dim=2).sort(dim=2, stable=True)
    changes = place[:, :, 1:] != place[:, :, :-1]
    opens, closes = (nn.functional.pad(changes, ends, value=True) for ends in ((1, 0), (0, 1)))
    kept = _unpacked(slots.gather(2, place.clamp_max(SLOTS - 1)))
    check = nn.functional.pad(g >> 21, (1, 0)).gather(2, number)
    check = torch.where(number == 0, kept.check, check)
    following = nn.functional.pad(symbols + 1, (0, 1))[:, None].expand_as(number).gather(2, number)
    before = lambda learnt, own: torch.where(opens, own, learnt.roll(1, dims=2))
    # Another context's memory makes room.
    other = before(check, kept.check) != check
    byte = before(following, kept.byte).masked_fill(other, 0)
    repeats = _repeats(following == byte, opens, kept.repeats)
    found = Memory(byte, before(repeats, kept.repeats).masked_fill(other, 0), check)
    left = torch.where(number < last, Memory(following, repeats, check).packed(), found.packed())
    # What the last visit has only read stays as it is.
    written = closes & (place < SLOTS) & ((number < last) | ~opens | other)
    sequence, context, _ = written.nonzero(as_tuple=True)
    slots[sequence, context, place[written]] = left[written].to(slots.dtype)
    latest.copy_(g[:, :, -1] % SLOTS + 1)
    return torch.zeros_like(number).scatter(2, number, found.row())[:, :, 1:]
