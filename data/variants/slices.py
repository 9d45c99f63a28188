"""Slices: documents changed as a whole, to see how well a tagger stands what it was not trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from types import MappingProxyType

from ..documents import Document
from .casing import lower_case, upper_case
from .numbers import spell_numbers
from .punctuation import drop_punctuation
from .rare_names import replace_by_rare_names
from .scanning import scan

__all__ = ["SLICES", "change_all"]

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
