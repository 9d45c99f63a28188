"""Splitting: the sentences of a paragraph, by rules.

Good enough to draw passages from open text, where a sentence too long does no harm; nothing that is predicted
or scored depends on it.
"""

from __future__ import annotations

import re
from itertools import pairwise

__all__ = ["sentence_offsets"]

_END = re.compile(
    r"""
    (?<!\S)(?P<last>\S+?)               # the last word, from its beginning, or long words take forever
    [.!?]['"”’)\]]*                     # a full stop, and what closes behind it
    \s+
    (?=['"“‘(\[]*[^\W\d_a-zß-öø-ÿ]|['"“‘(\[]*\d)   # a capital letter or a digit opens the next
    """,
    re.VERBOSE,
)
_ABBREVIATIONS = frozenset(
    """
    adm approx apr art aug brig capt cf cmdr co col corp dec dept dr e.g etc feb fig fr gen gov hon
    i.e inc jan jr jul jun lt ltd maj mar messrs mr mrs ms mt nos nov oct pp pres prof rep rev sec
    sen sep sept sgt sr st supt v vol vs
    """.split()  # noqa: SIM905 - a list of strings would be a page long
)


def sentence_offsets(text: str) -> list[tuple[int, int]]:
    """Return the half-open character offsets of the sentences of ``text``, without white space at the edges.

    A sentence ends at a full stop, question or exclamation mark, with closing quotes and brackets, before
    white space and a capital letter or digit, unless the word is a known abbreviation, an initial ("J.") or
    abbreviated by inner full stops ("U.S.").

    >>> sentence_offsets("Gen. Ali spoke in the U.S. Senate. Two died.")
    [(0, 34), (35, 44)]
    """
    borders = [0]
    for match in _END.finditer(text):
        word = match["last"].lstrip("'\"“‘([").lower()
        is_initial = len(word) == 1 and word.isalpha()
        stop = text[match.end("last")]
        if stop == "." and (is_initial or "." in word or word in _ABBREVIATIONS):
            continue
        borders.append(match.end())
    borders.append(len(text))
    found = []
    for begin, end in pairwise(borders):
        sentence = text[begin:end]
        start = begin + len(sentence) - len(sentence.lstrip())
        if sentence.strip():
            found.append((start, start + len(sentence.strip())))
    return found
