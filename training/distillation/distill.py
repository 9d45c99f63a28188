"""Distillation: teachers learn from annotated passages and label open text, from which a student learns."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...data.documents import Document
from ...data.jsonl import read_jsonl, write_jsonl
from ...data.text_files import check_text_file
from ...data.words import word_offsets
from ...model.reading import Reading
from ...model.windows import TokenizedText
from ..finetune import finetune
from ..joining import Joining
from ..loop import TaggerTrainer
from ..parts import Parts
from ..passages import read_annotated
from ..recipe import resolve_path
from ..run_folder import RunFolder
from ..scoring import Scorer
from .event_stage import train_event_head
from .loop import SoftTrainer
from .opinions import Opinion, Opinions, gather, mean_opinion
from .readers import Reader, open_checkpoint
from .recipe import DistillRecipe
from .retyping import Retyper
from .sections import SilverSection, VectorsSection
from .shelf import Shelf, file_digest
from .silver import draw_passages
from .soft_rows import SoftCollator, SoftRows
from .teachers import Floats, Lesson, Teacher, ensemble, train_teacher
from .vectors import WordVectors, train_vectors
from .words import see_words

__all__ = ["distill"]

_LABELLED_AT_ONCE = 8192  # passages
_OF_CHECKPOINTS = {"checkpoints", "checkpoint_weight"}  # fields that the recurrent teachers do not depend on
_GOLD_NUMBER = 1 << 32  # of the first annotated passage, beyond those of open text


def _nothing(*_: object) -> None:
    """Do nothing with what is said or finished."""


def distill(
    recipe: DistillRecipe,
    *,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = False,
    say: Callable[[str], None] = _nothing,
    finish: Callable[[Path, Sequence[Document]], None] = _nothing,
) -> Path:
    """Train teachers, let them label open text, train the student on it, and write its checkpoint folder.

    Word vectors, teachers and labelled passages are kept in the folder ``recipe.parts``, each under a name
    with a digest of all it was made from, and taken from there when they exist; so an interrupted run goes on
    where it was, and several students can learn from the same teachers.

    Args:
        recipe: The resolved recipe.
        resume: Whether to go on from an interrupted training of the student.
        overwrite: Whether an existing checkpoint folder may be replaced.
        progress: Whether to show a progress bar on stderr.
        say: Receives one line a stage.
        finish: As :func:`finetune` has it.

    Returns:
        The checkpoint folder.

    Raises:
        ConflictnerError: before time is spent, for anything in the recipe or the data that cannot work.
    """
    for path in {*_files(recipe.vectors), *_files(recipe.silver)}:
        check_text_file(path)
    return finetune(
        recipe,
        resume=resume,
        overwrite=overwrite,
        progress=progress,
        say=say,
        finish=finish,
        build=_make_trainer,
    )


def _make_trainer(
    recipe: DistillRecipe, parts: Parts, arguments: Any, folder: RunFolder, say: Callable[[str], None]
) -> tuple[TaggerTrainer, Scorer]:
    """Make the student's trainer, and what it learns from."""
    section = recipe.finetune
    scorer = Scorer(parts.dev, parts.encoder, parts.scheme, parts.pad_id)
    retyper = Retyper(recipe.retyping, parts.train, parts.scheme)
    rows = _labelled_rows(recipe, parts, retyper, scorer, say)
    for repeat in range(recipe.silver.gold_repeats):
        rows = rows + _gold_rows(parts, retyper, repeat)
    say(f"the student learns from {len(rows)} windows")
    collator = SoftCollator(
        parts.pad_id, parts.mask_id, section.word_dropout, parts.tokenizer.all_special_ids
    )
    joining = Joining(collator, section.join_share, parts.encoder)
    trainer = SoftTrainer(parts.network, arguments, rows, joining, scorer, section, folder.tensorboard, say)
    trainer.finish = lambda: _event_stage(recipe, parts, say)
    return trainer, scorer


def _event_stage(recipe: DistillRecipe, parts: Parts, say: Callable[[str], None]) -> None:
    """Let the event head learn from the annotated passages, which the teachers read worse than annotators."""
    if recipe.event_stage.epochs and parts.network.event_head is not None:
        train_event_head(recipe.event_stage, parts, recipe.finetune.seed)
        say("the event head has learned from the annotated passages")


def _labelled_rows(
    recipe: DistillRecipe, parts: Parts, retyper: Retyper, scorer: Scorer, say: Callable[[str], None]
) -> SoftRows:
    """Return windows of open text with all teachers' soft labels, made now or taken from the shelf."""
    section, shelf = recipe.teachers, Shelf(recipe.parts)
    checkpoints = [open_checkpoint(folder, parts.scheme) for folder in section.checkpoints]
    silver = shelf.get(
        "silver",
        ".jsonl",
        [recipe.silver.model_dump(), *map(file_digest, _files(recipe.silver))],
        lambda path: _write_silver(recipe, path, say),
    )
    recurrent = _recurrent_opinions(recipe, parts, shelf, silver, scorer, say) if section.count else None

    def write(path: Path) -> None:
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        readers = [Reader(checkpoint, device) for checkpoint in checkpoints]
        opinions = _all_opinions(recurrent, section.count, readers, section.checkpoint_weight, silver)
        SoftRows.of(parts.encoder, _typed(parts, retyper, read_jsonl(silver), opinions)).save(path)

    ingredients = [
        silver.name,
        None if recurrent is None else [recurrent.name, section.count],
        [file_digest(checkpoint.folder / "model.safetensors") for checkpoint in checkpoints],
        section.checkpoint_weight,
        recipe.retyping.model_dump(),
        recipe.windows.model_dump(),
        parts.digest(),
        parts.encoder.tokenizer.to_str(),
    ]
    return SoftRows.load(shelf.get("labelled", ".safetensors", ingredients, write))


def _recurrent_opinions(
    recipe: DistillRecipe,
    parts: Parts,
    shelf: Shelf,
    silver: Path,
    scorer: Scorer,
    say: Callable[[str], None],
) -> Path:
    """Return a file with the recurrent teachers' mean opinions, made now or taken from the shelf."""

    def write(path: Path) -> None:
        vectors, teachers = _teachers(recipe, parts, shelf, scorer, say)
        Opinions.of(_read_recurrently(teachers, vectors, read_jsonl(silver))).save(path)

    ingredients = [
        silver.name,
        recipe.vectors.model_dump(),
        recipe.teachers.model_dump(exclude=_OF_CHECKPOINTS),
        [file_digest(path) for path in _files(recipe.vectors)],
        parts.digest(),
    ]
    return shelf.get("opinions", ".safetensors", ingredients, write)


def _all_opinions(
    recurrent: Path | None, count: int, readers: Sequence[Reader], weight: float, silver: Path
) -> Iterator[Opinion]:
    """Yield the mean opinion of all teachers on each passage; that of a checkpoint counts ``weight``-fold."""
    weights = [float(count)] * (recurrent is not None) + [weight] * len(readers)
    documents = read_jsonl(silver)
    heard = iter(Opinions.load(recurrent)) if recurrent is not None else None
    while group := list(islice(documents, _LABELLED_AT_ONCE)):
        sources = [reader.opinions(group) for reader in readers]
        if heard is not None:
            sources.insert(0, islice(heard, len(group)))
        for opinions in zip(*sources, strict=True):
            yield mean_opinion(opinions, weights)


def _typed(
    parts: Parts,
    retyper: Retyper,
    documents: Iterable[Document],
    opinions: Iterable[Opinion],
    first: int = 0,
) -> Iterator[tuple[TokenizedText, Floats, Floats]]:
    """Yield passages as the student is to see them, tokenised, with the opinions on their words."""
    for number, (document, opinion) in enumerate(zip(documents, opinions, strict=True), start=first):
        text, (tags, events) = retyper.retype(number, document.text, opinion) or (document.text, opinion)
        tokens = parts.encoder.tokenize(text)
        words = np.array(word_offsets(text), dtype=np.int64).reshape(-1, 2)
        yield tokens, gather(tags, words, tokens.words), events


def _write_silver(recipe: DistillRecipe, path: Path, say: Callable[[str], None]) -> None:
    """Draw passages from open text."""
    names = recipe.silver.exclude
    exclude = read_annotated(names, recipe.scheme, "silver.exclude") if names else []
    drawn = draw_passages(recipe.silver, _files(recipe.silver), (document.text for document in exclude))
    write_jsonl(path, drawn)
    say(f"{len(drawn)} passages of open text for the teachers to label")


def _teachers(
    recipe: DistillRecipe, parts: Parts, shelf: Shelf, scorer: Scorer, say: Callable[[str], None]
) -> tuple[WordVectors, list[Teacher]]:
    """Return the word vectors and the teachers, made now or taken from the shelf."""
    section, scheme = recipe.teachers, parts.scheme

    def write_vectors(path: Path) -> None:
        say("word vectors are trained")
        workers = os.cpu_count() or 1
        train_vectors(recipe.vectors, _files(recipe.vectors), workers, shelf.folder).save(path)

    sums = [file_digest(path) for path in _files(recipe.vectors)]
    file = shelf.get("vectors", ".safetensors", [recipe.vectors.model_dump(), *sums], write_vectors)
    vectors = WordVectors.load(file)
    lessons: list[Lesson] = []
    teachers = []
    for number in range(section.count):
        seed = section.seed + number

        def write_teacher(path: Path, number: int = number, seed: int = seed) -> None:
            if not lessons:
                texts = ((document, parts.encoder.tokenize(document.text)) for document in parts.lessons)
                lessons.extend(Lesson.of(document, text, vectors, scheme) for document, text in texts)

            def report(epoch: int, teacher: Teacher) -> None:
                if epoch == section.epochs:
                    f1 = _dev_f1(teacher, scorer)
                    say(f"teacher {number + 1} of {section.count}: dev micro F1 {f1:.4f}")

            train_teacher(section, lessons, vectors, scheme, seed, report).save(path)

        alone = section.model_copy(update={"seed": seed, "count": 1})
        own = alone.model_dump(exclude=_OF_CHECKPOINTS)
        path = shelf.get("teacher", ".safetensors", [own, file.name, parts.digest()], write_teacher)
        teachers.append(Teacher.load(path, section, vectors, scheme))
    return vectors, teachers


def _dev_f1(teacher: Teacher, scorer: Scorer) -> float:
    """Score a teacher on the dev documents, as the student is."""
    texts = [
        see_words(_surfaces(document.text, text), teacher.vectors)
        for document, text in zip(scorer.documents, scorer.texts, strict=True)
    ]
    answers = list(teacher.predict(texts))
    begins = np.append(0, np.cumsum([len(tags) for tags, _ in answers]))
    tags = np.log(np.maximum(np.concatenate([tags for tags, _ in answers]), 1e-12))
    events = np.stack([events for _, events in answers])
    reading = Reading(scorer.texts, begins, tags, np.log(events) - np.log1p(-events))
    return scorer.score(reading).micro.f1


def _read_recurrently(
    teachers: Sequence[Teacher], vectors: WordVectors, documents: Iterator[Document]
) -> Iterator[Opinion]:
    """Yield the recurrent teachers' mean opinion on each passage."""
    while group := list(islice(documents, _LABELLED_AT_ONCE)):
        words = [
            see_words([document.text[begin:end] for begin, end in word_offsets(document.text)], vectors)
            for document in group
        ]
        yield from ensemble(teachers, words)


def _gold_rows(parts: Parts, retyper: Retyper, repeat: int) -> SoftRows:
    """Return the annotated passages as rows of the same kind: all probability on what is allowed."""
    scheme = parts.scheme

    def opinion(document: Document) -> Opinion:
        allowed = scheme.allowed(document.spans, word_offsets(document.text), None).astype(np.float64)
        events = np.array([name in document.events for name in scheme.events], dtype=np.float64)
        return allowed / allowed.sum(axis=1, keepdims=True), events

    complete = [document for document in parts.lessons if document.annotated is None]
    first = _GOLD_NUMBER + repeat * len(complete)
    return SoftRows.of(parts.encoder, _typed(parts, retyper, complete, map(opinion, complete), first))


def _surfaces(text: str, tokens: TokenizedText) -> list[str]:
    return [text[begin:end] for begin, end in tokens.words.tolist()]


def _files(section: VectorsSection | SilverSection) -> list[Path]:
    return [resolve_path(source.path) for source in section.files]
