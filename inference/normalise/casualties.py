"""Casualty figures: how many people of which group were harmed, and which figure is a part of which.

>>> from conflictner.data import Span
>>> text = "Shells killed at least 37 people, including 16 children, bringing the toll to 114."
>>> spans = [Span(14, 32, "CASUALTY", "killed"), Span(44, 55, "CASUALTY", "killed"), \
Span(78, 81, "CASUALTY", "killed")]
>>> for figure in casualty_figures(text, spans):
...     print(figure.raw, figure.min, figure.max, figure.group, figure.of_which, figure.cumulative)
at least 37 people 37 None None None False
16 children 16 16 children (14, 32) False
114 114 114 None None True
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ...data.documents import Span
from .figure_spans import figure_spans
from .groups import group_of
from .quantities import read_quantity
from .running_tolls import is_toll_before, is_toll_behind
from .sentences import sentences
from .word_index import in_small_letters

__all__ = ["CasualtyFigure", "casualty_figures"]

Offsets = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CasualtyFigure:
    """How many people a CASUALTY span counts.

    Attributes:
        start: Offset of the span's first character.
        end: Offset behind its last character.
        min: Lower bound; 0 when none is stated.
        max: Upper bound, or ``None`` when none is stated.
        approximate: Whether the number is not meant exactly ("about 100").
        vague: Whether there is no number ("dozens").
        status: The span's attribute: killed, injured, missing, captive, mixed, or ``None``.
        group: What kind of people, such as children or soldiers; ``None`` for people in general.
        of_which: Offsets of the figure of which this one is a part, and to which it must not be added.
        cumulative: Whether it is a running toll ("bringing the toll to 114"), and not what happened now.
        raw: The span's text.
    """

    start: int
    end: int
    min: int
    max: int | None
    approximate: bool
    vague: bool
    status: str | None
    group: str | None
    of_which: Offsets | None
    cumulative: bool
    raw: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        record = asdict(self)
        record["of_which"] = None if self.of_which is None else list(self.of_which)
        return record

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> CasualtyFigure:
        """Return the figure of which :meth:`to_dict` made a record."""
        part = record["of_which"]
        return cls(**{**record, "of_which": None if part is None else (part[0], part[1])})


def casualty_figures(text: str, spans: Iterable[Span]) -> list[CasualtyFigure]:
    """Return a figure for each CASUALTY span, in order of the text.

    A bare number and the next span are one figure where nothing but "to", "or", a dash, or "and" behind
    "between", parts them: "15 to 20 militants" is a range however it is cut. Words such as "at least" or "no
    fewer than" right before a span belong to it, also where the span begins behind them or amid them.

    Args:
        text: The untouched text.
        spans: Its spans of any label; offsets into ``text``.
    """
    ordered = sorted(spans, key=lambda span: (span.start, span.end))
    casualties = figure_spans(text, [span for span in ordered if span.label == "CASUALTY"])
    if not casualties:
        return []
    actors = {span.start: span for span in ordered if span.label == "ACTOR"}
    borders = sentences(text)
    figures: list[CasualtyFigure] = []
    for index, span in enumerate(casualties):
        limit = casualties[index + 1].start if index + 1 < len(casualties) else len(text)
        end = _end_of_sentence(borders, span, limit)
        figure = _figure(text, span, actors, end)
        begin = _sentence_start(borders, span.start)
        if figures and not _GROWS.fullmatch(in_small_letters(text), figures[-1].end, span.start):
            begin = max(begin, figures[-1].end)
        if is_toll_before(text, begin, span.start):
            figure = replace(figure, cumulative=True)
        elif whole := _whole(text, figure, figures, borders):
            figure = replace(figure, of_which=whole)
        elif is_toll_behind(text, span.end, end):
            figure = replace(figure, cumulative=True)
        figures.append(figure)
    return figures


#: Between two figures of one toll: it "rose from 12 to 57", "rose by 12 to 57", "stood at 57, up from 12".
_GROWS = re.compile(r"[\w ]{0,20},?\s+(?:up\s+)?(?:from|to)(?:\s+reach)?\s+")


def _figure(text: str, span: Span, actors: Mapping[int, Span], limit: int) -> CasualtyFigure:
    """Return the figure that a span states by itself."""
    raw = text[span.start : span.end]
    quantity = read_quantity(raw)
    group = group_of(raw) or _group_behind(text, span, actors, limit)
    return CasualtyFigure(
        span.start,
        span.end,
        quantity.min,
        quantity.max,
        quantity.approximate,
        quantity.vague,
        span.attribute,
        group,
        None,
        False,
        raw,
    )


# All patterns but that of a noun phrase are for text in small letters.

#: "19 members of Ahrar al-Sham", "two of its soldiers": the group stands behind the span.
_OF_GROUP = re.compile(r"\s+of\s+(?:(?:the|its|his|her|their|our|these|those)\s+)?")
#: "37 people, most of them civilians", "12 people, all soldiers", "the 12 dead were police officers".
_APPOSITION = re.compile(
    r"\s*,?\s*(?:(?:all|most|mostly|mainly|many|some)(?:\s+of\s+(?:them|whom))?|(?:of\s+)?(?:them|whom))"
    r"(?:\s+(?:were|are|being))?\s+"
)
_NOUN_PHRASE = re.compile(r"(?:[^\W\d_]+(?:-[^\W\d_]+)*[ \t]?){1,4}")


def _group_behind(text: str, span: Span, actors: Mapping[int, Span], limit: int) -> str | None:
    """Return the group that is named right behind a span."""
    small = in_small_letters(text)
    match = _OF_GROUP.match(small, span.end, limit) or _APPOSITION.match(small, span.end, limit)
    if match is None:
        return None
    actor = actors.get(match.end())
    if actor is not None:
        return group_of(text[actor.start : actor.end])
    phrase = _NOUN_PHRASE.match(text, match.end(), limit)
    if phrase is None:
        return None
    words = phrase[0].split()
    found = (group_of(" ".join(words[:length])) for length in range(1, len(words) + 1))
    return next((group for group in found if group is not None), None)


_VICTIMS = "dead|victims|wounded|injured|killed|casualties|fatalities|deceased|missing|hostages|captives"
#: Between a whole and its part, in one sentence: nothing else is counted in between.
_PART_BETWEEN = re.compile(
    r"\b(?:including|includes?|included|among(?:st)? (?:them|whom|those|the)|of (?:whom|which|them)|such as|"
    r"in particular|comprising|comprised|consisting of)\b[^.;]*\Z"
    r"|(?:--|[—–:(])\s*\Z"
)
#: Behind a part: "16 of them children", "three of whom were soldiers", "a child among them".
_PART_BEHIND = re.compile(
    r"\s*,?\s*(?:of|(?:(?:was|were|is|are) )?(?:also )?among)"
    rf" (?:them|those|these|whom|which|the (?:{_VICTIMS}))\b"
)
#: Before a part, in a sentence that follows: "The dead included".
_PART_OF_VICTIMS = re.compile(
    r"\b(?:among|amongst|including|(?<!number )(?<!count )(?<!tally )(?<!toll )of) (?:the |those )?"
    rf"(?:{_VICTIMS})\b[^.;]*\Z"
    rf"|\b(?:{_VICTIMS}) (?:also )?(?:include|included|includes|are|were|comprise|comprised)\b[^.;]*\Z"
    r"|\A\W*(?:they|these|those) (?:also )?(?:include|included|comprise|comprised)\b[^.;]*\Z"
)
#: Between parts of one whole: "including a woman, two children and a policeman".
_NEXT_PART = re.compile(r"\W*(?:(?:and|as well as|plus|also)\W+)*(?:at least|the)?\W*\Z")
#: A verb of its own between whole and part: the part is no part.
_NEW_CLAUSE = re.compile(
    r"\b(?:while|whereas|but|when|after|before|killed|killing|kills|wounded|wounding|injured|injuring|died)\b"
)
_REACH = 3  # sentences that a part may stand behind its whole


def _whole(
    text: str, figure: CasualtyFigure, before: Sequence[CasualtyFigure], borders: Sequence[Offsets]
) -> Offsets | None:
    """Return the offsets of the figure of which ``figure`` is a part, or ``None``."""
    if not before:
        return None
    last = before[-1]
    begin = _sentence_start(borders, figure.start)
    small = in_small_letters(text)
    between = small[last.end : figure.start]
    if last.start >= begin:
        if last.of_which is not None and _NEXT_PART.fullmatch(between):
            return _checked(figure, last.of_which, before)
        cue = _PART_BETWEEN.search(between)
        if cue is not None and not _NEW_CLAUSE.search(between, cue.start()):
            is_mark = not cue[0][:1].isalpha()  # a dash or colon alone opens a breakdown of a larger figure
            whole = last if last.of_which is None else _figure_at(before, last.of_which)
            if not is_mark or (figure.group is not None and _is_larger(last, figure)):
                return _checked(figure, (whole.start, whole.end), before)
    behind = _PART_BEHIND.match(small, figure.end)
    opening = small[max(begin, last.end if last.start >= begin else begin) : figure.start]
    if behind is None and _PART_OF_VICTIMS.search(opening) is None:
        return None
    reach = borders[max(0, _sentence_index(borders, figure.start) - _REACH)][0] if borders else 0
    for candidate in reversed(before):
        if candidate.start < reach:
            break
        if candidate.of_which is None and _may_contain(candidate, figure):
            return candidate.start, candidate.end
    return None


def _checked(figure: CasualtyFigure, whole: Offsets, before: Sequence[CasualtyFigure]) -> Offsets | None:
    """Return ``whole`` when it may hold ``figure``."""
    return whole if _may_contain(_figure_at(before, whole), figure) else None


def _figure_at(figures: Sequence[CasualtyFigure], offsets: Offsets) -> CasualtyFigure:
    return next(figure for figure in reversed(figures) if (figure.start, figure.end) == offsets)


def _may_contain(whole: CasualtyFigure, part: CasualtyFigure) -> bool:
    """Whether a figure may be a part of another: no larger, and of the same status."""
    same = whole.status == part.status or not {"mixed", None}.isdisjoint((whole.status, part.status))
    return same and (whole.max is None or part.min <= whole.max)


def _is_larger(whole: CasualtyFigure, part: CasualtyFigure) -> bool:
    return whole.max is None or whole.max > part.min


def _sentence_index(borders: Sequence[Offsets], offset: int) -> int:
    """Return the index of the sentence in which ``offset`` lies, or of the one before."""
    return max(0, bisect_right(borders, offset, key=lambda sentence: sentence[0]) - 1)


def _sentence_start(borders: Sequence[Offsets], offset: int) -> int:
    return min(borders[_sentence_index(borders, offset)][0], offset) if borders else 0


def _end_of_sentence(borders: Sequence[Offsets], span: Span, limit: int) -> int:
    """Return where the sentence of a span ends, or ``limit`` where that comes first."""
    end = borders[_sentence_index(borders, span.start)][1] if borders else limit
    return max(span.end, min(end, limit))
