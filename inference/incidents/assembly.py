"""Assembly: from the spans of a text to its incidents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ...data.documents import Span
from ..normalise.casualties import casualty_figures
from ..normalise.claims import Claim, claims
from ..normalise.places import Place, places
from ..normalise.tolls import fold
from ..normalise.weapons import Weapon, classify_weapon
from .date_expressions import find_dates
from .datelines import in_dateline
from .dates import need_dateparser, published_date, resolve_dates
from .event_types import Evidence, choose_event_type
from .event_words import find_event_words, speaks_alone
from .grouping import Group, group_passages
from .incident import Incident
from .libraries import PLACES, are_installed
from .parties import parties, settle_roles
from .passages import Findings, Passage, passages

__all__ = ["check_settings", "find_incidents", "places_note"]

Offsets = tuple[int, int]

_LEAST_KNOWN = 2  # of who, whom, with what, where and how many; less is a mere mention
_UNREST = frozenset({"protest", "riot"})
_BETWEEN = frozenset({"battle", "strategic", "diplomacy"})  # with a day, two parties are who and with whom
_NOTE = "places need gazetteers: pip install 'conflictner[places]'"


def find_incidents(
    text: str,
    spans: Iterable[Span],
    events: Iterable[str] = (),
    event_scores: Mapping[str, float] | None = None,
    *,
    published: date | str | None = None,
    rule: str = "ucdp",
) -> tuple[Incident, ...]:
    """Group the spans of a text into incidents, in order of the text.

    How passages are grouped is said at :func:`~.grouping.group_passages`. Without the extra ``places`` all
    places stay unresolved; without ``dates`` all dates do.

    Args:
        text: The untouched text.
        spans: Its spans; labels other than ACTOR, WEAPON, LOCATION and CASUALTY are passed over.
        events: The event types of the text.
        event_scores: Their probabilities. Where there are scores and no event type, only counted victims of
            an explosion or battle that the words tell make an incident.
        published: The day the text was published, against which relative dates are resolved.
        rule: How rival figures are folded, one of :data:`~..normalise.tolls.RULES`.

    Raises:
        ConflictnerError: for a day or rule that is none, or a day of publication without dateparser.
    """
    day = check_settings(published, rule)
    named = tuple(events)
    ordered = sorted(spans, key=lambda span: (span.start, span.end))
    document = _Document(text, ordered, named, event_scores or {}, rule)
    if document.is_silent and not any(span.label == "CASUALTY" for span in ordered):
        return ()
    words = find_event_words(text, ordered)
    if document.is_silent and not any(speaks_alone(text, word) for word in words):
        return ()
    figures = casualty_figures(text, ordered)
    if not figures and not words:
        return ()
    expressions = [item for item in find_dates(text) if not _crosses(ordered, item.start, item.end)]
    statements = {item.start for item in expressions if item.is_statement or in_dateline(text, item.start)}
    dates = [item for item in resolve_dates(text, expressions, day) if item.start not in statements]
    findings = Findings(text, ordered, _places(text, ordered), figures, words, dates)
    groups = group_passages(passages(findings))
    if document.is_silent:
        groups = [group for group in groups if _speaks_alone(text, group)]
    if not groups:
        return ()
    stated = claims(text, ordered, figures)
    built = (_incident(document, group, stated, len(groups) == 1) for group in groups)
    return tuple(incident for incident in built if incident is not None)


def check_settings(published: date | str | None, rule: str) -> date | None:
    """Return the day of publication.

    Raises:
        ConflictnerError: for a day or rule that is none, or a day without dateparser.
    """
    day = published_date(published)
    fold((), rule)
    if day is not None:
        need_dateparser()
    return day


def places_note() -> str | None:
    """Return why no place can be resolved, ``None`` when the gazetteers are installed."""
    return None if are_installed(PLACES) else _NOTE


@dataclass(frozen=True, slots=True)
class _Document:
    """What incidents of one text share."""

    text: str
    spans: Sequence[Span]
    events: tuple[str, ...]
    event_scores: Mapping[str, float]
    rule: str

    @property
    def is_silent(self) -> bool:
        """Whether the model finds no event type in it."""
        return bool(self.event_scores) and not self.events


def _speaks_alone(text: str, group: Group) -> bool:
    """Whether victims are counted in a passage that tells of an explosion or a battle."""
    return any(
        passage.figures and any(speaks_alone(text, word) for word in passage.words)
        for passage in group.reports
    )


def _crosses(spans: Sequence[Span], start: int, end: int) -> bool:
    """Whether a stretch overlaps a name or weapon; a count may take a date in."""
    return any(span.start < end and start < span.end for span in spans if span.label != "CASUALTY")


def _places(text: str, spans: Sequence[Span]) -> list[Place]:
    """Return a place for each location span, all unresolved where the gazetteers are not installed."""
    locations = [span for span in spans if span.label == "LOCATION"]
    note = places_note()
    if note is None:
        return places(text, locations)
    return [
        Place(span.start, span.end, text[span.start : span.end], "unresolved", note) for span in locations
    ]


def _incident(document: _Document, group: Group, stated: Sequence[Claim], is_only: bool) -> Incident | None:
    """Return the incident of a group, ``None`` when it has no type or hardly anything is known of it."""
    text = document.text
    reports = group.reports
    told = _in_order(group)
    event_words = [word for passage in reports for word in passage.words]
    actors = settle_roles(text, [span for passage in told for span in passage.actors], event_words)
    agents, targets = parties(text, actors, "agent"), parties(text, actors, "target")
    reported = {span.start for passage in reports for span in passage.actors}
    others = parties(text, [span for span in actors if span.start in reported], "other")
    weapons = tuple(_weapon(text, span) for passage in reports for span in passage.weapons)
    figures = tuple(figure for passage in reports for figure in passage.own_figures)
    evidence = Evidence(
        event_words,
        reports[0].end,
        weapons,
        figures,
        [party.name for party in targets],
        [party.name for party in (*agents, *targets, *others)],
        " ".join(text[passage.start : passage.end] for passage in reports),
        is_only,
    )
    scores = {} if document.is_silent else document.event_scores
    event_type, words = choose_event_type(evidence, document.events, scores)
    sites = [site.place for site in group.sites]
    is_worded = any(word.kind == event_type for word in words)
    who = len(agents) + len(others) if is_worded else len(agents or others)
    if event_type in _UNREST and words:
        who = who or 1  # who gather are no spans
    known = min(who, 2) if event_type in _BETWEEN and group.dates else bool(who)
    is_told = is_worded and (figures or (sites and group.dates))
    known += sum(map(bool, (targets, weapons, sites, figures, is_told)))
    if event_type is None or known < _LEAST_KNOWN:
        return None
    offsets = {(figure.start, figure.end) for figure in figures}
    own = tuple(claim for claim in stated if (claim.figure.start, claim.figure.end) in offsets)
    return Incident(
        event_type,
        tuple((word.start, word.end) for word in words),
        document.event_scores.get(event_type),
        tuple(group.dates),
        agents,
        targets,
        parties(text, actors, "source"),
        others,
        weapons,
        tuple(sites),
        figures,
        own,
        tuple(fold(own, document.rule)),
        tuple(_trimmed(text, passage) for passage in told),
    )


def _in_order(group: Group) -> list[Passage]:
    return sorted([*group.reports, *group.context], key=lambda passage: passage.start)


def _weapon(text: str, span: Span) -> Weapon:
    return classify_weapon(text[span.start : span.end], span.start)


def _trimmed(text: str, passage: Passage) -> Offsets:
    """Return where a passage stands, without white space at its end."""
    return passage.start, passage.start + len(text[passage.start : passage.end].rstrip())
