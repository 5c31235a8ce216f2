"""The residual stream, with carried state, and flat, its lowest level alone."""

import math
from typing import NamedTuple

import torch
from torch import nn

from ..rules import Border, RuleState
from .parts import SYMBOLS, Output, cross_entropy_sum, entropy, gather_tokens, start, targets_of


class Carried(NamedTuple):
    """What sequences carry from window to window, as checkpoints have it."""

    states: torch.Tensor  # [B][width]
    rules: list  # [B][levels] of RuleState


def _padded(width):
    return (width + 7) // 8 * 8


def sizes_of(settings):
    """Width and number of blocks of each level, from the bytes up."""
    top = settings["num_levels"] - 1 if settings["model_type"] == "adaptive" else 0
    entry = lambda name, level: settings[name][level] if level < len(settings[name]) else 0
    width = lambda level: entry("level_widths", level) or settings["hidden_size"]
    blocks = lambda level: entry("level_blocks", level) or (2 if level == 0 or level < top else 0)
    return [(width(level), blocks(level)) for level in range(top + 1)]


class _Level(nn.Module):
    """A GRU layer that reads, blocks that add, and what a level below the top has: a head and the projection from above."""

    def __init__(self, inputs, width, blocks, above):
        super().__init__()
        layer = lambda i: nn.GRU(i, width, batch_first=True)
        self.encoder, self.blocks = layer(inputs), nn.ModuleList(layer(width) for _ in range(blocks))
        if above:
            self.uncertainty_head = nn.Linear(width, 1)
            self.parent_projection = nn.Linear(above, width, bias=False)


class ResidualModel(nn.Module):
    """
    At each level s = E(x), plus x where it is as wide, and of bytes what the tables of n-grams have for the last ones; borders by the uncertainty u of s; E(x) at borders is the x above.
    Down again s = s + Q y, y what the level above made of the latest border, and s = s + D(s) for each block. Dropout, in
    training, takes from s and from each D(s).
    """

    def __init__(self, settings):
        super().__init__()
        self.settings, self.sizes = settings, sizes_of(settings)
        self.top = len(self.sizes) - 1
        widths = [width for width, _ in self.sizes]
        self.byte_embedding = nn.Embedding(SYMBOLS, widths[0])
        self.levels = nn.ModuleList(
            _Level(widths[max(0, l - 1)], width, blocks, widths[l + 1] if l < self.top else 0)
            for l, (width, blocks) in enumerate(self.sizes)
        )
        self.byte_head = nn.Linear(widths[0], SYMBOLS)
        orders = range(2, settings["ngram_order"] + 1)
        self.ngram_embeddings = nn.ModuleDict({str(n): nn.Embedding(settings["ngram_rows"], widths[0]) for n in orders})
        self.borders = [Border(settings, l) for l in range(self.top)]
        # Where each level's encoder, blocks and latest output stand in what a sequence carries.
        self.places, self.carried_width = [], 0
        for l, (width, blocks) in enumerate(self.sizes):
            count = 1 + blocks + (l > 0)
            self.places.append([self.carried_width + i * _padded(width) for i in range(count)])
            self.carried_width += count * _padded(width)
        # The last bytes of a sequence, each plus 1, the latest first.
        self.recent_at = self.carried_width
        self.carried_width += _padded(len(self.ngram_embeddings))
        for l, level in enumerate(self.levels):
            start(level, widths[l])
            if l < self.top:
                bound = 0.1 / math.sqrt(widths[l + 1])
                nn.init.uniform_(level.parent_projection.weight, -bound, bound)
        nn.init.normal_(self.byte_embedding.weight)
        for table in self.ngram_embeddings.values():
            nn.init.zeros_(table.weight)
        start(self.byte_head, widths[0])

    def in_order(self):
        """Parameters by name in the order of checkpoints: the head stands behind the blocks of the bytes."""
        named = dict(self.named_parameters())
        head = {name: named.pop(name) for name in list(named) if name.startswith("byte_head")}
        names = list(named)
        border = "levels.0.uncertainty_head.weight"
        tables = [name for name in names if name.startswith("ngram_embeddings")]
        at = names.index(border) if border in named else len(names) - len(tables)
        return {name: head.get(name, named.get(name)) for name in [*names[:at], *head, *names[at:]]}

    def rate_factor(self, name):
        """The factor of the learning rate that a parameter has."""
        if "uncertainty_head" in name or "parent_projection" in name:
            return 0.3 if "uncertainty_head" in name else 0.1
        if name.startswith("ngram_embeddings"):
            return 1
        level = int(name.split(".")[1]) if name.startswith("levels.") else 0
        own = self.settings["level_learning_rate_factors"]
        return own[level] if level < len(own) else (0.2 if level else 1)

    def fresh(self, sequences, device=None):
        """What sequences carry at the start of a text."""
        rules = [[RuleState() for _ in range(self.settings["num_levels"])] for _ in range(sequences)]
        return Carried(torch.zeros(sequences, self.carried_width, device=device), rules)

    def _ngrams(self, symbols, states):
        """[B][T][H] the sum of the rows that the last 2, 3, ... bytes have in their tables; see c/ngrams.h."""
        count = len(self.ngram_embeddings)
        own = states[:, self.recent_at : self.recent_at + count]
        text = torch.cat([own.flip(1).long(), symbols + 1], dim=1)
        total, h = 0, torch.zeros_like(symbols)
        for k in range(count + 1):
            value = text[:, count - k : text.shape[1] - k]
            h = ((h ^ value) * 0x9E3779B1) & 0xFFFFFFFF
            h = h ^ (h >> 15)
            if k > 0:
                total = total + self.ngram_embeddings[str(k + 1)](h % self.settings["ngram_rows"])
        own.copy_(text[:, text.shape[1] - count :].flip(1).to(own.dtype))
        return total

    def _run(self, layer, x, there, states, at):
        """A layer from the states at `at` on; those of sequences without a token stay."""
        width = layer.hidden_size
        if x.shape[1] == 0:
            return x.new_zeros(x.shape[0], 0, width)
        own = states[:, at : at + width]
        out = layer(x, own.to(x.dtype).clone()[None])[0]
        self._keep(own, out, there)
        return out

    @staticmethod
    def _keep(own, rows, there):
        count = there.sum(dim=1)
        last = rows.detach().float()[torch.arange(len(rows), device=rows.device), (count - 1).clamp_min(0)]
        own.copy_(torch.where(count[:, None] > 0, last, own))

    def forward(self, symbols, following=None, carried=None, without=()):
        """
        symbols [B][T], whole numbers 0 to 255 -> Output. `following` [B] are the symbols after each window and `carried` what
        the window before it left; without them it is a text of its own. `without`: levels that go without parents.
        """
        carried = carried or self.fresh(len(symbols), symbols.device)
        states = carried.states.clone()
        rules = [[RuleState(rule.values()) for rule in row] for row in carried.rules]
        x, seen, there = self.byte_embedding(symbols), symbols, torch.ones_like(symbols, dtype=torch.bool)
        streams, uncertainties, masks, present = [], [], [], []
        for l, level in enumerate(self.levels):
            h = self._run(level.encoder, x, there, states, self.places[l][0])
            streams.append(h + x if x.shape[2] == h.shape[2] else h)
            if l == 0 and self.ngram_embeddings:
                streams[0] = streams[0] + self._ngrams(symbols, states)
            present.append(there)
            if l < self.top:
                u = nn.functional.softplus(level.uncertainty_head(streams[l].detach()).squeeze(2).float())
                mask = self.borders[l].mark(u, seen, there, [row[l] for row in rules])
                uncertainties.append(u)
                masks.append(mask)
                x, there = gather_tokens(h, mask)
                seen = gather_tokens(seen[:, :, None], mask)[0].squeeze(2)
        logits = self.byte_head(self._decode(streams, masks, present, states, without))
        sums = {"byte_decoder": cross_entropy_sum(logits, targets_of(symbols, following))}
        counts = {"byte_decoder": symbols.numel()}
        for l, goal in enumerate(self._goals(entropy(logits.detach()), masks, present)):
            error = torch.where(present[l], uncertainties[l] - goal, torch.zeros_like(goal))
            # A level without a token learns nothing, not even that its gradient is zero.
            counts[f"uncertainty_{l}"] = int(present[l].sum())
            sums[f"uncertainty_{l}"] = (error**2).sum() if counts[f"uncertainty_{l}"] else logits.new_zeros(())
        tokens = [int(p.sum()) for p in present]
        return Output(logits, logits, sums, counts, tuple(masks), Carried(states, rules), tokens)

    def _decode(self, streams, masks, present, states, without):
        s = None
        kept = lambda x: nn.functional.dropout(x, self.settings["dropout"], self.training)
        for l in range(self.top, -1, -1):
            above, s, level = s, kept(streams[l]), self.levels[l]
            if l < self.top:
                at, width = self.places[l + 1][-1], above.shape[2]
                own = states[:, at : at + width]
                # Before the window's first border the token of the window before it still is the parent.
                candidates = torch.cat([own.to(above.dtype)[:, None], above], dim=1)
                if l not in without and s.shape[1] > 0:
                    index = masks[l].cumsum(dim=1)[:, :, None].expand(-1, -1, width)
                    s = s + level.parent_projection(candidates.gather(1, index))
                if above.shape[1] > 0:
                    self._keep(own, above, present[l + 1])
            for k, block in enumerate(level.blocks):
                s = s + kept(self._run(block, s, present[l], states, self.places[l][1 + k]))
        return s

    @staticmethod
    def _goals(entropies, masks, present):
        """What each u should be: the head's entropy at a byte, above its mean over the bytes of a span in this window."""
        totals, counts, goals = entropies, torch.ones_like(entropies), []
        for mask, there in zip(masks, present):
            goals.append(totals / counts.clamp_min(1))
            upward = mask.cumsum(dim=1)
            room = totals.new_zeros(len(mask), int(mask.sum(dim=1).max() if mask.numel() else 0) + 1)
            add = lambda x: room.scatter_add(1, upward, torch.where(there, x, torch.zeros_like(x)))[:, 1:]
            totals, counts = add(totals), add(counts)
        return goals

    def total(self, losses):
        """What training minimises."""
        weight = 1 if self.settings["model_type"] == "flat" else self.settings["decoder_loss_weight"]
        own = [losses[f"uncertainty_{l}"] for l in range(self.top)]
        return weight * losses["byte_decoder"] + self.settings["uncertainty_loss_weight"] * sum(own) / max(1, len(own))
