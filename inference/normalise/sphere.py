"""The sphere: points on it and how far they are apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["RADIUS", "central_point", "distance", "unit_vector", "unit_vectors"]

RADIUS = 6371.0  # of the Earth, km

_Floats = npt.NDArray[np.float64]


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance in km of two points, each a latitude and a longitude in degrees.

    >>> round(distance((36.2, 37.16), (33.51, 36.29)))
    309
    """
    latitude, longitude, latitude2, longitude2 = map(math.radians, (*one, *other))
    half = (
        math.sin((latitude2 - latitude) / 2) ** 2
        + math.cos(latitude) * math.cos(latitude2) * math.sin((longitude2 - longitude) / 2) ** 2
    )
    return 2 * RADIUS * math.asin(min(1.0, math.sqrt(half)))


def unit_vector(latitude: float, longitude: float) -> tuple[float, float, float]:
    """Return a point, in degrees, on the unit sphere."""
    latitude, longitude = math.radians(latitude), math.radians(longitude)
    level = math.cos(latitude)
    return level * math.cos(longitude), level * math.sin(longitude), math.sin(latitude)


def unit_vectors(points: Sequence[tuple[float, float]]) -> _Floats:
    """Return points of a latitude and a longitude in degrees on the unit sphere, of shape (points, 3)."""
    latitude, longitude = np.radians(np.array(points, dtype=np.float64)).T
    level = np.cos(latitude)
    return np.stack([level * np.cos(longitude), level * np.sin(longitude), np.sin(latitude)], axis=1)


def central_point(points: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """Return the middle of the inhabited area.

    Places are counted once for each cell of a quarter of a degree, so that suburbs do not draw the middle
    towards a big city.

    Args:
        points: At least one latitude and longitude in degrees.
    """
    x = y = z = 0.0
    for cell in sorted({(round(latitude * 4), round(longitude * 4)) for latitude, longitude in points}):
        latitude, longitude = math.radians(cell[0] / 4), math.radians(cell[1] / 4)
        area = math.cos(latitude)
        x += area * math.cos(latitude) * math.cos(longitude)
        y += area * math.cos(latitude) * math.sin(longitude)
        z += area * math.sin(latitude)
    return math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))
