"""The one list of settings. settings.json and presets.json are made from the project's own, and a test compares them."""

import json
import math
from pathlib import Path

from .rules import RULE_NAMES
from .sentences import said

SETTINGS = json.loads(Path(__file__).with_name("settings.json").read_text(encoding="utf-8"))
# Named sets of changes to the defaults.
PRESETS = json.loads(Path(__file__).with_name("presets.json").read_text(encoding="utf-8"))
_MOST_ENTRIES = 8
BY_NAME = {setting["name"]: setting for setting in SETTINGS}


class SettingError(ValueError):
    """A setting that is out of range, in one sentence."""


def defaults():
    """Every setting at its default."""
    return {name: read_setting(name, setting["default"]) for name, setting in BY_NAME.items()}


def carries_state(settings):
    """Whether each window goes on from the one before."""
    kind = settings["wiring"] if settings["model_type"] == "adaptive" else settings["model_type"]
    return settings["carry_state"] and kind in BY_NAME["carry_state"]["only"]


def _number(setting, shown, raw):
    try:
        value = float(raw)
    except (TypeError, ValueError):
        raise SettingError(said("number", setting=shown)) from None
    if not math.isfinite(value):
        raise SettingError(said("number", setting=shown))
    low, high, positive = setting["min"], setting["max"], setting.get("positive")
    if value < low or value > high or (positive and value <= 0):
        raise SettingError(said("range", setting=shown, low=low, high=high))
    if setting["type"] == "int":
        if value != int(value):
            raise SettingError(said("whole_number", setting=shown))
        return int(value)
    return value


def _list(setting, shown, raw):
    """The entries of a list, an entry a level, from text with commas between or from a list."""
    if isinstance(raw, str):
        raw = [entry.strip() for entry in raw.split(",")] if raw.strip() else []
    if not isinstance(raw, list) or len(raw) > _MOST_ENTRIES:
        raise SettingError(said("list", setting=shown, most=_MOST_ENTRIES))
    if setting["entries"] != "rule":
        return [_number({**setting, "type": setting["entries"]}, shown, entry) for entry in raw]
    if not all(entry in RULE_NAMES for entry in raw):
        raise SettingError(said("rules", setting=shown, choices=", ".join(RULE_NAMES)))
    return raw


def read_setting(name, raw):
    """The value of a setting from text or from a checkpoint. Raises SettingError."""
    setting = BY_NAME.get(name)
    if setting is None:
        raise SettingError(said("no_setting", name=name))
    shown = f"{setting['label']} ({name})"
    kind = setting["type"]
    if kind == "flag":
        if raw in (True, "true", "1", "on"):
            return True
        if raw in (False, "false", "0", "off"):
            return False
        raise SettingError(said("flag", setting=shown))
    if kind == "choice":
        if raw not in setting["choices"]:
            raise SettingError(said("choice", setting=shown, choices=", ".join(setting["choices"])))
        return raw
    if kind == "list":
        return _list(setting, shown, raw)
    if kind == "text":
        if not isinstance(raw, str) or not 0 < len(raw) <= setting["max"]:
            raise SettingError(said("text", setting=shown, most=setting["max"]))
        return raw
    return _number(setting, shown, raw)


def read_settings(changes):
    """All settings, with some changed. Names that are not in the list are refused. Raises SettingError."""
    settings = defaults()
    for name, raw in changes.items():
        settings[name] = read_setting(name, raw)
    return settings


def read_preset(name):
    """The changes to the defaults that a preset names, with underscores or hyphens. Raises SettingError."""
    known = name.replace("-", "_")
    if known not in PRESETS:
        raise SettingError(said("no_preset", name=name, choices=", ".join(PRESETS)))
    return PRESETS[known]["changes"]
