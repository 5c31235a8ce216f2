"""What a residual stream is made of: its levels, the tables of n-grams and spans, and what all of it carries on."""

import math
from typing import NamedTuple

import torch
from torch import nn

from ..numbers import mixed
from .parts import gather_tokens, start
from .recall import ROWS, SLOTS, recalled

# Dropout counts the parts of a level in steps of this.
_LEVELS = 8


class Carried(NamedTuple):
    """What sequences carry from window to window, as checkpoints have it."""

    states: torch.Tensor  # [B][width]
    rules: list  # [B][levels] of RuleState


def padded(width):
    """The room that a state takes in what is carried."""
    return (width + 7) // 8 * 8


def sizes_of(settings):
    """Width and number of blocks of each level, from the bytes up."""
    top = settings["num_levels"] - 1 if settings["model_type"] == "adaptive" else 0
    entry = lambda name, level: settings[name][level] if level < len(settings[name]) else 0
    width = lambda level: entry("level_widths", level) or settings["hidden_size"]
    blocks = lambda level: entry("level_blocks", level) or (2 if level == 0 or level < top else 0)
    return [(width(level), blocks(level)) for level in range(top + 1)]


def scored_by_encoder(settings):
    """The number of levels whose scores come from a head of the encoder: 1, the bytes', or 0. Without borders there are none."""
    return int(settings["encoder_scores"] and len(sizes_of(settings)) > 1)


def keep(own, rows, there):
    """Puts each sequence's last row of those that are `there` [B][N] into `own` [B][H]; without one it stays."""
    count = there.sum(dim=1)
    last = rows.detach().float()[torch.arange(len(rows), device=rows.device), (count - 1).clamp_min(0)]
    own.copy_(torch.where(count[:, None] > 0, last, own))


def goals_of(entropies, masks, present):
    """
    What the uncertainties of each level but the top should be: the head's entropy [B][T] at a byte, above its mean over the
    bytes of a span in this window.
    """
    totals, counts, goals = entropies, torch.ones_like(entropies), []
    for mask, there in zip(masks, present):
        goals.append(totals / counts.clamp_min(1))
        upward = mask.cumsum(dim=1)
        room = totals.new_zeros(len(mask), int(mask.sum(dim=1).max() if mask.numel() else 0) + 1)
        add = lambda x: room.scatter_add(1, upward, torch.where(there, x, torch.zeros_like(x)))[:, 1:]
        totals, counts = add(totals), add(counts)
    return goals


class Level(nn.Module):
    """A GRU layer that reads, blocks that add, and what a level below the top has: a head and the projection from above."""

    def __init__(self, number, sizes, at, dropout, uncertain):
        """`sizes` of all levels; `at`: where its states begin in what a sequence carries; `uncertain`: whether it has the head."""
        super().__init__()
        width, blocks = sizes[number]
        layer = lambda inputs: nn.GRU(inputs, width, batch_first=True)
        self.encoder, self.blocks = layer(sizes[max(0, number - 1)][0]), nn.ModuleList(layer(width) for _ in range(blocks))
        above = sizes[number + 1][0] if number + 1 < len(sizes) else 0
        if above and uncertain:
            self.uncertainty_head = nn.Linear(width, 1)
        if above:
            self.parent_projection = nn.Linear(above, width, bias=False)
        self.number, self.dropout = number, dropout
        # Where its encoder, its blocks and, above the bytes, its latest output stand.
        self.places = [at + i * padded(width) for i in range(1 + blocks + (number > 0))]
        self.end = self.places[-1] + padded(width)
        start(self, width)
        if above:
            bound = 0.1 / math.sqrt(above)
            nn.init.uniform_(self.parent_projection.weight, -bound, bound)

    def _run(self, layer, x, there, states, at):
        """A layer from the states at `at` on; those of sequences without a token stay."""
        width = layer.hidden_size
        if x.shape[1] == 0:
            return x.new_zeros(x.shape[0], 0, width)
        own = states[:, at : at + width]
        out = layer(x, own.to(x.dtype).clone()[None])[0]
        keep(own, out, there)
        return out

    def _kept(self, x, part):
        """With dropout in training: part 0 is what the blocks begin with, part 1 + k what block k adds."""
        return self.dropout(x, part * _LEVELS + self.number) if self.training and self.dropout.rate > 0 else x

    def encode(self, x, there, states):
        """x [B][N][inputs] -> what borders hand up, and the stream: the same plus x where it is as wide [B][N][width]."""
        h = self._run(self.encoder, x, there, states, self.places[0])
        return h, h + x if x.shape[2] == h.shape[2] else h

    def score(self, stream):
        """[B][N][width] -> [B][N], how unsure the model will be; the stream learns nothing from it."""
        return nn.functional.softplus(self.uncertainty_head(stream.detach()).squeeze(2).float())

    def parents(self, above, mask, states, upper):
        """[B][N][width] what the level `upper` made of the latest border, projected; `above` [B][tokens][its width]."""
        own = states[:, upper.places[-1] :][:, : above.shape[2]]
        # Before the window's first border the token of the window before it still is the parent.
        candidates = torch.cat([own.to(above.dtype)[:, None], above], dim=1)
        index = mask.cumsum(dim=1)[:, :, None].expand(-1, -1, above.shape[2])
        return self.parent_projection(candidates.gather(1, index))

    def decode(self, s, parents, there, states):
        """The stream with its parents, if it has any, and what the blocks add."""
        s = self._kept(s, 0)
        s = s if parents is None else s + parents
        for k, block in enumerate(self.blocks):
            s = s + self._kept(self._run(block, s, there, states, self.places[1 + k]), 1 + k)
        return s


# What the names of tables begin with.
TABLES = ("ngram_embeddings", "span_embeddings", "token_embeddings", "ngram_recall", "span_recall")


class Tables(nn.ModuleDict):
    """Tables with a row for each hash of what came before, all zero at first; see c/ngrams.h."""

    def __init__(self, orders, rows, width, at):
        """`at`: where in what a sequence carries a number for each table stands."""
        super().__init__({str(n): nn.Embedding(rows, width) for n in orders})
        self.rows, self.at, self.end = rows, at, at + padded(len(self))
        for table in self.values():
            nn.init.zeros_(table.weight)

    def chosen(self, hashes):
        """For each table [B][T] -> [B][T][width], the sum of the rows that these choose."""
        return sum(table(h % self.rows) for table, h in zip(self.values(), hashes))


class Recall(Tables):
    """Tables for what followed contexts the last time: one for each table of another kind, whose hashes are its contexts."""

    def __init__(self, orders, width, at, first, contexts):
        """`at`: where in what a sequence carries that of all `contexts` stands; those of these tables begin with `first`."""
        super().__init__(orders, ROWS, width, at + first)
        self.slots_at = at + padded(contexts) + first * SLOTS
        self.end = at + padded(contexts) + contexts * SLOTS

    def forward(self, symbols, hashes, states):
        """[B][T] and for each table hashes [B][T] -> [B][T][width], the sum of the rows that are chosen; 0 without tables."""
        if not self:
            return 0
        count = len(self)
        slots = states[:, self.slots_at : self.slots_at + count * SLOTS].unflatten(1, (count, SLOTS))
        rows = recalled(symbols, torch.stack(hashes, dim=1), states[:, self.at : self.at + count], slots)
        return sum(table(own) for table, own in zip(self.values(), rows.unbind(1)))


class NGrams(Tables):
    """Tables for the last 2, 3, ... bytes; sequences carry these, each plus 1 and the latest first."""

    def forward(self, symbols, states, recall):
        """[B][T] -> [B][T][width], the sum of the rows that are chosen, those of `recall` included."""
        count = len(self)
        own = states[:, self.at : self.at + count]
        text = torch.cat([own.flip(1).long(), symbols + 1], dim=1)
        hashes = [mixed(torch.zeros_like(symbols), symbols + 1)]
        for k in range(1, count + 1):
            hashes.append(mixed(hashes[-1], text[:, count - k : text.shape[1] - k]))
        own.copy_(text[:, text.shape[1] - count :].flip(1).to(own.dtype))
        return self.chosen(hashes[1:]) + recall(symbols, hashes[1:], states)


def _span_hashes(symbols, mask, unfinished):
    """[B][T] what the bytes since the border before each position make; each depends on the one before. `unfinished` [B]."""
    hashes, p = [], unfinished
    # Many small steps, which a processor does sooner than a GPU.
    for own, ends in zip((symbols + 1).cpu().unbind(1), mask.cpu().unbind(1)):
        hashes.append(mixed(p, own) & 0xFFFFFF)
        p = hashes[-1].masked_fill(ends, 0)
    return torch.stack(hashes, dim=1).to(symbols.device)


class Spans(Tables):
    """
    Tables for the bytes since the latest border, and for these and the 1, 2, ... spans before them. Sequences carry a hash of
    each span, plus 1, and 0 where there is none: the unfinished one's first, then the latest first.
    """

    def hashes(self, symbols, mask, states):
        """[B][T] and which are borders -> [B][T], hashes of the bytes since the latest border. Keeps the unfinished span's."""
        hashes = _span_hashes(symbols, mask, (states[:, self.at].long() - 1).clamp_min(0).cpu())
        states[:, self.at] = (hashes[:, -1] + 1).masked_fill(mask[:, -1], 0)
        return hashes

    def forward(self, symbols, hashes, mask, states, recall):
        """[B][T] of each -> [B][T][width], the sum of the rows that are chosen, those of `recall` included."""
        count = len(self)
        own = states[:, self.at : self.at + count]
        finished = torch.cat([own[:, 1:].flip(1).long(), gather_tokens(hashes[:, :, None] + 1, mask)[0].squeeze(2)], dim=1)
        # Spans that end before each position, and behind the last one.
        ended = nn.functional.pad(mask.long().cumsum(dim=1), (1, 0))
        contexts = [hashes]
        for k in range(1, count):
            before = finished.gather(1, ended + count - 1 - k)
            contexts.append(mixed(contexts[-1], before[:, :-1]))
            own[:, k] = before[:, -1]
        return self.chosen(contexts) + recall(symbols, contexts, states)


class Tokens(Tables):
    """At most one table, for the bytes of each token of level 1: the span that its border ended."""

    def forward(self, x, hashes, mask):
        """x [B][tokens][width], what borders hand up, and hashes of spans [B][T] -> x with the rows that are chosen."""
        if not self or x.shape[1] == 0:
            return x
        ended, there = gather_tokens(hashes[:, :, None], mask)
        rows = self["1"](ended.squeeze(2) % self.rows)
        return x + torch.where(there[:, :, None], rows, torch.zeros_like(rows))


def tables_of(settings, width, at):
    """
    The tables of n-grams, and those of spans and of tokens, which need borders; `at`: where they begin in what a sequence
    carries. The table of tokens carries nothing but the unfinished span's hash, as those of spans do.
    """
    borders, rows = len(sizes_of(settings)) > 1, settings["ngram_rows"]
    ngrams = NGrams(range(2, settings["ngram_order"] + 1), rows, width, at)
    spans = Spans(range(1, settings["span_order"] * borders + 1), rows, width, ngrams.end)
    return ngrams, spans, Tokens(range(1, settings["token_embeddings"] * borders + 1), rows, width, ngrams.end)


def recall_of(settings, width, tables):
    """For `tables`, as tables_of gives them: those of what n-grams recall, and of what spans do. They carry theirs behind."""
    ngrams, spans, tokens = tables
    orders = [list(each) if settings["recall"] else [] for each in (ngrams, spans)]
    contexts, at = sum(map(len, orders)), max(spans.end, tokens.end)
    return Recall(orders[0], width, at, 0, contexts), Recall(orders[1], width, at, len(orders[0]), contexts)
