"""A checkpoint that is complete, tiny and untrained, for tests of all that surrounds a model."""

import json
import string
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from conflictner.model import DEFAULT_SCHEME, LabelScheme

__all__ = ["tiny_tokenizer", "write_tiny_checkpoint"]

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_KNOWN_WORDS = """The the a of in on at near and but who that was were have has said says killed wounded
    dead killing people civilians soldiers troops police rebels army government officials ministry Rebels
    Police Officials shelled bombed seized attacked captured fired rockets bombs rifles drones artillery
    missile strike town village city province border north south Aleppo Homs Mogadishu Kabul Goma three ten"""


def tiny_tokenizer() -> Tokenizer:
    """Make a small cased WordPiece tokenizer that spells what it does not know, and takes ASCII alone."""
    characters = string.ascii_letters + string.digits
    pieces = [
        *_SPECIAL,
        *string.punctuation,
        *characters,
        *(f"##{c}" for c in characters),
        *(f"##{ending}" for ending in ("s", "ed", "ing", "er", "ion", "al", "es", "ers")),
        *_KNOWN_WORDS.split(),
    ]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(list(_SPECIAL))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    return tokenizer


def write_tiny_checkpoint(
    folder: Path, scheme: LabelScheme = DEFAULT_SCHEME, max_length: int = 64, overlap: int = 16
) -> Path:
    """Write a complete checkpoint, with a small BERT that nobody trained, into a folder, and return it."""
    from transformers import PreTrainedTokenizerFast

    from conflictner.model.calibration import Calibration
    from conflictner.model.checkpoint import write_checksums
    from conflictner.model.export import export_fp32
    from conflictner.model.network_files import save_network

    folder.mkdir(parents=True, exist_ok=True)
    names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=tiny_tokenizer(),
        model_max_length=max_length,
        **dict(zip(names, _SPECIAL, strict=True)),
    )
    tokenizer.save_pretrained(folder)
    network = _untrained_network(scheme, len(tokenizer), max_length)
    save_network(network, folder, max_length=max_length, overlap=overlap)
    export_fp32(network, folder / "model.onnx", max_length)
    calibration = Calibration(1.5, dict.fromkeys(scheme.events, 0.5))
    (folder / "calibration.json").write_text(json.dumps(calibration.to_dict()), encoding="utf-8")
    (folder / "README.md").write_text("A model that nobody trained.\n", encoding="utf-8")
    (folder / "training_config.yaml").write_text("{}\n", encoding="utf-8")
    write_checksums(folder)
    return folder


def _untrained_network(scheme: LabelScheme, vocabulary: int, max_length: int):
    """Return a small network whose weights are such that it finds spans of all labels in most texts.

    What it says of a word depends on the words around it, and is rarely a tie.
    """
    import torch
    from transformers import BertConfig, BertForTokenClassification

    from conflictner.model.network import TaggerNetwork

    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=max_length,
        type_vocab_size=1,
        initializer_range=0.2,
        pad_token_id=0,
        id2label=dict(enumerate(scheme.tags)),
        label2id={tag: index for index, tag in enumerate(scheme.tags)},
    )
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(5)
        network = TaggerNetwork(BertForTokenClassification(config), scheme)
        for layer in network.tagger.bert.encoder.layer:  # or all words of a text are tagged alike
            layer.attention.output.dense.weight *= 0.5
            layer.output.dense.weight *= 0.5
        network.tagger.classifier.weight *= 4
        for index, tag in enumerate(scheme.tags):  # half of the words outside, spans of about two words
            network.tagger.classifier.bias[index] = (
                8.0 if tag == "O" else 2.0 * ("I-" in tag) + 2.0 * (":" not in tag)
            )
    return network.eval()
