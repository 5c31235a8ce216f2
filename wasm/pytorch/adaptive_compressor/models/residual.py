"""The residual stream, with carried state, and flat, its lowest level alone."""

import torch
from torch import nn

from ..rules import Border, RuleState
from .dropout import Dropout
from .levels import TABLES, Carried, Level, goals_of, keep, recall_of, sizes_of, tables_of
from .parts import SYMBOLS, Output, cross_entropy_sum, entropy, gather_tokens, start, targets_of


class ResidualModel(nn.Module):
    """
    At each level s = E(x), plus x where it is as wide, and of bytes what the tables of n-grams have for the last ones; borders
    by the uncertainty u of s; E(x) at borders is the x above, of bytes with what the table of tokens has. Down again s = s + Q y, y what the level above made of the latest
    border, at bytes with what the tables of spans have, and s = s + D(s) for each block. Dropout takes from s and each D(s).
    """

    def __init__(self, settings):
        super().__init__()
        self.settings, self.dropout = settings, Dropout(settings)
        sizes = sizes_of(settings)
        self.top, width = len(sizes) - 1, sizes[0][0]
        self.byte_embedding = nn.Embedding(SYMBOLS, width)
        self.levels, at = nn.ModuleList(), 0
        for l in range(len(sizes)):
            self.levels.append(Level(l, sizes, at, self.dropout))
            at = self.levels[l].end
        self.byte_head = nn.Linear(width, SYMBOLS)
        self.ngram_embeddings, self.span_embeddings, self.token_embeddings = tables = tables_of(settings, width, at)
        self.ngram_recall, self.span_recall = recall_of(settings, width, tables)
        self.carried_width = self.span_recall.end
        self.borders = [Border(settings, l) for l in range(self.top)]
        nn.init.normal_(self.byte_embedding.weight)
        start(self.byte_head, width)

    def in_order(self):
        """Parameters by name in the order of checkpoints: the head stands behind the blocks of the bytes."""
        named = dict(self.named_parameters())
        head = [name for name in named if name.startswith("byte_head")]
        rest = [name for name in named if name not in head]
        at = next(i for i, name in enumerate(named) if name.startswith(("levels.0.uncertainty_head", "byte_head")))
        return {name: named[name] for name in [*rest[:at], *head, *rest[at:]]}

    def rate_factor(self, name):
        """The factor of the learning rate that a parameter has."""
        if "uncertainty_head" in name or "parent_projection" in name:
            return 0.3 if "uncertainty_head" in name else 0.1
        if name.startswith(TABLES):
            return 1
        own, level = self.settings["level_learning_rate_factors"], int(name.split(".")[1]) if name.startswith("levels.") else 0
        return own[level] if level < len(own) else (0.2 if level else 1)

    def fresh(self, sequences, device=None):
        """What sequences carry at the start of a text."""
        rules = [[RuleState() for _ in range(self.settings["num_levels"])] for _ in range(sequences)]
        return Carried(torch.zeros(sequences, self.carried_width, device=device), rules)

    def forward(self, symbols, following=None, carried=None, without=()):
        """
        symbols [B][T], whole numbers 0 to 255 -> Output. `following` [B] are the symbols after each window and `carried` what
        the window before it left; without them it is a text of its own. `without`: levels that go without parents.
        """
        carried = carried or self.fresh(len(symbols), symbols.device)
        states, rules = carried.states.clone(), [[RuleState(rule.values()) for rule in row] for row in carried.rules]
        x, seen, there = self.byte_embedding(symbols), symbols, torch.ones_like(symbols, dtype=torch.bool)
        streams, uncertainties, masks, present = [], [], [], []
        for l, level in enumerate(self.levels):
            h, stream = level.encode(x, there, states)
            streams.append(stream if l > 0 else stream + self.ngram_embeddings(symbols, states, self.ngram_recall))
            present.append(there)
            if l < self.top:
                u = nn.functional.softplus(level.uncertainty_head(streams[l].detach()).squeeze(2).float())
                mask = self.borders[l].mark(u, seen, there, [row[l] for row in rules])
                uncertainties.append(u)
                masks.append(mask)
                x, there = gather_tokens(h, mask)
                if l == 0 and (self.span_embeddings or self.token_embeddings):
                    x = self.token_embeddings(x, hashes := self.span_embeddings.hashes(symbols, mask, states), mask)
                seen = gather_tokens(seen[:, :, None], mask)[0].squeeze(2)
        spans = self.span_embeddings(symbols, hashes, masks[0], states, self.span_recall) if self.span_embeddings else 0
        logits = self.byte_head(self._decode(streams, masks, present, spans, states, without))
        sums = {"byte_decoder": cross_entropy_sum(logits, targets_of(symbols, following))}
        counts = {"byte_decoder": symbols.numel()}
        for l, goal in enumerate(goals_of(entropy(logits.detach()), masks, present)):
            error = torch.where(present[l], uncertainties[l] - goal, torch.zeros_like(goal))
            # A level without a token learns nothing, not even that its gradient is zero.
            counts[f"uncertainty_{l}"] = int(present[l].sum())
            sums[f"uncertainty_{l}"] = (error**2).sum() if counts[f"uncertainty_{l}"] else logits.new_zeros(())
        return Output(logits, logits, sums, counts, tuple(masks), Carried(states, rules), [int(p.sum()) for p in present])

    def _decode(self, streams, masks, present, spans, states, without):
        """From the top down; y is what the level above made of its tokens. `spans` [B][T][width] comes to bytes with it."""
        y = None
        for l in range(self.top, -1, -1):
            level, parents = self.levels[l], None
            if l < self.top:
                upper = self.levels[l + 1]
                if l not in without and streams[l].shape[1] > 0:
                    parents = level.parents(y, masks[l], states, upper) + (0 if l > 0 else spans)
                if y.shape[1] > 0:
                    keep(states[:, upper.places[-1] :][:, : y.shape[2]], y, present[l + 1])
            y = level.decode(streams[l], parents, present[l], states)
        return y

    def total(self, losses):
        """What training minimises."""
        weight = 1 if self.settings["model_type"] == "flat" else self.settings["decoder_loss_weight"]
        own = [losses[f"uncertainty_{l}"] for l in range(self.top)]
        return weight * losses["byte_decoder"] + self.settings["uncertainty_loss_weight"] * sum(own) / max(1, len(own))
