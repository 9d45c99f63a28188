"""Attribution: who says what stands in a sentence, and by which class of verb."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from ...data.documents import Span
from .phrases import words
from .toll_words import TOLL
from .word_index import in_small_letters, word_starts

__all__ = ["VERB_CLASSES", "Cue", "answers_all", "find_cues", "governing_cues"]

Offsets = tuple[int, int]

# All patterns but those of names are for text in small letters.

#: What a verb says of the speaker's stand.
VERB_CLASSES = ("reported", "claimed", "accused", "denied", "confirmed")

_TOLL = rf"\s+(?:it\s+at|(?:the|its|a)\s+(?:[\w-]+\s+){{0,3}}{TOLL})"
_VERBS = {
    "reported": r"sa(?:id|ys?|ying)|t(?:old|ells?)|report(?:s|ed|ing)?|stat(?:ed|es|ing)|estimat(?:ed?|es)|"
    r"announc(?:ed?|es|ing)|(?:has |have |had )?(?:recorded|counted|documented|tallied)|records|documents|"
    rf"tallies|(?:add|note|reveal|disclose)(?:s|e?d)|disclose|reveal|puts?(?={_TOLL})",
    "claimed": r"claim(?:s|ed|ing)?(?!\s+(?:(?:\S+\s+){0,2}responsibility|credit|(?:\S+\s+){0,4}"
    r"(?:lives|life|victims)\b))|boast(?:s|ed)|assert(?:s|ed)?|insist(?:s|ed)?|maintain(?:s|ed)|"
    r"contend(?:s|ed)?",
    "accused": r"accus(?:ed?|es|ing)|blam(?:ed?|es|ing)|alleg(?:ed?|es|ing)",
    "denied": r"den(?:y|ies|ied|ying)|reject(?:s|ed|ing)|disput(?:ed?|es|ing)|dismiss(?:ed|es|ing)|"
    r"refut(?:ed?|es|ing)",
    "confirmed": r"confirm(?:s|ing)?|confirmed(?!\s+(?:new\s+|covid-19\s+)?(?:cases?|deaths?|dead|fatalities|"
    r"casualties|killed|infections|injuries)\b)|acknowledg(?:ed?|es|ing)|admit(?:s|ted|ting)?|"
    r"verif(?:y|ies|ied)|conced(?:ed?|es)",
}
_VERB = re.compile(
    r"\b(?:"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _VERBS.items())
    + r"|(?P<according>according to))\b"
)
#: With which letters those verbs begin.
_BEGINNINGS = words(
    """acc ack add adm all ann ass bla boa cla con cou den dis doc est had has hav ins mai not put rec ref rej
    rep rev sai say sta tal tel tol ver"""
)
#: Before a word that looks like a verb: it is a noun or an adjective.
_NO_VERB = re.compile(
    r"\b(?:a|an|the|of|in|its|their|his|her|this|that|these|such|to|any|no|neither|either|each|every|total|"
    r"other|some|by|newly)\s+\Z"
)
_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being)\s+(?:\w+ly\s+|also\s+|now\s+)?\Z")
_BY = re.compile(r"\s+(?:[\w-]+\s+){0,4}?by\s+")

#: Speakers that no span names.
_SPEAKERS = r"""activists? witness(?:es)? eyewitness(?:es)? residents? locals villagers survivors relatives
    families doctors? medics? paramedics rescuers sources? reports? media television radio newspapers? agency
    agencies spokes(?:man|woman|person|men|people) officials? authorities police monitors? observers analysts
    experts investigators lawyers campaigners groups? organi[sz]ations? ministry army military government
    governor mayor minister rebels militants insurgents staff workers leaders? commanders? statement
    ministries coroner prosecutors? elders? researchers observatory department court president"""
_SPEAKER = re.compile(rf"(?:\b[\w’'-]+[ \t]+)??\b(?:{'|'.join(_SPEAKERS.split())})\b")
_LEADING = re.compile(
    r"(?:the|a|an|and|but|by|to|some|local|two|that|while|its|his|their|as|other|from|of|in|when|where|which|after|figure|claim|charge)\s+"
)
_NAME = re.compile(r"(?:[A-Z][\w’'.&-]*[ \t]+){0,4}[A-Z][\w’'&-]*\Z")
_NAME_BEHIND = re.compile(r"\s*(?:the\s+)?((?:[A-Z][\w’'.&-]*[ \t]+){0,4}[A-Z][\w’'&-]*)")
#: Between a name and what describes it: "Omar Haddad, the mayor".
_APPOSITION = re.compile(r"\s*(?:,\s*)?(?:(?:the|an?|its|their)\s+)?")
_PRONOUN = re.compile(
    r"\b(?:he|she|they|it|who)\s+(?:\w+ly\s+|also\s+|later\s+)?(?:has\s+|have\s+|had\s+)?\Z"
)
_FIRST_PERSON = re.compile(r"\b(?:i|we)\s+(?:\w+ly\s+|also\s+)?(?:have\s+|had\s+)?\Z")
#: Before the second verb of one speaker: "denied responsibility and said".
_AND = re.compile(r"\b(?:and|but)\s+(?:(?:\w+ly|also|later|has|have|had)\s+)*\Z")
_SUBJECT_REACH, _OBJECT_REACH = 90, 30  # characters between a speaker and the verb
_ASIDE_REACH, _ADVERB = 150, 20  # characters before a verb
#: Right before a verb: it is not done, as in "could not be confirmed", "has yet to confirm".
_NOT = re.compile(
    r"(?:\b(?:not|never|cannot|yet\s+to|(?:unable|impossible|declined|refused)\s+to)|n['’]t"
    r"|\b(?:no|none|neither)\b(?:\s+(?!and\b|but\b)[\w’'-]+){1,6}?\s+(?:can|could|has|have|had|was|were))"
    r"\s+(?:(?:\w+ly|be|been|yet|possible\s+to|able\s+to)\s+){0,3}\Z"
)
#: Right before a verb: what is said more of its subject.
_ASIDE = re.compile(r",\s+(?:which|who|whose|where)\s[^;]+,\s*(?:\w+ly\s+|also\s+)?\Z")
#: Between a denial and a figure: what is denied is the deed, and not how many it harmed.
_DEED = re.compile(
    r"\s(?:responsibility|involvement|(?:role|part|hand)\s+in|which|where|when|after)\b"
    r"|\w\s+that\s+(?:has\s+|had\s+|also\s+)?(?:kill|left|wound|injur|claim|caus)"
)
#: Between a verb and a figure: the verb's clause has ended.
_BREAK = re.compile(r";|\b(?:while|whereas|but|although|though|however|meanwhile)\b")
#: Between a figure and a verb behind it: the verb stands for another matter.
_CONTRAST = re.compile(r";|\b(?:whereas|but|although|though|however)\b")
_OPENS_TRAILER = re.compile(
    r"(?:[,”\"»’—–-]|\A)\s*(?:(?:a|an|the|two|some|local|but|and|as)\s+)*(?:[\w’'-]+\s+){0,4}\Z"
)
_ENDS_INVERTED = re.compile(r"\s*(?:[.,;:!?)]|\Z|(?:in|on|at|of|from|who|after|late|early)\b)")


@dataclass(frozen=True, slots=True)
class Cue:
    """A verb that attributes what is said around it.

    Attributes:
        start: Offset of the verb.
        end: Offset behind it.
        verb_class: One of :data:`VERB_CLASSES`.
        source: Offsets of who speaks; ``None`` when nobody is named.
        role: The role of the speaker's ACTOR span; ``None`` when it is none.
        is_pronoun: Whether the speaker is a pronoun, so that ``source`` is to be found before.
        is_trailer: Whether the verb may stand behind what it attributes (", police said").
    """

    start: int
    end: int
    verb_class: str
    source: Offsets | None
    role: str | None
    is_pronoun: bool
    is_trailer: bool


def find_cues(text: str, begin: int, end: int, spans: Sequence[Span]) -> list[Cue]:
    """Return the verbs that attribute something in one sentence, in order.

    Args:
        text: The untouched text.
        begin: Offset of the sentence.
        end: Offset behind it.
        spans: The spans of the sentence, sorted; verbs inside of spans do not count.
    """
    cues: list[Cue] = []
    starts = word_starts(text, _BEGINNINGS)
    small = in_small_letters(text) if starts else ""
    position = begin
    for start, _ in starts[bisect_left(starts, (begin, "")) :]:
        if start >= end:
            break
        match = _VERB.match(small, start, end) if start >= position else None
        if match is None:
            continue
        position = match.end()
        if any(span.start < match.end() and match.start() < span.end for span in spans):
            continue
        cue = _cue(text, match, cues[-1] if cues else None, begin, end, spans)
        if cue is not None:
            cues.append(cue)
    return cues


def _cue(
    text: str, match: re.Match[str], last_cue: Cue | None, begin: int, end: int, spans: Sequence[Span]
) -> Cue | None:
    """Return the cue of one verb, or ``None`` when it is no verb, or nobody speaks."""
    kind = match.lastgroup or ""
    small = match.string
    left = begin if last_cue is None else last_cue.end
    if kind == "according":
        found = _after(text, match.end(), end, spans, _OBJECT_REACH)
        return Cue(*match.span(), "reported", *_known(found), False, True) if found else None
    before = small[max(left, match.start() - _SUBJECT_REACH) : match.start()]
    if _NOT.search(before):
        return None
    if _PASSIVE.search(before) and not match[0].endswith("ing"):
        by = _BY.match(small, match.end(), end)
        found = _after(text, by.end(), end, spans, 5) if by else None
        is_speech = kind in ("reported", "confirmed", "accused")
        return Cue(*match.span(), kind, *_known(found), False, True) if found or is_speech else None
    if _NO_VERB.search(before) or _FIRST_PERSON.search(before):
        return None
    is_pronoun = _PRONOUN.search(before) is not None
    if is_pronoun:
        return Cue(*match.span(), kind, None, None, True, False)
    last = text[left : match.start()].rstrip()[-1:]
    if last in (",", "”", '"', "’") or not text[begin : match.start()].strip():
        found = _after(text, match.end(), end, spans, _OBJECT_REACH // 3)
        if found is not None and _ENDS_INVERTED.match(small, found[1], end):
            return Cue(*match.span(), kind, *_known(found), False, True)
    right = match.start()
    if small.find(",", right - _ADVERB, right) >= 0:
        aside = _ASIDE.search(small, max(begin, right - _ASIDE_REACH), right)
        left, right = (left, right) if aside is None else (begin, aside.start())
    found = _before(text, left, right, spans)
    is_object = last_cue is not None and last_cue.verb_class in ("accused", "denied")
    if last_cue is not None and (found is None or is_object) and _AND.search(before):
        return Cue(*match.span(), kind, last_cue.source, last_cue.role, last_cue.is_pronoun, False)
    if found is None:
        return None
    opening = small[left : found[0]]
    return Cue(*match.span(), kind, *_known(found), False, _OPENS_TRAILER.search(opening) is not None)


_Found = tuple[int, int, str | None]


def _known(found: _Found | None) -> tuple[Offsets | None, str | None]:
    return (None, None) if found is None else ((found[0], found[1]), found[2])


def _before(text: str, left: int, right: int, spans: Sequence[Span]) -> _Found | None:
    """Return the speaker nearest before a verb."""
    left = max(left, right - _SUBJECT_REACH)
    counted = [span.end for span in spans if span.label == "CASUALTY" and span.end <= right]
    left = max([left, *counted])
    found: _Found | None = None
    for span in spans:
        if span.label == "ACTOR" and left <= span.start and span.end <= right:
            found = (span.start, span.end, span.attribute)
    small = in_small_letters(text)
    for match in _SPEAKER.finditer(small, left, right):
        start = _without_determiner(text, *match.span())
        if (found is None or start >= found[1]) and not _crosses(spans, start, match.end()):
            is_description = found is not None and _APPOSITION.fullmatch(small, found[1], start)
            found = found if is_description else (start, match.end(), None)
    if found is None:
        name = _NAME.search(text[left:right].rstrip())
        if name is not None:
            start = _without_determiner(text, left + name.start(), left + name.end())
            found = (start, left + name.end(), None)
    return found


def _after(text: str, left: int, right: int, spans: Sequence[Span], reach: int) -> _Found | None:
    """Return the speaker that begins within ``reach`` characters behind ``left``."""
    for span in spans:
        if span.label == "ACTOR" and left <= span.start <= left + reach and span.end <= right:
            return span.start, span.end, span.attribute
    match = _SPEAKER.search(in_small_letters(text), left, min(right, left + 2 * reach + 20))
    if match is not None and match.start() <= left + reach and not _crosses(spans, *match.span()):
        return _without_determiner(text, *match.span()), match.end(), None
    name = _NAME_BEHIND.match(text, left, right)
    return (name.start(1), name.end(1), None) if name else None


def _without_determiner(text: str, start: int, end: int) -> int:
    small = in_small_letters(text)
    while match := _LEADING.match(small, start, end):
        start = match.end()
    return start


def _crosses(spans: Sequence[Span], start: int, end: int) -> bool:
    return any(span.start < end and start < span.end for span in spans)


def governing_cues(text: str, start: int, end: int, cues: Sequence[Cue]) -> list[Cue]:
    """Return the cues of a sentence that attribute the figure at ``start:end``, the main one first.

    The last verb before the figure governs it while its clause goes on; else a verb behind it, such as
    ", police said"; a denial or confirmation behind it comes on top.
    """
    small = in_small_letters(text)
    found: list[Cue] = []
    for cue in reversed(cues):
        if cue.end > start:
            continue
        if _BREAK.search(small, cue.end, start):
            break
        if cue.verb_class != "denied" or not _DEED.search(small, cue.end, start):
            found.append(cue)
            break
    for cue in cues:
        if cue.start < end:
            continue
        is_answer = answers_all(text, cue) and (found or cue.is_trailer)
        is_trailer = cue.is_trailer and not found and not _CONTRAST.search(small, end, cue.start)
        if is_answer or is_trailer:
            found.append(cue)
        break
    return found


#: Behind "denied": what was said before, or nothing.
_ALL = re.compile(
    r"\s+(?:it|them|(?:the|this|that|these|those|any|all)\s+(?:\w+\s+)?(?:claims?|reports?|accusations?|"
    rf"allegations?|charges?|{TOLL}))\b|\s*(?:[.;,!?]|\Z)"
)


def answers_all(text: str, cue: Cue) -> bool:
    """Whether a verb denies or confirms what was said before it: "The army denied the report"."""
    return (
        cue.verb_class in ("denied", "confirmed") and _ALL.match(in_small_letters(text), cue.end) is not None
    )
