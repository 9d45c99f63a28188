"""Tokens as text: joined as they are written, or found again in the text they were cut from."""

from __future__ import annotations

from collections.abc import Sequence

from .wordlists import word_list

__all__ = ["align_tokens", "join_tokens", "tag_spans"]

_NO_SPACE_BEFORE = word_list(". , ; : ? ! % ) ] } ... … ” ’ 's ’s 'S n't n’t 'm 're 've 'll 'd -RRB-")
_NO_SPACE_BEHIND = word_list("( [ { $ £ € “ ‘ # -LRB- ``")
_SHORT_FORMS = word_list("s S t re ve ll d m")  # behind an apostrophe that is a token of its own
_WRITTEN = {"-LRB-": "(", "-RRB-": ")", "``": '"', "''": '"'}


def join_tokens(tokens: Sequence[str], *, hyphens_apart: bool = False) -> tuple[str, list[tuple[int, int]]]:
    r"""Join tokens as English writes them, and return the text and their half-open offsets in it.

    >>> join_tokens(["He", "said", ":", '"', "Iran", "'s", "army", "(", "IRGC", ")", '"', "."])[0]
    'He said: "Iran\'s army (IRGC)".'
    >>> join_tokens("the U . S . - led force ’ s toll".split(), hyphens_apart=True)[0]
    'the U.S.-led force’s toll'

    Args:
        tokens: The tokens.
        hyphens_apart: Whether the hyphens of compounds are tokens of their own.
    """
    pieces: list[str] = []
    offsets = []
    length = 0
    in_quotes = False
    for index, token in enumerate(tokens):
        written = _WRITTEN.get(token, token)
        closes = written == '"' and in_quotes
        if index and not closes and not _is_glued(tokens, index, in_quotes, hyphens_apart):
            pieces.append(" ")
            length += 1
        pieces.append(written)
        offsets.append((length, length + len(written)))
        length += len(written)
        in_quotes ^= written == '"'
    return "".join(pieces), offsets


def _is_glued(tokens: Sequence[str], index: int, in_quotes: bool, hyphens_apart: bool) -> bool:
    """Whether no space stands before a token."""
    before, here = tokens[index - 1], tokens[index]
    if here in _NO_SPACE_BEFORE or before in _NO_SPACE_BEHIND:
        return True
    if before in ('"', "``", "''") and in_quotes:
        return True  # opening quotation marks
    if before in ("'", "’") and here in _SHORT_FORMS:
        return True
    outer = tokens[index - 2] if index > 1 else ""
    if before == "." and _is_initial(outer) and (_is_initial(here) or here == "-"):
        return True  # U.S.
    if not hyphens_apart or "-" not in (before, here):
        return False
    left, right = (before, tokens[index + 1 : index + 2]) if here == "-" else (outer, [here])
    return bool(right) and right[0][:1].isalnum() and (left[-1:].isalnum() or left == ".")


def _is_initial(token: str) -> bool:
    return len(token) == 1 and token.isupper()


def align_tokens(tokens: Sequence[str], text: str) -> list[tuple[int, int]] | None:
    """Find tokens one after the other in ``text``; ``None`` when one is not there or anything lies between.

    >>> align_tokens(["Al", "-", "Zaman"], "Al-Zaman")
    [(0, 2), (2, 3), (3, 8)]
    """
    offsets = []
    position = 0
    for token in tokens:
        start = text.find(token, position)
        if start < 0 or text[position:start].strip():
            return None
        position = start + len(token)
        offsets.append((start, position))
    return offsets


def tag_spans(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """Return the spans of tags in BIO or BIOES: first token, token behind the last, type.

    A span that begins with I- or E- is taken as it stands.

    >>> tag_spans(["B-per", "I-per", "O", "S-geo", "I-org"])
    [(0, 2, 'per'), (3, 4, 'geo'), (4, 5, 'org')]
    """
    spans: list[tuple[int, int, str]] = []
    is_open = False
    for index, tag in enumerate(tags):
        prefix, _, kind = tag.partition("-")
        if prefix in ("I", "E") and is_open and spans[-1][2] == kind:
            spans[-1] = (spans[-1][0], index + 1, kind)
        elif kind:
            spans.append((index, index + 1, kind))
        is_open = bool(kind) and prefix in ("B", "I")
    return spans
