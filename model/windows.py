"""Texts as windows of word pieces: what the network reads, and which word each window decides.

Training, prediction and export share this module, so they cannot disagree on tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..data.words import word_offsets

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["TokenizedText", "Window", "WindowEncoder"]

_STRETCH = 50_000  # characters tokenised at once; keeps memory flat on texts of many megabytes


@dataclass(frozen=True, slots=True)
class TokenizedText:
    """A text as words and pieces.

    Attributes:
        words: Half-open character offsets of the words that have a piece, shape ``[words, 2]``.
        ids: Vocabulary indices of the pieces, shape ``[pieces]``.
        heads: For each word the index of the piece that stands for it (its first), shape ``[words]``.
        coverage: Share of the text's non-space characters that lie in these words, in [0, 1]; 1 for an empty text.
    """

    words: NDArray[np.int64]
    ids: NDArray[np.int64]
    heads: NDArray[np.int64]
    coverage: float


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of pieces that the network reads at once.

    Attributes:
        ids: Vocabulary indices with the special tokens around them, shape ``[length]``.
        first: Index of the first word this window decides.
        heads: Positions in ``ids`` of the words it decides, shape ``[decided]``.
    """

    ids: NDArray[np.int64]
    first: int
    heads: NDArray[np.int64]


class WindowEncoder:
    """Cuts texts into overlapping windows of at most ``max_length`` pieces, special tokens included.

    Each word is decided by the window in which it is most central.

    Args:
        tokenizer: Any fast tokenizer; its truncation and padding are switched off.
        max_length: Longest window, in pieces with special tokens.
        overlap: Least number of pieces that neighbouring windows share.

    Raises:
        ValueError: when the overlap leaves no progress from window to window.
    """

    def __init__(self, tokenizer: Tokenizer, max_length: int, overlap: int) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self.tokenizer = tokenizer
        probe = tokenizer.encode("a", add_special_tokens=True)
        body = [i for i, special in enumerate(probe.special_tokens_mask) if not special] or [0]
        self._prefix = np.array(probe.ids[: body[0]], dtype=np.int64)
        self._suffix = np.array(probe.ids[body[-1] + 1 :], dtype=np.int64)
        self.room = max_length - len(self._prefix) - len(self._suffix)
        self.overlap = overlap
        if not 0 <= overlap < self.room:
            raise ValueError(f"overlap must be from 0 to {self.room - 1} pieces in a window of {max_length}, got {overlap}")

    def tokenize(self, text: str) -> TokenizedText:
        """Split ``text`` into words and pieces; any Unicode text is accepted, lone surrogates read as U+FFFD."""
        words = np.array(word_offsets(text), dtype=np.int64).reshape(-1, 2)
        ids: list[int] = []
        starts: list[int] = []
        ends: list[int] = []
        for begin, stretch in _stretches(text):
            encoding = self.tokenizer.encode(_encodable(stretch), add_special_tokens=False)
            ids += encoding.ids
            for start, end in encoding.offsets:
                starts.append(begin + start)
                ends.append(begin + end)
        piece_starts = np.array(starts, dtype=np.int64)
        piece_ends = np.array(ends, dtype=np.int64)
        # A word's head is the first piece that ends behind the word's start and starts before its end.
        heads = np.searchsorted(piece_ends, words[:, 0], side="right")
        present = heads < len(ids)
        present[present] = piece_starts[heads[present]] < words[present, 1]
        lengths = words[:, 1] - words[:, 0]
        coverage = float(lengths[present].sum() / lengths.sum()) if len(words) else 1.0
        return TokenizedText(words[present], np.array(ids, dtype=np.int64), heads[present], coverage)

    def windows(self, text: TokenizedText) -> Iterator[Window]:
        """Yield the windows of a text, in order; none when it has no words."""
        pieces, room = len(text.ids), self.room
        if not len(text.words):
            return
        count = 1 if pieces <= room else -(-(pieces - self.overlap) // (room - self.overlap))
        starts = np.linspace(0, max(0, pieces - room), count).astype(np.int64)
        if count > 1:  # begin at a word, unless a word is longer than the overlap
            following = np.searchsorted(text.heads, starts).clip(max=len(text.heads) - 1)
            moved = text.heads[following] - starts
            starts = np.where((moved > 0) & (moved < self.overlap), starts + moved, starts)
        stops = np.minimum(starts + room, pieces)
        borders = np.concatenate([[0], (starts[1:] + stops[:-1] + 1) // 2, [pieces]])
        decided = np.searchsorted(text.heads, borders)
        for start, stop, first, last in zip(starts, stops, decided, decided[1:], strict=False):
            ids = np.concatenate([self._prefix, text.ids[start:stop], self._suffix])
            yield Window(ids, int(first), text.heads[first:last] - start + len(self._prefix))


def _stretches(text: str) -> Iterator[tuple[int, str]]:
    """Cut a long text before white space, where no tokenizer joins pieces."""
    begin = 0
    while len(text) - begin > _STRETCH:
        end = begin + _STRETCH
        while end > begin + 1 and not text[end].isspace():
            end -= 1
        if end == begin + 1:  # no white space at all
            end = begin + _STRETCH
        yield begin, text[begin:end]
        begin = end
    yield begin, text[begin:]


def _encodable(text: str) -> str:
    """Replace lone surrogates, which no tokenizer can encode, by U+FFFD; the length stays."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    return text
