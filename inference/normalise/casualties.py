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
from dataclasses import replace

from ...data.documents import Span
from .additions import is_added
from .ages import counts_children, is_age
from .breakdowns import is_part_of_next, is_sum, whole_of
from .figure_spans import figure_spans
from .figures import CasualtyFigure
from .groups import group_of
from .quantities import read_quantity
from .revisions import is_superseded
from .running_tolls import is_toll_before, is_toll_behind, is_toll_of_event
from .sentences import sentences
from .stretches import within
from .word_index import in_small_letters

__all__ = ["CasualtyFigure", "casualty_figures"]

Offsets = tuple[int, int]

_REACH = 3  # sentences that a part may stand behind its whole


def casualty_figures(text: str, spans: Iterable[Span]) -> list[CasualtyFigure]:
    """Return a figure for each CASUALTY span, in order of the text.

    A bare number and the next span are one figure where nothing but "to", "or", a dash, or "and" behind
    "between", parts them, or the second is only possible: "15 to 20 militants" and "15, and possibly 20" are
    ranges however they are cut. Words such as "at least" or "no fewer than" right before a span belong to
    it, also where the span begins behind them or amid them.

    Args:
        text: The untouched text.
        spans: Its spans of any label; offsets into ``text``.
    """
    ordered = sorted(spans, key=lambda span: (span.start, span.end))
    casualties = figure_spans(text, [span for span in ordered if span.label == "CASUALTY"])
    if not casualties:
        return []
    actors = {span.start: span for span in ordered if span.label == "ACTOR"}
    towns = {span.end for span in ordered if span.label == "LOCATION"}
    borders = sentences(text) or ((0, len(text)),)
    small = in_small_letters(text)
    figures: list[CasualtyFigure] = []
    totals: set[int] = set()  # where tolls of one event begin
    for index, span in enumerate(casualties):
        sentence = max(0, bisect_right(borders, span.start, key=lambda border: border[0]) - 1)
        begin = min(borders[sentence][0], span.start)
        behind = casualties[index + 1].start if index + 1 < len(casualties) else len(text)
        end = max(span.end, min(borders[sentence][1], behind))
        figure, last = _figure(text, span, actors, end), figures[-1] if figures else None
        reach = borders[max(0, sentence - _REACH)][0]
        if is_age(text, span, towns) or (last is not None and counts_children(text, last.end, span)):
            figure = _uncounted(figure, last)
        elif _is_toll(text, begin, span.start, last):
            is_total = is_toll_of_event(text, begin, span.start)
            totals |= {span.start} if is_total else set()
            figure = replace(figure, cumulative=not is_total)
        elif whole := whole_of(text, figure, figures, begin, reach, totals):
            figure = replace(figure, of_which=whole)
        elif is_toll_behind(text, span.end, end):
            figure = replace(figure, cumulative=True)
            if (
                last is not None
                and last.of_which is None
                and last.start >= begin
                and _AND.fullmatch(small, last.end, span.start)
            ):
                figures[-1] = replace(last, cumulative=True)
        elif last is not None and is_added(text, figure, last, begin):
            figure = replace(figure, added=True)
        if last is not None and last.start >= begin and is_part_of_next(text, last, figure, totals):
            figures[-1] = replace(last, of_which=(span.start, span.end))
        if is_superseded(text, begin, span.start, span.end):
            figure = replace(figure, superseded=True)
        figures.append(figure)
    return _with_sums(text, figures, borders)


#: Between two figures of which one stretch of time is said: "nine have been killed and 20 hurt since May".
_AND = re.compile(r"(?:\s+[\w-]+){0,3}?\s+(?:has|have|had)\s+(?:been\s+)?\w+,?\s+and\s+(?:\w+ed\s+)?")


def _with_sums(
    text: str, figures: Sequence[CasualtyFigure], borders: Sequence[Offsets]
) -> list[CasualtyFigure]:
    """Return figures of which those that add up to the first of their sentence and status are its parts."""
    whole_of_part: dict[int, Offsets] = {}
    for begin, end in borders:
        inside = within(figures, begin, end)
        for status in {figure.status for figure in inside} if len(inside) > 2 else ():
            alike = [one for one in inside if one.status == status and one.min and one.of_which is None]
            if alike and is_sum(text, alike[0], alike[1:]):
                whole_of_part |= {part.start: (alike[0].start, alike[0].end) for part in alike[1:]}
    if not whole_of_part:
        return list(figures)
    return [replace(one, of_which=whole_of_part.get(one.start, one.of_which)) for one in figures]


def _uncounted(figure: CasualtyFigure, last: CasualtyFigure | None) -> CasualtyFigure:
    """Return a figure that counts nobody and stands behind the one whose age or children it tells."""
    figure = replace(figure, min=0, max=None, approximate=False, vague=True)
    return figure if last is None else replace(figure, group=last.group, of_which=last.of_which)


#: Between two figures of one toll: it "rose from 12 to 57", "rose by 12 to 57", "stood at 57, up from 12".
_GROWS = re.compile(r"[\w ]{0,20},?\s+(?:up\s+)?(?:from|to)(?:\s+reach)?\s+")


def _is_toll(text: str, begin: int, start: int, last: CasualtyFigure | None) -> bool:
    """Whether a toll so far is announced before a figure, in its sentence."""
    if last is not None and not _GROWS.fullmatch(in_small_letters(text), last.end, start):
        begin = max(begin, last.end)
    return is_toll_before(text, begin, start)


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
        False,
        False,
        raw,
    )


# All patterns but that of a noun phrase are for text in small letters.

#: "19 members of Ahrar al-Sham", "two of its soldiers": the group stands behind the span.
_OF_GROUP = re.compile(r"\s+of\s+(?:(?:the|its|his|her|their|our|these|those)\s+)?")
#: "37 people, most of them civilians", "12 people, all soldiers", "the 12 dead were police officers".
_APPOSITION = re.compile(
    r"\s*(?:,\s*)?(?:(?:all|most|mostly|mainly|many|some)(?:\s+of\s+(?:them|whom))?|(?:of\s+)?(?:them|whom))"
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
