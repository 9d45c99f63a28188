"""The spaCy baseline: its CPU recipe for named entities, trained by spaCy's own training."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from ...data.documents import Document, Span
from ...data.words import word_offsets, word_range
from .sections import SpacySection

__all__ = ["SpacyTagger", "train_spacy"]


class SpacyTagger:
    """A trained pipeline.

    Args:
        pipeline: What spaCy trained.
    """

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline

    @classmethod
    def load(cls, folder: Path) -> SpacyTagger:
        """Load what :func:`train_spacy` wrote."""
        import spacy

        return cls(spacy.load(folder / "model-best"))

    def find(self, texts: Iterable[str]) -> Iterator[list[Span]]:
        """Yield the spans of each text, without attributes."""
        for text in texts:
            words = word_offsets(text)
            if not words:
                yield []
                continue
            found = self._pipeline(_new_doc(self._pipeline.vocab, text, words))
            yield [Span(words[e.start][0], words[e.end - 1][1], e.label_) for e in found.ents]


def train_spacy(
    train: Sequence[Document], dev: Sequence[Document], section: SpacySection, folder: Path
) -> None:
    """Train the pipeline that ``spacy init config --pipeline ner --optimize efficiency`` describes.

    Texts are cut into the words of :mod:`conflictner.data.words`, as for all other systems, so that every
    span can be found.

    Args:
        train: Documents to learn from.
        dev: Documents by which spaCy chooses the best step.
        section: The settings.
        folder: Where data and models are written.
    """
    import spacy
    from spacy.cli.init_config import init_config
    from spacy.training.initialize import init_nlp
    from spacy.training.loop import train as run

    folder.mkdir(parents=True, exist_ok=True)
    blank = spacy.blank("en")
    paths = {}
    for name, documents in (("train", train), ("dev", dev)):
        paths[name] = folder / f"{name}.spacy"
        _write(documents, blank.vocab, paths[name])
    config = init_config(lang="en", pipeline=["ner"], optimize="efficiency", gpu=False)
    config["paths"].update({name: str(path) for name, path in paths.items()})
    config["system"]["seed"] = section.seed
    config["training"].update(
        {
            "max_steps": section.max_steps,
            "patience": section.patience,
            "eval_frequency": section.evaluate_every,
            "dropout": section.dropout,
        }
    )
    run(init_nlp(config, use_gpu=-1), folder, use_gpu=-1, stdout=io.StringIO(), stderr=io.StringIO())


def _write(documents: Sequence[Document], vocab: Any, path: Path) -> None:
    """Write documents in spaCy's own form."""
    from spacy.tokens import DocBin
    from spacy.tokens import Span as Entity
    from spacy.util import filter_spans

    stored = DocBin()
    for document in documents:
        words = word_offsets(document.text)
        if not words:
            continue
        doc = _new_doc(vocab, document.text, words)
        ranges = [(word_range(words, span.start, span.end), span.label) for span in document.spans]
        entities = (Entity(doc, first, last, label) for (first, last), label in ranges)
        doc.ents = filter_spans(entities)  # of spans that share a word the longest
        stored.add(doc)
    stored.to_disk(path)


def _new_doc(vocab: Any, text: str, words: Sequence[tuple[int, int]]) -> Any:
    """Return a text as spaCy's tokens, which are our words."""
    from spacy.tokens import Doc

    spaces = [before[1] < behind[0] for before, behind in pairwise(words)] + [False]
    return Doc(vocab, words=[text[start:end] for start, end in words], spaces=spaces)
