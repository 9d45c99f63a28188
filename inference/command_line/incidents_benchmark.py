"""``conflictner benchmark incidents``: precision and recall of incidents against annotated ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...data.errors import DataError
from .choices import ModelOption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...data.documents import Document
    from ..incidents import Incident
    from ..incidents.scoring import FieldCounts

__all__ = ["incidents_"]


def incidents_(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="JSONL documents with a field 'incidents' and, for relative dates, meta.published.",
        ),
    ],
    part: Annotated[
        str | None, typer.Option(metavar="NAME", help="Take only documents whose meta.part is NAME.")
    ] = None,
    gold_spans: Annotated[
        bool, typer.Option("--gold-spans", help="Group the annotated spans, not those the model finds.")
    ] = False,
    time: Annotated[
        bool,
        typer.Option(
            "--time", help="Measure how much time grouping adds to tagging, on any JSONL or CoNLL documents."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    model: ModelOption = None,
) -> None:
    """Group the spans of documents into incidents, and print precision and recall of each field.

    docs/incidents.md says how incidents are annotated and compared.
    """
    from ...data.files import read_documents
    from ..incidents.scoring import gold_incidents, score_incidents

    documents = [document for document in read_documents(data) if part in (None, document.meta.get("part"))]
    if not documents:
        raise DataError("has no such documents; give JSONL with a field 'incidents'", str(data))
    if time:
        _print_time([document.text for document in documents], model)
        return
    annotated = [gold_incidents(document) for document in documents]
    found = _from_spans(documents) if gold_spans else _from_text(documents, model)
    texts = [document.text for document in documents]
    counts = score_incidents(zip(texts, found, annotated, strict=True))
    if as_json:
        from ...data.jsonl import to_json

        typer.echo(to_json({name: count.to_dict() for name, count in counts.items()}, indent=2))
        return
    for line in _table(counts):
        typer.echo(line)


def _print_time(texts: list[str], model: str | None) -> None:
    from datetime import date

    from ..incidents.libraries import DATES, are_installed
    from ..incidents.timing import measure_added_time
    from ..tagger import Tagger

    published = date(2024, 3, 5) if are_installed(DATES) else None  # any day: that dates are resolved counts
    added = measure_added_time(Tagger.load(model, threads=1), texts, published)
    typer.echo(f"{added.texts:,} documents, {added.words:,} words, one thread")
    typer.echo(f"tagging {added.tagging:.2f} s; normalising and grouping {added.grouping:.2f} s on top")
    typer.echo(f"adds {added.share:.1%}")


def _from_spans(documents: Iterable[Document]) -> Iterator[tuple[Incident, ...]]:
    """Yield the incidents of annotated spans; event types that are not annotated have probability 0."""
    from ...model.labels import DEFAULT_SCHEME
    from ..incidents import find_incidents

    for document in documents:
        scores = {name: float(name in document.events) for name in DEFAULT_SCHEME.events}
        published = document.meta.get("published")
        yield find_incidents(document.text, document.spans, document.events, scores, published=published)


def _from_text(documents: list[Document], model: str | None) -> Iterator[tuple[Incident, ...]]:
    from ..tagger import Tagger

    predictions = Tagger.load(model).predict_batch(document.text for document in documents)
    for document, prediction in zip(documents, predictions, strict=True):
        yield prediction.incidents(published=document.meta.get("published"))


def _table(counts: Mapping[str, FieldCounts]) -> Iterator[str]:
    yield f"{'field':12}{'precision':>10}{'recall':>10}{'found':>8}{'annotated':>11}"
    for name, count in counts.items():
        shares = ("-" if share is None else f"{share:.2f}" for share in (count.precision, count.recall))
        cells = "".join(f"{share:>10}" for share in shares)
        yield f"{name:12}{cells}{count.predicted:8}{count.annotated:11}"
