"""Breakdowns: which figure is a part of which, so that it must not be added."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from .figures import CasualtyFigure
from .groups import ARMED, UNARMED
from .word_index import in_small_letters

__all__ = ["is_part_of_next", "is_sum", "whole_of"]

Offsets = tuple[int, int]

# All patterns are for text in small letters.

_VICTIMS = "dead|victims|wounded|injured|killed|casualties|fatalities|deceased|missing|hostages|captives"
#: Between a whole and its part, in one sentence: nothing else is counted in between.
_PART_BETWEEN = re.compile(
    r"\b(?:including|includes?|included|among(?:st)? (?:them|whom|those|the)|of (?:whom|which|them)|such as|"
    r"in particular|comprising|comprised|consisting of)\b[^.;]*\Z"
    r"|(?:--|[—–:(])\s*\Z"
)
#: Behind a part: "16 of them children", "three of whom were soldiers", "a child among them".
_PART_BEHIND = re.compile(
    r"\s*(?:,\s*)?(?:of|(?:(?:was|were|is|are) )?(?:also )?among)"
    rf" (?:them|those|these|whom|which|the (?:{_VICTIMS}))\b"
)
#: People who are counted in front of a part and are no figure: the part is one of theirs.
_COUNTED = re.compile(
    r"\b(?:\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty"
    r"|(?:dozens|scores|hundreds|thousands) of) (?:[a-z-]+ )?(?:people|persons|civilians|men|women|children"
    r"|residents|villagers|passengers|worshippers|migrants|refugees|soldiers|workers|students)\b"
)
#: A part of the injured, by how badly they were: "three critically", "two were in serious condition".
_BADLY = re.compile(
    r"[\w-]+(?:\s+(?:is|are|was|were|remain(?:s|ed)?))?\s+(?:(?:seriously|critically|severely|gravely|badly)\b"
    r"(?!\s+\w+(?:ed|t)\b)|(?:in|with)\s+(?:an?\s+)?(?:serious|critical|grave|severe|life-threatening)\b)"
)
#: Before a part, in a sentence that follows: "The dead included".
_PART_OF_VICTIMS = re.compile(
    r"\b(?:among|amongst|including|(?<!number )(?<!count )(?<!tally )(?<!toll )of) (?:the |those )?"
    rf"(?:{_VICTIMS})\b[^.;]*\Z"
    rf"|\b(?:{_VICTIMS}) (?:also )?(?:include|included|includes|are|were|comprise|comprised)\b[^.;]*\Z"
    r"|\A\W*(?:they|these|those) (?:also )?(?:include|included|comprise|comprised)\b[^.;]*\Z"
)
#: Between parts of one whole: "including a woman, two children and a policeman".
_NEXT_PART = re.compile(r"\W*(?:(?:and|as well as|plus|also)\W+)*(?:at least|the|his|her|their)?\W*\Z")
_AND = re.compile(r"\s*(?:,\s*)?(?:and|as well as|plus)\s+")
#: A verb of its own between whole and part: the part is no part.
_NEW_CLAUSE = re.compile(
    r"\b(?:while|whereas|but|when|after|before|killed|killing|kills|wounded|wounding|injured|injuring|died)\b"
)
#: Behind the first part of a breakdown: it ends there ("ten, one a child, and two soldiers").
_CLOSED = re.compile(r"[^,.;]*,\s+(?:and|as well as|along with|plus)\b(?:\s+(?:at least|the))?\s*\Z")
#: Between the toll of an event and those who died last, and the other way round.
_SINCE = re.compile(r"\s*(?:,\s*)?(?:after|when|as|with|following)\b")
_BRINGS = re.compile(r"\b(?:bring|tak|push|rais|lift|driv)ing\b")
#: Before and behind captives who were let go: they are some of those who were taken.
_FREED_BEFORE = re.compile(r"\b(?:free[ds]?|freeing|releas\w+|rescu\w+|liberat\w+)\s+(?:the\s+|all\s+)?\Z")
_LOOK_BACK = 30  # characters
_FREED_BEHIND = re.compile(
    r"\s+(?:of\s+(?:them|whom)\s+)?(?:(?:were|was|have|has|had|been|later|since)\s+)*(?:freed|released|rescued|escaped)\b"
)


def whole_of(
    text: str,
    figure: CasualtyFigure,
    before: Sequence[CasualtyFigure],
    begin: int,
    reach: int,
    totals: Container[int] = (),
) -> Offsets | None:
    """Return the offsets of the figure of which another is a part, or ``None``.

    Args:
        text: The untouched text.
        figure: The figure.
        before: Those before it.
        begin: Where its sentence begins.
        reach: Where the text begins in which its whole may stand.
        totals: Where figures begin that are tolls of one event.
    """
    if not before:
        return None
    last = before[-1]
    small = in_small_letters(text)
    between = small[last.end : figure.start]
    if last.start >= begin and last.start in totals and _SINCE.match(between) and _may_contain(last, figure):
        return last.start, last.end
    if last.start >= begin and not (_is_first_part(before) and _CLOSED.match(between)):
        if last.of_which is not None and _NEXT_PART.fullmatch(between):
            return _checked(figure, last.of_which, before)
        cue = _PART_BETWEEN.search(between)
        if cue is not None and not _NEW_CLAUSE.search(between, cue.start()):
            is_mark = not cue[0][:1].isalpha()  # a dash or colon alone opens a breakdown of a larger figure
            whole = last if last.of_which is None else _figure_at(before, last.of_which)
            if not is_mark or (figure.group is not None and _is_larger(last, figure)):
                return _checked(figure, (whole.start, whole.end), before)
    behind = _PART_BEHIND.match(small, figure.end) or _BADLY.match(small, figure.start)
    opening = small[max(begin, last.end if last.start >= begin else begin) : figure.start]
    if behind is None and _PART_OF_VICTIMS.search(opening) is None and not _is_freed(text, figure):
        return None
    if behind is not None and _COUNTED.search(opening):
        return None
    for candidate in reversed(before):
        if candidate.start < reach:
            break
        if candidate.of_which is None and _may_contain(candidate, figure):
            return candidate.start, candidate.end
    return None


def is_part_of_next(
    text: str, figure: CasualtyFigure, behind: CasualtyFigure, totals: Container[int] = ()
) -> bool:
    """Whether a figure is a part of the next one of its sentence.

    "Freed 60 men after abducting 75 pupils", "five died, bringing the toll of the blast to 34".
    """
    if figure.of_which or figure.cumulative or behind.of_which or not _may_contain(behind, figure):
        return False
    if behind.start in totals:
        return _BRINGS.search(in_small_letters(text), figure.end, behind.start) is not None
    return _is_freed(text, figure) and not _is_freed(text, behind)


def is_sum(text: str, figure: CasualtyFigure, behind: Sequence[CasualtyFigure]) -> bool:
    """Whether the figures behind another, two or more of its sentence and status, add up to it.

    "At least 41 people died: 25 in Barga, 16 in Solhan"; one of two people, and one, may be others.
    """
    return (
        len(behind) > 1
        and figure.min == sum(part.min for part in behind) > 2
        and not any(
            part.vague or part.added or part.cumulative or not _may_contain(figure, part) for part in behind
        )
        and _AND.fullmatch(in_small_letters(text), figure.end, behind[0].start) is None
    )


def _is_freed(text: str, figure: CasualtyFigure) -> bool:
    if figure.status != "captive":
        return False
    small = in_small_letters(text)
    before = _FREED_BEFORE.search(small, max(0, figure.start - _LOOK_BACK), figure.start)
    return before is not None or _FREED_BEHIND.match(small, figure.end) is not None


def _is_first_part(figures: Sequence[CasualtyFigure]) -> bool:
    """Whether the last of some figures is a part, and no other part of its whole comes right before it."""
    whole = figures[-1].of_which
    return whole is not None and (len(figures) < 2 or figures[-2].of_which != whole)


def _checked(figure: CasualtyFigure, whole: Offsets, before: Sequence[CasualtyFigure]) -> Offsets | None:
    """Return ``whole`` when it may hold ``figure``."""
    return whole if _may_contain(_figure_at(before, whole), figure) else None


def _figure_at(figures: Sequence[CasualtyFigure], offsets: Offsets) -> CasualtyFigure:
    return next(figure for figure in reversed(figures) if (figure.start, figure.end) == offsets)


def _may_contain(whole: CasualtyFigure, part: CasualtyFigure) -> bool:
    """Whether a figure may be a part of another: no larger, of the same status, and of people like those."""
    if {whole.group, part.group} & ARMED and {whole.group, part.group} & UNARMED:
        return False
    same = whole.status == part.status or not {"mixed", None}.isdisjoint((whole.status, part.status))
    return same and (whole.max is None or part.min <= whole.max)


def _is_larger(whole: CasualtyFigure, part: CasualtyFigure) -> bool:
    return whole.max is None or whole.max > part.min
