"""Public research sets as they are published, with their own labels; they are only read.

``conflictner data fetch`` maps the same sets to the labels of this project.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from ..corpora import ORIGINALS, Original
from ..documents import Document, Span
from ..lines import OnError, raise_error
from .format import Format
from .report import Report
from .research_signs import SIGNS
from .spans import flat_spans

__all__ = ["RESEARCH_FORMATS"]

_DOUBTFUL = 0.5  # a mention of less confidence is held for wrong by most annotators
#: Name -> title, and what of a set is read.
_SETS = {
    "muc": (
        "MUC-3 and MUC-4 documents and keys",
        "the words of the keys wherever they stand in a report, what happened to victims as attribute, the "
        "incidents in meta.incidents",
    ),
    "muc-gtt": (
        "MUC-4 in the GTT split",
        "the words of the templates wherever they stand in a report, the templates in meta.templates",
    ),
    "wikievents": (
        "WikiEvents",
        "the heads of entities, the types of events, and the events themselves in meta.event_mentions",
    ),
    "re3d": ("re3d", "entities with their confidence as score; relations are not read"),
    "gmb": ("Groningen Meaning Bank columns", "each sentence as a document"),
    "worldwide": ("English Worldwide Newswire", "the outermost names of each article"),
    "uner": ("Universal NER columns", "each sentence as a document"),
}


def _read(name: str, path: Path, report: Report, on_error: OnError | None = None) -> Iterator[Document]:
    """Read a set, see :class:`~.format.Reader`."""
    for original in ORIGINALS[name](path, on_error or raise_error):
        yield _document(name, original, report)


def _document(name: str, original: Original, report: Report) -> Document:
    """Return an original with flat spans; of those that overlap the surer and longer ones are kept."""
    report.dropped.update(original.absent)
    found = [
        Span(mention.start, mention.end, mention.kind, mention.attribute, mention.confidence)
        for mention in original.mentions
    ]
    found.sort(key=_confidence, reverse=True)
    spans = flat_spans(original.text, _without_doubtful(found, len(original.text), report), report)
    meta = {"source": name, **original.meta}
    return Document(original.id, original.text, spans, original.events, meta)


def _without_doubtful(spans: Sequence[Span], length: int, report: Report) -> list[Span]:
    """Leave out the doubtful spans that overlap one that is not."""
    kept = [span for span in spans if _confidence(span) >= _DOUBTFUL]
    covered = bytearray(length)
    for span in kept:
        covered[span.start : span.end] = b"\1" * (span.end - span.start)
    for span in spans[len(kept) :]:
        if any(covered[span.start : span.end]):
            report.dropped["overlaps a span of higher confidence"] += 1
        else:
            kept.append(span)
    return kept


def _confidence(span: Span) -> float:
    return 1.0 if span.score is None else span.score


#: All of them, each told from others by what only it has.
RESEARCH_FORMATS = tuple(
    Format(name=name, title=title, detect=SIGNS[name], read=partial(_read, name), holds=holds)
    for name, (title, holds) in _SETS.items()
)
