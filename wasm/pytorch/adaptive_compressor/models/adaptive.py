"""The adaptive hierarchy in the prototype's wiring: encoders upward, borders between levels, decoders back down."""

import torch
from torch import nn

from ..rules import Border, seen_with
from .dropout import Dropout
from .parts import SYMBOLS, GRUBlock, Output, cross_entropy_sum, entropy, gather_tokens, start, targets_of

# Dropout counts decoders from here on.
_DECODERS = 8


class _Decoder(nn.Module):
    def __init__(self, hidden, dropout, place):
        super().__init__()
        self.parent_projection = nn.Linear(hidden, hidden)
        self.gru = GRUBlock(hidden, dropout, place)


class AdaptiveModel(nn.Module):
    def __init__(self, settings):
        super().__init__()
        self.settings = settings
        hidden, levels = settings["hidden_size"], settings["num_levels"]
        above = levels - 1
        self.dropout = dropout = Dropout(settings)
        self.byte_embedding = nn.Embedding(SYMBOLS, hidden)
        self.encoder_blocks = nn.ModuleList(GRUBlock(hidden, dropout, l) for l in range(levels))
        self.meta_predictors = nn.ModuleList(nn.Linear(hidden, hidden) for _ in range(above))
        self.meta_uncertainty_heads = nn.ModuleList(nn.Linear(hidden, 1) for _ in range(above))
        self.decoder_blocks = nn.ModuleList(_Decoder(hidden, dropout, _DECODERS + l) for l in range(above))
        self.byte_encoder_head = nn.Linear(hidden, SYMBOLS)
        self.byte_decoder_head = nn.Linear(hidden, SYMBOLS)
        self.meta_eos_embeddings = nn.ParameterList(nn.Parameter(torch.zeros(hidden)) for _ in range(above))
        start(self, hidden)
        self.borders = [Border(settings, level) for level in range(above)]

    def _next_inputs(self, level, x, there):
        """The input that each position of a level is to predict: the next one, at a sequence's last position its end."""
        end = self.meta_eos_embeddings[level - 1]
        shifted = torch.cat([x[:, 1:], x[:, :1]], dim=1)
        last = there & ~torch.cat([there[:, 1:], torch.zeros_like(there[:, :1])], dim=1)
        return torch.where(last[:, :, None], end.expand_as(shifted), shifted)

    def _borders(self, level, scores, wrong, seen, there):
        border = self.borders[level]
        if border.name != "teacher_forced":
            return border.mark(scores, seen, there)
        mask = (wrong if level == 0 else wrong > border.threshold).clone()
        mask[:, 0] = True
        return mask & there

    def forward(self, symbols, marks=None):
        """symbols [B][T], whole numbers 0 to 255, and their marks, see seen_with -> Output."""
        levels = self.settings["num_levels"]
        targets = targets_of(symbols)
        x, seen = self.byte_embedding(symbols), seen_with(symbols, marks)
        there = torch.ones_like(symbols, dtype=torch.bool)
        inputs, encoded, borders, sums, counts = [], [], [], {}, {}
        for level in range(levels):
            h = self.encoder_blocks[level](x)
            inputs.append(x)
            encoded.append(h)
            if level == 0:
                logits = self.byte_encoder_head(h)
                scores = entropy(logits)
                sums["byte_encoder"], counts["byte_encoder"] = cross_entropy_sum(logits, targets), symbols.numel()
                short = torch.clamp_min(self.settings["entropy_floor"] - scores, 0) ** 2
                sums["entropy_reg"], counts["entropy_reg"] = short.sum(), symbols.numel()
                encoder_logits, wrong = logits, logits.argmax(dim=2) != targets
            else:
                predicted = self.meta_predictors[level - 1](h)
                errors = ((predicted - self._next_inputs(level, x, there)) ** 2).mean(dim=2)
                scores = nn.functional.softplus(self.meta_uncertainty_heads[level - 1](h)).squeeze(2)
                sums[f"meta_{level}"] = errors[there].sum()
                sums[f"uncertainty_{level}"] = ((scores - errors.detach())[there] ** 2).sum()
                counts[f"meta_{level}"] = counts[f"uncertainty_{level}"] = int(there.sum())
                wrong = errors.detach()
            if level < levels - 1:
                borders.append(self._borders(level, scores, wrong, seen, there))
                x, there = gather_tokens(h, borders[level])
                seen = gather_tokens(seen, borders[level])[0]
        decoded = self._decode(inputs, encoded, borders)
        decoder_logits = self.byte_decoder_head(decoded)
        sums["byte_decoder"], counts["byte_decoder"] = cross_entropy_sum(decoder_logits, targets), symbols.numel()
        return Output(encoder_logits, decoder_logits, sums, counts, borders)

    def _decode(self, inputs, encoded, borders):
        """From the top down: a position reads its input and the projected state of the last token that was complete."""
        y = encoded[-1]
        for level in range(len(borders) - 1, -1, -1):
            mask, decoder = borders[level], self.decoder_blocks[level]
            number = mask.cumsum(dim=1) - 1
            conditioned = (number >= 1) & ~mask
            parents = torch.zeros_like(inputs[level])
            # Where no parent conditions anything, no gradient must reach what lies above, not even one of zeros.
            if conditioned.any():
                index = number.clamp_min(0)[:, :, None].expand(-1, -1, y.shape[2])
                parents = torch.where(conditioned[:, :, None], y.gather(1, index), parents)
            y = decoder.gru(inputs[level] + decoder.parent_projection(parents))
        return y

    def total(self, losses):
        """What training minimises, from the losses of all levels."""
        s = self.settings
        above = range(1, s["num_levels"])
        mean = lambda name: sum(losses[f"{name}_{level}"] for level in above) / max(1, len(above))
        total = s["encoder_loss_weight"] * losses["byte_encoder"] + s["decoder_loss_weight"] * losses["byte_decoder"]
        if s["entropy_floor"] > 0:
            total = total + s["entropy_reg_weight"] * losses["entropy_reg"]
        return total + s["meta_loss_weight"] * mean("meta") + s["uncertainty_loss_weight"] * mean("uncertainty")
