"""The mean of a model's weights over its latest steps, which reads better than the latest weights do."""

from contextlib import contextmanager

import torch

# Steps from one set of weights that counts to the next.
_EVERY = 16


class WeightAverage:
    """
    Polynomial decay (Shamir and Zhang 2013): the t-th set counts (eta + 1) / (t + eta). `share` is the mean age of a set, as
    a share of the steps so far: above 0, at most 0.5.
    """

    def __init__(self, named, share):
        self.named, self.eta, self.count = named, 1 / share - 2, 0
        self.weights = {name: torch.zeros_like(parameter) for name, parameter in named.items()}

    @torch.no_grad()
    def follow(self, steps):
        """Counts the present weights, where the number of steps made is a multiple of 16."""
        if steps % _EVERY:
            return
        self.count += 1
        part = (self.eta + 1) / (self.count + self.eta)
        for name, parameter in self.named.items():
            own = self.weights[name].double()
            self.weights[name].copy_(own + part * (parameter.double() - own))

    @torch.no_grad()
    def resume(self, count, latest):
        """Takes the present weights as the average, and puts the latest ones, by name, in their place. Raises KeyError."""
        self.count = count
        for name, parameter in self.named.items():
            self.weights[name].copy_(parameter)
            parameter.copy_(latest[name])

    @contextmanager
    def reading(self):
        """The model has the average for its weights, if there is one yet, until the block ends."""
        if self.count == 0:
            yield
            return
        with torch.no_grad():
            latest = {name: parameter.clone() for name, parameter in self.named.items()}
            for name, parameter in self.named.items():
                parameter.copy_(self.weights[name])
            try:
                yield
            finally:
                for name, parameter in self.named.items():
                    parameter.copy_(latest[name])
