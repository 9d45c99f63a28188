"""Groups: what kind of people are counted, by the nouns of a phrase."""

from __future__ import annotations

import re
from functools import lru_cache

from .nouns import singular
from .phrases import HARMED, without_parts

__all__ = ["ARMED", "CIVILIANS", "FORCES", "GROUPS", "UNARMED", "group_of"]

#: Group -> nouns in the singular, between bars, of one word or more.
_NOUNS = {
    "children": """child | boy | girl | infant | baby | toddler | teenager | teen | minor | kid |
        schoolboy | schoolgirl | schoolchild | pupil | newborn | adolescent | orphan""",
    "women": """woman | wife | mother | grandmother | sister | widow | housewife | nun | daughter |
        girlfriend | anchorwoman""",
    "men": "man | father | son | brother | grandfather | husband",
    "civilians": """civilian | non-combatant | noncombatant | villager | resident | inhabitant | citizen |
        local | bystander | passer-by | pedestrian | shopper | worshipper | worshiper | pilgrim | refugee
        | passenger | tourist | commuter | guest | fan | farmer | peasant | herder | fisherman | merchant
        | trader | vendor | student | teacher | family | relative | mourner | neighbor | neighbour |
        driver | worker | labourer | laborer | miner | contractor | employee | protester | protestor |
        demonstrator | settler""",
    "soldiers": """soldier | troop | trooper | marine | serviceman | servicewoman | service member |
        servicemember | sailor | airman | paratrooper | conscript | commando | infantryman | paramilitary |
        peacekeeper | reservist | general | colonel | lieutenant | sergeant | captain | corporal | army |
        military | legionnaire | army officer | air force officer | military personnel""",
    "police": """police | policeman | policewoman | constable | gendarme | police officer | police chief |
        border police | police commander""",
    "security forces": """guard | guardsman | bodyguard | security | security force | security officer |
        security personnel | prison guard""",
    "militants": """militant | rebel | insurgent | guerrilla | guerilla | gunman | terrorist | fighter |
        militiaman | militia | jihadist | jihadi | extremist | attacker | bomber | suicide bomber |
        separatist | assailant | combatant | taliban | taleban | hijacker | bandit | gangster | gang
        member | mujahideen | kidnapper | captor | armed man | hamas | hezbollah | isis | isil | al-qaida
        | al-qaeda | al-shabab | al-shabaab | pkk""",
    "aid workers": """aid worker | relief worker | humanitarian worker | humanitarian | rescue worker |
        rescuer | volunteer | paramedic""",
    "health workers": """doctor | nurse | medic | surgeon | physician | health worker | medical worker |
        hospital worker | hospital staff | medical staff""",
    "journalists": """journalist | reporter | newsman | cameraman | photographer | correspondent |
        broadcaster | blogger | columnist | anchorman | media worker""",
    "officials": """official | mayor | minister | governor | politician | lawmaker | legislator | diplomat |
        judge | prosecutor | councillor | councilor | candidate | ambassador | envoy""",
    "prisoners": "prisoner | inmate | detainee",
    "clergy": "priest | cleric | imam | bishop | pastor | missionary | clergy",
}
_GROUP_OF = {" ".join(noun.split()): group for group, nouns in _NOUNS.items() for noun in nouns.split("|")}
#: The groups that a figure may have, and what several become together.
GROUPS = (*_NOUNS, "women and children", "mixed")
#: Groups that bear arms for a state, that bear arms, that are counted as civilians, and those of them of whom
#: nobody bears arms, as children, women, men and officials may.
FORCES = frozenset({"soldiers", "police", "security forces"})
ARMED = FORCES | {"militants"}
CIVILIANS = frozenset(GROUPS) - ARMED - {"mixed"}
UNARMED = CIVILIANS - {"children", "women", "women and children", "men", "officials"}

_LONGEST = 400  # characters; what stands behind is no part of a noun phrase
#: Nouns that say less than what stands before them: "six Taliban members".
_GENERIC = frozenset(("member", "personnel", "officer", "commander", "leader", "staff", "force", "chief"))
_CONJUNCTION = re.compile(r"\s*(?:,|&|\band\b|\bor\b|\bplus\b)\s*", re.IGNORECASE)
_PREPOSITION = re.compile(
    r"\s(?:of|from|in|at|with|by|near|who|whose|on|aboard|between|including|during)\s", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@lru_cache(4096)
def group_of(phrase: str) -> str | None:
    """Return which group a noun phrase names, ``None`` for people in general.

    The head noun decides, the last of the phrase; an adjective before "members", "officers" or "personnel"
    does instead of them. Of several joined nouns, one group is made where there is a name for it.

    >>> group_of("16 pro-government fighters"), group_of("two Palestinian police officers")
    ('militants', 'police')
    >>> group_of("43 women and children"), group_of("at least 37 people") is None
    ('women and children', True)
    """
    parts = _CONJUNCTION.split(_head_phrase(without_parts(phrase[:_LONGEST])))
    found = {group for part in parts if (group := _group_of_noun(part)) is not None}
    if len(found) == 1:
        return next(iter(found))
    if found == {"women", "children"}:
        return "women and children"
    if found and found <= FORCES:
        return "security forces"
    return "mixed" if found else None


def _head_phrase(phrase: str) -> str:
    """Return a phrase up to the first preposition behind its noun; what "dozens of" opens stays."""
    for match in _PREPOSITION.finditer(phrase):
        before = phrase[: match.start()].split()
        is_noun = bool(before) and singular(before[-1].lower()) in _GROUP_OF
        if is_noun or match[0].strip().lower() != "of":
            return phrase[: match.start()]
    return phrase


def _group_of_noun(phrase: str) -> str | None:
    """Return the group of one noun with what modifies it."""
    nouns = [match[0].lower() for match in _WORD.finditer(phrase)]
    if "aged" in nouns[1:]:
        nouns = nouns[: nouns.index("aged", 1)]
    while len(nouns) > 1 and nouns[-1] in HARMED and nouns[-1] != "casualties":
        nouns.pop()
    if not nouns:
        return None
    nouns[-1] = singular(nouns[-1])
    for length in (3, 2, 1):
        name = " ".join(nouns[-length:])
        if name in _GROUP_OF:
            return _GROUP_OF[name]
    if nouns[-1] in _GENERIC:
        return next((_GROUP_OF[noun] for noun in map(singular, nouns[-2::-1]) if noun in _GROUP_OF), None)
    return None
