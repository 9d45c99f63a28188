"""Exports: reports with incidents as JSON, JSON Lines, CSV and GeoJSON, and as a data frame."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...data.errors import ConflictnerError, DataError
from ...data.jsonl import parse_json, to_json
from ...data.lines import Source, numbered_lines, open_source, raise_error, source_name
from ...data.quotes import quote
from .acled import ACLED_COLUMNS, acled_row
from .incident import Incident
from .reports import Report
from .rows import ROW_COLUMNS, flat_row
from .ucdp import UCDP_COLUMNS, ucdp_row

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["FORMATS", "export", "incidents_frame", "read_reports"]


def export(reports: Iterable[Report], form: str) -> Iterator[str]:
    """Yield reports in a format, in pieces as they come.

    Args:
        reports: Documents with their incidents.
        form: json (an array of documents), jsonl (a document a line), csv-acled and csv-ucdp (an incident a
            row), or geojson (an incident a feature, without a point where no place is resolved).

    Raises:
        ConflictnerError: for another format.
    """
    if form not in FORMATS:
        raise ConflictnerError(f"format is {quote(form)}; accepted are {', '.join(FORMATS)}")
    return FORMATS[form](reports)


def read_reports(source: Source) -> Iterator[Report]:
    """Yield the reports of a JSON Lines file that :func:`export` wrote.

    Args:
        source: A path, or a binary file.

    Raises:
        DataError: when the file or a line of it cannot be read, naming the line.
    """
    name = source_name(source)
    with open_source(source) as file:
        for number, line in numbered_lines(file, name, raise_error):
            if line is None or not line.strip():
                continue
            try:
                yield Report.from_dict(parse_json(line))
            except ConflictnerError as error:
                raise DataError(str(error), name, number) from error


def incidents_frame(reports: Iterable[Report]) -> DataFrame:
    """Return a pandas data frame with an incident a row; its columns are those of ``docs/incidents.md``.

    Raises:
        ConflictnerError: when pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise ConflictnerError("a data frame needs pandas: pip install pandas") from error
    rows = [flat_row(report, number, incident) for report, number, incident in _incidents(reports)]
    return pandas.DataFrame(rows, columns=list(ROW_COLUMNS))


def _incidents(reports: Iterable[Report]) -> Iterator[tuple[Report, int, Incident]]:
    """Yield every incident with its report and its number there."""
    for report in reports:
        for number, incident in enumerate(report.incidents, 1):
            yield report, number, incident


def _json(reports: Iterable[Report]) -> Iterator[str]:
    yield "["
    for number, report in enumerate(reports):
        yield (",\n" if number else "\n") + to_json(report.to_dict(), indent=2)
    yield "\n]\n"


def _jsonl(reports: Iterable[Report]) -> Iterator[str]:
    for report in reports:
        yield to_json(report.to_dict()) + "\n"


def _geojson(reports: Iterable[Report]) -> Iterator[str]:
    yield '{"type": "FeatureCollection", "features": ['
    for number, item in enumerate(_incidents(reports)):
        yield (",\n" if number else "\n") + to_json(_feature(*item))
    yield "\n]}\n"


def _feature(report: Report, number: int, incident: Incident) -> dict[str, Any]:
    place = incident.place
    known = place is not None and place.longitude is not None and place.latitude is not None
    point = {"type": "Point", "coordinates": [place.longitude, place.latitude]} if known and place else None
    return {"type": "Feature", "geometry": point, "properties": flat_row(report, number, incident)}


_Row = Callable[[Report, int, Incident], Mapping[str, Any]]


def _csv(reports: Iterable[Report], columns: Sequence[str], row: _Row) -> Iterator[str]:
    """Yield the header, then an incident a line."""
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")

    def written(cells: Iterable[str]) -> str:
        line.seek(0)
        line.truncate()
        writer.writerow(cells)
        return line.getvalue()

    yield written(columns)
    for item in _incidents(reports):
        values = row(*item)
        yield written(_cell(values.get(column)) for column in columns)


#: What no CSV file carries, and what begins a formula in a spreadsheet.
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_FORMULA = ("=", "+", "-", "@", "\t")


def _cell(value: object) -> str:
    """Return a value as a cell; text that a spreadsheet would run gets an apostrophe."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    text = _UNWRITABLE.sub("\ufffd", value).replace("\r", " ")
    return f"'{text}" if text.startswith(_FORMULA) else text


#: Name of a format -> what writes it.
FORMATS: Mapping[str, Callable[[Iterable[Report]], Iterator[str]]] = {
    "json": _json,
    "jsonl": _jsonl,
    "csv-acled": lambda reports: _csv(reports, ACLED_COLUMNS, acled_row),
    "csv-ucdp": lambda reports: _csv(reports, UCDP_COLUMNS, ucdp_row),
    "geojson": _geojson,
}
