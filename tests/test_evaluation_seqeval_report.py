"""seqeval's reports: its own numbers on any sequence, our own counts on legal ones, what they cannot hold."""

from __future__ import annotations

import math
import random

import pytest
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from conflictner.data import Document, Span
from conflictner.data.words import word_offsets
from conflictner.inference.evaluation.pairs import pair_up
from conflictner.inference.evaluation.scores import exact_counts, score_table
from conflictner.inference.evaluation.seqeval_report import (
    DEFAULT_NAME,
    STRICT_NAME,
    seqeval_reports,
    seqeval_tables,
    tag_words,
)
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model.labels import DEFAULT_SCHEME, Label, LabelScheme

LABELS = tuple(DEFAULT_SCHEME.table)


def legal_tags(generator, length, labels=LABELS):
    """Draw a random legal IOB2 sequence."""
    tags = []
    for _ in range(length):
        choices = ["O", "O", *(f"B-{label}" for label in labels)]
        if tags and tags[-1] != "O":
            choices += [f"I-{tags[-1][2:]}"] * 3
        tags.append(generator.choice(choices))
    return tags


def spans_of(tags):
    """Read spans off a legal sequence over the words ``w w w ...``, independently of the package."""
    spans = []
    for index, tag in enumerate(tags):
        if tag.startswith("B-"):
            end = index + 1
            while end < len(tags) and tags[end].startswith("I-"):
                end += 1
            spans.append((2 * index, 2 * end - 1, tag[2:]))
    return spans


def pairs_of(sequences, scheme=DEFAULT_SCHEME):
    documents, predictions = [], []
    for number, (gold, predicted) in enumerate(sequences):
        text = " ".join("w" * len(gold))
        documents.append(Document(str(number), text, tuple(Span(*span) for span in spans_of(gold))))
        spans = tuple(PredictedSpan(*span) for span in spans_of(predicted))
        predictions.append(Prediction(text, spans, (), {}, 1.0))
    return pair_up(documents, predictions, scheme)


def noisy(generator, gold, labels=LABELS):
    """Keep a gold sequence, or change some of it and stay legal."""
    tags = list(gold)
    for index in range(len(tags)):
        if generator.random() < 0.2:
            tags[index] = generator.choice(["O", *(f"B-{label}" for label in labels)])
        if tags[index].startswith("I-") and (index == 0 or tags[index - 1][2:] != tags[index][2:]):
            tags[index] = "B" + tags[index][1:]
    return tags


def assert_agrees(report, table):
    """Compare a seqeval report with our own scores."""
    occurring = {label: score for label, score in table.labels.items() if label in table.macro.labels}
    assert list(report.labels) == list(occurring)
    lines = [(report.labels[label], score.counts) for label, score in occurring.items()]
    lines += [(report.averages["micro"], table.micro.counts), (report.averages["macro"], table.macro)]
    for line, ours in lines:
        assert math.isclose(line.precision, ours.precision, abs_tol=1e-12)
        assert math.isclose(line.recall, ours.recall, abs_tol=1e-12)
        assert math.isclose(line.f1, ours.f1, abs_tol=1e-12)
        assert line.support == getattr(ours, "support", table.micro.counts.support)


def any_tags(generator, length, labels):
    """Draw any sequence of tags, in which an entity may begin with I."""
    tags = ["O", "O", *(f"{letter}-{label}" for label in labels for letter in "BI")]
    return generator.choices(tags, k=length)


def draw_pair(generator, number, labels):
    """Draw gold and predicted tags, legal or not, like each other or not."""
    gold = (any_tags if number % 4 == 3 else legal_tags)(generator, generator.randint(0, 8), labels)
    if number % 2:
        return gold, noisy(generator, gold, labels)
    return gold, (legal_tags if number % 4 else any_tags)(generator, len(gold), labels)


def test_ten_thousand_random_sequences_get_what_seqeval_says():
    """In both modes, legal or not, to the last bit; of nine numbers numpy adds up some before others."""
    generator = random.Random(20)
    labels = tuple("ABCDEFGHI")
    pairs = [draw_pair(generator, number, labels) for number in range(10_000)]
    names = ("precision", "recall", "f1-score", "support")
    while pairs:
        size = generator.choice([1, 10, 100])
        gold, predicted = map(list, zip(*pairs[:size], strict=True))
        del pairs[:size]
        if all(tag == "O" for tags in (*gold, *predicted) for tag in tags):
            continue  # seqeval divides by the number of labels
        reports = seqeval_tables(gold, predicted, labels)
        for report, mode in zip(reports, ({"mode": "strict", "scheme": IOB2}, {}), strict=True):
            says = classification_report(gold, predicted, output_dict=True, zero_division=0, **mode)
            lines = {**report.labels, **{f"{name} avg": line for name, line in report.averages.items()}}
            assert list(lines) == list(says)
            for name, line in lines.items():
                ours = (line.precision, line.recall, line.f1, line.support)
                assert ours == tuple(says[name][key] for key in names)


def test_legal_sequences_get_our_own_counts():
    generator = random.Random(8)
    sequences = []
    for number in range(2_000):
        gold = legal_tags(generator, generator.randint(0, 8))
        predicted = noisy(generator, gold) if number % 2 else legal_tags(generator, len(gold))
        sequences.append((gold, predicted))
    pairs = pairs_of(sequences)
    reports, alignment = seqeval_reports(pairs, LABELS)
    for report in reports:
        assert_agrees(report, score_table(exact_counts(pairs, LABELS), LABELS))
    assert (alignment.gold_snapped, alignment.gold_lost) == (0, 0)


def test_by_hand():
    gold = ["B-ACTOR", "I-ACTOR", "O", "B-LOCATION", "B-LOCATION"]
    predicted = ["B-ACTOR", "I-ACTOR", "O", "B-LOCATION", "I-LOCATION"]
    (strict, default), _ = seqeval_reports(pairs_of([(gold, predicted)]), LABELS)
    for report in (strict, default):
        assert report.labels["ACTOR"].f1 == 1.0
        assert (report.labels["LOCATION"].precision, report.labels["LOCATION"].support) == (0.0, 2)
        assert report.averages["micro"].precision == 0.5
        assert report.averages["micro"].recall == pytest.approx(1 / 3)
        assert report.averages["macro"].f1 == 0.5
        assert report.averages["weighted"].f1 == pytest.approx(1 / 3)


def test_the_names_say_the_mode():
    (strict, default), _ = seqeval_reports(pairs_of([(["O"], ["O"])]), LABELS)
    assert strict.name == STRICT_NAME == 'seqeval strict (mode="strict", scheme=IOB2)'
    assert default.name == DEFAULT_NAME == "seqeval default"


def test_strict_is_strict():
    """What begins with I is no entity in strict mode, which needs the scheme, and one in default mode."""
    strict, default = seqeval_tables([["B-ACTOR", "O"]], [["I-ACTOR", "O"]], LABELS)
    assert strict.averages["micro"].recall == 0.0
    assert default.averages["micro"].recall == 1.0


@pytest.mark.parametrize("tags", [[], ["O"], ["O", "O"]])
def test_no_entity_at_all(tags):
    (strict, default), _ = seqeval_reports(pairs_of([(tags, tags)]), LABELS)
    assert strict.labels == default.labels == {}
    assert strict.averages["micro"].to_dict() == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0}


def test_labels_that_seqeval_would_confuse():
    names = ("A", "A-", "-A", "_", "O", "micro")
    scheme = LabelScheme(tuple(map(Label, names)))
    generator = random.Random(3)
    sequences = [(legal_tags(generator, 12, names), legal_tags(generator, 12, names)) for _ in range(40)]
    pairs = pairs_of(sequences, scheme)
    table = score_table(exact_counts(pairs, names), names)
    for report in seqeval_reports(pairs, names)[0]:
        assert_agrees(report, table)


def test_words_are_tagged_from_spans():
    text = "U.S. troops, shelling Al-Rai."
    words = word_offsets(text)
    tagged = tag_words(words, [Span(0, 4, "ACTOR"), Span(5, 11, "ACTOR"), Span(22, 28, "LOCATION")])
    assert tagged.tags == [
        *("B-ACTOR", "I-ACTOR", "I-ACTOR", "I-ACTOR"),
        *("B-ACTOR", "O", "O"),
        *("B-LOCATION", "I-LOCATION", "I-LOCATION", "O"),
    ]
    assert (tagged.snapped, tagged.lost) == (0, 0)


def test_gold_inside_words_is_counted_not_lost_silently():
    text = "antiaircraft fire"
    document = Document("a", text, (Span(0, 4, "ACTOR"), Span(4, 12, "WEAPON"), Span(13, 17, "WEAPON")))
    spans = (PredictedSpan(0, 12, "ACTOR"), PredictedSpan(13, 16, "WEAPON"))
    pairs = pair_up([document], [Prediction(text, spans, (), {}, 1.0)], DEFAULT_SCHEME)
    (strict, _), alignment = seqeval_reports(pairs, LABELS)
    assert alignment.to_dict() == {
        "words": 2,
        "gold_snapped": 1,
        "gold_lost": 1,
        "predicted_snapped": 1,
        "predicted_lost": 0,
    }
    assert strict.averages["micro"].support == 2
    assert score_table(exact_counts(pairs, LABELS), LABELS).micro.counts.support == 3
