"""Event words: where a text reports an event, and of which type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ...data.documents import Span
from ..normalise.word_index import in_small_letters, word_starts

__all__ = ["HARM", "EventWord", "find_event_words", "speaks_alone"]

#: The kind of words that tell that people were hurt and not how.
HARM = "harm"

_NOT_YET = "not_yet"
_SHARED = "shared"
_BEGINNING = 3  # letters of a word by which terms are looked up; no term is shorter
_LOOK_BACK = 40  # characters
_WORDS_BETWEEN = r"(?:\s+[\w’'-]+){0,2}\s+\Z"


@dataclass(frozen=True, slots=True)
class EventWord:
    """A word, or a few, that report an event.

    Attributes:
        start: Offset of the first character.
        end: Offset behind the last.
        kind: An event type, or ``HARM``.
    """

    start: int
    end: int
    kind: str


def find_event_words(text: str, spans: Iterable[Span]) -> list[EventWord]:
    """Return the event words of a text, in order; none inside of a span ("drone strike" begins with one).

    Words that tell what may come ("threatened to attack") do not count.

    >>> [(word.kind, word.start) for word in find_event_words("Rebels shelled Goma.", [])]
    [('explosion', 7)]
    """
    patterns, not_yet = _patterns()
    small = in_small_letters(text)
    names = sorted((span.start, span.end, span.label) for span in spans)
    found: list[EventWord] = []
    index = position = 0
    for start, beginning in word_starts(text, _beginnings()):
        match = patterns[beginning].match(small, start) if start >= position else None
        if match is None:
            continue
        position = match.end()
        while index < len(names) and names[index][1] <= match.start():
            index += 1
        if index < len(names) and _is_taken(match, *names[index]):
            continue
        if not not_yet.search(small, max(0, match.start() - _LOOK_BACK), match.start()):
            found.append(EventWord(match.start(), match.end(), str(match.lastgroup)))
    return found


def speaks_alone(text: str, word: EventWord) -> bool:
    """Whether a word tells of an explosion or a battle, and could not be one for an accident or a storm.

    >>> texts = "Shells hit Gao.", "A fuel tank exploded."
    >>> [speaks_alone(text, find_event_words(text, [])[0]) for text in texts]
    [True, False]
    """
    is_fight = word.kind in ("explosion", "battle")
    return is_fight and _shared().match(in_small_letters(text), word.start, word.end) is None


def _is_taken(match: re.Match[str], start: int, end: int, label: str) -> bool:
    """Whether a word belongs to a span that ends behind its beginning."""
    return start < match.end() and (label != "WEAPON" or match.end() <= end)


@cache
def _patterns() -> tuple[dict[str, re.Pattern[str]], re.Pattern[str]]:
    """Return the patterns of all event words by how they begin, and that of what has not happened.

    They are for text in small letters.
    """
    content = _lists()
    before = _alternatives(content.pop(_NOT_YET))
    content.pop(_SHARED)
    subjects, verbs = content.pop("munition"), content.pop("munition_does")
    content["explosion"] += [f"{subject} {verb}" for subject in subjects for verb in verbs]
    by_beginning: dict[str, dict[str, list[str]]] = {}
    for kind, terms in content.items():
        for term in terms:
            by_beginning.setdefault(term[:_BEGINNING], {}).setdefault(kind, []).append(term)
    patterns = {
        beginning: re.compile(
            rf"(?:{'|'.join(f'(?P<{kind}>{_alternatives(terms)})' for kind, terms in kinds.items())})\b"
        )
        for beginning, kinds in by_beginning.items()
    }
    return patterns, re.compile(rf"\b(?:(?:{before}){_WORDS_BETWEEN}|to\s+\Z)")


def _lists() -> dict[str, list[str]]:
    import yaml

    content: dict[str, list[str]] = yaml.safe_load(
        (files(__package__) / "event_words.yaml").read_text(encoding="utf-8")
    )
    return content


@cache
def _shared() -> re.Pattern[str]:
    return re.compile(rf"(?:{_alternatives(_lists()[_SHARED])})\b")


@cache
def _beginnings() -> frozenset[str]:
    """Return how event words begin."""
    return frozenset(_patterns()[0])


def _alternatives(terms: Sequence[str]) -> str:
    return "|".join(_term(term) for term in sorted(terms, key=lambda term: (-len(term), term)))


def _term(term: str) -> str:
    return re.escape(term).replace(r"\ ", r"[\s-]+").replace(r"\*", r"[\w’']*")
