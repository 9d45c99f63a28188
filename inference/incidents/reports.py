"""Reports: documents with the incidents they tell of, and their JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
        meta: What else came with the document, such as its address; JSON values.
    """

    id: str
    text: str
    published: date | None
    incidents: tuple[Incident, ...]
    meta: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types; ``meta`` only where there is any."""
        record = {
            "id": self.id,
            "text": self.text,
            "published": None if self.published is None else self.published.isoformat(),
            "incidents": [incident.to_dict() for incident in self.incidents],
        }
        return {**record, "meta": dict(self.meta)} if self.meta else record

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Report:
        """Return the report of which :meth:`to_dict` made a record.

        Raises:
            DataError: when a field is missing or of another kind.
        """
        try:
            incidents = tuple(Incident.from_dict(item) for item in record["incidents"])
            name, text, published = record["id"], record["text"], published_date(record["published"])
            meta = record.get("meta", {})
            if not (isinstance(name, str) and isinstance(text, str) and isinstance(meta, Mapping)):
                raise TypeError("id and text are strings, meta is an object")
            return cls(name, text, published, incidents, meta)
        except (AttributeError, KeyError, TypeError) as error:
            raise DataError(f"not the record of a report with incidents: {quote(record)}") from error
