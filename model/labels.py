"""The label scheme, as data: labels, their attributes, event types, and the tags that follow from them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.documents import Span
from ..data.errors import ConflictnerError, DataError
from ..data.quotes import quote

__all__ = ["DEFAULT_SCHEME", "Label", "LabelScheme", "SchemeError"]

_MOST = 500  # names of a kind, and labels with each of their values; decoding takes its square in memory
_LONGEST = 100  # characters of a name


class SchemeError(ConflictnerError):
    """A label scheme that cannot be used."""


@dataclass(frozen=True)
class Label:
    """A coarse label.

    Attributes:
        name: What is decoded and scored, such as ``"ACTOR"``.
        attribute: The name of its attribute, such as ``"role"``; ``None`` when it has none.
        values: The attribute's values; empty when it has none.
    """

    name: str
    attribute: str | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class LabelScheme:
    """Labels, attributes and event types, and the BIO tags (IOB2) built from them.

    Fine tags carry the attribute (``B-ACTOR:agent``) and are what the network predicts; coarse tags
    (``B-ACTOR``) are what is decoded and scored. Coarse tags are always ordered O, B-1, I-1, B-2, I-2, ...

    Attributes:
        labels: The coarse labels, in order.
        events: Event types of the passage head, in order; empty for no such head.
    """

    labels: tuple[Label, ...]
    events: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.labels:
            raise SchemeError("a label scheme needs at least one label, got none")
        _check_names("label", [label.name for label in self.labels])
        for label in self.labels:
            _check_names(f"attribute value of {label.name}", label.values)
            if bool(label.values) != (label.attribute is not None):
                raise SchemeError(
                    f"the label {label.name!r} needs both a name for its attribute and its values, or neither"
                )
            if label.attribute is not None:
                _check_names(f"attribute of {label.name}", [label.attribute])
        _check_names("event", self.events)
        kinds = sum(len(label.values) or 1 for label in self.labels)
        if kinds > _MOST:
            raise SchemeError(f"the scheme has {kinds} labels with their values; accepted are up to {_MOST}")

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """All fine tags, ``O`` first; their order is the network's output order."""
        tags = ["O"]
        for label in self.labels:
            for value in label.values or (None,):
                suffix = label.name if value is None else f"{label.name}:{value}"
                tags += [f"B-{suffix}", f"I-{suffix}"]
        return tuple(tags)

    @cached_property
    def coarse_tags(self) -> tuple[str, ...]:
        """``O, B-1, I-1, B-2, I-2, ...``."""
        return ("O", *(f"{prefix}-{label.name}" for label in self.labels for prefix in "BI"))

    @cached_property
    def coarse_of_fine(self) -> NDArray[np.intp]:
        """For each fine tag the index of its coarse tag, shape ``[len(tags)]``."""
        index = {tag: i for i, tag in enumerate(self.coarse_tags)}
        return np.array([index[tag.split(":")[0]] for tag in self.tags], dtype=np.intp)

    @cached_property
    def table(self) -> dict[str, tuple[str, ...]]:
        """Label name -> attribute values, the form in which readers of data take it."""
        return {label.name: label.values for label in self.labels}

    def attribute_name(self, label: str) -> str | None:
        """Return what the attribute of ``label`` is called ("role", "status"), or ``None``."""
        return next((item.attribute for item in self.labels if item.name == label), None)

    def coarse_probabilities(self, fine: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """Sum fine tag probabilities into coarse ones.

        Args:
            fine: Shape ``[..., len(tags)]``.

        Returns:
            Shape ``[..., len(coarse_tags)]``.
        """
        coarse = np.zeros((*fine.shape[:-1], len(self.coarse_tags)), dtype=fine.dtype)
        for index, target in enumerate(self.coarse_of_fine):
            coarse[..., target] += fine[..., index]
        return coarse

    def encode(self, spans: Sequence[Span], words: Sequence[tuple[int, int]]) -> NDArray[np.intp]:
        """Give every word the fine tag that ``spans`` ask for.

        A span without an attribute, where its label has attributes, takes the label's last one (``other``,
        ``mixed``).

        Args:
            spans: Flat spans, sorted by start.
            words: Half-open word offsets, sorted.

        Returns:
            Tag indices, shape ``[len(words)]``.

        Raises:
            DataError: for a label or attribute outside the scheme.
        """
        index = {tag: i for i, tag in enumerate(self.tags)}
        encoded = np.zeros(len(words), dtype=np.intp)
        for position, prefix, span in self._tagged(spans, words):
            values = self.table[span.label]
            value = span.attribute if span.attribute is not None else (values[-1] if values else None)
            encoded[position] = index[
                f"{prefix}-{span.label}" if value is None else f"{prefix}-{span.label}:{value}"
            ]
        return encoded

    def allowed(
        self,
        spans: Sequence[Span],
        words: Sequence[tuple[int, int]],
        annotated: Collection[str] | None = None,
    ) -> NDArray[np.bool_]:
        """Give every word the set of fine tags that may be right.

        Inside a span without an attribute, whose label has attributes, it is the label's tags with any of
        them. Outside of all spans it is O, and any tag of a label that is not annotated.

        Args:
            spans: Flat spans, sorted by start.
            words: Half-open word offsets, sorted.
            annotated: The labels of which every span is marked; ``None`` for all.

        Returns:
            Shape ``[len(words), len(tags)]``; where one tag alone is allowed it is that of :meth:`encode`.

        Raises:
            DataError: for a label or attribute outside the scheme.
        """
        unmarked = [name for name in self.table if annotated is not None and name not in annotated]
        labels = [tag[2:].partition(":")[0] for tag in self.tags]
        outside = np.array(
            [tag == "O" or label in unmarked for tag, label in zip(self.tags, labels, strict=True)]
        )
        allowed = np.tile(outside, (len(words), 1))
        for position, prefix, span in self._tagged(spans, words):
            tag = f"{prefix}-{span.label}"
            if span.attribute is None:
                allowed[position] = self.coarse_of_fine == self.coarse_tags.index(tag)
            else:
                allowed[position] = np.arange(len(self.tags)) == self.tags.index(f"{tag}:{span.attribute}")
        return allowed

    def _tagged(
        self, spans: Sequence[Span], words: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[int, str, Span]]:
        """Yield each word inside a span: its index, ``"B"`` or ``"I"``, and the span."""
        position = 0
        for span in spans:
            values = self.table.get(span.label)
            if values is None:
                raise DataError(f"label {span.label!r} is unknown; the scheme has {', '.join(self.table)}")
            if span.attribute is not None and span.attribute not in values:
                raise DataError(
                    f"attribute {span.attribute!r} of {span.label} is unknown; the scheme has "
                    f"{', '.join(values) or 'none'}"
                )
            while position < len(words) and words[position][1] <= span.start:
                position += 1
            prefix = "B"
            while position < len(words) and words[position][0] < span.end:
                yield position, prefix, span
                prefix = "I"
                position += 1

    def to_dict(self) -> dict[str, Any]:
        """Return the content of ``labels.json``."""
        return {
            "labels": [
                {"name": label.name, "attribute": label.attribute, "values": list(label.values)}
                if label.values
                else {"name": label.name}
                for label in self.labels
            ],
            "events": list(self.events),
        }

    @classmethod
    def from_dict(cls, record: Any) -> LabelScheme:
        """Build a scheme from what :meth:`to_dict` gave; a label may also be a bare string.

        Raises:
            SchemeError: naming what is wrong.
        """
        if not isinstance(record, Mapping) or not isinstance(record.get("labels"), (list, tuple)):
            raise SchemeError(f"a label scheme is an object with a list 'labels', got {quote(record)}")
        events = record.get("events")
        if events is not None and not isinstance(events, (list, tuple)):
            raise SchemeError(f"'events' must be a list of names, got {quote(events)}")
        return cls(tuple(_label(item) for item in record["labels"]), tuple(events or ()))

    @classmethod
    def load(cls, path: Path) -> LabelScheme:
        """Read ``labels.json``.

        Raises:
            SchemeError: when the file is missing or is not a scheme.
        """
        try:
            return cls.from_dict(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, RecursionError, SchemeError) as error:
            raise SchemeError(f"{path}: not a readable label scheme ({error})") from error


def _label(item: Any) -> Label:
    """Build one label from a bare name or an object."""
    if isinstance(item, str):
        return Label(item)
    if (
        not isinstance(item, Mapping)
        or not isinstance(item.get("name"), str)
        or not item.keys() <= {"name", "attribute", "values"}
    ):
        raise SchemeError(
            f"a label is a name or an object with 'name', 'attribute', 'values', got {quote(item)}"
        )
    values = item.get("values")
    if values is not None and not isinstance(values, (list, tuple)):
        raise SchemeError(f"the values of the label {item['name']!r} must be a list, got {quote(values)}")
    return Label(item["name"], item.get("attribute"), tuple(values or ()))


def _check_names(what: str, names: Sequence[Any]) -> None:
    """Check that names can stand in tags and files, and that none stands twice."""
    if len(names) > _MOST:
        raise SchemeError(f"the scheme has {len(names)} names ({what}); accepted are up to {_MOST}")
    seen: set[str] = set()
    for name in names:
        if not isinstance(name, str) or not name or not name.isprintable() or " " in name or ":" in name:
            raise SchemeError(f"{quote(name)} cannot be a name ({what}): use letters without spaces or ':'")
        if len(name) > _LONGEST:
            raise SchemeError(f"{quote(name)} is too long for a name ({what}): use up to {_LONGEST} letters")
        if name in seen:
            raise SchemeError(f"the {what} {quote(name)} stands more than once in the scheme")
        seen.add(name)


#: The labels of the annotation guidelines (data/GUIDELINES.md); event types in ACLED's terms.
DEFAULT_SCHEME = LabelScheme(
    labels=(
        Label("ACTOR", "role", ("agent", "target", "source", "other")),
        Label("WEAPON"),
        Label("LOCATION"),
        Label("CASUALTY", "status", ("killed", "injured", "missing", "captive", "mixed")),
    ),
    events=("battle", "explosion", "violence", "protest", "riot", "strategic", "diplomacy"),
)
