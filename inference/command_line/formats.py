"""The forms in which ``conflictner tag`` writes: each turns tagged documents into text, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TextIO

from ...data.conll import conll_lines
from ...data.documents import Document
from ...data.jsonl import to_json, to_json_line

if TYPE_CHECKING:
    from rich.console import Console

    from ...model.labels import LabelScheme
    from ..prediction import Prediction

__all__ = ["OutputFormat", "Setting", "Tagged", "write_results"]

#: A document as it was read, and what was found in it.
Tagged = tuple[Document, "Prediction"]


class OutputFormat(StrEnum):
    """How results are written."""

    PRETTY = "pretty"
    JSON = "json"
    JSONL = "jsonl"
    CONLL = "conll"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Setting:
    """What formats need to know beside the documents.

    Attributes:
        scheme: The model's label scheme.
        model: The model's name.
        single: Whether one text file was given: JSON is then one object, not an array.
        to_file: Whether the results go to a file, where a terminal's colours and width do not count.
    """

    scheme: LabelScheme
    model: str
    single: bool
    to_file: bool


def write_results(stream: TextIO, form: OutputFormat, tagged: Iterable[Tagged], setting: Setting) -> None:
    """Write all results, each as soon as it is there."""
    for piece in _FORMATS[form](tagged, stream, setting):
        stream.write(piece)
        stream.flush()


def _pretty(tagged: Iterable[Tagged], stream: TextIO, setting: Setting) -> Iterator[str]:
    from ..rendering import print_prediction

    console = _console(stream, setting.to_file)
    for document, prediction in tagged:
        with console.capture() as captured:
            print_prediction(console, document.id, prediction, setting.scheme)
        yield captured.get()


def _console(stream: TextIO, to_file: bool) -> Console:
    from rich.console import Console

    if to_file:
        return Console(file=stream, width=80, color_system=None, force_terminal=False)
    return Console(file=stream)


def _json(tagged: Iterable[Tagged], stream: TextIO, setting: Setting) -> Iterator[str]:
    records = (to_json(_record(document, prediction), indent=2) for document, prediction in tagged)
    if setting.single:
        yield from (f"{record}\n" for record in records)
        return
    yield "["
    for number, record in enumerate(records):
        yield (",\n" if number else "\n") + record
    yield "\n]\n"


def _record(document: Document, prediction: Prediction) -> dict[str, Any]:
    return {"id": document.id, **prediction.to_dict(), "meta": dict(document.meta)}


def _jsonl(tagged: Iterable[Tagged], stream: TextIO, setting: Setting) -> Iterator[str]:
    for document, prediction in tagged:
        yield to_json_line(prediction.document(document.id, document.meta)) + "\n"


def _conll(tagged: Iterable[Tagged], stream: TextIO, setting: Setting) -> Iterator[str]:
    for document, prediction in tagged:
        yield "".join(f"{line}\n" for line in conll_lines(prediction.document(document.id, document.meta)))


def _html(tagged: Iterable[Tagged], stream: TextIO, setting: Setting) -> Iterator[str]:
    from ..rendering import html_page
    from .incidents import say_about_places

    say_about_places()
    named = ((document.id, prediction) for document, prediction in tagged)
    return html_page(named, setting.scheme, model=setting.model)


_FORMATS: dict[OutputFormat, Callable[[Iterable[Tagged], TextIO, Setting], Iterator[str]]] = {
    OutputFormat.PRETTY: _pretty,
    OutputFormat.JSON: _json,
    OutputFormat.JSONL: _jsonl,
    OutputFormat.CONLL: _conll,
    OutputFormat.HTML: _html,
}
