"""Options, and values of options, that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "BatchTokensOption",
    "CheckOption",
    "DeviceOption",
    "EngineName",
    "EngineOption",
    "ModelOption",
    "NoVerifyOption",
    "OnError",
    "OverwriteOption",
    "ResumeOption",
    "SettingsOption",
    "TextColumnOption",
    "ThreadsOption",
    "ThresholdFileOption",
    "ThresholdOption",
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

ResumeOption = Annotated[
    bool, typer.Option("--resume", help="Go on with an interrupted run; export and card may differ.")
]

OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace an existing checkpoint, or an interrupted run.")
]

CheckOption = Annotated[bool, typer.Option("--check", help="Only check the recipe, and print it resolved.")]

TextColumnOption = Annotated[
    str, typer.Option(metavar="NAME", help="The column, or JSON field, with the text.")
]

ThresholdOption = Annotated[
    list[str] | None,
    typer.Option(
        "--threshold",
        "-t",
        metavar="[LABEL=]SCORE",
        help="Leave out spans with a lower score, from 0 to 1, of one label or of all; the model's own "
        "if not given, 0 for every span. May be repeated.",
    ),
]

ThresholdFileOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Thresholds to use, as evaluate --write-thresholds writes them.",
        show_default=False,
    ),
]

DeviceOption = Annotated[
    str, typer.Option(metavar="DEVICE", help="Where it runs: cpu, or cuda where the engine has it.")
]

ThreadsOption = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="Processor threads; one per core if not given.")
]

BatchTokensOption = Annotated[
    int,
    typer.Option(
        metavar="N", min=1, help="Most word pieces the network reads at once; fewer need less memory."
    ),
]


class EngineName(StrEnum):
    """What runs the network."""

    ONNX = "onnx"
    TORCH = "torch"


class OnError(StrEnum):
    """What to do with a record or file that cannot be read."""

    RAISE = "raise"
    SKIP = "skip"


EngineOption = Annotated[
    EngineName | None,
    typer.Option(
        help="What runs the network; torch needs the train extra.", show_default="onnx where the model has it"
    ),
]
