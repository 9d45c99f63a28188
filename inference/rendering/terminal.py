"""A prediction in a terminal, or as plain text where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

from ...model.labels import LabelScheme
from .palette import LabelLook, looks
from .summary import describe_events, label_text, summary_rows
from .visible import one_line, visible

if TYPE_CHECKING:
    from ..prediction import PredictedSpan, Prediction

__all__ = ["print_prediction"]

_STRETCH = 4_000  # characters wrapped at once; keeps long single-line texts fast
_TAB = " " * 4
_BREAKS = re.compile(r"\s*\n\s*")


def print_prediction(console: Console, name: str, prediction: Prediction, scheme: LabelScheme) -> None:
    """Print a text with its spans marked, then a table of them and the event types.

    Where the console shows colours, a span has its label's colour and is followed by its label; where it does
    not, it reads ``[three soldiers|CASUALTY killed]``. Control characters are made visible, never sent.

    Args:
        console: Where to print; its width is where lines break.
        name: The document's name, the headline.
        prediction: What to print.
        scheme: The scheme of the model that made it, for the order and colours of labels.
    """
    coloured = console.color_system is not None and not console.no_color
    console.rule(Text(one_line(name), style="bold"), align="left", style="dim")
    blanks = 0
    for line in _lines(prediction, looks(scheme), coloured):
        if not line.plain.strip():
            blanks += 1  # printed before the next line, so that none is at the end
            continue
        console.print("\n" * blanks, end="")
        blanks = 0
        _print(console, line)
    console.print()
    _print(console, _table(prediction, scheme, coloured) if prediction.spans else Text("No spans found."))
    if scheme.events:
        _print(console, Text.assemble(("Event types: ", "bold"), describe_events(prediction)))
    if prediction.coverage < 1:
        _print(console, Text(f"Only {prediction.coverage:.1%} of the text was read.", style="bold"))
    console.print()


def _print(console: Console, renderable: Text | Table) -> None:
    """Print without the blanks that fill lines up to the right border."""
    for segments in console.render_lines(renderable, pad=False):
        line = Text.assemble(*((segment.text, segment.style or "") for segment in segments))
        line.rstrip()
        console.print(line, highlight=False, soft_wrap=True)


def _lines(prediction: Prediction, styles: dict[str, LabelLook], coloured: bool) -> Iterator[Text]:
    """Yield the text's lines with marked spans, very long ones in stretches."""
    line = Text()
    for piece, span in _pieces(prediction):
        if span is None:
            first, *following = visible(piece).replace("\t", _TAB).split("\n")
            line.append(first)
            for part in following:
                yield line
                line = Text(part)
        else:
            _append_span(line, span, styles.get(span.label), coloured)
        if len(line) > _STRETCH and (span is None or piece.endswith(" ")):
            yield line
            line = Text()
    yield line


def _pieces(prediction: Prediction) -> Iterator[tuple[str, PredictedSpan | None]]:
    """Cut the text into spans and what lies between them, the latter into stretches, best behind a blank."""
    text, position = prediction.text, 0
    for span in (*prediction.spans, None):
        end = len(text) if span is None else span.start
        while end - position > _STRETCH:
            blank = text.rfind(" ", position, position + _STRETCH)
            stop = blank + 1 if blank > position else position + _STRETCH
            yield text[position:stop], None
            position = stop
        yield text[position:end], None
        if span is not None:
            yield span.text, span
            position = span.end


def _append_span(line: Text, span: PredictedSpan, look: LabelLook | None, coloured: bool) -> None:
    shown = _BREAKS.sub(" ", visible(span.text).replace("\t", _TAB))
    if not coloured or look is None:
        line.append(f"[{shown}|{label_text(span)}]")
        return
    line.append(shown, _style(look, bold=True))
    line.append("\u00a0" + label_text(span).replace(" ", "\u00a0"), _style(look))


def _style(look: LabelLook, bold: bool = False) -> Style:
    return Style(color="black", bgcolor=f"color({look.terminal})", bold=bold)


def _table(prediction: Prediction, scheme: LabelScheme, coloured: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("Label", no_wrap=True)
    table.add_column("Attribute", no_wrap=True)
    table.add_column("Spans", justify="right", no_wrap=True)
    table.add_column("Score", justify="right", no_wrap=True)
    table.add_column("Texts", overflow="fold")
    styles = looks(scheme)
    for row in summary_rows(prediction, scheme):
        look = styles.get(row.label)
        cells = (row.attribute, str(row.count), f"{row.score:.2f}", row.mention_list())
        table.add_row(Text(row.label, _style(look) if look and coloured else ""), *map(Text, cells))
    return table
