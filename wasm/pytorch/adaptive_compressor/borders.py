"""Lists of borders that readers bring, as the command line takes them: one a line, as the position of a byte."""

import re

from .sentences import said
from .settings import BY_NAME

# Most levels above the bytes.
_HIGHEST = BY_NAME["num_levels"]["max"] - 1
_LINE = re.compile(r"(\d+)(?:[\s,;]+(\d+))?", re.ASCII)


def read_borders(lines, length):
    """
    Marks of a text of `length` bytes: 0, or the highest level that gets a token at the byte. A line has the byte's position and
    optionally that level, 1 where it is left out; what follows # is a comment. Raises ValueError.
    """
    marks, found = bytearray(length), 0
    for number, line in enumerate(lines.split("\n"), 1):
        content = re.sub("#.*", "", line).strip()
        if not content:
            continue
        match = _LINE.fullmatch(content)
        if not match:
            raise ValueError(said("borders_line", line=number))
        position, level = int(match[1]), int(match[2] or 1)
        if position >= length:
            raise ValueError(said("borders_position", line=number, position=position, length=length))
        if not 1 <= level <= _HIGHEST:
            raise ValueError(said("borders_level", line=number, level=level, most=_HIGHEST))
        marks[position] = max(marks[position], level)
        found += 1
    if not found:
        raise ValueError(said("no_borders"))
    return bytes(marks)


def read_marks(file, text):
    """Those of a text by a file; None without one. Raises ValueError, OSError."""
    if not file:
        return None
    with open(file, encoding="utf-8", errors="replace") as lines:
        return read_borders(lines.read(), len(text))
