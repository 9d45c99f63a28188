"""Nouns: generic weapons and armed people whose heads alone are marked in a set.

The guidelines take the words that modify a noun into the span. A head is therefore a span of ours only where
nothing modifies it, which the neighbouring words tell; elsewhere the place is left open.
"""

from __future__ import annotations

import re

from .draft import Draft
from .wordlists import word_list

__all__ = ["begins_alone", "ends_alone", "is_number", "is_small_word", "mark_armed", "mark_weapon"]

_BEFORE = word_list(
    """a an the this that these those its their his her our your my any each every no some of in on at by
    with from to into against for between among over under near after before during while when where as
    than like about and or but nor if because that who which whose is are was were be been being has
    have had do does did will would can could may might must should said says say saying told killed
    killing wounded wounding injured attacked attacking shot fired firing used using carrying planted
    detonated exploded threw hurled launched dropped seized captured found armed"""
)
_BEHIND = word_list(
    """fled left denies spoke came took entered announced claimed warned urged agreed won lost died lives
    there here of in on at by with from to into against for between among over under near after before
    during while when where as than and or but nor if because that who which whose is are was were be
    been being has have had do does did will would can could may might must should not also said says
    say told killed wounded injured attacked shot fired used planted detonated exploded exploding went
    threw hurled launched dropped hit struck targeting inside outside yesterday today late early later
    last this the a an had ripped destroyed opened stormed seized arrested"""
)
# What happens with weapons; the guidelines mark the weapon word before it alone.
_EVENTS = word_list(
    """attack attacks blast blasts explosion explosions strike strikes fire shelling test tests battle
    battles clearance raid raids launch launches assault ambush"""
)
_NO_WEAPONS = word_list(
    """strike strikes airstrike airstrikes raid raids bombardment bombing bombings shelling shooting attack
    attacks explosion explosions blast blasts vehicle vehicles car cars truck trucks bus boat boats
    plane planes motorcycle motorcycles material materials device balls weapon system weapon-system
    nails fire"""
)
_WEAPON_EXCEPTIONS = frozenset(["device"])
_ARMED = word_list(
    """police troops soldiers militants rebels gunmen gunman insurgents guerrillas fighters militia
    militias militiamen officials authorities army protesters demonstrators terrorists extremists
    attackers assailants paramilitaries separatists hijackers kidnappers subversives"""
)
_EMPHASIS = word_list("powerful large small new huge big massive single other")
_PUNCTUATION = frozenset([",", ";", '"', "[", "(", "and", "AND", "with", "WITH", "of", "OF"])
_NUMBERS = word_list(
    """one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand
    million dozen dozens hundreds thousands scores several both few couple another other others"""
)


def is_number(word: str) -> bool:
    """Whether ``word`` is a number or a vague one, such as "several"."""
    return word.lower() in _NUMBERS or bool(re.fullmatch(r"\d[\d,.]*", word))


def is_small_word(word: str) -> bool:
    """Whether ``word`` is an article, a preposition, an auxiliary or the like, which modifies nothing."""
    return word.lower() in _BEFORE or word.lower() in _BEHIND


def begins_alone(draft: Draft, first: int) -> bool:
    """Whether the word before ``first`` cannot modify what begins there."""
    before = draft.word(first - 1).lower()
    if before == "." and len(draft.word(first - 2)) == 1:
        return False  # the last full stop of U.S.
    return before in _BEFORE or (not before[:1].isalnum() and before not in ("-", "'", "’"))


def ends_alone(draft: Draft, last: int) -> bool:
    """Whether the word at ``last`` cannot be modified by what ends before it."""
    behind = draft.word(last).lower()
    return behind in _BEHIND or (not behind[:1].isalnum() and behind not in ("-", "'", "’"))


def mark_weapon(draft: Draft, first: int, last: int) -> None:
    """Mark a weapon without its count where its borders are certain, else leave it open."""
    begin = first
    while begin < last and (is_number(draft.word(begin)) or draft.word(begin).lower() in _BEFORE | _EMPHASIS):
        begin += 1
    if begin == last or (last - begin == 1 and draft.word(begin).lower() in _NO_WEAPONS):
        draft.drop(first, last, "no weapon by the guidelines, or one without a name", "WEAPON")
    elif not (begin > first or is_number(draft.word(begin - 1)) or begins_alone(draft, begin)) or not (
        ends_alone(draft, last) or draft.word(last).lower() in _EVENTS
    ):
        draft.drop(first, last, "a head that something modifies", "WEAPON")
    elif any(draft.word(index) in _PUNCTUATION for index in range(begin, last)):
        draft.drop(first, last, "several weapons, or one that is described at length", "WEAPON")
    else:
        draft.counts.moved += begin != first
        draft.mark(begin, last, "WEAPON")


def mark_armed(draft: Draft, first: int, last: int) -> bool:
    """Mark armed people or officials that stand alone and without a number; return whether it was done."""
    if last - first != 1 or draft.word(first).lower() not in _ARMED:
        return False
    if not (begins_alone(draft, first) and ends_alone(draft, last)):
        return False
    draft.mark(first, last, "ACTOR")
    return True
