"""A bulk run: everything of a source tagged into an output folder, each document exactly once."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ...data.errors import ConflictnerError, DataError
from ...data.quotes import printable
from ...model.integrity import VERIFIED
from ..tagger import Tagger
from .errors import BulkError, StoppedError
from .groups import Group, gather, skip_done
from .manifest import Manifest, ShardEntry, open_manifest
from .records import Item, Record, open_reader, read_items
from .shards import Encoder, OutputForm, Tagged, open_encoder
from .source import InputKind, Source, find_source
from .summary import Summary, summarise

__all__ = ["Watch", "tag_corpus"]

#: Takes the bytes read, those of the whole source or ``None``, the documents done, and of those the earlier.
Watch = Callable[[int, int | None, int, int], None]


def tag_corpus(
    source: str | Path,
    output: str | Path,
    *,
    text_column: str = "text",
    input_kind: InputKind | str | None = None,
    output_form: OutputForm | str = OutputForm.PARQUET,
    model: str | Path | None = None,
    engine: str = "onnx",
    device: str = "cpu",
    threads: int | None = None,
    verify: bool = True,
    thresholds: Mapping[str, float] | float | None = None,
    batch_tokens: int = 1024,
    shard_documents: int = 10_000,
    skip: bool = False,
    note: Callable[[str], None] = lambda _: None,
    watch: Watch = lambda *_: None,
) -> Summary:
    """Tag a corpus into a folder of shards, and go on where an interrupted run of the same kind ended.

    Every shard is written under another name, put in place, and noted in the folder's manifest; a run that is
    killed at any moment and started again finishes with every document in exactly one shard, in the order of
    the source. At most one shard is held in memory, of ``shard_documents`` or 16 million characters.

    Args:
        source: A folder of texts, a JSONL, CSV or Parquet file or a folder of those, plain or packed with
            gzip or zstd, or ``-`` for the standard input.
        output: The folder for the shards; new, empty, or of an earlier run with the same settings.
        text_column: The column with the texts.
        input_kind: How to read the source; ``None`` goes by the endings.
        output_form: How to write the shards.
        model: See :meth:`Tagger.load`, as for the next four.
        engine: What runs the network.
        device: Where it runs.
        threads: Processor threads.
        verify: Whether the model's files are checked.
        thresholds: See :meth:`Tagger.predict`.
        batch_tokens: See :meth:`Tagger.predict_batch`.
        shard_documents: Most documents in a shard, at least 1.
        skip: Whether records that cannot be read are noted in the folder's file of rejects, and left out.
            Otherwise the first ends the run.
        note: Takes remarks.
        watch: Is told how far the run is, after each document.

    Returns:
        What the folder holds now.

    Raises:
        DataError: when the source is not there.
        BulkError: when source and output do not fit, when nothing can be tagged, or pyarrow is missing.
        StoppedError: when the run had to stop: at a record that cannot be read, a full disk, an engine that
            fails. What was done is kept.
        CheckpointError: when the model cannot be loaded; EngineError when its engine cannot.
        ThresholdError: when a threshold does not fit the model.
        ValueError: when ``shard_documents`` is not positive, or ``input_kind`` or ``output_form`` unknown.
    """
    from importlib.metadata import version  # slow to import, and the command line imports this module

    if shard_documents < 1:
        raise ValueError(f"shard_documents must be at least 1, got {shard_documents}")
    form = OutputForm(output_form)
    origin = find_source(Path(source), None if input_kind is None else InputKind(input_kind))
    folder = Path(output)
    _check_apart(origin, folder)
    if origin.left_out:
        note(f"{origin.left_out} other files are left out: {', '.join(origin.examples)}")
    reader = open_reader(origin.kind, text_column, must_encode=form is OutputForm.PARQUET)
    tagger = Tagger.load(model, engine=engine, device=device, threads=threads, verify=verify)
    tagger.predict_batch([], batch_tokens=batch_tokens, thresholds=thresholds)  # refuses what is wrong
    settings = {
        "conflictner": version("conflictner"),
        "input": origin.place,
        "input kind": origin.kind.value,
        "text column": reader.text_column,
        "output form": form.value,
        "model": tagger.name,
        "model sha256": _sha256(tagger),
        "engine": engine,
        "thresholds": dict(thresholds) if isinstance(thresholds, Mapping) else thresholds,
    }
    manifest: Manifest | None = None
    try:
        with open_manifest(folder, settings) as manifest:
            encoder = open_encoder(form, origin.kind, reader.text_column, tagger.scheme, manifest.columns)
            run = _Run(tagger, manifest, encoder, form.value, thresholds, batch_tokens)
            items = read_items(origin, reader)
            skip_done(items, manifest)
            done_before = manifest.documents
            if done_before:
                note(f"{_are(done_before)} done; going on behind them")
            run.tag(items, shard_documents, skip, lambda at, done: watch(at, origin.size, done, done_before))
            return _finish(manifest, tagger, done_before, origin)
    except KeyboardInterrupt:
        note(f"interrupted; {_how_far(manifest)}")
        raise
    except OSError as error:
        reason = f"{printable(str(folder))} cannot be written ({error.strerror or error})"
        raise StoppedError(f"{reason}; {_how_far(manifest, 'make room')}") from error


class _Run:
    """The loop over shards."""

    def __init__(
        self,
        tagger: Tagger,
        manifest: Manifest,
        encoder: Encoder,
        ending: str,
        thresholds: Mapping[str, float] | float | None,
        batch_tokens: int,
    ) -> None:
        self._tagger = tagger
        self._manifest = manifest
        self._encoder = encoder
        self._ending = ending
        self._thresholds = thresholds
        self._batch_tokens = batch_tokens

    def tag(self, items: Iterator[Item], most: int, skip: bool, watch: Callable[[int, int], None]) -> None:
        """Tag all items, shard by shard."""
        while (group := gather(items, most, skip=skip)).items or group.failure:
            try:
                if group.items:
                    self._write(group, list(self._tagged(group.records, watch)))
            except ConflictnerError as error:
                raise StoppedError(f"{error}; {_how_far(self._manifest, 'mend it')}") from error
            if group.failure is not None:
                remedy = "mend it, or add --on-error skip"
                if not isinstance(group.failure, DataError):
                    remedy = "mend it"
                raise StoppedError(f"{group.failure}; {_how_far(self._manifest, remedy)}") from group.failure

    def _tagged(self, records: list[Record], watch: Callable[[int, int], None]) -> Iterator[Tagged]:
        before = self._manifest.documents
        predictions = self._tagger.predict_batch(
            (record.text for record in records),
            batch_tokens=self._batch_tokens,
            thresholds=self._thresholds,
        )
        for number, (record, prediction) in enumerate(zip(records, predictions, strict=True), start=1):
            watch(record.position, before + number)
            yield record, prediction

    def _write(self, group: Group, tagged: list[Tagged]) -> None:
        manifest, content, rejects = self._manifest, None, group.reject_lines()
        if tagged:
            content = self._encoder.encode(tagged)
            if self._encoder.columns is not None and manifest.columns is None:
                manifest.set_columns(self._encoder.columns)
        predictions = [prediction for _, prediction in tagged]
        before = manifest.shards[-1].rejects_bytes if manifest.shards else 0
        entry = ShardEntry(
            file=None if content is None else manifest.next_name(self._ending),
            bytes=0 if content is None else len(content),
            documents=len(tagged),
            rejected=len(group.rejects),
            digest=group.digest(),
            rejects_bytes=before + len(rejects),
            spans=dict(Counter(span.label for prediction in predictions for span in prediction.spans)),
            coverage=sum(prediction.coverage for prediction in predictions),
            partial=sum(prediction.coverage < 1 for prediction in predictions),
        )
        manifest.add(content, rejects, entry)


def _finish(manifest: Manifest, tagger: Tagger, done_before: int, source: Source) -> Summary:
    summary = summarise(manifest, tagger.scheme.table, done_before)
    if not summary.documents:
        what = f"none of its {summary.rejected} records can be tagged" if summary.rejected else "it is empty"
        where = f"; {printable(str(summary.rejects))} says why" if summary.rejected else ""
        raise BulkError(f"{printable(str(source.path))}: {what}{where}")
    return summary


def _how_far(manifest: Manifest | None, remedy: str = "") -> str:
    done = 0 if manifest is None else manifest.documents
    again = f"{remedy}, and type the same command again" if remedy else "type the same command again"
    return f"{_are(done)} done and kept; {again} to go on" if done else f"nothing was tagged yet; {again}"


def _are(documents: int) -> str:
    return "1 document is" if documents == 1 else f"{documents:,} documents are"


def _check_apart(source: Source, output: Path) -> None:
    """Make sure that what a run writes is nothing that it reads."""
    if source.path.is_dir():
        inside, outside = output.resolve(), source.path.resolve()
        if inside == outside or outside in inside.parents:
            raise BulkError(
                f"the output {printable(str(output))} is within the input {printable(str(source.path))}; "
                "give a folder beside it"
            )


def _sha256(tagger: Tagger) -> str:
    """Return what tells a model's files from those of another."""
    digest: Any = hashlib.sha256()
    folder = tagger.checkpoint.folder
    for name in VERIFIED:
        path = folder / name
        if path.is_file():
            with path.open("rb") as file:
                digest.update(f"{name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return str(digest.hexdigest())
