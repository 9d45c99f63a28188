"""All formats, and how the format of a file is found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..errors import DataError
from ..jsonl import decode_json
from ..plain_text import kind_of
from ..quotes import printable, quote
from .brat import BRAT
from .canonical import CANONICAL
from .columns import BIOES, CONLL, IOB1
from .docbin import DOCBIN
from .doccano_lines import DOCCANO
from .format import Format
from .gliner_records import GLINER
from .hub_folder import HUB_FOLDER
from .hub_lines import HUB_LINES
from .label_studio import LABEL_STUDIO, LABEL_STUDIO_PREDICTIONS
from .peek import Peek
from .prodigy_lines import PRODIGY
from .research import RESEARCH_FORMATS

__all__ = ["FORMATS", "detect_format", "find_format", "format_to_write"]

#: Name -> format. The first whose ``detect`` says yes is taken, so the special stand before the general.
FORMATS: Mapping[str, Format] = {
    form.name: form
    for form in (
        CANONICAL,
        *RESEARCH_FORMATS,
        IOB1,
        CONLL,
        BIOES,
        HUB_FOLDER,
        HUB_LINES,
        DOCCANO,
        LABEL_STUDIO,
        LABEL_STUDIO_PREDICTIONS,
        PRODIGY,
        BRAT,
        DOCBIN,
        GLINER,
    )
}


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
    raise DataError(_unrecognised(peek), printable(str(path)))


def _unrecognised(peek: Peek) -> str:
    """Say why a file or folder looks like none of the formats."""
    kind = kind_of(peek.head)
    if kind is not None:
        return f"is {kind}"
    if not peek.is_folder and not peek.text.strip():
        return "holds no documents"
    why = ""
    if peek.record:
        why = f", its first object has {quote(sorted(peek.record))}"
    elif peek.text.lstrip().startswith("{"):
        try:
            decode_json(peek.text)
        except DataError as error:
            why = f", its first object is {error.reason}"
    return f"its format is not recognised{why}; name it with --from: {', '.join(FORMATS)}"


def format_to_write(path: str | Path) -> Format:
    """Return the format that a file's ending means.

    Raises:
        DataError: when it means none.
    """
    ending = Path(path).suffix.lower()
    for form in FORMATS.values():
        if form.write is not None and ending in form.endings:
            return form
    accepted = ", ".join(form.name for form in FORMATS.values() if form.write is not None)
    raise DataError(
        f"its ending does not tell the format; name it with --to: {accepted}", printable(str(path))
    )
