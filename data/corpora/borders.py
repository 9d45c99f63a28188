"""Borders: names as public sets mark them, marked as the project's guidelines want them."""

from __future__ import annotations

import re

from ..quotes import printable
from ..sources import public_set
from .draft import Draft
from .nouns import ends_alone, is_small_word
from .originals import Original
from .places import is_acting, is_direction, is_government_name, is_nationality, place_or_actor
from .wordlists import word_list

__all__ = [
    "drop_foreign",
    "is_name",
    "is_pronoun",
    "mark_mentions",
    "mark_name",
    "mark_organisation",
    "mark_person",
    "mark_place",
    "trim_determiners",
]

ACTOR, LOCATION = "ACTOR", "LOCATION"

_DETERMINERS = word_list(
    """a an the this that these those its their his her our your my some any all both each every another
    other such no many several few"""
)
_PRONOUNS = word_list(
    """i me my mine myself we us our ours ourselves you your yours yourself he him his himself she her hers
    herself it its itself they them their theirs themselves who whom whose which what that this these
    those there here where one ones some others everyone everybody anyone anybody someone somebody
    nobody none all both many"""
)
_TITLES = word_list(
    """mr mrs ms miss dr prof professor sir lord lady dame president vice prime deputy first minister
    premier chancellor king queen prince princess emir sultan sheik sheikh shaikh ayatollah imam pope
    cardinal archbishop bishop father rev reverend mullah maulana gen general lt lieutenant col colonel
    maj major capt captain sgt sergeant cpl corporal adm admiral brig brigadier marshal commander cmdr
    chief officer senator sen congressman rep representative governor gov mayor judge justice ambassador
    envoy secretary foreign defense defence interior state attorney director chairman prophet leader
    spokesman spokeswoman former acting interim"""
)
_PERSONAL_TITLES = word_list(
    """mr mrs ms miss dr president king queen prince princess emir sultan sheik sheikh ayatollah pope
    mullah gen general col colonel maj major capt captain prophet senator"""
)
_NO_ACTORS = word_list(
    """cyclone typhoon hurricane storm treaty agreement convention accord accords act protocol marathon
    olympics games cup war prize award day conference summit"""
)
_KINDS_OF_BODY = word_list(
    """department ministry council forces force army police committee commission society agency congress
    senate parliament court party movement front brigade battalion guard union association organization
    organisation"""
)
# What belongs to the name of a place behind it.
_KINDS_OF_PLACE = word_list(
    """province district region state county governorate prefecture city town village valley island islands
    peninsula river lake mountains mountain hills desert strip bank airport airbase base camp prison
    hospital mosque square bridge border street road avenue neighborhood neighbourhood suburb area
    department municipality sea gulf coast strait plateau"""
)
_NO_BODIES = _KINDS_OF_PLACE - {"department", "state", "area"}  # which name organisations, too
_NO_PLACES = frozenset(["north", "south", "east", "west"])
_JOINED = frozenset(["and", "or", "in", ",", "AND", "OR", "IN"])
_NAME_JOINERS = word_list("of the and for in de del la al el bin ibn von van on")


def is_pronoun(text: str) -> bool:
    """Whether ``text`` is a single pronoun, which is never marked."""
    return text.lower() in _PRONOUNS


def is_name(text: str) -> bool:
    """Whether ``text`` is written as a name: capital letters or figures but for the small words in it.

    >>> is_name("Movement for Change"), is_name("27th Street"), is_name("rebel commander"), is_name("1,200")
    (True, True, False, False)
    """
    words = [word for word in re.findall(r"\w+", text) if word.lower() not in _NAME_JOINERS]
    return any(word[0].isupper() for word in words) and not any(word[0].islower() for word in words)


def trim_determiners(draft: Draft, first: int, last: int) -> int:
    """Return the first word of ``first:last`` that is no determiner; ``last`` when all are."""
    while first < last and draft.word(first).lower() in _DETERMINERS:
        first += 1
    return first


def mark_mentions(draft: Draft, original: Original) -> None:
    """Mark the mentions of a set that marks names alone, by the set's rules."""
    labels = public_set(draft.source).labels
    for mention in original.mentions:
        first, last = draft.range(mention.start, mention.end)
        rule = labels[mention.kind].rule
        if first == last:
            draft.counts.dropped["no word"] += 1
        elif rule == "none":
            drop_foreign(draft, first, last, mention.kind)
        else:
            mark_name(draft, first, last, rule)


def drop_foreign(draft: Draft, first: int, last: int, kind: str) -> None:
    """Drop a mention of a type that has nothing to do with our labels."""
    draft.drop(first, last, f"the type {printable(kind)}, which is none of ours")


def mark_name(draft: Draft, first: int, last: int, kind: str) -> None:
    """Mark a name, of whatever kind it shows to be.

    Args:
        draft: Where it is marked.
        first: Its first word.
        last: The word behind its last.
        kind: What the set takes it for: ``"person"``, ``"organisation"`` or ``"place"``.
    """
    surface = draft.surface(first, last)
    begin = trim_determiners(draft, first, last)
    front, back = draft.word(begin).lower(), draft.word(last - 1).lower()
    if is_pronoun(surface):
        draft.drop(first, last, "a pronoun")
    elif is_nationality(surface):
        draft.drop(first, last, "a nationality or religion", ACTOR)
    elif _NO_ACTORS & {front, back}:
        draft.drop(first, last, "a named event, law or storm")
    elif front in _PERSONAL_TITLES or (
        draft.word(begin - 1) == "." and draft.word(begin - 2).lower() in _PERSONAL_TITLES
    ):
        mark_person(draft, first, last)
    elif kind == "place" and (front == "islamic" or back in _KINDS_OF_BODY):
        mark_organisation(draft, first, last)
    elif kind == "place" or is_government_name(surface) or (kind == "organisation" and back in _NO_BODIES):
        mark_place(draft, first, last)
    elif kind == "person":
        mark_person(draft, first, last)
    else:
        mark_organisation(draft, first, last)


def mark_person(draft: Draft, first: int, last: int) -> None:
    """Mark a named person without title; leave anything else open."""
    begin = trim_determiners(draft, first, last)
    while begin < last and (draft.word(begin).lower() in _TITLES or draft.word(begin) in (".", "-", "of")):
        begin += 1
    if begin == last or len(draft.surface(begin, last)) == 1:
        draft.drop(first, last, "a title without a name", ACTOR)
    elif not _is_named(draft, begin, last) or "of" in map(draft.word, range(begin, last)):
        draft.drop(first, last, "a person without a name", ACTOR)
    elif not _is_whole(draft, begin, last, titles=True):
        draft.drop(first, last, "a part of a longer name or compound", ACTOR)
    elif not _is_head(draft, last):
        draft.drop(begin, last, "a name that modifies a noun, where the span may be longer", ACTOR)
    else:
        draft.counts.moved += begin != first
        draft.mark(begin, last, ACTOR)


def mark_organisation(draft: Draft, first: int, last: int) -> None:
    """Mark a named organisation without article; leave it open where a longer span may be right."""
    begin = trim_determiners(draft, first, last)
    for index in range(begin + 1, last):
        if draft.word(index) in ("(", "["):  # an acronym behind the name is a span of its own
            last = index
            break
    if begin == last or not _is_named(draft, begin, last):
        draft.drop(first, last, "an organisation without a name", ACTOR)
    elif not _is_whole(draft, begin, last):
        draft.drop(begin, last, "a part of a longer name or compound", ACTOR)
    elif not _is_head(draft, last):
        draft.drop(begin, last, "a name that modifies a noun, where the span may be longer", ACTOR)
    else:
        draft.counts.moved += begin != first
        draft.mark(begin, last, ACTOR)


def mark_place(draft: Draft, first: int, last: int) -> None:
    """Mark a named place with the direction before and the kind behind it, or an actor where it acts.

    Where it is not clear which of the two it is, both are left open.
    """
    begin, end = trim_determiners(draft, first, last), last
    if begin == end or not _is_named(draft, begin, end):
        draft.drop(first, last, "a place without a name", LOCATION)
        return
    if draft.surface(begin, end).lower() in _NO_PLACES or not _JOINED.isdisjoint(
        map(draft.word, range(begin, end))
    ):
        draft.drop(first, last, "a part of the world, or several places", ACTOR, LOCATION)
        return
    if len(draft.word(end - 1)) == 1 and draft.word(end - 2) == "." == draft.word(end):
        end += 1  # the last full stop of U.S.
    kind = place_or_actor(_word_before(draft, begin), draft.surface(begin, end), draft.word(end))
    if kind == LOCATION:
        begin -= is_direction(draft.word(begin - 1))
        while draft.word(end).lower() in _KINDS_OF_PLACE and draft.word(end + 1).lower() != "of":
            end += 1
    if not _is_whole(draft, begin, end) or draft.word(begin - 1).lower() in ("and", "or"):
        draft.drop(begin, end, "a part of a longer name or compound", ACTOR, LOCATION)
    elif not _is_head(draft, end):
        draft.drop(begin, end, "a name that modifies a noun, where the span may be longer", ACTOR, LOCATION)
    elif kind is None:
        draft.drop(begin, end, "a place or a government, which is not clear", ACTOR, LOCATION)
    else:
        draft.counts.moved += (begin, end) != (first, last)
        draft.mark(begin, end, kind)


def _is_named(draft: Draft, first: int, last: int) -> bool:
    """Whether ``first:last`` is written as a name, as far as the text has capital letters for names."""
    return draft.is_caseless or is_name(draft.surface(first, last))


def _word_before(draft: Draft, first: int) -> str:
    """Return the word before ``first`` that is no article; a comma only where a name stands before it."""
    before = draft.word(first - 1)
    if before == "," and not _is_capital(draft.word(first - 2), titles=False):
        return "?"
    return draft.word(first - 2) if before.lower() == "the" else before


def _is_head(draft: Draft, last: int) -> bool:
    """Whether what ends before the word ``last`` modifies no noun, as far as that word tells."""
    behind = draft.word(last)
    return (
        ends_alone(draft, last) or is_acting(behind) or behind in ("'", "’") or behind.lower().endswith("ed")
    )


def _is_whole(draft: Draft, first: int, last: int, titles: bool = False) -> bool:
    """Whether the words beside ``first:last`` show that the name neither begins earlier nor ends later.

    Args:
        draft: The draft.
        first: The first word of the name.
        last: The word behind its last.
        titles: Whether titles may stand before it.
    """
    if draft.word(first - 1) == "-" or draft.word(last) in ("-", "&"):
        return False
    if draft.is_caseless:
        return True
    inner = first - 1 if draft.word(first - 1).lower() != "the" else first - 2
    if draft.word(inner).lower() in ("of", "in", "for") and _is_capital(draft.word(inner - 1), titles):
        return False  # Republic of Congo, Organization in the Islamic Maghreb
    return not _is_capital(draft.word(first - 1), titles) and not _is_capital(draft.word(last), titles)


def _is_capital(word: str, titles: bool) -> bool:
    """Whether ``word`` is written as a part of a name; titles are none where they may stand."""
    return word[:1].isupper() and not is_small_word(word) and not (titles and word.lower() in _TITLES)
