"""All formats, and how the format of a file is found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..errors import DataError
from ..quotes import printable, quote
from .canonical import CANONICAL
from .format import Format
from .peek import Peek

__all__ = ["FORMATS", "detect_format", "find_format"]

#: Name -> format. The first whose ``detect`` says yes is taken, so the special stand before the general.
FORMATS: Mapping[str, Format] = {form.name: form for form in (CANONICAL,)}


def find_format(name: str, *, to_write: bool = False) -> Format:
    """Return the format of a name.

    Raises:
        DataError: when there is none, or it is only read and ``to_write`` is set.
    """
    accepted = ", ".join(form.name for form in FORMATS.values() if form.write or not to_write)
    form = FORMATS.get(name)
    if form is None:
        raise DataError(f"the format {quote(name)} is not known; accepted are {accepted}")
    if to_write and form.write is None:
        raise DataError(f"the format {name} is only read; to write, accepted are {accepted}")
    return form


def detect_format(path: str | Path) -> Format:
    """Return the format of a file or folder, by what is in it.

    Raises:
        DataError: when it cannot be read, or looks like none of the formats.
    """
    peek = Peek(path)
    for form in FORMATS.values():
        if form.detect(peek):
            return form
    accepted = ", ".join(FORMATS)
    raise DataError(f"its format is not recognised; name it with --from: {accepted}", printable(str(path)))
