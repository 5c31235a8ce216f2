"""What both models are made of."""

import math
from typing import NamedTuple

import torch
from torch import nn

SYMBOLS = 257
EOS = 256


class Output(NamedTuple):
    """
    What a forward pass came to. `sums` and `counts` belong together: a loss is the quotient of the two. A tuple, since
    DistributedDataParallel finds tensors in tuples, lists and dictionaries only.
    """

    encoder_logits: torch.Tensor  # [B][T][257]
    decoder_logits: torch.Tensor  # [B][T][257]
    sums: dict  # of each loss: a scalar tensor, nats or squared errors
    counts: dict  # what each sum is divided by
    borders: tuple = ()  # of each level below the top, bool [B][positions]


def targets_of(symbols):
    """[B][T] -> [B][T]: the next byte, at a sequence's end the end-of-text symbol."""
    end = torch.full_like(symbols[:, :1], EOS)
    return torch.cat([symbols[:, 1:], end], dim=1)


def cross_entropy_sum(logits, targets):
    """Summed over all positions, nats."""
    return nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")


class GRUBlock(nn.Module):
    """Two GRU layers; dropout between them."""

    def __init__(self, hidden, dropout):
        super().__init__()
        self.gru = nn.GRU(hidden, hidden, num_layers=2, batch_first=True, dropout=dropout)

    def forward(self, x):
        return self.gru(x)[0]


def start(module, hidden):
    """The starting values that the prototype's layers have: U(-1/sqrt(H), 1/sqrt(H)); embeddings N(0, 1)."""
    bound = 1 / math.sqrt(hidden)
    for name, parameter in module.named_parameters():
        if name == "byte_embedding.weight":
            nn.init.normal_(parameter)
        elif name.startswith("meta_eos_embeddings"):
            nn.init.normal_(parameter, std=0.02)
        elif name == "parameter_match_pad":
            nn.init.zeros_(parameter)
        else:
            nn.init.uniform_(parameter, -bound, bound)
