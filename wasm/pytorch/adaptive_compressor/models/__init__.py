"""One class for each kind of model; each is a page or two long."""

from .adaptive import AdaptiveModel
from .baseline import BaselineModel
from .residual import ResidualModel


def build_model(settings):
    """A model with fresh weights from PyTorch's generator."""
    kind = settings["model_type"]
    if kind == "baseline":
        return BaselineModel(settings)
    return ResidualModel(settings) if kind == "flat" or settings["wiring"] == "residual" else AdaptiveModel(settings)
