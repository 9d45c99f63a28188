"""What the commands that train have in common: the packages they need, and where they report."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from ...data.errors import ConflictnerError

__all__ = ["TRAINING", "need_extra", "say"]

#: Packages that training needs, beside the light set.
TRAINING = (
    "accelerate",
    "datasets",
    "matplotlib",
    "onnx",
    "safetensors",
    "tensorboard",
    "torch",
    "transformers",
)


def need_extra(packages: Sequence[str] = TRAINING, extra: str = "train", what: str = "training") -> None:
    """Make sure that packages are installed.

    Raises:
        ConflictnerError: naming those that are not, and what to type.
    """
    from importlib.util import find_spec

    lacking = [name for name in packages if find_spec(name) is None]
    if lacking:
        raise ConflictnerError(f"{what} needs {', '.join(lacking)}: pip install 'conflictner[{extra}]'")


def say(line: str) -> None:
    """Report a stage on the standard error."""
    from ...data.quotes import printable

    typer.echo(printable(line), err=True)
