"""brat's stand-off files: a text in ``NAME.txt``, its annotations in ``NAME.ann``, one a line.

``T1<TAB>ACTOR 0 6<TAB>Rebels`` is a span, ``A1<TAB>attribute T1 agent`` its attribute. Offsets count code
points; where annotations were made behind an emoji in a browser they may count UTF-16 code units, which the
span's text tells. A span over the end of a line stands there in pieces, ``0 2;3 6``, as brat cuts it.
Relations, brat's own events, notes and normalisations are left out and counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote as percent
from urllib.parse import unquote

from ..documents import Document, Span
from ..errors import DataError
from ..lines import OnError, numbered_lines, open_source, raise_error, source_name
from ..output import open_output, open_output_folder
from ..quotes import quote
from .format import Format
from .peek import Peek
from .report import Report
from .spans import flat_spans, read_offsets, split_label, with_plain_labels, without_scores
from .surrogates import without_surrogates
from .utf16 import Utf16Offsets

__all__ = ["BRAT"]

_TEXT, _NOTES = ".txt", ".ann"
_SPAN = re.compile(r"(T\S+)\t(\S+) (\d{1,18} \d{1,18}(?:;\d{1,18} \d{1,18})*)(?:\t(.*))?", re.DOTALL)
_ATTRIBUTE = re.compile(r"[AM]\S+\t(\S+) (\S+)(?: (.+))?")
_OTHERS = {"R": "relations", "*": "relations", "E": "events", "#": "notes", "N": "normalisations"}
#: What stands between the characters that no line of annotations holds.
_LINE = re.compile(r"[^\t\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]+")
_LONGEST_NAME = 200  # bytes; file systems take 255, with the ending
_ATTRIBUTE_NAME = "attribute"
_SAFE = " !()+,-=@[]{}~'"


def _detect(peek: Peek) -> bool:
    if peek.is_folder:
        return any(name.endswith(_NOTES) for name in peek.names())
    if peek.ending == _NOTES:
        return True
    return peek.ending == _TEXT and peek.path.with_suffix(_NOTES).is_file()


def _read(path: Path, report: Report, on_error: OnError | None = None) -> Iterator[Document]:
    fail = on_error or raise_error
    text_files = _text_files(path)
    if path.is_dir():
        alone = {file.stem for file in path.iterdir() if file.suffix == _NOTES}
        alone -= {file.stem for file in text_files}
        if alone:
            report.left_out["files of annotations without their text"] += len(alone)
    for text_file in text_files:
        try:
            document = _document(text_file, report, fail)
        except DataError as error:
            fail(error)
            continue
        yield document


def _text_files(path: Path) -> list[Path]:
    """Return the files with texts: all in a folder, sorted, or the one that is named."""
    if path.is_dir():
        found = sorted(file for file in path.iterdir() if file.suffix == _TEXT and file.is_file())
        if not found:
            raise DataError("holds no files that end in .txt; give brat's folder", source_name(path))
        return found
    file = path.with_suffix(_TEXT) if path.suffix == _NOTES else path
    if not file.is_file():
        raise DataError("there is no such file", source_name(file))
    if file.suffix != _TEXT:
        raise DataError("ends neither in .txt nor in .ann; give brat's folder", source_name(file))
    return [file]


def _document(path: Path, report: Report, fail: OnError) -> Document:
    """Return a text with its annotations, if there are any."""
    name = source_name(path)
    with open_source(path) as file:
        content = file.read()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(f"byte 0x{content[error.start]:02x} is not UTF-8", name, line) from None
    notes = path.with_suffix(_NOTES)
    spans: list[Span] = []
    if notes.is_file():
        spans = _annotations(notes, text, report, fail)
    else:
        report.notes["texts without a file of annotations"] += 1
    return Document(_id(path.stem), text, flat_spans(text, spans, report))


@dataclass
class _Annotations:
    """What a file of annotations holds."""

    spans: dict[str, Span] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)


def _annotations(path: Path, text: str, report: Report, fail: OnError) -> list[Span]:
    """Return the spans of a file of annotations, with their attributes."""
    name = source_name(path)
    offsets = Utf16Offsets(text)
    found = _Annotations()
    with open_source(path) as file:
        for number, line in numbered_lines(file, name, fail):
            try:
                if line is not None and line.strip():
                    _add(line, offsets, found, report)
            except DataError as error:
                fail(DataError(error.reason, name, number))
    lost = found.attributes.keys() - found.spans.keys()
    if lost:
        report.left_out["attributes of no span"] += len(lost)
    return [
        span
        if span.attribute or mark not in found.attributes
        else replace(span, attribute=found.attributes[mark])
        for mark, span in found.spans.items()
    ]


def _add(line: str, offsets: Utf16Offsets, found: _Annotations, report: Report) -> None:
    """Take a line of a file of annotations."""
    kind = line[0]
    if kind in _OTHERS:
        report.left_out[f"{_OTHERS[kind]} of brat"] += 1
        return
    match = _SPAN.fullmatch(line) if kind == "T" else None
    if match is not None:
        if match[1] in found.spans:
            raise DataError(f"{quote(match[1])} stands here once more; each annotation has its own number")
        span = _span(match, offsets, report)
        if span is not None:
            found.spans[match[1]] = span
        return
    match = _ATTRIBUTE.fullmatch(line) if kind in "AM" else None
    if match is None:
        raise DataError(f"expected 'T1<TAB>LABEL START END<TAB>TEXT' as in brat, got {quote(line)}")
    if match[2] in found.attributes:
        report.left_out["attributes of a span beside its first"] += 1
        return
    found.attributes[match[2]] = match[3] or match[1]


def _span(match: re.Match[str], offsets: Utf16Offsets, report: Report) -> Span | None:
    """Return a text-bound annotation; ``None``, counted, when there are words between its pieces."""
    borders = re.split("[ ;]", match[3])
    start, end = read_offsets(int(borders[0]), int(borders[-1]), offsets.length)
    in_pieces = len(borders) > 2
    if match[4] is not None or in_pieces:
        found = offsets.locate(start, end, match[4] or "")
        if found is None and in_pieces:
            report.dropped["in several pieces"] += 1
            return None
        if found is None:
            here = offsets.text[start:end]
            raise DataError(f"the span {start}:{end} should be {quote(match[4])}, the text has {quote(here)}")
        if found != (start, end):
            report.notes["spans with offsets in UTF-16 code units, as their texts tell"] += 1
        start, end = found
    read_offsets(start, end, len(offsets.text))
    return Span(start, end, *split_label(match[2]))


def _write(path: Path, documents: Iterable[Document], report: Report) -> None:
    names: list[str] = []
    taken: set[str] = set()
    labels: dict[str, set[str]] = {}
    with open_output_folder(path) as folder:
        for number, document in enumerate(documents, start=1):
            held = _held(document, report)
            report.keep(held)
            name = _file_name(document.id, number, taken, report)
            names.append(name)
            for span in held.spans:
                labels.setdefault(span.label, set()).update(filter(None, [span.attribute]))
            with open_output(folder / f"{name}{_TEXT}") as file:
                file.write(held.text)
            with open_output(folder / f"{name}{_NOTES}") as file:
                file.writelines(f"{line}\n" for line in _lines(held))
        with open_output(folder / "annotation.conf") as file:
            file.write(_configuration(labels))
    if names != sorted(names, key=lambda name: f"{name}{_TEXT}"):
        report.lost["the order of the documents, which is that of their names"] += 1


def _held(document: Document, report: Report) -> Document:
    """Return what of a document brat can hold."""
    document = without_scores(without_surrogates(document, report), report)
    if document.events:
        report.lost["event types of documents"] += len(document.events)
    if document.meta:
        report.lost["meta of documents"] += 1
    return with_plain_labels(document, report)


def _lines(document: Document) -> Iterator[str]:
    """Yield the lines of a document's annotations."""
    for number, span in enumerate(document.spans, start=1):
        pieces = list(_pieces(document.text, span))
        offsets = ";".join(f"{start} {end}" for start, end in pieces)
        surface = " ".join(document.text[start:end] for start, end in pieces)
        yield f"T{number}\t{span.label} {offsets}\t{surface}"
    attributes = ((n, s.attribute) for n, s in enumerate(document.spans, start=1) if s.attribute is not None)
    for count, (number, attribute) in enumerate(attributes, start=1):
        yield f"A{count}\t{_ATTRIBUTE_NAME} T{number} {attribute}"


def _pieces(text: str, span: Span) -> Iterator[tuple[int, int]]:
    """Yield the pieces of a span between the ends of lines and tabs in it."""
    for match in _LINE.finditer(text, span.start, span.end):
        words = match[0].strip()
        if words:
            start = match.start() + match[0].index(words)
            yield start, start + len(words)


def _configuration(labels: dict[str, set[str]]) -> str:
    """Return the configuration with which brat shows the labels."""
    values = sorted(set().union(*labels.values()))
    owners = "|".join(sorted(label for label, attributes in labels.items() if attributes))
    lines = ["[entities]", *sorted(labels), "", "[relations]", "", "[events]", "", "[attributes]"]
    if values:
        lines.append(f"{_ATTRIBUTE_NAME}\tArg:{owners}, Value:{'|'.join(values)}")
    return "\n".join(lines) + "\n"


def _file_name(identity: str, number: int, taken: set[str], report: Report) -> str:
    """Return the name of a document's files: its id, with what no file name can hold percent-encoded."""
    name = percent(identity, safe=_SAFE, errors="surrogatepass")
    if name.startswith((".", " ")):
        name = f"%{ord(name[0]):02X}{name[1:]}"
    if not name or len(name) > _LONGEST_NAME or name.endswith((" ", ".")) or name.casefold() in taken:
        report.lost["ids of documents, which no file name can hold or another document has"] += 1
        name = f"document-{number}"
        while name in taken:
            name += "-"
    taken.add(name.casefold())
    return name


def _id(name: str) -> str:
    """Return the id of the document with a file name."""
    try:
        identity = unquote(name, errors="surrogatepass")
    except UnicodeDecodeError:
        return name
    return identity if _file_name(identity, 0, set(), Report()) == name else name


BRAT = Format(
    name="brat",
    title="brat stand-off, a folder of .txt and .ann files",
    detect=_detect,
    read=_read,
    write=_write,
    holds="text, spans, attributes and ids; neither scores, event types, meta nor lone surrogates",
)
