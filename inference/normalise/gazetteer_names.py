"""How names of places are compared: spelling differences that mean nothing are folded away."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["alike", "most_alike", "name_key", "skeleton", "without_article"]

#: Letters that Unicode does not decompose.
_LETTERS = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i",
        "ə": "a", "ŋ": "n", "ħ": "h",
    }
)  # fmt: skip
_MARKS = re.compile("[\u0300-\u036f]+")  # accents that stand for themselves
_APOSTROPHES = re.compile("['’‘`ʼʻʿʾʹʺ´′\"“”]")
_POSSESSIVE = re.compile("['’]s(?=\\W|$)")
_OTHER = re.compile(r"[^\w]+|_")
_INITIALS = re.compile(r"\b(?:\w ){1,4}\w\b")
_ARTICLES = frozenset(["al", "el", "il", "ad", "id", "an", "in", "ar", "ir", "as", "is", "at", "az", "iz"])
_ARTICLE = re.compile(r"(?:al|el|ad|an|ar|as|ash|at|az|ath|the) (?=\S{3})")
_WORDS = {"saint": "st", "sainte": "ste", "mount": "mt", "fort": "ft"}
#: Letters that transliterations choose among for one sound, in the order in which they are replaced.
_SOUNDS = (
    ("sch", "s"), ("dzh", "j"), ("kh", "h"), ("gh", "g"), ("sh", "s"), ("ch", "s"), ("th", "t"), ("dh", "d"),
    ("zh", "d"), ("ph", "f"), ("tz", "z"), ("ts", "z"), ("dj", "j"), ("ck", "k"), ("q", "k"), ("ce", "se"),
    ("ci", "si"), ("cy", "sy"), ("c", "k"), ("w", "v"), ("x", "ks"),
)  # fmt: skip
_FIRST = {"o": "u", "e": "i", "y": "i"}  # a vowel counts at the beginning of a word only
_SILENT = str.maketrans("", "", "aeiouyh")
_DOUBLE = re.compile(r"(.)\1+")


@lru_cache(16384)
def name_key(name: str) -> str:
    """Return the form under which a name is looked up, empty when nothing of the name is left.

    Case, accents, apostrophes, hyphens and the dots of abbreviations do not count.

    >>> name_key("Ṣan‘ā’"), name_key("Sana'a"), name_key("U.S."), name_key("Deir ez-Zor")
    ('sana', 'sanaa', 'us', 'deir ez zor')
    """
    plain = name.casefold()
    if not plain.isascii():
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
        plain = _MARKS.sub("", folded.translate(_LETTERS))
    if plain.isalpha():
        return _WORDS.get(plain, plain)
    if not plain.replace(" ", "").isalnum():
        plain = _APOSTROPHES.sub("", _POSSESSIVE.sub("", plain)).replace("&", " and ")
        plain = _OTHER.sub(" ", plain)
    words = plain.split()
    if any(len(word) == 1 for word in words):
        words = _INITIALS.sub(lambda match: match[0].replace(" ", ""), " ".join(words)).split()
    return " ".join([_WORDS.get(word, word) for word in words])


def without_article(key: str) -> str | None:
    """Return a key without the Arabic or English article before it; ``None`` when there is none.

    >>> without_article("al hasakah"), without_article("the hague"), without_article("aleppo")
    ('hasakah', 'hague', None)
    """
    match = _ARTICLE.match(key)
    return key[match.end() :] if match else None


def skeleton(key: str) -> str:
    """Return what the transliterations of one name have in common, roughly its consonants.

    >>> skeleton("fallujah") == skeleton("al falluja"), skeleton("kuneitra") == skeleton("quneitra")
    (True, True)
    """
    key = without_article(key) or key
    for letters, sound in _SOUNDS:
        key = key.replace(letters, sound)
    words = [_FIRST.get(word[0], word[0]) + word[1:].translate(_SILENT) for word in key.split()]
    return _DOUBLE.sub(r"\1", " ".join(word for word in words if word not in _ARTICLES))


def most_alike(one: str, other: str) -> float:
    """Return what :func:`alike` does not exceed, and much sooner: how many letters two keys share.

    >>> most_alike("homs", "aleppo"), alike("homs", "aleppo")
    (0.2, 0.2)
    """
    one, other = without_article(one) or one, without_article(other) or other
    shared = sum(min(one.count(letter), other.count(letter)) for letter in set(one))
    return 1.0 if one == other else 2 * shared / (len(one) + len(other))


def alike(one: str, other: str) -> float:
    """Return how much two keys look alike, in [0, 1], articles aside."""
    one, other = without_article(one) or one, without_article(other) or other
    return 1.0 if one == other else 2 * _matched(one, other) / (len(one) + len(other))


def _matched(one: str, other: str) -> int:
    """Return how many letters match, as :class:`difflib.SequenceMatcher` does, which takes long to begin.

    The longest piece that both have, the first of several, and the same to the left and to the right of it.
    """
    for size in range(min(len(one), len(other)), 0, -1):
        for start in range(len(one) - size + 1):
            place = other.find(one[start : start + size])
            if place >= 0:
                left = _matched(one[:start], other[:place])
                return left + size + _matched(one[start + size :], other[place + size :])
    return 0
