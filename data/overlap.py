"""Overlap: whether a text repeats a stretch of words, so that test passages are kept out of training text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

__all__ = ["Overlap"]

_WORD = re.compile(r"\w+")


class Overlap:
    """The stretches of ``length`` words that occur in some texts, regardless of case and punctuation.

    A text with fewer words counts as one stretch.

    >>> overlap = Overlap(["Rebels took the town on Friday."], length=4)
    >>> overlap.touches("He said rebels took the town."), overlap.touches("Rebels took a town.")
    (True, False)

    Args:
        texts: The collection.
        length: Words in a stretch.
    """

    def __init__(self, texts: Iterable[str], length: int = 9) -> None:
        self._length = length
        self._stretches = {stretch for text in texts for stretch in self._of(text)}

    def touches(self, text: str) -> bool:
        """Tell whether ``text`` has a stretch of the collection."""
        return any(stretch in self._stretches for stretch in self._of(text))

    def _of(self, text: str) -> Iterator[str]:
        words = [word.casefold() for word in _WORD.findall(text)]
        for begin in range(max(1, len(words) - self._length + 1)):
            if words:
                yield " ".join(words[begin : begin + self._length])
