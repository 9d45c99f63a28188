"""Words of the count grammar: what bounds a number, what stands for one, what only looks like one.

A count without a number has a lower bound from :data:`VAGUE` and no upper bound; how many are several, nobody
knows. "Dozens" are two dozen at least, "hundreds" two hundred, and so on. "Several dozen" multiplies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = [
    "AGE_UNITS",
    "APPROXIMATE",
    "AT_LEAST",
    "AT_MOST",
    "COLLECTIVES",
    "CONTAINERS",
    "FILLERS",
    "NOBODY",
    "PLURAL_SCALES",
    "SHARES",
    "STOPS",
    "VAGUE",
    "longest_phrase",
]

Phrase = tuple[str, ...]


def _phrases(text: str) -> frozenset[Phrase]:
    """Return phrases that stand between bars, as tuples of their words."""
    return frozenset(tuple(phrase.split()) for phrase in text.split("|"))


def longest_phrase(
    tokens: Sequence[str], first: int, phrases: Mapping[Phrase, int] | frozenset[Phrase]
) -> int:
    """Return how many tokens the longest of ``phrases`` that begins at ``first`` has; 0 for none."""
    for length in range(5, 0, -1):
        if tuple(tokens[first : first + length]) in phrases and first + length <= len(tokens):
            return length
    return 0


#: Before a number: it is the lower bound. The bound is the number as it stands ("more than 30" is 30 or more),
#: as coders of events do.
AT_LEAST = _phrases(
    "at least|at the very least|at a minimum|at minimum|no fewer than|not fewer than|no less than|not less than|"
    "more than|over|well over|just over|above|well above|upwards of|upward of|in excess of|exceeding|beyond|"
    "greater than|north of|a minimum of|minimum of|minimum|as few as|as little as|>|≥|much more than|"
    "far more than|significantly more than|slightly more than|a little more than|slightly over|well in excess of"
)
#: Before a number: it is the upper bound, and nothing is said of a lower one.
AT_MOST = _phrases(
    "up to|as many as|as much as|as high as|at most|at the most|no more than|not more than|fewer than|less than|"
    "under|below|a maximum of|maximum of|maximum|<|≤|not over|upto"
)
#: Before a number: it is not meant exactly.
APPROXIMATE = _phrases(
    "about|around|approximately|roughly|some|nearly|almost|close to|near|near to|nearing|approaching|circa|ca|"
    "approx|approx .|ca .|c .|~|≈|±|estimated|an estimated|estimates of|possibly|perhaps|maybe|probably|"
    "just under|slightly under|just below|slightly fewer than|slightly less than|a little under|"
    "in the region of|in the order of|on the order of|in the neighborhood of|in the neighbourhood of|"
    "something like|more or less|anywhere near|virtually|practically|presumably|likely"
)
#: Between an article and a number, which is meant then: "a record 21 deaths", "a further 12".
FILLERS = frozenset(
    [
        "another",
        "additional",
        "further",
        "extra",
        "record",
        "total",
        "new",
        "remaining",
        "fresh",
        "initial",
        "reported",
        "reportedly",
        "confirmed",
        "known",
        "combined",
        "staggering",
        "whopping",
        "mere",
        "grim",
        "overall",
        "cumulative",
        "official",
        "provisional",
        "preliminary",
        "revised",
        "final",
        "single",
        "only",
        "just",
        "exactly",
        "precisely",
        "other",
        "more",
    ]
)
#: Words for a count, with its least value.
VAGUE: Mapping[Phrase, int] = {
    phrase: least
    for least, phrases in {
        1: _phrases(
            "an unknown number|unknown number|an undisclosed number|undisclosed number|an unspecified number|"
            "unspecified number|an undetermined number|undetermined number|an unconfirmed number|any number"
        ),
        2: _phrases(
            "some|multiple|various|a number|number|numbers|a couple|couple|a certain number|plural|a pair|pair"
        ),
        3: _phrases(
            "several|a few|few|a handful|handful|many|numerous|countless|quite a few|a lot|lots|a large number|"
            "large number|large numbers|a great number|a great many|a good number|a significant number|"
            "a substantial number|untold|untold numbers|an untold number|innumerable|a small number|small number|"
            "a growing number|a considerable number|a high number|great numbers|huge numbers|a huge number|"
            "a good many|a great deal|scads|a string|a host|a score or so"
        ),
    }.items()
    for phrase in phrases
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
SHARES = frozenset(
    [
        "half",
        "most",
        "majority",
        "third",
        "thirds",
        "quarter",
        "quarters",
        "fifth",
        "fifths",
        "sixth",
        "sixths",
        "tenth",
        "tenths",
        "percent",
        "percentage",
        "%",
        "proportion",
        "part",
        "portion",
    ]
)
#: Groups whose name says how many they are; the others stand for two or more.
COLLECTIVES: Mapping[str, int | None] = {
    "couple": 2,
    "pair": 2,
    "duo": 2,
    "trio": 3,
    "quartet": 4,
    "quintet": 5,
    "sextet": 6,
    "twins": 2,
    "triplets": 3,
} | dict.fromkeys(
    [
        "group",
        "family",
        "team",
        "crew",
        "unit",
        "patrol",
        "convoy",
        "crowd",
        "squad",
        "band",
        "gang",
        "batch",
        "party",
        "contingent",
        "platoon",
        "delegation",
        "company",
        "battalion",
        "brigade",
    ]
)
#: Nouns behind whose "of" the count stands: "a total of 12", "the bodies of two men", "the deaths of ten".
CONTAINERS = frozenset(
    [
        "total",
        "group",
        "family",
        "team",
        "crew",
        "unit",
        "patrol",
        "crowd",
        "squad",
        "band",
        "gang",
        "batch",
        "party",
        "contingent",
        "delegation",
        "convoy",
        "toll",
        "tally",
        "count",
        "death",
        "deaths",
        "killing",
        "killings",
        "murder",
        "murders",
        "loss",
        "losses",
        "life",
        "lives",
        "body",
        "bodies",
        "remains",
        "corpses",
        "corpse",
        "injury",
        "injuries",
        "injuring",
        "wounding",
        "abduction",
        "kidnapping",
        "kidnappings",
        "figure",
        "estimate",
        "estimates",
        "minimum",
        "maximum",
        "average",
        "sum",
        "trio",
        "pair",
        "couple",
        "record",
        "massacre",
        "slaying",
        "slayings",
        "disappearance",
        "disappearances",
        "execution",
        "executions",
    ]
)
#: Words that end the noun phrase whose count is read.
STOPS = frozenset(
    [
        "in",
        "at",
        "near",
        "by",
        "with",
        "within",
        "without",
        "including",
        "include",
        "includes",
        "included",
        "during",
        "since",
        "after",
        "before",
        "while",
        "when",
        "where",
        "who",
        "whom",
        "whose",
        "which",
        "that",
        "were",
        "was",
        "are",
        "is",
        "be",
        "been",
        "being",
        "had",
        "has",
        "have",
        "who's",
        "inside",
        "outside",
        "aboard",
        "on",
        "against",
        "into",
        "onto",
        "through",
        "toward",
        "towards",
        "under",
        "per",
        "via",
        "because",
        "if",
        "as",
        "than",
        "whilst",
        "among",
        "amongst",
        "between",
        "but",
        "for",
        "every",
    ]
)
#: Words for nobody.
NOBODY = _phrases("none|nobody|no one|no|nil|not one|not a single|not any|neither|zero")
#: What a number before it measures instead of people, with or without a hyphen.
AGE_UNITS = frozenset(
    [
        "year",
        "years",
        "yr",
        "yrs",
        "month",
        "months",
        "week",
        "weeks",
        "day",
        "days",
        "hour",
        "hours",
        "minute",
        "minutes",
        "old",
        "olds",
        "star",
        "km",
        "kilometer",
        "kilometre",
        "kilometers",
        "kilometres",
        "mile",
        "miles",
        "meter",
        "metre",
        "meters",
        "metres",
        "mm",
        "lb",
        "pound",
        "tonne",
        "ton",
        "kg",
    ]
)
