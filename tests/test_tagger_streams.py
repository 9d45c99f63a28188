"""What the tagger takes: endless sources, read no further than needed, and nothing that is not text."""

import itertools
import os
import random
import threading

import numpy as np
import pytest

from conflictner import inference
from conflictner.inference import Tagger
from conflictner.model.checkpoint import Checkpoint


@pytest.fixture(scope="module")
def tagger(tiny_checkpoint):
    return Tagger.load(tiny_checkpoint, threads=1)


def counted(texts, taken):
    for text in texts:
        taken.append(text)
        yield text


def test_nothing_is_read_before_the_first_prediction_is_asked_for(tagger):
    taken = []
    predictions = tagger.predict_batch(
        counted(itertools.repeat("Rebels shelled Homs"), taken), batch_tokens=16
    )
    assert taken == []
    next(predictions)
    assert len(taken) == 128  # 32 * 16 pieces, each text has three and one more counts for the text


@pytest.mark.parametrize(
    "text", ["", " " * 1000, "\0" * 1000, "Rebels", "Rebels shelled Homs . " * 50], ids=lambda text: text[:8]
)
def test_endless_texts_are_read_a_bounded_way_ahead(tagger, text):
    taken = []
    predictions = tagger.predict_batch(counted(itertools.repeat(text), taken), batch_tokens=8)
    for done, prediction in enumerate(itertools.islice(predictions, 80), start=1):
        assert prediction.text == text
        assert len(taken) - done < 32 * 8
        assert (len(taken) - done) * len(text) < 32 * 8 * 8 + len(text)


def test_predictions_of_an_endless_source_come_in_order(tagger):
    texts = (f"Rebels shelled {number} towns" for number in itertools.count())
    for number, prediction in enumerate(itertools.islice(tagger.predict_batch(texts, batch_tokens=64), 200)):
        assert prediction.text == f"Rebels shelled {number} towns"


def test_abandoned_predictions_let_go_of_their_source(tagger):
    closed = threading.Event()

    def source():
        try:
            yield from itertools.repeat("Rebels shelled Homs")
        finally:
            closed.set()

    predictions = tagger.predict_batch(source(), batch_tokens=16)
    next(predictions)
    predictions.close()
    del predictions
    assert closed.is_set()
    assert tagger.predict("Rebels").text == "Rebels"


def test_several_batches_may_be_under_way_at_once(tagger):
    texts = [f"Rebels shelled {number} towns near Homs" for number in range(30)]
    one, two = (tagger.predict_batch(texts, batch_tokens=64) for _ in range(2))
    for first, second in zip(one, two, strict=True):
        assert first == second


class WordEngine:
    """Tags every piece by its index alone, so that spans do not depend on windows; notes who asks at once."""

    def __init__(self, scheme, workers):
        self.scheme = scheme
        self.workers = workers
        self.threads = set()

    def run(self, ids, mask):
        self.threads.add(threading.current_thread())
        logits = 6 * np.sin(ids[..., None] * (np.arange(len(self.scheme.tags)) + 1.7)).astype(np.float32)
        logits[..., 0] += 2
        return logits, np.sin(ids[:, :1] + np.arange(len(self.scheme.events))).astype(np.float32)


@pytest.fixture(scope="module")
def word_tagger(tiny_checkpoint):
    checkpoint = Checkpoint.load(tiny_checkpoint)

    def make(workers):
        return Tagger(checkpoint, WordEngine(checkpoint.scheme, workers))

    return make


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("batch_tokens", [1, 3, 40])
def test_long_texts_read_in_several_rounds_are_decoded_as_one(word_tagger, workers, batch_tokens):
    chance = random.Random(workers)
    words = ["Rebels", "shelled", "Homs", ",", "killing", "30", "soldiers", ".", "x", "\u0301", "\u4e2d"]
    texts = [" ".join(chance.choices(words, k=chance.choice((0, 3, 40, 900)))) for _ in range(12)]
    whole = [word_tagger(1).predict(text, thresholds=0) for text in texts]
    assert max(len(prediction.spans) for prediction in whole) > 100
    tagger = word_tagger(workers)
    assert list(tagger.predict_batch(texts, batch_tokens=batch_tokens, thresholds=0)) == whole
    assert bool(tagger._engine.threads - {threading.current_thread()}) == (workers > 1)


def test_with_several_threads_two_rounds_are_read_ahead_at_most(word_tagger):
    taken = []
    predictions = word_tagger(2).predict_batch(
        counted(itertools.repeat("Rebels shelled Homs"), taken), batch_tokens=16
    )
    for done, _ in enumerate(itertools.islice(predictions, 500), start=1):
        assert len(taken) - done < 2 * 128
    predictions.close()


def test_threads_end_with_predictions_that_are_abandoned(word_tagger):
    before = threading.active_count()
    predictions = word_tagger(2).predict_batch(itertools.repeat("Rebels shelled Homs"), batch_tokens=4)
    next(predictions)
    predictions.close()
    assert threading.active_count() == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes are forked here")
def test_a_forked_child_goes_on_with_predictions_under_way(word_tagger, monkeypatch):
    predictions = word_tagger(2).predict_batch(["Rebels shelled Homs"] * 400, batch_tokens=16)
    next(predictions)
    monkeypatch.setattr("conflictner.model.reading.os.getpid", lambda: -1)  # as in a child
    assert sum(1 for _ in itertools.islice(predictions, 200)) == 200
    predictions.close()


def test_source_that_fails_is_not_silenced(tagger):
    def source():
        yield "Rebels"
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(tagger.predict_batch(source()))


def test_no_texts_no_predictions(tagger):
    assert list(tagger.predict_batch([])) == []


# Wrong arguments


@pytest.mark.parametrize("text", [None, 3, b"Rebels", ["Rebels"], {"text": "Rebels"}, float("nan")])
def test_what_is_no_text_is_named_by_its_type(tagger, monkeypatch, text):
    kind = type(text).__name__
    with pytest.raises(TypeError, match=f"text must be a string, got {kind}"):
        tagger.predict(text)
    with pytest.raises(TypeError, match=rf"texts\[1\] must be a string, got {kind}"):
        list(tagger.predict_batch(["Rebels", text]))
    monkeypatch.setattr(Tagger, "load", None)  # the bundled model is not even loaded
    with pytest.raises(TypeError, match=f"text must be a string, got {kind}"):
        inference.predict(text)


@pytest.mark.parametrize("texts", ["Rebels", b"Rebels", ""])
def test_single_text_given_for_many(tagger, texts):
    with pytest.raises(TypeError, match=rf"got {type(texts).__name__}; use predict\(text\) for one"):
        tagger.predict_batch(texts)


@pytest.mark.parametrize("texts", [None, 3])
def test_what_cannot_be_iterated(tagger, texts):
    with pytest.raises(TypeError, match="not iterable"):
        tagger.predict_batch(texts)


def test_impossible_batch_size(tagger):
    for number in (0, -5):
        with pytest.raises(ValueError, match=f"batch_tokens must be at least 1, got {number}"):
            tagger.predict_batch([], batch_tokens=number)
    for value in ("64", 64.0, None):
        with pytest.raises(TypeError, match=f"whole number, got {type(value).__name__}"):
            tagger.predict_batch([], batch_tokens=value)
