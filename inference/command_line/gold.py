"""Annotated documents to measure on, and what is said while that goes on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .choices import OnError

if TYPE_CHECKING:
    from rich.console import Console

    from ...data.documents import Document

__all__ = ["GoldArgument", "read_gold", "say"]

GoldArgument = Annotated[Path, typer.Argument(metavar="DATA", help="Annotated documents, JSONL or CoNLL.")]


def read_gold(data: Path, on_error: OnError, errors: Console) -> tuple[list[Document], int]:
    """Read annotated documents.

    Returns:
        The documents, and the number of records that were skipped.

    Raises:
        DataError: when the file cannot be read.
        EvaluationError: when it has no documents.
    """
    from ...data.errors import DataError
    from ...data.files import read_documents
    from ..evaluation import EvaluationError

    skipped = 0

    def skip(error: DataError) -> None:
        nonlocal skipped
        skipped += 1
        say(errors, f"skipped: {error}")

    documents = list(read_documents(data, on_error=skip if on_error is OnError.SKIP else None))
    if not documents:
        what = f"all {skipped} records were skipped" if skipped else "the file has no documents"
        raise EvaluationError(
            f"{data}: {what}, so there is nothing to evaluate; give annotated JSONL or CoNLL"
        )
    return documents, skipped


def say(console: Console, line: str) -> None:
    """Print a line as it stands: no markup, no emoji for names in colons, no highlighting, no line breaks."""
    console.print(line, markup=False, emoji=False, highlight=False, soft_wrap=True)
