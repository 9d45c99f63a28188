"""Public sets as documents: for each a reader of what it holds, and one that maps it to our labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from ..documents import Document
from .counts import ImportCounts
from .gmb import gmb_originals, read_gmb
from .muc import muc_gtt_originals, muc_originals, read_muc, read_muc_gtt
from .originals import Mention, Original, OriginalReader
from .re3d import re3d_originals, read_re3d
from .uner import read_uner, uner_originals
from .wikievents import read_wikievents, wikievents_originals
from .worldwide import read_worldwide, worldwide_originals

__all__ = [
    "CORPORA",
    "ORIGINALS",
    "ImportCounts",
    "Mention",
    "Original",
    "OriginalReader",
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
    """Reads a public set with our labels; the registry of :mod:`conflictner.data.sources` has the mapping."""

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

#: Name of a set -> the reader of what it holds, with its own types.
ORIGINALS: Mapping[str, OriginalReader] = {
    "gmb": gmb_originals,
    "muc": muc_originals,
    "muc-gtt": muc_gtt_originals,
    "re3d": re3d_originals,
    "uner": uner_originals,
    "wikievents": wikievents_originals,
    "worldwide": worldwide_originals,
}
