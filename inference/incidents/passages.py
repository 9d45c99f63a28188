"""Passages: the sentences of a text, cut where they tell of several things, with what stands in each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...data.documents import Span
from ..normalise.additions import DIED_LATER
from ..normalise.calendar_words import MONTHS
from ..normalise.casualties import CasualtyFigure
from ..normalise.places import Place
from ..normalise.sentences import sentences
from ..normalise.stretches import within
from .datelines import in_dateline
from .dates import IncidentDate
from .event_words import EventWord
from .sites import Site, sites

__all__ = ["Findings", "Passage", "passages"]

Offsets = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in a text, each list in order of the text.

    Attributes:
        text: The untouched text.
        spans: Its spans of any label.
        places: Its location spans, resolved or not.
        figures: Its casualty figures.
        words: Its event words.
        dates: Its dates, but those of statements.
    """

    text: str
    spans: Sequence[Span]
    places: Sequence[Place]
    figures: Sequence[CasualtyFigure]
    words: Sequence[EventWord]
    dates: Sequence[IncidentDate]


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence, or a part of one, with what stands in it.

    Attributes:
        text: The whole text.
        start: Offset of its first character.
        end: Offset behind its last.
        actors: ACTOR spans.
        weapons: WEAPON spans.
        sites: Where something happened.
        origin: The places of its dateline.
        figures: Casualty figures.
        words: Event words.
        dates: Dates.
    """

    text: str
    start: int
    end: int
    actors: Sequence[Span]
    weapons: Sequence[Span]
    sites: Sequence[Site]
    origin: Sequence[Site]
    figures: Sequence[CasualtyFigure]
    words: Sequence[EventWord]
    dates: Sequence[IncidentDate]

    @property
    def is_report(self) -> bool:
        """Whether it tells of something that happened."""
        return bool(self.figures) or bool(self.words and (self.actors or self.weapons or self.sites))

    @property
    def is_background(self) -> bool:
        """Whether it sums up a whole war or year."""
        words = self.text[self.start : self.end]
        dead = max((figure.min for figure in self.figures if figure.status == "killed"), default=0)
        if dead >= _WAR and not self.dates and _PERFECT.search(words):
            return True
        if not any(word in words for word in _MAY_SUM_UP):
            return False
        words = _ASIDE.sub(",", words)
        if _BACKGROUND.search(words) is None:
            return False
        return _HAS.search(words) is not None or all(figure.cumulative for figure in self.figures)

    @property
    def own_figures(self) -> Sequence[CasualtyFigure]:
        """Its figures, without the sum of a war or year that it mentions."""
        is_sum = self.is_background and all(figure.cumulative for figure in self.figures)
        return () if is_sum else self.figures

    @property
    def is_separate(self) -> bool:
        """Whether it says that it tells of something else."""
        found = _SEPARATE.match(self.text, self.start, self.end)
        return found is not None and _SAME.search(self.text, self.start, self.end) is None

    @property
    def is_another(self) -> bool:
        """Whether it tells of one more of something at a place that it names ("a second drone hit Goma")."""
        return bool(self.sites) and _ANOTHER.match(self.text, self.start, self.end) is not None

    @property
    def is_claim(self) -> bool:
        """Whether it opens with who claims a deed told before; what he says of it is no other deed."""
        if self.text.find("respons", self.start, self.end) < 0:
            return False
        claim = _CLAIM.search(self.text, self.start, self.end)
        inner = [site.place for site in self.sites if not site.container]
        starts: list[int] = [item.start for item in self.figures]
        starts += [item.start for item in self.words] + [item.start for item in inner]
        told = min(starts, default=self.end)
        return claim is not None and claim.start() < told

    @property
    def is_aftermath(self) -> bool:
        """Whether it tells who died later of what was told before, whatever day that was."""
        added = any(figure.added for figure in self.figures)
        return added and _AFTERMATH.search(self.text, self.start, self.end) is not None

    @property
    def is_there(self) -> bool:
        """Whether it names a place only as one named before ("the town", "there")."""
        return _THERE.search(self.text, self.start, self.end) is not None

    @property
    def is_here(self) -> bool:
        """Whether it happened where the report was written ("in the city", "in the Syrian capital")."""
        return self.is_there or _CAPITAL.search(self.text, self.start, self.end) is not None

    @property
    def is_headline(self) -> bool:
        """Whether it is the first line, without a full stop, before a blank one."""
        return not self.text[: self.start].strip() and _HEADLINE_END.match(self.text, self.end) is not None


_HEADLINE_END = re.compile(r"(?<![.!?])[^\S\n]*\n[^\S\n]*\n")
#: Between clauses that may tell of different things.
_CLAUSE = re.compile(r";\s+|,?\s+(?:while|whereas)\s+|,?\s+and\s+(?=(?:in|at|near|another|a\s+second)\s)")
#: Before a comparison with something earlier: "the deadliest attack since September, when ...".
_EARLIER = re.compile(r"(?<=\s)(?=since\s[\w\s]{1,30},\s+when\s)")
#: Who claims a deed, which is not told here: "claimed responsibility for the attack".
_CLAIM = re.compile(
    r"\b(?:claim(?:ed|s|ing)?|took|accepted)\s+responsibility\b(?!\s+for\s+"
    r"(?:(?!(?:the|both|it|that|this|these|those)\b)|the\s+(?:\w+\s+){1,2}(?:in|at|near|on)\s+(?:the\s+)?[A-Z]))"
)
#: Behind such a claim: who claims it tells of something else, too.
_CLAIMED = re.compile(rf"{_CLAIM.pattern}[^.;]{{0,80}}?(?:,\s+(?=(?:and|with|saying|adding)\s)|\s(?=and\s))")
#: In a passage that sums up: "has killed 3,000 people since April".
_BACKGROUND = re.compile(
    r"\b(?:[Ss]ince\s+(?:then\b|(?:the\s+|it\s+|fighting\s+|early\s+|late\s+|last\s+)?[\w\s]{0,40}?"
    rf"(?:\d{{4}}|{'|'.join(MONTHS)}|began|started|broke\s+out|war|coup|uprising|year|month)(?!,?\s+when\b))"
    r"|[Ss]o\s+far\s+this\s+(?:year|month)|(?:[Ii]n|[Oo]ver|[Dd]uring)\s+(?:the\s+)?"
    r"(?:past|recent|last)\s+(?:\w+\s+)?(?:weeks|months|years|decades?))"
)
#: Says more of somebody, not of what is reported: "The army, which has fought them since April, said ...".
_ASIDE = re.compile(r",\s+(?:which|who)\s[^,.;]{1,80},")
_MAY_SUM_UP = ("ince", "far", "past", "recent", "last")  # one is in each, and found sooner
_WAR = 1000  # dead, of a whole war
_PERFECT = re.compile(r"\b(?:has|have|had)\b")
_HAS = re.compile(r"\b(?:has|have|had)\b|\bmore\s+than\b|\bthousands\b", re.IGNORECASE)
_AFTERMATH = re.compile(rf"\b{DIED_LATER}")
_THERE = re.compile(
    r"\b(?:retook|recaptured|left|entered|attacked|shelled|bombed|hit|in|into|of|on|from|near|at)\s+(?:the|this|that)"
    r"\s+(?:same\s+)?(?:town|city|village|district|camp|base|island|port)\b(?!\s+of\b)|\bthere\b(?!\s+(?:is|are|was|were|had|has)\b)"
)
_CAPITAL = re.compile(r"\b(?:in|outside|near)\s+the\s+(?:\w+\s+)?capital\b|\bhere\s+on\s+\w+day\b")
_OPENING = (
    r"\W*(?:but\s+|and\s+)?(?:(?:on|at|in|later|earlier|early|late|meanwhile|\w+\s+later)\b[^,.;]{0,40},\s+)?"
)
#: Opening a passage: it tells of something else.
_SEPARATE = re.compile(
    rf"{_OPENING}(?:separately|elsewhere|in\s+(?:a\s+)?(?:separate|another|second|different)\b|"
    r"(?:also|earlier|later)\s+on\s+\w+day|in\s+other\s+(?:violence|attacks|incidents)|"
    r"another\s+(?:\w+\s+)?(?:attack|bomb|blast|explosion|strike|raid|shell|ambush)|"
    r"a\s+(?:second|third|separate)\s+(?:\w+\s+)?(?:attack|bomb|blast|explosion|strike|raid|incident|ambush|clash))",
    re.IGNORECASE,
)
#: It tells of something else at the same place.
_SAME = re.compile(r"\bthe\s+same\s+(?!(?:day|time|week|month|year|night|morning|evening|afternoon|hour)\b)")
_ANOTHER = re.compile(rf"{_OPENING}(?:another|an?\s+(?:second|third|fourth|further))\s", re.IGNORECASE)


def passages(findings: Findings) -> list[Passage]:
    """Cut a text into passages.

    A passage is a sentence; blank lines end one too. A sentence is cut at a semicolon, at
    "while" and at "and in", where each part then has a place, and a count or an event word, of its own; and
    before "since September, when" and behind "claimed responsibility", where what follows has.
    """
    text = findings.text
    found = []
    for start, end in sentences(text):
        whole = _passage(findings, start, end)
        earlier, clauses = _cuts(findings, whole)
        cuts = sorted(earlier | clauses)
        parts: list[Passage] = []
        begin = start
        for cut in cuts:
            first, rest = _passage(findings, begin, cut), _passage(findings, cut, end)
            if (_stands_alone(first) or cut in earlier) and _stands_alone(rest):
                parts.append(first)
                begin = cut
        found += [*parts, _passage(findings, begin, end)] if parts else [whole]
    return found


def _cuts(findings: Findings, whole: Passage) -> tuple[set[int], set[int]]:
    """Return where a sentence may be cut whatever the first part holds, and where between clauses.

    Patterns are tried only where enough stands for both parts to have something.
    """
    text, start, end = whole.text, whole.start, whole.end
    events, places = len(whole.figures) + len(whole.words), len(within(findings.places, start, end))
    earlier: set[int] = set()
    clauses: set[int] = set()
    if events and places and text.find("since", start, end) >= 0:
        earlier = {match.end() for match in _EARLIER.finditer(text, start, end)}
    if events and places and text.find("respons", start, end) >= 0:
        earlier |= {match.end() for match in _CLAIMED.finditer(text, start, end)}
    if events > 1 and places > 1:
        clauses = {match.end() for match in _CLAUSE.finditer(text, start, end)}
    return earlier, clauses


def _stands_alone(passage: Passage) -> bool:
    return bool(passage.sites) and bool(passage.figures or passage.words)


def _passage(findings: Findings, start: int, end: int) -> Passage:
    spans = within(findings.spans, start, end)
    actors = [span for span in spans if span.label == "ACTOR"]
    text = findings.text
    roles = [(span.start, span.attribute) for span in actors]
    places = within(findings.places, start, end)
    written = [place for place in places if in_dateline(text, place.start)]
    return Passage(
        text,
        start,
        end,
        actors,
        [span for span in spans if span.label == "WEAPON"],
        sites(text, places[len(written) :], roles),
        [Site(place, container=place is not written[0]) for place in written],
        within(findings.figures, start, end),
        within(findings.words, start, end),
        within(findings.dates, start, end),
    )
