"""The incidents of a document as a small map of a web page: a grid of degrees, drawn without a network."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .markup import safe
from .visible import one_line

if TYPE_CHECKING:
    from ..incidents import Incident

__all__ = ["incident_map"]

_WIDTH, _HEIGHT = 640, 320  # units of the picture
_LEAST_SPAN = 4.0  # degrees that a map is wide, or a single point would fill it
_MARGIN = 0.2  # of the span, on every side
_STEPS = (0.5, 1, 2, 5, 10, 20, 30)  # degrees between lines
_MOST_LINES = 9
_LONGEST = 24  # characters of a label
_NAME_WIDTH = 40  # units that the name of a line takes at most
_LINE = 14  # units between labels that stand below each other


@dataclass(frozen=True, slots=True)
class _Point:
    """A place with the numbers of the incidents there."""

    name: str
    latitude: float
    longitude: float
    incidents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _View:
    """The degrees that are shown; both axes have the same scale in the middle of the map."""

    west: float
    north: float
    scale: float  # units a degree of latitude
    squeeze: float  # a degree of longitude as a share of that

    def x(self, longitude: float) -> float:
        """Return the distance of a longitude from the left edge."""
        return (longitude - self.west) * self.scale * self.squeeze

    def y(self, latitude: float) -> float:
        """Return the distance of a latitude from the upper edge."""
        return (self.north - latitude) * self.scale


def incident_map(incidents: Sequence[Incident]) -> str:
    """Return the map as SVG, empty text where no place is resolved.

    It has no coasts or borders: lines of degrees with their names, a dot for each place, and beside it the
    numbers of its incidents and its name.
    """
    points = _points(incidents)
    if not points:
        return ""
    view = _view(points)
    names = "; ".join(f"{point.name}" for point in points)
    parts = [
        f'<svg class="map" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Map of the incidents: '
        f'{safe(one_line(names))}">\n<rect width="{_WIDTH}" height="{_HEIGHT}" class="sea"/>\n',
        *_grid(view),
        *_dots(view, points),
        "</svg>\n",
    ]
    return "".join(parts)


def _points(incidents: Sequence[Incident]) -> list[_Point]:
    """Return the most precise place of each incident, those at one point together."""
    found: dict[tuple[float, float], _Point] = {}
    for number, incident in enumerate(incidents, 1):
        place = incident.place
        if place is None or place.latitude is None or place.longitude is None:
            continue
        key = (place.latitude, place.longitude)
        known = found.get(key)
        numbers = (number,) if known is None else (*known.incidents, number)
        found[key] = _Point(place.name or place.text, *key, numbers)
    return list(found.values())


def _view(points: Sequence[_Point]) -> _View:
    """Return a view that holds all points."""
    latitudes = [point.latitude for point in points]
    longitudes = [point.longitude for point in points]
    middle = (min(latitudes) + max(latitudes)) / 2
    squeeze = max(math.cos(math.radians(middle)), 0.2)
    high = max(max(latitudes) - min(latitudes), _LEAST_SPAN) * (1 + 2 * _MARGIN)
    wide = max(max(longitudes) - min(longitudes), _LEAST_SPAN) * (1 + 2 * _MARGIN)
    scale = min(_HEIGHT / high, _WIDTH / (wide * squeeze))
    west = (min(longitudes) + max(longitudes)) / 2 - _WIDTH / (2 * scale * squeeze)
    return _View(west, middle + _HEIGHT / (2 * scale), scale, squeeze)


def _grid(view: _View) -> Iterator[str]:
    """Yield lines of whole degrees with their names."""
    wide, high = _WIDTH / (view.scale * view.squeeze), _HEIGHT / view.scale
    step = next((step for step in _STEPS if max(wide, high) / step <= _MOST_LINES), _STEPS[-1])
    for index in range(math.ceil(view.west / step), math.floor((view.west + wide) / step) + 1):
        longitude = index * step
        x = view.x(longitude)
        name = _degrees((longitude + 180) % 360 - 180, "E", "W")
        yield f'<path d="M{x:.1f} 0V{_HEIGHT}" class="grid"/>\n'
        if x < _WIDTH - _NAME_WIDTH:
            yield f'<text x="{x + 3:.1f}" y="{_HEIGHT - 4}" class="degrees">{name}</text>\n'
    for index in range(math.ceil((view.north - high) / step), math.floor(view.north / step) + 1):
        latitude = index * step
        if abs(latitude) <= 90:
            y = view.y(latitude)
            yield f'<path d="M0 {y:.1f}H{_WIDTH}" class="grid"/>\n'
            yield f'<text x="3" y="{y - 3:.1f}" class="degrees">{_degrees(latitude, "N", "S")}</text>\n'


def _degrees(value: float, positive: str, negative: str) -> str:
    letter = positive if value > 0 else negative if value < 0 else ""
    return f"{abs(value):g}°{letter}"


def _dots(view: _View, points: Sequence[_Point]) -> Iterator[str]:
    """Yield a dot and a label for each place; labels that would meet stand below each other."""
    taken: list[tuple[float, float]] = []
    for point in points:
        x, y = view.x(point.longitude), view.y(point.latitude)
        is_right = x > _WIDTH * 0.7
        below = y + 4
        while any(abs(below - other) < _LINE and abs(x - at) < _WIDTH / 3 for at, other in taken):
            below += _LINE
        taken.append((x, below))
        name = one_line(point.name)
        short = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
        label = f"{', '.join(map(str, point.incidents))} {short}"
        anchor = ' text-anchor="end"' if is_right else ""
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" class="dot"/>\n'
        yield f'<text x="{x + (-9 if is_right else 9):.1f}" y="{below:.1f}"{anchor}>{safe(label)}</text>\n'
