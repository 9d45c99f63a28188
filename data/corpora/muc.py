"""MUC-3 and MUC-4: reports on terrorism in Latin America, with answer keys; their words are sought in it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from ..documents import Document
from ..errors import DataError
from ..lines import OnError, raise_error
from ..quotes import printable, quote
from ..sources import public_set
from .answer_keys import Template, read_keys
from .borders import drop_foreign, mark_name
from .counts import ImportCounts
from .draft import PASSAGE_SENTENCES, Draft
from .nouns import begins_alone, ends_alone, is_number, mark_weapon
from .opening import archive_texts, read_records
from .originals import Mention, Original
from .wordlists import word_list

__all__ = ["muc_gtt_originals", "muc_originals", "read_muc", "read_muc_gtt"]

_REPORT = re.compile(r"^((?:DEV|TST\d)-MUC\d-\d{4})\b.*$", re.MULTILINE)
_HEADER = re.compile(r"^.{0,400}?\[TEXT\]|^.{0,200}? -- (\[[^\]]*\] ?)*", re.IGNORECASE | re.DOTALL)
_PIECE = re.compile(r"\w+|[^\w\s]")
_QUALIFIERS = word_list("about approximately some at least more than over nearly almost around")
_ABSENT = "words of a key that are not in the text"
#: What fills a slot is called after it; a string that fills several is called after the first of these.
_SLOTS = {
    10: "PERP_ORGANIZATION",
    9: "PERP_INDIVIDUAL",
    6: "INSTRUMENT",
    18: "HUM_TARGET_NAME",
    19: "HUM_TARGET_DESCRIPTION",
}
_THINGS, _TYPE, _PLACE = 12, 4, "LOCATION"
_GTT_KINDS = ("PerpOrg", "PerpInd", "Weapon", "Victim")
#: Words -> what they are, and what happened to them.
_Wanted = dict[str, tuple[str, str | None]]


def muc_originals(path: str | Path, on_error: OnError = raise_error) -> Iterator[Original]:
    """Read the archive of all reports and answer keys as they are.

    Every place in a report where the words of a key stand is taken for a mention. Of the fourth test set, the
    text in mixed case is taken; all others are in capital letters. The keys are in ``meta["incidents"]``,
    their types of incident are the events.

    Args:
        path: ``muc34.tar.gz``, or the folder in it.
        on_error: Without effect: what is no report and no key is passed over.

    Raises:
        DataError: when the archive cannot be read or is another one.
    """
    keys: dict[str, list[Template]] = defaultdict(list)
    reports: dict[str, str] = {}
    for member, text in archive_texts(path, encoding="latin-1"):
        name = PurePosixPath(member).name
        if name.startswith("key-"):
            for template in read_keys(text):
                keys[template.message].append(template)
        elif re.match(r"(dev|tst\d)-muc", name):  # sorted by name, so that the text in mixed case wins
            reports |= _reports(text)
    if not keys or not reports:
        raise DataError("holds no reports with answer keys; give muc34.tar.gz", printable(str(path)))
    for name, text in sorted(reports.items()):
        yield _original(name, text, keys.get(name, []))


def read_muc(
    path: str | Path, *, sentences: int = PASSAGE_SENTENCES, counts: ImportCounts | None = None
) -> Iterator[Document]:
    """Read the archive of all reports and answer keys with the labels of the guidelines.

    Annotated: nothing, for the keys are about incidents and not about all that is mentioned: LOCATION, ACTOR,
    WEAPON and CASUALTY are marked where the key names them. Roles are not told; casualties have their status.

    Args:
        path: As for :func:`muc_originals`.
        sentences: Most sentences in a passage; 0 leaves reports whole.
        counts: Grows while documents are read.

    Raises:
        DataError: when the archive cannot be read or is another one.
    """
    counts = ImportCounts() if counts is None else counts
    for original in muc_originals(path):
        draft = Draft.of("muc", original, counts)
        _mark(draft, original)
        yield from draft.passages(sentences)


def muc_gtt_originals(path: str | Path, on_error: OnError = raise_error) -> Iterator[Original]:
    """Read a file of the GTT split, the same reports in small letters with a part of the keys, as it is.

    Args:
        path: ``gtt-train.json``, ``gtt-dev.json`` or ``gtt-test.json``, compressed or not.
        on_error: Takes the errors of the reports that are left out.

    Raises:
        DataError: when the file cannot be read or is another one.
    """
    for number, record in read_records(path, ("docid", "doctext", "templates"), on_error):
        try:
            document, text, templates = record["docid"], record["doctext"], record["templates"]
            wanted: _Wanted = {
                words: (kind, None)
                for kinds in (("Target",), _GTT_KINDS)  # what is something else, too, is no target
                for template in templates
                for kind in kinds
                for mention in template[kind]
                for words, _ in mention
            }
            incidents = [template["incident_type"] for template in templates]
            if not all(isinstance(item, str) and item for item in (document, text, *wanted, *incidents)):
                raise TypeError
        except (ValueError, LookupError, TypeError):
            on_error(
                DataError(
                    f"is no line of the GTT split, got {quote(record)}; give gtt-train.json",
                    printable(str(path)),
                    number,
                )
            )
            continue
        absent: Counter[str] = Counter()
        mentions = list(_mentions(text, wanted, absent))
        yield Original(
            document,
            text,
            mentions,
            _small_sentences(text),
            tuple(dict.fromkeys(incidents)),
            {"templates": templates},
            absent,
        )


def read_muc_gtt(
    path: str | Path, *, sentences: int = PASSAGE_SENTENCES, counts: ImportCounts | None = None
) -> Iterator[Document]:
    """Read a file of the GTT split with the labels of the guidelines.

    Annotated: nothing; LOCATION and CASUALTY are never marked. Spans have no attribute.

    Args:
        path: As for :func:`muc_gtt_originals`.
        sentences: Most sentences in a passage; 0 leaves reports whole.
        counts: Grows while documents are read.

    Raises:
        DataError: when the file cannot be read or is another one.
    """
    counts = ImportCounts() if counts is None else counts
    for original in muc_gtt_originals(path):
        draft = Draft.of("muc-gtt", original, counts)
        _mark(draft, original)
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


def _original(name: str, text: str, templates: Sequence[Template]) -> Original:
    """Return a report with all that its keys name, longer words before shorter ones."""
    wanted: _Wanted = {}
    for template in templates:
        effects = template.effects()
        kidnapped = template.value(_TYPE) == "KIDNAPPING"
        for slot, kind in _SLOTS.items():
            for fill in template.fills(slot):
                effect = effects.get(fill.names or fill.text)
                if not effect and kidnapped and kind.startswith("HUM"):
                    effect = "KIDNAPPING"
                wanted.setdefault(fill.text, (kind, effect and effect.replace(" / ", "/").replace(" ", "_")))
        for place in template.places():
            wanted.setdefault(place, (_PLACE, None))
    for template in templates:
        for fill in template.fills(_THINGS):
            wanted.setdefault(fill.text, ("PHYS_TARGET", None))
    incidents = [template.value(_TYPE) for template in templates]
    events = tuple(dict.fromkeys(event for event in incidents if event.strip("-*")))
    absent: Counter[str] = Counter()
    meta: dict[str, Any] = {
        "incidents": [template.to_dict() for template in templates if template.is_incident]
    }
    return Original(name, text, list(_mentions(text, wanted, absent)), None, events, meta, absent)


def _mentions(text: str, wanted: _Wanted, absent: Counter[str]) -> Iterator[Mention]:
    """Yield all mentions of the words that fill slots, the longest words first; count those without any.

    Words are found in any case and however spaced.
    """
    offsets = [match.span() for match in _PIECE.finditer(text)]
    pieces = [text[start:end].lower() for start, end in offsets]
    places: dict[str, list[int]] = defaultdict(list)
    for index, piece in enumerate(pieces):
        places[piece].append(index)
    for words, (kind, effect) in sorted(wanted.items(), key=lambda item: (-len(item[0]), item[0])):
        sought = [piece.lower() for piece in _PIECE.findall(words)]
        end = 0
        for index in places.get(sought[0], []) if sought else []:
            if index >= end and pieces[index : index + len(sought)] == sought:
                end = index + len(sought)
                yield Mention(offsets[index][0], offsets[end - 1][1], kind, effect)
        if not end:
            absent[_ABSENT] += 1


def _mark(draft: Draft, original: Original) -> None:
    """Mark all mentions, none inside a longer one."""
    mapping = public_set(draft.source)
    for mention in original.mentions:
        first, last = draft.range(mention.start, mention.end)
        rule = mapping.labels[mention.kind].rule
        status = mapping.values.get(mention.attribute or "")
        if rule == "none":
            drop_foreign(draft, first, last, mention.kind)
        elif first < last and not draft.is_marked(first, last):
            _mark_fill(draft, first, last, rule, status)


def _mark_fill(draft: Draft, first: int, last: int, rule: str, status: str | None) -> None:
    """Mark one mention of what fills a slot."""
    if rule == "weapon":
        mark_weapon(draft, first, last)
    elif rule == "victim" and _may_be_name(draft, first, last):
        mark_name(draft, first, last, "person")
    elif rule in ("people", "victim"):
        _mark_people(draft, first, last, status)
    else:
        mark_name(draft, first, last, rule)


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
