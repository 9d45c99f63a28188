"""The JSON Schema of ``report.json``."""

from __future__ import annotations

import importlib.resources
import json
from typing import Any

__all__ = ["report_schema"]


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of :meth:`Report.to_dict`, with a sentence on every field.

    The same as the file ``report.schema.json`` in this package. No field is left out of a report, and none
    beside these is in it.
    """
    file = importlib.resources.files(__package__) / "report.schema.json"
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema
