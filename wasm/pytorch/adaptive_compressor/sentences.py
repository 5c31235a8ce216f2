"""What the package says: every sentence stands in sentences.json, with names in braces for what it speaks of."""

import json
from pathlib import Path

_SENTENCES = json.loads(Path(__file__).with_name("sentences.json").read_text(encoding="utf-8"))


def said(reason, **fields):
    """The sentence of that name, with what it speaks of."""
    return _SENTENCES[reason].format(**fields)
