"""Reading: rows of logits go to the words they belong to, however windows are sorted and batched."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.model import Label, LabelScheme
from conflictner.model.checkpoint import Checkpoint
from conflictner.model.reading import ReadingError, read
from conflictner.model.windows import WindowEncoder

SCHEME = LabelScheme((Label("A"),), ("riot", "battle"))
PAD = 0


class EchoNetwork:
    """Says of each piece what its index is, and of a window the largest one; notes what it was given."""

    def __init__(self):
        self.batches = []

    def __call__(self, ids, mask):
        assert ids.shape == mask.shape
        assert ids.dtype == mask.dtype == np.int64
        assert (ids[mask == 0] == PAD).all()
        assert (np.diff(mask, axis=1) <= 0).all()  # padding only behind the end
        assert mask.any(axis=0).all()  # no more of it than the longest row asks for
        self.batches.append((ids.shape, mask.sum(axis=1).tolist()))
        logits = np.stack([ids, ids * 0, -ids], axis=2).astype(np.float32)
        largest = np.where(mask == 1, ids, 0).max(axis=1)
        return logits, np.stack([largest, -largest], axis=1).astype(np.float32)


@pytest.fixture(scope="session")
def encoder(new_tokenizer):
    return WindowEncoder(new_tokenizer(), 16, 4)


def read_texts(encoder, texts, run, batch_tokens=64):
    tokens = [encoder.tokenize(text) for text in texts]
    windows = [list(encoder.windows(text)) for text in tokens]
    return read(run, tokens, windows, SCHEME, batch_tokens=batch_tokens, pad_id=PAD)


sentences = st.lists(
    st.sampled_from(["Rebels", "police", "shelled", "Aleppo", ",", "Mogadishu", "300", "x"]), max_size=60
).map(" ".join)


@given(texts=st.lists(sentences, min_size=1, max_size=6), batch_tokens=st.sampled_from([1, 16, 40, 10_000]))
def test_every_word_gets_the_row_of_its_own_piece(encoder, texts, batch_tokens):
    network = EchoNetwork()
    reading = read_texts(encoder, texts, network, batch_tokens)
    assert reading.begins.tolist() == np.cumsum([0, *(len(text.words) for text in reading.texts)]).tolist()
    expected = np.concatenate([text.ids[text.heads] for text in reading.texts])
    assert reading.logits[:, 0].tolist() == expected.tolist()
    assert reading.logits.shape == (len(expected), 3)
    for index, text in enumerate(reading.texts):
        if len(text.words):
            assert reading.event_logits[index, 0] == max(3, text.ids.max())  # [SEP] is 3
        else:
            assert reading.event_logits[index].tolist() == [-np.inf, -np.inf]
            assert reading.event_probabilities()[index].tolist() == [0.0, 0.0]
    for shape, _ in network.batches:
        assert shape[0] == 1 or shape[0] * shape[1] <= batch_tokens


def test_windows_of_similar_length_are_read_together(encoder):
    network = EchoNetwork()
    read_texts(encoder, ["police", "police shelled x", "x", "x x x"], network, batch_tokens=10)
    assert [lengths for _, lengths in network.batches] == [[3, 3], [5, 5]]


def test_text_without_words_costs_no_run(encoder):
    network = EchoNetwork()
    reading = read_texts(encoder, ["", " \n"], network)
    assert network.batches == []
    assert reading.spans(SCHEME, 1.0) == [[], []]


def test_spans_are_given_to_their_texts(encoder):
    """Spans that end one text and begin the next stay two, and empty texts between them stay empty."""

    def run(ids, mask):
        logits = np.zeros((*ids.shape, 3), dtype=np.float32)
        logits[..., 1:] = (1.0, 5.0)  # I-A everywhere, B-A where that cannot be
        return logits, np.zeros((len(ids), 2), dtype=np.float32)

    reading = read_texts(encoder, ["Rebels shelled", "", "x", "police fired rockets"], run)
    spans = reading.spans(SCHEME, 1.0)
    assert [[(span.start, span.end) for span in text] for text in spans] == [
        [(0, 14)],
        [],
        [(0, 1)],
        [(0, 20)],
    ]
    assert reading.event_probabilities()[:, 0].tolist() == [0.5, 0.0, 0.5, 0.5]


def test_temperature_softens_scores_and_keeps_borders(encoder):
    def run(ids, mask):
        logits = np.tile(np.float32([0.0, 3.0, 1.0]), (*ids.shape, 1))
        return logits, np.zeros((len(ids), 2), dtype=np.float32)

    reading = read_texts(encoder, ["police"], run)
    sharp, soft = (reading.spans(SCHEME, temperature)[0][0] for temperature in (0.5, 4.0))
    assert (sharp.start, sharp.end) == (soft.start, soft.end) == (0, 6)
    assert sharp.score > 0.95 > soft.score > 1 / 3


def test_event_of_a_long_text_is_that_of_its_most_certain_window(encoder):
    reading = read_texts(encoder, ["x " * 30 + "Goma"], network := EchoNetwork())
    assert len(network.batches[0][1]) + len(network.batches) > 2  # several windows
    assert reading.event_logits[0, 0] == encoder.tokenizer.token_to_id("Goma")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused(encoder, value):
    def run(ids, mask):
        logits = np.zeros((*ids.shape, 3), dtype=np.float32)
        logits[0, 1, 1] = value
        return logits, np.zeros((len(ids), 2), dtype=np.float32)

    with pytest.raises(ReadingError, match="not numbers") as caught:
        read_texts(encoder, ["police"], run)
    assert "\n" not in str(caught.value)


def test_event_that_is_no_number_is_refused(encoder):
    def run(ids, mask):
        return np.zeros((*ids.shape, 3), np.float32), np.full((len(ids), 2), np.nan, np.float32)

    with pytest.raises(ReadingError, match="not numbers"):
        read_texts(encoder, ["police"], run)


def test_several_workers_read_the_same_and_share_the_work(tiny_checkpoint):
    import threading

    checkpoint = Checkpoint.load(tiny_checkpoint)
    encoder = WindowEncoder(checkpoint.tokenizer(), 16, 4)
    texts = [
        encoder.tokenize("Rebels shelled Homs on Monday and killed three soldiers. " * n) for n in (1, 3, 9)
    ]
    windows = [list(encoder.windows(text)) for text in texts]
    seen = set()
    meet = threading.Barrier(2, timeout=30)

    def run(ids, mask):
        if threading.current_thread() not in seen:
            seen.add(threading.current_thread())
            meet.wait()
        tags = np.repeat(ids[:, :, None], len(checkpoint.scheme.tags), axis=2)
        return tags.astype(np.float32), np.zeros((len(ids), len(checkpoint.scheme.events)), dtype=np.float32)

    def once(ids, mask):
        seen.add(threading.current_thread())
        return run(ids, mask)

    seen.add(threading.current_thread())
    alone = read(once, texts, windows, checkpoint.scheme, batch_tokens=64, pad_id=0)
    assert seen == {threading.current_thread()}
    both = read(run, texts, windows, checkpoint.scheme, batch_tokens=64, pad_id=0, workers=2)
    assert len(seen) == 3
    assert (alone.logits == both.logits).all()
    assert (alone.event_logits == both.event_logits).all()
