"""Tags of tokens, in IOB2 or BIOES, as spans of tokens, and spans of tokens as tags."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import DataError
from ..quotes import quote

__all__ = ["iob2_tags", "tagged_ranges"]

_OPENING = ("B", "S", "U")
_ENDING = ("E", "L", "S", "U")


def iob2_tags(length: int, ranges: Sequence[tuple[int, int, str]]) -> list[str]:
    """Return the tags of ``length`` tokens.

    >>> iob2_tags(4, [(1, 3, "PER")])
    ['O', 'B-PER', 'I-PER', 'O']

    Args:
        length: How many tokens there are.
        ranges: First token, token behind the last, and name of each span; without overlaps.
    """
    tags = ["O"] * length
    for first, last, name in ranges:
        tags[first:last] = [f"B-{name}"] + [f"I-{name}"] * (last - first - 1)
    return tags


def tagged_ranges(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """Return first token, token behind the last, and name of each tagged span.

    Tags are taken as BIOES (or BILOU) when any begins with E-, S-, L- or U-, else as IOB2.

    >>> tagged_ranges(["B-PER", "I-PER", "O", "B-LOC"])
    [(0, 2, 'PER'), (3, 4, 'LOC')]
    >>> tagged_ranges(["B-PER", "E-PER", "S-LOC"])
    [(0, 2, 'PER'), (2, 3, 'LOC')]

    Raises:
        DataError: when a tag is none, or not legal behind the one before it.
    """
    bioes = any(tag[:1] in _ENDING and tag[1:2] == "-" for tag in tags)
    ranges: list[tuple[int, int, str]] = []
    last = "O"
    for index, tag in enumerate([*tags, "O"]):
        kind, name = tag[:1], tag[2:]
        if tag != "O" and (tag[1:2] != "-" or not name or kind not in ("BIESLU" if bioes else "BI")):
            raise DataError(f"tag {index} is {quote(tag)}; accepted are O, and names behind B-, I-, E- or S-")
        goes_on = tag != "O" and kind not in _OPENING
        must_go_on = bioes and last[0] in "BI"
        if (goes_on and (last == "O" or last[2:] != name or (bioes and not must_go_on))) or (
            must_go_on and not goes_on
        ):
            scheme = "BIOES" if bioes else "IOB2"
            raise DataError(f"tag {index} is {quote(tag)}, which is not {scheme} behind {quote(last)}")
        if goes_on:
            ranges[-1] = (ranges[-1][0], index + 1, name)
        elif tag != "O":
            ranges.append((index, index + 1, name))
        last = tag
    return ranges
