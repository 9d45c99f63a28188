"""Predictions as one web page that needs no network and no script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ...model.labels import LabelScheme
from .incident_map import incident_map
from .incident_table import incident_table
from .markup import label_classes, safe, stylesheet
from .summary import describe_events, summary_rows

if TYPE_CHECKING:
    from ..incidents import Incident
    from ..prediction import PredictedSpan, Prediction

__all__ = ["html_page", "incident_page"]

_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="generator" content="conflictner">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p class="facts">Tagged by the model <strong>{model}</strong>. The number behind a label is the model's
probability for it, from 0 to 1. What a model marks is a suggestion, not a verified fact.</p>
<ul class="legend" aria-label="Legend">
{legend}</ul>
</header>
<main>
"""
_FOOT = """</main>
</body>
</html>
"""


def html_page(
    predictions: Iterable[tuple[str, Prediction]],
    scheme: LabelScheme,
    *,
    model: str,
    title: str = "Tagged documents",
) -> Iterator[str]:
    """Yield the page in pieces, one a document, so that many documents need no memory.

    Spans carry colour, a line style of their own, label, attribute and score, and so read without colours, on
    paper and aloud. Everything that comes from a text is escaped and isolated from the direction of writing
    around it. Relative dates stay unresolved; :func:`incident_page` takes incidents whose dates are not.

    Args:
        predictions: Names of documents and what was found in them.
        scheme: The label scheme of the model that made them.
        model: That model's name.
        title: Title and headline of the page.

    Yields:
        HTML, ready for a UTF-8 file.
    """
    found = ((name, prediction, prediction.incidents()) for name, prediction in predictions)
    return incident_page(found, scheme, model=model, title=title)


def incident_page(
    documents: Iterable[tuple[str, Prediction, Sequence[Incident]]],
    scheme: LabelScheme,
    *,
    model: str,
    title: str = "Tagged documents",
) -> Iterator[str]:
    """Yield the page of :func:`html_page` with incidents that were grouped before.

    Args:
        documents: Names of documents, what was found in them, and their incidents.
        scheme: The label scheme of the model that made them.
        model: That model's name.
        title: Title and headline of the page.

    Yields:
        HTML, ready for a UTF-8 file.
    """
    classes = label_classes(scheme)
    yield _HEAD.format(
        title=safe(title), model=safe(model), style=stylesheet(scheme), legend=_legend(scheme, classes)
    )
    for name, prediction, incidents in documents:
        yield _article(name, prediction, incidents, scheme, classes)
    yield _FOOT


def _article(
    name: str,
    prediction: Prediction,
    incidents: Sequence[Incident],
    scheme: LabelScheme,
    classes: dict[str, str],
) -> str:
    parts = ["<article>\n", f"<h2><bdi>{safe(name)}</bdi></h2>\n", '<div class="text" dir="auto">']
    position = 0
    for span in prediction.spans:
        parts += [safe(prediction.text[position : span.start]), _mark(span, classes)]
        position = span.end
    parts += [safe(prediction.text[position:]), "</div>\n"]
    if prediction.spans:
        parts.append(_table(prediction, scheme, classes))
    else:
        parts.append('<p class="facts">No spans found.</p>\n')
    if scheme.events:
        parts.append(
            f'<p class="facts"><strong>Event types:</strong> {safe(describe_events(prediction))}</p>\n'
        )
    parts += [incident_table(incidents), incident_map(incidents)]
    if prediction.coverage < 1:
        parts.append(
            f'<p class="facts"><strong>Only {prediction.coverage:.1%} of the text was read.</strong></p>\n'
        )
    parts.append("</article>\n")
    return "".join(parts)


def _mark(span: PredictedSpan, classes: dict[str, str]) -> str:
    attribute = f" {safe(span.attribute)}" if span.attribute else ""
    score = f" {span.score:.2f}" if span.score is not None else ""
    return (
        f'<mark class="{classes.get(span.label, "label")}"><bdi>{safe(span.text)}</bdi>&nbsp;'
        f'<small dir="ltr"><b>{safe(span.label)}</b>{attribute}{score}</small></mark>'
    )


def _table(prediction: Prediction, scheme: LabelScheme, classes: dict[str, str]) -> str:
    rows = [
        f'<tr><th scope="row"><mark class="{classes.get(row.label, "label")}">{safe(row.label)}</mark></th>'
        f"<td>{safe(row.attribute)}</td>"
        f'<td class="number">{row.count}</td><td class="number">{row.score:.2f}</td>'
        f'<td class="mentions" dir="auto">{safe(row.mention_list(40))}</td></tr>\n'
        for row in summary_rows(prediction, scheme)
    ]
    return (
        "<table>\n<caption>Spans by label and attribute, with their mean score</caption>\n"
        '<thead><tr><th scope="col">Label</th><th scope="col">Attribute</th>'
        '<th scope="col" class="number">Spans</th><th scope="col" class="number">Score</th>'
        '<th scope="col">Texts</th></tr></thead>\n'
        f"<tbody>\n{''.join(rows)}</tbody>\n</table>\n"
    )


def _legend(scheme: LabelScheme, classes: dict[str, str]) -> str:
    items = []
    for label in scheme.labels:
        values = f" {safe(label.attribute or '')}: {safe(', '.join(label.values))}" if label.values else ""
        items.append(f'<li><mark class="{classes[label.name]}">{safe(label.name)}</mark>{values}</li>\n')
    return "".join(items)
