"""Errors: their kinds, sentences, groups and patterns, on examples worked by hand and on any spans."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import Document, Span, word_offsets
from conflictner.inference.evaluation.attributes import attributed_counts
from conflictner.inference.evaluation.error_analysis import analyse_errors
from conflictner.inference.evaluation.error_groups import GroupCounts, group_errors
from conflictner.inference.evaluation.error_patterns import describe_words, frequent_patterns, pattern_of
from conflictner.inference.evaluation.error_tables import error_tables, group_table
from conflictner.inference.evaluation.errors import ERROR_KINDS, find_errors
from conflictner.inference.evaluation.familiarity import TrainingSurfaces
from conflictner.inference.evaluation.pairs import pair_up
from conflictner.inference.evaluation.scores import exact_counts
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model.labels import DEFAULT_SCHEME

LABELS = tuple(DEFAULT_SCHEME.table)
TEXT = (
    "The old army of Marena shelled Port Lode. "
    "Gen. Tovar said three guards were hurt by Quell rockets. "
    "Fishermen fled to the harbour."
)
GOLD = [
    ("The old army of Marena", "ACTOR", "agent"),
    ("Port Lode", "LOCATION", None),
    ("Tovar", "ACTOR", "source"),
    ("three guards", "CASUALTY", "injured"),
    ("Fishermen", "ACTOR", "target"),
]
PREDICTED = [
    ("army of Marena", "ACTOR", "agent"),  # boundary
    ("Port Lode", "ACTOR", "other"),  # label
    ("Tovar", "ACTOR", "other"),  # attribute
    ("three guards", "CASUALTY", "injured"),  # right
    ("Quell rockets", "WEAPON", None),  # spurious; Fishermen are missed
]


def marked(text, marks, kind=Span):
    """Spans of substrings, each sought behind the one before."""
    spans, position = [], 0
    for surface, label, attribute in marks:
        start = text.index(surface, position)
        position = start + len(surface)
        extra = (0.75, surface) if kind is PredictedSpan else ()
        spans.append(kind(start, position, label, attribute, *extra))
    return tuple(spans)


def pairs_of(*items, source=None):
    """Pairs of texts, each with its gold and predicted marks."""
    documents, predictions = [], []
    for index, (text, gold, predicted) in enumerate(items):
        meta = {} if source is None else {"source": source}
        documents.append(Document(f"d{index}", text, marked(text, gold), meta=meta))
        predictions.append(Prediction(text, marked(text, predicted, PredictedSpan), (), {}, 1.0))
    return pair_up(documents, predictions, DEFAULT_SCHEME)


@pytest.fixture
def pairs():
    return pairs_of((TEXT, GOLD, PREDICTED), source="wire")


@pytest.fixture
def errors(pairs):
    return find_errors(pairs, LABELS)


def surface(error, side):
    span = getattr(error, side)
    return span and error.document.text[span.start : span.end]


def test_one_error_of_each_kind(errors):
    assert [(error.kind, surface(error, "gold"), surface(error, "predicted")) for error in errors] == [
        ("boundary", "The old army of Marena", "army of Marena"),
        ("label", "Port Lode", "Port Lode"),
        ("attribute", "Tovar", "Tovar"),
        ("missed", "Fishermen", None),
        ("spurious", None, "Quell rockets"),
    ]
    assert [error.is_miss for error in errors] == [True, True, False, True, False]
    assert [error.is_false_alarm for error in errors] == [True, True, False, False, True]
    assert [error.borders for error in errors] == ["too_short", "exact", "exact", None, None]
    assert [error.label for error in errors] == ["ACTOR", "LOCATION", "ACTOR", "ACTOR", "WEAPON"]


def test_a_wrong_label_with_wrong_borders_is_a_label_error():
    [error] = find_errors(
        pairs_of(("Port Lode fell.", [("Port Lode", "LOCATION", None)], [("Lode", "ACTOR", "other")])), LABELS
    )
    assert (error.kind, error.borders) == ("label", "too_short")
    assert pattern_of(error) == "LOCATION taken for ACTOR, with other borders: capitalised words"


def test_a_gold_span_without_attribute_accepts_any():
    assert not find_errors(
        pairs_of(("Tovar left.", [("Tovar", "ACTOR", None)], [("Tovar", "ACTOR", "agent")])), LABELS
    )


def test_a_merged_and_a_split_span_are_told_apart_from_the_others():
    marks = [("rebels", "ACTOR", "agent"), ("police", "ACTOR", "target")]
    both = [("rebels and police", "ACTOR", "agent")]
    merged = find_errors(pairs_of(("the rebels and police met", marks, both)), LABELS)
    assert [(error.kind, error.touches) for error in merged] == [("boundary", False), ("missed", True)]
    assert pattern_of(merged[1]) == "ACTOR, merged into another span: lower-case word"
    split = find_errors(pairs_of(("the rebels and police met", both, marks)), LABELS)
    assert [(error.kind, error.touches) for error in split] == [("boundary", False), ("spurious", True)]
    assert pattern_of(split[1]) == "ACTOR, split off another span: lower-case word"


def test_errors_stand_by_kind_then_label_then_document():
    item = ("A b c", [("b", "LOCATION", None)], [("A", "ACTOR", None), ("c", "WEAPON", None)])
    found = find_errors(pairs_of(item, item), LABELS)
    assert [(error.kind, error.label, error.document.id) for error in found] == [
        ("missed", "LOCATION", "d0"),
        ("missed", "LOCATION", "d1"),
        ("spurious", "ACTOR", "d0"),
        ("spurious", "ACTOR", "d1"),
        ("spurious", "WEAPON", "d0"),
        ("spurious", "WEAPON", "d1"),
    ]


def test_the_sentence_is_the_one_around_the_spans(errors):
    sentences = [error.document.text[slice(*error.sentence())] for error in errors]
    first, second, third = (
        "The old army of Marena shelled Port Lode.",
        "Gen. Tovar said three guards were hurt by Quell rockets.",
        "Fishermen fled to the harbour.",
    )
    assert sentences == [first, first, second, third, second]


def test_a_span_over_a_full_stop_has_both_sentences():
    text = "It burned. Port. Lode burned too. All fled."
    [error] = find_errors(pairs_of((text, [("Port. Lode", "LOCATION", None)], [])), LABELS)
    assert text[slice(*error.sentence())] == "Port. Lode burned too."
    text = "He left. She said so. Who? All fled."
    [error] = find_errors(pairs_of((text, [("said so. Who", "ACTOR", None)], [])), LABELS)
    assert text[slice(*error.sentence())] == "She said so. Who?"


@pytest.mark.parametrize("filler", ["word ", "x"])
def test_a_text_without_full_stops_is_no_sentence(filler):
    text = filler * 5_000 + " Marena " + filler * 5_000
    [error] = find_errors(pairs_of((text, [("Marena", "LOCATION", None)], [])), LABELS)
    start, end = error.sentence()
    assert "Marena" in text[start:end]
    assert end - start < 1_000
    assert filler == "x" or (text[start:end].startswith("word") and text[start:end].endswith("word"))


def test_lines_of_json(pairs):
    training = TrainingSurfaces([Document("t", "the  Fishermen. fishermen", (Span(5, 14, "ACTOR"),))])
    lines = list(analyse_errors(pairs, DEFAULT_SCHEME, training).json_lines())
    records = [json.loads(line) for line in lines]
    assert all(line.isascii() and line.endswith("\n") for line in lines)
    assert [record["number"] for record in records] == [1, 2, 3, 4, 5]
    assert records[0]["gold"] == {
        "start": 0,
        "end": 22,
        "label": "ACTOR",
        "attribute": "agent",
        "text": "The old army of Marena",
    }
    assert records[0]["predicted"]["text"] == "army of Marena"
    assert records[0]["predicted"]["score"] == 0.75
    assert records[0]["borders"] == "too_short"
    assert records[0]["document"] == "d0"
    assert records[3]["predicted"] is None
    assert records[3]["training"] == {"familiarity": "seen", "spans": 1}
    assert records[4]["training"] == {"familiarity": "unseen", "spans": 0}
    for record in records:
        sentence = record["sentence"]
        assert TEXT[sentence["start"] : sentence["end"]] == sentence["text"]
        for side in filter(None, (record["gold"], record["predicted"])):
            assert TEXT[side["start"] : side["end"]] == side["text"]


def test_lines_of_json_survive_any_character():
    [line] = analyse_errors(
        pairs_of(("a \ud800\u202e b", [("\ud800", "ACTOR", None)], [])), DEFAULT_SCHEME
    ).json_lines()
    assert json.loads(line)["gold"]["text"] == "\ud800"


def test_familiarity():
    documents = [
        Document("a", "The  Army of Marena left.", (Span(0, 19, "ACTOR"),)),
        Document("b", "the army of marena in Lode", (Span(0, 18, "ACTOR"), Span(22, 26, "LOCATION"))),
    ]
    training = TrainingSurfaces(documents)
    assert training.count("THE ARMY\nof Marena", "ACTOR") == 2
    for text, label, expected in [
        ("the army of Marena", "ACTOR", "seen"),
        ("army chief", "ACTOR", "partly seen"),
        ("the rebels of Toll", "ACTOR", "unseen"),  # articles and prepositions do not count
        ("Lode", "LOCATION", "seen"),
        ("Lode", "ACTOR", "unseen"),  # of another label
    ]:
        assert training.familiarity(text, label) == expected, text


def groups_of(pairs, training=None):
    found = group_errors(pairs, find_errors(pairs, LABELS), LABELS, training)
    return {grouping.name: grouping.groups for grouping in found}


def test_groups_by_hand(pairs):
    groups = groups_of(pairs)
    assert list(groups) == ["label", "length", "position", "source"], "nothing is known of the training data"
    assert groups["label"] == {
        "ACTOR": GroupCounts(gold=3, misses=2, predicted=3, false_alarms=2, attributes=1),
        "WEAPON": GroupCounts(gold=0, misses=0, predicted=1, false_alarms=1, attributes=0),
        "LOCATION": GroupCounts(gold=1, misses=1, predicted=0, false_alarms=0, attributes=0),
        "CASUALTY": GroupCounts(gold=1, misses=0, predicted=1, false_alarms=0, attributes=0),
    }
    assert groups["length"] == {
        "1 word": GroupCounts(2, 1, 1, 0, 1),  # Tovar, Fishermen; Tovar
        "2 words": GroupCounts(2, 1, 3, 2, 0),  # Port Lode, three guards; these and Quell rockets
        "3 words": GroupCounts(0, 0, 1, 1, 0),  # army of Marena
        "4 words": GroupCounts(),
        "5 words or more": GroupCounts(1, 1, 0, 0, 0),  # The old army of Marena
    }
    # 129 characters: fifths begin at 0, 26, 52, 78, 104. Starts: 0 and 8; 31; 47; 58; 84; 99.
    assert len(TEXT) == 129
    assert groups["position"] == {
        "first fifth": GroupCounts(1, 1, 1, 1, 0),
        "second fifth": GroupCounts(2, 1, 2, 1, 1),
        "third fifth": GroupCounts(1, 0, 1, 0, 0),
        "fourth fifth": GroupCounts(1, 1, 1, 1, 0),
        "last fifth": GroupCounts(),
    }
    assert groups["source"] == {"wire": GroupCounts(5, 3, 5, 3, 1)}
    assert groups["source"]["wire"].miss_rate == 0.6
    assert GroupCounts().miss_rate is None
    assert GroupCounts().false_alarm_rate is None


def test_groups_by_familiarity(pairs):
    training = TrainingSurfaces(
        [Document("t", "Tovar and his army", (Span(0, 5, "ACTOR"), Span(10, 18, "ACTOR")))]
    )
    assert groups_of(pairs, training)["training"] == {
        "seen": GroupCounts(1, 0, 1, 0, 1),  # Tovar
        "partly seen": GroupCounts(1, 1, 1, 1, 0),  # The old army of Marena; army of Marena
        "unseen": GroupCounts(3, 2, 3, 2, 0),
    }


def test_many_sources_become_one_group():
    documents, predictions = [], []
    for index in range(30):
        text = "Rebels " * (30 - index)
        spans = tuple(Span(7 * i, 7 * i + 6, "ACTOR") for i in range(30 - index))
        documents.append(Document(str(index), text, spans, meta={"source": f"s{index}"}))
        predictions.append(Prediction(text, (), (), {}, 1.0))
    odd = Document("odd", "Rebels", (Span(0, 6, "ACTOR"),), meta={"source": ["no", "name"]})
    pairs = pair_up([*documents, odd], [*predictions, Prediction("Rebels", (), (), {}, 1.0)], DEFAULT_SCHEME)
    groups = groups_of(pairs)["source"]
    assert list(groups) == [*(f"s{index}" for index in range(19)), "all other sources"]
    assert groups["all other sources"].gold == sum(range(1, 12)) + 1
    assert list(groups_of(pairs[-1:])["source"]) == ["no source given"]


def test_long_and_odd_source_names_stay_one_short_line():
    [pair] = pairs_of(("Rebels", [("Rebels", "ACTOR", None)], []), source="x\n|" * 100)
    [grouping] = [item for item in group_errors([pair], [], LABELS) if item.name == "source"]
    [row] = group_table(grouping).rows
    assert len(row[0]) == 60
    assert row[0].isprintable()


def test_shapes_of_words():
    for text, expected in [
        ("Marena", "capitalised word"),
        ("AFP", "upper-case word"),
        ("guards", "lower-case word"),
        ("the", "“the”"),
        ("12", "number"),
        ("Three", "number"),
        ("Port Lode", "capitalised words"),
        ("Port of Lode", "capitalised words"),
        ("the army", "lower-case words"),
        ("army of Marena", "lower-case and capitalised words"),
        ("at least 12 guards", "number with words"),
        ("2,500", "numbers"),
        ("of the", "small words"),
        ("...", "small words"),
    ]:
        assert describe_words(text) == expected, text


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        ("old army", "army", "leaves out lower-case word in front"),
        ("army", "the old army", "takes in lower-case word and more in front"),
        ("army", "army of Marena", "takes in “of” and more behind"),
        ("army of Marena", "army", "leaves out “of” and more behind"),
        ("old army", "army of Marena", "leaves out lower-case word in front; takes in “of” and more behind"),
    ],
)
def test_patterns_of_borders(gold, predicted, expected):
    text = "See the old army of Marena now."
    [error] = find_errors(pairs_of((text, [(gold, "ACTOR", None)], [(predicted, "ACTOR", None)])), LABELS)
    assert pattern_of(error) == f"ACTOR: {expected}"


def test_patterns_of_the_other_kinds(errors):
    assert [pattern_of(error) for error in errors] == [
        "ACTOR: leaves out lower-case word and more in front",
        "LOCATION taken for ACTOR: capitalised words",
        "ACTOR: source taken for other",
        "ACTOR: capitalised word",
        "WEAPON: lower-case and capitalised words",
    ]


def test_the_most_frequent_patterns_come_first():
    missed = [("Rebels", "ACTOR", None)]
    items = [("Rebels left.", missed, [])] * 3 + [("Guards left.", [("Guards", "ACTOR", None)], [])]
    items.append(("near Lode", [], [("Lode", "LOCATION", None)]))
    errors = find_errors(pairs_of(*items), LABELS)
    patterns = frequent_patterns(errors)
    assert [(item.kind, item.description, item.errors) for item in patterns] == [
        ("missed", "ACTOR: capitalised word", (0, 1, 2, 3)),
        ("spurious", "LOCATION: capitalised word", (4,)),
    ]
    assert patterns[0].surfaces == (("Rebels", 3), ("Guards", 1))
    assert len(frequent_patterns(errors, 1)) == 1


def test_what_is_counted_holds_no_text_of_the_data(pairs):
    analysis = analyse_errors(pairs, DEFAULT_SCHEME, TrainingSurfaces([]))
    shown = json.dumps(analysis.to_dict()) + str(error_tables(analysis))
    for word in ("Marena", "Lode", "Tovar", "guards", "Quell", "rockets", "Fishermen", "harbour"):
        assert word not in shown


def test_tables_say_what_the_analysis_says(pairs):
    analysis = analyse_errors(pairs, DEFAULT_SCHEME)
    tables = {table.title: table for table in error_tables(analysis)}
    assert tables["Errors by kind"].rows == (
        ("boundary", "1", "0", "0", "0", "1"),
        ("label", "0", "0", "1", "0", "1"),
        ("attribute", "1", "0", "0", "0", "1"),
        ("missed", "1", "0", "0", "0", "1"),
        ("spurious", "0", "1", "0", "0", "1"),
    )
    assert "the 3 misses" in tables["Errors by kind"].note
    assert tables["Errors by source"].rows == (("wire", "5", "3", "60.0", "5", "3", "60.0", "1"),)
    assert ("spurious: WEAPON: lower-case and capitalised words", "1") in tables[
        "Most frequent error patterns"
    ].rows
    assert all(len(row) == len(table.columns) for table in tables.values() for row in table.rows)


@st.composite
def any_pairs(draw):
    """Documents with any flat spans on either side, at word borders or not."""
    documents, predictions = [], []
    for index in range(draw(st.integers(1, 3))):
        text = draw(st.text("ab A.1,\n\u0301\ud800é", max_size=30))
        sides = []
        for kind in (Span, PredictedSpan):
            cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
            spans = []
            for start, end in zip(cuts[::2], cuts[1::2], strict=False):
                label = draw(st.sampled_from(DEFAULT_SCHEME.labels))
                value = draw(st.sampled_from((None, *label.values)))
                spans.append(kind(start, end, label.name, value))
            sides.append(tuple(spans))
        source = draw(st.text("ab", max_size=1))
        documents.append(Document(str(index), text, sides[0], meta={"source": source}))
        predictions.append(Prediction(text, sides[1], (), {}, 1.0))
    return pair_up(documents, predictions, DEFAULT_SCHEME)


@given(any_pairs())
def test_errors_add_up_to_the_scores(pairs):
    analysis = analyse_errors(pairs, DEFAULT_SCHEME, TrainingSurfaces(pair.document for pair in pairs[:1]))
    exact = exact_counts(pairs, LABELS).sum(axis=0)
    tp, fp, fn = exact.sum(axis=0).tolist()
    assert (analysis.misses, analysis.false_alarms) == (fn, fp)
    attributes = sum(analysis.kinds["attribute"].values())
    assert attributed_counts(pairs, LABELS).sum(axis=(0, 1)).tolist() == [
        tp - attributes,
        fp + attributes,
        fn + attributes,
    ]
    assert sum(sum(counts.values()) for counts in analysis.kinds.values()) == len(analysis.errors)
    assert list(analysis.kinds) == list(ERROR_KINDS)
    for grouping in analysis.groupings:
        columns = [
            (counts.gold, counts.misses, counts.predicted, counts.false_alarms, counts.attributes)
            for counts in grouping.groups.values()
        ]
        total = tuple(map(sum, zip(*columns, strict=True))) if columns else (0,) * 5
        assert total == (tp + fn, fn, tp + fp, fp, attributes), grouping.name
    by_label = analysis.groupings[0].groups
    assert [(by_label[label].misses, by_label[label].false_alarms) for label in LABELS] == [
        (fn, fp) for _, fp, fn in exact.tolist()
    ]
    assert sum(len(pattern.errors) for pattern in frequent_patterns(analysis.errors, 10**6)) == len(
        analysis.errors
    )


@given(any_pairs())
def test_every_span_is_right_or_in_one_error_and_in_its_sentence(pairs):
    errors = find_errors(pairs, LABELS)
    for pair in pairs:
        mine = [error for error in errors if error.pair is pair]
        right = {(span.start, span.end, span.label) for span in pair.gold}
        right &= {(span.start, span.end, span.label) for span in pair.predicted}
        for side in ("gold", "predicted"):
            wrong = [getattr(error, side) for error in mine if error.kind != "attribute"]
            wrong = [span for span in wrong if span is not None]
            others = [s for s in getattr(pair, side) if (s.start, s.end, s.label) not in right]
            assert sorted(wrong, key=lambda span: span.start) == others
    for error in errors:
        start, end = error.sentence()
        assert all(start <= span.start < span.end <= end for span in error.spans)
        assert 0 <= start < end <= len(error.document.text)
        pattern_of(error)
        json.dumps(error.to_dict())


@given(st.text())
def test_any_text_has_a_shape(text):
    assert describe_words(text)
    assert len(word_offsets(describe_words(text))) < 12
