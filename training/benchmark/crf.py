"""The CRF baseline: a linear-chain conditional random field over features of words and their neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ...data.corpora.tokens import tag_spans
from ...data.documents import Document, Span
from ...data.words import word_offsets
from ...model.labels import Label, LabelScheme
from .sections import CrfSection

__all__ = ["CrfTagger", "train_crf", "word_features"]

_AFFIX = 4  # characters of the longest prefix and suffix


class CrfTagger:
    """A trained field.

    Args:
        model: sklearn-crfsuite's model.
        context: Words to either side whose features a word has.
    """

    def __init__(self, model: Any, context: int) -> None:
        self._model = model
        self._context = context

    @classmethod
    def load(cls, path: Path, context: int) -> CrfTagger:
        """Load the file that :func:`train_crf` wrote, with the context it was trained with."""
        from sklearn_crfsuite import CRF

        return cls(CRF(model_filename=str(path)), context)

    def find(self, texts: Iterable[str]) -> Iterator[list[Span]]:
        """Yield the spans of each text, without attributes."""
        for text in texts:
            words = word_offsets(text)
            features = word_features([text[start:end] for start, end in words], self._context)
            tags = self._model.predict_single(features) if words else []
            yield [Span(words[first][0], words[last - 1][1], label) for first, last, label in tag_spans(tags)]


def train_crf(documents: Sequence[Document], scheme: LabelScheme, section: CrfSection, path: Path) -> None:
    """Train a field on documents, by L-BFGS with elastic-net regularisation.

    Args:
        documents: What to learn from; a whole document is a sequence.
        scheme: Its coarse labels are learned.
        section: The settings.
        path: File of the model.
    """
    from sklearn_crfsuite import CRF

    coarse = LabelScheme(tuple(Label(label.name) for label in scheme.labels))
    features, tags = [], []
    for document in documents:
        words = word_offsets(document.text)
        if not words:
            continue
        spans = [Span(span.start, span.end, span.label) for span in document.spans]
        features.append(word_features([document.text[start:end] for start, end in words], section.context))
        tags.append([coarse.tags[index] for index in coarse.encode(spans, words)])
    model = CRF(
        algorithm="lbfgs",
        c1=section.l1,
        c2=section.l2,
        max_iterations=section.iterations,
        all_possible_transitions=True,
        model_filename=str(path),
    )
    model.fit(features, tags)


def word_features(words: Sequence[str], context: int) -> list[dict[str, Any]]:
    """Return the features of each word: its form, shape and affixes, and form and shape of its neighbours.

    >>> word_features(["Al", "-", "Rai", "fell"], 1)[2]["-1:lower"]
    '-'
    """
    own = [_own_features(word) for word in words]
    rows = []
    for index in range(len(words)):
        row: dict[str, Any] = {"bias": 1.0, **own[index]}
        for distance in range(1, context + 1):
            for place, name in ((index - distance, f"-{distance}"), (index + distance, f"+{distance}")):
                if 0 <= place < len(words):
                    row[f"{name}:lower"] = own[place]["lower"]
                    row[f"{name}:shape"] = own[place]["shape"]
                else:
                    row[name] = "BOS" if place < 0 else "EOS"
        rows.append(row)
    for before, behind in zip(range(len(rows)), range(1, len(rows)), strict=False):
        rows[before]["bigram+1"] = rows[behind]["bigram-1"] = f"{own[before]['lower']} {own[behind]['lower']}"
    return rows


def _own_features(word: str) -> dict[str, Any]:
    lower = word.lower()
    shape = re.sub(r"\d", "9", re.sub(r"[^\W\d_]", lambda match: "X" if match[0].isupper() else "x", word))
    features: dict[str, Any] = {
        "lower": lower,
        "word": word,
        "shape": re.sub(r"(.)\1{3,}", r"\1\1\1\1", shape),
        "short shape": re.sub(r"(.)\1+", r"\1", shape),
        "title": word.istitle(),
        "upper": word.isupper(),
        "digits": word.isdigit(),
    }
    for length in range(1, min(_AFFIX, len(lower)) + 1):
        features[f"prefix {length}"] = lower[:length]
        features[f"suffix {length}"] = lower[-length:]
    return features
