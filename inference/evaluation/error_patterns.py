"""Error patterns: what an error has in common with others, in words, without the words of the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...data.documents import Span
from ...data.words import word_offsets
from .errors import SpanError
from .word_classes import is_number, is_small

__all__ = ["MOST_PATTERNS", "Pattern", "describe_words", "frequent_patterns", "pattern_of"]

MOST_PATTERNS = 50

_MOST_SURFACES = 3
_LONGEST_SURFACE = 40  # characters


@dataclass(frozen=True, slots=True)
class Pattern:
    """Errors that are alike.

    Attributes:
        kind: Their kind.
        description: What they have in common; see :func:`pattern_of`.
        errors: Positions of the errors among all errors, in order.
        surfaces: The most frequent texts of their spans, with how many errors have them.
    """

    kind: str
    description: str
    errors: tuple[int, ...]
    surfaces: tuple[tuple[str, int], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values, without any text of the data."""
        return {"kind": self.kind, "pattern": self.description, "errors": len(self.errors)}


def pattern_of(error: SpanError) -> str:
    """Describe an error.

    - ``boundary``: the label, and for each border what the prediction leaves out or takes in: the word beside
      the common part, a small word or sign by itself and any other by its shape;
    - ``label``: the labels, whether the borders are right, and the shape of the gold span;
    - ``attribute``: the label and both attributes;
    - ``missed``, ``spurious``: the label, whether it was merged with or split off another span, the shape.

    >>> from ...data.documents import Document
    >>> from .pairs import Pair
    >>> spans = Span(0, 8, "ACTOR"), Span(4, 8, "ACTOR")
    >>> pair = Pair(Document("a", "The army left.", spans[:1]), spans[:1], spans[1:], (), (), 13, 13, 4, 0)
    >>> pattern_of(SpanError("boundary", pair, *spans))
    'ACTOR: leaves out “the” in front'
    """
    text = error.document.text
    gold, predicted = error.gold, error.predicted
    if gold is not None and predicted is not None:
        if error.kind == "attribute":
            return f"{gold.label}: {gold.attribute} taken for {predicted.attribute or 'nothing'}"
        if error.kind == "boundary":
            return f"{gold.label}: {'; '.join(_edges(text, gold, predicted))}"
        borders = "" if error.borders == "exact" else ", with other borders"
        shape = describe_words(text[gold.start : gold.end])
        return f"{gold.label} taken for {predicted.label}{borders}: {shape}"
    [span] = error.spans
    how = ""
    if error.touches:
        how = ", merged into another span" if error.kind == "missed" else ", split off another span"
    return f"{span.label}{how}: {describe_words(text[span.start : span.end])}"


def frequent_patterns(errors: Sequence[SpanError], most: int = MOST_PATTERNS) -> tuple[Pattern, ...]:
    """Return the patterns with the most errors, those of equally many in the order of their first errors."""
    found: dict[tuple[str, str], list[int]] = {}
    for index, error in enumerate(errors):
        found.setdefault((error.kind, pattern_of(error)), []).append(index)
    ranked = sorted(found.items(), key=lambda item: (-len(item[1]), item[1][0]))
    return tuple(
        Pattern(kind, description, tuple(members), _surfaces([errors[index] for index in members]))
        for (kind, description), members in ranked[:most]
    )


def describe_words(text: str) -> str:
    """Return the shape of a piece of text.

    >>> [describe_words(text) for text in ("Homs", "UN", "old town", "of", "at least 30 people", ",")]
    ['capitalised word', 'upper-case word', 'lower-case words', '“of”', 'number with words', '“,”']
    """
    words = [text[start:end] for start, end in word_offsets(text)]
    if len(words) == 1 and (is_small(words[0]) or not words[0][0].isalnum()):
        return f"“{words[0].lower()[:8]}”"
    shapes = [shape for word in words if (shape := _shape(word))]
    if len(words) == 1 and shapes:
        return shapes[0] if shapes[0] == "number" else f"{shapes[0]} word"
    if not shapes:
        return "small words"
    if "number" in shapes:
        return "numbers" if set(shapes) == {"number"} else "number with words"
    return f"{shapes[0] if len(set(shapes)) == 1 else 'lower-case and capitalised'} words"


def _shape(word: str) -> str:
    """Return the shape of one word; empty for small words and signs."""
    if not word[0].isalnum() or is_small(word):
        return ""
    if is_number(word):
        return "number"
    if len(word) > 1 and word.isupper():
        return "upper-case"
    return "capitalised" if word[0].isupper() else "lower-case"


def _edges(text: str, gold: Span, predicted: Span) -> list[str]:
    """Say for each border that is off what lies between the gold and the predicted one."""
    said = []
    for one, other, where in ((gold.start, predicted.start, "in front"), (predicted.end, gold.end, "behind")):
        if one == other:
            continue
        between = text[min(one, other) : max(one, other)]
        words = [between[start:end] for start, end in word_offsets(between)]
        if not words:
            nearest, more = "white space", ""
        else:
            nearest = describe_words(words[-1] if where == "in front" else words[0])
            more = " and more" if len(words) > 1 else ""
        said.append(f"{'leaves out' if one < other else 'takes in'} {nearest}{more} {where}")
    return said


def _surfaces(errors: Sequence[SpanError]) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    for error in errors:
        span = error.spans[0]
        surface = " ".join(error.document.text[span.start : span.end].split())
        counts[surface if len(surface) <= _LONGEST_SURFACE else surface[: _LONGEST_SURFACE - 1] + "…"] += 1
    return tuple(counts.most_common(_MOST_SURFACES))
