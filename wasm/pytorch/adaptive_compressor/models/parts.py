"""What the models are made of."""

import math
from typing import NamedTuple

import torch
from torch import nn

SYMBOLS = 257
EOS = 256


class Output(NamedTuple):
    """
    The results of a forward pass. `sums` and `counts` belong together: a loss is the quotient of the two. A tuple, since
    DistributedDataParallel finds tensors in tuples, lists and dictionaries only.
    """

    encoder_logits: torch.Tensor  # [B][T][257]
    decoder_logits: torch.Tensor  # [B][T][257]
    sums: dict  # of each loss: a scalar tensor, nats or squared errors
    counts: dict  # what each sum is divided by
    borders: tuple = ()  # of each level below the top, bool [B][positions]
    carried: tuple = None  # of a residual stream, what the next window goes on from
    tokens: tuple = ()  # of a residual stream, positions of each level


def targets_of(symbols, following=None):
    """[B][T] -> [B][T]: the next byte, at a sequence's end `following` [B], by default the end-of-text symbol."""
    end = torch.full_like(symbols[:, :1], EOS) if following is None else following[:, None]
    return torch.cat([symbols[:, 1:], end], dim=1)


def entropy(logits):
    """[…][257] -> […], nats."""
    p = torch.softmax(logits.float(), dim=-1)
    return -(p * torch.log(p.clamp_min(1e-8))).sum(dim=-1)


def gather_tokens(states, mask):
    """states [B][T][H], mask [B][T] -> the states at borders, padded [B][N][H], and which are there [B][N]."""
    counts = mask.sum(dim=1)
    longest = int(counts.max())
    there = torch.arange(longest, device=mask.device)[None, :] < counts[:, None]
    tokens = states.new_zeros(mask.shape[0], longest, states.shape[2])
    tokens = tokens.masked_scatter(there[:, :, None], states[mask])
    return tokens, there


def cross_entropy_sum(logits, targets):
    """Summed over all positions, nats."""
    return nn.functional.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), reduction="sum")


class GRUBlock(nn.Module):
    """Two GRU layers; dropout between them in training. `place` tells blocks of a model apart."""

    def __init__(self, hidden, dropout, place):
        super().__init__()
        self.gru = nn.GRU(hidden, hidden, num_layers=2, batch_first=True)
        self.dropout, self.place = dropout, place

    def forward(self, x):
        if not self.training or self.dropout.rate == 0:
            return self.gru(x)[0]
        return self._layer(1, self.dropout(self._layer(0, x), self.place))

    def _layer(self, number, x):
        weights = [getattr(self.gru, f"{name}_l{number}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        start = x.new_zeros(1, len(x), self.gru.hidden_size)
        return torch.gru(x, start, weights, True, 1, 0.0, self.training, False, True)[0]


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
