"""Training documents: how they are split, encoded and padded, and what is said of those that do not work."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from conflictner.data import Document, Span
from conflictner.data.errors import DataError
from conflictner.model import DEFAULT_SCHEME, LabelScheme
from conflictner.model.network import IGNORED
from conflictner.model.windows import WindowEncoder
from conflictner.training.passages import Collator, TrainingDataError, load_split, make_dataset, off_borders
from conflictner.training.recipe import RecipeError
from conflictner.training.sections import DataSection

TAGS = {tag: index for index, tag in enumerate(DEFAULT_SCHEME.tags)}


@pytest.fixture
def write(tmp_path):
    def write(name, records):
        path = tmp_path / name
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture(scope="module")
def encoder(new_tokenizer):
    return WindowEncoder(new_tokenizer(), 16, 4)


def section(train, dev=(), dev_share=0.0):
    return DataSection(train=train, dev=list(dev), dev_share=dev_share)


def refused(data, scheme=DEFAULT_SCHEME, error=TrainingDataError):
    with pytest.raises(error) as caught:
        load_split(data, scheme, 0)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_files_are_read_in_order(write, reports):
    train = [write("a.jsonl", reports[:2]), write("b.jsonl", reports[2:5])]
    split = load_split(section(train, [write("c.jsonl", reports[5:6])]), DEFAULT_SCHEME, 0)
    ids = [[document.id for document in part] for part in split]
    assert ids == [[report["id"] for report in reports[:5]], ["report-5"]]


def test_a_share_is_held_out_by_seed(write, reports):
    data = section([write("a.jsonl", reports)], dev_share=0.3)
    splits = {}
    for seed in (1, 2):
        train, dev = load_split(data, DEFAULT_SCHEME, seed)
        assert len(dev) == 6
        assert {d.id for d in train} | {d.id for d in dev} == {report["id"] for report in reports}
        assert load_split(data, DEFAULT_SCHEME, seed) == (train, dev)
        splits[seed] = {d.id for d in dev}
    assert splits[1] != splits[2]


def test_column_files_are_read(tmp_path, write, reports):
    path = tmp_path / "train.conll"
    path.write_text("Rebels B-ACTOR:agent\nkilled O\nthree B-CASUALTY:killed\n", encoding="utf-8")
    train, _ = load_split(section([str(path)], [write("dev.jsonl", reports)]), DEFAULT_SCHEME, 0)
    assert [(span.label, span.attribute) for span in train[0].spans] == [
        ("ACTOR", "agent"),
        ("CASUALTY", "killed"),
    ]


@pytest.mark.parametrize("share", [0.01, 0.99])
def test_a_share_that_leaves_nothing_is_refused(write, reports, share):
    message = refused(section([write("a.jsonl", reports[:3])], dev_share=share))
    assert f"data.dev_share {share} of 3 documents leaves" in message


def test_empty_files_are_refused(write, reports):
    full, empty = write("full.jsonl", reports), write("empty.jsonl", [])
    assert f"data.train: no documents in {empty}" in refused(section([empty], [full]))
    assert f"data.dev: no documents in {empty}" in refused(section([full], [empty]))


def test_documents_without_spans_are_refused(write, reports):
    full = write("full.jsonl", reports)
    bare = write("bare.jsonl", [{"id": "1", "text": "Nothing was said."}])
    assert refused(section([bare], [full])) == "none of the 1 training documents has a span"
    assert refused(section([full], [bare])) == "none of the 1 dev documents has a span"


def test_missing_files_are_named(write, reports, tmp_path):
    full = write("full.jsonl", reports)
    message = refused(section(["none.jsonl"], [full]), error=RecipeError)
    assert message.startswith("data.train: none.jsonl does not exist (looked for /")
    message = refused(section([full], [str(tmp_path)]), error=RecipeError)
    assert message.startswith(f"data.dev: {tmp_path} is a folder")


def test_an_unknown_label_is_refused_with_file_and_line(write, reports):
    path = write("a.jsonl", [reports[0], {**reports[1], "spans": [{"start": 0, "end": 6, "label": "PLACE"}]}])
    message = refused(section([path], dev_share=0.5), error=DataError)
    assert message.startswith(f"{path}:2: spans[0].label is 'PLACE'; accepted are ACTOR, WEAPON")


def test_an_unknown_event_type_is_refused_unless_the_scheme_has_none(write, reports):
    path = write("a.jsonl", [{**report, "events": ["picnic"]} for report in reports])
    data = section([path], dev_share=0.5)
    assert f"{path}:1: events[0] is 'picnic'" in refused(data, error=DataError)
    train, _ = load_split(data, LabelScheme(DEFAULT_SCHEME.labels), 0)
    assert train[0].events == ("picnic",)


def test_the_first_piece_of_a_word_carries_its_tag(encoder):
    text = "Rebels shelled Aleppo, killing three."
    spans = (Span(0, 6, "ACTOR", "agent"), Span(15, 21, "LOCATION"), Span(31, 36, "CASUALTY", "killed"))
    made = make_dataset([Document("1", text, spans, ("battle",))], encoder, DEFAULT_SCHEME)
    (row,) = made.rows
    pieces = [encoder.tokenizer.id_to_token(piece) for piece in row["input_ids"]]
    tags = {piece: tag for piece, tag in zip(pieces, row["labels"], strict=True) if tag != IGNORED}
    assert tags == {
        "Rebels": TAGS["B-ACTOR:agent"],
        "shelled": 0,
        "Aleppo": TAGS["B-LOCATION"],
        ",": 0,
        "killing": 0,
        "three": TAGS["B-CASUALTY:killed"],
        ".": 0,
    }
    assert pieces[0] == "[CLS]"
    assert pieces[-1] == "[SEP]"
    assert row["length"] == len(pieces)
    assert row["events"] == [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert made.off_borders == []


words = st.lists(
    st.sampled_from(["Rebels", "shelled", "Zyklon", "-", "drones", "17", "é"]), min_size=1, max_size=60
)


@settings(max_examples=50)
@given(words, st.data())
def test_each_word_of_a_document_is_learned_once(encoder, drawn, data):
    text = " ".join(drawn)
    starts = [0, *(i + 1 for i, c in enumerate(text) if c == " ")]
    chosen = sorted(data.draw(st.sets(st.sampled_from(range(len(drawn))))))
    spans = tuple(Span(starts[i], starts[i] + len(drawn[i]), "WEAPON") for i in chosen)
    document = Document("1", text, spans)
    tokens = encoder.tokenize(text)
    made = make_dataset([document], encoder, DEFAULT_SCHEME)
    learned = np.concatenate([row["labels"] for row in made.rows])
    expected = DEFAULT_SCHEME.encode(spans, [tuple(word) for word in tokens.words.tolist()])
    assert learned[learned != IGNORED].tolist() == expected.tolist()
    assert max(made.rows["length"]) <= 16


def test_what_a_document_leaves_open_is_not_learned(encoder):
    text = "Rebels shelled Aleppo"
    plain = Document("1", text, (Span(0, 6, "ACTOR", "agent"),), ("battle",))
    assert make_dataset([plain], encoder, DEFAULT_SCHEME).targets is None
    names = Document(
        "2", text, (Span(0, 6, "ACTOR"),), ("battle",), {"annotated": ["ACTOR", "CASUALTY", "riot"]}
    )
    made = make_dataset([plain, names], encoder, DEFAULT_SCHEME)
    assert made.rows[0]["labels"][1:4] == [TAGS["B-ACTOR:agent"], TAGS["O"], TAGS["O"]]
    sets = [
        {tag for tag, index in TAGS.items() if made.targets[target, index]}
        for target in made.rows[1]["labels"][1:4]
    ]
    assert sets == [
        {f"B-ACTOR:{role}" for role in ("agent", "target", "source", "other")},
        *[{"O", "B-WEAPON", "I-WEAPON", "B-LOCATION", "I-LOCATION"}] * 2,
    ]
    assert made.rows[1]["events"] == [1.0, IGNORED, IGNORED, IGNORED, 0.0, IGNORED, IGNORED]


def test_dev_documents_must_annotate_the_whole_scheme(write, reports):
    full = write("full.jsonl", reports)
    everything = [*DEFAULT_SCHEME.table, *DEFAULT_SCHEME.events]
    dev = [{**reports[0], "meta": {"annotated": names}} for names in (everything, everything[1:])]
    load_split(section([full], [write("dev.jsonl", dev[:1])]), DEFAULT_SCHEME, 0)
    message = refused(section([full], [write("bad.jsonl", dev)]))
    assert message.startswith("the dev document 'report-0' does not annotate ACTOR (meta.annotated)")
    bare = write("bare.jsonl", [{**reports[0], "meta": {"annotated": []}}])
    assert "does not annotate ACTOR, WEAPON" in refused(section([full], [bare]))


def test_documents_without_words_are_refused(encoder):
    with pytest.raises(TrainingDataError, match="finds no word in any of the training documents"):
        make_dataset([Document("1", "  \n")], encoder, DEFAULT_SCHEME)


def test_spans_off_word_borders_are_found(encoder):
    text = "antitank missiles"
    spans = (Span(4, 8, "WEAPON"), Span(9, 17, "WEAPON"))
    document = Document("1", text, spans)
    assert list(off_borders(document, encoder.tokenize(text).words)) == [(document, spans[0])]
    assert make_dataset([document], encoder, DEFAULT_SCHEME).off_borders == [(document, spans[0])]


def row(ids, events=(1.0, 0.0)):
    labels = [IGNORED, *range(len(ids) - 2), IGNORED]
    return {"input_ids": ids, "labels": labels, "events": list(events), "length": len(ids)}


def test_rows_are_padded_into_a_batch():
    batch = Collator(pad_id=9, mask_id=4)([row([2, 5, 3]), row([2, 6, 7, 8, 3], (0.0, 1.0))])
    assert batch["input_ids"].tolist() == [[2, 5, 3, 9, 9], [2, 6, 7, 8, 3]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]
    assert batch["labels"].tolist() == [[-100, 0, -100, -100, -100], [-100, 0, 1, 2, -100]]
    assert batch["events"].tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert {name: value.dtype for name, value in batch.items()} == {
        "input_ids": torch.int64,
        "attention_mask": torch.int64,
        "labels": torch.int64,
        "events": torch.float32,
    }


def test_rows_without_event_types_make_an_empty_target():
    assert Collator(0, 4)([row([2, 5, 3], ()), row([2, 5, 3], ())])["events"].shape == (2, 0)


def test_word_dropout_hides_its_share_and_spares_special_pieces():
    torch.manual_seed(0)
    rows = [row([2, *[7] * 98, 3]), row([2, *[7] * 48, 3])] * 20
    batch = Collator(pad_id=0, mask_id=4, word_dropout=0.2, special_ids={0, 2, 3})(rows)
    ids = batch["input_ids"]
    assert abs((ids == 4).sum() / (98 + 48) / 20 - 0.2) < 0.03
    assert (ids[:, 0] == 2).all()
    assert (ids == 3).sum() == 40
    assert (ids[1::2, 50:] == 0).all()
