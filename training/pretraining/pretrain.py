"""Pre-training: a recipe in, an encoder folder out, usable from its first save on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ...data.errors import ConflictnerError
from ..disk import writing
from ..quiet import quiet_libraries
from .checks import check_run, require_room, resolve_device
from .corpus import Corpus
from .folders import EncoderFolder
from .processes import Processes
from .run import PretrainingRun
from .sections import PretrainRecipe

__all__ = ["check", "pretrain"]


def _nothing(*_: object) -> None:
    """Do nothing with what is said."""


def check(recipe: PretrainRecipe, *, say: Callable[[str], None] = _nothing) -> None:
    """Check all that a recipe names and asks for, reading all of its text, and write nothing.

    Args:
        recipe: The resolved recipe.
        say: Receives what was found.

    Raises:
        ConflictnerError: for the first thing that cannot work.
    """
    with quiet_libraries():
        findings = check_run(recipe, Corpus(recipe.corpus, recipe.pretrain.seed), say=say)
    require_room(recipe, EncoderFolder(recipe.output).output, findings)
    say(findings.line())


def pretrain(
    recipe: PretrainRecipe,
    *,
    resume: bool = False,
    overwrite: bool = False,
    pack_only: bool = False,
    progress: bool = False,
    say: Callable[[str], None] = _nothing,
) -> Path:
    """Pre-train an encoder and write its folder.

    The folder appears at the first save and is complete from then on; ``OUTPUT.training`` beside it holds
    what is needed to resume, until the run is over. A run that is cut off at any moment loses what came after
    the last save, and nothing else. With a limit of text alone, the same recipe on the same machine gives the
    same weights in fp32, also when interrupted and resumed. Several processes, as ``torchrun`` or
    ``accelerate launch`` start them, share the work.

    Args:
        recipe: The resolved recipe.
        resume: Whether to go on from an interrupted run; its limits and saving may have changed.
        overwrite: Whether an existing encoder folder may be replaced.
        pack_only: Whether to stop before the first step, when tokenizer, packed text and word vectors lie in
            ``OUTPUT.training``. Copied to another machine, that folder goes on with ``resume``, without the
            text.
        progress: Whether to show progress bars on stderr.
        say: Receives one line a stage.

    Returns:
        The encoder folder; with ``pack_only`` that in which the run can go on.

    Raises:
        ConflictnerError: before the first step, for anything in the recipe or the text that cannot work;
            later when the loss diverges or the disk is full.
    """
    folder = EncoderFolder(recipe.output)
    processes = Processes(resolve_device(recipe)[0])
    with quiet_libraries(), writing(folder.output):
        if processes.is_first:
            folder.begin(recipe, resume=resume, overwrite=overwrite)
        try:
            with processes.first_goes_first():
                said = say if processes.is_first else _nothing
                run = PretrainingRun(recipe, folder, processes, progress, said, trains=not pack_only)
            if pack_only:
                return folder.work
            run.train()
        except ConflictnerError:
            if processes.is_first and not resume and not folder.has_state:
                folder.discard()
            raise
        except KeyboardInterrupt:
            if processes.is_first:
                say(f"interrupted; {folder.work} keeps what was saved: add --resume to go on")
            raise
    return folder.output
