"""``conflictner data fetch``: get a public set, check it, and convert it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ...data.corpora import ImportCounts
    from ...data.documents import Document
    from ...data.sources import PublicFile, PublicSet

__all__ = ["fetch"]


def fetch(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="The set. Without it, all sets are listed.", show_default=False
        ),
    ] = None,
    origin: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="PATH",
            help="A folder with a copy of the set's files, packed or not, or one of the files. Nothing is "
            "downloaded.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="JSON Lines to write.", show_default="NAME.jsonl"
        ),
    ] = None,
    split: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SPLIT", help="train, dev or test. May be given more than once.", show_default="all"
        ),
    ] = None,
    sentences: Annotated[
        int,
        typer.Option(min=0, metavar="N", help="Most sentences in a passage; 0 leaves documents whole."),
    ] = 3,
    exclude: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Documents to keep out, such as a test set: passages that repeat nine words in a row are "
            "left out. May be given more than once.",
            show_default=False,
        ),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Keep the downloaded files there; those that are there already are not fetched again.",
            show_default=False,
        ),
    ] = None,
    unverified: Annotated[
        bool,
        typer.Option(
            "--unverified",
            help="Take the files whatever their sums, as of another release.",
            show_default=False,
        ),
    ] = False,
) -> None:
    """Get a public set, check it, and convert it to passages with the labels of the guidelines.

    Prints the licence, and what was kept, moved to other borders and dropped, and why. The passages say which
    labels their set annotates (meta.annotated); training learns nothing of the others from them.
    """
    from ...data.copies import readable
    from ...data.corpora import CORPORA, ImportCounts
    from ...data.jsonl import write_jsonl
    from ...data.sources import public_set

    if name is None:
        _list_sets()
        return
    if origin is not None and keep is not None:
        raise typer.BadParameter("--keep is for downloads; with --from nothing is downloaded")
    public = public_set(name)
    files = _chosen(public, split or [])
    _say(f"{public.title}: {public.about}", f"licence: {public.licence}", f"cite: {public.citation}")
    if public.note:
        _say(f"note: {public.note}")
    counts = ImportCounts()
    target = output or Path(f"{name}.jsonl")
    with ExitStack() as stack:
        if origin is None:
            origin = keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
            _download(public, files, origin, unverified)
        copies = _verified(public, files, origin, unverified)
        documents = (
            document
            for path, part in readable(copies).items()
            for document in _with_split(CORPORA[name](path, sentences=sentences, counts=counts), part)
        )
        written = write_jsonl(target, _without(documents, exclude or [], counts))
    _say(*counts.lines(), f"{target}: {written:,} passage{'' if written == 1 else 's'}")


def _list_sets() -> None:
    """Name all sets, what they hold, and whether they can be downloaded."""
    from ...data.sources import public_sets

    for public in public_sets().values():
        lacking = [file.name for file in public.files if file.address is None]
        way = "give a copy with --from" if len(lacking) == len(public.files) else "downloaded"
        if lacking and way == "downloaded":
            way += f", but for {', '.join(lacking)}"
        splits = f" [{', '.join(public.splits)}]" if public.splits else ""
        _say(f"{public.name}{splits}: {public.title} ({way})")


def _chosen(public: PublicSet, splits: Sequence[str]) -> list[PublicFile]:
    """Return the files of the splits, of all when none are given."""
    from ...data.errors import DataError
    from ...data.quotes import quote

    for split in splits:
        if split not in public.splits:
            accepted = f"accepted are {', '.join(public.splits)}" if public.splits else "it has no splits"
            raise DataError(f"{public.name} has no split {quote(split)}; {accepted}")
    return [file for file in public.files if not splits or file.split in splits]


def _download(public: PublicSet, files: Sequence[PublicFile], folder: Path, unverified: bool) -> None:
    """Fetch the files into a folder, but for those that are there as they were released."""
    from ...data.copies import content_sum
    from ...data.downloads import download
    from ...data.errors import DataError
    from ...data.quotes import printable

    for file in files:
        if file.address is None:
            raise DataError(
                f"no lasting address is known for {file.name} of {public.name}; get it at {public.homepage} "
                f"and give its folder with --from ({file.note})"
            )
    for file in files:
        target = folder / file.name
        if target.is_file() and content_sum(target, file.members) == file.sha256:
            continue
        typer.echo(printable(f"fetching {file.address}"), err=True)
        download(file.address or "", target, None if unverified else file.bytes)


def _verified(
    public: PublicSet, files: Sequence[PublicFile], place: Path, unverified: bool
) -> list[tuple[PublicFile, Path]]:
    """Find the files, and make sure that they are those that were released."""
    from ...data.copies import find_copies, verify

    copies = list(find_copies(public, files, place))
    for file, path in copies:
        if not unverified:
            verify(path, file)
    what = "taken as they are" if unverified else "as released (sha256)"
    _say(f"{len(copies)} file{'' if len(copies) == 1 else 's'} {what}")
    return copies


def _with_split(documents: Iterator[Document], split: str | None) -> Iterator[Document]:
    """Note in each document to which part of its set it belongs."""
    for document in documents:
        yield document if split is None else replace(document, meta={**document.meta, "split": split})


def _without(documents: Iterator[Document], excluded: list[Path], counts: ImportCounts) -> Iterator[Document]:
    """Yield the documents that repeat nothing of the excluded files; there must be one."""
    from ...data.errors import DataError
    from ...data.files import read_documents
    from ...data.overlap import Overlap

    overlap = Overlap(document.text for path in excluded for document in read_documents(path))
    is_empty = True
    for document in documents:
        if overlap.touches(document.text):
            counts.take_out(document, "repeats an excluded document")
            continue
        is_empty = False
        yield document
    if is_empty:
        raise DataError("nothing is left to write; no passage holds anything that could be learned")


def _say(*lines: str) -> None:
    """Print lines of results."""
    from ...data.quotes import printable

    for line in lines:
        typer.echo(printable(line))
