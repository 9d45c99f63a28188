"""Hugging Face datasets of ``tokens`` and ``ner_tags`` in folders, saved to disk or as Parquet files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..documents import Document
from ..errors import ConflictnerError, DataError
from ..lines import OnError, raise_error, source_name
from ..output import open_output_folder
from ..quotes import one_line
from .fields import default_id
from .format import Format
from .hub_rows import document_of_row, row_of_document, tag_column
from .libraries import load_library
from .peek import Peek
from .report import Report
from .surrogates import without_surrogates

__all__ = ["HUB_FOLDER"]

_TITLE = "a Hugging Face dataset"


def _detect(peek: Peek) -> bool:
    names = peek.names()
    if "dataset_dict.json" in names or {"dataset_info.json", "state.json"} <= names:
        return True
    return peek.is_folder and next(_parquet_files(peek.path), None) is not None


def _parquet_files(folder: Path) -> Iterator[Path]:
    """Yield the Parquet files in a folder and its folder ``data``, sorted."""
    for place in (folder, folder / "data"):
        yield from sorted(place.glob("*.parquet"))


def _read(path: Path, report: Report, on_error: OnError | None = None) -> Iterator[Document]:
    name = source_name(path)
    number = 0
    for split, rows in _parts(path, name):
        names = _tag_names(rows)
        for row in _rows(rows, name):
            number += 1
            named = row if split is None or "split" in row else {**row, "split": split}
            try:
                document = document_of_row(named, names, default_id(path, number), report)
            except DataError as error:
                (on_error or raise_error)(DataError(error.reason, name, number))
                continue
            yield document


def _parts(path: Path, name: str) -> Iterator[tuple[str | None, Any]]:
    """Yield the datasets in a folder, with the names of splits."""
    datasets = load_library("datasets", _TITLE)
    if not path.is_dir():
        raise DataError("is no folder; give the folder of a saved dataset", name)
    try:
        if any((path / file).exists() for file in ("dataset_dict.json", "state.json")):
            found = datasets.load_from_disk(str(path))
            parts = list(found.items()) if isinstance(found, datasets.DatasetDict) else [(None, found)]
            for _, rows in parts:  # unchecked, offsets of a damaged file lead out of the mapped memory
                rows.data.validate(full=True)
            yield from parts
            return
        files = list(_parquet_files(path))
        parquet = load_library("pyarrow.parquet", _TITLE)
        for file in files:
            split = file.name.split("-")[0].removesuffix(".parquet")
            yield split, datasets.Dataset(datasets.table.InMemoryTable(parquet.read_table(file)))
    except ConflictnerError:
        raise
    except Exception as error:  # datasets and pyarrow raise all kinds for damaged files
        raise DataError(f"is no saved dataset, or it is damaged ({one_line(error)})", name) from error
    if not files:
        raise DataError("holds neither a saved dataset nor Parquet files", name)


def _rows(rows: Any, name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a dataset."""
    iterator = iter(rows)
    while True:
        try:
            row = next(iterator)
        except StopIteration:
            return
        except Exception as error:
            raise DataError(f"cannot be read further ({one_line(error)})", name) from error
        yield row


def _tag_names(rows: Any) -> Sequence[str] | None:
    """Return the names of the tags, by the features of a dataset; ``None`` when tags are strings."""
    column = tag_column(rows.features)
    feature = rows.features[column] if column else None
    return getattr(getattr(feature, "feature", None), "names", None)


def _write(path: Path, documents: Iterable[Document], report: Report) -> None:
    datasets = load_library("datasets", _TITLE)
    rows = [row_of_document(without_surrogates(document, report), report) for document in documents]
    names = ["O", *sorted({tag for row in rows for tag in row["ner_tags"]} - {"O"})]
    numbers = {name: number for number, name in enumerate(names)}
    for row in rows:
        row["ner_tags"] = [numbers[tag] for tag in row["ner_tags"]]
    text = datasets.Value("string")
    features = datasets.Features(
        {
            "id": text,
            "text": text,
            "tokens": datasets.Sequence(text),
            "ner_tags": datasets.Sequence(datasets.ClassLabel(names=names)),
            "events": datasets.Sequence(text),
            "meta": text,
        }
    )
    columns = {column: [row[column] for row in rows] for column in features}
    with open_output_folder(path) as folder, _without_bars(datasets):
        datasets.Dataset.from_dict(columns, features=features).save_to_disk(str(folder))


@contextmanager
def _without_bars(datasets: Any) -> Iterator[None]:
    """Keep a library from showing its progress."""
    shown = datasets.is_progress_bar_enabled()
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        if shown:
            datasets.enable_progress_bars()


HUB_FOLDER = Format(
    name="hf",
    title="Hugging Face tokens and ner_tags, a saved dataset or a folder of Parquet files",
    detect=_detect,
    read=_read,
    write=_write,
    holds="all but scores and lone surrogates, with spans on the borders of words",
)
