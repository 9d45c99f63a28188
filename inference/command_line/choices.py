"""Options, and values of options, that several commands share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

__all__ = ["EngineName", "ModelOption", "NoVerifyOption", "OnError"]

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


class EngineName(StrEnum):
    """What runs the network."""

    ONNX = "onnx"
    TORCH = "torch"


class OnError(StrEnum):
    """What to do with a record or file that cannot be read."""

    RAISE = "raise"
    SKIP = "skip"
