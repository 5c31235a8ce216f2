"""The models of Adaptive Compressor in PyTorch, with its settings and its checkpoints."""

from .checkpoint import Checkpoint, CheckpointError, load_model, read_checkpoint, write_checkpoint
from .models import build_model
from .settings import SETTINGS, SettingError, defaults, read_settings

__all__ = [
    "SETTINGS",
    "Checkpoint",
    "CheckpointError",
    "SettingError",
    "build_model",
    "defaults",
    "load_model",
    "read_checkpoint",
    "read_settings",
    "write_checkpoint",
]
