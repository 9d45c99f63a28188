"""Claims: who states a casualty figure, and how.

>>> from conflictner.data import Span
>>> from conflictner.inference.normalise.casualties import casualty_figures
>>> text = "Activists said 37 people died, but the army confirmed only 12 deaths."
>>> spans = [Span(15, 24, "CASUALTY", "killed"), Span(39, 43, "ACTOR", "agent"), \
Span(59, 68, "CASUALTY", "killed")]
>>> for claim in claims(text, spans, casualty_figures(text, spans)):
...     print(claim.figure.raw, claim.verb_class, claim.source_text, claim.is_party)
37 people reported Activists False
12 deaths confirmed army True
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...data.documents import Span
from .attribution import Cue, answers_all, find_cues, governing_cues
from .casualties import CasualtyFigure
from .sentences import sentences
from .stretches import within

__all__ = ["Claim", "claims"]

Offsets = tuple[int, int]
_Speaker = tuple[Offsets | None, str | None]  # where the name stands, and the role of its span


@dataclass(frozen=True, slots=True)
class Claim:
    """A casualty figure as somebody states it.

    Attributes:
        figure: The figure.
        verb_class: reported, claimed, accused, denied or confirmed; ``None`` where the text itself states it.
        source: Offsets of who states it; ``None`` when nobody is named.
        source_text: The text of the source.
        is_party: Whether the source is an agent or target of the violence, and so no neutral one.
        verb: Offsets of the verb, or ``None``.
        sentence: Index of the sentence in the text; figures of one sentence and source belong together.
    """

    figure: CasualtyFigure
    verb_class: str | None
    source: Offsets | None
    source_text: str | None
    is_party: bool
    verb: Offsets | None
    sentence: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "figure": self.figure.to_dict(),
            "verb_class": self.verb_class,
            "source": None if self.source is None else list(self.source),
            "source_text": self.source_text,
            "is_party": self.is_party,
            "verb": None if self.verb is None else list(self.verb),
            "sentence": self.sentence,
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Claim:
        """Return the claim of which :meth:`to_dict` made a record."""
        return cls(
            CasualtyFigure.from_dict(record["figure"]),
            record["verb_class"],
            _offsets(record["source"]),
            record["source_text"],
            record["is_party"],
            _offsets(record["verb"]),
            record["sentence"],
        )


def _offsets(pair: Sequence[int] | None) -> Offsets | None:
    return None if pair is None else (pair[0], pair[1])


def claims(text: str, spans: Iterable[Span], figures: Iterable[CasualtyFigure]) -> list[Claim]:
    """Return one claim or more for each figure, in order of the text.

    A figure that somebody reports and somebody else denies has two.

    Args:
        text: The untouched text.
        spans: Its spans of any label.
        figures: The figures that :func:`~.casualties.casualty_figures` found in it.
    """
    ordered = sorted(spans, key=lambda span: (span.start, span.end))
    remaining = sorted(figures, key=lambda figure: figure.start)
    if not remaining:
        return []
    parties = _parties(text, ordered)
    speaker: _Speaker = (None, None)
    last: Sequence[CasualtyFigure] = ()
    found: list[Claim] = []
    for index, (begin, end) in enumerate(_sentences(text)):
        if begin > remaining[-1].start and not last:
            break
        inside = within(ordered, begin, end)
        cues = find_cues(text, begin, end, inside)
        resolved = []
        for cue in cues:
            if cue.source is not None:
                speaker = (cue.source, cue.role)
            elif cue.is_pronoun:
                speaker = _named_before(ordered, cue.start, speaker)
            resolved.append((cue, speaker if cue.is_pronoun else (cue.source, cue.role)))
        here = within(remaining, begin, end)
        for figure in here:
            governing: Sequence[Cue | None] = governing_cues(text, figure.start, figure.end, cues) or (None,)
            for verb in governing:
                source = next((by for one, by in resolved if one is verb), (None, None))
                found.append(_claim(text, figure, verb, source, parties, index))
        if not here and last:
            denials = [(cue, by) for cue, by in resolved if answers_all(text, cue)]
            found += [_claim(text, figure, cue, by, parties, index) for cue, by in denials for figure in last]
        last = here
    return sorted(found, key=lambda claim: (claim.figure.start, claim.sentence))


def _sentences(text: str) -> list[Offsets]:
    """Return sentences that cover all of the text, so that no figure is left out."""
    starts = [start for start, _ in sentences(text)] or [0]
    starts[0] = 0
    return list(zip(starts, [*starts[1:], len(text) + 1], strict=True))


def _claim(
    text: str,
    figure: CasualtyFigure,
    cue: Cue | None,
    speaker: _Speaker,
    parties: frozenset[str],
    sentence: int,
) -> Claim:
    source, role = speaker
    name = None if source is None else text[source[0] : source[1]]
    is_party = name is not None and (role in ("agent", "target") or name.lower() in parties)
    return Claim(
        figure,
        None if cue is None else cue.verb_class,
        source,
        name,
        is_party,
        None if cue is None else (cue.start, cue.end),
        sentence,
    )


def _named_before(spans: Sequence[Span], offset: int, speaker: _Speaker) -> _Speaker:
    """Return whom a pronoun means: the last source that was named, by a span or by ``speaker``."""
    for span in reversed(within(spans, 0, offset)):
        if speaker[0] is not None and span.start < speaker[0][0]:
            break
        if span.label == "ACTOR" and span.attribute == "source":
            return (span.start, span.end), span.attribute
    return speaker


def _parties(text: str, spans: Iterable[Span]) -> frozenset[str]:
    """Return the names of those who do or suffer violence."""
    return frozenset(
        text[span.start : span.end].lower()
        for span in spans
        if span.label == "ACTOR" and span.attribute in ("agent", "target")
    )
