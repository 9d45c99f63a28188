"""The folders of a training run: where it works, and where the finished checkpoint appears."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from ..data.errors import ConflictnerError
from ..data.output import open_output

__all__ = ["OutputError", "RunFolder"]

_RECIPE = "recipe.yaml"
_DIGEST = "documents.sha256"
_MARKS = frozenset({"training_config.yaml", "config.json"})  # a folder with one of these is a checkpoint
_ANOTHER = "name another: --set output=FOLDER"


class OutputError(ConflictnerError):
    """An output folder that exists already, cannot be written, or holds something else."""


class RunFolder:
    """``OUTPUT``, and ``OUTPUT.training`` beside it while a run is under way.

    What is at ``OUTPUT`` stays untouched until :meth:`publish` puts the finished checkpoint in its place.

    Args:
        output: The checkpoint folder to make, as the user wrote it.

    Raises:
        OutputError: when the path is no name for a folder, such as ``/``.
    """

    def __init__(self, output: str) -> None:
        self.output = Path(output).expanduser()
        target = self.output
        if target.is_symlink() or target.name in ("", ".."):
            target = Path(os.path.realpath(target))
        if not target.name:
            raise OutputError(f"output {output} is no name for a folder; {_ANOTHER}")
        self._target = target
        self.work = target.with_name(f"{target.name}.training")

    @property
    def state(self) -> Path:
        """What is needed to resume."""
        return self.work / "state"

    @property
    def encoder(self) -> Path:
        """An encoder that is built for the run."""
        return self.work / "encoder"

    @property
    def tensorboard(self) -> Path:
        """The log for TensorBoard."""
        return self.work / "tensorboard"

    @property
    def checkpoint(self) -> Path:
        """The checkpoint while it is written; it bears its final name already."""
        return self.work / "checkpoint" / self._target.name

    def prepare(self, recipe: str, *, resume: bool, overwrite: bool) -> None:
        """Make the working folder, and prove that it can be written.

        Args:
            recipe: What must not change until the run is over, as text.
            resume: Whether to go on in the working folder of an interrupted run.
            overwrite: Whether an existing checkpoint, or an interrupted run, may be replaced.

        Raises:
            OutputError: saying what is in the way, and what to type.
        """
        try:
            self._check_target(overwrite)
            if resume:
                self._check_record(recipe)
            else:
                self._check_leftovers(overwrite)
                if self.work.exists():
                    shutil.rmtree(self.work)
            self.work.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.work):
                pass
            if not resume:
                (self.work / _RECIPE).write_text(recipe, encoding="utf-8")
        except OSError as error:
            raise OutputError(
                f"output {self.output} cannot be written ({error.strerror}); {_ANOTHER}"
            ) from error

    def check_documents(self, digest: str) -> None:
        """Make sure that a resumed run reads the documents it began with.

        Raises:
            OutputError: when it does not.
        """
        begun = self.documents()
        if begun is None:
            with open_output(self.work / _DIGEST) as file:
                file.write(digest)
        elif begun != digest:
            raise OutputError(
                f"the documents have changed since {self.work} began; bring them back, or run without "
                "--resume"
            )

    def documents(self) -> str | None:
        """Return the digest of the documents that a run in the working folder began with, if there is one."""
        record = self.work / _DIGEST
        return record.read_text(encoding="utf-8") if record.exists() else None

    def size(self) -> int:
        """Return how many bytes of the disk the working folder has taken."""
        return sum(path.stat().st_size for path in self.work.rglob("*") if path.is_file())

    def publish(self) -> None:
        """Put the finished checkpoint in the place of ``OUTPUT``, and remove the working folder.

        Raises:
            OutputError: when that cannot be done; then what was there stays.
        """
        old = self.work / "replaced"
        try:
            if self._target.exists():
                self._target.replace(old)
            try:
                self.checkpoint.replace(self._target)
            except OSError:
                if old.exists():
                    old.replace(self._target)
                raise
        except OSError as error:
            raise OutputError(
                f"output {self.output} cannot be written ({error.strerror}); the checkpoint is "
                f"{self.checkpoint}"
            ) from error
        self.discard()

    def discard(self) -> None:
        """Remove the working folder, the recipe last: it tells what is left when this is cut off."""
        for path in self.work.glob("*"):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
        shutil.rmtree(self.work, ignore_errors=True)

    def _check_target(self, overwrite: bool) -> None:
        """Refuse an output that is in use, or that is no checkpoint."""
        if not self._target.exists():
            return
        if not self._target.is_dir():
            raise OutputError(f"output {self.output} is a file; {_ANOTHER}")
        present = {path.name for path in self._target.iterdir()}
        if present and present.isdisjoint(_MARKS):
            raise OutputError(
                f"output {self.output} is a folder with other files than a checkpoint's; {_ANOTHER}"
            )
        if present and not overwrite:
            raise OutputError(
                f"output {self.output} exists already; add --overwrite to replace it, or {_ANOTHER}"
            )

    def _check_record(self, recipe: str) -> None:
        """Refuse to resume what was not begun, or was begun by another recipe."""
        record = self.work / _RECIPE
        if not record.is_file():
            raise OutputError(f"nothing to resume: {self.work} holds no training; run without --resume")
        if record.read_text(encoding="utf-8") != recipe:
            raise OutputError(
                f"{record} is another recipe than this; go on with that, or run without --resume"
            )

    def _check_leftovers(self, overwrite: bool) -> None:
        """Refuse to lose an interrupted run, or a folder that is none."""
        if not self.work.exists():
            return
        if not self.work.is_dir() or (any(self.work.iterdir()) and not (self.work / _RECIPE).is_file()):
            raise OutputError(f"{self.work} is in the way and is no training's; move it, or {_ANOTHER}")
        if any(self.state.glob("checkpoint-*")) and not overwrite:
            raise OutputError(
                f"{self.work} holds an interrupted training; add --resume to go on with it, or --overwrite "
                "to start again"
            )
