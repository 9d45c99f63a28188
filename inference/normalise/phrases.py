"""Words of the count grammar: what bounds a number, what stands for one, what only looks like one.

A count without a number has a lower bound from :data:`VAGUE` and no upper bound: how many are several, nobody
knows. "Dozens" are two dozen at least, "hundreds" two hundred, and so on. "Several dozen" multiplies.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence

from .numerals import ORDINALS

__all__ = [
    "BOUNDS",
    "COLLECTIVES",
    "CONTAINERS",
    "FILLERS",
    "FRACTIONS",
    "HARMED",
    "MEASURES",
    "NOBODY",
    "PLURAL_SCALES",
    "SHARES",
    "STOPS",
    "VAGUE",
    "alternatives",
    "longest_phrase",
    "opens_phrase",
    "without_parts",
    "words",
]

Phrase = tuple[str, ...]
_LONGEST_PHRASE = 5  # words
#: "57 people, 12 of them children", "57 people, 12 women among them"; not "37 people, most of them women".
_PARTS = re.compile(
    r",\s+(?!(?:all|most|mostly|mainly|many|some)\b)[^,]{1,40}?\b(?:of|among)\s+(?:them|whom|which)\b.*",
    re.IGNORECASE | re.DOTALL,
)


def words(text: str) -> frozenset[str]:
    """Return the words of ``text``, which white space separates."""
    return frozenset(text.split())


def longest_phrase(tokens: Sequence[str], first: int, phrases: Container[Phrase]) -> int:
    """Return how many tokens the longest of ``phrases`` that begins at ``first`` has; 0 for none.

    The phrases are some of this module's.
    """
    if first >= len(tokens) or not opens_phrase(tokens[first]):
        return 0
    for length in range(min(_LONGEST_PHRASE, len(tokens) - first), 0, -1):
        if tuple(tokens[first : first + length]) in phrases:
            return length
    return 0


def without_parts(phrase: str) -> str:
    """Return a phrase without the breakdown behind its count.

    >>> without_parts("57 people, 12 of them children")
    '57 people'
    """
    return _PARTS.sub("", phrase, count=1) if "," in phrase else phrase


def opens_phrase(token: str) -> bool:
    """Whether one of this module's phrases begins with a token."""
    return token in _FIRST_WORDS


def alternatives(phrases: Iterable[Phrase]) -> str:
    """Return the alternation of phrases, the longest first, for patterns of text in small letters."""
    texts = sorted((" ".join(phrase) for phrase in phrases), key=lambda text: (-len(text), text))
    return "|".join(text.replace(" ", r"\s+") for text in texts if text[0].isalpha() and text[-1].isalpha())


def _phrases(text: str) -> frozenset[Phrase]:
    """Return phrases that stand between bars, as tuples of their words."""
    return frozenset(tuple(phrase.split()) for phrase in text.split("|"))


#: Before a number: it is the lower bound. The bound is the number as it stands ("more than 30" is 30 or
#: more), as in the keys of MUC-4.
_AT_LEAST = _phrases(
    """at least | at the very least | at a minimum | at minimum | no fewer than | not fewer than | no less
    than | not less than | more than | slightly more than | a little more than | far more than | much more
    than | over | well over | just over | slightly over | above | well above | upwards of | upward of | in
    excess of | well in excess of | exceeding | beyond | greater than | north of | a minimum of | minimum
    of | minimum | as few as | as little as | > | ≥"""
)
#: Before a number: it is the upper bound, as it stands, and nothing is said of a lower one.
_AT_MOST = _phrases(
    """up to | upto | as many as | as much as | as high as | at most | at the most | no more than |
    not more than | fewer than | less than | under | below | a maximum of | maximum of | maximum | < | ≤"""
)
#: Before a number: it is not meant exactly.
_APPROXIMATE = _phrases(
    """about | around | approximately | approx | approx . | roughly | some | nearly | almost | close to |
    near | near to | nearing | approaching | circa | ca | ca . | c . | ~ | ≈ | ± | estimated | an
    estimated | possibly | perhaps | maybe | probably | presumably | likely | just under | slightly under
    | just below | slightly fewer than | slightly less than | a little under | in the region of | in the
    order of | on the order of | in the neighborhood of | in the neighbourhood of | something like | more
    or less | virtually | practically"""
)
#: What stands before a number -> ``least``, ``most`` or ``about``.
BOUNDS: Mapping[Phrase, str] = {
    **dict.fromkeys(_AT_LEAST, "least"),
    **dict.fromkeys(_AT_MOST, "most"),
    **dict.fromkeys(_APPROXIMATE, "about"),
}
#: Between an article or a bound and a number, which is meant then: "a record 21 deaths".
FILLERS = words(
    """another additional further extra record total new remaining fresh initial reported reportedly
    confirmed known combined staggering whopping mere grim overall cumulative official provisional
    preliminary revised final single only just exactly precisely other more"""
)
#: Words for a count, with its least value.
VAGUE: Mapping[Phrase, int] = {
    **dict.fromkeys(
        _phrases(
            """an unknown number | unknown number | an undisclosed number | undisclosed number | any
            number | an unspecified number | unspecified number | an undetermined number | undetermined
            number"""
        ),
        1,
    ),
    **dict.fromkeys(
        _phrases(
            """some | multiple | various | a number | number | numbers | a certain number | a couple |
            couple | a pair | pair | twice as many | twice that number | double that number"""
        ),
        2,
    ),
    **dict.fromkeys(
        _phrases(
            """several | a few | few | quite a few | a handful | handful | many | a great many | a good
            many | numerous | countless | innumerable | untold | untold numbers | an untold number | a lot
            | lots | a large number | large number | large numbers | high numbers | a great number | great
            numbers | a huge number | huge numbers | a high number | a good number | a significant number
            | a substantial number | a considerable number | a growing number | a small number | small
            number"""
        ),
        3,
    ),
}
#: Scales in the plural, with the least number they stand for.
PLURAL_SCALES = {
    "tens": 20,
    "dozens": 24,
    "scores": 40,
    "hundreds": 200,
    "thousands": 2000,
    "lakhs": 2 * 10**5,
    "millions": 2 * 10**6,
    "crores": 2 * 10**7,
    "billions": 2 * 10**9,
}
#: Shares of a number that is not told.
SHARES = words("half most majority percent percentage % proportion part portion")
#: Fractions, which are shares behind a number, or before "of"; else ordinals.
FRACTIONS = frozenset({form for name in ("quarter", *ORDINALS) for form in (name, f"{name}s")})
#: Groups by their nouns, with the size that the noun says; the others are two or more.
COLLECTIVES: Mapping[str, int | None] = {
    **{"couple": 2, "pair": 2, "duo": 2, "twins": 2, "trio": 3, "triplets": 3, "quartet": 4, "quintet": 5},
    **dict.fromkeys(
        words(
            """group family team crew unit patrol convoy crowd squad band gang batch party contingent
            platoon delegation company battalion brigade"""
        )
    ),
}
#: Nouns behind whose "of" the count stands: "a total of 12", "the bodies of two men", "the deaths of ten".
CONTAINERS = words(
    """total toll tally count figure sum average record estimate estimates minimum maximum death deaths
    killing killings murder murders massacre slaying slayings loss losses life lives body bodies remains
    corpse corpses injury injuries injuring wounding abduction abductions kidnapping kidnappings
    disappearance disappearances execution executions"""
)
#: Words for people that say what happened to them, so that they belong to a count behind "and" no more.
HARMED = words("dead killed wounded injured hurt missing captured abducted detained casualties")
#: Words that end the noun phrase whose count is read.
STOPS = words(
    """in at near by with within without including include includes included during since after before
    while when where who whom whose which that were was are is be been being had has have inside outside
    aboard on against into onto through toward towards under per via because if as than among amongst
    between but for"""
)
#: Words for nobody.
NOBODY = _phrases("none | nobody | no one | no | nil | not one | not a single | not any | neither | zero")
#: With which words phrases begin, so that the others need not be tried.
_FIRST_WORDS = frozenset(phrase[0] for phrase in (*BOUNDS, *VAGUE, *NOBODY))
#: What a number before it measures instead of people: an age, a time, a length; "three times as many".
MEASURES = words(
    """year years yr yrs month months week weeks day days hour hours minute minutes star km kilometer
    kilometre kilometers kilometres mile miles meter metre meters metres mm kg lb pound ton tonne times"""
)
