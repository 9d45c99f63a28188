"""Teachers: an ensemble of recurrent taggers that gives words and passages soft labels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F

from ...data.documents import Document
from ...data.errors import ConflictnerError
from ...model.labels import LabelScheme
from ...model.network import IGNORED
from ...model.windows import TokenizedText
from ..sampler import LengthSampler
from .recurrent import RecurrentTagger, WordBatch
from .sections import TeacherSection
from .vectors import WordVectors
from .words import WORD_LENGTH, Words, recase, see_words

__all__ = ["Lesson", "Teacher", "TeacherError", "ensemble", "train_teacher"]

Floats = NDArray[np.floating[Any]]
_PREDICTION_BATCH = 128
_WARMUP = 150  # updates
_EVENT_WEIGHT = 0.15
_OWN_COUNT = 2  # occurrences in the training passages from which a word has a learned vector


class TeacherError(ConflictnerError):
    """A teacher's file that cannot be read."""


@dataclass(frozen=True)
class Lesson:
    """An annotated text.

    Attributes:
        words: Its words.
        allowed: The fine tags that each word may have, booleans ``[words, tags]``.
        events: 0 or 1 for each event type, ``IGNORED`` where that is not known, ``[events]``.
    """

    words: Words
    allowed: NDArray[np.bool_]
    events: NDArray[np.float32]

    @classmethod
    def of(cls, document: Document, text: TokenizedText, vectors: WordVectors, scheme: LabelScheme) -> Lesson:
        """Encode a document."""
        words = [tuple(word) for word in text.words.tolist()]
        annotated = document.annotated
        events = [
            float(name in document.events) if annotated is None or name in annotated else float(IGNORED)
            for name in scheme.events
        ]
        return cls(
            see_words([document.text[begin:end] for begin, end in words], vectors),
            scheme.allowed(document.spans, words, annotated),
            np.array(events, dtype=np.float32),
        )


class Teacher:
    """A trained recurrent tagger.

    Args:
        network: The network.
        own: For each row of the word vectors the row of the learned ones, shape ``[rows]``.
        vectors: The word vectors.
    """

    def __init__(self, network: RecurrentTagger, own: NDArray[np.int64], vectors: WordVectors) -> None:
        self.network = network
        self._own = own
        self.vectors = vectors

    def batch(self, texts: Sequence[Words]) -> WordBatch:
        """Pad texts into a batch."""
        shape = (len(texts), max(len(text) for text in texts))
        indices = np.full(shape, self.vectors.padding, dtype=np.int64)
        shapes, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.bool_)
        characters = np.zeros((*shape, WORD_LENGTH), dtype=np.int64)
        for row, text in enumerate(texts):
            end = len(text)
            indices[row, :end] = text.indices
            shapes[row, :end] = text.shapes
            characters[row, :end] = text.characters
            mask[row, :end] = True
        arrays = (indices, self._own[indices], shapes, characters, mask)
        return WordBatch(*(torch.from_numpy(array) for array in arrays))

    def predict(self, texts: Sequence[Words]) -> Iterator[tuple[Floats, Floats]]:
        """Yield for each text the tag distributions ``[words, tags]`` and event probabilities ``[events]``.

        Texts without words get empty distributions and no event.
        """
        self.network.eval()
        found: list[tuple[Floats, Floats]] = [
            (np.zeros((0, self.network.tags.out_features)), np.zeros(self.network.events.out_features))
        ] * len(texts)
        order = sorted((i for i, text in enumerate(texts) if len(text)), key=lambda i: len(texts[i]))
        with torch.inference_mode():
            for start in range(0, len(order), _PREDICTION_BATCH):
                chosen = order[start : start + _PREDICTION_BATCH]
                tags, events = self.network(self.batch([texts[i] for i in chosen]))
                tags, events = tags.softmax(dim=2).numpy(), events.sigmoid().numpy()
                for row, i in enumerate(chosen):
                    found[i] = (tags[row, : len(texts[i])], events[row])
        yield from found

    def save(self, path: Path) -> None:
        """Write a safetensors file, without the word vectors."""
        temporary = path.with_name(f"{path.name}.part")
        save_file({**self.network.state_dict(), "own_rows": torch.from_numpy(self._own)}, temporary)
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path, section: TeacherSection, vectors: WordVectors, scheme: LabelScheme) -> Teacher:
        """Read what :meth:`save` wrote.

        Raises:
            TeacherError: when the file is missing, or of another scheme, section or word vectors.
        """
        try:
            state = load_file(path)
            own = state.pop("own_rows").numpy()
            network = _network(section, vectors, int(own.max()) + 1, scheme)
            network.load_state_dict(state)
        except (OSError, SafetensorError, KeyError, RuntimeError) as error:
            raise TeacherError(f"{path}: no teacher that fits the recipe ({error})") from error
        return cls(network, own, vectors)


def ensemble(teachers: Sequence[Teacher], texts: Sequence[Words]) -> Iterator[tuple[Floats, Floats]]:
    """Yield the mean of what several teachers with the same vectors say of each text."""
    for answers in zip(*(teacher.predict(texts) for teacher in teachers), strict=True):
        yield (
            np.mean([tags for tags, _ in answers], axis=0),
            np.mean([events for _, events in answers], axis=0),
        )


def train_teacher(
    section: TeacherSection,
    lessons: Sequence[Lesson],
    vectors: WordVectors,
    scheme: LabelScheme,
    seed: int,
    say: Callable[[int, Teacher], None],
) -> Teacher:
    """Train one teacher.

    AdamW with linear warm-up and decay; the running average of the weights is what is returned. A share of
    the texts is read in upper case (and a third as many in lower case).

    Args:
        section: The recipe's section.
        lessons: The annotated texts.
        vectors: Word vectors.
        scheme: The label scheme.
        seed: Of every draw.
        say: Called after each epoch, with its number and the teacher so far.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    lessons = [lesson for lesson in lessons if len(lesson.words)]
    own = _own_rows(lessons, vectors)
    network = _network(section, vectors, int(own.max()) + 1, scheme)
    teacher = Teacher(network, own, vectors)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=section.learning_rate, betas=(0.9, 0.98), weight_decay=0.01
    )
    sampler = LengthSampler([len(lesson.words) for lesson in lessons], section.batch_size, seed)
    updates = section.epochs * math.ceil(len(lessons) / section.batch_size)
    average = [parameter.detach().clone() for parameter in network.parameters()]
    done = 0
    for epoch in range(section.epochs):
        network.train()
        sampler.set_epoch(epoch)
        order = list(sampler)
        for start in range(0, len(order), section.batch_size):
            chosen = [lessons[index] for index in order[start : start + section.batch_size]]
            texts = [_recased(lesson.words, vectors, section.recase_share, rng) for lesson in chosen]
            for group in optimizer.param_groups:
                group["lr"] = section.learning_rate * min(
                    1.0, (done + 1) / _WARMUP, max(0.02, 1 - done / updates)
                )
            loss = _loss(network(teacher.batch(texts)), chosen)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            done += 1
            decay = min(section.average_decay, (done + 1) / (done + 10))
            torch._foreach_lerp_(average, [p.detach() for p in network.parameters()], 1 - decay)
        with _weights(network, average, keep=epoch == section.epochs - 1):
            say(epoch + 1, teacher)
    return teacher


class _weights:  # noqa: N801 - a context manager
    """Puts weights into a network for a while, or for good."""

    def __init__(self, network: RecurrentTagger, weights: Sequence[Tensor], keep: bool) -> None:
        self._pairs = list(zip(network.parameters(), weights, strict=True))
        self._before = [] if keep else [parameter.detach().clone() for parameter, _ in self._pairs]

    def __enter__(self) -> None:
        with torch.no_grad():
            for parameter, average in self._pairs:
                parameter.copy_(average)

    def __exit__(self, *_: object) -> None:
        with torch.no_grad():
            for pair, weights in zip(self._pairs, self._before, strict=False):
                pair[0].copy_(weights)


def _loss(output: tuple[Tensor, Tensor], lessons: Sequence[Lesson]) -> Tensor:
    """Return ``-log`` of the probability of what is allowed, and the event loss."""
    tags, events = output
    places = torch.cat(
        [torch.arange(len(lesson.words)) + row * tags.shape[1] for row, lesson in enumerate(lessons)]
    )
    allowed = torch.from_numpy(np.concatenate([lesson.allowed for lesson in lessons]))
    log_probabilities = tags.flatten(0, 1)[places].log_softmax(dim=1)
    loss = -log_probabilities.masked_fill(~allowed, -torch.inf).logsumexp(dim=1).mean()
    if events.shape[1]:
        gold = torch.from_numpy(np.stack([lesson.events for lesson in lessons]))
        known = (gold != IGNORED).float()
        per_type = F.binary_cross_entropy_with_logits(events, gold.clamp(min=0), weight=known)
        loss = loss + _EVENT_WEIGHT * per_type
    return loss


def _recased(words: Words, vectors: WordVectors, share: float, rng: np.random.Generator) -> Words:
    """Return the words as they stand, or in upper or lower case."""
    chance = rng.random()
    if chance < share:
        return recase(words, vectors, upper=True)
    if chance < share * 4 / 3:
        return recase(words, vectors, upper=False)
    return words


def _own_rows(lessons: Sequence[Lesson], vectors: WordVectors) -> NDArray[np.int64]:
    """Number the words that are frequent enough in the lessons from 1; all others are 0."""
    counts = np.zeros(len(vectors.matrix), dtype=np.int64)
    for lesson in lessons:
        np.add.at(counts, lesson.words.indices, 1)
    frequent = counts >= _OWN_COUNT
    frequent[vectors.unknown :] = False
    own: NDArray[np.int64] = np.where(frequent, np.cumsum(frequent), 0)
    return own


def _network(
    section: TeacherSection, vectors: WordVectors, own_words: int, scheme: LabelScheme
) -> RecurrentTagger:
    return RecurrentTagger(
        torch.from_numpy(vectors.matrix),
        own_words,
        len(scheme.tags),
        len(scheme.events),
        hidden=section.hidden,
        layers=section.layers,
        dropout=section.dropout,
        word_dropout=section.word_dropout,
    )
