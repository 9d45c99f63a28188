"""Options, and values of options, that several commands share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

__all__ = [
    "CheckOption",
    "EngineName",
    "ModelOption",
    "NoVerifyOption",
    "OnError",
    "OverwriteOption",
    "ResumeOption",
    "SettingsOption",
]

ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", "-m", metavar="FOLDER", help="Checkpoint folder or hub id; the bundled model if not given."
    ),
]

NoVerifyOption = Annotated[
    bool,
    typer.Option("--no-verify", help="Use the model's files even if they do not match their checksums."),
]

SettingsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="PATH=VALUE", help="Override a field of the recipe: finetune.learning_rate=3.0e-4."
    ),
]

ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run.")]

OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace an existing checkpoint, or an interrupted run.")
]

CheckOption = Annotated[bool, typer.Option("--check", help="Only check the recipe, and print it resolved.")]


class EngineName(StrEnum):
    """What runs the network."""

    ONNX = "onnx"
    TORCH = "torch"


class OnError(StrEnum):
    """What to do with a record or file that cannot be read."""

    RAISE = "raise"
    SKIP = "skip"
