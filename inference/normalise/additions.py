"""Additions: figures that say that they come on top of those before."""

from __future__ import annotations

import re

from .figures import CasualtyFigure
from .numerals import ORDINALS
from .word_index import in_small_letters

__all__ = ["DIED_LATER", "is_added"]

# All patterns are for text in small letters.

#: What such a figure begins with: "another two", "a further two", "two more", "two others", "a third man".
_OPENING = re.compile(
    r"(?:at least |about |some )?(?:another|a further|further|an additional|additional|"
    r"(?!no\b)[\w-]+ (?:more|others?|additional|further)|"
    rf"an? (?:second|{'|'.join(ORDINALS)}))\b(?! (?:than|of)\b)"
)
#: Before and behind one: "also killed two", "two were also hurt", "two of the attackers also died".
_BEFORE = re.compile(
    r"\balso\s+(?:kill|wound|injur|hurt|left|shot|claim|captur|abduct|kidnap|seiz)\w*\s+(?:(?:dead|was|were)\s+)?\Z"
)
_BEHIND = re.compile(
    r"(?:\s+of\s+(?:the|its|their)\s+(?!dead\b|victims\b|wounded\b|injured\b)\w+)?\s+(?:(?:was|were|have|has|had)\s+)?also\s+(?:been\s+)?(?:\w+ly\s+)?"
    r"(?:kill|wound|injur|hurt|shot|die|captur|abduct|kidnap|seiz|miss)"
)
#: Of those who were hurt before.
DIED_LATER = (
    r"(?:succumbed|died\s+(?:later|on\s+arrival|(?:in|at)\s+(?:an?\s+|the\s+)?(?:\w+\s+)?hospitals?|"
    r"(?:of|from)\s+(?:their|his|her)\s+(?:wounds|injuries)))\b"
)
#: Behind several of them: "two died in hospital".
_LATER = re.compile(rf"\s+(?:people\s+)?(?:(?:have|has|had|later|since)\s+)*{DIED_LATER}")
_LOOK_BACK = 40  # characters


def is_added(text: str, figure: CasualtyFigure, last: CasualtyFigure, begin: int) -> bool:
    """Whether a figure says that it comes on top of those before.

    "Ten died and 30 others were hurt" does not: behind a figure of another status, "others" are not the dead.

    Args:
        text: The untouched text.
        figure: The figure.
        last: The one before it.
        begin: Where its sentence begins.
    """
    small = in_small_letters(text)
    if figure.min > 1 and _LATER.match(small, figure.end):
        return True
    if last.start >= begin and last.status != figure.status:
        return False
    if _OPENING.match(small, figure.start):
        return True
    left = max(begin, figure.start - _LOOK_BACK)
    if small.find("also", left, figure.end + _LOOK_BACK) < 0:
        return False
    return (
        _BEHIND.match(small, figure.end) is not None or _BEFORE.search(small, left, figure.start) is not None
    )
