"""Scores on sentences that come as tokens with tags, as others publish them: seqeval's default mode.

Every token of every sentence counts. A token has the tag of the span that covers its first character, as a
tagger of word pieces gives it the tag of its first piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...data.corpora.columns import column_sentences
from ...data.corpora.opening import read_lines
from ...data.documents import Span
from ...data.errors import DataError
from ...data.lines import raise_error
from ...data.quotes import printable, quote
from ...data.sentences import TAG
from .seqeval_report import SeqevalReport, seqeval_tables

__all__ = ["TaggedSentence", "read_tagged_sentences", "score_tokens", "tag_tokens"]


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """A sentence as its tokens and their tags.

    Attributes:
        tokens: The tokens.
        tags: Their IOB2 tags.
    """

    tokens: tuple[str, ...]
    tags: tuple[str, ...]

    @property
    def text(self) -> str:
        """The tokens joined by single spaces."""
        return " ".join(self.tokens)


def read_tagged_sentences(path: str | Path) -> list[TaggedSentence]:
    """Read a column file: a token and its tag a line, empty lines between sentences.

    Raises:
        DataError: when it cannot be read, or a tag is not one of IOB2.
    """
    name = printable(str(path))
    sentences: list[TaggedSentence] = []
    for first, rows in column_sentences(read_lines(path), name, [2], raise_error):
        tokens, tags = zip(*rows, strict=True)
        for tag in tags:
            if TAG.fullmatch(tag) is None:
                where = f"in sentence {len(sentences) + 1}"
                raise DataError(f"{quote(tag)} {where} is not an IOB2 tag", name, first)
        sentences.append(TaggedSentence(tokens, tags))
    if not sentences:
        raise DataError("holds no sentences", name)
    return sentences


def tag_tokens(tokens: Sequence[str], spans: Iterable[Span]) -> list[str]:
    """Tag the tokens of a text that are joined by single spaces.

    >>> tag_tokens(["in", "Deir-ez-Zor", "province"], [Span(3, 23, "Location")])
    ['O', 'B-Location', 'I-Location']

    Args:
        tokens: The tokens.
        spans: Flat spans of the joined text, in order.
    """
    found = list(spans)
    tags = []
    position = start = 0
    last = None
    for token in tokens:
        while position < len(found) and found[position].end <= start:
            position += 1
        covering = position if position < len(found) and found[position].start <= start else None
        if covering is None:
            tags.append("O")
        else:
            tags.append(f"{'I' if covering == last else 'B'}-{found[covering].label}")
        last = covering
        start += len(token) + 1
    return tags


def score_tokens(
    sentences: Sequence[TaggedSentence], predicted: Iterable[Iterable[Span]], labels: Sequence[str]
) -> SeqevalReport:
    """Score the spans that were predicted for each sentence's text by seqeval's default mode.

    Args:
        sentences: The gold sentences.
        predicted: The spans of each, in order.
        labels: The labels that may occur.
    """
    tagged = [
        tag_tokens(sentence.tokens, spans) for sentence, spans in zip(sentences, predicted, strict=True)
    ]
    _, default = seqeval_tables([list(sentence.tags) for sentence in sentences], tagged, labels)
    return default
