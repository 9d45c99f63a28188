"""What a text says about where it plays, beside its location spans: countries and nationalities it names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from .gazetteer import Entry, Gazetteer
from .gazetteer_names import name_key
from .places_phrases import part_end

__all__ = ["Chain", "Mentions", "chain_after"]

_WORD = re.compile(r"[^\W_][\w.'’-]*")
#: A word that may begin with a capital letter; what must not stand before it is looked for when it is found.
_NAME = re.compile(r"[^\W\d_a-z](?<!\w.)(?<!\w[.'’-].)[\w.'’-]*")
_LONGEST = 4  # words of a country's name
_REACH = 60  # characters behind a comma
_AND_NAME = re.compile(r",?\s+(?:and|or)\s+(?:the\s+)?[^\W\d_a-z]")
_NAME_BEFORE = re.compile(r"[^\W\d_a-z][\w.’-]*,\s+\Z")
_COMMA = re.compile(r"\s*(?:,|\(|\bin\b)\s*(?:the\s+)?")


class Mentions:
    """How often a text names countries, their peoples and large provinces; counted when first asked for.

    >>> Mentions("Turkish jets struck northern Iraq, Turkey said.", Gazetteer.load()).codes  # doctest: +SKIP
    Counter({'TR': 2, 'IQ': 1})
    """

    def __init__(self, text: str, gazetteer: Gazetteer) -> None:
        """Take a text, and where names are looked up."""
        self._text = text
        self._gazetteer = gazetteer

    def of(self, code: str | None, key: str) -> int:
        """Return how often a text names a code by other words than ``key``."""
        times = self.codes.get(code, 0) if code else 0
        return (
            times - self._times[key] if times and key in self._times and code in self._named(key) else times
        )

    @cached_property
    def codes(self) -> Mapping[str, int]:
        """How often, by ISO 3166-1 code of the country, and by GeoNames code of the province."""
        codes: Counter[str] = Counter()
        for key, times in self._times.items():
            codes.update(dict.fromkeys(self._named(key), times))
        return codes

    @property
    def countries(self) -> list[str]:
        """The codes of the countries among them."""
        return [code for code in self.codes if "." not in code]

    def _named(self, key: str) -> tuple[str, ...]:
        """Return the codes of what a key names."""
        word = self._gazetteer.words[key]
        return (word.country, word.admin1) if word.admin1 else (word.country,)

    @cached_property
    def _times(self) -> Mapping[str, int]:
        """How often each key stands in the text."""
        words, first_words = self._gazetteer.words, self._gazetteer.first_words
        found: Counter[str] = Counter()
        end = 0
        for name in _NAME.finditer(self._text):
            longest = first_words.get(name_key(name[0])) if name[0][0].isupper() else None
            if longest is None or name.start() < end:
                continue
            ends = [name.end()]
            if longest > 1:
                ends += [word.end() for word in islice(_WORD.finditer(self._text, name.end()), longest - 1)]
            for end_of_name in reversed(ends):
                key = name_key(self._text[name.start() : end_of_name])
                if key in words:
                    found[key] += 1
                    end = end_of_name
                    break
        return found


@dataclass(frozen=True, slots=True)
class Chain:
    """What is named behind a comma: "Tripoli, Lebanon".

    Attributes:
        codes: ISO 3166-1 codes of countries and GeoNames codes of divisions of that name.
        certain: Whether a country, or nothing but first-level divisions, bears the name, so that it is hardly
            one more town of a list.
        listed: Whether it looks like one more item of a list: "and" and another name stand behind it, another
            name and a comma before, or it is the name of a capital, too.
    """

    codes: frozenset[str] = frozenset()
    certain: bool = False
    listed: bool = False


def chain_after(text: str, start: int, end: int, gazetteer: Gazetteer) -> Chain:
    """Return what is named behind the comma that follows a name, or stands in it: "London, Ontario".

    Args:
        text: The text.
        start: Offset of the name's first character.
        end: Offset behind its last character.
        gazetteer: Where names are looked up.

    >>> chain_after("in Tripoli, Lebanon", 3, 10, Gazetteer.load())  # doctest: +SKIP
    Chain(codes=frozenset({'LB'}), certain=True, listed=False)
    """
    comma = text.find(",", start, end)
    container = _container(text, end if comma < 0 else comma, gazetteer)
    if container is None:
        return Chain()
    position, entries = container
    codes = frozenset(filter(None, map(_code, entries)))
    listed = (
        any(entry.prominent for entry in entries)
        or _NAME_BEFORE.search(text[max(0, start - _REACH) : start]) is not None
    )
    if not listed and _AND_NAME.match(text, position):
        listed = True
    if not listed and (outer := _container(text, position, gazetteer)) and text[position] == ",":
        around = {code for code in map(_code, outer[1]) if code}
        listed = all(around.isdisjoint({entry.country, entry.admin1}) for entry in entries)
    kinds = {entry.kind for entry in entries}
    return Chain(codes, "country" in kinds or kinds == {"adm1"}, listed)


def _container(text: str, end: int, gazetteer: Gazetteer) -> tuple[int, Sequence[Entry]] | None:
    """Return what bears the name behind the comma at an offset, and the offset behind that name.

    A direction before it is passed over: "northern Lebanon", "East Kalimantan", but not "South Sudan".
    """
    comma = _COMMA.match(text, end)
    if not comma:
        return None
    begin, name = comma.end(), part_end(text, comma.end())
    for position in (begin, name) if text[begin : begin + 1].isupper() else (name,):
        words: list[re.Match[str]] = []
        for word in _WORD.finditer(text, position, position + _REACH):
            if text[position : word.start()].strip() or not word[0][0].isupper() or len(words) == _LONGEST:
                break
            words.append(word)
            position = word.end()
        for last in reversed([word for word in words if word.end() > name]):
            key = name_key(text[words[0].start() : last.end()])
            entries = [entry for entry in gazetteer.find(key) if not entry.alias]
            if any(map(_code, entries)):
                return last.end(), entries
    return None


def _code(entry: Entry) -> str | None:
    """Return the code of what others may lie in."""
    return {"country": entry.country, "adm1": entry.admin1, "adm2": entry.admin2}.get(entry.kind)
