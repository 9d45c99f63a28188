"""Sequences: the text of a corpus, tokenised and packed on disk, with what is held out apart."""

import numpy as np
import pytest

from conflictner.training.pretraining.corpus import Corpus
from conflictner.training.pretraining.packing import SpecialIds
from conflictner.training.pretraining.sections import CorpusSection, SequencesSection
from conflictner.training.pretraining.sequences import build_sequences, open_sequences, piece_type

SPECIAL = SpecialIds(0, 2, 3, 4, (0, 1, 2, 3, 4))
SECTION = SequencesSection(length=32, borders="attention")


@pytest.fixture
def built(tmp_path, new_tokenizer):
    """A folder of sequences of two files, the corpus, and its tokenizer."""
    lines = {
        "a": [f"Rebels shelled the town of Homs on day {n}." for n in range(60)],
        "b": [f"Police [SEP] killed {n} people [MASK] in Goma." for n in range(40)],
    }
    files = []
    for name, paragraphs in lines.items():
        path = tmp_path / f"{name}.txt"
        path.write_text("\n".join(paragraphs), encoding="utf-8")
        files.append({"path": str(path), "weight": 1.0})
    corpus = Corpus(CorpusSection(files=files, held_out_share=0.2, held_out_sequences=9, held_out_seed=3), 3)
    tokenizer = new_tokenizer()
    tokenizer.encode_special_tokens = True
    folder = tmp_path / "sequences"
    seen = []
    build_sequences(folder, "abc", corpus, corpus.check(), tokenizer, SPECIAL, SECTION, seen.append)
    assert sum(seen) == sum(len(line) for paragraphs in lines.values() for line in paragraphs)
    return folder, corpus, tokenizer, lines


def texts(sequences, tokenizer):
    """Each paragraph's pieces, and how many words begin in it."""
    ids, begins = sequences.take(np.arange(len(sequences.ids)))
    found = []
    for row, flags in zip(ids, begins, strict=True):
        for part in np.split(np.arange(len(row)), np.flatnonzero(row == 3)):
            part = part[row[part] >= 5]
            if len(part):
                found.append((row[part].tolist(), int(flags[part].sum())))
    return found


def test_every_paragraph_is_there_once_with_its_words(built):
    folder, corpus, tokenizer, lines = built
    train, held_out = open_sequences(folder, "abc")
    packed = texts(train, tokenizer) + texts(held_out, tokenizer)
    expected = []
    for line in (line for paragraphs in lines.values() for line in paragraphs):
        encoding = tokenizer.encode(line, add_special_tokens=False)
        expected.append((encoding.ids, len(set(encoding.word_ids))))
    assert sorted(packed) == sorted(expected)
    is_back = [corpus.held_out(number, len(own)) for number, own in enumerate(lines.values())]
    assert len(texts(held_out, tokenizer)) == sum(int(flags.sum()) for flags in is_back)


def test_special_pieces_in_a_text_are_text(built):
    folder, *_ = built
    train, _ = open_sequences(folder, "abc")
    assert (train.ids != 4).all()
    assert ((train.ids == 2).sum(axis=1) == (train.ids == 3).sum(axis=1)).all()


def test_rows_are_counted_by_file_and_read_through_maps(built):
    folder, *_ = built
    train, held_out = open_sequences(folder, "abc")
    for part in (train, held_out):
        assert sum(part.files) == len(part.ids) == len(part.begins) == len(part.lengths)
        assert isinstance(part.ids, np.memmap)
        assert part.ids.dtype == np.uint16
        assert (part.lengths == (part.ids != 0).sum(axis=1)).all()
    assert min(train.files) > 0
    ids, begins = train.take(np.array([1, 0]))
    assert ids.shape == begins.shape == (2, 32)
    assert (ids[1] == train.ids[0]).all()


def test_sequences_of_something_else_are_not_opened(built, tmp_path):
    folder, *_ = built
    assert open_sequences(folder, "another") is None
    assert open_sequences(tmp_path / "none", "abc") is None
    (folder / "sequences.json").write_text('{"dig', encoding="utf-8")
    assert open_sequences(folder, "abc") is None


def test_a_build_that_was_cut_off_leaves_nothing_to_open(built, tmp_path, monkeypatch):
    _, corpus, tokenizer, _ = built
    folder = tmp_path / "again"

    def interrupt(_):
        raise KeyboardInterrupt

    for watch in (interrupt, lambda _: None):
        assert open_sequences(folder, "abc") is None
        try:
            build_sequences(folder, "abc", corpus, corpus.check(), tokenizer, SPECIAL, SECTION, watch)
        except KeyboardInterrupt:
            continue
    assert open_sequences(folder, "abc") is not None
    assert not (tmp_path / ".again.tmp").exists()


def test_pieces_take_as_few_bytes_as_will_do():
    assert piece_type(65_536) == np.uint16
    assert piece_type(65_537) == np.uint32
