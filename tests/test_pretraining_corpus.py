"""The corpus: checked as a whole, sampled by weight, and partly kept back."""

import pytest

from conflictner.data.errors import DataError
from conflictner.training.pretraining.corpus import Corpus
from conflictner.training.pretraining.sections import CorpusSection
from conflictner.training.recipe import RecipeError


@pytest.fixture
def make(tmp_path):
    """Makes a corpus of two files with 300 paragraphs each, those of the second twice as long."""

    def make(seed=3, held_out=0.1, weights=(1.0, 1.0), held_out_seed=3):
        files = []
        for name, size, weight in zip("ab", (1, 2), weights, strict=True):
            path = tmp_path / f"{name}.txt"
            path.write_text("".join(f"{name * 10 * size}{n:06}\n" for n in range(300)), encoding="utf-8")
            files.append({"path": str(path), "weight": weight})
        section = CorpusSection(
            files=files, held_out_share=held_out, held_out_sequences=10, held_out_seed=held_out_seed
        )
        return Corpus(section, seed)

    return make


def refused(call, error=RecipeError):
    with pytest.raises(error) as caught:
        call()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_check_tells_how_much_there_is(make):
    sizes = make().check()
    assert [size.paragraphs for size in sizes] == [300, 300]
    assert [size.bytes for size in sizes] == [4800, 7800]


def test_the_check_reads_to_the_end(make, tmp_path):
    corpus = make()
    with (tmp_path / "b.txt").open("ab") as file:
        file.write(b"\xe3")
    message = refused(corpus.check, DataError)
    assert message.startswith(f"{tmp_path}/b.txt:301: byte 0xe3 at position 1 of the line is not UTF-8")
    (tmp_path / "a.txt").unlink()
    (tmp_path / "b.txt").unlink()
    message = refused(corpus.check)
    assert message.startswith(f"corpus.files: {tmp_path}/a.txt, {tmp_path}/b.txt: no such file")


def test_a_share_that_keeps_nothing_back_is_refused(make):
    message = refused(make(held_out=1e-9).check)
    assert message == (
        "corpus.held_out_share 1e-09 leaves none of the 600 paragraphs to measure on; raise it"
    )


def test_a_share_that_leaves_nothing_is_refused(make):
    message = refused(make(held_out=1 - 1e-9).check)
    assert message.endswith("leaves none of the 600 paragraphs to learn from; lower it")


def test_a_file_that_cannot_be_read_is_told(make, tmp_path):
    corpus = make()
    (tmp_path / "b.txt").unlink()
    (tmp_path / "b.txt").mkdir()
    assert refused(corpus.digest) == f"corpus.files: {tmp_path}/b.txt cannot be read (Is a directory)"


def test_what_is_held_out_follows_from_a_seed_of_its_own(make):
    first, again = make().held_out(0, 300), make(seed=4).held_out(0, 300)
    other = make(held_out_seed=4).held_out(0, 300)
    assert (first == again).all()
    assert (first != other).any()
    assert 10 < first.sum() < 60
    assert (first != make().held_out(1, 300)).any()


def test_samples_follow_seed_size_and_weights(make):
    corpus = make(weights=(3.0, 0.5))
    sizes = corpus.check()
    sample = list(corpus.sample(sizes, 3000))
    assert sample == list(corpus.sample(sizes, 3000))
    assert len(set(sample)) == len(sample)
    assert sum(map(len, sample)) == pytest.approx(3000, rel=0.25)
    of_a, of_b = (sum(len(text) for text in sample if text[0] == name) for name in "ab")
    assert of_a / of_b == pytest.approx((3.0 * 4800) / (0.5 * 7800), rel=0.5)
    assert len(list(corpus.sample(sizes, 1e9))) == 600


def test_the_digest_follows_from_the_content(make, tmp_path):
    corpus = make()
    digest = corpus.digest()
    assert digest == make(seed=9).digest()
    with (tmp_path / "b.txt").open("ab") as file:
        file.write(b"more\n")
    assert corpus.digest() != digest
