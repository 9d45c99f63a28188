"""The dev score while training, against networks that say what the test wants."""

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForTokenClassification

from conflictner.data import Document, Span
from conflictner.data.counts import Counts
from conflictner.model import DEFAULT_SCHEME, LabelScheme
from conflictner.model.calibration import Calibration
from conflictner.model.network import IGNORED, TaggerNetwork
from conflictner.model.windows import WindowEncoder
from conflictner.training.passages import TrainingDataError, make_dataset
from conflictner.training.scoring import Scorer, Scores, torch_run

TAGS = {tag: index for index, tag in enumerate(DEFAULT_SCHEME.tags)}
DOCUMENTS = [
    Document(
        "1",
        "Rebels shelled Aleppo, killing three.",
        (Span(0, 6, "ACTOR", "agent"), Span(15, 21, "LOCATION"), Span(31, 36, "CASUALTY", "killed")),
        ("battle", "explosion"),
    ),
    Document("2", ""),
    Document("3", "Police seized rifles in Goma.", (Span(0, 6, "ACTOR", "agent"), Span(24, 28, "LOCATION"))),
]


@pytest.fixture(scope="module")
def encoder(new_tokenizer):
    return WindowEncoder(new_tokenizer(), 16, 4)


@pytest.fixture
def scorer(encoder):
    return Scorer(DOCUMENTS, encoder, DEFAULT_SCHEME, pad_id=0)


def saying(documents, encoder, events):
    """A network that gives the tags of ``documents`` for their windows, and these event logits."""
    rows = make_dataset(documents, encoder, DEFAULT_SCHEME).rows
    known = {tuple(row["input_ids"]): row["labels"] for row in rows}

    def run(ids, mask):
        logits = np.zeros((*ids.shape, len(TAGS)), dtype=np.float32)
        for index, line in enumerate(ids):
            labels = known[tuple(line[: mask[index].sum()].tolist())]
            for position, tag in enumerate(labels):
                if tag != IGNORED:
                    logits[index, position, tag] = 9.0
        return logits, np.tile(np.array(events, dtype=np.float32), (len(ids), 1))

    return run


def test_what_is_all_right_scores_one(scorer, encoder):
    reading = scorer.read(saying(DOCUMENTS, encoder, [9, 9, -9, -9, -9, -9, -9]))
    scores = scorer.score(reading)
    assert scores.micro == Counts(5, 0, 0)
    assert scores.labels["LOCATION"] == Counts(2, 0, 0)
    assert scores.attributes == (3, 3)
    assert scores.events == Counts(2, 2, 0)  # the third document has no event
    figures = scores.to_dict()
    assert figures["f1"] == figures["precision"] == figures["recall"] == figures["f1_ACTOR"] == 1.0
    assert figures["attribute_accuracy"] == 1.0
    assert figures["event_f1"] == pytest.approx(2 * 2 / (2 * 2 + 2))


def test_wrong_borders_labels_and_attributes_count(scorer, encoder):
    said = [
        Document(
            "1",
            DOCUMENTS[0].text,
            (Span(0, 14, "ACTOR", "agent"), Span(15, 21, "WEAPON"), Span(31, 36, "CASUALTY", "injured")),
        ),
        Document("3", DOCUMENTS[2].text, (Span(0, 6, "ACTOR", "target"), Span(14, 20, "WEAPON"))),
    ]
    scores = scorer.score(scorer.read(saying(said, encoder, [-9] * 7)))
    assert scores.labels == {
        "ACTOR": Counts(1, 1, 1),
        "WEAPON": Counts(0, 2, 0),
        "LOCATION": Counts(0, 0, 2),
        "CASUALTY": Counts(1, 0, 0),
    }
    assert scores.micro == Counts(2, 3, 3)
    assert scores.attributes == (0, 2)
    assert scores.events == Counts(0, 0, 2)


def test_thresholds_decide_on_events(scorer, encoder):
    reading = scorer.read(saying(DOCUMENTS, encoder, [0.5, -0.5, -9, -9, -9, -9, -9]))  # 0.62 and 0.38
    assert scorer.score(reading).events == Counts(1, 1, 1)
    assert scorer.score(reading, Calibration(1.0, {"battle": 0.7, "explosion": 0.3})).events == Counts(
        1, 1, 1
    )
    assert scorer.score(reading, Calibration(1.0, {"explosion": 0.3})).events == Counts(2, 2, 0)


def test_gold_rows_are_in_the_order_of_the_reading(scorer, encoder):
    reading = scorer.read(saying(DOCUMENTS, encoder, [0] * 7))
    assert scorer.gold_tags().tolist() == reading.logits.argmax(axis=1).tolist()
    assert scorer.gold_events()[:, :3].tolist() == [[True, True, False], [False] * 3, [False] * 3]


def test_figures_of_what_a_scheme_does_not_have_are_left_out(encoder):
    scheme = LabelScheme.from_dict({"labels": ["ACTOR", "LOCATION"]})
    documents = [Document("1", "Rebels left.", (Span(0, 6, "ACTOR"),))]
    scorer = Scorer(documents, encoder, scheme, pad_id=0)

    def run(ids, mask):
        return np.zeros((*ids.shape, len(scheme.tags)), np.float32), np.zeros((len(ids), 0), np.float32)

    scores = scorer.score(scorer.read(run))
    assert set(scores.to_dict()) == {"f1", "precision", "recall", "f1_ACTOR", "f1_LOCATION"}
    assert scorer.gold_events().shape == (1, 0)


def test_no_score_is_no_division_by_zero():
    assert set(Scores({"A": Counts()}, (0, 0), Counts()).to_dict().values()) == {0.0}


def test_documents_without_words_are_refused(encoder):
    with pytest.raises(TrainingDataError, match="finds no word in any of the dev documents"):
        Scorer([Document("1", " ")], encoder, DEFAULT_SCHEME, pad_id=0)


def test_spans_that_cannot_be_found_are_kept(encoder):
    document = Document("1", "antitank missiles", (Span(4, 8, "WEAPON"),))
    assert Scorer([document], encoder, DEFAULT_SCHEME, 0).off_borders == [(document, document.spans[0])]


@pytest.fixture
def network():
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=50,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=len(TAGS),
        hidden_dropout_prob=0.5,
    )
    return TaggerNetwork(BertForTokenClassification(config), DEFAULT_SCHEME)


def test_a_network_is_run_without_dropout_and_left_as_it_was(network):
    ids = np.arange(12).reshape(2, 6)
    run = torch_run(network.train(), torch.device("cpu"))
    first, second = run(ids, np.ones_like(ids)), run(ids, np.ones_like(ids))
    assert first[0].shape == (2, 6, len(TAGS))
    assert first[1].shape == (2, 7)
    assert np.array_equal(first[0], second[0])
    assert network.training
    torch_run(network.eval(), torch.device("cpu"))(ids, np.ones_like(ids))
    assert not network.training


def test_a_network_that_trains_in_bf16_is_scored_in_fp32(network):
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState

    ids = np.arange(12).reshape(2, 6)
    expected = torch_run(network, torch.device("cpu"))(ids, np.ones_like(ids))
    AcceleratorState._reset_state(reset_partial_state=True)
    try:
        prepared = Accelerator(cpu=True, mixed_precision="bf16").prepare(network)
        casting = prepared.eval()(torch.from_numpy(ids), torch.ones(2, 6, dtype=torch.long)).logits
        logits, events = torch_run(prepared, torch.device("cpu"))(ids, np.ones_like(ids))
    finally:
        AcceleratorState._reset_state(reset_partial_state=True)
    assert not np.array_equal(casting.detach().numpy(), expected[0])  # bf16 is in use
    assert np.array_equal(logits, expected[0])
    assert np.array_equal(events, expected[1])


def test_spans_under_the_threshold_do_not_count(encoder):
    scorer = Scorer(DOCUMENTS, encoder, DEFAULT_SCHEME, 0)
    reading = scorer.read(saying(DOCUMENTS, encoder, [-9] * 7))
    scores = [span.score for spans in reading.spans(DEFAULT_SCHEME, 1.0) for span in spans]
    every = scorer.score(reading, Calibration()).micro
    none = scorer.score(reading, Calibration(1.0, {}, 1.0)).micro
    assert every.tp + every.fp == len(scores) > sum(score >= 1.0 for score in scores) == none.tp + none.fp
    assert every.support == none.support
