"""The incidents of a document as a table of a web page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .markup import safe
from .visible import one_line

if TYPE_CHECKING:
    from ..incidents import Incident

__all__ = ["incident_table", "position"]

_COLUMNS = ("Incident", "When", "Where", "Who", "With what", "How many")
_LONGEST = 60  # characters of a name


def incident_table(incidents: Sequence[Incident]) -> str:
    """Return the table, empty text where there is no incident."""
    if not incidents:
        return ""
    head = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    rows = "".join(_row(number, incident) for number, incident in enumerate(incidents, 1))
    return (
        '<table class="incidents">\n<caption>Incidents, as the text tells them; suggestions, not facts'
        f"</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
    )


def _row(number: int, incident: Incident) -> str:
    kind = safe(incident.event_type or "")
    cells = (_when(incident), _where(incident), _who(incident), _weapons(incident), _tolls(incident))
    data = "".join(f'<td class="mentions">{"".join(map(_line, lines))}</td>' for lines in cells)
    return f'<tr><th scope="row">{number} {kind}</th>{data}</tr>\n'


def _line(markup: str) -> str:
    return f"<div>{markup}</div>"


def _shown(text: str) -> str:
    line = one_line(text)
    return f"<bdi>{safe(line if len(line) <= _LONGEST else line[: _LONGEST - 1] + '…')}</bdi>"


def _when(incident: Incident) -> Iterable[str]:
    for date in incident.dates:
        last = "" if date.last == date.first else f" to {date.last}"
        days = "" if date.first is None else f' <span class="whole">({date.first}{last})</span>'
        yield _shown(date.text) + days


def _where(incident: Incident) -> Iterable[str]:
    for place in incident.places:
        if place.latitude is None or place.longitude is None:
            yield f"{_shown(place.text)} (unresolved)"
        else:
            country = "" if place.country_name is None else f", {safe(place.country_name)}"
            yield f"{_shown(place.text)} ({position(place.latitude, place.longitude)}{country})"


def position(latitude: float, longitude: float) -> str:
    """Return a point as people write it.

    >>> position(36.2, -37.16)
    '36.20 N, 37.16 W'
    """
    north, east = "N" if latitude >= 0 else "S", "E" if longitude >= 0 else "W"
    return f"{abs(latitude):.2f} {north}, {abs(longitude):.2f} {east}"


def _who(incident: Incident) -> Iterable[str]:
    for role, parties in (
        ("agent", incident.agents),
        ("target", incident.targets),
        ("other", incident.others),
        ("source", incident.sources),
    ):
        for party in parties:
            yield f"{_shown(party.name)} <small>{role}</small>"


def _weapons(incident: Incident) -> Iterable[str]:
    for weapon in incident.weapons:
        yield f"{_shown(weapon.text)} <small>{safe(weapon.category)}</small>"


def _tolls(incident: Incident) -> Iterable[str]:
    open_ended = {(figure.start, figure.end) for figure in incident.casualties if figure.max is None}
    for toll in incident.tolls:
        least = "at least " if open_ended.issuperset(toll.figures) else ""
        bounds = "" if toll.low == toll.high else f" ({toll.low} to {toll.high})"
        yield f"{least}{toll.best}{bounds} {safe(toll.status or '')}"
