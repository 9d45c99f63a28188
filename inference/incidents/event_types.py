"""Event types: of which kind an incident is, by its words, its weapons and who was hurt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..normalise.casualties import CasualtyFigure
from ..normalise.groups import ARMED, group_of
from ..normalise.weapons import Weapon
from .event_words import HARM, EventWord

__all__ = ["Evidence", "choose_event_type"]

_LEAST_SCORE = 0.1  # of a type in the document, in [0, 1]; what is less probable is not chosen
_OF_DOCUMENT = frozenset({"strategic", "diplomacy"})  # chosen only where the document has them
_OF_SCORE = 3.0  # points of a type that the document surely has
_OF_SHARED_SCORE = 2.0  # the same in a document that tells of several incidents
_LATER = 0.5  # weight of what stands behind the first passage
_EXPLOSIVE = frozenset(
    {
        "aerial bomb", "artillery and mortar", "rocket and missile", "drone", "improvised explosive", "mine",
        "grenade", "chemical", "aircraft",
    }
)  # fmt: skip
#: Actors whose name, in small letters, tells the type; where peaceful ones clash with somebody it is a riot.
_CROWDS = {
    "protest": re.compile(r"\b(?:protest|demonstrat|march(?:er|ing)|strikers?\b)"),
    "riot": re.compile(r"\b(?:mobs?|rioters?|looters?)\b"),
    "explosion": re.compile(r"\bbombers?\b"),
}
#: Where those who are attacked bear arms, in small letters, whoever is hurt.
_ARMED_SITE = re.compile(
    r"\b(?:check-?points?|barracks|garrisons?|outposts?|roadblocks?|(?:army|military|police|naval|air|border|security)"
    r"\s+(?:bases?|camps?|posts?|stations?|convoys?|patrols?|positions?))\b"
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What tells the type of an incident.

    Attributes:
        words: Its event words, in order.
        first_end: Offset behind the first passage; what is behind counts half.
        weapons: Its weapons.
        figures: Its casualty figures.
        targets: The names of its targets.
        actors: The names of all who are named.
        story: The passages that report it.
        is_only: Whether the document tells of no other incident, so that its event types are this one's.
    """

    words: Sequence[EventWord]
    first_end: int
    weapons: Sequence[Weapon]
    figures: Sequence[CasualtyFigure]
    targets: Sequence[str]
    actors: Sequence[str]
    story: str
    is_only: bool


def choose_event_type(
    evidence: Evidence, events: Iterable[str], scores: Mapping[str, float]
) -> tuple[str | None, tuple[EventWord, ...]]:
    """Return the likeliest event type and the words that speak for it, or ``None``.

    A type's points are those of its words, of weapons and victims that go with it, and two or three times its
    probability in the document. Types under a probability of 0.1 are not chosen, nor are agreements, arrests
    and talks unless the document as a whole has that type. Where nothing in the incident tells, the
    document's likeliest type is chosen. Where the model finds no type in the document, there is none.

    Args:
        evidence: What the incident holds.
        events: The event types of the document.
        scores: Their probabilities; empty where the model tells none, and then any type may be chosen.
    """
    named = set(events)
    if scores and not named:
        return None, ()
    points = _points(evidence)
    if evidence.is_only:
        points = dict.fromkeys(sorted(named), 0.0) | points
    is_quiet = not evidence.is_only and points.keys() <= _OF_DOCUMENT
    worth = _OF_SCORE if evidence.is_only else _OF_SHARED_SCORE
    for kind in list(points):
        score = scores.get(kind, 1.0 if kind in named else 0.0)
        is_allowed = kind in named or not named or not evidence.is_only or score >= _LEAST_SCORE
        if not is_allowed or (kind in _OF_DOCUMENT and named and kind not in named and not is_quiet):
            del points[kind]
        else:
            points[kind] += worth * score
    if not points:
        likely = [kind for kind in scores if kind in named] or sorted(named)
        return max(likely, key=lambda kind: scores.get(kind, 0.0), default=None), ()
    best = max(points, key=lambda kind: points[kind])
    own = tuple(word for word in evidence.words if word.kind == best)
    return best, own or tuple(word for word in evidence.words if word.kind == HARM)


def _points(evidence: Evidence) -> dict[str, float]:
    """Return the points of each type that something speaks for."""
    points: dict[str, float] = {}

    def add(kind: str, value: float) -> None:
        points[kind] = points.get(kind, 0.0) + value

    best: dict[str, float] = {}
    for word in evidence.words:
        weight = 1.0 if word.start < evidence.first_end else _LATER
        best[word.kind] = max(best.get(word.kind, 0.0), weight)
    is_harm = bool(best.pop(HARM, 0)) or any(
        figure.status in ("killed", "injured") for figure in evidence.figures
    )
    actors = [actor.lower() for actor in evidence.actors]
    crowds = [kind for kind, names in _CROWDS.items() if any(map(names.search, actors))]
    if "battle" in best and ("protest" in crowds or _is_unarmed_against_police(evidence.actors)):
        best["riot"] = max(best.pop("battle"), best.get("riot", 0.0))
    for kind, weight in best.items():
        add(kind, 2 * weight)
    for kind in crowds:
        add(kind, 1.0)
    explosive = [weapon for weapon in evidence.weapons if weapon.category in _EXPLOSIVE]
    if explosive and (is_harm or best):
        add("explosion", 1.0 if explosive[0].start < evidence.first_end else _LATER)
    if any(weapon.category == "blade" for weapon in evidence.weapons):
        add("violence", 1.0)
    if any(weapon.category == "crowd control" for weapon in evidence.weapons):
        add("riot" if "riot" in points else "protest", 1.0)
    if any(figure.status == "captive" for figure in evidence.figures):
        add("violence", 1.0)
    if is_harm and not explosive:
        armed = any(figure.group in ARMED for figure in evidence.figures)
        armed = armed or any(group_of(target) in ARMED for target in evidence.targets)
        armed = armed or _ARMED_SITE.search(evidence.story.lower()) is not None
        add("battle" if armed else "violence", 1.0)
    return points


def _is_unarmed_against_police(actors: Iterable[str]) -> bool:
    sides = {group_of(actor) for actor in actors}
    return "civilians" in sides and "police" in sides and "militants" not in sides
