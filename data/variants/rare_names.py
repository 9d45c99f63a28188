"""Rare names: places, persons and armed groups, replaced by ones that hardly any report has."""

from __future__ import annotations

import importlib.resources
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from random import Random

import yaml

from ..documents import Document, Span
from .edits import Edit, apply_edits
from .names import gazetteer, whole_words

__all__ = ["rare_names", "replace_by_rare_names"]

#: Words of a place's name that stay, beside all in lower case.
_TYPES = (
    "agency airport base bay bridge camp city county desert district division fort governorate highway hills "
    "island islands lake mosque mount mountain mountains oblast peninsula port prison province refugee "
    "region river road sea square state strip territory town township university valley village"
)
_TYPE = frozenset(_TYPES.split())
_PARTICLES = "al ad ar as at el de del della di da do dos du la le las los of van von bin ibn"
_PARTICLE = frozenset(_PARTICLES.split())
_DEFINITE = re.compile(r"\b(?:the|a|an|this|these|its)\s+\Z", re.IGNORECASE)
_TITLES = (
    "President Premier Minister Chancellor Secretary Senator Governor Mayor Ambassador Judge Mr Dr General "
    "Gen Brigadier Brig Colonel Col Major Maj Captain Capt Lieutenant Lt Sergeant Sgt Commander Admiral "
    "Sheikh Imam Mullah spokesman spokesperson commander leader journalist activist lawyer analyst chief"
)
_TITLE = re.compile(rf"\b(?:{_TITLES.replace(' ', '|')})\.?\s+\Z")
_WOMAN_TITLE = re.compile(r"\b(?:Ms|Mrs|Miss|spokeswoman|Queen|Princess)\.?\s+\Z")
_LONGEST_TITLE = 20  # characters
_PERSONS = ("man", "man_surname_first", "woman")
_GROUPS = ("armed_group", "movement")
_MOST_WORDS = 4  # of a person's name


@cache
def rare_names() -> Mapping[str, Sequence[str]]:
    """Return the lists that come with the package: places, men, women, surnames, groups."""
    file = importlib.resources.files(__package__) / "rare_names.yaml"
    names: Mapping[str, Sequence[str]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return names


def replace_by_rare_names(document: Document, rng: Random) -> Document:
    """Return the document with the names of its places, persons and armed groups replaced by rare ones.

    Replaced are

    - LOCATION spans that are names, but for words such as "southern" and "province" in them;
    - ACTOR spans that are persons or armed groups of the gazetteer, or stand behind a title or office and are
      written like a name; a person's surname changes with the full name.

    All mentions of a name change alike. A name that also stands elsewhere in the text is left alone, for its
    mentions would no longer agree; so is one behind an article.
    """
    places = list(rare_names()["places"])
    rng.shuffle(places)
    edits: list[Edit] = []
    for name, stretches in _places(document).items():
        if places and _stands_alone(document.text, name, stretches):
            edits += _all_alike(document.text, stretches, places.pop())
    for (kind, _), mentions in _actors(document).items():
        stretches = [stretch for _, stretch in mentions]
        new = _new_group(rng) if kind in _GROUPS else _new_person(kind, rng)
        if all(_stands_alone(document.text, form, stretches) for form, _ in mentions):
            for form, stretch in mentions:
                is_short = form.isupper() if kind in _GROUPS else " " not in form
                edits += _all_alike(document.text, [stretch], new[is_short])
    return apply_edits(document, edits)


def _new_group(rng: Random) -> tuple[str, str]:
    """Return the name of a group, and its acronym."""
    name = rng.choice(rare_names()["groups"]).format(rng.choice(rare_names()["places"]))
    return name, "".join(word[0] for word in name.split()).upper()


def _new_person(kind: str, rng: Random) -> tuple[str, str]:
    """Return the name of a person, and the surname."""
    surname = rng.choice(rare_names()["surnames"])
    return f"{rng.choice(rare_names()['women' if kind == 'woman' else 'men'])} {surname}", surname


def _places(document: Document) -> dict[str, list[tuple[int, int]]]:
    """Return the stretches of LOCATION spans that are a place's own name, by that name."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for span in document.spans:
        if span.label == "LOCATION":
            core = _core(document.text, span)
            if core is not None:
                found[document.text[slice(*core)]].append(core)
    return found


def _core(text: str, span: Span) -> tuple[int, int] | None:
    """Return the stretch of a place's name in a span, ``None`` where it is not written like one."""
    words = [match.span() for match in re.compile(r"\S+").finditer(text, span.start, span.end)]
    while words and (text[words[0][0]].islower() or text[slice(*words[0])].lower() in _TYPE):
        words.pop(0)
    while words and text[slice(*words[-1])].lower() in _TYPE:
        words.pop()
    if not words or not all(_is_name(text[slice(*word)]) for word in words):
        return None
    return words[0][0], words[-1][1]


def _is_name(word: str) -> bool:
    return word[0].isupper() or word.split("-")[0] in _PARTICLE


def _actors(document: Document) -> dict[tuple[str, str], list[tuple[str, tuple[int, int]]]]:
    """Return persons and groups: kind and name -> their mentions, each with its text and stretch."""
    text = document.text
    found: dict[tuple[str, str], list[tuple[str, tuple[int, int]]]] = defaultdict(list)
    surnames: dict[str, tuple[str, str]] = {}
    others = []
    for span in document.spans:
        if span.label != "ACTOR":
            continue
        surface, stretch = text[span.start : span.end], (span.start, span.end)
        entry = gazetteer().find(surface, span.label)
        key = None
        if entry is not None and entry[0].kind in (*_PERSONS, *_GROUPS):
            key = entry[0].kind, entry[0].forms[0]
        elif entry is None and (kind := _kind_of_person(text, span)):
            key = surnames.get(surface.split()[-1], (kind, surface))
        if key is None:
            others.append((surface, stretch))
            continue
        found[key].append((surface, stretch))
        if key[0] not in _GROUPS:
            surnames.setdefault(surface.split()[-1], key)
    for surface, stretch in others:  # a surname alone, of a person whose full name is there
        if surface in surnames:
            found[surnames[surface]].append((surface, stretch))
    return found


def _kind_of_person(text: str, span: Span) -> str | None:
    """Return what a span is that stands behind a title or office and is written like a person's name."""
    words = text[span.start : span.end].split()
    if len(words) > _MOST_WORDS or not words[0][0].isupper() or not all(map(_is_name, words)):
        return None
    before = text[max(0, span.start - _LONGEST_TITLE) : span.start]
    if _WOMAN_TITLE.search(before):
        return "woman"
    return "man" if _TITLE.search(before) else None


def _stands_alone(text: str, name: str, stretches: list[tuple[int, int]]) -> bool:
    """Whether a name is nowhere but in the stretches, and none of them stands behind an article."""
    if any(_DEFINITE.search(text[max(0, start - 10) : start]) for start, _ in stretches):
        return False
    return all(
        any(start <= match.start() and match.end() <= end for start, end in stretches)
        for match in whole_words(name, text)
    )


def _all_alike(text: str, stretches: list[tuple[int, int]], new: str) -> Iterator[Edit]:
    for start, end in stretches:
        capitals = text[start:end].isupper() and text.isupper()
        yield Edit(start, end, new.upper() if capitals else new)
