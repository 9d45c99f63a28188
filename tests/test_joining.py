"""Passages that are joined in one window look as one text in which they stand one behind the other."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import Document, Span
from conflictner.model import LabelScheme
from conflictner.model.network import IGNORED
from conflictner.model.windows import WindowEncoder
from conflictner.training.distillation.soft_rows import SoftCollator, SoftRows
from conflictner.training.joining import Joining
from conflictner.training.passages import Collator, make_dataset

SCHEME = LabelScheme.from_dict({"labels": ["ACTOR", "LOCATION"], "events": ["battle", "protest"]})
SENTENCES = [
    ("Rebels seized Homs.", (Span(0, 6, "ACTOR"), Span(14, 18, "LOCATION")), ("battle",)),
    ("Troops left.", (Span(0, 6, "ACTOR"),), ()),
    ("It rained.", (), ("protest",)),
]
texts = st.lists(st.sampled_from(range(len(SENTENCES))), min_size=1, max_size=7)


@pytest.fixture(scope="module")
def encoder(new_tokenizer):
    return WindowEncoder(new_tokenizer(), 24, 4)


def document(numbers):
    """The sentences one behind the other."""
    text, spans, events = "", [], set()
    for number in numbers:
        words, own, types = SENTENCES[number]
        begin = len(text) + 1 if text else 0
        text = f"{text} {words}" if text else words
        spans += [Span(span.start + begin, span.end + begin, span.label) for span in own]
        events |= set(types)
    return Document("1", text, tuple(spans), tuple(sorted(events)))


def rows(documents, encoder):
    """As a list of dictionaries, as the Trainer takes them from a dataset."""
    return list(make_dataset(documents, encoder, SCHEME).rows)


def plain(row):
    return {name: np.asarray(value).tolist() for name, value in row.items() if name != "length"}


def soft_rows(documents, encoder):
    """Every word's tags tell where it stands, so that a mistaken order shows."""
    tokens = [encoder.tokenize(document.text) for document in documents]
    tags = [
        np.stack([np.full(len(SCHEME.tags), len(document.text[: word[0]].split())) for word in text.words])
        for document, text in zip(documents, tokens, strict=True)
    ]
    events = [np.array([float(name in d.events) for name in SCHEME.events]) for d in documents]
    made = SoftRows.of(encoder, zip(tokens, tags, events, strict=True))
    return [made[index] for index in range(len(made))]


@given(numbers=texts)
def test_joined_rows_are_the_windows_of_the_joined_text(encoder, numbers):
    alone = rows([document([number]) for number in numbers], encoder)
    joined = Joining(dict, 0.999999, encoder).join(alone)
    together, first = [], 0
    while first < len(numbers):  # as many as fit
        last = first + 1
        while (
            last < len(numbers) and len(encoder.tokenize(document(numbers[first : last + 1]).text).ids) <= 22
        ):
            last += 1
        together += rows([document(numbers[first:last])], encoder)
        first = last
    assert [plain(row) for row in joined] == [plain(row) for row in together]


@given(numbers=st.lists(st.sampled_from(range(len(SENTENCES))), min_size=2, max_size=2))
def test_soft_rows_join_the_same_way(encoder, numbers):
    alone = soft_rows([document([number]) for number in numbers], encoder)
    (joined,) = Joining(dict, 0.999999, encoder).join(alone)
    (together,) = soft_rows([document(numbers)], encoder)
    second = len(alone[0]["heads"])
    np.testing.assert_array_equal(joined["input_ids"], together["input_ids"])
    np.testing.assert_array_equal(joined["heads"], together["heads"])
    np.testing.assert_array_equal(joined["events"], together["events"])
    np.testing.assert_array_equal(joined["tags"], np.concatenate([row["tags"] for row in alone]))
    assert len(joined["heads"]) == second + len(alone[1]["heads"])
    batch = Joining(SoftCollator(0, 4, 0.0, ()), 0.999999, encoder)(alone)
    assert batch["input_ids"].shape[0] == 1
    assert batch["places"].tolist() == joined["heads"].tolist()


def test_an_event_type_that_one_passage_leaves_open_is_open_unless_the_other_has_it(encoder):
    known = rows([document([0])], encoder)[0]  # battle, no protest
    unknown = {**known, "events": [float(IGNORED), float(IGNORED)]}
    for pair in ([known, unknown], [unknown, known]):
        (joined,) = Joining(dict, 0.999999, encoder).join(pair)
        assert joined["events"].tolist() == [1.0, IGNORED]


def test_a_share_of_nothing_leaves_rows_and_random_draws_alone(encoder):
    alone = rows([document([number]) for number in (0, 1, 2)], encoder)
    collate = Collator(0, 4)
    state = torch.random.get_rng_state()
    batch = Joining(collate, 0.0, encoder)(alone)
    assert torch.equal(state, torch.random.get_rng_state())
    assert {name: value.tolist() for name, value in batch.items()} == {
        name: value.tolist() for name, value in collate(alone).items()
    }


def test_the_share_is_the_chance_of_joining(encoder):
    torch.manual_seed(1)
    alone = rows([document([1])] * 2000, encoder)
    windows = len(Joining(dict, 0.3, encoder).join(alone))
    assert 0.68 < windows / len(alone) < 0.78  # a third of the joined windows is full, and takes no more
