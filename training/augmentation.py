"""The augmenter: draws which changes a passage gets, and makes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from ..data.documents import Document
from ..data.variants.casing import headline_case, lower_case, upper_case
from ..data.variants.names import replace_names
from ..data.variants.numbers import swap_numbers
from ..data.variants.typography import drop_final_stop, swap_typography
from .sections import AugmentationSection

__all__ = ["Augmenter", "variants"]

_Change = Callable[[Document, Random], Document]


class Augmenter:
    """Makes variants of documents whose labels stay true.

    A variant has the same spans in the same order, with their labels and attributes and offsets into its own
    text, the same events, id and meta. Spans that were on word borders stay on word borders.

    Args:
        section: The share of passages that get each kind of change.
        seed: Of all draws.
    """

    def __init__(self, section: AugmentationSection, seed: int) -> None:
        self._section = section
        self._seed = seed

    def __call__(self, document: Document, copy: int, index: int) -> Document:
        """Return a variant of a document, or the document itself when the draw changes nothing.

        Args:
            document: An annotated document.
            copy: Which variant; another number gives another draw.
            index: The document's place in its collection.
        """
        rng = Random(f"{self._seed}/{copy}/{index}")  # noqa: S311 - a reproducible draw, nothing secret
        for change in self._draw(rng):
            document = change(document, rng)
        return document

    def _draw(self, rng: Random) -> list[_Change]:
        """Draw the changes of one passage, in the order in which they are made; at most one of case."""
        section = self._section
        changes: list[_Change] = []
        for share, change in (
            (section.names, replace_names),
            (section.numbers, swap_numbers),
            (section.typography, swap_typography),
            (section.no_final_stop, drop_final_stop),
        ):
            if rng.random() < share:
                changes.append(change)
        point = rng.random()
        for share, change in (
            (section.upper_case, upper_case),
            (section.lower_case, lower_case),
            (section.headline_case, headline_case),
        ):
            if point < share:
                changes.append(change)
                break
            point -= share
        return changes


def variants(documents: Sequence[Document], section: AugmentationSection | None, seed: int) -> list[Document]:
    """Return ``section.copies`` variants of each document, without those in which nothing has changed.

    Args:
        documents: Annotated documents.
        section: What is changed, and how often; ``None`` for nothing.
        seed: Of all draws.
    """
    if section is None:
        return []
    augment = Augmenter(section, seed)
    pairs = (
        (document, augment(document, copy, index))
        for copy in range(section.copies)
        for index, document in enumerate(documents)
    )
    return [variant for document, variant in pairs if variant is not document]
