"""The residual stream, with carried state, and flat, its lowest level alone."""

import torch
from torch import nn

from ..rules import Border, RuleState, seen_with
from .dropout import Dropout
from .levels import TABLES, Carried, Level, goals_of, keep, recall_of, scored_by_encoder, sizes_of, tables_of
from .parts import SYMBOLS, Output, cross_entropy_sum, entropy, gather_tokens, start, targets_of


def _sums_of(heads, targets, uncertainties, masks, present):
    """
    What the logits of each head [B][T][257] cost, and how far uncertainties were off at the levels that learn them, None at
    others -> sums and what these are divided by, as in Output.
    """
    sums = {name: cross_entropy_sum(logits, targets) for name, logits in heads.items()}
    counts = dict.fromkeys(sums, targets.numel())
    for l, goal in enumerate(goals_of(entropy(heads["byte_decoder"].detach()), masks, present)):
        if uncertainties[l] is not None:
            error = torch.where(present[l], uncertainties[l] - goal, torch.zeros_like(goal))
            # A level without a token learns nothing, not even that its gradient is zero.
            counts[f"uncertainty_{l}"] = int(present[l].sum())
            sums[f"uncertainty_{l}"] = (error**2).sum() if counts[f"uncertainty_{l}"] else goal.new_zeros(())
    return sums, counts


class ResidualModel(nn.Module):
    """
    At each level s = E(x), plus x where it is as wide, and of bytes what the tables of n-grams have for the last ones. Borders
    go by how unsure the model will be, estimated from s, or at bytes by the entropy of a head on s. E(x) at borders is the x
    above, of bytes with what the table of tokens has. Down again s = s + Q y, y what the level above made of the latest border,
    at bytes with what the tables of spans have, and s = s + D(s) for each block. Dropout takes from s and each D(s).
    """

    def __init__(self, settings):
        super().__init__()
        self.settings, self.dropout, self.first = settings, Dropout(settings), scored_by_encoder(settings)
        sizes = sizes_of(settings)
        self.top, width = len(sizes) - 1, sizes[0][0]
        self.byte_embedding = nn.Embedding(SYMBOLS, width)
        self.levels, at = nn.ModuleList(), 0
        for l in range(len(sizes)):
            self.levels.append(Level(l, sizes, at, self.dropout, l >= self.first))
            at = self.levels[l].end
        self.byte_head = nn.Linear(width, SYMBOLS)
        self.byte_encoder_head = nn.Linear(width, SYMBOLS) if self.first else None
        self.ngram_embeddings, self.span_embeddings, self.token_embeddings = tables = tables_of(settings, width, at)
        self.ngram_recall, self.span_recall = recall_of(settings, width, tables)
        self.carried_width = self.span_recall.end
        self.borders = [Border(settings, l) for l in range(self.top)]
        nn.init.normal_(self.byte_embedding.weight)
        for head in filter(None, (self.byte_head, self.byte_encoder_head)):
            start(head, width)

    def in_order(self):
        """Parameters by name in the order of checkpoints: the heads stand behind the blocks of the bytes."""
        named = dict(self.named_parameters())
        heads = [name for name in named if name.startswith(("byte_head", "byte_encoder_head"))]
        rest = [name for name in named if name not in heads]
        at = next(i for i, name in enumerate(named) if name.startswith(("levels.0.uncertainty", "levels.0.parent", "byte_head")))
        return {name: named[name] for name in [*rest[:at], *heads, *rest[at:]]}

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

    def forward(self, symbols, following=None, carried=None, without=(), marks=None):
        """
        symbols [B][T], whole numbers 0 to 255, and their `marks` -> Output. `following` [B] are the symbols after each window
        and `carried` what the window before it left, else it is a text of its own; levels in `without` go without parents.
        """
        carried = carried or self.fresh(len(symbols), symbols.device)
        states, rules = carried.states.clone(), [[RuleState(rule.values()) for rule in row] for row in carried.rules]
        x, seen, there = self.byte_embedding(symbols), seen_with(symbols, marks), torch.ones_like(symbols, dtype=torch.bool)
        streams, uncertainties, masks, present, heads = [], [], [], [], {}
        for l, level in enumerate(self.levels):
            h, stream = level.encode(x, there, states)
            streams.append(stream if l > 0 else stream + self.ngram_embeddings(symbols, states, self.ngram_recall))
            present.append(there)
            if l < self.top:
                if l < self.first:
                    heads["byte_encoder"] = self.byte_encoder_head(streams[l])
                uncertainties.append(level.score(streams[l]) if l >= self.first else None)
                score = uncertainties[l] if l >= self.first else entropy(heads["byte_encoder"].detach())
                masks.append(mask := self.borders[l].mark(score, seen, there, [row[l] for row in rules]))
                x, there = gather_tokens(h, mask)
                if l == 0 and (self.span_embeddings or self.token_embeddings):
                    x = self.token_embeddings(x, hashes := self.span_embeddings.hashes(symbols, mask, states), mask)
                seen = gather_tokens(seen, mask)[0]
        spans = self.span_embeddings(symbols, hashes, masks[0], states, self.span_recall) if self.span_embeddings else 0
        heads["byte_decoder"] = logits = self.byte_head(self._decode(streams, masks, present, spans, states, without))
        sums, counts = _sums_of(heads, targets_of(symbols, following), uncertainties, masks, present)
        carried, tokens = Carried(states, rules), [int(each.sum()) for each in present]
        return Output(heads.get("byte_encoder", logits), logits, sums, counts, tuple(masks), carried, tokens)

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
        own = [losses[f"uncertainty_{l}"] for l in range(self.first, self.top)]
        total = weight * losses["byte_decoder"] + self.settings["uncertainty_loss_weight"] * sum(own) / max(1, len(own))
        return total + self.settings["encoder_loss_weight"] * losses["byte_encoder"] if "byte_encoder" in losses else total
