"""The sphere: points on it and how far they are apart."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["RADIUS", "distance", "unit_vector", "unit_vectors"]

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
