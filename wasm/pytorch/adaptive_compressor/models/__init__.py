"""One class for each kind of model; each is a page long."""

from .adaptive import AdaptiveModel
from .baseline import BaselineModel

SYMBOLS = 257
EOS = 256

_KINDS = {"adaptive": AdaptiveModel, "baseline": BaselineModel}


def build_model(settings):
    """A model with fresh weights from PyTorch's generator. Raises ValueError for a kind that is not there."""
    kind = settings["model_type"]
    if kind not in _KINDS or settings.get("wiring", "mirror") != "mirror":
        raise ValueError(f"This package has no model of type {kind} with the wiring {settings.get('wiring')}.")
    return _KINDS[kind](settings)
