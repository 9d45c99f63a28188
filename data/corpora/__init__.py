"""Public sets as documents: a reader for each, and what they are called on the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from ..documents import Document
from .counts import ImportCounts
from .gmb import read_gmb
from .muc import read_muc, read_muc_gtt
from .re3d import read_re3d
from .uner import read_uner
from .wikievents import read_wikievents
from .worldwide import read_worldwide

__all__ = [
    "CORPORA",
    "ImportCounts",
    "Reader",
    "read_gmb",
    "read_muc",
    "read_muc_gtt",
    "read_re3d",
    "read_uner",
    "read_wikievents",
    "read_worldwide",
]


class Reader(Protocol):
    """Reads a public set; its docstring tells how the set's labels become ours."""

    def __call__(
        self, path: str | Path, *, sentences: int = ..., counts: ImportCounts | None = None
    ) -> Iterator[Document]:
        """Yield documents of at most ``sentences`` sentences (0: whole texts) and count them."""


#: Name of a set -> its reader.
CORPORA: Mapping[str, Reader] = {
    "gmb": read_gmb,
    "muc": read_muc,
    "muc-gtt": read_muc_gtt,
    "re3d": read_re3d,
    "uner": read_uner,
    "wikievents": read_wikievents,
    "worldwide": read_worldwide,
}
