"""Word vectors: what the embeddings begin with."""

import numpy as np
import pytest
import torch

from conflictner.training.pretraining.packing import SpecialIds
from conflictner.training.pretraining.sections import VectorsSection
from conflictner.training.pretraining.sequences import Sequences
from conflictner.training.pretraining.stream import Stream
from conflictner.training.pretraining.vectors import (
    check_vectors,
    make_vectors,
    read_vectors,
    start_embeddings,
)
from conflictner.training.recipe import RecipeError

SPECIAL = SpecialIds(0, 2, 3, 4, (0, 1, 2, 3, 4))
SECTION = {
    "method": "word2vec",
    "file": None,
    "share": 1.0,
    "epochs": 3,
    "window": 2,
    "negative": 3,
    "least_count": 2,
    "subsample": 0.0,
    "learning_rate": 0.05,
    "workers": 1,
}


def section(**changes):
    return VectorsSection(**{**SECTION, **changes})


@pytest.fixture
def sequences():
    """Rows of pieces 5 to 14, the even ones with each other and the odd ones with each other; 15 is rare."""
    random = np.random.default_rng(0)
    rows = []
    for number in range(200):
        parts = [5 + 2 * random.integers(0, 5, 6) + side for side in (number % 2, (number + 1) % 2)]
        rows.append([2, *parts[0], 3, 2, *parts[1], 3])
    rows[7][1] = 15
    ids = np.array(rows, dtype=np.uint16)
    return Sequences(ids, np.zeros((200, 2), np.uint8), np.full(200, 16, np.int32), (200,))


def make(sequences, path, **changes):
    stream = Stream(sequences.files, [1.0], 3)
    make_vectors(section(**changes), sequences, stream, SPECIAL, (20, 8), 3, path)
    return np.load(path, allow_pickle=False)


def test_vectors_are_learned_from_paragraphs(sequences, tmp_path):
    vectors = make(sequences, tmp_path / "vectors.npy", epochs=20)
    assert [path.name for path in tmp_path.iterdir()] == ["vectors.npy"]
    assert vectors.shape == (20, 8)
    known = np.abs(vectors).sum(axis=1) > 0
    assert np.flatnonzero(known).tolist() == list(range(5, 15))  # neither special nor rare nor unseen
    unit = vectors[5:15] / np.linalg.norm(vectors[5:15], axis=1, keepdims=True)
    alike = unit @ unit.T
    kind = np.arange(10) % 2
    inside = (kind[:, None] == kind[None]) & ~np.eye(10, dtype=bool)
    assert alike[inside].mean() > alike[kind[:, None] != kind[None]].mean() + 0.3


def test_vectors_follow_from_the_seed_with_one_thread(sequences, tmp_path):
    assert (make(sequences, tmp_path / "a.npy") == make(sequences, tmp_path / "b.npy")).all()


def test_so_little_text_that_nothing_is_learned_is_told(sequences, tmp_path):
    with pytest.raises(RecipeError, match="vectors: word2vec learns nothing from so little text"):
        make(sequences, tmp_path / "vectors.npy", least_count=10_000)
    assert list(tmp_path.iterdir()) == []


def test_embeddings_get_vectors_of_mean_0_and_their_own_spread():
    torch.manual_seed(0)
    embeddings = torch.nn.Parameter(torch.randn(200, 16) * 0.02)
    before = embeddings.detach().clone()
    random = np.random.default_rng(0)
    vectors = (random.normal(5.0, 3.0, (200, 16))).astype(np.float32)
    vectors[150:] = 0.0
    assert start_embeddings(embeddings, vectors, SPECIAL) == 145
    assert torch.equal(embeddings[150:], before[150:])
    assert torch.equal(embeddings[:5], before[:5])
    own = embeddings[5:150].detach()
    assert own.mean(dim=0).abs().max() < 1e-6
    assert float(own.std()) == pytest.approx(float(before[1:].std()), rel=0.01)
    centred = vectors[5:150] - vectors[5:150].mean(axis=0)
    torch.testing.assert_close(
        own / own.std(), torch.from_numpy(centred / centred.std()), rtol=1e-3, atol=1e-3
    )
    assert start_embeddings(embeddings, np.zeros((200, 16), np.float32), SPECIAL) == 0


def test_files_of_vectors_are_checked(tmp_path):
    path = tmp_path / "vectors.npy"

    def refused(shape=(20, 8)):
        with pytest.raises(RecipeError) as caught:
            read_vectors(str(path), shape)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    with pytest.raises(RecipeError, match="no such file"):
        check_vectors(section(method="file", file=str(path)))
    assert "no such file" in refused()
    path.write_bytes(b"not an array")
    assert "is no .npy file" in refused()
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert "is no .npy file" in refused()
    np.save(path, np.zeros((20, 8), dtype=np.int64))
    assert "holds no floating-point array" in refused()
    np.save(path, np.full((20, 8), np.nan, dtype=np.float32))
    assert "holds values that are no numbers" in refused()
    np.save(path, np.zeros((20, 8), dtype=np.float32))
    assert "holds vectors of shape [20, 8], but the pieces and the embeddings need [20, 9]" in refused(
        (20, 9)
    )
    np.save(path, np.ones((20, 8), dtype=np.float16))
    assert read_vectors(str(path), (20, 8)).dtype == np.float32


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setattr(
        "conflictner.training.pretraining.vectors.find_spec", lambda name: None if name == "gensim" else 1
    )
    with pytest.raises(RecipeError, match=r"needs gensim: pip install 'conflictner\[train\]'"):
        check_vectors(section())
    check_vectors(section(method="none"))
