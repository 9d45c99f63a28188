"""Typography: quotation marks and dashes of printed and of typed text, and the missing final stop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from ..documents import Document
from .edits import Edit, apply_edits, span_around, touches_border

__all__ = ["drop_final_stop", "swap_typography"]

_TYPED = re.compile(r"""["']|(?<!-)--(?!-)|(?<= )-(?= )""")
_PRINTED = re.compile("[“”‘’–—]")
_PLAIN = {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "--"}
_OPENS = re.compile(r"(?:\A|[\s(\[{“‘\"'–—-])\Z")
_ABBREVIATION = re.compile(r"(?:\b\w\.\w|\b(?:Co|Corp|Inc|Jr|Ltd|Mr|No|Sr|St))\.\Z")


def swap_typography(document: Document, rng: Random) -> Document:
    """Return the document with typographic quotation marks, apostrophes and dashes, or with plain ones.

    All of them are changed, in one direction; where the text has both kinds, the draw decides which.
    """
    spans = document.spans
    ways = [list(_typed(document.text)), list(_printed(document.text))]
    ways = [[edit for edit in way if not touches_border(spans, edit.start, edit.end)] for way in ways]
    ways = [way for way in ways if way]
    return apply_edits(document, rng.choice(ways)) if ways else document


def drop_final_stop(document: Document, rng: Random | None = None) -> Document:
    """Return the document without its last full stop, unless that belongs to a span or an abbreviation."""
    body = document.text.rstrip()
    last = len(body) - 1
    if (
        not body.endswith(".")
        or body.endswith("..")
        or not body[:-1].strip()
        or _ABBREVIATION.search(body)
        or span_around(document.spans, last, last + 1)
    ):
        return document
    return apply_edits(document, [Edit(last, last + 1, "")])


def _typed(text: str) -> Iterator[Edit]:
    """Yield what makes a typed text a printed one."""
    for match in _TYPED.finditer(text):
        start, end = match.span()
        found = match[0]
        if found == "--":
            yield Edit(start, end, "—")
        elif found == "-":
            yield Edit(start, end, "–")
        else:
            opens = _OPENS.search(text[max(0, start - 1) : start]) and end < len(text) and text[end].isalnum()
            pair = "“”" if found == '"' else "‘’"
            yield Edit(start, end, pair[0] if opens else pair[1])


def _printed(text: str) -> Iterator[Edit]:
    """Yield what makes a printed text a typed one."""
    for match in _PRINTED.finditer(text):
        yield Edit(*match.span(), _PLAIN[match[0]])
