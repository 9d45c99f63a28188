"""Label Studio's JSON: tasks with annotations, or with predictions, which it shows as pre-annotation.

A task is ``{"data": {"text": ...}, "annotations": [{"result": [...]}], "predictions": [...]}``; a result of
the type ``labels`` is a span with ``{"start", "end", "text", "labels"}``. Offsets count code points; in the
exports of older versions UTF-16 code units, which the span's text tells. Event types are a result of the type
``choices`` that is named ``events``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ..documents import Document, Span
from ..errors import DataError
from ..lines import OnError
from ..quotes import quote
from .fields import build_document, default_id, extra_fields, require_list
from .format import Format
from .peek import Peek
from .records import read_objects, write_array
from .report import Report
from .spans import join_label, read_offsets, read_score, split_label
from .utf16 import Utf16Offsets

__all__ = ["LABEL_STUDIO", "LABEL_STUDIO_PREDICTIONS"]

_EVENTS = "events"
_MODEL = "conflictner"
_Task = Callable[[Document, int, Report], dict[str, Any]]
_MINIMAL = "annotation_id"  # a field of JSON-MIN alone, which has no tasks
_SETS = ("annotations", "completions", "predictions")  # the second is what the first was called once


def _detect(peek: Peek) -> bool:
    return isinstance(peek.record.get("data"), dict) or _MINIMAL in peek.record


def _read(path: Path, report: Report, on_error: OnError | None = None) -> Iterator[Document]:
    def build(task: Mapping[str, Any], number: int) -> Document | None:
        data = task.get("data")
        if not isinstance(data, dict):
            hint = "; export as JSON, not as JSON-MIN" if _MINIMAL in task else ""
            raise DataError(f"a task must have an object 'data' with its text, got {quote(data)}{hint}")
        field = _text_field(data)
        text = data[field]
        offsets = Utf16Offsets(text)
        results = _results(task, report)
        if results is None:
            return None
        spans: list[Span] = []
        events: list[str] = []
        for result in results:
            kind = result.get("type") if isinstance(result, dict) else None
            is_events = kind == "choices" and result.get("from_name") == _EVENTS
            if isinstance(result, dict) and not is_events and kind != "labels":
                report.left_out[f"results of the type {quote(kind)}"] += 1
                continue
            if not isinstance(result, dict) or not isinstance(result.get("value"), dict):
                raise DataError(f"a result must be an object with an object 'value', got {quote(result)}")
            if is_events:
                events += require_list(result["value"], "choices")
            elif result["value"].get("labels"):
                spans.append(_span(result, offsets, report))
            else:
                report.dropped["has no label"] += 1
        identity = task.get("id")
        name = (
            str(identity)
            if isinstance(identity, int) and abs(identity) < 1 << 64
            else default_id(path, number)
        )
        record = data | ({_EVENTS: events} if events else {})
        return build_document(record, {field}, name, text, spans, report)

    return read_objects(path, build, on_error)


def _text_field(data: Mapping[str, Any]) -> str:
    """Return which field of a task's data holds its text: ``text``, or the only one with a string."""
    strings = [name for name, value in data.items() if isinstance(value, str)]
    if "text" in strings:
        return "text"
    if len(strings) != 1:
        raise DataError(f"'data' must hold the text in a field 'text', got {quote(dict(data))}")
    return strings[0]


def _results(task: Mapping[str, Any], report: Report) -> list[Any] | None:
    """Return the results of a task: of its first annotation that counts, or else of its first prediction.

    ``None`` where all annotations were cancelled: who skips a task does not say that there is nothing in it.
    """
    for name in _SETS:
        found = require_list(task, name)
        for item in found:
            if not isinstance(item, dict):
                raise DataError(f"{name!r} must be a list of objects, got {quote(item)}")
        cancelled = sum(bool(item.get("was_cancelled")) for item in found)
        usable = [item for item in found if not item.get("was_cancelled")]
        if cancelled:
            report.left_out["annotations that were cancelled"] += cancelled
        if len(usable) > 1:
            report.left_out[f"{name} of a task beside the one that was taken"] += len(usable) - 1
        if usable:
            truths = [item for item in usable if item.get("ground_truth")]
            return require_list((truths or usable)[0], "result")
        if cancelled:
            report.left_out["tasks that were skipped"] += 1
            return None
    report.notes["tasks without annotation, read as texts without spans"] += 1
    return []


def _span(result: Mapping[str, Any], offsets: Utf16Offsets, report: Report) -> Span:
    """Return a result of the type ``labels`` as a span."""
    value = result["value"]
    start, end = read_offsets(value.get("start"), value.get("end"), offsets.length)
    surface = value.get("text")
    if isinstance(surface, str):
        found = offsets.locate(start, end, surface)
        found = found or offsets.locate(start, end, surface.replace("\\n", "\n"))  # its editor writes "\\n"
        if found is None:
            here = offsets.text[start:end]
            raise DataError(f"the span {start}:{end} should be {quote(surface)}, the text has {quote(here)}")
        if found != (start, end):
            report.notes["spans with offsets in UTF-16 code units, as their texts tell"] += 1
        start, end = found
    read_offsets(start, end, len(offsets.text))
    labels = require_list(value, "labels")
    if len(labels) > 1:
        report.dropped["second label of a span"] += len(labels) - 1
    return Span(start, end, *split_label(labels[0]), read_score(result.get("score", value.get("score"))))


def _write(path: Path, documents: Iterable[Document], report: Report, *, task: _Task) -> None:
    write_array(path, (task(document, number, report) for number, document in enumerate(documents, start=1)))


def _task(document: Document, number: int, report: Report) -> dict[str, Any]:
    """Return a document as a task with an annotation."""
    return _base(document, number) | {"annotations": [{"result": _written(document, number, report)}]}


def _predicted_task(document: Document, number: int, report: Report) -> dict[str, Any]:
    """Return a document as a task with a prediction, whose score is the mean of its spans'."""
    prediction: dict[str, Any] = {"model_version": _MODEL, "result": _written(document, number, report)}
    scores = [span.score for span in document.spans if span.score is not None]
    if scores:
        prediction["score"] = sum(scores) / len(scores)
    return _base(document, number) | {"predictions": [prediction]}


def _base(document: Document, number: int) -> dict[str, Any]:
    """Return the part of a task that is not annotated."""
    extra = {name: value for name, value in extra_fields(document).items() if name != _EVENTS}
    return {"id": number, "data": {"text": document.text, **extra}}


def _written(document: Document, number: int, report: Report) -> Sequence[Mapping[str, Any]]:
    """Return the results of a document."""
    report.keep(document)
    results: list[dict[str, Any]] = []
    for place, span in enumerate(document.spans, start=1):
        value = {
            "start": span.start,
            "end": span.end,
            "text": document.text[span.start : span.end],
            "labels": [join_label(span, report)],
        }
        result = {"id": f"{number}-{place}", "from_name": "label", "to_name": "text", "type": "labels"}
        results.append({**result, "value": value} | ({} if span.score is None else {"score": span.score}))
    if document.events:
        result = {"id": f"{number}-{_EVENTS}", "from_name": _EVENTS, "to_name": "text", "type": "choices"}
        results.append({**result, "value": {"choices": list(document.events)}})
    return results


LABEL_STUDIO = Format(
    name="label-studio",
    title="Label Studio tasks with annotations, JSON",
    detect=_detect,
    read=_read,
    write=partial(_write, task=_task),
    holds="everything",
)

LABEL_STUDIO_PREDICTIONS = Format(
    name="label-studio-predictions",
    title="Label Studio tasks with predictions for pre-annotation, JSON",
    detect=lambda peek: False,  # both are read alike
    read=_read,
    write=partial(_write, task=_predicted_task),
    holds="everything",
)
