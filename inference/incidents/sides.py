"""Sides: who acts and on whom, in the manner of ACLED and UCDP, who name people without arms alike."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..normalise.groups import CIVILIANS, FORCES, group_of
from ..normalise.tolls import fold
from .incident import Incident
from .parties import Party

__all__ = ["Sides", "civilian_deaths", "kind_of", "sides", "targets_civilians", "victims"]

_STATE = re.compile(r"\b(?:government|federal|army|military)\b.*\b(?:forces?|units?)\b", re.IGNORECASE)
#: Event type -> what the crowd is called.
_CROWDS = {"protest": "Protesters", "riot": "Rioters"}


@dataclass(frozen=True, slots=True)
class Sides:
    """The two sides of an incident, by name.

    Attributes:
        one: Who acts; in a protest or riot the crowd.
        with_one: Who else is named on that side.
        two: On whom; in a battle the second agent, in a protest or riot the forces.
        with_two: Who else is named on that side.
    """

    one: str | None
    with_one: tuple[str, ...]
    two: str | None
    with_two: tuple[str, ...]


def sides(incident: Incident, country: str | None = None) -> Sides:
    """Return the two sides of an incident.

    People without arms are "Civilians", a crowd is "Protesters" or "Rioters", each with the country in
    brackets, and what the text calls them is said beside. Where nobody is named as a target, those who were
    harmed are: civilians, else the first group that is not the agents' own.

    Args:
        incident: The incident.
        country: Where it happened.
    """
    place = f" ({country})" if country else ""
    crowd = _CROWDS.get(incident.event_type or "")
    if crowd is not None:
        return _crowd(incident, crowd + place)
    agents = list(incident.agents or (() if incident.targets else incident.others))
    armed = [party for party in incident.targets if not _is_civilian(party)]
    unarmed = [party.name for party in incident.targets if _is_civilian(party)]
    one = agents.pop(0) if agents else None
    is_mutual = incident.event_type == "battle" or not incident.agents
    two: str | None
    if armed:
        two, rest = armed[0].name, [*(party.name for party in armed[1:]), *unarmed]
    elif is_mutual and (other := next((party for party in agents if not _is_again(party, one)), None)):
        agents.remove(other)
        two, rest = other.name, unarmed
    elif targets_civilians(incident):
        two, rest = f"Civilians{place}", unarmed
    else:
        own = None if one is None else kind_of(one.name)
        two, rest = next((group for group in victims(incident) if group not in (own, "mixed")), None), []
    first = None if one is None else one.name
    kind, own_kind = kind_of(two or ""), kind_of(first or "")
    facing = [party.name for party in agents if kind != own_kind and kind_of(party.name) == kind is not None]
    allied = [party.name for party in agents if party.name not in facing]
    return Sides(first, tuple(allied), two, (*rest, *facing))


def _crowd(incident: Incident, crowd: str) -> Sides:
    """Return a crowd and the forces that face it; who merely speaks is on neither side."""
    involved = [*incident.agents, *incident.targets]
    forces = [party.name for party in involved if group_of(party.name) in FORCES]
    people = [party.name for party in involved if group_of(party.name) not in FORCES]
    people += [party.name for party in incident.others if _is_civilian(party)]
    named = crowd.split()[0].casefold()
    people = [name for name in people if name.casefold() != named]
    return Sides(crowd, tuple(people), forces[0] if forces else None, tuple(forces[1:]))


def kind_of(name: str) -> str | None:
    """Return the group that a name tells, government forces among soldiers.

    >>> kind_of("Government forces"), kind_of("Islamist insurgents")
    ('soldiers', 'militants')
    """
    return group_of(name) or ("soldiers" if _STATE.search(name) else None)


def _is_again(party: Party, one: Party | None) -> bool:
    """Whether a bare noun, such as "army" behind "government forces", names the first side once more."""
    if one is None or len(party.name.split()) > 1:
        return False
    kind = kind_of(party.name)
    return kind is not None and kind == kind_of(one.name)


def _is_civilian(party: Party) -> bool:
    return group_of(party.name) in CIVILIANS


def victims(incident: Incident) -> list[str]:
    """Return the groups that were harmed, in order of the text."""
    return list(dict.fromkeys(figure.group for figure in incident.casualties if figure.group is not None))


def targets_civilians(incident: Incident) -> bool:
    """Whether somebody unarmed is named as a target or counted as harmed."""
    counted = any(group in CIVILIANS for group in victims(incident))
    return counted or any(map(_is_civilian, incident.targets))


def civilian_deaths(incident: Incident, rule: str) -> int | None:
    """Return how many of the dead are named as unarmed, ``None`` when no figure does.

    Figures are folded as those of all dead are. Where only parts of figures name them ("including nine
    children"), it is the largest part, for parts may overlap.

    Args:
        incident: The incident.
        rule: How rival figures are folded.
    """
    dead = [
        claim
        for claim in incident.claims
        if claim.figure.status == "killed" and claim.figure.group in CIVILIANS
    ]
    whole = fold([claim for claim in dead if claim.figure.of_which is None], rule)
    parts = [claim.figure.min for claim in dead if claim.figure.of_which is not None]
    return max([*(toll.best for toll in whole), *parts], default=None)
