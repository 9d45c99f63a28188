"""Errors as HTML: each in its sentence, what is annotated above what was predicted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from ...data.documents import Span
from ..rendering.markup import label_classes, safe
from .error_analysis import ErrorAnalysis
from .error_patterns import Pattern, pattern_of
from .errors import ERROR_KINDS, SpanError, spans_within

__all__ = ["KIND_TITLES", "error_sections", "pattern_rows"]

#: Headline and explanation of each kind's section.
KIND_TITLES = {
    "boundary": ("Boundary", "The label is right; the span begins or ends elsewhere."),
    "label": ("Label", "A span is there, with another label."),
    "attribute": ("Attribute", "Borders and label are right; the attribute is another one."),
    "missed": ("Missed", "Annotated, and no predicted span answers it."),
    "spurious": ("Spurious", "Predicted, and no annotated span answers it."),
}

_MOST_LINKS = 5
_CLOSING = frozenset(".!?…'\"”’)]")


def error_sections(analysis: ErrorAnalysis) -> Iterator[str]:
    """Yield a section for each kind of error, in pieces; every error is in it once, as ``#error-NUMBER``."""
    classes = label_classes(analysis.scheme)
    by_kind = {
        kind: list(members)
        for kind, members in groupby(enumerate(analysis.errors, 1), key=lambda item: item[1].kind)
    }
    for kind in ERROR_KINDS:
        members = by_kind.get(kind, [])
        title, explanation = KIND_TITLES[kind]
        count = f'<span class="count">{len(members)}</span>'
        yield f'<section id="{kind}" class="kind">\n<h2>{title} {count}</h2>\n'
        yield f'<p class="facts">{explanation}</p>\n'
        for label, group in groupby(members, key=lambda item: item[1].label):
            items = list(group)
            yield f'<h3>{safe(label)} <span class="count">{len(items)}</span></h3>\n'
            for number, error in items:
                yield _card(number, error, analysis, classes)
        yield "</section>\n"


def pattern_rows(patterns: Sequence[Pattern]) -> Iterator[tuple[str, str, int, str, str]]:
    """Yield the cells of each pattern as HTML: kind, description, errors, frequent texts, links to errors."""
    for pattern in patterns:
        texts = "; ".join(
            f"<bdi>{safe(text)}</bdi>{f' ({count})' if count > 1 else ''}" for text, count in pattern.surfaces
        )
        links = " ".join(
            f'<a href="#error-{index + 1}">{index + 1}</a>' for index in pattern.errors[:_MOST_LINKS]
        )
        more = " …" if len(pattern.errors) > _MOST_LINKS else ""
        yield pattern.kind, safe(pattern.description), len(pattern.errors), texts, links + more


def _card(number: int, error: SpanError, analysis: ErrorAnalysis, classes: Mapping[str, str]) -> str:
    facts = [f"<bdi>{safe(error.document.id)}</bdi>"]
    source = error.document.meta.get("source")
    if isinstance(source, str) and source.strip():
        facts.append(f"source <bdi>{safe(source)}</bdi>")
    if analysis.training is not None:
        span = error.spans[0]
        text = error.document.text[span.start : span.end]
        count = analysis.training.count(text, error.label)
        times = f" ({count} spans)" if count > 1 else ""
        facts.append(f"{analysis.training.familiarity(text, error.label)} in training{times}")
    start, end = error.sentence()
    return (
        f'<article class="error" id="error-{number}">\n'
        f'<p class="facts"><a href="#error-{number}">{number}</a> <strong>{safe(pattern_of(error))}</strong>'
        f'<span class="where">{" · ".join(facts)}</span></p>\n<dl>\n'
        f"<dt>annotated</dt><dd>{_sentence(error, error.pair.gold, start, end, classes)}</dd>\n"
        f"<dt>predicted</dt><dd>{_sentence(error, error.pair.predicted, start, end, classes)}</dd>\n"
        "</dl>\n</article>\n"
    )


def _sentence(
    error: SpanError, spans: Sequence[Span], start: int, end: int, classes: Mapping[str, str]
) -> str:
    """Return the sentence with the spans of one side.

    Those that the error is about carry their label in words, the others a line only. Where this side has
    nothing for the error, its place is framed.
    """
    text = error.document.text
    first = min(span.start for span in error.spans)
    last = max(span.end for span in error.spans)
    inside = spans_within(spans, start, end)
    about = spans_within(inside, first, last)
    pieces = [(max(start, span.start), min(end, span.end), span) for span in inside]
    frame: list[tuple[int, int, Span | None]] = [] if about else [(first, last, None)]
    parts = ["" if _closes(text[:start]) else "… "]
    position = start
    for begin, stop, piece in sorted([*pieces, *frame], key=lambda item: item[0]):
        parts.append(safe(text[position:begin]))
        shown = f"<bdi>{safe(text[begin:stop])}</bdi>"
        if piece is None:
            parts.append(f'<span class="nothing">{shown}&nbsp;<small dir="ltr">nothing</small></span>')
        elif piece in about:
            parts.append(_mark(shown, piece, classes))
        else:
            parts.append(f'<span class="other {classes[piece.label]}">{shown}</span>')
        position = stop
    parts += [safe(text[position:end]), "" if _closes(text[start:end]) or not text[end:].strip() else " …"]
    return f'<div class="text" dir="auto">{"".join(parts)}</div>'


def _closes(text: str) -> bool:
    """Whether a sentence may begin behind a text."""
    return not text.strip() or text.rstrip()[-1] in _CLOSING


def _mark(shown: str, span: Span, classes: Mapping[str, str]) -> str:
    attribute = f" {safe(span.attribute)}" if span.attribute else ""
    score = f" {span.score:.2f}" if span.score is not None else ""
    return (
        f'<mark class="{classes[span.label]}">{shown}&nbsp;'
        f'<small dir="ltr"><b>{safe(span.label)}</b>{attribute}{score}</small></mark>'
    )
