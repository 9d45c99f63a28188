"""Tolls: the claims about one incident, folded into a low, a best and a high estimate.

The default rule is modelled on the Uppsala Conflict Data Program, where best is the most likely estimate, low
and high the lowest and highest reliable ones (GED codebook, 2020 and 2024). Here best is the figure of the
most reliable source, the lower one where reliability does not decide; low and high are the lowest and highest
stated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from ...data.errors import ConflictnerError
from ...data.quotes import quote
from .claims import Claim
from .groups import ARMED

__all__ = ["RULES", "Toll", "fold"]

Offsets = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Toll:
    """How many people were harmed in one way, as estimates.

    Attributes:
        status: killed, injured, missing, captive, mixed, or ``None``.
        low: The lowest number stated; 0 when no lower bound is.
        best: The number that the rule chooses.
        high: The highest number stated; never an invented one, so that "at least 37" has 37.
        rule: The name of the rule.
        figures: Offsets of the figures it was made of.
    """

    status: str | None
    low: int
    best: int
    high: int
    rule: str
    figures: tuple[Offsets, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {**asdict(self), "figures": [list(figure) for figure in self.figures]}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Toll:
        """Return the toll of which :meth:`to_dict` made a record."""
        return cls(**{**record, "figures": tuple((start, end) for start, end in record["figures"])})


@dataclass(frozen=True, slots=True)
class _Statement:
    """What one source says in one sentence: its figures add.

    Attributes:
        low: Sum of the lower bounds.
        best: Sum of the numbers as they are stated; of "up to 40", 40.
        high: Sum of the upper bounds, or of the numbers where there are none.
        rank: How little the source is to be believed: 0 a neutral one, 1 a party or mere claim, 2 an
            accusation, 3 what is only denied.
        side: Whom each figure counts: forces, militants or the unarmed; ``None`` for people in general.
        source: The name of who says it.
        figures: Their offsets.
    """

    low: int
    best: int
    high: int
    rank: int
    side: str | None
    source: str | None
    figures: tuple[Offsets, ...]


def _lowest_of_the_most_reliable(statements: Sequence[_Statement]) -> int:
    rank = min(statement.rank for statement in statements)
    return min(statement.best for statement in statements if statement.rank == rank)


def _latest(statements: Sequence[_Statement]) -> int:
    return statements[-1].best


def _median(statements: Sequence[_Statement]) -> int:
    return sorted(statement.best for statement in statements)[(len(statements) - 1) // 2]


def _highest(statements: Sequence[_Statement]) -> int:
    return max(statement.best for statement in statements)


#: Name -> how the best estimate is chosen among rival statements. ``ucdp``: the lowest among the most
#: reliable (neutral sources and the text itself, then parties and mere claims, then accusations);
#: ``latest``: the last in the text; ``median``: the middle one, the lower of two; ``highest``.
RULES: Mapping[str, Callable[[Sequence[_Statement]], int]] = {
    "ucdp": _lowest_of_the_most_reliable,
    "latest": _latest,
    "median": _median,
    "highest": _highest,
}


def fold(claims: Iterable[Claim], rule: str = "ucdp") -> list[Toll]:
    """Fold the claims about one incident into a toll for each status, in order of the text.

    Figures of one source in one sentence add ("three soldiers and a policeman"), and so does a later figure
    that says so ("another five", "five more"); different statements are rivals. Those about forces, about
    militants and about the unarmed are folded apart and added; militants and the unarmed only where one
    source counts both. Breakdowns never count, nor does a group ("one policeman") where somebody counts
    as many people of any kind. Running tolls count only where there is nothing else of their status, and
    numbers that the text takes back ("to 17 from 42") where there is nothing at all. What is only denied
    counts for the high estimate.

    Args:
        claims: Claims about one incident.
        rule: One of :data:`RULES`.

    Raises:
        ConflictnerError: for another rule.
    """
    if rule not in RULES:
        raise ConflictnerError(f"rule is {quote(rule)}; accepted are {', '.join(RULES)}")
    ordered = sorted(claims, key=lambda claim: (claim.figure.start, claim.sentence))
    by_status: dict[str | None, list[Claim]] = {}
    for claim in ordered:
        if claim.figure.of_which is None:
            by_status.setdefault(claim.figure.status, []).append(claim)
    return [_toll(status, found, rule) for status, found in by_status.items()]


def _toll(status: str | None, claims: Sequence[Claim], rule: str) -> Toll:
    used = _without_denials(_valid(claims))
    statements = _without_groups(_with_sides(_statements(used), rule))
    believed = [statement for statement in statements if statement.rank < 3]
    best = RULES[rule](believed) if believed else 0
    offsets = dict.fromkeys(figure for statement in statements for figure in statement.figures)
    return Toll(
        status,
        min([best, *(statement.low for statement in believed)]),
        best,
        max([best, *(statement.high for statement in statements)]),
        rule,
        tuple(offsets),
    )


def _valid(claims: Sequence[Claim]) -> Sequence[Claim]:
    """Leave out what has no bound, what the text takes back, and running tolls, if anything else is told."""
    bounded = [claim for claim in claims if claim.figure.min or claim.figure.max is not None] or claims
    still = [claim for claim in bounded if not claim.figure.superseded] or bounded
    return [claim for claim in still if not claim.figure.cumulative] or still


def _without_denials(claims: Sequence[Claim]) -> list[Claim]:
    """Leave out a second claim about a figure, and denials of what somebody else states."""
    found: dict[Offsets, Claim] = {}
    for claim in claims:
        offsets = (claim.figure.start, claim.figure.end)
        if offsets not in found or _rank(claim) < _rank(found[offsets]):
            found[offsets] = claim
    return list(found.values())


def _statements(claims: Iterable[Claim]) -> list[_Statement]:
    """Return what each source says in each sentence, of forces, militants and the unarmed apart."""
    found: list[_Statement] = []
    for _, group in groupby(claims, key=lambda claim: (claim.sentence, claim.source)):
        members = list(group)
        if found and all(claim.figure.added for claim in members):
            found.append(_sum([found.pop(), _statement(members, _side(members[0]))]))
            continue
        sides: dict[str | None, list[Claim]] = {}
        for claim in members:
            sides.setdefault(_side(claim), []).append(claim)
        parts = {None: members} if None in sides else sides
        found += [_statement(part, side) for side, part in parts.items()]
    return found


def _side(claim: Claim) -> str | None:
    group = claim.figure.group
    if group in (None, "mixed", "militants"):
        return group if group == "militants" else None
    return "forces" if group in ARMED else "unarmed"


def _with_sides(statements: Sequence[_Statement], rule: str) -> list[_Statement]:
    """Make one statement of those about several sides: the sum of what the rule chooses for each.

    Who is a militant to one source may be unarmed to another, so that those counts are rivals; soldiers are
    soldiers to all.
    """
    if len(statements) < 2:
        return list(statements)
    sides: dict[str, list[_Statement]] = {}
    for statement in statements:
        if statement.side is not None and statement.rank < 3:
            sides.setdefault(statement.side, []).append(statement)
    if len(sides) < 2:
        return list(statements)
    used = [statement for side in sides.values() for statement in side]
    if {"militants", "unarmed"} <= sides.keys():
        sources = {statement.source for statement in used if statement.side != "unarmed"}
        if not any(statement.source in sources for statement in sides["unarmed"]):
            sides["militants"] += sides.pop("unarmed")
    if len(sides) < 2:
        return list(statements)
    whole = _sum([_chosen(side, rule) for side in sides.values()])
    rest = [statement for statement in statements if statement not in used]
    return sorted([*rest, whole], key=lambda statement: statement.figures[-1])


def _chosen(statements: Sequence[_Statement], rule: str) -> _Statement:
    """Return rival statements as one."""
    return _Statement(
        min(statement.low for statement in statements),
        RULES[rule](statements),
        max(statement.high for statement in statements),
        min(statement.rank for statement in statements),
        statements[0].side,
        statements[0].source,
        tuple(sorted(figure for statement in statements for figure in statement.figures)),
    )


def _without_groups(statements: Sequence[_Statement]) -> list[_Statement]:
    """Leave out counts of a group where others, as much to be believed, count as many people of any kind."""
    general = [statement for statement in statements if statement.side is None]
    return [
        statement
        for statement in statements
        if statement.side is None
        or not any(other.best >= statement.best and other.rank <= statement.rank for other in general)
    ]


def _rank(claim: Claim) -> int:
    if claim.verb_class == "denied":
        return 3
    if claim.verb_class == "accused":
        return 2
    return 1 if claim.verb_class == "claimed" or claim.is_party else 0


def _statement(claims: Sequence[Claim], side: str | None) -> _Statement:
    figures = [claim.figure for claim in claims]
    return _Statement(
        sum(figure.min for figure in figures),
        sum(figure.min or figure.max or 0 for figure in figures),
        sum(figure.min if figure.max is None else figure.max for figure in figures),
        max(map(_rank, claims)),
        side,
        claims[0].source_text,
        tuple((figure.start, figure.end) for figure in figures),
    )


def _sum(statements: Sequence[_Statement]) -> _Statement:
    """Return statements that add, with the side of the first if all are about one side."""
    return _Statement(
        sum(statement.low for statement in statements),
        sum(statement.best for statement in statements),
        sum(statement.high for statement in statements),
        max(statement.rank for statement in statements),
        None if any(statement.side is None for statement in statements) else statements[0].side,
        statements[0].source,
        tuple(sorted(figure for statement in statements for figure in statement.figures)),
    )
