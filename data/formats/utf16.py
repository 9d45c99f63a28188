"""Offsets that count UTF-16 code units, as programs of the browser do, where an emoji is two."""

from __future__ import annotations

from itertools import accumulate

from ..errors import DataError
from ..quotes import quote

__all__ = ["Utf16Offsets", "has_wide"]

_LAST_NARROW = "\uffff"


def has_wide(text: str) -> bool:
    """Whether a text holds a character of two UTF-16 code units."""
    return not text.isascii() and max(text) > _LAST_NARROW


class Utf16Offsets:
    """Offsets of one text, in code points and in UTF-16 code units.

    Attributes:
        text: The text.
        length: How many UTF-16 code units it has.

    >>> Utf16Offsets("\U0001f4a5 ab").from_utf16(3), Utf16Offsets("\U0001f4a5 ab").to_utf16(2)
    (2, 3)
    """

    def __init__(self, text: str) -> None:
        """Count the units of a text."""
        self.text = text
        widths = (1 + (character > _LAST_NARROW) for character in text) if has_wide(text) else None
        self._units = None if widths is None else list(accumulate(widths, initial=0))
        self._points = None if self._units is None else {n: i for i, n in enumerate(self._units)}
        self.length = len(text) if self._units is None else self._units[-1]

    def to_utf16(self, offset: int) -> int:
        """Return an offset in code points as one in UTF-16 code units."""
        return offset if self._units is None else self._units[offset]

    def from_utf16(self, offset: int) -> int:
        """Return an offset in UTF-16 code units as one in code points.

        Raises:
            DataError: when it lies inside a character.
        """
        if self._points is None:
            return offset
        point = self._points.get(offset)
        if point is None:
            raise DataError(f"the offset {quote(offset)}, in UTF-16 code units, lies inside a character")
        return point

    def locate(self, start: int, end: int, surface: str) -> tuple[int, int] | None:
        """Find what a span's offsets count, by its text.

        Args:
            start: The span's first character, in code points or UTF-16 code units.
            end: Behind its last.
            surface: The span's text; white space may be written otherwise.

        Returns:
            The offsets in code points, ``None`` when neither fits.
        """
        wanted = surface.split()
        if end <= len(self.text) and self.text[start:end].split() == wanted:
            return start, end
        try:
            start, end = self.from_utf16(start), self.from_utf16(end)
        except DataError:
            return None
        return (start, end) if self.text[start:end].split() == wanted else None
