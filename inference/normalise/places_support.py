"""Support: what the likeliest places of the other names of a text add to the score of each place."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .gazetteer import Entry
from .sphere import RADIUS, unit_vector, unit_vectors

if TYPE_CHECKING:
    from .places_ranking import Weights

__all__ = ["shares_of", "supported"]

_ROUNDS = 3
_SUPPORTERS = 3  # places of each other name that lend support
_MOST_SUPPORTERS = 600  # places that lend support in all
_ROWS = 2048  # places that are supported at once, which limits memory
_FEW = 16  # places that are weighed sooner one by one than as arrays
_COUNTRY, _DIVISION = 1, 2
_KINDS = {"country": _COUNTRY, "adm1": _DIVISION, "adm2": 3, "place": 3}

_Floats = npt.NDArray[np.float64]
_Numbers = npt.NDArray[np.int64]


def supported(
    groups: Sequence[Sequence[Entry]], scores: Sequence[Sequence[float]], weights: Weights
) -> list[list[float]]:
    """Return the scores of the places of each name with what the places of the other names add.

    Args:
        groups: For each name its places, at least one.
        scores: Their scores.
        weights: How much nearness, a shared country and a shared division count.
    """
    if sum(map(len, groups)) <= _FEW:
        return _few(groups, scores, weights)
    return _many(groups, scores, weights)


def shares_of(scores: Sequence[float], sharpness: float) -> list[float]:
    """Turn the scores of one name into probabilities that add up to 1."""
    highest = max(scores)
    powers = [math.exp((score - highest) / sharpness) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def _few(
    groups: Sequence[Sequence[Entry]], scores: Sequence[Sequence[float]], weights: Weights
) -> list[list[float]]:
    """Do the same as :func:`_many` without arrays; a name of one place is sure and gets no support."""
    rows = [[_Row(name, entry) for entry in group] for name, group in enumerate(groups)]
    unsure = [name for name, group in enumerate(groups) if len(group) > 1]
    supported_rows = [row for name in unsure for row in rows[name]]
    bonds: dict[_Row, list[_Bond]] = {}  # of each row that lends support
    total = list(scores)
    for _ in range(_ROUNDS):
        sums = [[0.0, 0.0, 0.0] for _ in supported_rows]
        for own_rows, own in zip(rows, total, strict=True):
            shares = shares_of(own, weights.sharpness)
            for place in sorted(range(len(own)), key=shares.__getitem__, reverse=True)[:_SUPPORTERS]:
                share, other = shares[place], own_rows[place]
                if other not in bonds:
                    bonds[other] = [_bond(row, other, weights.reach) for row in supported_rows]
                for added, (near, country, division) in zip(sums, bonds[other], strict=True):
                    added[0] += share * near
                    added[1] += share * country
                    added[2] += share * division
        gains = iter(sums)
        for name in unsure:
            total[name] = [score + _gain(next(gains), weights) for score in scores[name]]
    return [list(own) for own in total]


def _gain(sums: Sequence[float], weights: Weights) -> float:
    """Return what nearness, a shared country and a shared division add."""
    near, country, division = sums
    return (
        weights.near * math.log1p(near)
        + weights.shared * math.log1p(country)
        + weights.division * math.log1p(division)
    )


class _Row:
    """A place as what is compared with others."""

    def __init__(self, name: int, entry: Entry) -> None:
        self.name = name
        self.kind = _KINDS.get(entry.kind, 0)
        self.country = entry.country
        self.division = None if self.kind == _COUNTRY else entry.admin1
        self.vector = unit_vector(entry.latitude, entry.longitude)


_Bond = tuple[float, bool, bool]  # how near, in [0, 1]; whether in one country; whether in one division


def _bond(row: _Row, other: _Row, reach: float) -> _Bond:
    """Return what a place has in common with one that lends it support, as :meth:`_Table._new_bonds`."""
    if row.name == other.name:
        return 0.0, False, False
    country = row.country is not None and row.country == other.country
    division = row.division is not None and row.division == other.division
    within = (row.kind == _COUNTRY and country) or (row.kind == _DIVISION and division)
    near = 0.0
    if other.kind >= _DIVISION and within:
        near = 1.0
    elif other.kind >= _DIVISION and row.kind >= _DIVISION:
        (x, y, z), (u, v, w) = row.vector, other.vector
        angle = math.acos(max(-1.0, min(1.0, x * u + y * v + z * w)))
        near = 1 / (1 + (angle * RADIUS / reach) ** 2)
    return near, country, division or within


def _many(
    groups: Sequence[Sequence[Entry]], scores: Sequence[Sequence[float]], weights: Weights
) -> list[list[float]]:
    table = _Table(groups, weights)
    base = np.concatenate([np.array(own) for own in scores])
    total = base
    for _ in range(_ROUNDS):
        total = base + table.support(table.shares(total))
    return [own.tolist() for own in np.split(total, table.starts[1:])]


class _Table:
    """The places of all names of a text, one row each."""

    def __init__(self, groups: Sequence[Sequence[Entry]], weights: Weights) -> None:
        self._weights = weights
        entries = [entry for group in groups for entry in group]
        sizes = np.array([len(group) for group in groups])
        self.starts = np.cumsum(sizes) - sizes
        self._owners = np.repeat(np.arange(len(groups)), sizes)
        self._vectors = unit_vectors([(entry.latitude, entry.longitude) for entry in entries])
        self._countries = _numbers(entry.country for entry in entries)
        self._divisions = _numbers(None if entry.kind == "country" else entry.admin1 for entry in entries)
        kinds = np.array([_KINDS.get(entry.kind, 0) for entry in entries])
        self._is_country, self._is_division, self._local = (
            kinds == _COUNTRY,
            kinds == _DIVISION,
            kinds >= _DIVISION,
        )
        self._factors = np.array([weights.near, weights.shared, weights.division])
        self._bonds: tuple[bytes, _Floats] = (b"", np.empty(0))  # of the rows that lent support last

    def shares(self, scores: _Floats) -> _Floats:
        """Turn scores into probabilities that add up to 1 for each name."""
        highest = np.maximum.reduceat(scores, self.starts)[self._owners]
        powers = np.exp((scores - highest) / self._weights.sharpness)
        shares: _Floats = powers / np.add.reduceat(powers, self.starts)[self._owners]
        return shares

    def support(self, shares: _Floats) -> _Floats:
        """Return what the likeliest places of the other names add to the score of each place."""
        best = self._best(shares)
        parts = [slice(start, start + _ROWS) for start in range(0, len(shares), _ROWS)]
        sums = [self._bonds_with(part, best) @ shares[best] for part in parts]
        total: _Floats = self._factors @ np.log1p(sums[0] if len(sums) == 1 else np.concatenate(sums, axis=1))
        return total

    def _bonds_with(self, rows: slice, best: _Numbers) -> _Floats:
        """Return new bonds, or the last ones of a short text: a round seldom changes which rows are best."""
        if len(self._owners) > _ROWS:
            return self._new_bonds(rows, best)
        key = best.tobytes()
        if self._bonds[0] != key:
            self._bonds = key, self._new_bonds(rows, best)
        return self._bonds[1]

    def _new_bonds(self, rows: slice, best: _Numbers) -> _Floats:
        """Return how near rows are to those in ``best``, and which share country and division.

        Of shape (3, rows, best), in [0, 1].
        """
        others = self._owners[rows, None] != self._owners[best]
        country = _same(self._countries[rows], self._countries[best]) & others
        division = _same(self._divisions[rows], self._divisions[best]) & others
        # What lies in a country or a division is as near to it as can be, and belongs to it.
        within = (self._is_country[rows, None] & country) | (self._is_division[rows, None] & division)
        distances = _distances(self._vectors[rows], self._vectors[best])
        closeness = (others & self._local[rows, None]) / (1 + (distances / self._weights.reach) ** 2)
        near = np.where(within, 1.0, closeness) * self._local[best]
        bonds: _Floats = np.stack([near, country, division | within])
        return bonds

    def _best(self, shares: _Floats) -> _Numbers:
        """Return the rows of the likeliest places of the names, for the first names of a long text."""
        order = np.lexsort((-shares, self._owners))
        place = np.arange(len(order)) - self.starts[self._owners]
        best: _Numbers = order[place < _SUPPORTERS][:_MOST_SUPPORTERS]
        return best


def _numbers(values: Iterable[str | None]) -> _Numbers:
    """Number values; what is ``None`` gets -1."""
    known: dict[str, int] = {}
    return np.array([-1 if value is None else known.setdefault(value, len(known)) for value in values])


def _same(ones: _Numbers, others: _Numbers) -> npt.NDArray[np.bool_]:
    """Return where numbers agree, and are known."""
    agree: npt.NDArray[np.bool_] = (ones[:, None] == others[None, :]) & (ones[:, None] >= 0)
    return agree


def _distances(ones: _Floats, others: _Floats) -> _Floats:
    """Return distances on the sphere in km, of shape (ones, others)."""
    angles: _Floats = np.arccos(np.clip(ones @ others.T, -1, 1))
    return angles * RADIUS
