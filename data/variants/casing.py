"""Casing: texts in upper case, in lower case, or with the capitals of a headline."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

from ..documents import Document
from ..words import word_offsets

__all__ = ["headline_case", "lower_case", "upper_case"]

_ADDRESS = re.compile(r"\S*\w[.@/]\w\S*")  # voanews.com, a.m.: none of their letters begins a word
#: Words that headlines leave in lower case, and particles of names.
_SMALL_WORDS = (
    "an and as at but by for from if in into nor of off on or over per the to via with vs "
    "al bin da de del den der di dos du el ibn la le van von"
)
_SMALL = frozenset(_SMALL_WORDS.split())


def upper_case(document: Document, rng: Random | None = None) -> Document:
    """Return the document in upper case; letters that become several, such as ß, stay as they are."""
    return _with_text(document, "".join(map(_upper, document.text)))


def lower_case(document: Document, rng: Random | None = None) -> Document:
    """Return the document in lower case; letters that become several, such as İ, stay as they are."""
    return _with_text(document, "".join(map(_lower, document.text)))


def headline_case(document: Document, rng: Random | None = None) -> Document:
    """Return the document with a capital on each word but the small ones.

    >>> headline_case(Document("a", "Rebels of the north attack a pro-government town")).text
    'Rebels of the North Attack a Pro-Government Town'
    """
    text = document.text
    letters = list(text)
    fixed = {offset for match in _ADDRESS.finditer(text) for offset in range(*match.span())}
    for start, end in word_offsets(text):
        word = text[start:end]
        follows_apostrophe = text[max(0, start - 1) : start] in ("'", "’")
        if len(word) > 1 and word not in _SMALL and start not in fixed and not follows_apostrophe:
            letters[start] = _upper(word[0])
    return _with_text(document, "".join(letters))


def _with_text(document: Document, text: str) -> Document:
    """Return the document with a text of the same length."""
    assert len(text) == len(document.text), "casing must not move any character"
    return document if text == document.text else replace(document, text=text)


def _upper(character: str) -> str:
    """Return the capital of a letter, where it is one letter; marks and numerals stay."""
    changed = character.upper()
    return changed if character.isalpha() and len(changed) == 1 and changed.isalpha() else character


def _lower(character: str) -> str:
    """Return the small letter of a letter, where it is one letter; marks and numerals stay."""
    changed = character.lower()
    return changed if character.isalpha() and len(changed) == 1 and changed.isalpha() else character
