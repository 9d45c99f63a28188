"""Lists of tokens, and the text that they are the tokens of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..corpora.tokens import align_tokens
from ..errors import DataError
from ..quotes import quote
from .report import Report

__all__ = ["require_tokens", "text_of_tokens"]


def require_tokens(record: Mapping[str, Any], name: str) -> list[str]:
    """Return a field that holds a list of strings.

    Raises:
        DataError: when it is missing or holds something else.
    """
    tokens = record.get(name)
    if not isinstance(tokens, list):
        raise DataError(f"{name!r} must be a list of strings, got {quote(tokens)}")
    for token in tokens:
        if not isinstance(token, str):
            raise DataError(f"{name!r} must be a list of strings, one of them is {quote(token)}")
    return tokens


def text_of_tokens(tokens: Sequence[str], text: Any, report: Report) -> tuple[str, list[tuple[int, int]]]:
    """Return a text and where its tokens are in it.

    Args:
        tokens: The tokens.
        text: Their text, if there is one; where it is not, or holds something else, the tokens are joined by
            single spaces.
        report: Where the latter is counted.
    """
    if isinstance(text, str):
        offsets = align_tokens(tokens, text)
        if offsets is not None and not text[offsets[-1][1] if offsets else 0 :].strip():
            return text, offsets
        report.notes["texts that do not hold their tokens, which were joined by spaces instead"] += 1
    offsets = []
    position = 0
    for token in tokens:
        offsets.append((position, position + len(token)))
        position += len(token) + 1
    return " ".join(tokens), offsets
