"""The tagger: every promise of the predict API, on any text."""

import json
import random
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conflictner import inference
from conflictner.data import read_jsonl, word_offsets
from conflictner.inference import Tagger
from conflictner.inference import tagger as tagger_module
from conflictner.inference.tagger import ThresholdError
from conflictner.model import DEFAULT_SCHEME, Label, LabelScheme
from conflictner.model.checkpoint import BUNDLED, Checkpoint, CheckpointError
from conflictner.model.decoding import decode, softmax
from conflictner.model.windows import WindowEncoder

SENTENCES = (
    "Rebels shelled the town of Aleppo on Sunday, killing at least three civilians, officials said.",
    'Police fired "rubber" rounds; ten people were wounded (two of them soldiers).',
    "The ministry said its F-16s had bombed Al-Rai's border post near Kabul, U.S.-made rockets in hand...",
    "Shares in Mogadishu rose 3,000 points and nobody was hurt.",
    "S\u00e3o Tom\u00e9's cafe\u0301 was seized by \u0627\u0644\u062c\u064a\u0634 \U0001f1fa\U0001f1e6 "
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 troops.",
)
odd_characters = st.one_of(
    st.sampled_from(
        "ab .,'\"!-\n\t\0\x1c\x85\u00a0\u00ad\u0301\u0628\u05d0\u4e2d\u200b\u200d\u2028\u202e\ufe0f\ufeff"
        "\ufffd\ud800\udfff\U0001f468\U0001f1fa\U0001f3fd"
    ),
    st.characters(exclude_categories=()),
)
any_text = st.one_of(
    st.text(odd_characters, max_size=60),
    st.lists(
        st.one_of(st.sampled_from(" ".join(SENTENCES).split()), st.text(odd_characters, max_size=3)),
        max_size=90,
    ).map(" ".join),
)


def passages(count, seed=0):
    """Texts of all lengths from nothing to several windows."""
    generator = random.Random(seed)
    words = " ".join(SENTENCES).split()
    texts = ["", " \n", *SENTENCES]
    texts += [
        " ".join(generator.choices(words, k=generator.randint(1, 120))) for _ in range(count - len(texts))
    ]
    return texts


@pytest.fixture(scope="module")
def tagger(tiny_checkpoint):
    return Tagger.load(tiny_checkpoint, threads=1)


@pytest.fixture(scope="module")
def torch_tagger(tiny_checkpoint):
    return Tagger.load(tiny_checkpoint, engine="torch", threads=1)


class WhimEngine:
    """An engine that tags every piece by its index alone, and leaves about half of them outside."""

    def __init__(self, scheme):
        self.scheme = scheme
        self.workers = 1
        self.batches = []

    def run(self, ids, mask):
        self.batches.append(ids.shape)
        tags = np.arange(len(self.scheme.tags))
        logits = 6 * np.sin(ids[..., None] * (tags + 1.7)).astype(np.float32)
        logits[..., 0] += 4
        events = np.sin(ids.sum(axis=1)[:, None] + np.arange(len(self.scheme.events)))
        return logits, events.astype(np.float32)


@pytest.fixture(scope="module")
def byte_tagger(tiny_checkpoint, new_byte_tokenizer):
    """A tagger with another kind of tokenizer."""
    checkpoint = Checkpoint.load(tiny_checkpoint)
    made = Tagger(checkpoint, WhimEngine(checkpoint.scheme))
    made._encoder = WindowEncoder(new_byte_tokenizer(), 24, 6)
    return made


def check_promises(text, prediction, scheme=DEFAULT_SCHEME):
    words = word_offsets(text)
    starts, ends = {start for start, _ in words}, {end for _, end in words}
    assert prediction.text == text
    border = 0
    for span in prediction.spans:
        assert text[span.start : span.end] == span.text
        assert border <= span.start < span.end <= len(text)
        border = span.end
        assert span.start in starts
        assert span.end in ends
        assert not span.text[0].isspace()
        assert not span.text[-1].isspace()
        assert span.attribute in (scheme.table[span.label] or (None,))
        assert type(span.score) is float
        assert 0 <= span.score <= 1
    assert list(prediction.event_scores) == list(scheme.events)
    assert all(0 <= score <= 1 for score in prediction.event_scores.values())
    assert prediction.events == tuple(name for name, score in prediction.event_scores.items() if score >= 0.5)
    assert 0 <= prediction.coverage <= 1
    assert json.loads(prediction.to_json()) == prediction.to_dict()


def borders(prediction):
    return [(span.start, span.end, span.label, span.attribute) for span in prediction.spans]


def assert_same(predictions, others):
    """The same but for rounding."""
    for one, other in zip(predictions, others, strict=True):
        assert one.text == other.text
        assert borders(one) == borders(other)
        np.testing.assert_allclose([s.score for s in one.spans], [s.score for s in other.spans], atol=1e-4)
        assert one.events == other.events
        np.testing.assert_allclose(
            list(one.event_scores.values()), list(other.event_scores.values()), atol=1e-4
        )
        assert one.coverage == other.coverage


# Promises on any text


@given(text=any_text)
@example(text="")
@example(text="\u0301")
@example(text="Rebels\0shelled\ud800Homs")
@example(text="\u202eRebels\u202c \u0627\u0644\u062c\u064a\u0634")
def test_promises_on_any_text(tagger, text):
    check_promises(text, tagger.predict(text))


@given(text=any_text)
def test_promises_on_any_text_with_byte_level_pieces(byte_tagger, text):
    check_promises(text, byte_tagger.predict(text))


@given(texts=st.lists(any_text, max_size=8), batch_tokens=st.sampled_from([1, 30, 500]))
@settings(max_examples=30)
def test_predictions_come_in_order_whatever_the_texts(byte_tagger, texts, batch_tokens):
    predictions = list(byte_tagger.predict_batch(texts, batch_tokens=batch_tokens))
    assert predictions == [byte_tagger.predict(text) for text in texts]


def test_the_tiny_model_finds_enough_to_test_with(tagger):
    spans = [span for prediction in tagger.predict_batch(passages(45)) for span in prediction.spans]
    assert {span.label for span in spans} == set(DEFAULT_SCHEME.table)
    assert any(" " in span.text for span in spans)
    assert len(spans) > 200


@pytest.mark.parametrize("text", ["", " ", "\n\t \u00a0\u2028", "\0", "\ufeff", "\u200b\u200b"])
def test_text_with_nothing_to_read(tagger, text):
    prediction = tagger.predict(text)
    assert prediction.spans == ()
    assert prediction.events == ()
    assert set(prediction.event_scores.values()) == {0.0}
    assert prediction.coverage == 1.0


@pytest.mark.parametrize(
    "text",
    [
        *SENTENCES,
        "Rebels\0 shelled\0 Aleppo\0",
        "\ufeffRebels shelled Aleppo",
        "\u202eRebels shelled Aleppo\u202c \u0642\u062a\u0644\u062a \u05d4\u05e8\u05d2\u05d5",
        "R\u0301e\u0301b\u0301e\u0301l\u0301s\u0301 shelled Ale\u00adppo",
        "Rebels " + "x" * 10_000 + " shelled Aleppo",
        "Rebels shelled Aleppo" + " " * 100_000 + "killing three",
        "Rebels shelled Aleppo. " * 400,
        "Rebels,shelled;Aleppo." * 400,
        "\u4e2d\u6587" * 40_000,
    ],
    ids=lambda text: f"{text[:12]!r} {len(text)}",
)
def test_whole_text_is_read(tagger, text):
    prediction = tagger.predict(text)
    check_promises(text, prediction)
    assert prediction.coverage == 1.0


def test_lost_characters_lower_the_coverage(tagger):
    assert tagger.predict("Homs\ud800").coverage == 0.8
    assert tagger.predict("Homs \ufffd").coverage == 0.8
    assert tagger.predict("\ud800").coverage == 0.0


@pytest.mark.parametrize(
    "line", [("x" * 999 + " ") * 10_000, "x" * 10_000_000], ids=["words", "no white space"]
)
def test_one_line_of_ten_megabytes(tagger, line):
    assert len(line) == 10_000_000
    prediction = tagger.predict(line)
    assert prediction.coverage == 1.0
    assert all(line[span.start : span.end] == span.text for span in prediction.spans)


# Windows, batches, engines


def test_long_text_is_decided_word_by_word_in_the_most_central_window(tagger):
    """The same by other means: each window run alone, each word looked up where it is most central."""
    text = " ".join(passages(12, seed=3))
    encoder = tagger.checkpoint.window_encoder()
    tokens = encoder.tokenize(text)
    cuts = encoder._cuts(tokens.heads, len(tokens.ids))
    assert len(cuts) > 5
    outputs = []
    for start, stop in cuts:
        ids = np.concatenate([[2], tokens.ids[start:stop], [3]])[None]
        outputs.append(tagger._engine.run(ids, np.ones_like(ids)))
    rows = []
    for head in tokens.heads.tolist():
        central = [min(head - start, stop - 1 - head) for start, stop in cuts]
        best = max(range(len(cuts)), key=central.__getitem__)
        rows.append(outputs[best][0][0, head - cuts[best][0] + 1])
    spans, _ = decode(tagger.scheme, softmax(np.array(rows), 1.5), tokens.words)
    prediction = tagger.predict(text)
    assert borders(prediction) == [(span.start, span.end, span.label, span.attribute) for span in spans]
    np.testing.assert_allclose([s.score for s in prediction.spans], [s.score for s in spans], atol=1e-4)
    events = 1 / (1 + np.exp(-np.max([output[1][0] for output in outputs], axis=0)))
    np.testing.assert_allclose(list(prediction.event_scores.values()), events, atol=1e-4)


def test_words_before_and_after_a_window_matter(tagger):
    """The tiny model reads context at all, or the tests of windows and batches would prove nothing."""
    alone = [(span.text, span.score) for span in tagger.predict(SENTENCES[0]).spans]
    longer = [(span.text, span.score) for span in tagger.predict(f"{SENTENCES[0]} Homs").spans]
    assert alone[:2] != longer[:2]


@pytest.mark.parametrize("batch_tokens", [1, 64, 8192])
def test_batch_size_order_and_company_change_nothing(tagger, batch_tokens):
    texts = passages(45)
    alone = [tagger.predict(text) for text in texts]
    assert_same(tagger.predict_batch(texts, batch_tokens=batch_tokens), alone)
    order = random.Random(batch_tokens).sample(range(45), 45)
    shuffled = tagger.predict_batch((texts[i] for i in order), batch_tokens=batch_tokens)
    assert_same(shuffled, [alone[i] for i in order])
    assert_same(tagger.predict_batch(texts[::7], batch_tokens=batch_tokens), alone[::7])


def test_engines_agree(tagger, torch_tagger):
    texts = passages(120, seed=1)
    assert_same(tagger.predict_batch(texts), torch_tagger.predict_batch(texts))


def test_int8_model_keeps_its_results_in_any_batch(tiny_checkpoint, tmp_path):
    from conflictner.model.checkpoint import write_checksums
    from conflictner.model.export import quantize_int8

    folder = shutil.copytree(tiny_checkpoint, tmp_path / "int8")
    quantize_int8(tiny_checkpoint / "model.onnx", folder / "model.onnx")
    write_checksums(folder)
    small = Tagger.load(folder, threads=1)
    texts = passages(45)
    assert_same(small.predict_batch(texts), [small.predict(text) for text in texts])


def test_runs_keep_the_budget(tiny_checkpoint):
    checkpoint = Checkpoint.load(tiny_checkpoint)
    engine = WhimEngine(checkpoint.scheme)
    made = Tagger(checkpoint, engine)
    list(made.predict_batch(passages(45), batch_tokens=200))
    assert all(rows * length <= 200 for rows, length in engine.batches)
    assert max(rows for rows, _ in engine.batches) >= 3
    engine.batches.clear()
    list(made.predict_batch(passages(45), batch_tokens=1))
    assert {rows for rows, _ in engine.batches} == {1}


# Thresholds


@pytest.mark.parametrize(
    ("thresholds", "complaint"),
    [
        (1.5, "must be a number from 0 to 1, got 1.5"),
        (-0.1, "got -0.1"),
        (float("nan"), "got nan"),
        ("0.5", "got '0.5'"),
        (True, "got True"),
        ([0.5], "got \\[0.5\\]"),
        ({"ACTOR": 2}, "the threshold of ACTOR must be a number from 0 to 1, got 2"),
        ({"ACTOR": None}, "the threshold of ACTOR must be a number from 0 to 1, got None"),
        ({"Actor": 0.5}, "no label 'Actor' .* the model has ACTOR, WEAPON, LOCATION, CASUALTY"),
        ({3: 0.5}, "no label 3"),
    ],
)
def test_impossible_thresholds(tagger, thresholds, complaint):
    with pytest.raises(ThresholdError, match=complaint):
        tagger.predict("Rebels", thresholds=thresholds)
    with pytest.raises(ThresholdError, match=complaint):
        tagger.predict_batch(["Rebels"], thresholds=thresholds)  # at once, not with the first prediction


def test_thresholds_leave_out_spans_and_change_no_other(tagger):
    text = " ".join(passages(12))
    everything = tagger.predict(text)
    scores = sorted(span.score for span in everything.spans)
    middle = scores[len(scores) // 2]  # a span's own score: it stays
    some = tagger.predict(text, thresholds=middle)
    assert some.spans == tuple(span for span in everything.spans if span.score >= middle)
    assert 0 < len(some.spans) < len(everything.spans)
    assert some.event_scores == everything.event_scores
    for thresholds in ({"ACTOR": 1}, {"ACTOR": np.float32(1)}):
        kept = tagger.predict(text, thresholds=thresholds)
        assert kept.spans == tuple(
            span for span in everything.spans if span.label != "ACTOR" or span.score == 1
        )
    assert tagger.predict(text, thresholds=0).spans == everything.spans
    assert tagger.predict(text, thresholds={}).spans == everything.spans


def test_model_leaves_out_what_its_calibration_asks_for(tiny_checkpoint, tmp_path):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "strict")
    record = json.loads((folder / "calibration.json").read_text(encoding="utf-8")) | {"span_threshold": 0.4}
    (folder / "calibration.json").write_text(json.dumps(record), encoding="utf-8")
    strict = Tagger.load(folder, threads=1, verify=False)
    text = " ".join(passages(12))
    everything = strict.predict(text, thresholds=0).spans
    kept = strict.predict(text).spans
    assert kept == tuple(span for span in everything if span.score >= 0.4)
    assert 0 < len(kept) < len(everything)
    weapons = strict.predict(text, thresholds={"WEAPON": 0}).spans  # the other labels keep the model's own
    assert weapons == tuple(span for span in everything if span.score >= 0.4 or span.label == "WEAPON")


# Threads


def test_threads_share_a_tagger(tagger):
    texts = passages(24)
    expected = [tagger.predict(text) for text in texts]
    barrier = threading.Barrier(8)

    def work(seed):
        barrier.wait()
        order = random.Random(seed).sample(range(len(texts)), len(texts))
        if seed % 2:
            return order, [tagger.predict(texts[i]) for i in order]
        return order, list(tagger.predict_batch((texts[i] for i in order), batch_tokens=256))

    with ThreadPoolExecutor(8) as pool:
        for order, predictions in pool.map(work, range(8)):
            assert_same(predictions, [expected[i] for i in order])


def test_bundled_model_is_loaded_once_however_many_threads_ask_first(tagger, monkeypatch):
    loads = []

    def load():
        loads.append(threading.get_ident())
        time.sleep(0.1)  # long enough for all others to come
        return tagger

    monkeypatch.setattr(tagger_module, "_bundled", None)
    monkeypatch.setattr(Tagger, "load", load)
    barrier = threading.Barrier(8)

    def work(number):
        barrier.wait()
        return inference.predict("Rebels shelled Homs", thresholds=0.0)

    with ThreadPoolExecutor(8) as pool:
        predictions = list(pool.map(work, range(8)))
    assert len(loads) == 1
    assert_same(predictions, [tagger.predict("Rebels shelled Homs")] * 8)
    inference.predict("Homs")
    assert len(loads) == 1


def test_bundled_model_that_cannot_be_loaded_is_tried_again(tagger, monkeypatch):
    monkeypatch.setattr(tagger_module, "_bundled", None)

    def fail():
        raise CheckpointError("no model yet")

    monkeypatch.setattr(Tagger, "load", fail)
    with pytest.raises(CheckpointError, match="no model yet"):
        inference.predict("Homs")
    monkeypatch.setattr(Tagger, "load", lambda: tagger)
    assert inference.predict("Homs").text == "Homs"


# Schemes of a user's own


@pytest.mark.parametrize(
    "scheme",
    [
        LabelScheme((Label("PERSON"),)),
        LabelScheme((Label("A-B", "k", ("x",)), Label("\u00c9tat")), ("one-event",)),
    ],
    ids=["one label", "odd names"],
)
def test_scheme_of_a_users_own_goes_the_same_way(make_checkpoint, tmp_path, scheme):
    folder = make_checkpoint(tmp_path / "own", scheme, max_length=32, overlap=0)
    texts = passages(30)
    predictions = {}
    for engine in ("onnx", "torch"):
        own = Tagger.load(folder, engine=engine, threads=1)
        assert own.scheme == scheme
        assert own.name == "own"
        predictions[engine] = list(own.predict_batch(texts))
        for text, prediction in zip(texts, predictions[engine], strict=True):
            check_promises(text, prediction, scheme)
    assert_same(predictions["onnx"], predictions["torch"])
    assert {span.label for prediction in predictions["onnx"] for span in prediction.spans} == set(
        scheme.table
    )


# The bundled model


@pytest.fixture(scope="module")
def samples():
    folder = Path(__file__).parents[1] / "data" / "samples"
    texts = [document.text for document in read_jsonl(folder / "samples.jsonl")]
    return [*texts, *(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt")))]


@pytest.fixture(scope="module")
def bundled():
    if not (BUNDLED / "model.onnx").is_file():
        pytest.skip("this checkout has no bundled model")
    return Tagger.load(threads=1)


def test_bundled_model_keeps_the_promises(bundled, samples):
    for text in samples:
        prediction = bundled.predict(text)
        assert prediction.coverage == 1.0
        ends = {border for word in word_offsets(text) for border in word}
        for span in prediction.spans:
            assert text[span.start : span.end] == span.text
            assert {span.start, span.end} <= ends


@pytest.mark.parametrize("batch_tokens", [1, 500, 8192])
def test_bundled_model_keeps_its_results_in_any_batch(bundled, samples, batch_tokens):
    assert_same(
        bundled.predict_batch(samples, batch_tokens=batch_tokens), [bundled.predict(text) for text in samples]
    )


def test_bundled_model_finds_the_same_with_torch(bundled, samples):
    """Its ONNX file holds int8 weights, torch reads fp16 ones: a borderline span in fifty may differ."""
    with_torch = Tagger.load(engine="torch", threads=1)
    pairs = zip(bundled.predict_batch(samples), with_torch.predict_batch(samples), strict=True)
    found = [(set(borders(one)), set(borders(other))) for one, other in pairs]
    assert sum(len(one & other) for one, other in found) >= 0.98 * sum(
        len(one | other) for one, other in found
    )
