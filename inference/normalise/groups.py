"""Groups: what kind of people are counted, by the nouns of a phrase."""

from __future__ import annotations

import re

__all__ = ["GROUPS", "group_of"]

_WORDS = {
    "children": """child children boy boys girl girls infant infants baby babies toddler toddlers teenager
        teenagers teen teens teenaged teenage minor minors kid kids schoolboy schoolboys schoolgirl schoolgirls
        schoolchild schoolchildren pupil pupils newborn newborns adolescent adolescents orphan orphans""",
    "women": """woman women wife wives mother mothers grandmother sister sisters widow widows housewife nun nuns
        daughter daughters girlfriend anchorwoman""",
    "civilians": """civilian civilians villager villagers resident residents bystander bystanders passer-by
        passers-by shopper shoppers worshipper worshippers worshiper worshipers pilgrim pilgrims refugee refugees
        passenger passengers tourist tourists farmer farmers peasant peasants student students teacher teachers
        non-combatant non-combatants noncombatant noncombatants family families relative relatives mourner
        mourners commuter commuters inhabitant inhabitants citizen citizens driver drivers labourer labourers
        laborer laborers worker workers miner miners protester protesters protestor protestors demonstrator
        demonstrators herder herders fisherman fishermen merchant merchants trader traders settler settlers
        pedestrian pedestrians neighbor neighbors neighbour neighbours local locals contractor contractors
        employee employees guest guests fan fans""",
    "soldiers": """soldier soldiers troop troops trooper troopers marine marines serviceman servicemen
        servicewoman servicemember servicemembers sailor sailors airman airmen paratrooper paratroopers conscript
        conscripts commando commandos infantryman infantrymen paramilitary paramilitaries peacekeeper
        peacekeepers reservist reservists general generals colonel colonels lieutenant lieutenants sergeant
        captain captains major corporal army military legionnaire legionnaires""",
    "police": """police policeman policemen policewoman policewomen constable constables gendarme gendarmes
        carabiniere deputy-sheriff sheriff""",
    "security forces": """guard guards guardsman guardsmen bodyguard bodyguards security""",
    "militants": """militant militants rebel rebels insurgent insurgents guerrilla guerrillas guerilla guerillas
        gunman gunmen terrorist terrorists fighter fighters militiaman militiamen militia militias jihadist
        jihadists extremist extremists attacker attackers bomber bombers separatist separatists assailant
        assailants combatant combatants taliban taleban hijacker hijackers bandit bandits gangster gangsters
        mujahideen kidnapper kidnappers captor captors hamas hezbollah isis isil al-qaida al-qaeda al-shabab
        al-shabaab pkk""",
    "aid workers": """aid relief humanitarian rescuer rescuers volunteer volunteers paramedic paramedics""",
    "health workers": """doctor doctors nurse nurses medic medics surgeon surgeons physician physicians""",
    "journalists": """journalist journalists reporter reporters newsman newsmen cameraman cameramen
        photographer photographers correspondent correspondents broadcaster blogger bloggers columnist
        anchorman""",
    "officials": """official officials mayor mayors minister ministers governor governors politician politicians
        lawmaker lawmakers diplomat diplomats judge judges councillor councilor candidate candidates
        ambassador ambassadors prosecutor prosecutors envoy legislator legislators""",
    "prisoners": "prisoner prisoners inmate inmates detainee detainees",
    "clergy": "priest priests cleric clerics imam imams bishop bishops pastor pastors missionary missionaries",
    "men": "man men father fathers son sons brother brothers",
}
#: Phrases that mean more than their last word.
_PHRASES = {
    "police officer": "police",
    "police officers": "police",
    "police chief": "police",
    "police chiefs": "police",
    "border police": "police",
    "security officer": "security forces",
    "army officer": "soldiers",
    "army officers": "soldiers",
    "service member": "soldiers",
    "service members": "soldiers",
    "military personnel": "soldiers",
    "security personnel": "security forces",
    "security forces": "security forces",
    "security force": "security forces",
    "armed men": "militants",
    "aid worker": "aid workers",
    "aid workers": "aid workers",
    "relief worker": "aid workers",
    "relief workers": "aid workers",
    "humanitarian worker": "aid workers",
    "humanitarian workers": "aid workers",
    "rescue worker": "aid workers",
    "rescue workers": "aid workers",
    "health worker": "health workers",
    "health workers": "health workers",
    "medical worker": "health workers",
    "medical workers": "health workers",
    "hospital staff": "health workers",
    "media worker": "journalists",
    "media workers": "journalists",
    "suicide bomber": "militants",
    "gang member": "militants",
    "gang members": "militants",
    "prison guard": "security forces",
    "prison guards": "security forces",
    "taxi driver": "civilians",
    "air force officer": "soldiers",
}
_GROUP_OF = {word: group for group, words in _WORDS.items() for word in words.split()} | _PHRASES
#: The groups that a figure may have, and what they become together.
GROUPS = (*_WORDS, "women and children", "mixed")

_FORCES = frozenset(("soldiers", "police", "security forces"))
_GENERIC = frozenset(
    ["member", "members", "personnel", "officer", "officers", "commander", "commanders", "leader", "leaders"]
)
_CONJUNCTION = re.compile(r"\s*(?:,|&|\band\b|\bor\b|\bplus\b)\s*", re.IGNORECASE)
_PREPOSITION = re.compile(
    r"\s(?:of|from|in|at|with|by|near|who|whose|on|including|for|to|during)\s", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def group_of(phrase: str) -> str | None:
    """Return which group a noun phrase names, ``None`` for people in general.

    The head noun decides, the last of the phrase; an adjective before "members", "officers" or "personnel"
    does instead of them. Of several joined nouns, one group is made where there is a name for it.

    >>> group_of("16 pro-government fighters"), group_of("two Palestinian police officers")
    ('militants', 'police')
    >>> group_of("43 women and children"), group_of("at least 37 people") is None
    ('women and children', True)
    """
    parts = _CONJUNCTION.split(_head_phrase(phrase))
    found = {group for part in parts if (group := _part_group(part)) is not None}
    if len(found) == 1:
        return next(iter(found))
    if found == {"women", "children"}:
        return "women and children"
    if found and found <= _FORCES:
        return "security forces"
    return "mixed" if found else None


def _head_phrase(phrase: str) -> str:
    """Return a phrase up to the first preposition behind its noun; "dozens of" is no noun."""
    for match in _PREPOSITION.finditer(phrase):
        before = phrase[: match.start()].split()
        if match[0].strip().lower() != "of" or (before and before[-1].lower() in _GROUP_OF):
            return phrase[: match.start()]
        if before and before[-1].lower() in _GENERIC:
            break
    return phrase


def _part_group(part: str) -> str | None:
    """Return the group of one noun with what modifies it."""
    words = [match[0].lower() for match in _WORD.finditer(part)]
    for length in (3, 2):
        phrase = " ".join(words[-length:])
        if len(words) >= length and phrase in _PHRASES:
            return _PHRASES[phrase]
    if not words:
        return None
    if words[-1] in _GROUP_OF:
        return _GROUP_OF[words[-1]]
    if words[-1] in _GENERIC or words[-1] in ("staff", "forces", "employees", "chief", "guards"):
        return next((_GROUP_OF[word] for word in reversed(words[:-1]) if word in _GROUP_OF), None)
    return None
