"""Tokens that give their text back exactly, with no span's border inside one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..documents import Document
from ..words import word_offsets

__all__ = ["Token", "cut_tokens", "exact_tokens"]


class Token(NamedTuple):
    """A token: a word, a part of one, or white space beyond a single space.

    Attributes:
        start: Offset of its first character.
        end: Offset behind its last.
        has_space: Whether one space follows, which belongs to no token.
    """

    start: int
    end: int
    has_space: bool


def exact_tokens(document: Document) -> list[Token]:
    """Return the words of a document as tokens; what they leave between them are tokens, too."""
    return list(_fill(document.text, cut_tokens(document, word_offsets(document.text))))


def cut_tokens(document: Document, tokens: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield tokens, cut in two where the border of a span lies inside one.

    Args:
        document: The document.
        tokens: Half-open offsets, sorted.
    """
    borders = sorted({border for span in document.spans for border in (span.start, span.end)})
    place = 0
    for start, end in tokens:
        while place < len(borders) and borders[place] < end:
            if borders[place] > start:
                yield start, borders[place]
                start = borders[place]
            place += 1
        yield start, end


def _fill(text: str, words: Iterable[tuple[int, int]]) -> Iterator[Token]:
    """Yield words with the white space around them."""
    last: tuple[int, int] | None = None
    position = 0
    for start, end in (*words, (len(text), len(text))):
        if last is not None:
            has_space = text.startswith(" ", position) and position < start
            yield Token(*last, has_space)
            position += has_space
        if position < start:
            yield Token(position, start, False)
        last, position = (start, end), end
