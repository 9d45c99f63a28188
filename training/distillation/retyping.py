"""Retyping: passages as other desks type them, in capitals, in small letters or behind a dateline.

The words keep the teachers' opinions, which read them as they were printed.
"""

from __future__ import annotations

import calendar
import random
from collections.abc import Sequence

import numpy as np

from ...data.documents import Document
from ...data.words import word_offsets
from ...model.labels import LabelScheme
from .opinions import Opinion
from .sections import RetypingSection

__all__ = ["Retyper"]

_MONTHS = tuple(calendar.month_name[1:])
_DASHES = (" - ", " — ", " – ", " -- ", ": ")
_LOCATION = "LOCATION"
_LONGEST_PLACE = 24  # characters


class Retyper:
    """Retypes a share of the passages.

    Args:
        section: The ``retyping`` section of a recipe.
        documents: Annotated documents, whose places the datelines name.
        scheme: The label scheme; without a plain label LOCATION there are no datelines.
    """

    def __init__(self, section: RetypingSection, documents: Sequence[Document], scheme: LabelScheme) -> None:
        self._section = section
        self._scheme = scheme
        found = {
            text
            for document in documents
            for span in document.spans
            if span.label == _LOCATION
            and (text := document.text[span.start : span.end])[:1].isupper()
            and len(text) <= _LONGEST_PLACE
            and all(part[:1].isupper() for part in text.split())
        }
        self._places = sorted(found) if f"B-{_LOCATION}" in scheme.tags else []

    def retype(self, number: int, text: str, opinion: Opinion) -> tuple[str, Opinion] | None:
        """Return a passage as another desk would type it, or ``None`` where the draw leaves it as it is.

        Args:
            number: Of the passage; with the recipe's seed it decides what is done.
            text: The passage.
            opinion: On its words.
        """
        section = self._section
        rng = random.Random(f"{section.seed} {number}")  # noqa: S311 - no secret
        chance = rng.random() - section.upper_case
        if chance < 0:
            return _recased(text, text.upper(), opinion)
        chance -= section.lower_case
        if chance < 0:
            return _recased(text, text.lower(), opinion)
        chance -= section.dateline
        if chance < 0 and self._places:
            return self._dated(text, opinion, rng)
        return None

    def _dated(self, text: str, opinion: Opinion, rng: random.Random) -> tuple[str, Opinion]:
        """Put a dateline before a passage: a place in capitals, sometimes the day, and a dash."""
        place = rng.choice(self._places).upper()
        month = rng.choice(_MONTHS)
        day = rng.randint(1, 31)
        rest = rng.choice(
            ["", f", {month[:3]} {day}", f", {month} {day}", f", {day} {month}", f" ({month[:3]}. {day})"]
        )
        line = f"{place}{rest}{rng.choice(_DASHES)}"
        tags, events = opinion
        words = len(word_offsets(line))
        own = np.zeros((words, tags.shape[1]))
        own[:, self._scheme.tags.index("O")] = 1.0
        inside = len(word_offsets(place))
        own[:inside] = 0.0
        own[0, self._scheme.tags.index(f"B-{_LOCATION}")] = 1.0
        own[1:inside, self._scheme.tags.index(f"I-{_LOCATION}")] = 1.0
        return line + text, (np.concatenate([own, tags]), events)


def _recased(before: str, after: str, opinion: Opinion) -> tuple[str, Opinion] | None:
    """Return the passage in other letters, unless they make other words (as of ``ŉ``)."""
    return (after, opinion) if len(word_offsets(before)) == len(word_offsets(after)) else None
