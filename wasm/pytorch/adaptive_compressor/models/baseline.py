"""The plain residual GRU, with as many parameters as the adaptive model of the same size."""

import torch
from torch import nn

from .dropout import Dropout
from .parts import SYMBOLS, GRUBlock, Output, cross_entropy_sum, start, targets_of


def adaptive_parameters(hidden, levels):
    """Parameters of the adaptive model."""
    block = 12 * hidden * hidden + 12 * hidden
    above = levels - 1
    upper = (hidden * hidden + hidden) + (hidden + 1) + (hidden * hidden + hidden + block) + hidden
    return SYMBOLS * hidden + levels * block + above * upper + 2 * (SYMBOLS * hidden + SYMBOLS)


def baseline_parameters(hidden, blocks):
    """Parameters of the baseline without its pad."""
    return SYMBOLS * hidden + blocks * (12 * hidden * hidden + 12 * hidden) + SYMBOLS * hidden + SYMBOLS


class _Block(nn.Module):
    def __init__(self, hidden, dropout, place):
        super().__init__()
        self.gru_block = GRUBlock(hidden, dropout, place)

    def forward(self, x):
        return x + self.gru_block(x)


class BaselineModel(nn.Module):
    """x = embedding(bytes); x = x + block(x) for each block; logits = byte_head(x)."""

    def __init__(self, settings):
        super().__init__()
        hidden, levels = settings["hidden_size"], settings["num_levels"]
        most = adaptive_parameters(hidden, levels)
        blocks = max(k for k in range(1, 8 * levels + 1) if k == 1 or baseline_parameters(hidden, k) <= most)
        self.dropout = Dropout(settings)
        self.byte_embedding = nn.Embedding(SYMBOLS, hidden)
        self.blocks = nn.ModuleList(_Block(hidden, self.dropout, k) for k in range(blocks))
        self.byte_head = nn.Linear(hidden, SYMBOLS)
        pad = most - baseline_parameters(hidden, blocks)
        self.parameter_match_pad = nn.Parameter(torch.zeros(max(0, pad)), requires_grad=False)
        start(self, hidden)

    def forward(self, symbols):
        """symbols [B][T], whole numbers 0 to 255 -> Output."""
        x = self.byte_embedding(symbols)
        for block in self.blocks:
            x = block(x)
        logits = self.byte_head(x)
        loss = cross_entropy_sum(logits, targets_of(symbols))
        return Output(logits, logits, {"byte_decoder": loss}, {"byte_decoder": symbols.numel()})

    def total(self, losses):
        """What training minimises."""
        return losses["byte_decoder"]
