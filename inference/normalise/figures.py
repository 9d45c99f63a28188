"""Figures: how many people a CASUALTY span counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["CasualtyFigure"]

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
        added: Whether it says that it comes on top of those before ("another five", "two also died").
        superseded: Whether the text takes it back ("to 17 from 42", "not 60 as first reported").
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
    added: bool
    superseded: bool
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
