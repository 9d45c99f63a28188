"""Gold documents paired with what was predicted for them; everything else counts from these pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from math import floor
from typing import TYPE_CHECKING

from ...data.documents import Document, Span
from ...data.errors import ConflictnerError
from ...data.quotes import printable, quote
from ...data.words import word_offsets
from ...model.labels import LabelScheme
from .matching import Matching, match_spans

if TYPE_CHECKING:
    from ..prediction import Prediction

__all__ = ["EvaluationError", "Pair", "check_scheme", "pair_up", "unmarked_note"]


class EvaluationError(ConflictnerError):
    """Gold data and predictions that cannot be compared."""


@dataclass(frozen=True)
class Pair:
    """A document and its prediction.

    Attributes:
        document: The gold document.
        gold: Its spans, sorted by start.
        predicted: The predicted spans, sorted by start.
        events: The predicted event types.
        words: Half-open character offsets of the words of the text.
        characters: Number of characters of the text that are not white space.
        read: How many of them the model read.
        words_read: How many of the words it read.
        outside: How many gold spans end behind what was predicted on; none of them can have been found.
    """

    document: Document
    gold: tuple[Span, ...]
    predicted: tuple[Span, ...]
    events: tuple[str, ...]
    words: Sequence[tuple[int, int]]
    characters: int
    read: int
    words_read: int
    outside: int

    @cached_property
    def matching(self) -> Matching:
        """Which predicted span answers which gold span."""
        return match_spans(self.gold, self.predicted)

    def only(self, wanted: Callable[[Span], bool]) -> Pair:
        """Return the pair with those of its spans, gold and predicted, that are wanted."""
        return replace(
            self, gold=tuple(filter(wanted, self.gold)), predicted=tuple(filter(wanted, self.predicted))
        )


def check_scheme(documents: Iterable[Document], scheme: LabelScheme, model: str | None = None) -> None:
    """Make sure that the model knows everything the gold data ask for.

    A model without any event type is let through: its event types are not scored.

    Args:
        documents: The gold data.
        scheme: The model's scheme.
        model: The model's name, for the message.

    Raises:
        EvaluationError: naming the labels, attributes or event types that are in the data alone.
    """
    labels: Counter[str] = Counter()
    attributes: Counter[str] = Counter()
    events: Counter[str] = Counter()
    first: dict[str, str] = {}
    for document in documents:
        for span in document.spans:
            if span.label not in scheme.table:
                labels[span.label] += 1
                first.setdefault(span.label, document.id)
            elif span.attribute is not None and span.attribute not in scheme.table[span.label]:
                name = f"{span.label}:{span.attribute}"
                attributes[name] += 1
                first.setdefault(name, document.id)
        for event in document.events:
            if scheme.events and event not in scheme.events:
                events[event] += 1
                first.setdefault(event, document.id)
    known = [
        f"{label.name} ({', '.join(label.values)})" if label.values else label.name for label in scheme.labels
    ]
    for kind, unknown, accepted in (
        ("label", labels, list(scheme.table)),
        ("attribute", attributes, known),
        ("event type", events, list(scheme.events)),
    ):
        if unknown:
            found = ", ".join(f"{printable(name)} ({count} times)" for name, count in unknown.most_common(5))
            more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
            name = next(iter(unknown.most_common(1)))[0]
            raise EvaluationError(
                f"the data have the {kind}{'s' if len(unknown) > 1 else ''} {found}{more}, first in document "
                f"{quote(first[name])}, which the model{f' {model}' if model else ''} does not know; "
                f"it knows {', '.join(accepted)}: give another model, or rename them in the data"
            )


def unmarked_note(documents: Iterable[Document], names: Sequence[str]) -> str:
    """Say how many documents do not mark everything (:attr:`Document.annotated`); empty when all do.

    Args:
        documents: The gold data.
        names: The labels and event types that are scored.

    Raises:
        DataError: for a malformed ``meta["annotated"]``.
    """
    lists = [document.annotated for document in documents]
    unmarked = [[name for name in names if name not in marked] for marked in lists if marked is not None]
    partly = list(filter(None, unmarked))
    if not partly:
        return ""
    found = ", ".join(map(printable, dict.fromkeys(chain.from_iterable(partly))))
    return (
        f"{len(partly)} documents do not mark everything (meta.annotated): what is predicted there of "
        f"{found} counts as wrong, right or not."
    )


def pair_up(
    documents: Sequence[Document], predictions: Iterable[Prediction], scheme: LabelScheme
) -> tuple[Pair, ...]:
    """Pair each document with its prediction, in order, and check that they belong together.

    A prediction's text must be the document's text or a beginning of it; what lies behind that beginning
    counts as not read, so gold spans there are missed. Of a text that the model read in part
    (``prediction.coverage``), the same share of the words counts as read.

    Args:
        documents: The gold data.
        predictions: One for each document; read lazily, once.
        scheme: The labels that predictions may have.

    Raises:
        EvaluationError: for another number of predictions than documents, another text, a span outside the
            text, a span that overlaps its neighbour, an unknown label or event type.
    """
    pairs = []
    remaining = iter(predictions)
    for index, document in enumerate(documents):
        prediction = next(remaining, None)
        if prediction is None:
            raise EvaluationError(
                f"there are {len(documents)} documents but only {index} predictions; give one for each"
            )
        pairs.append(_pair(document, prediction, scheme))
    if next(remaining, None) is not None:
        raise EvaluationError(
            f"there are more predictions than the {len(documents)} documents; give one for each"
        )
    return tuple(pairs)


def _pair(document: Document, prediction: Prediction, scheme: LabelScheme) -> Pair:
    text, read = document.text, prediction.text
    if not text.startswith(read):
        shared = zip(text, read, strict=False)
        first = next((place for place, (one, other) in enumerate(shared) if one != other), len(text))
        near = slice(max(0, first - 15), first + 25)
        raise EvaluationError(
            f"document {quote(document.id)} and its prediction have different texts from "
            f"character {first} on, {quote(text[near])} and {quote(read[near])}; give predictions of the "
            "untouched texts, in the order of the documents"
        )
    if not 0 <= prediction.coverage <= 1:
        raise EvaluationError(
            f"the coverage of document {quote(document.id)} is {prediction.coverage}; "
            "accepted is a share from 0 to 1"
        )
    unknown = [event for event in prediction.events if scheme.events and event not in scheme.events]
    if unknown:
        raise EvaluationError(
            f"the prediction for document {quote(document.id)} has the event type {quote(unknown[0])}, "
            f"which is not in the scheme; accepted are {', '.join(scheme.events)}"
        )
    gold = _checked(document, document.spans, len(text), scheme, "")
    words = word_offsets(text)
    characters = _characters(text)
    if len(read) == len(text):
        within = characters
        reached = len(words)
    else:
        within = _characters(read)
        reached = sum(end <= len(read) for _, end in words)
    return Pair(
        document,
        gold,
        _checked(document, prediction.spans, len(read), scheme, "the prediction for "),
        tuple(prediction.events),
        words,
        characters,
        round(prediction.coverage * within),
        floor(prediction.coverage * reached),
        sum(span.end > len(read) for span in gold),
    )


def _checked(
    document: Document, spans: Iterable[Span], length: int, scheme: LabelScheme, whose: str
) -> tuple[Span, ...]:
    """Return the spans in order, or complain of those of the document, or of ``whose`` it."""
    ordered = tuple(sorted(spans, key=lambda span: (span.start, span.end)))
    border = 0
    for span in ordered:
        if span.label not in scheme.table:
            raise EvaluationError(
                f"{whose}document {quote(document.id)} has the label {quote(span.label)}, which is not in "
                f"the scheme; accepted are {', '.join(scheme.table)}"
            )
        if not border <= span.start < span.end <= length:
            raise EvaluationError(
                f"{whose}document {quote(document.id)} has the span {span.start}:{span.end} ({span.label}), "
                f"which is empty, outside the text of {length} characters, or overlaps the span before it; "
                "spans must be flat"
            )
        border = span.end
    return ordered


def _characters(text: str) -> int:
    """Return the number of characters that are not white space."""
    return sum(map(len, text.split()))
