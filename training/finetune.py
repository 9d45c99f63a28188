"""Fine-tuning: a recipe in, a checkpoint folder out."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from ..data.documents import Document, Span
from ..data.errors import ConflictnerError
from ..data.quotes import quote
from ..model.calibration import Calibration
from ..model.checkpoint import write_checksums
from ..model.export import EXPORTED, export_fp32, onnx_run, quantize_int8, share_equal
from ..model.network import TaggerNetwork
from ..model.network_files import save_network
from ..model.reading import Reading
from .arguments import training_arguments
from .calibration import calibrate
from .card import write_card
from .curves import draw_curves
from .disk import require_disk, writing
from .joining import Joining
from .loop import TaggerTrainer
from .parts import Parts, load_parts
from .passages import Collator, make_dataset
from .quiet import quiet_libraries
from .recipe import Recipe, dump_recipe
from .run_folder import OutputError, RunFolder
from .scoring import Scorer, torch_run

__all__ = ["OutputError", "TrainerBuilder", "finetune"]

#: Makes trainer and scorer of: recipe, parts, the Trainer's arguments, folders, and a place for notes.
TrainerBuilder = Callable[[Any, Parts, Any, RunFolder, Callable[[str], None]], tuple[TaggerTrainer, Scorer]]
_AT_THE_END = ("export", "card")  # sections that the weights do not depend on
_BYTES_A_PARAMETER = 40  # weights, their average and two moments, a new state beside the old; the best epoch
_WEIGHT_TYPES = {"fp32": torch.float32, "fp16": torch.float16}


def _nothing(*_: object) -> None:
    """Do nothing with what is said or finished."""


def finetune(
    recipe: Recipe,
    *,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = False,
    say: Callable[[str], None] = _nothing,
    finish: Callable[[Path, Sequence[Document]], None] = _nothing,
    build: TrainerBuilder | None = None,
) -> Path:
    """Fine-tune a token classifier and write its checkpoint folder.

    While it runs, ``OUTPUT.training`` holds what is needed to resume; the checkpoint appears under its own
    name only when it is complete. The same recipe on the same machine gives the same weights, also when
    interrupted and resumed. Several processes, as ``torchrun`` starts them, share the work.

    Args:
        recipe: The resolved recipe.
        resume: Whether to go on from an interrupted run of the same recipe; the sections ``export`` and
            ``card`` may have changed.
        overwrite: Whether an existing checkpoint folder may be replaced.
        progress: Whether to show a progress bar on stderr.
        say: Receives one line a stage.
        finish: Called with the complete folder and the dev documents before the folder is put in place, to
            add to it, such as scores to the model card.
        build: Makes the trainer, where it is to be another than that of annotated documents.

    Returns:
        The checkpoint folder.

    Raises:
        ConflictnerError: before the first step, for anything in the recipe or the data that cannot work;
            later when the loss diverges or the disk is full.
    """
    folder = RunFolder(recipe.output)
    arguments = training_arguments(recipe.finetune, folder.state, progress)
    is_first = arguments.process_index == 0
    make = build or _make_trainer
    with quiet_libraries(), writing(folder.output):
        if is_first:
            record = dump_recipe(recipe, without=_AT_THE_END)
            folder.prepare(record, resume=resume, overwrite=overwrite)
        try:
            with arguments.main_process_first(local=False):
                parts = load_parts(recipe, folder.encoder)
                if is_first:
                    folder.check_documents(parts.digest())
                    _check_end(recipe, parts.network, folder)
                trainer, scorer = make(recipe, parts, arguments, folder, say if is_first else _nothing)
            trainer.dry_run()
            scores = trainer.run(resume)
        except ConflictnerError:
            if not resume and is_first:
                folder.discard()
            raise
        except KeyboardInterrupt:
            if is_first:
                say(f"interrupted; {folder.work} keeps the finished epochs: add --resume to go on")
            raise
        if is_first:
            say(f"best epoch {scores['epoch']:.0f}: dev micro F1 {scores['f1']:.4f}")
            _write_checkpoint(recipe, parts, trainer, scorer, scores, folder, say)
            finish(folder.checkpoint, parts.dev)
            folder.publish()
        trainer.accelerator.wait_for_everyone()
    return folder.output


def _check_end(recipe: Recipe, network: TaggerNetwork, folder: RunFolder) -> None:
    """Make sure that there will be room for what is trained, and that it can be exported."""
    parameters = sum(value.numel() for value in network.parameters())
    require_disk(folder.output, _BYTES_A_PARAMETER * parameters - folder.size())
    if recipe.export.onnx != "none" and network.tagger.config.model_type not in EXPORTED:
        with tempfile.TemporaryDirectory(dir=folder.work) as trial:
            export_fp32(network, Path(trial) / "model.onnx", recipe.windows.max_length)


def _make_trainer(
    recipe: Recipe, parts: Parts, arguments: Any, folder: RunFolder, say: Callable[[str], None]
) -> tuple[TaggerTrainer, Scorer]:
    """Encode the documents, and say what there is to say about them."""
    dataset = make_dataset(parts.lessons, parts.encoder, parts.scheme)
    if dataset.targets is not None:
        parts.network.targets = torch.from_numpy(dataset.targets)
    scorer = Scorer(parts.dev, parts.encoder, parts.scheme, parts.pad_id)
    windows = len(dataset.rows)
    lessons = f"{len(parts.train)} documents to train on"
    if parts.variants:
        lessons += f" and {len(parts.variants)} changed variants of them"
    say(f"{lessons}, as {windows} windows; {len(parts.dev)} to select on")
    for note in parts.notes():
        say(note)
    _say_off_borders("training", "are learned as the whole words they touch", dataset.off_borders, say)
    _say_off_borders("dev", "cannot be found", scorer.off_borders, say)
    section = recipe.finetune
    collator = Collator(
        parts.pad_id, parts.mask_id, section.word_dropout, special_ids=parts.tokenizer.all_special_ids
    )
    trainer = TaggerTrainer(
        parts.network,
        arguments,
        dataset.rows,
        Joining(collator, section.join_share, parts.encoder),
        scorer,
        section,
        folder.tensorboard,
        say,
    )
    return trainer, scorer


def _say_off_borders(
    what: str, fate: str, found: Sequence[tuple[Document, Span]], say: Callable[[str], None]
) -> None:
    if found:
        document, span = found[0]
        first = f"{span.start}:{span.end} {quote(document.text[span.start : span.end])}"
        say(
            f"note: {len(found)} {what} spans do not begin and end with a word and {fate}; the first is "
            f"{first} of document {quote(document.id)}"
        )


def _write_checkpoint(
    recipe: Recipe,
    parts: Parts,
    trainer: TaggerTrainer,
    scorer: Scorer,
    scores: dict[str, Any],
    folder: RunFolder,
    say: Callable[[str], None],
) -> None:
    """Calibrate, export, and write all files of the checkpoint folder."""
    target = folder.checkpoint
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    network = parts.network.to("cpu").eval()
    reading = scorer.read(torch_run(network, torch.device("cpu")))
    calibration = calibrate(scorer, reading)
    _save(recipe, parts, network, calibration, target)
    history = [_finite(row) for row in trainer.state.log_history]
    summary = {
        "best_epoch": scores["epoch"],
        "dev": scorer.score(reading).to_dict(),
        "parameters": sum(p.numel() for p in network.parameters()),
        "documents": {"train": len(parts.train), "dev": len(parts.dev)},
        "onnx": _export(recipe, network, scorer, reading, calibration, target, say),
        "history": history,
    }
    (target / "training_summary.json").write_text(
        json.dumps(summary, indent=2, allow_nan=False) + "\n", encoding="utf-8"
    )
    draw_curves(history, target / "learning_curves.png")
    shutil.copytree(folder.tensorboard, target / "tensorboard")
    write_checksums(target)
    write_card(target, {})


def _save(
    recipe: Recipe, parts: Parts, network: TaggerNetwork, calibration: Calibration, target: Path
) -> None:
    """Write everything but the ONNX file."""
    save_network(
        network,
        target,
        max_length=recipe.windows.max_length,
        overlap=recipe.windows.overlap,
        dtype=_WEIGHT_TYPES[recipe.export.weights],
    )
    parts.tokenizer.save_pretrained(target)
    (target / "calibration.json").write_text(
        json.dumps(calibration.to_dict(), indent=2) + "\n", encoding="utf-8"
    )
    (target / "training_config.yaml").write_text(dump_recipe(recipe), encoding="utf-8")


def _export(
    recipe: Recipe,
    network: TaggerNetwork,
    scorer: Scorer,
    own: Reading,
    calibration: Calibration,
    target: Path,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Write ``model.onnx``, if it is wanted, and return how it compares on the dev documents."""
    if recipe.export.onnx == "none":
        return {"type": "none"}
    path = target / "model.onnx"
    export_fp32(network, path, recipe.windows.max_length)
    exported = scorer.read(onnx_run(path))
    full = scorer.score(exported, calibration).micro.f1
    equal = share_equal(own, exported, scorer.scheme, calibration.temperature)
    result: dict[str, Any] = {"type": "fp32", "dev_f1_fp32": full, "dev_equal_to_torch_fp32": equal}
    if recipe.export.onnx == "int8":
        small = target / "model.int8.onnx"
        quantize_int8(path, small)
        reduced = scorer.score(scorer.read(onnx_run(small)), calibration).micro.f1
        result["dev_f1_int8"] = reduced
        if full - reduced <= recipe.export.int8_tolerance:
            small.replace(path)
            result["type"] = "int8"
        else:
            small.unlink()
            most = recipe.export.int8_tolerance
            say(f"int8 loses {full - reduced:.4f} of dev F1, more than {most}: fp32 is kept")
    say(f"model.onnx is {result['type']}, {path.stat().st_size / 1e6:.1f} MB")
    return result


def _finite(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what JSON cannot write, such as the norm of a gradient that overflowed in fp16."""
    return {
        name: value for name, value in row.items() if not isinstance(value, float) or math.isfinite(value)
    }
