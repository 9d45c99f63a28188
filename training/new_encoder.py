"""A new encoder: an untrained BERT with a WordPiece tokenizer made from the training texts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from .recipe import NewEncoderSection

__all__ = ["build_encoder", "train_tokenizer"]

_SPECIAL = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}


def train_tokenizer(texts: Iterable[str], vocabulary: int) -> Tokenizer:
    """Train a cased WordPiece tokenizer.

    Args:
        texts: What to learn the pieces from.
        vocabulary: Most pieces, special tokens included.
    """
    tokenizer = Tokenizer(models.WordPiece(unk_token=_SPECIAL["unk_token"]))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary, special_tokens=list(_SPECIAL.values()), show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    cls, sep = (tokenizer.token_to_id(_SPECIAL[name]) for name in ("cls_token", "sep_token"))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", cls), ("[SEP]", sep)]
    )
    return tokenizer


def build_encoder(section: NewEncoderSection, texts: Iterable[str], max_length: int, seed: int, folder: Path) -> None:
    """Write an untrained encoder and its tokenizer to ``folder``, in the form ``encoder:`` accepts."""
    tokenizer = train_tokenizer(texts, section.vocabulary)
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=max_length, **_SPECIAL)
    wrapped.save_pretrained(folder)
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
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        BertModel(config, add_pooling_layer=False).save_pretrained(folder)
