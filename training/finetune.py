"""Fine-tuning: a recipe in, a checkpoint folder out."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from ..data.documents import Document
from ..data.errors import ConflictnerError
from ..model.checkpoint import Calibration, CheckpointError, write_checksums
from ..model.export import export_fp32, onnx_run, quantize_int8
from ..model.labels import LabelScheme
from ..model.network import TaggerNetwork, build_network, save_network
from ..model.windows import WindowEncoder
from .calibration import calibrate
from .curves import draw_curves
from .loop import TaggerTrainer, training_arguments
from .new_encoder import build_encoder
from .passages import Collator, load_split, make_dataset
from .recipe import Recipe, dump_recipe
from .scoring import Scorer, torch_run

__all__ = ["OutputError", "finetune"]

_WEIGHT_TYPES = {"fp32": torch.float32, "fp16": torch.float16}


class OutputError(ConflictnerError):
    """An output folder that exists already or cannot be written."""


@dataclass(frozen=True)
class _Parts:
    """What a run needs before its first step."""

    network: TaggerNetwork
    tokenizer: Any
    encoder: WindowEncoder
    scheme: LabelScheme
    train: list[Document]
    dev: list[Document]

    @property
    def pad_id(self) -> int:
        return int(self.tokenizer.pad_token_id or 0)


def finetune(
    recipe: Recipe,
    *,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Path:
    """Fine-tune a token classifier and write its checkpoint folder.

    While it runs, ``OUTPUT.training`` holds what is needed to resume; the checkpoint appears under its own name only
    when it is complete. The same recipe on the same machine gives the same weights, also when interrupted and resumed.

    Args:
        recipe: The resolved recipe.
        resume: Whether to go on from an interrupted run of the same recipe.
        overwrite: Whether an existing output folder may be replaced.
        progress: Whether to show a progress bar on stderr.
        say: Receives one line a stage.

    Returns:
        The checkpoint folder.

    Raises:
        ConflictnerError: before the first step, for anything in the recipe or the data that cannot work; later when
            the loss diverges.
    """
    output, work = _prepare_output(recipe, resume, overwrite)
    with _quiet_transformers():
        transformers.set_seed(recipe.finetune.seed)
        parts = _load_parts(recipe, work)
        say(f"{len(parts.train)} documents to train on, {len(parts.dev)} to select on")
        dataset = make_dataset(parts.train, parts.encoder, parts.scheme)
        scorer = Scorer(parts.dev, parts.encoder, parts.scheme, parts.pad_id)
        collator = Collator(parts.pad_id, _mask_id(parts.tokenizer), recipe.finetune.word_dropout)
        trainer = TaggerTrainer(
            parts.network,
            training_arguments(recipe.finetune, work / "state", progress),
            dataset,
            collator,
            scorer,
            recipe.finetune.average_decay,
            work / "tensorboard",
            progress,
        )
        _dry_run(trainer, dataset)
        scores = trainer.run(resume)
        say(f"best epoch {scores['epoch']:.0f}: dev micro F1 {scores['f1']:.4f}")
        if trainer.is_world_process_zero():
            _finish(recipe, parts, trainer, scorer, scores, output, work, say)
    return output


def _finish(
    recipe: Recipe,
    parts: _Parts,
    trainer: TaggerTrainer,
    scorer: Scorer,
    scores: dict[str, Any],
    output: Path,
    work: Path,
    say: Callable[[str], None],
) -> None:
    """Calibrate, export, and put the checkpoint folder in place."""
    folder = work / "checkpoint"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    network = parts.network.to("cpu").eval()
    calibration = calibrate(scorer, scorer.read(torch_run(network, torch.device("cpu"))))
    _save(recipe, parts, network, calibration, folder)
    summary = {
        "best_epoch": scores["epoch"],
        "dev": {name: value for name, value in scores.items() if name != "epoch"},
        "parameters": sum(p.numel() for p in network.parameters()),
        "documents": {"train": len(parts.train), "dev": len(parts.dev)},
        "onnx": _export(recipe, network, scorer, calibration, folder, say),
        "history": trainer.state.log_history,
    }
    (folder / "training_summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    draw_curves(trainer.state.log_history, folder / "learning_curves.png")
    write_checksums(folder)
    shutil.copytree(work / "tensorboard", folder / "tensorboard")
    if output.exists():
        shutil.rmtree(output)
    os.replace(folder, output)
    shutil.rmtree(work)


def _save(
    recipe: Recipe, parts: _Parts, network: TaggerNetwork, calibration: Calibration, folder: Path
) -> None:
    save_network(
        network,
        folder,
        max_length=recipe.windows.max_length,
        overlap=recipe.windows.overlap,
        dtype=_WEIGHT_TYPES[recipe.export.weights],
    )
    parts.tokenizer.save_pretrained(folder)
    (folder / "calibration.json").write_text(json.dumps(calibration.to_dict(), indent=2) + "\n", encoding="utf-8")
    (folder / "training_config.yaml").write_text(dump_recipe(recipe), encoding="utf-8")


def _export(
    recipe: Recipe,
    network: TaggerNetwork,
    scorer: Scorer,
    calibration: Calibration,
    folder: Path,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Write ``model.onnx`` and return how it compares on the dev documents."""
    path = folder / "model.onnx"
    export_fp32(network, path, recipe.windows.max_length)
    full = scorer.score(scorer.read(onnx_run(path)), calibration.temperature).micro.f1
    result: dict[str, Any] = {"type": "fp32", "dev_f1_fp32": full}
    if recipe.export.onnx == "int8":
        small = folder / "model.int8.onnx"
        quantize_int8(path, small)
        reduced = scorer.score(scorer.read(onnx_run(small)), calibration.temperature).micro.f1
        result["dev_f1_int8"] = reduced
        if full - reduced <= recipe.export.int8_tolerance:
            small.replace(path)
            result["type"] = "int8"
        else:
            small.unlink()
            say(f"int8 loses {full - reduced:.4f} of dev F1, more than {recipe.export.int8_tolerance}: fp32 is kept")
    say(f"model.onnx is {result['type']}, {path.stat().st_size / 1e6:.1f} MB")
    return result


def _prepare_output(recipe: Recipe, resume: bool, overwrite: bool) -> tuple[Path, Path]:
    """Return the output folder and the folder of the running training, proven writable."""
    output = Path(recipe.output).expanduser()
    work = output.with_name(f"{output.name}.training")
    if output.exists() and not overwrite:
        raise OutputError(f"output {output} exists already; add --overwrite, or name another with --set output=FOLDER")
    record = work / "recipe.yaml"
    text = dump_recipe(recipe)
    if resume:
        if not record.is_file():
            raise OutputError(f"nothing to resume: {work} holds no interrupted training; run without --resume")
        if record.read_text(encoding="utf-8") != text:
            raise OutputError(f"{record} is of another recipe; run without --resume, or with the recipe it began with")
    elif (work / "state").exists() and not overwrite:
        raise OutputError(f"{work} holds an interrupted training; add --resume to go on, --overwrite to start again")
    try:
        if not resume:
            shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=work):
            pass
        record.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"output {output} cannot be written ({error.strerror}); name another: --set output=FOLDER") from error
    return output, work


def _load_parts(recipe: Recipe, work: Path) -> _Parts:
    scheme = recipe.scheme
    train, dev = load_split(recipe.data, scheme, recipe.finetune.seed)
    source = recipe.encoder or str(work / "encoder")
    if recipe.new_encoder is not None:
        texts = (document.text for document in train)
        build_encoder(recipe.new_encoder, texts, recipe.windows.max_length, recipe.finetune.seed, Path(source))
    tokenizer = _load_tokenizer(source)
    network = build_network(
        source,
        scheme,
        dropout=recipe.finetune.dropout,
        event_weight=recipe.finetune.event_weight,
        label_smoothing=recipe.finetune.label_smoothing,
    )
    _check_fit(recipe, network, tokenizer)
    backend: Tokenizer = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    encoder = WindowEncoder(backend, recipe.windows.max_length, recipe.windows.overlap)
    return _Parts(network, tokenizer, encoder, scheme, train, dev)


def _load_tokenizer(source: str) -> Any:
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, use_fast=True, trust_remote_code=False)
    except Exception as error:  # noqa: BLE001 - transformers, tokenizers and the hub each raise their own kind
        reason = " ".join(str(error).split())[:300]
        raise CheckpointError(f"the tokenizer of encoder {source!r} cannot be loaded: {reason}") from error
    if not getattr(tokenizer, "is_fast", False):
        raise CheckpointError(f"encoder {source!r} has no fast tokenizer (tokenizer.json), which offsets need; take another")
    return tokenizer


def _check_fit(recipe: Recipe, network: TaggerNetwork, tokenizer: Any) -> None:
    config = network.tagger.config
    positions = getattr(config, "max_position_embeddings", None)
    if positions is not None and recipe.windows.max_length > positions:
        raise CheckpointError(
            f"windows.max_length is {recipe.windows.max_length}, the encoder has {positions} positions; lower it"
        )
    if len(tokenizer) > config.vocab_size:
        raise CheckpointError(
            f"the tokenizer has {len(tokenizer)} pieces, the encoder {config.vocab_size}: they do not belong together"
        )


def _mask_id(tokenizer: Any) -> int:
    for name in ("mask_token_id", "unk_token_id", "pad_token_id"):
        value = getattr(tokenizer, name, None)
        if value is not None:
            return int(value)
    return 0


def _dry_run(trainer: TaggerTrainer, dataset: Any) -> None:
    """Run the two longest batches forward and backward, so that what cannot work fails before the first step."""
    size = trainer.args.per_device_train_batch_size
    order = sorted(range(len(dataset)), key=dataset["length"].__getitem__, reverse=True)
    devices = [trainer.args.device] if trainer.args.device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        for begin in (0, size):
            rows = [dataset[i] for i in order[begin : begin + size]]
            if rows:
                inputs = {name: value.to(trainer.args.device) for name, value in trainer.data_collator(rows).items()}
                with trainer.autocast_smart_context_manager():
                    loss = trainer.compute_loss(trainer.model, inputs)
                loss.backward()
    trainer.model.zero_grad(set_to_none=True)


@contextlib.contextmanager
def _quiet_transformers() -> Iterator[None]:
    """Silence transformers' reports on new heads for a while; our own messages say what matters."""
    before = transformers.logging.get_verbosity()
    transformers.logging.set_verbosity_error()
    try:
        yield
    finally:
        transformers.logging.set_verbosity(before)
