"""The tokenizer of a pre-training run: an existing one, or one trained on a sample of the corpus."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from ...data.text_files import TextFileSize
from ...model.checkpoint import CheckpointError
from ..new_encoder import save_tokenizer, train_tokenizer
from ..parts import find_encoder, load_tokenizer
from .corpus import Corpus
from .packing import SpecialIds
from .sections import PretrainRecipe

__all__ = ["backend", "existing_tokenizer", "make_tokenizer", "special_ids"]


def existing_tokenizer(recipe: PretrainRecipe) -> Any | None:
    """Load the tokenizer that a recipe names, or that of the encoder it goes on from; ``None`` if neither.

    Raises:
        CheckpointError: when it cannot be loaded, or lacks a special piece.
    """
    name = recipe.tokenizer.folder or recipe.encoder.folder
    if name is None:
        return None
    tokenizer = load_tokenizer(find_encoder(name))
    special_ids(tokenizer)
    return tokenizer


def make_tokenizer(
    recipe: PretrainRecipe,
    corpus: Corpus,
    sizes: Sequence[TextFileSize],
    folder: Path,
    say: Callable[[str], None],
) -> Any:
    """Write the tokenizer of a run into a folder, unless it is there, and load it.

    Args:
        recipe: The recipe.
        corpus: What it is trained on, when the recipe names none.
        sizes: How much each file of the corpus holds.
        folder: Where it is kept; it appears when it is complete.
        say: Receives a line when one was trained.
    """
    if not folder.exists():
        temporary = folder.with_name(f".{folder.name}.tmp")
        shutil.rmtree(temporary, ignore_errors=True)
        tokenizer = existing_tokenizer(recipe)
        if tokenizer is None:
            section = recipe.tokenizer
            texts = corpus.sample(sizes, section.sample_megabytes * 1e6)
            trained = train_tokenizer(texts, section.vocabulary, section.characters)
            save_tokenizer(trained, recipe.sequences.length, temporary)
            say(f"tokenizer of {trained.get_vocab_size()} pieces trained")
        else:
            tokenizer.save_pretrained(temporary)
        temporary.replace(folder)
    return load_tokenizer(str(folder))


def backend(tokenizer: Any) -> Tokenizer:
    """Return a tokenizer that cuts texts of any length, and takes no text for a special piece."""
    own = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    own.no_truncation()
    own.no_padding()
    own.encode_special_tokens = True
    return own


def special_ids(tokenizer: Any) -> SpecialIds:
    """Return the special pieces of a tokenizer.

    Raises:
        CheckpointError: naming what it lacks.
    """
    found = {
        "padding": tokenizer.pad_token_id,
        "[CLS]": tokenizer.cls_token_id if tokenizer.cls_token_id is not None else tokenizer.bos_token_id,
        "[SEP]": tokenizer.sep_token_id if tokenizer.sep_token_id is not None else tokenizer.eos_token_id,
        "[MASK]": tokenizer.mask_token_id,
    }
    lacking = [name for name, index in found.items() if index is None]
    if lacking:
        raise CheckpointError(
            f"the tokenizer {tokenizer.name_or_path} has no {' and no '.join(lacking)}, which pre-training "
            "needs; take another, or train one: --set tokenizer.folder=null"
        )
    if len(set(found.values())) < len(found):
        raise CheckpointError(
            f"the tokenizer {tokenizer.name_or_path} has one piece as two of {', '.join(found)}; take another"
        )
    pad, cls, sep, mask = (int(index) for index in found.values())
    return SpecialIds(pad, cls, sep, mask, tuple(tokenizer.all_special_ids))
