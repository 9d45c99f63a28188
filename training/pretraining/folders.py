"""The folders of a pre-training run: where it works, and the encoder, usable from the first save on."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..recipe import dump_recipe
from ..run_folder import RunFolder
from .sections import PretrainRecipe

__all__ = ["EncoderFolder"]

_OWN = "saved"  # marks that what is at OUTPUT is this run's


class EncoderFolder(RunFolder):
    """``OUTPUT``, an encoder that gets better, and ``OUTPUT.training`` beside it until the run is over.

    Args:
        output: The encoder folder to make, as the user wrote it.
    """

    @property
    def tokenizer(self) -> Path:
        """The tokenizer of the run."""
        return self.work / "tokenizer"

    @property
    def sequences(self) -> Path:
        """The packed corpus."""
        return self.work / "sequences"

    @property
    def vectors(self) -> Path:
        """What the embeddings begin with."""
        return self.work / "vectors.npy"

    @property
    def has_state(self) -> bool:
        """Whether there is something to go on from."""
        return any(self.state.glob("checkpoint-*"))

    def packed_documents(self) -> str | None:
        """Return the digest of the text that was packed here, ``None`` when there is none."""
        return self.documents() if self.sequences.is_dir() else None

    def begin(self, recipe: PretrainRecipe, *, resume: bool, overwrite: bool) -> None:
        """Make the working folder, and prove that it can be written.

        Args:
            recipe: The resolved recipe; limits and saving may differ from those of an interrupted run.
            resume: Whether to go on with an interrupted run.
            overwrite: Whether an existing encoder, or an interrupted run, may be replaced.

        Raises:
            OutputError: saying what is in the way, and what to type.
        """
        if not resume and not overwrite:
            self._check_leftovers(overwrite=False)
        is_own = resume and (self.work / _OWN).exists()
        record = dump_recipe(recipe, without={"limits", "saving"})
        self.prepare(record, resume=resume, overwrite=overwrite or is_own)

    def put(self) -> None:
        """Put the files of :attr:`checkpoint` in their places, so that ``OUTPUT`` is usable at any moment.

        A folder appears, or replaces another run's, as a whole. In this run's own, each file is replaced at
        once; those but the weights and the summary do not change.

        Raises:
            OSError: when that cannot be done.
        """
        mark = self.work / _OWN
        if mark.exists() and self._target.is_dir():
            for path in sorted(self.checkpoint.iterdir()):
                path.replace(self._target / path.name)
            return
        old = self.work / "replaced"
        if self._target.exists():
            shutil.rmtree(old, ignore_errors=True)
            self._target.replace(old)
        mark.touch()
        self.checkpoint.replace(self._target)
        shutil.rmtree(old, ignore_errors=True)

    def finish(self) -> None:
        """Add the log for TensorBoard to the encoder, and remove the working folder."""
        logs = self._target / "tensorboard"
        shutil.rmtree(logs, ignore_errors=True)
        shutil.copytree(self.tensorboard, logs)
        self.discard()
