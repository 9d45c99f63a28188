"""Reports: documents with the incidents they tell of, and their JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ...data.errors import DataError
from ...data.quotes import quote
from .dates import published_date
from .incident import Incident

__all__ = ["Report"]


@dataclass(frozen=True, slots=True)
class Report:
    """A document with its incidents.

    Attributes:
        id: The document's name.
        text: Its untouched text, which all offsets count.
        published: The day of its publication, if known.
        incidents: Its incidents, in order of the text.
    """

    id: str
    text: str
    published: date | None
    incidents: tuple[Incident, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "id": self.id,
            "text": self.text,
            "published": None if self.published is None else self.published.isoformat(),
            "incidents": [incident.to_dict() for incident in self.incidents],
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Report:
        """Return the report of which :meth:`to_dict` made a record.

        Raises:
            DataError: when a field is missing or of another kind.
        """
        try:
            incidents = tuple(Incident.from_dict(item) for item in record["incidents"])
            name, text, published = record["id"], record["text"], published_date(record["published"])
            if not (isinstance(name, str) and isinstance(text, str)):
                raise TypeError("id and text are strings")
            return cls(name, text, published, incidents)
        except (KeyError, TypeError) as error:
            raise DataError(f"not the record of a report with incidents: {quote(record)}") from error
