"""Checks: everything about a pre-training run that can be known to be wrong before time is spent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ...data.text_files import TextFileSize
from ...model.checkpoint import CheckpointError
from ..disk import in_words, require_disk
from ..recipe import RecipeError
from .corpus import Corpus
from .encoder import check_positions, existing_config, load_model, new_config, new_model
from .network import PretrainingNetwork, keeps_borders
from .packing import SpecialIds
from .resources import Needs, estimate, require_memory
from .sections import PretrainRecipe
from .tokenizer import existing_tokenizer, special_ids
from .vectors import check_vectors, read_vectors

__all__ = ["Findings", "check_run", "require_room", "resolve_device"]

_ANY = SpecialIds(0, 2, 3, 4, (0, 1, 2, 3, 4))  # of a tokenizer that is not there yet


@dataclass(frozen=True, slots=True)
class Findings:
    """What the checks found out.

    Attributes:
        sizes: How much text each file of the corpus holds; ``None`` where it was not read.
        parameters: Of the network, at most.
        needs: Disk and memory.
    """

    sizes: list[TextFileSize] | None
    parameters: int
    needs: Needs

    def line(self) -> str:
        """Return the findings in words."""
        text = ""
        if self.sizes is not None:
            paragraphs = sum(size.paragraphs for size in self.sizes)
            files = f"{len(self.sizes)} file{'s' if len(self.sizes) > 1 else ''}"
            size = in_words(sum(size.bytes for size in self.sizes))
            text = f"{files}, {paragraphs:,} paragraphs, {size} of text; "
        return (
            f"{text}at most {self.parameters:,} parameters; about {in_words(self.needs.disk)} of disk and "
            f"{in_words(self.needs.memory)} of memory needed"
        )


def check_run(
    recipe: PretrainRecipe,
    corpus: Corpus,
    *,
    read_corpus: bool = True,
    make_vectors: bool = True,
    say: Callable[[str], None] = lambda _: None,
) -> Findings:
    """Check what a recipe names and asks for: the quick things first, the text last.

    Args:
        recipe: The recipe.
        corpus: Its corpus.
        read_corpus: Whether to read all text; not needed when it is packed already.
        make_vectors: Whether word vectors are made or read; not needed when they are there already.
        say: Receives notes.

    Raises:
        ConflictnerError: for anything that is missing, damaged, or does not fit.
    """
    if read_corpus:
        corpus.require_files()
    resolve_device(recipe)
    if make_vectors:
        check_vectors(recipe.vectors)
    tokenizer = existing_tokenizer(recipe)
    vocabulary = recipe.tokenizer.vocabulary if tokenizer is None else len(tokenizer)
    if recipe.encoder.folder is None:
        config = new_config(recipe, vocabulary, _ANY if tokenizer is None else special_ids(tokenizer))
        model = new_model(recipe, config)
    else:
        config = existing_config(recipe)
        _check_vocabulary(recipe, vocabulary, config)
        model = load_model(recipe, config)
    check_positions(model, recipe.sequences.length)
    if recipe.vectors.file is not None and make_vectors:
        width = model.get_input_embeddings().weight.shape[1]
        _check_vectors_fit(recipe, vocabulary if tokenizer is not None else None, width)
    _check_borders(recipe, model, say)
    sizes = corpus.check() if read_corpus else None
    needs = estimate(recipe, model, sizes, vocabulary)
    return Findings(sizes, sum(value.numel() for value in model.parameters()), needs)


def require_room(recipe: PretrainRecipe, output: Path, findings: Findings) -> None:
    """Refuse a run that disk or memory cannot hold.

    Raises:
        ConflictnerError: when there is too little.
    """
    require_disk(output, findings.needs.disk)
    if resolve_device(recipe)[0]:
        require_memory(findings.needs.memory, recipe.pretrain.batch_size)


def resolve_device(recipe: PretrainRecipe) -> tuple[bool, torch.dtype | None]:
    """Return whether a run is on the CPU, and the type it computes in, ``None`` for fp32.

    Raises:
        RecipeError: when the device does not have the type.
    """
    section = recipe.pretrain
    on_cpu = section.device == "cpu" or not torch.cuda.is_available()
    has_bf16 = _has_bf16(on_cpu)
    if section.precision == "bf16" and not on_cpu and not has_bf16:
        raise RecipeError("pretrain.precision bf16 is not known to this GPU; use auto or fp32")
    use_bf16 = section.precision == "bf16" or (section.precision == "auto" and has_bf16)
    return on_cpu, torch.bfloat16 if use_bf16 else None


def _has_bf16(on_cpu: bool) -> bool:
    if on_cpu:
        return bool(getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)())
    return bool(torch.cuda.is_bf16_supported(including_emulation=False))


def _check_vocabulary(recipe: PretrainRecipe, pieces: int, config: Any) -> None:
    """Refuse a tokenizer of another encoder."""
    rows = config.vocab_size
    is_own = recipe.tokenizer.folder in (None, recipe.encoder.folder)
    if pieces > rows or (pieces != rows and not is_own):
        raise CheckpointError(
            f"the tokenizer {recipe.tokenizer.folder or recipe.encoder.folder} has {pieces} pieces, the "
            f"encoder {recipe.encoder.folder} {rows}: they do not belong together; set tokenizer.folder=null "
            "for the encoder's own"
        )


def _check_vectors_fit(recipe: PretrainRecipe, vocabulary: int | None, width: int) -> None:
    """Refuse vectors that cannot be those of the pieces."""
    if vocabulary is None:
        raise RecipeError(
            "vectors.file holds vectors of an existing tokenizer's pieces; name it: --set "
            "tokenizer.folder=FOLDER, or set vectors.method=word2vec"
        )
    read_vectors(str(recipe.vectors.file), (vocabulary, width))


def _check_borders(recipe: PretrainRecipe, model: Any, say: Callable[[str], None]) -> None:
    """Try whether the architecture keeps paragraphs apart."""
    if keeps_borders(PretrainingNetwork(model), model.config.vocab_size):
        return
    if recipe.sequences.borders == "separator":
        return
    if getattr(model.config, "conv_kernel_size", None):
        reach = (model.config.conv_kernel_size - 1) // 2
        say(
            f"note: the convolutions of a {recipe.encoder.type} see up to {reach} pieces a layer across the "
            "border of a paragraph; its attention sees none"
        )
        return
    raise RecipeError(
        f"a {recipe.encoder.type} with these settings looks across the borders of paragraphs; set "
        "sequences.borders=separator"
    )
