"""Grouping: which passages tell of the same incident."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .dates import IncidentDate
from .passages import Passage
from .sites import Site

__all__ = ["Group", "group_passages"]


_LONG = 62  # days


@dataclass(slots=True)
class Group:
    """Passages that tell of one incident, in order of the text.

    Attributes:
        before: Where the incident before it happened, or the report was written, if it opens with "the town"
            or "there".
        reports: Those that tell of what happened.
        context: Those between and behind them that do not, and may name who it was.
    """

    before: Sequence[Site] = ()
    reports: list[Passage] = field(default_factory=list)
    context: list[Passage] = field(default_factory=list)

    @property
    def sites(self) -> list[Site]:
        """Where it happened; what is named where somebody claims it is not."""
        told = [
            site
            for number, passage in enumerate(self.reports)
            if passage.sites and not (number and passage.is_claim)
            for site in passage.sites
        ]
        return told or list(self.before)

    @property
    def dates(self) -> list[IncidentDate]:
        """When it happened."""
        return [date for passage in self.reports for date in passage.dates]


def group_passages(passages: Iterable[Passage]) -> list[Group]:
    """Group passages into incidents, in order of their first passages.

    The rules, of which the first that fits counts:

    1. A passage that reports nothing is context of the incident before it, unless it tells of a time long
       before; one that sums up a whole war or year belongs to none, nor does what reports nothing behind it.
    2. The first report opens an incident, and so does one that says that it tells of something else
       ("in a separate attack").
    3. The report behind a headline tells of the same.
    4. A report joins the last incident that has one of its places, or a place that contains or lies in it,
       unless their dates differ. One that tells of one more of something ("a second drone hit") joins only
       where it names the same place, and else opens an incident. A claim of the deed before ("claimed
       responsibility") joins it wherever it was made, and those who died of it later whenever they did.
    5. A report with another date (where the incident has none, one long before the rest), or with another
       place, opens an incident; one in another country does though not all places are known. One that names
       only "the town" happened where that before it did, unless a place is named later.
    6. Any other report goes on with the incident before it.
    """
    groups: list[Group] = []
    current: Group | None = None
    is_apart = False  # from any incident
    origin: Sequence[Site] = ()  # where the report was written
    for passage in passages:
        origin = origin or passage.origin
        if passage.is_background and not passage.dates:
            is_apart = True
            continue
        if not passage.is_report:
            if current is not None and not is_apart and not _is_long_before(passage, groups):
                current.context.append(passage)
            continue
        is_apart = False
        current = _incident_of(passage, groups, current)
        if origin and len(groups) == 1 and not current.reports and passage.is_here:
            current.before = origin
        current.reports.append(passage)
    return groups


def _incident_of(passage: Passage, groups: list[Group], current: Group | None) -> Group:
    """Return the group of a report, a new one where it opens an incident."""
    if current is not None and current.reports[-1].is_headline:
        return current
    if current is not None and not passage.is_separate:
        recent = [current, *(group for group in reversed(groups) if group is not current)]
        share = _share_town if passage.is_another else _share_place
        known = [group for group in recent if share(passage.sites, group.sites)]
        other_time = {id(group) for group in recent if _is_other_time(passage, group, groups)}
        joined = next((group for group in known if id(group) not in other_time), None)
        if joined is not None or passage.is_claim or passage.is_aftermath:
            return joined or current
        elsewhere = current not in known and (passage.is_another or _are_apart(passage.sites, current.sites))
        if not elsewhere and id(current) not in other_time:
            return current
    opened = Group(current.sites if current is not None and passage.is_there else ())
    groups.append(opened)
    return opened


def _is_other_time(passage: Passage, group: Group, groups: Sequence[Group]) -> bool:
    """Whether a report dates from another time; what has no date is not from long before the rest."""
    if group.dates or not passage.dates:
        return _differ(passage.dates, group.dates)
    return _is_long_before(passage, groups)


def _is_long_before(passage: Passage, groups: Sequence[Group]) -> bool:
    """Whether a passage dates from long before what was reported last in time."""
    own = [date.last for date in passage.dates if date.last]
    told = [date.last for group in groups for date in group.dates if date.last] if own else []
    return bool(told) and (max(told) - max(own)).days > _LONG


def _share_town(sites: Sequence[Site], others: Sequence[Site]) -> bool:
    """Whether one of the places that nothing lies in is the same."""
    return any(one.is_same(other) for one in _innermost(sites) for other in _innermost(others))


def _share_place(sites: Sequence[Site], others: Sequence[Site]) -> bool:
    """Whether places are related; containers alone do not make two incidents one."""
    inner, other_inner = _innermost(sites), _innermost(others)
    if any(one.relates_to(other) for one in inner for other in other_inner):
        return True
    named = {site.key for site in others if site.container}
    other_named = {site.key for site in sites if site.container}
    return any(site.key in named for site in inner) or any(site.key in other_named for site in other_inner)


def _are_apart(sites: Sequence[Site], others: Sequence[Site]) -> bool:
    """Whether both have places, and none of one may hold one of the other, or their countries differ."""
    inner, other_inner = _innermost(sites), _innermost(others)
    countries, other_countries = _countries(inner), _countries(other_inner)
    if countries and other_countries and countries.isdisjoint(other_countries):
        return True
    pairs = [(one, other) for one in inner for other in other_inner]
    return bool(pairs) and all(one.is_apart(other) for one, other in pairs)


def _countries(sites: Sequence[Site]) -> set[str]:
    return {site.place.country for site in sites if site.place.country is not None}


def _innermost(sites: Sequence[Site]) -> list[Site]:
    return [site for site in sites if not site.container]


def _differ(dates: Sequence[IncidentDate], others: Sequence[IncidentDate]) -> bool:
    """Whether both have dates, and none of one may be one of the other."""
    return bool(dates and others) and not any(_may_agree(one, other) for one in dates for other in others)


def _may_agree(one: IncidentDate, other: IncidentDate) -> bool:
    if one.first and one.last and other.first and other.last:
        return one.first <= other.last and other.first <= one.last
    return one.text.casefold() == other.text.casefold() or one.resolved != other.resolved
