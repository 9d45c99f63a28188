"""Whether the training data have seen the words of a span."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ...data.documents import Document
from ...data.words import word_offsets
from .word_classes import is_small

__all__ = ["FAMILIARITY", "TrainingSurfaces"]

#: From the most to the least familiar.
FAMILIARITY = ("seen", "partly seen", "unseen")


class TrainingSurfaces:
    """The annotated surfaces of training data, by label.

    A surface is compared in lower case with single spaces. With respect to a label it is

    - ``seen`` when a training span of that label has the same surface;
    - ``partly seen`` when one of its words is in a training span of that label: a word with a letter or a
      digit that is not a small word such as "of";
    - ``unseen`` otherwise.

    >>> from ...data.documents import Span
    >>> training = TrainingSurfaces([Document("a", "The army left.", (Span(0, 8, "ACTOR"),))])
    >>> [training.familiarity(text, "ACTOR") for text in ("the  Army", "army chief", "the rebels")]
    ['seen', 'partly seen', 'unseen']

    Args:
        documents: The training documents; read once.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        self.spans: Counter[tuple[str, str]] = Counter()
        self._words: set[tuple[str, str]] = set()
        for document in documents:
            for span in document.spans:
                surface = _normal(document.text[span.start : span.end])
                self.spans[span.label, surface] += 1
                self._words.update((span.label, word) for word in _words(surface))

    def count(self, text: str, label: str) -> int:
        """Return how many training spans of ``label`` have the surface ``text``."""
        return self.spans[label, _normal(text)]

    def familiarity(self, text: str, label: str) -> str:
        """Return which of :data:`FAMILIARITY` the surface ``text`` of a span of ``label`` is."""
        if self.count(text, label):
            return "seen"
        known = any((label, word) in self._words for word in _words(_normal(text)))
        return "partly seen" if known else "unseen"


def _normal(text: str) -> str:
    return " ".join(text.lower().split())


def _words(text: str) -> list[str]:
    words = [text[start:end] for start, end in word_offsets(text)]
    return [word for word in words if word[0].isalnum() and not is_small(word)]
