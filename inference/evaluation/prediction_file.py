"""Predictions of any system, read from a file of documents, to be measured like a model's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ...data.documents import Document
from ...data.files import read_documents
from ...data.quotes import printable, quote
from ...model.labels import DEFAULT_SCHEME, Label, LabelScheme
from ..prediction import PredictedSpan, Prediction
from .pairs import EvaluationError

__all__ = ["read_predictions"]


def read_predictions(
    path: str | Path, gold: Sequence[Document], skipped: int = 0
) -> tuple[list[Prediction], LabelScheme]:
    """Read predictions for ``gold``: documents with spans, such as ``evaluate --predictions`` writes.

    Documents are found by their id where ids are unique and at least one is that of a gold document, else
    they must come in the order of the gold ones. A document that the file lacks counts as not read at all.

    Args:
        path: The file.
        gold: The gold documents.
        skipped: How many gold records could not be read; with any, predictions for other documents are left
            out.

    Returns:
        One prediction for each gold document, and the scheme of labels, which is the package's own where that
        knows all labels of both sides, else one made of what is in the data.

    Raises:
        DataError: when the file cannot be read.
        EvaluationError: when its documents are others.
    """
    documents = list(read_documents(path))
    found = _in_order(documents, gold, skipped, printable(str(path)))
    predictions = [
        Prediction("", (), (), {}, 1.0) if document is None else _prediction(document) for document in found
    ]
    return predictions, _scheme([*gold, *documents], any(document.events for document in documents))


def _in_order(
    documents: Sequence[Document], gold: Sequence[Document], skipped: int, name: str
) -> list[Document | None]:
    """Return the file's document for each gold one."""
    by_id = {document.id: document for document in documents}
    wanted = Counter(document.id for document in gold)
    others = [id_ for id_ in by_id if id_ not in wanted]
    unique = len(by_id) == len(documents) and max(wanted.values(), default=0) <= 1
    if unique and (len(others) < len(documents) or len(documents) != len(gold)):
        if others and (not skipped or len(others) == len(documents)):
            raise EvaluationError(
                f"{name}: the document {quote(others[0])} is not in the gold data; give predictions for the "
                "same documents, with the same ids"
            )
        return [by_id.get(document.id) for document in gold]
    if len(documents) != len(gold):
        raise EvaluationError(
            f"{name}: {len(documents)} documents for {len(gold)} gold ones, and ids are not unique; give "
            "each document an id of its own, or one prediction for each, in the same order"
        )
    return list(documents)


def _prediction(document: Document) -> Prediction:
    text = document.text
    spans = tuple(
        PredictedSpan(
            span.start, span.end, span.label, span.attribute, span.score, text[span.start : span.end]
        )
        for span in document.spans
    )
    return Prediction(text, spans, document.events, {}, 1.0)


def _scheme(documents: Sequence[Document], with_events: bool) -> LabelScheme:
    """Return a scheme that knows all of the documents' labels, attributes and event types."""
    values: dict[str, dict[str, None]] = {}
    events: dict[str, None] = {}
    for document in documents:
        events.update(dict.fromkeys(document.events))
        for span in document.spans:
            seen = values.setdefault(span.label, {})
            if span.attribute is not None:
                seen[span.attribute] = None
    own = DEFAULT_SCHEME
    known = all(label in own.table and seen.keys() <= set(own.table[label]) for label, seen in values.items())
    if known and values and events.keys() <= set(own.events):
        return own if with_events else LabelScheme(own.labels)
    if not values:
        return LabelScheme(own.labels)
    return LabelScheme(
        tuple(Label(label, "attribute" if seen else None, tuple(seen)) for label, seen in values.items()),
        tuple(events) if with_events else (),
    )
