"""An encoder built on the spot: always the same one, of the size asked for."""

import json

import pytest
from transformers import AutoModel, AutoTokenizer, BertModel

from conflictner.training.new_encoder import build_encoder, train_tokenizer
from conflictner.training.sections import NewEncoderSection

TEXTS = [
    "Rebels shelled the town, killing 12.",
    "The rebels' shells killed the townspeople: 12 or 13.",
    "Ñandú",
]


def test_the_same_texts_give_the_same_tokenizer():
    many = [
        " ".join(chr(a) + chr(b) for b in range(97, 123)) for a in range(97, 123)
    ]  # all pairs equally frequent
    made = {train_tokenizer(TEXTS + many, 300).to_str() for _ in range(4)}
    assert len(made) == 1


def test_pieces_are_whole_words_when_they_are_frequent():
    tokenizer = train_tokenizer(TEXTS * 3, 200)
    encoding = tokenizer.encode("Rebels killed 13, ☢")
    assert encoding.tokens == ["[CLS]", "Rebels", "killed", "13", ",", "[UNK]", "[SEP]"]
    assert encoding.offsets[1:-1] == [(0, 6), (7, 13), (14, 16), (16, 17), (18, 19)]
    assert [tokenizer.token_to_id(name) for name in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")] == [
        0,
        1,
        2,
        3,
        4,
    ]


def test_the_vocabulary_is_not_exceeded_by_many_characters():
    texts = ["".join(chr(c) for c in range(0x4E00, 0x5E00)), "Rebels shelled the town."]
    assert train_tokenizer(texts, 120).get_vocab_size() <= 120


def test_an_encoder_loads_and_is_the_same_each_time(tmp_path):
    section = NewEncoderSection(vocabulary=150, layers=1, hidden=16, heads=2, feed_forward=24)
    for name in ("a", "b"):
        build_encoder(section, iter(TEXTS), 48, 7, tmp_path / name)
    for file in ("model.safetensors", "tokenizer.json", "config.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    config = json.loads((tmp_path / "a" / "config.json").read_text(encoding="utf-8"))
    assert (config["hidden_size"], config["num_hidden_layers"], config["intermediate_size"]) == (16, 1, 24)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "a")
    assert tokenizer.is_fast
    assert (tokenizer.mask_token, tokenizer.pad_token_id, tokenizer.model_max_length) == ("[MASK]", 0, 48)
    ids = tokenizer("Rebels shelled Goma", return_tensors="pt")["input_ids"]
    assert AutoModel.from_pretrained(tmp_path / "a")(ids).last_hidden_state.shape == (1, ids.shape[1], 16)


def test_another_seed_gives_other_weights(tmp_path):
    section = NewEncoderSection(vocabulary=150, layers=1, hidden=16, heads=2, feed_forward=24)
    build_encoder(section, TEXTS, 48, 7, tmp_path / "a")
    build_encoder(section, TEXTS, 48, 8, tmp_path / "b")
    a, b = ((tmp_path / name / "model.safetensors").read_bytes() for name in "ab")
    assert a != b


def test_an_encoder_appears_when_it_is_complete(tmp_path, monkeypatch):
    section = NewEncoderSection(vocabulary=150, layers=1, hidden=16, heads=2, feed_forward=24)
    with monkeypatch.context() as patch:
        patch.setattr(BertModel, "save_pretrained", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            build_encoder(section, TEXTS, 48, 7, tmp_path / "a")
    assert not (tmp_path / "a").exists()
    build_encoder(section, TEXTS, 48, 7, tmp_path / "a")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
