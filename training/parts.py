"""The parts of a run before its first step: documents, tokenizer and network, made sure to fit each other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import transformers
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoTokenizer

from ..data.documents import Document
from ..data.quotes import one_line
from ..model.checkpoint import CheckpointError
from ..model.labels import LabelScheme
from ..model.network import TaggerNetwork
from ..model.network_files import build_network
from ..model.windows import WindowEncoder
from .augmentation import variants
from .new_encoder import build_encoder
from .passages import load_split
from .recipe import Recipe, RecipeError, resolve_path
from .sections import WindowSection

__all__ = ["Parts", "find_encoder", "load_parts", "load_tokenizer"]


@dataclass(frozen=True)
class Parts:
    """What is trained, and on what.

    Attributes:
        network: With untrained heads.
        tokenizer: transformers' form of it, which is saved with the network.
        encoder: Cuts texts into windows with that tokenizer.
        scheme: The label scheme.
        train: Documents to train on.
        dev: Documents to select and calibrate on.
        variants: Changed variants of the documents to train on, learned from beside them.
    """

    network: TaggerNetwork
    tokenizer: Any
    encoder: WindowEncoder
    scheme: LabelScheme
    train: list[Document]
    dev: list[Document]
    variants: list[Document] = field(default_factory=list)

    @property
    def lessons(self) -> list[Document]:
        """All that is learned from: the documents to train on and their variants."""
        return [*self.train, *self.variants]

    @property
    def pad_id(self) -> int:
        """Vocabulary index that fills a batch."""
        return int(self.tokenizer.pad_token_id or 0)

    @property
    def mask_id(self) -> int:
        """Vocabulary index that stands for a hidden piece."""
        ids = (self.tokenizer.mask_token_id, self.tokenizer.unk_token_id)
        return next((int(value) for value in ids if value is not None), self.pad_id)

    def digest(self) -> str:
        """Return a sha256 sum over all documents."""
        sums = hashlib.sha256()
        for document in (*self.train, *self.dev, *self.variants):
            sums.update(json.dumps(document.to_dict(), sort_keys=True).encode())
        return sums.hexdigest()

    def notes(self) -> Iterator[str]:
        """Yield a line for each thing that a user may have missed."""
        for what, documents in (("training", self.train), ("dev", self.dev)):
            found = {span.label for document in documents for span in document.spans}
            lacking = [label for label in self.scheme.table if label not in found]
            if lacking:
                yield f"note: no {what} document has a span with the label {', '.join(lacking)}"
        if not self.scheme.events and any(document.events for document in self.train):
            yield "note: the documents' event types are not used, for the label scheme has none"


def load_parts(recipe: Recipe, new_encoder: Path) -> Parts:
    """Read the documents and build the network of a recipe.

    Args:
        recipe: The recipe.
        new_encoder: Folder to build the encoder in, when the recipe asks for a new one that is not there yet.

    Raises:
        ConflictnerError: for anything that is missing or does not fit.
    """
    section, scheme, windows = recipe.finetune, recipe.scheme, recipe.windows
    train, dev = load_split(recipe.data, scheme, section.seed)
    if recipe.new_encoder is None:
        source = find_encoder(str(recipe.encoder))
    else:
        source = str(new_encoder)
        if not new_encoder.exists():
            texts = (document.text for document in train)
            build_encoder(recipe.new_encoder, texts, windows.max_length, section.seed, new_encoder)
    tokenizer = load_tokenizer(source)
    transformers.set_seed(section.seed)
    network = build_network(
        source,
        scheme,
        dropout=section.dropout,
        event_weight=section.event_weight,
        label_smoothing=section.label_smoothing,
    )
    _check_fit(windows, network, tokenizer)
    backend = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    try:
        encoder = WindowEncoder(backend, windows.max_length, windows.overlap)
    except ValueError as error:
        raise RecipeError(f"windows: {error}") from error
    changed = variants(train, recipe.augmentation, section.seed)
    return Parts(network, tokenizer, encoder, scheme, train, dev, changed)


def find_encoder(name: str) -> str:
    """Return the folder of an encoder, or a hub id as it stands.

    Args:
        name: A folder, a hub id, or ``conflictner:model/encoder``, the encoder that comes with the package.

    Raises:
        CheckpointError: when it can be neither.
        RecipeError: when the package has no such folder.
    """
    path = resolve_path(name)
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise CheckpointError(
                f"encoder {name} has no config.json, so it is no folder of a transformers model"
            )
        return str(path)
    if path.exists():
        raise CheckpointError(
            f"encoder {name} is a file; give the folder of a transformers model, or a hub id"
        )
    if name.startswith((".", "/", "~")) or name.count("/") > 1 or "\\" in name:
        raise CheckpointError(
            f"encoder {name}: no such folder (looked for {path.absolute()}); give the folder of a "
            "transformers model, or a hub id such as distilroberta-base"
        )
    return name


def load_tokenizer(source: str) -> Any:
    """Load the fast tokenizer of an encoder.

    Raises:
        CheckpointError: when there is none.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, use_fast=True, trust_remote_code=False)
    except Exception as error:  # transformers, tokenizers and the hub each raise their own kind
        if not Path(source).is_dir():
            raise CheckpointError(
                f"there is no folder {source} here, and the hub gave no encoder of that name "
                f"({one_line(error)}); without a network give the path of a folder"
            ) from error
        raise CheckpointError(
            f"the tokenizer of encoder {source} cannot be loaded: {one_line(error)}"
        ) from error
    if not getattr(tokenizer, "is_fast", False):
        raise CheckpointError(
            f"encoder {source} has no fast tokenizer (tokenizer.json), which offsets need; take another"
        )
    if len(tokenizer) <= len(tokenizer.all_special_ids):  # what transformers makes up where there is no file
        raise CheckpointError(
            f"encoder {source} has no tokenizer; copy its tokenizer.json there, or take another"
        )
    return tokenizer


def _check_fit(windows: WindowSection, network: TaggerNetwork, tokenizer: Any) -> None:
    """Refuse windows longer than the encoder, and a tokenizer of another one."""
    positions = _positions(network)
    if positions is not None and windows.max_length > positions:
        raise RecipeError(
            f"windows.max_length is {windows.max_length}, but the encoder has {positions} positions; lower it"
        )
    pieces, rows = len(tokenizer), len(network.tagger.get_input_embeddings().weight)
    if pieces > rows:
        raise CheckpointError(
            f"the encoder's tokenizer has {pieces} pieces, its network {rows}: they do not belong together"
        )


def _positions(network: TaggerNetwork) -> int | None:
    """Return how many pieces the encoder can tell apart by position, ``None`` for no limit."""
    limit = getattr(network.tagger.config, "max_position_embeddings", None)
    for name, module in network.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            # RoBERTa and its kin count positions from behind the padding's.
            unused = 0 if module.padding_idx is None else module.padding_idx + 1
            return module.num_embeddings - unused
    return None if limit is None or limit < 0 else int(limit)  # XLNet says -1
