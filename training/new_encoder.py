"""A new encoder: an untrained BERT with a WordPiece tokenizer made from the training texts."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from .sections import NewEncoderSection

__all__ = ["build_encoder", "save_tokenizer", "train_tokenizer"]

_SPECIAL = {
    "pad_token": "[PAD]",
    "unk_token": "[UNK]",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "mask_token": "[MASK]",
}
_INSIDE = "##"  # begins a piece that does not begin a word


def train_tokenizer(texts: Iterable[str], vocabulary: int, characters: int | None = None) -> Tokenizer:
    """Train a cased WordPiece tokenizer; the same texts give the same tokenizer.

    Args:
        texts: What to learn the pieces from.
        vocabulary: Most pieces, special tokens included.
        characters: Most different characters, the most frequent; each may take two pieces, as it begins a
            word and inside one. ``None`` is a quarter of the vocabulary.
    """
    texts = list(texts)
    tokenizer = _wordpiece({})
    # The trainer numbers single characters in the order of a hash table, another one in each process, and
    # numbers decide between equally frequent pairs; so they are given, and its own alphabet is switched off.
    given = [*_SPECIAL.values(), *_characters(tokenizer, texts, characters or vocabulary // 4)]
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary, special_tokens=given, limit_alphabet=0, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return _wordpiece(tokenizer.get_vocab(with_added_tokens=True))


def _characters(tokenizer: Tokenizer, texts: Iterable[str], most: int) -> list[str]:
    """Return the most frequent characters of the texts as pieces, always in the same order."""
    counts: Counter[str] = Counter()
    inside: set[str] = set()
    for text in texts:
        for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(tokenizer.normalizer.normalize_str(text)):
            counts.update(word)
            inside.update(word[1:])
    kept = sorted(sorted(counts, key=lambda character: (-counts[character], character))[:most])
    return [*kept, *(_INSIDE + character for character in kept if character in inside)]


def build_encoder(
    section: NewEncoderSection, texts: Iterable[str], max_length: int, seed: int, folder: Path
) -> None:
    """Write an untrained encoder and its tokenizer, in the form ``encoder:`` accepts.

    Args:
        section: Its size.
        texts: What the tokenizer learns its pieces from.
        max_length: Longest window, in pieces.
        seed: Of the weights.
        folder: Appears when it is complete.
    """
    temporary = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    tokenizer = train_tokenizer(texts, section.vocabulary)
    save_tokenizer(tokenizer, max_length, temporary)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=section.hidden,
        num_hidden_layers=section.layers,
        num_attention_heads=section.heads,
        intermediate_size=section.feed_forward,
        max_position_embeddings=max(64, max_length),
        type_vocab_size=1,
        pad_token_id=tokenizer.token_to_id(_SPECIAL["pad_token"]),
    )
    torch.manual_seed(seed)
    BertModel(config, add_pooling_layer=False).save_pretrained(temporary)
    temporary.replace(folder)


def save_tokenizer(tokenizer: Tokenizer, max_length: int, folder: Path) -> None:
    """Write a tokenizer of :func:`train_tokenizer` in the form that transformers loads."""
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=max_length, **_SPECIAL)
    wrapped.save_pretrained(folder)


def _wordpiece(vocabulary: dict[str, int]) -> Tokenizer:
    """Return a cased WordPiece tokenizer with this vocabulary."""
    unknown = _SPECIAL["unk_token"]
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=unknown, continuing_subword_prefix=_INSIDE))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(_INSIDE)
    if vocabulary:
        tokenizer.add_special_tokens(list(_SPECIAL.values()))
        cls, sep = _SPECIAL["cls_token"], _SPECIAL["sep_token"]
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{cls} $A {sep}", special_tokens=[(cls, vocabulary[cls]), (sep, vocabulary[sep])]
        )
    return tokenizer
