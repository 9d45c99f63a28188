"""Writes a report's files: JSON, Markdown, a web page, errors, and pictures where matplotlib is installed."""

from __future__ import annotations

import json
import secrets
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from .markdown import markdown
from .pairs import EvaluationError
from .report import Report

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["NO_PICTURES", "WrittenReport", "prepare_folder", "write_report"]

#: What to tell the user when matplotlib is missing.
NO_PICTURES = "no pictures written: they need matplotlib; type: pip install 'conflictner[train]'"

_PICTURES = {
    "confusion.png": "Confusion between labels",
    "calibration.png": "Calibration",
    "curves.png": "Precision and recall",
}


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """What :func:`write_report` did.

    Attributes:
        files: The files, in the order of writing.
        notice: Why something is missing, in one line; empty when all is there.
    """

    files: tuple[Path, ...]
    notice: str = ""


def prepare_folder(folder: str | Path) -> Path:
    """Create the folder for a report and make sure that files can be written to it.

    Raises:
        EvaluationError: when that fails.
    """
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path, prefix=".report-"):
            pass
    except OSError as error:
        raise _unwritable(path, error) from error
    return path


def write_report(report: Report, folder: str | Path) -> WrittenReport:
    """Write ``report.json``, ``report.md``, ``report.html``, ``errors.jsonl`` and the pictures.

    Every file is written under a temporary name and put in place at once. Without matplotlib, the
    pictures are left out, and those of an earlier report in the same folder are removed, since they would
    show other numbers.

    Args:
        report: What to write.
        folder: Where to; created when missing.

    Raises:
        EvaluationError: when the folder cannot be written to.
    """
    path = prepare_folder(folder)
    pictures, notice = _draw(report)
    captions = [(name, _PICTURES[name]) for name in pictures]
    content = {
        "report.json": (json.dumps(report.to_dict(), indent=2, allow_nan=False) + "\n").encode("ascii"),
        "report.md": markdown(report, captions).encode("utf-8"),
        "report.html": _page(report, pictures),
        "errors.jsonl": "".join(report.errors.json_lines()).encode("ascii"),
        **pictures,
    }
    try:
        for name, data in content.items():
            _put(path / name, data)
        for name in _PICTURES.keys() - pictures.keys():
            (path / name).unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error
    return WrittenReport(tuple(path / name for name in content), notice)


def _draw(report: Report) -> tuple[dict[str, bytes], str]:
    """Return the pictures by file name, and what to say when there are none."""
    try:
        import matplotlib  # noqa: F401 - only asks whether it is there
    except ImportError:
        return {}, NO_PICTURES
    from .pictures import calibration_picture, confusion_picture, curve_picture

    drawn: dict[str, Callable[[Report], Figure]] = {
        "confusion.png": confusion_picture,
        "calibration.png": calibration_picture,
        "curves.png": curve_picture,
    }
    pictures = {}
    for name, draw in drawn.items():
        buffer = BytesIO()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph")  # a label in a script that the font lacks
            draw(report).savefig(buffer, format="png")
        pictures[name] = buffer.getvalue()
    return pictures, ""


def _page(report: Report, pictures: dict[str, bytes]) -> bytes:
    from .html_page import html_report  # brings rich

    named = [(_PICTURES[name], data) for name, data in pictures.items()]
    return "".join(html_report(report, named)).encode("utf-8")


def _put(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> EvaluationError:
    return EvaluationError(
        f"{path}: cannot write the report there ({error.strerror or error}); give another folder"
    )
