"""Reading files of other tools in tests."""

import json
from pathlib import Path
from typing import Any

from conflictner.data import Document
from conflictner.data.formats import FORMATS, Report

__all__ = ["lines", "read"]


def read(name: str, path: Path, content: str | None = None) -> tuple[list[Document], Report]:
    if content is not None:
        path.write_bytes(content.encode("utf-8"))
    report = Report()
    return list(FORMATS[name].read(path, report)), report


def lines(*records: Any) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)
