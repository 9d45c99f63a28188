"""Signs by which the files and folders of public research sets are told from others, compressed or not."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..corpora.opening import head_of
from ..sources import public_set
from .format import Detector
from .peek import Peek

__all__ = ["SIGNS"]

_ENOUGH_ROWS = 3
_TAR_MARK = slice(257, 262)  # where a tar archive says that it is one


def _is_gmb(peek: Peek) -> bool:
    """Columns of two whose tags are all of this set; it alone has geo, gpe and tim."""
    tags = [row[1] for row in _rows(peek) if len(row) == 2]
    kinds = {tag[2:] for tag in tags if tag != "O"}
    return (
        len(tags) >= _ENOUGH_ROWS
        and bool(kinds & {"geo", "gpe", "tim"})
        and kinds <= public_set("gmb").labels.keys()
    )


def _is_uner(peek: Peek) -> bool:
    """Numbered rows of three or five columns, and comments with the id of each sentence."""
    text = _text(peek)
    rows = [row for row in _rows(peek) if len(row) in (3, 5) and row[0].isdigit()]
    return "# sent_id = " in text and len(rows) >= _ENOUGH_ROWS and all(row[2][:1] in "OBI" for row in rows)


def _is_muc(peek: Peek) -> bool:
    """An archive or folder with the corpora of MUC-3 and MUC-4."""
    if peek.is_folder:
        names = peek.names()
        return "TASK" in names or {"dev", "tst1", "tst4"} <= names or any(map(_is_key, names))
    return _is_archive(peek) and re.search(rb"muc34/|CORPORA/|/key-(dev|tst\d)", _head(peek)) is not None


def _is_key(name: str) -> bool:
    return re.match(r"key-(dev|tst\d)", name) is not None


def _is_worldwide(peek: Peek) -> bool:
    """An archive or folder of articles as ``.txt.tsv``."""
    if peek.is_folder:
        return any(name.endswith(".txt.tsv") for name in peek.names())
    return _is_archive(peek) and b".txt.tsv" in _head(peek)


def _is_re3d(peek: Peek) -> bool:
    """A folder with documents and entities, or of such folders."""
    if not peek.is_folder:
        return False
    folders = [peek.path, *(peek.path / name for name in sorted(peek.names()))]
    files = ("documents.json", "entities.json")
    return any(all((folder / name).is_file() for name in files) for folder in folders)


def _is_wikievents(peek: Peek) -> bool:
    """JSON with tokens, and mentions of entities among them."""
    return _has_fields(peek, "doc_id", "tokens", "entity_mentions")


def _is_muc_gtt(peek: Peek) -> bool:
    """JSON with reports and templates."""
    return _has_fields(peek, "docid", "doctext", "templates")


def _has_fields(peek: Peek, *fields: str) -> bool:
    """Whether a file is JSON in whose first record these fields stand."""
    text = _text(peek).lstrip()
    return text.startswith(("{", "[")) and all(f'"{field}": ' in text for field in fields)


def _is_archive(peek: Peek) -> bool:
    head = _head(peek)
    return head[_TAR_MARK] == b"ustar" or head.startswith(b"PK\x03\x04")


def _rows(peek: Peek) -> list[list[str]]:
    """Return the first lines, but the last, which may be cut, split at tabs."""
    return [line.rstrip("\r").split("\t") for line in _text(peek).split("\n")[:-1]]


def _text(peek: Peek) -> str:
    return _head(peek).decode("utf-8", "replace").removeprefix("\ufeff")


def _head(peek: Peek) -> bytes:
    return head_of(peek.head, 1 << 18)


#: Name of a set -> what tells whether a file is of it.
SIGNS: Mapping[str, Detector] = {
    "gmb": _is_gmb,
    "muc": _is_muc,
    "muc-gtt": _is_muc_gtt,
    "re3d": _is_re3d,
    "uner": _is_uner,
    "wikievents": _is_wikievents,
    "worldwide": _is_worldwide,
}
