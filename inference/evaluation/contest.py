"""Two systems on the same documents, and whether the second is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...data.documents import Document
from ...data.quotes import printable
from ...model.labels import LabelScheme
from .attributes import attributed_counts
from .bootstrap import Bootstrap
from .coverage import coverage
from .paired import PairedTest, paired_test
from .pairs import EvaluationError, Pair, check_scheme, pair_up, unmarked_note
from .scores import event_counts, exact_counts
from .tables import Table

if TYPE_CHECKING:
    from ..prediction import Prediction

__all__ = ["Contest", "Contestant", "contest_table", "hold_contest"]


@dataclass(frozen=True)
class Contestant:
    """A system and what it predicted.

    Attributes:
        name: What to call it.
        predictions: One for each document, in order.
        scheme: The labels it may predict.
    """

    name: str
    predictions: Sequence[Prediction]
    scheme: LabelScheme


@dataclass(frozen=True)
class Contest:
    """How system B did beside system A.

    Attributes:
        a: Name of A.
        b: Name of B.
        data: Name of the gold data, or ``None``.
        documents: Number of documents.
        notes: What a reader must know first, such as a coverage under 100 %.
        bootstrap: Draws of both tests, their seed and the level.
        micro: Exact spans of all labels; the verdict is about these.
        labels: Exact spans of each label. The more labels, the more of these differ by luck.
        with_attribute: Exact spans with the right attribute.
        events: Event types of documents, ``None`` when the data or a system has none.
        same: Whether both have the same counts in every document.
    """

    a: str
    b: str
    data: str | None
    documents: int
    notes: tuple[str, ...]
    bootstrap: Bootstrap
    micro: PairedTest
    labels: Mapping[str, PairedTest]
    with_attribute: PairedTest
    events: PairedTest | None
    same: bool

    @property
    def better(self) -> str | None:
        """``"a"``, ``"b"``, or ``None`` when the difference may be luck."""
        if not self.micro.is_clear(self.bootstrap.level):
            return None
        return "b" if self.micro.lead > 0 else "a"

    @property
    def verdict(self) -> str:
        """Whether B is better than A, in one sentence."""
        a, b, micro = printable(self.a), printable(self.b), self.micro
        scores = f"micro F1 {micro.second:.3f} against {micro.first:.3f}"
        ahead, behind = (b, a) if micro.lead >= 0 else (a, b)
        if self.same:
            return (
                f"{b} is neither better nor worse than {a}: both have the same numbers of right and wrong "
                f"spans in each of the {self.documents} documents ({scores})."
            )
        if micro.interval is None or micro.p_value is None:
            return (
                f"Whether {b} is better than {a} cannot be told without several documents and draws: "
                f"{ahead} leads {behind} by {_points(abs(micro.lead))} ({scores})."
            )
        low, high = (100 * border for border in micro.interval)
        tests = (
            f"{scores}, a lead of {100 * micro.lead:+.1f} points with a {100 * self.bootstrap.level:g} % "
            f"interval from {low:+.1f} to {high:+.1f}, p = {micro.p_value:.3f}"
        )
        if self.better is None:
            return f"It is not shown that {b} is better or worse than {a}: {tests}, which may be luck."
        return f"{b} is {'better' if self.better == 'b' else 'worse'} than {a}: {tests}."

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "version": 1,
            "a": self.a,
            "b": self.b,
            "data": {"name": self.data, "documents": self.documents},
            "verdict": self.verdict,
            "better": self.better,
            "notes": list(self.notes),
            "tests": {
                "level": self.bootstrap.level,
                "draws": self.bootstrap.draws,
                "seed": self.bootstrap.seed,
            },
            "micro": self.micro.to_dict(),
            "labels": {label: test.to_dict() for label, test in self.labels.items()},
            "with_attribute": self.with_attribute.to_dict(),
            "events": self.events and self.events.to_dict(),
        }


def hold_contest(
    gold: Sequence[Document],
    a: Contestant,
    b: Contestant,
    *,
    data: str | None = None,
    skipped: int = 0,
    draws: int = 1000,
    seed: int = 0,
) -> Contest:
    """Compare two systems on the same documents.

    Args:
        gold: The documents.
        a: The one to compare with.
        b: The one that may be better.
        data: What to call the gold data.
        skipped: How many records of the data could not be read; a note says so.
        draws: Of the paired bootstrap and of approximate randomisation.
        seed: Of both.

    Raises:
        EvaluationError: when there is no document, or data and predictions do not belong together.
    """
    if not gold:
        raise EvaluationError(f"{data or 'the data'}: no documents to compare on")
    bootstrap = Bootstrap(draws, seed)
    sides = [_pairs(gold, contestant) for contestant in (a, b)]
    labels = tuple(dict.fromkeys([*a.scheme.table, *b.scheme.table]))
    first, second = (exact_counts(pairs, labels) for pairs in sides)
    notes = [
        f"{name}: {note}"
        for name, pairs in zip((a.name, b.name), sides, strict=True)
        if (note := coverage(pairs).note)
    ]
    events = tuple(dict.fromkeys([*a.scheme.events, *b.scheme.events]))
    has_events = a.scheme.events and b.scheme.events and any(document.events for document in gold)
    if unmarked := unmarked_note(gold, [*labels, *(events if has_events else ())]):
        notes.append(unmarked)
    if skipped:
        notes.append(f"{skipped} lines of the data could not be read and were skipped.")

    def micro(counts: Sequence[NDArray[np.int64]]) -> PairedTest:
        left, right = (side.sum(axis=1) for side in counts)
        return paired_test(left, right, bootstrap)

    return Contest(
        a=a.name,
        b=b.name,
        data=data,
        documents=len(gold),
        notes=tuple(notes),
        bootstrap=bootstrap,
        micro=micro([first, second]),
        labels={
            label: paired_test(first[:, index], second[:, index], bootstrap)
            for index, label in enumerate(labels)
        },
        with_attribute=micro([attributed_counts(pairs, labels) for pairs in sides]),
        events=micro([event_counts(pairs, events) for pairs in sides]) if has_events else None,
        same=bool((first.sum(axis=1) == second.sum(axis=1)).all()),
    )


def contest_table(contest: Contest) -> Table:
    """Return the scores of both systems as a table."""
    lines = [
        *((printable(label), test) for label, test in contest.labels.items()),
        ("micro", contest.micro),
        ("micro, with attribute", contest.with_attribute),
        *([("event types, micro", contest.events)] if contest.events else []),
    ]
    return Table(
        "F1 of A and B",
        ("", "A", "B", "lead of B", f"{100 * contest.bootstrap.level:g} % interval", "B ahead", "p"),
        tuple(
            (
                name,
                f"{test.first:.3f}",
                f"{test.second:.3f}",
                f"{test.lead:+.3f}",
                "-" if test.interval is None else f"{test.interval[0]:+.3f} to {test.interval[1]:+.3f}",
                "-" if test.ahead is None else f"{100 * test.ahead:.1f} %",
                "-" if test.p_value is None else f"{test.p_value:.3f}",
            )
            for name, test in lines
        ),
        "Exact spans. Interval and share of draws in which B is ahead: paired bootstrap over documents; p: "
        "approximate randomisation, two-sided. Of many labels, some differ by luck.",
    )


def _pairs(gold: Sequence[Document], contestant: Contestant) -> tuple[Pair, ...]:
    check_scheme(gold, contestant.scheme, contestant.name)
    return pair_up(gold, contestant.predictions, contestant.scheme)


def _points(lead: float) -> str:
    return f"{100 * lead:.1f} points"
