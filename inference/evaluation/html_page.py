"""The report as one web page, which needs no network, no script and no other file, and prints well."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files

from ...data.quotes import printable
from ..rendering.markup import label_classes, safe, stylesheet
from .error_analysis import ErrorAnalysis
from .error_tables import group_table, kind_table, pattern_table
from .html_errors import KIND_TITLES, error_sections, pattern_rows
from .markdown import how_it_counts
from .report import Report
from .table import Table
from .tables import report_tables, summary

__all__ = ["html_report"]

_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="generator" content="conflictner">
<title>{title}</title>
<style>
{style}</style>
</head>
<body class="report">
<header>
<h1>{title}</h1>
"""
_MOST_COLUMNS = 8  # of a table that stands beside another
_FOOT = """</main>
</body>
</html>
"""


def html_report(report: Report, pictures: Sequence[tuple[str, bytes]] = ()) -> Iterator[str]:
    """Yield the page in pieces.

    What a reader must know first stands at the top, then scores, pictures, where the errors are, what they
    have in common, and every error in its sentence. Everything that comes from the data is escaped.

    Args:
        report: What to show.
        pictures: Caption and PNG file of each picture.

    Yields:
        HTML, ready for a UTF-8 file.
    """
    analysis = report.errors
    own = files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    title = safe(f"Evaluation of {printable(report.model or 'a model')}")
    yield _HEAD.format(title=title, style=stylesheet(analysis.scheme) + own)
    yield _facts(report)
    yield _contents(analysis, bool(pictures))
    yield '</header>\n<main>\n<section id="scores">\n<h2>Scores</h2>\n'
    yield f'<p class="facts">{safe(how_it_counts(report))}</p>\n'
    yield f'<div class="tables">\n{"".join(map(_table, report_tables(report)))}</div>\n</section>\n'
    if pictures:
        yield '<section id="pictures">\n<h2>Pictures</h2>\n'
        shown = "".join(_picture(caption, data) for caption, data in pictures)
        yield f'<div class="pictures">\n{shown}</div>\n</section>\n'
    yield '<section id="errors">\n<h2>Where the errors are</h2>\n'
    yield _bars(analysis)
    tables = [kind_table(analysis), *map(group_table, analysis.groupings)]
    yield f'<div class="tables">\n{"".join(map(_table, tables))}</div>\n</section>\n'
    yield _patterns(analysis)
    yield _guide(analysis)
    yield from error_sections(analysis)
    yield _FOOT


def _facts(report: Report) -> str:
    """Return what was evaluated, and before it what a reader must know first."""
    lines = summary(report)
    notes = [line.removeprefix("note: ") for line in lines if line.startswith("note: ")]
    facts = [line for line in lines if not line.startswith("note: ")]
    parts = [f'<p class="warning"><strong>Note.</strong> {safe(note)}</p>\n' for note in notes]
    parts.append(_headline(report))
    parts += [f'<p class="facts">{safe(fact)}</p>\n' for fact in facts]
    return "".join(parts)


def _headline(report: Report) -> str:
    micro, errors = report.exact.micro, report.errors
    interval = "" if micro.interval is None else f" ({micro.interval[0]:.3f} to {micro.interval[1]:.3f})"
    return (
        f'<p class="headline"><strong>F1 {micro.counts.f1:.3f}</strong>{interval}: '
        f"precision {micro.counts.precision:.3f}, recall {micro.counts.recall:.3f} on exact spans, micro. "
        f"{errors.misses} misses, {errors.false_alarms} false alarms.</p>\n"
    )


def _contents(analysis: ErrorAnalysis, has_pictures: bool) -> str:
    links = [("scores", "Scores", None)]
    if has_pictures:
        links.append(("pictures", "Pictures", None))
    links += [("errors", "Where the errors are", None), ("patterns", "Patterns", None)]
    counts = {kind: sum(labels.values()) for kind, labels in analysis.kinds.items()}
    items = [f'<li><a href="#{name}">{text}</a></li>' for name, text, _ in links]
    items += [
        f'<li><a href="#{kind}">{title}</a> <span class="count">{counts[kind]}</span></li>'
        for kind, (title, _) in KIND_TITLES.items()
    ]
    return f'<nav aria-label="Contents"><ul>{"".join(items)}</ul></nav>\n'


def _table(table: Table) -> str:
    rows = [[safe(cell) for cell in row] for row in table.rows]
    return _grid(table, rows)


def _grid(table: Table, rows: Iterable[Sequence[str]], wide: Mapping[int, str] | None = None) -> str:
    """Return a table of cells that are HTML.

    Args:
        table: Gives title, columns and note.
        rows: The cells.
        wide: CSS class of the columns that hold no numbers, by position; the first holds names.
    """
    kinds = [(wide or {}).get(index, "number" if index else "") for index in range(len(table.columns))]
    head = "".join(
        f'<th scope="col"{_class(kind)}>{safe(column)}</th>'
        for column, kind in zip(table.columns, kinds, strict=True)
    )
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(f"<td{_class(kind)}>{cell}</td>" for cell, kind in zip(row[1:], kinds[1:], strict=True))
        + "</tr>\n"
        for row in rows
    )
    note = f'<p class="facts">{safe(table.note)}</p>\n' if table.note else ""
    place = "table" if len(table.columns) <= _MOST_COLUMNS else "table wide"
    return (
        f'<div class="{place}"><h3>{safe(table.title)}</h3>\n<div class="scroll"><table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>\n{note}</div>\n"
    )


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def _patterns(analysis: ErrorAnalysis) -> str:
    table = pattern_table(analysis)
    shown = Table("", ("kind", "pattern", "errors", "texts", "see"), (), table.note)
    rows = [
        (kind, description, str(count), texts, links)
        for kind, description, count, texts, links in pattern_rows(analysis.patterns)
    ]
    body = _grid(shown, rows, {1: "pattern", 3: "mentions", 4: "links"}) if rows else "<p>No errors.</p>\n"
    return f'<section id="patterns">\n<h2>{safe(table.title)}</h2>\n{body}</section>\n'


def _guide(analysis: ErrorAnalysis) -> str:
    """Say how to read the sentences."""
    frame = '<li><span class="nothing">nothing here</span></li>'
    return (
        '<section id="sentences">\n<h2>Every error in its sentence</h2>\n'
        '<p class="facts">The spans that an error is about are marked with label, attribute and the model\'s '
        "score; other spans of the sentence have their label's line alone. A frame shows where one side has "
        f"nothing.</p>\n{_legend(label_classes(analysis.scheme), frame)}</section>\n"
    )


def _bars(analysis: ErrorAnalysis) -> str:
    """Draw the number of errors of each kind, divided by label; the table of kinds has the numbers."""
    classes = label_classes(analysis.scheme)
    totals = {kind: sum(counts.values()) for kind, counts in analysis.kinds.items()}
    longest = max(1, *totals.values())
    rows = []
    for kind, counts in analysis.kinds.items():
        parts = "".join(
            f'<i class="{classes[label]}" style="width: {100 * count / longest:.2f}%"></i>'
            for label, count in counts.items()
            if count
        )
        title, _ = KIND_TITLES[kind]
        rows.append(f'<div><b>{title}</b><span class="bar">{parts}</span>{totals[kind]}</div>\n')
    return f'<div class="bars" aria-hidden="true">\n{"".join(rows)}</div>\n{_legend(classes)}'


def _legend(classes: Mapping[str, str], rest: str = "") -> str:
    marks = "".join(f'<li><mark class="{name}">{safe(label)}</mark></li>' for label, name in classes.items())
    return f'<ul class="legend" aria-label="Legend">{marks}{rest}</ul>\n'


def _picture(caption: str, data: bytes) -> str:
    encoded = b64encode(data).decode("ascii")
    return (
        f'<figure><img src="data:image/png;base64,{encoded}" alt="{safe(caption)}; the table of that name '
        f'has the numbers"><figcaption>{safe(caption)}</figcaption></figure>\n'
    )
