"""MUC-3 and MUC-4: reports on terrorism in Latin America, with answer keys; their words are sought in it."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from ..documents import Document
from ..errors import DataError
from ..quotes import one_line, printable
from .answer_keys import Template, read_keys
from .borders import mark_name
from .counts import ImportCounts
from .draft import PASSAGE_SENTENCES, Draft
from .nouns import begins_alone, ends_alone, is_number, mark_weapon
from .opening import archive_members, read_lines
from .wordlists import word_list

__all__ = ["read_muc", "read_muc_gtt"]

_REPORT = re.compile(r"^((?:DEV|TST\d)-MUC\d-\d{4})\b.*$", re.MULTILINE)
_HEADER = re.compile(r"^.{0,400}?\[TEXT\]|^.{0,200}? -- (\[[^\]]*\] ?)*", re.IGNORECASE | re.DOTALL)
_STATUS = {"DEATH": "killed", "INJURY": "injured"}
_QUALIFIERS = word_list("about approximately some at least more than over nearly almost around")
_VICTIM = 0  # a name or a description, in a set that does not tell which
_INSTRUMENT, _PERPETRATOR, _BODY, _TARGET_NAME, _TARGET = 6, 9, 10, 18, 19
_GTT_SLOTS = {"PerpOrg": _BODY, "PerpInd": _PERPETRATOR, "Weapon": _INSTRUMENT, "Victim": _VICTIM}


def read_muc(
    path: str | Path, *, sentences: int = PASSAGE_SENTENCES, counts: ImportCounts | None = None
) -> Iterator[Document]:
    """Read the archive of all reports and answer keys.

    Every place in a report where the words of a key stand is taken for a mention. Of the fourth test set, the
    text in mixed case is taken; all others are in capital letters.

    | slot of the key | ours |
    |---|---|
    | perpetrator: organisation | ACTOR |
    | perpetrator: individual | ACTOR, where nothing modifies it |
    | instrument | WEAPON, where nothing modifies it |
    | location | LOCATION, or ACTOR where a state acts; open where that is not clear |
    | human target: name | ACTOR |
    | human target: description | CASUALTY with its count where it is counted and died (killed), was \
injured or was kidnapped (captive); ACTOR where it stands alone in the plural |

    Annotated: nothing, for the keys are about incidents and not about all that is mentioned. Roles are not
    told; casualties have their status.

    Args:
        path: ``muc34.tar.gz``.
        sentences: Most sentences in a passage; 0 leaves reports whole.
        counts: Grows while documents are read.

    Raises:
        DataError: when the archive cannot be read or is another one.
    """
    counts = ImportCounts() if counts is None else counts
    keys: dict[str, list[Template]] = defaultdict(list)
    reports: dict[str, str] = {}
    for member, text in archive_members(path, "latin-1"):
        name = PurePosixPath(member).name
        if name.startswith("key-"):
            for template in read_keys(text):
                keys[template.message].append(template)
        elif re.match(r"(dev|tst\d)-muc", name):  # sorted by name, so that the text in mixed case wins
            reports |= _reports(text)
    if not keys or not reports:
        raise DataError("holds no reports with answer keys; give muc34.tar.gz", printable(str(path)))
    for name, text in sorted(reports.items()):
        draft = Draft("muc", name, text, counts)
        _mark(draft, keys.get(name, []))
        yield from draft.passages(sentences)


def read_muc_gtt(
    path: str | Path, *, sentences: int = PASSAGE_SENTENCES, counts: ImportCounts | None = None
) -> Iterator[Document]:
    """Read a file of the GTT split, the same reports in small letters with a part of the keys.

    PerpOrg is ACTOR; PerpInd, and Victim in the plural, is ACTOR where nothing modifies it; a Victim that may
    be a name is ACTOR; Weapon is WEAPON where nothing modifies it; Target, which is a thing, is not kept.

    Annotated: nothing. Spans have no attribute.

    Args:
        path: ``gtt-train.json.xz``, ``gtt-dev.json.xz`` or ``gtt-test.json.xz``, or the same unpacked.
        sentences: Most sentences in a passage; 0 leaves reports whole.
        counts: Grows while documents are read.

    Raises:
        DataError: when the file cannot be read or is another one.
    """
    counts = ImportCounts() if counts is None else counts
    name = printable(str(path))
    for number, line in read_lines(path):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            document, text, templates = record["docid"], record["doctext"], record["templates"]
            wanted = {
                words: _GTT_SLOTS[kind]
                for template in templates
                for kind in _GTT_SLOTS
                for mention in template[kind]
                for words, _ in mention
            }
            things = sum(len(template["Target"]) for template in templates)
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise DataError(
                f"is no line of the GTT split ({one_line(error)}); give gtt-train.json.xz", name, number
            ) from error
        draft = Draft("muc-gtt", str(document), text, counts, sentences=_small_sentences(text))
        counts.dropped["a target that is a thing"] += things
        _mark_wanted(draft, {words: (slot, None) for words, slot in wanted.items()})
        yield from draft.passages(sentences)


def _small_sentences(text: str) -> list[tuple[int, int]]:
    """Return the sentences of a text in small letters, between which two spaces stand."""
    return [match.span() for match in re.finditer(r"\S+(?: \S+)*", text)]


def _reports(text: str) -> dict[str, str]:
    """Return the reports of a file by id, without header, as paragraphs on a line each."""
    parts = _REPORT.split(text)
    reports = {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", body)]
        joined = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
        reports[name] = _HEADER.sub("", joined, count=1).strip()
    return reports


def _mark(draft: Draft, templates: Sequence[Template]) -> None:
    """Mark all that the keys of a report name, longer words before shorter ones."""
    wanted: dict[str, tuple[int, str | None]] = {}
    for template in templates:
        effects = template.effects()
        kidnapped = template.value(4) == "KIDNAPPING"
        for slot in (_BODY, _PERPETRATOR, _INSTRUMENT, _TARGET_NAME, _TARGET):
            for fill in template.fills(slot):
                effect = effects.get(fill.names or fill.text, "")
                status = _STATUS.get(effect, "captive" if kidnapped and not effect else None)
                wanted.setdefault(fill.text, (slot, status))
        for place in template.places():
            wanted.setdefault(place, (3, None))
    _mark_wanted(draft, wanted)


def _mark_wanted(draft: Draft, wanted: Mapping[str, tuple[int, str | None]]) -> None:
    """Mark all mentions of the words that fill slots: words -> slot and status."""
    for text, (slot, status) in sorted(wanted.items(), key=lambda item: (-len(item[0]), item[0])):
        found = list(_find(draft, text))
        if not found:
            draft.counts.dropped["words of a key that are not in the text"] += 1
        for first, last in found:
            if not draft.is_marked(first, last):
                _mark_fill(draft, first, last, slot, status)


def _find(draft: Draft, text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of words that are ``text``, in any case and however spaced."""
    pieces = re.findall(r"\w+|[^\w\s]", text)
    pattern = r"\s*".join(re.escape(piece) for piece in pieces)
    for match in re.finditer(rf"(?<!\w){pattern}(?!\w)", draft.text, re.IGNORECASE):
        first, last = draft.range(*match.span())
        if first < last:
            yield first, last


def _mark_fill(draft: Draft, first: int, last: int, slot: int, status: str | None) -> None:
    """Mark one mention of what fills a slot."""
    if slot == _INSTRUMENT:
        mark_weapon(draft, first, last)
    elif slot == _BODY:
        mark_name(draft, first, last, "organisation")
    elif slot == _TARGET_NAME or (slot == _VICTIM and _may_be_name(draft, first, last)):
        mark_name(draft, first, last, "person")
    elif slot in (_TARGET, _PERPETRATOR, _VICTIM):
        _mark_people(draft, first, last, status)
    else:
        mark_name(draft, first, last, "place")


def _may_be_name(draft: Draft, first: int, last: int) -> bool:
    """Whether a victim is a name rather than a description: no article before it, no plural."""
    article = draft.word(first - 1).lower() in ("a", "an", "the", "his", "her", "their")
    return not article and not is_number(draft.word(first)) and not draft.word(last - 1).endswith("s")


def _mark_people(draft: Draft, first: int, last: int, status: str | None) -> None:
    """Mark people who are described: counted casualties, or a group that stands alone."""
    for index in range(first + 1, last):  # the noun ends before its prepositional phrase
        if draft.word(index).lower() in ("of", "from", "in", "at") and not is_number(draft.word(index - 1)):
            last = index
            break
    begin = first
    while begin < last and is_number(draft.word(begin)):
        begin += 1
    while is_number(draft.word(first - 1)):
        first -= 1
    counted = first < begin or is_number(draft.word(first))
    partial = counted and "of" in (draft.word(begin).lower(), draft.word(last).lower())
    single = draft.word(first - 1).lower() in ("a", "an") and not draft.word(last - 1).lower().endswith("s")
    if begin == last or "," in map(draft.word, range(first, last)) or not ends_alone(draft, last):
        draft.drop(first, last, "people whose description goes on", "ACTOR", "CASUALTY")
    elif partial or draft.word(last - 1).lower() in ("member", "members"):
        draft.drop(first, last, "a part of a group", "ACTOR", "CASUALTY")
    elif (counted or single) and status is not None:
        first -= single
        while draft.word(first - 1).lower() in _QUALIFIERS:
            first -= 1
        draft.mark(first, last, "CASUALTY", status)
    elif (
        counted or single or not draft.word(last - 1).lower().endswith("s") or not begins_alone(draft, first)
    ):
        draft.drop(first, last, "people who are modified, or a single one", "ACTOR", "CASUALTY")
    else:
        draft.mark(first, last, "ACTOR")
