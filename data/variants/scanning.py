"""Scanning: texts with the misreadings of optical character recognition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from ..documents import Document
from .edits import Edit, apply_edits, touches_border

__all__ = ["MISREADINGS", "scan"]

#: What is read as what. Letters and digits become letters and digits, so that words stay words.
MISREADINGS = {
    "rn": "m",
    "cl": "d",
    "vv": "w",
    "ii": "u",
    "m": "rn",
    "d": "cl",
    "w": "vv",
    "u": "ii",
    "l": "1",
    "1": "l",
    "I": "l",
    "i": "l",
    "O": "0",
    "0": "O",
    "S": "5",
    "5": "S",
    "B": "8",
    "8": "B",
    "Z": "2",
    "2": "Z",
    "e": "c",
    "c": "e",
    "h": "b",
    "b": "h",
    "t": "f",
    "f": "t",
    "a": "o",
    "o": "a",
    "n": "ri",
    "g": "q",
    ",": ".",
    ".": ",",
}
_READABLE = re.compile("|".join(map(re.escape, MISREADINGS)))
_SHARE = 0.04  # of the places that can be misread


def scan(document: Document, rng: Random, share: float = _SHARE) -> Document:
    """Return the document as if it had been printed, scanned and read by machine.

    Args:
        document: Any document.
        rng: Draws what is misread.
        share: Of the places that can be misread, how many are.
    """
    return apply_edits(document, _misread(document, rng, share))


def _misread(document: Document, rng: Random, share: float) -> Iterator[Edit]:
    for match in _READABLE.finditer(document.text):
        if rng.random() < share and not touches_border(document.spans, *match.span()):
            yield Edit(*match.span(), MISREADINGS[match[0]])
