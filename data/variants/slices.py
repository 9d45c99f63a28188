"""Slices: documents changed as a whole, to see how well a tagger stands what it was not trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from types import MappingProxyType

from ..documents import Document, Span
from .casing import lower_case, upper_case
from .numbers import spell_numbers
from .punctuation import drop_punctuation
from .rare_names import replace_by_rare_names
from .scanning import scan

__all__ = ["LONG_TEXTS", "SLICES", "change_all", "long_texts"]

LONG_TEXTS = 10  # documents that stand in a long text, one behind the other
_BETWEEN = "\n\n"

#: What is changed, by the name of the slice. Labels, attributes, events and the order of spans stay.
SLICES: Mapping[str, Callable[[Document, Random], Document]] = MappingProxyType(
    {
        "upper case": upper_case,
        "lower case": lower_case,
        "no punctuation": drop_punctuation,
        "scanned": scan,
        "rare names": replace_by_rare_names,
        "numbers in words": spell_numbers,
    }
)


def change_all(name: str, documents: Sequence[Document], seed: int = 0) -> list[Document]:
    """Return the documents of a slice, in the same order.

    Args:
        name: One of :data:`SLICES`.
        documents: Annotated documents.
        seed: Of all draws; the same seed gives the same texts.
    """
    change = SLICES[name]
    return [
        change(document, Random(f"{seed}/{name}/{index}"))  # noqa: S311 - a reproducible draw, nothing secret
        for index, document in enumerate(documents)
    ]


def long_texts(documents: Sequence[Document]) -> list[Document]:
    """Join each :data:`LONG_TEXTS` neighbouring documents to one, as paragraphs of an article.

    Returns:
        Documents whose spans and event types are those of their parts; the last may have fewer.
    """
    return [_join(documents[first : first + LONG_TEXTS]) for first in range(0, len(documents), LONG_TEXTS)]


def _join(documents: Sequence[Document]) -> Document:
    """Put documents one behind the other, with a blank line between."""
    spans: list[Span] = []
    begin = 0
    for document in documents:
        spans += [replace(span, start=begin + span.start, end=begin + span.end) for span in document.spans]
        begin += len(document.text) + len(_BETWEEN)
    events = dict.fromkeys(event for document in documents for event in document.events)
    text = _BETWEEN.join(document.text for document in documents)
    return Document(documents[0].id, text, tuple(spans), tuple(events))
