"""From tag probabilities to spans: constrained Viterbi over coarse BIO tags, attributes and scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.documents import Span
from .labels import LabelScheme

__all__ = ["SpanConfidence", "decode", "logit", "softmax", "spans_of_tags", "viterbi"]

Floats = NDArray[np.floating[Any]]
_LEAST = 1e-4  # probabilities are kept this far from 0 and 1 before their logit is taken


@dataclass(frozen=True)
class SpanConfidence:
    """How likely a decoded span is right, from what the network says inside it and at its end.

    The mean probability of a span's tags does not tell whether the span goes on too long or stops too soon,
    and is too sure of middling spans. So the score is a logistic function (Platt 1999, "Probabilistic outputs
    for support vector machines") of two logits: of that mean, and of the probability that the word behind the
    span does not continue it.

    Attributes:
        inside: Weight of the logit of the mean tag probability.
        end: Weight of the logit of the probability that the span ends where it does.
        bias: Added to both.
    """

    inside: float = 1.0
    end: float = 0.0
    bias: float = 0.0

    def scores(self, inside: Floats, end: Floats) -> Floats:
        """Return the scores, in [0, 1], for arrays of both probabilities."""
        total = self.inside * logit(inside) + self.end * logit(end) + self.bias
        scores: Floats = 0.5 * (1.0 + np.tanh(0.5 * total))
        return scores


def logit(probabilities: Floats) -> Floats:
    """Return the log odds of probabilities, which are kept a little away from 0 and 1."""
    kept = np.clip(probabilities, _LEAST, 1 - _LEAST)
    odds: Floats = np.log(kept) - np.log1p(-kept)
    return odds


def softmax(logits: Floats, temperature: float = 1.0) -> Floats:
    """Return probabilities over the last axis of ``logits`` divided by ``temperature`` (> 0)."""
    scaled: Floats = logits / temperature
    scaled = scaled - scaled.max(axis=-1, keepdims=True)
    np.exp(scaled, out=scaled)
    scaled /= scaled.sum(axis=-1, keepdims=True)
    return scaled


def viterbi(scores: Floats, first: NDArray[np.bool_] | None = None) -> NDArray[np.intp]:
    """Find the best legal IOB2 tag sequence, exactly and vectorised over stretches of the text.

    The only constraint is that ``I-x`` follows ``B-x`` or ``I-x``. As a rule each word's best tag makes a
    legal sequence, and no other is better. For the rest: where every ``B-x`` scores at least as well as its
    ``I-x``, the best path never needs an ``I`` (writing ``B`` instead stays legal and loses nothing), so the
    text can be cut there without changing the result; the stretches between cuts in which the best tags are
    not legal are searched side by side.

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
    if not words:
        return np.zeros(0, dtype=np.intp)
    best: NDArray[np.intp] = scores.argmax(axis=1)
    previous = np.append(0, best[:-1])
    if first is not None:
        previous[first] = 0
    illegal = (best > 0) & (best % 2 == 0) & (best != previous) & (best != previous + 1)
    if not illegal.any():
        return best
    inside = np.arange(2, states, 2)
    cut: NDArray[np.bool_] = np.all(scores[:, inside - 1] >= scores[:, inside], axis=1)
    if first is not None:
        cut |= first
    cut[0] = True
    begins = np.flatnonzero(cut)
    lengths = np.diff(np.append(begins, words))
    searched = np.unique(np.searchsorted(begins, np.flatnonzero(illegal), side="right") - 1)
    begins, lengths = begins[searched], lengths[searched]
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
    confidence: SpanConfidence | None = None,
) -> tuple[list[Span], NDArray[np.intp]]:
    """Decode fine tag probabilities into spans with attribute and score.

    The attribute is the value with the largest summed fine probability inside the span.

    Args:
        scheme: The label scheme of the columns of ``fine``.
        fine: Fine tag probabilities, shape ``[words, len(scheme.tags)]``.
        words: Half-open character offsets, shape ``[words, 2]``.
        first: Where a new text begins, shape ``[words]``; ``None`` for one text.
        confidence: Gives the spans' scores; ``None`` for the mean probability of a span's coarse tags.

    Returns:
        The spans in order, and the index of the first word of each, shape ``[spans]``.
    """
    coarse = scheme.coarse_probabilities(fine)
    tags = viterbi(np.log(np.maximum(coarse, 1e-12)), first)
    found = spans_of_tags(tags)
    inside = _inside(coarse, tags, found)
    scores = inside if confidence is None else confidence.scores(inside, _end(coarse, found, first))
    spans = []
    attributes = _attributes(scheme, fine, found)
    starts, ends = words[found[:, 0], 0].tolist(), words[found[:, 1] - 1, 1].tolist()
    rows = zip(starts, ends, found[:, 2].tolist(), attributes, scores.tolist(), strict=True)
    for start, end, index, attribute, score in rows:
        spans.append(Span(start, end, scheme.labels[index].name, attribute, score))
    return spans, found[:, 0]


def _inside(coarse: Floats, tags: NDArray[np.intp], found: NDArray[np.intp]) -> Floats:
    """Return the mean probability of the tags of each span, shape ``[spans]``."""
    total = np.append(0.0, np.cumsum(coarse[np.arange(len(tags)), tags], dtype=np.float64))
    means: Floats = (total[found[:, 1]] - total[found[:, 0]]) / (found[:, 1] - found[:, 0])
    return means.clip(0.0, 1.0)


def _end(coarse: Floats, found: NDArray[np.intp], first: NDArray[np.bool_] | None) -> Floats:
    """Return the probability that the word behind each span does not continue it, shape ``[spans]``."""
    is_last = np.zeros(len(coarse) + 1, dtype=np.bool_)  # whether there is no word of the same text behind
    is_last[-1] = True
    if first is not None:
        is_last[:-1] = first
    behind, inner = found[:, 1], 2 * found[:, 2] + 2
    goes_on = coarse[np.minimum(behind, len(coarse) - 1), inner].astype(np.float64)
    ends: Floats = np.where(is_last[behind], 1.0, 1.0 - goes_on)
    return ends


def _attributes(scheme: LabelScheme, fine: Floats, found: NDArray[np.intp]) -> list[str | None]:
    """Return the value with the most probability in each span, ``None`` for labels without values."""
    attributes: list[str | None] = [None] * len(found)
    if not len(found):
        return attributes
    # Sums over the stretches from each border to the next one; those inside spans are every second.
    borders = np.append(fine, np.zeros((1, fine.shape[1]), dtype=fine.dtype), axis=0)
    mass = np.add.reduceat(borders, found[:, :2].ravel(), axis=0)[::2]
    column = 1
    for index, label in enumerate(scheme.labels):
        own = np.flatnonzero(found[:, 2] == index)
        width = 2 * max(1, len(label.values))
        if label.values and len(own):
            sums = mass[own, column : column + width].reshape(len(own), -1, 2).sum(axis=2)
            for span, value in zip(own.tolist(), sums.argmax(axis=1).tolist(), strict=True):
                attributes[span] = label.values[value]
        column += width
    return attributes
