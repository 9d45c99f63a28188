"""Copies of public sets on this machine: found by their names, and compared with the registry's sums."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from .corpora.opening import archive_members, read_content
from .errors import DataError
from .quotes import printable
from .sources import PublicFile, PublicSet

__all__ = ["content_sum", "find_copies", "readable", "verify"]

_ENDINGS = ("", ".xz", ".gz", ".bz2", ".tar.xz", ".tar.gz", ".tar", ".zip")


def content_sum(path: str | Path, members: str | None = None) -> str:
    """Return the SHA-256 of what is in a file, in hexadecimal, however it is packed.

    Of a compressed file it is the sum of the decompressed content. Of an archive or folder, for which
    ``members`` says what counts in it, it is that of the lines ``SUM  NAME`` of all files, sorted by name,
    where a name is without its folders.

    Raises:
        DataError: when it cannot be read.
    """
    if members is None:
        return hashlib.sha256(read_content(path)).hexdigest()
    found = sorted(
        (member.rpartition("/")[2], hashlib.sha256(content).hexdigest())
        for member, content in archive_members(path, members)
    )
    return hashlib.sha256("".join(f"{digest}  {name}\n" for name, digest in found).encode()).hexdigest()


def verify(path: str | Path, file: PublicFile) -> None:
    """Compare a copy with the release that the registry pins.

    Raises:
        DataError: when it holds something else, or cannot be read.
    """
    found = content_sum(path, file.members)
    if found != file.sha256:
        raise DataError(
            f"holds something else than the known release of {file.name}: its sum is {found}, that of the "
            f"release {file.sha256}; fetch it again, or take it as it is with --unverified"
            + (f" ({file.note})" if file.note else ""),
            printable(str(path)),
        )


def find_copies(
    public: PublicSet, files: Sequence[PublicFile], place: Path
) -> Iterator[tuple[PublicFile, Path]]:
    """Find the files of a set in a folder, compressed or not, or in the set's own folder in it.

    Args:
        public: The set.
        files: Which of its files are wanted.
        place: The folder; or one of the files itself, which is then the only one.

    Raises:
        DataError: when one is not there.
    """
    if not place.exists():
        raise DataError("there is no such file or folder", printable(str(place)))
    if not place.is_dir():
        if any("/" in file.name for file in files):
            raise DataError(f"is a file; give the folder of {public.name}", printable(str(place)))
        known = [file for file in files if any(_is_called(place, name) for name in file.names)]
        if not known:
            names = ", ".join(file.name for file in files)
            raise DataError(
                f"is no file of {public.name} by its name; accepted are {names}", printable(str(place))
            )
        yield known[0], place
        return
    for file in files:
        found = next(_candidates(public, file, place), None)
        if found is None:
            raise DataError(
                f"holds no {file.name} of {public.name}, neither plain nor compressed; get it at "
                f"{public.homepage}",
                printable(str(place)),
            )
        yield file, found


def readable(copies: Sequence[tuple[PublicFile, Path]]) -> dict[Path, str | None]:
    """Return what the set's reader takes, with its split: the copies, or the folders they belong to."""
    return {path.parent if "/" in file.name else path: file.split for file, path in copies}


def _candidates(public: PublicSet, file: PublicFile, folder: Path) -> Iterator[Path]:
    bases = (folder, folder / public.folder)
    paths = [base / f"{name}{ending}" for base in bases for name in file.names for ending in _ENDINGS]
    yield from filter(Path.is_file, paths)
    if file.members is not None:
        yield from filter(Path.is_dir, paths)


def _is_called(path: Path, name: str) -> bool:
    return path.name in {f"{name.rpartition('/')[2]}{ending}" for ending in _ENDINGS}
