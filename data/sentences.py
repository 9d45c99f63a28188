"""One sentence of a column file, as it grows line by line."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .documents import Document, LabelTable, Span, check_events, check_label
from .errors import DataError
from .quotes import quote
from .words import word_offsets

__all__ = ["TAG", "Sentence", "is_comment", "is_row", "split_columns", "writable"]

#: An IOB2 tag, with or without an attribute.
TAG = re.compile(r"O|[BI]-[^\s:]+(:\S+)?")

#: A BIOES tag likewise, or one of BILOU, which has L- and U- for E- and S-.
_BIOES = re.compile(r"O|[BIESLU]-[^\s:]+(:\S+)?")
_TO_IOB2 = {"E": "I", "L": "I", "S": "B", "U": "B"}

_FIELD = re.compile(r"# ([^\s=]+) =(?: (.*))?")
_BIOES_TAG = re.compile(r"[ESLU]-\S+")


@dataclass
class Sentence:
    """The tokens, spans and comments of a sentence so far.

    Attributes:
        line: Number of its first line; 0 while there is none.
        id: The id from a comment, or ``None``.
        events: The event types from a comment.
        tokens: The tokens.
        spans: Spans, with offsets into the tokens joined by single spaces; the last is open while ``tag`` is
            not O.
        length: Characters of the joined tokens.
        tag: The last tag; ``None`` when the last line was wrong.
        is_bad: Whether any line was wrong, so that there is no document.
        bioes: Whether tags are in BIOES, where a span's last word has E-, and its only word S-, or in BILOU.
        iob1: Whether tags are in IOB1, where a span's first word has B- only behind a span of the same label.
        text: The text from a comment, of which the tokens are the words.
        meta: What else a comment says of the document.
    """

    line: int = 0
    id: str | None = None
    events: tuple[str, ...] = ()
    tokens: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    length: int = 0
    tag: str | None = "O"
    is_bad: bool = False
    bioes: bool = False
    iob1: bool = False
    text: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing of which a document could be made."""
        return not self.tokens and self.id is None and not self.is_bad

    def spoil(self) -> None:
        """Note that a line was wrong."""
        self.is_bad = True
        self.tag = None

    def add_comment(self, line: str, number: int, events: Sequence[str] | None) -> None:
        """Take id, event types, text or meta from a comment; skip any other.

        Args:
            line: The line.
            number: Its number.
            events: The event types that may occur; ``None`` accepts any.

        Raises:
            DataError: when the comment is misplaced or holds something else.
        """
        match = _FIELD.fullmatch(line)
        if match is None or match[1] not in ("id", "exact_text", "events", "meta"):
            return
        text = match[2] or ""
        value = _comment_value(text)
        self.line = self.line or number
        if self.tokens or (match[1] == "id" and self.id is not None):
            raise DataError(f"'# {match[1]} =' stands inside a sentence; put a blank line before it")
        if match[1] == "id":
            self.id = value if isinstance(value, str) else text
            return
        if match[1] in ("exact_text", "meta"):
            self._add_whole(match[1], value)
            return
        if not isinstance(value, list):
            raise DataError(f"'# events =' must be followed by a JSON list of strings, got {quote(text)}")
        check_events(value, events)
        self.events = tuple(value)

    def _add_whole(self, name: str, value: Any) -> None:
        """Take what the writer puts beside the tokens, so that all comes back as it was."""
        if name == "meta":
            self.meta = value if isinstance(value, dict) else {}  # other files may hold anything there
        elif isinstance(value, str):
            self.text = value
        else:
            raise DataError(f"'# {name} =' must be followed by a JSON string, got {quote(value)}")

    def add_row(
        self, columns: list[str], expected: int | None, number: int, labels: LabelTable | None
    ) -> None:
        """Take a token with its tag.

        Args:
            columns: The row's columns.
            expected: How many columns the file has; ``None`` while that is open.
            number: The line's number.
            labels: The labels and attributes that may occur; ``None`` accepts any.

        Raises:
            DataError: when the row is none, or its tag is not legal or not legal here.
        """
        self.line = self.line or number
        _check_columns(columns, expected)
        token, tag = columns[0], columns[-1]
        if self.bioes:
            tag = self._from_bioes(tag)
        elif self.iob1 and tag.startswith("I-") and self.tag is not None and self.tag[1:] != tag[1:]:
            tag = f"B{tag[1:]}"
        label, attribute = _split_tag(tag, labels)
        if tag[0] == "I" and self.tag is not None and self.tag[1:] != tag[1:]:
            raise DataError(
                f"{quote(tag)} after {quote(self.tag)} is not IOB2, a span begins with {quote('B' + tag[1:])}"
                "; in an IOB1 file, turn the I- of each span's first word into B- (conflictner convert does)"
            )
        start = self.length + 1 if self.tokens else 0
        self.length = start + len(token)
        self.tokens.append(token)
        if tag[0] == "B":
            self.spans.append(Span(start, self.length, label, attribute))
        elif tag[0] == "I" and self.spans:
            self.spans[-1] = Span(self.spans[-1].start, self.length, label, attribute)
        self.tag = columns[-1] if self.bioes else tag

    def close(self) -> None:
        """Check the sentence when its last row is read.

        Raises:
            DataError: when a BIOES span does not end, or the text of the comment is none of these tokens.
        """
        if self.is_bad:
            return
        if self.bioes and self.tag is not None and self.tag[0] in "BI":
            raise DataError(f"the sentence ends behind {quote(self.tag)}; in BIOES a span ends with E- or S-")
        if self.text is not None and [word for word, _ in _words(self.text)] != self.tokens:
            raise DataError(
                f"'# exact_text =' holds other words than the rows below it, {quote(' '.join(self.tokens))}; "
                "change it with them, or delete the line"
            )

    def document(self, default_id: str) -> Document | None:
        """Return the sentence as a document, or ``None`` when it is empty or bad."""
        if self.is_bad or self.is_empty:
            return None
        name = default_id if self.id is None else self.id
        joined = " ".join(self.tokens)
        spans = tuple(self.spans)
        if self.text is None or self.text == joined:
            return Document(name, joined, spans, self.events, self.meta)
        starts = {}
        ends = {}
        position = 0
        for word, (start, end) in _words(self.text):
            starts[position], ends[position + len(word)] = start, end
            position += len(word) + 1
        moved = (Span(starts[span.start], ends[span.end], span.label, span.attribute) for span in spans)
        return Document(name, self.text, tuple(moved), self.events, self.meta)

    def _from_bioes(self, tag: str) -> str:
        """Return a BIOES tag in IOB2.

        Raises:
            DataError: when it is none, or not legal behind the last one.
        """
        if _BIOES.fullmatch(tag) is None:
            raise DataError(
                f"{quote(tag)} is not a BIOES tag; accepted are O, and LABEL or LABEL:ATTRIBUTE behind B-, "
                "I-, E- or S-"
            )
        last = self.tag
        is_open = last is not None and last[0] in "BI"
        goes_on = tag[0] in "IEL"
        if last is not None and (is_open != goes_on or (is_open and last[1:] != tag[1:])):
            raise DataError(
                f"{quote(tag)} after {quote(last)} is not BIOES, in which a span is S-, or B-, any number of "
                "I-, and E-"
            )
        return _TO_IOB2.get(tag[0], tag[0]) + tag[1:]


def split_columns(line: str) -> list[str]:
    r"""Split a line at its tabs, or, when it has none, at its spaces.

    No other white space separates; at the edges of columns it is taken off.

    >>> split_columns("Al Bab\tB-LOCATION"), split_columns("Kabul  NNP B-LOCATION")
    (['Al Bab', 'B-LOCATION'], ['Kabul', 'NNP', 'B-LOCATION'])
    """
    if "\t" in line:
        return [column.strip() for column in line.split("\t")]
    return [column.strip() for column in line.split(" ") if column] or [""]


def writable(token: str) -> str:
    """Replace the characters that no column file carries, one for one."""
    if token.isprintable():
        return token
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs") else c for c in token)


def is_comment(line: str, columns: list[str], expected: int | None, *, bioes: bool = False) -> bool:
    """Tell a comment from a row whose token begins with ``#``.

    ``# key = value`` is a comment; any other line with ``#`` is one when it has no tab and does not end in a
    tag, or has more or fewer columns than the file.
    """
    if not line.startswith("#"):
        return False
    is_plain = "\t" not in line and not is_row(columns, expected, bioes=bioes)
    return is_plain or _FIELD.fullmatch(line) is not None


def is_row(columns: list[str], expected: int | None = None, *, bioes: bool = False) -> bool:
    """Tell whether columns are as many as expected (2 to 4 while that is open) and end in a tag."""
    fits = 2 <= len(columns) <= 4 if expected is None else len(columns) == expected
    return fits and (_BIOES if bioes else TAG).fullmatch(columns[-1]) is not None


def _check_columns(columns: list[str], expected: int | None) -> None:
    """Check how many columns there are and what the first holds."""
    count, shown = len(columns), quote(" ".join(columns))
    if not 2 <= count <= 4:
        raise DataError(
            f"{count} column{'' if count == 1 else 's'} in {shown}; accepted are 2 to 4, separated by a tab "
            "or by spaces, the token first and its tag last"
        )
    if expected is not None and count != expected:
        raise DataError(f"{count} columns in {shown}; the lines before have {expected}")
    if not columns[0] or columns[0].isspace():
        raise DataError(f"the token before {quote(columns[-1])} is {quote(columns[0])}; it must not be empty")
    if "\0" in columns[0]:
        raise DataError(f"the token {quote(columns[0])} holds a NUL character; a text file is needed")


def _split_tag(tag: str, labels: LabelTable | None) -> tuple[str, str | None]:
    """Return label and attribute of a tag, the label being empty for O."""
    if TAG.fullmatch(tag) is None:
        is_bioes = _BIOES_TAG.fullmatch(tag) is not None
        hint = (
            "; in a BIOES file, turn S- into B- and E- into I- (conflictner convert does)" if is_bioes else ""
        )
        raise DataError(
            f"{quote(tag)} is not an IOB2 tag; accepted are O, B-LABEL, I-LABEL and B-LABEL:ATTRIBUTE{hint}"
        )
    label, _, value = tag[2:].partition(":")
    attribute = value or None
    if tag != "O":
        check_label(f"in {quote(tag)}, ", label, attribute, labels)
    return label, attribute


def _words(text: str) -> list[tuple[str, tuple[int, int]]]:
    """Return the words of a text as rows hold them, with their offsets."""
    return [(writable(text[start:end]), (start, end)) for start, end in word_offsets(text)]


def _comment_value(text: str) -> Any:
    """Return what a comment holds: JSON where it begins as string, list or object, else the text itself."""
    if not text.startswith(('"', "[", "{")):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
