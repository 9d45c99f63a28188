"""From tag probabilities to spans: constrained Viterbi over coarse BIO tags, attributes and scores."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.documents import Span
from .labels import LabelScheme

__all__ = ["decode", "softmax", "spans_of_tags", "viterbi"]

Floats = NDArray[np.floating[Any]]


def softmax(logits: Floats, temperature: float = 1.0) -> Floats:
    """Return probabilities over the last axis of ``logits`` divided by ``temperature`` (> 0)."""
    scaled: Floats = logits / temperature
    scaled = scaled - scaled.max(axis=-1, keepdims=True)
    np.exp(scaled, out=scaled)
    scaled /= scaled.sum(axis=-1, keepdims=True)
    return scaled


def viterbi(scores: Floats, first: NDArray[np.bool_] | None = None) -> NDArray[np.intp]:
    """Find the best legal IOB2 tag sequence, exactly and vectorised over stretches of the text.

    The only constraint is that ``I-x`` follows ``B-x`` or ``I-x``. Where every ``B-x`` scores at least as
    well as its ``I-x``, the best path never needs an ``I`` (writing ``B`` instead stays legal and loses
    nothing), so the text can be cut there without changing the result; the stretches between cuts are decoded
    side by side.

    >>> import numpy as np
    >>> p = np.log([[0.5, 0.2, 0.3], [0.2, 0.1, 0.7]])  # O, B-x, I-x: greedy reads O I, which is illegal
    >>> viterbi(p).tolist()  # B I (0.2 * 0.7) beats O O (0.5 * 0.2) and O B (0.5 * 0.1)
    [1, 2]

    Args:
        scores: Log probabilities of the coarse tags O, B-1, I-1, B-2, ..., ``-inf`` included; shape
            ``[words, 1 + 2 * labels]``.
        first: Where a new text begins, shape ``[words]``; ``None`` for one text.

    Returns:
        Coarse tag indices, shape ``[words]``.
    """
    words, states = scores.shape
    best = np.zeros(words, dtype=np.intp)
    if not words:
        return best
    inside = np.arange(2, states, 2)
    cut: NDArray[np.bool_] = np.all(scores[:, inside - 1] >= scores[:, inside], axis=1)
    if first is not None:
        cut |= first
    cut[0] = True
    begins = np.flatnonzero(cut)
    lengths = np.diff(np.append(begins, words))
    order = np.argsort(-lengths, kind="stable")
    begins, lengths = begins[order], lengths[order]
    longest = int(lengths[0])
    # running[k]: how many stretches have more than k words; they are the first ones.
    running = np.searchsorted(-lengths, -np.arange(1, longest + 1), side="right")

    total = scores[begins].astype(np.float64)
    total[:, inside] = -np.inf
    pointers: list[NDArray[np.intp]] = []
    for step in range(1, longest):
        active = running[step]
        before = total[:active]
        pointer = np.repeat(before.argmax(axis=1)[:, None], states, axis=1)
        pointer[:, inside] = np.where(before[:, inside] > before[:, inside - 1], inside, inside - 1)
        pointers.append(pointer)
        total[:active] = np.take_along_axis(before, pointer, axis=1) + scores[begins[:active] + step]

    state = total.argmax(axis=1)
    for step in range(longest - 1, -1, -1):
        active = running[step]
        best[begins[:active] + step] = state[:active]
        if step:
            state[:active] = pointers[step - 1][np.arange(active), state[:active]]
    return best


def spans_of_tags(tags: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the spans of a legal coarse tag sequence.

    Args:
        tags: Coarse tag indices (O, B-1, I-1, ...), shape ``[words]``.

    Returns:
        Rows of first word, word behind the last, label index; shape ``[spans, 3]``.
    """
    begins = np.flatnonzero(tags % 2 == 1)
    stops = np.flatnonzero(np.append((tags == 0) | (tags % 2 == 1), True))
    ends = stops[np.searchsorted(stops, begins, side="right")]
    return np.stack([begins, ends, (tags[begins] - 1) // 2], axis=1)


def decode(
    scheme: LabelScheme,
    fine: Floats,
    words: NDArray[np.integer[Any]],
    first: NDArray[np.bool_] | None = None,
) -> tuple[list[Span], NDArray[np.intp]]:
    """Decode fine tag probabilities into spans with attribute and score.

    The score is the mean probability of the span's coarse tags; the attribute is the value with the largest
    summed fine probability inside the span.

    Args:
        scheme: The label scheme of the columns of ``fine``.
        fine: Fine tag probabilities, shape ``[words, len(scheme.tags)]``.
        words: Half-open character offsets, shape ``[words, 2]``.
        first: Where a new text begins, shape ``[words]``; ``None`` for one text.

    Returns:
        The spans in order, and the index of the first word of each, shape ``[spans]``.
    """
    coarse = scheme.coarse_probabilities(fine)
    tags = viterbi(np.log(np.maximum(coarse, 1e-12)), first)
    found = spans_of_tags(tags)
    chosen = np.append(0.0, np.cumsum(coarse[np.arange(len(tags)), tags], dtype=np.float64))
    spans = []
    offset_of = _attribute_columns(scheme)
    for begin, end, index in found.tolist():
        label = scheme.labels[index]
        attribute = None
        if label.values:
            columns = offset_of[index]
            mass = fine[begin:end, columns : columns + 2 * len(label.values)].sum(axis=0)
            attribute = label.values[int(mass.reshape(-1, 2).sum(axis=1).argmax())]
        score = min(1.0, max(0.0, float((chosen[end] - chosen[begin]) / (end - begin))))
        spans.append(Span(int(words[begin, 0]), int(words[end - 1, 1]), label.name, attribute, score))
    return spans, found[:, 0]


def _attribute_columns(scheme: LabelScheme) -> list[int]:
    """Return for each label the column of its first fine tag."""
    columns, column = [], 1
    for label in scheme.labels:
        columns.append(column)
        column += 2 * max(1, len(label.values))
    return columns
