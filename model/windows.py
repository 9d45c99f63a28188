"""Texts as windows of word pieces: what the network reads, and which word each window decides.

Training, prediction and export share this module, so they cannot disagree on tokens.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..data.quotes import one_line
from ..data.words import each_word, word_offsets

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["TokenizedText", "Window", "WindowEncoder", "is_failure"]

_STRETCH = 50_000  # characters tokenised at once; keeps memory flat on texts of many megabytes
_NEAR = (
    1000  # characters before a stretch's end in which a place to cut is sought when there is no white space
)
_PAIR: Any = np.dtype((np.int64, 2))
_PROBE = "a \u0f00"  # an ordinary character and one that hardly any vocabulary has
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # but for tab and line breaks
_SURROGATES = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class TokenizedText:
    """A text as words and pieces.

    Attributes:
        words: Half-open character offsets of the words that have a piece, shape ``[words, 2]``. Words that
            the tokenizer joins in one piece (``),`` or ``'s``) are one word here: they can have but one tag.
        ids: Vocabulary indices of the pieces, shape ``[pieces]``.
        heads: For each word the index of the piece that stands for it (its first), increasing, shape
            ``[words]``.
        coverage: Share of the text's non-space characters that the pieces stand for, in [0, 1]; 1 for an
            empty text. Control and format characters, in which there is nothing to read, count as read.
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
        heads: Positions in ``ids`` of the words it decides, at least one, shape ``[decided]``.
    """

    ids: NDArray[np.int64]
    first: int
    heads: NDArray[np.int64]


def is_failure(error: BaseException) -> bool:
    """Whether an error says that the tokenizers library failed: it raises bare exceptions, and Rust's panics.

    A panic is no ``Exception``; a tokenizer.json that names a piece it does not have is enough for one.
    """
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


class WindowEncoder:
    """Cuts texts into overlapping windows of at most ``max_length`` pieces, special tokens included.

    Each word is decided by the window in which it is most central. Windows begin and end at words, save
    where a word is too long for that.

    Args:
        tokenizer: Any fast tokenizer; it is set to neither truncate nor pad, and to read special tokens that
            stand in a text (``[SEP]``) as ordinary characters.
        max_length: Longest window, in pieces with special tokens.
        overlap: Least number of pieces that neighbouring windows share.

    Attributes:
        margins: Number of special tokens in front of the pieces of a window, and behind them.
        room: Most pieces of a text in a window.

    Raises:
        ValueError: when the overlap leaves no progress from window to window, or the tokenizer has no piece
            for what it does not know.
    """

    def __init__(self, tokenizer: Tokenizer, max_length: int, overlap: int) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        tokenizer.encode_special_tokens = True
        self.tokenizer = tokenizer
        try:
            probe = tokenizer.encode(_PROBE, add_special_tokens=True)
        except BaseException as error:
            if not is_failure(error):
                raise
            raise ValueError(f"the tokenizer cannot read every character ({one_line(error)})") from error
        inner = [index for index, special in enumerate(probe.special_tokens_mask) if not special]
        begin, end = (inner[0], inner[-1] + 1) if inner else (1, 1)
        self._prefix = np.array(probe.ids[:begin], dtype=np.int64)
        self._suffix = np.array(probe.ids[end:], dtype=np.int64)
        self.margins = len(self._prefix), len(self._suffix)
        self.room = max_length - sum(self.margins)
        self.overlap = overlap
        if not 0 <= overlap < self.room:
            raise ValueError(
                f"overlap must be from 0 to {self.room - 1} pieces in a window of {max_length}, got {overlap}"
            )

    def tokenize(self, text: str) -> TokenizedText:
        """Split ``text`` into words and pieces.

        Any Unicode text is accepted. Control characters separate words, as in :mod:`conflictner.data.words`;
        lone surrogates, which no tokenizer takes, read as U+FFFD.
        """
        words = np.fromiter(each_word(text), dtype=_PAIR)
        ids, heads, present = self._pieces(_readable(text), words)
        if present.all() and (heads[1:] > heads[:-1]).all():  # as most often: a piece for every word
            return TokenizedText(words, ids, heads, 1.0)
        coverage = _coverage(text, words, present)
        words, heads = words[present], heads[present]
        begins = np.flatnonzero(
            np.diff(heads, prepend=-1)
        )  # where the head is another than the word before has
        ends_of_words = words[np.append(begins[1:], len(words)) - 1, 1] if len(words) else words[:, 1]
        return TokenizedText(
            np.stack([words[begins, 0], ends_of_words], axis=1), ids, heads[begins], coverage
        )

    def windows(self, text: TokenizedText) -> Iterator[Window]:
        """Yield the windows of a text, in order; none when it has no words."""
        cuts = self._cuts(text.heads, len(text.ids))
        # The middle of what two windows share is as far from the end of the one as from the other's start.
        middles = [(start + stop + 1) // 2 for (_, stop), (start, _) in pairwise(cuts)]
        decided = np.searchsorted(text.heads, [0, *middles, len(text.ids)]).tolist()
        for (start, stop), (first, last) in zip(cuts, pairwise(decided), strict=True):
            if first < last:
                ids = np.concatenate([self._prefix, text.ids[start:stop], self._suffix])
                yield Window(ids, first, text.heads[first:last] - start + len(self._prefix))

    def _pieces(
        self, text: str, words: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """Return the pieces of a text, and which of them are the heads of words.

        Args:
            text: A readable text.
            words: Character offsets of its words, shape ``[words, 2]``.

        Returns:
            Vocabulary indices, ``[pieces]``; the head of each word, and whether it has one, ``[words]``.
        """
        parts = []
        heads = np.zeros(len(words), dtype=np.int64)
        present = np.zeros(len(words), dtype=np.bool_)
        begun = headed = pieces = 0  # words that begin before the stretch's end, that have a head; pieces
        for begin, stretch in _stretches(text):
            encoding = self.tokenizer.encode(stretch, add_special_tokens=False)
            ids = np.array(encoding.ids, dtype=np.int64)
            starts, ends = (np.fromiter(encoding.offsets, dtype=_PAIR, count=len(ids)) + begin).T
            begun += int(np.searchsorted(words[begun : begun + len(stretch), 0], begin + len(stretch)))
            own = words[headed:begun]
            # A word's head is the first piece that ends behind the word's start and starts before its end.
            found = np.searchsorted(ends, own[:, 0], side="right")
            found = found[: np.searchsorted(found, len(ids))]
            done = headed + len(found)
            present[headed:done] = starts[found] < own[: len(found), 1]
            heads[headed:done] = found + pieces
            headed, pieces = done, pieces + len(ids)
            parts.append(ids)
        return parts[0] if len(parts) == 1 else np.concatenate(parts), heads, present

    def _cuts(self, heads: NDArray[np.int64], pieces: int) -> list[tuple[int, int]]:
        """Return the half-open ranges of pieces of the windows."""
        cuts = []
        start = 0
        while pieces - start > self.room:
            stop = _word_start(heads, start + self.room, above=start + self.overlap)
            cuts.append((start, stop))
            start = _word_start(heads, stop - self.overlap, above=start)
        if cuts:  # the last window reaches back as far as it has room
            earliest = np.searchsorted(heads, pieces - self.room)
            if earliest < len(heads):
                start = min(start, int(heads[earliest]))
        return [*cuts, (start, pieces)]


def _word_start(heads: NDArray[np.int64], position: int, above: int) -> int:
    """Return the last word start at or before ``position`` if it is over ``above``, else ``position``."""
    index = int(np.searchsorted(heads, position, side="right")) - 1
    return int(heads[index]) if index >= 0 and heads[index] > above else position


def _coverage(text: str, words: NDArray[np.int64], present: NDArray[np.bool_]) -> float:
    """Return the share of the characters in ``words`` that are read or in which there is nothing to read."""
    missed = sum(
        end - start
        for start, end in words[~present].tolist()
        if any(unicodedata.category(c) not in ("Cc", "Cf") for c in text[start:end])
    )
    return 1.0 - missed / int((words[:, 1] - words[:, 0]).sum()) if missed else 1.0


def _readable(text: str) -> str:
    """Return ``text`` as tokenizers take it, of the same length."""
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub(" ", text))


def _stretches(text: str) -> Iterator[tuple[int, str]]:
    """Cut a long text where no tokenizer joins pieces, if there is such a place."""
    begin = 0
    while len(text) - begin > _STRETCH:
        end = _cut(text, begin, begin + _STRETCH)
        yield begin, text[begin:end]
        begin = end
    yield begin, text[begin:]


def _cut(text: str, begin: int, end: int) -> int:
    """Return the best place for a cut in ``begin + 1:end + 1``: the last one before white space, if any."""
    space = max(text.rfind(c, begin, end) for c in " \n\t\r")
    cut = begin + len(text[begin:space].rstrip()) if space > begin else begin
    if cut > begin:
        return cut
    near = max(begin, end - _NEAR)
    words = [near + start for start, _ in word_offsets(text[near:end])]
    behind_letters = [start for start in words[1:] if text[start - 1].isalnum() and not text[start].isalnum()]
    return (behind_letters or words[1:] or [end])[-1]
