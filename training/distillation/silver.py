"""Silver passages: unannotated text, drawn from open corpora by a seed, for a teacher to label."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ...data.documents import Document
from ...data.overlap import Overlap
from ...data.splitting import sentence_offsets
from ...data.text_files import read_paragraphs
from ..passages import TrainingDataError
from .sections import SilverFileSection, SilverSection

__all__ = ["draw_passages", "group_sentences"]

_WORD = re.compile(r"\w+")


def draw_passages(section: SilverSection, files: Sequence[Path], exclude: Iterable[str]) -> list[Document]:
    """Draw passages by a recipe; the same section and files give the same passages.

    Args:
        section: The ``silver`` section.
        files: Its corpus files, resolved.
        exclude: Texts of which no passage may repeat nine words in a row.

    Returns:
        The passages in random order, each with the id ``FILE:LINE:NUMBER``.

    Raises:
        DataError: for a corpus file that cannot be read.
        TrainingDataError: when nothing is left to draw.
    """
    overlap = Overlap(exclude)
    topic = re.compile(rf"\b(?:{'|'.join(map(re.escape, section.keywords))})", re.IGNORECASE)
    seen: set[str] = set()
    drawn: list[Document] = []
    for source, path in zip(section.files, files, strict=True):
        rng = random.Random(f"{section.seed} {path.name}")  # noqa: S311 - no secret
        on_topic: list[Document] = []
        off_topic: list[Document] = []
        for document in _passages(path, source, rng):
            count = len(_WORD.findall(document.text))
            if not section.words[0] <= count <= section.words[1] or document.text in seen:
                continue
            if overlap.touches(document.text):
                continue
            seen.add(document.text)
            (on_topic if topic.search(document.text) else off_topic).append(document)
        others = min(len(off_topic), round(source.count * section.off_topic_share))
        drawn += rng.sample(on_topic, min(len(on_topic), source.count - others))
        drawn += rng.sample(off_topic, others)
    if not drawn:
        raise TrainingDataError("silver: the files have no passage of the length and topic that is asked for")
    random.Random(section.seed).shuffle(drawn)  # noqa: S311
    return drawn


def _passages(path: Path, source: SilverFileSection, rng: random.Random) -> Iterator[Document]:
    """Yield all passages of a corpus file, in order."""
    if source.join_lines:
        stream = ((number, 0, line) for number, line in enumerate(read_paragraphs(path), start=1))
        yield from group_sentences(stream, path.name, source.sentences, rng)
        return
    for number, line in enumerate(read_paragraphs(path), start=1):
        sentences = ((number, index, line[a:b]) for index, (a, b) in enumerate(sentence_offsets(line)))
        yield from group_sentences(sentences, path.name, source.sentences, rng)


def group_sentences(
    sentences: Iterable[tuple[int, int, str]], name: str, sizes: Sequence[int], rng: random.Random
) -> Iterator[Document]:
    """Join neighbouring sentences to passages.

    Args:
        sentences: Line, number within the line, and text of each sentence.
        name: Begins the passages' ids.
        sizes: Least and most sentences of a passage; how many is drawn for each.
        rng: The source of chance.
    """
    group: list[str] = []
    first, size = (0, 0), rng.randint(*sizes)
    for line, index, sentence in sentences:
        if not group:
            first = (line, index)
        group.append(sentence)
        if len(group) == size:
            yield Document(f"{name}:{first[0]}:{first[1]}", " ".join(group))
            group, size = [], rng.randint(*sizes)
    if group:
        yield Document(f"{name}:{first[0]}:{first[1]}", " ".join(group))
