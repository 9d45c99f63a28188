"""Scores on tokens with tags: every token counts, and the figure is that of seqeval's default mode."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import f1_score, precision_score, recall_score

from conflictner.data import DataError, Span
from conflictner.inference.evaluation.token_scores import (
    TaggedSentence,
    read_tagged_sentences,
    score_tokens,
    tag_tokens,
)


@pytest.mark.parametrize(
    ("spans", "tags"),
    [
        ([], "O O O"),
        ([Span(0, 2, "A")], "B-A O O"),
        ([Span(0, 2, "A"), Span(3, 9, "A")], "B-A B-A O"),
        ([Span(0, 13, "A")], "B-A I-A I-A"),
        ([Span(3, 5, "A")], "O B-A O"),  # a part of a token with its first character
        ([Span(6, 9, "A")], "O O O"),  # a part without
        ([Span(6, 13, "A")], "O O B-A"),
        ([Span(3, 5, "A"), Span(6, 9, "B")], "O B-A O"),
    ],
)
def test_a_token_has_the_tag_of_its_first_character(spans, tags):
    assert " ".join(tag_tokens(["in", "Al-Rai", "now"], spans)) == tags


@st.composite
def tagged(draw):
    """Sentences with gold and predicted spans of whole tokens."""
    sentences, predicted = [], []
    for _ in range(draw(st.integers(1, 5))):
        tokens = draw(st.lists(st.sampled_from(["a", "bb", "c-d"]), min_size=1, max_size=8))
        sides = []
        for _ in range(2):
            spans, index = [], 0
            while index < len(tokens):
                length = draw(st.integers(0, 2))
                if length:
                    end = min(len(tokens), index + length)
                    spans.append((index, end, draw(st.sampled_from("XY"))))
                index += max(length, 1)
            sides.append(spans)
        offsets = [sum(len(token) + 1 for token in tokens[:index]) for index in range(len(tokens) + 1)]
        as_spans = [
            [Span(offsets[first], offsets[last] - 1, label) for first, last, label in side] for side in sides
        ]
        gold = tuple(tag_tokens(tokens, as_spans[0]))
        sentences.append(TaggedSentence(tuple(tokens), gold))
        predicted.append(as_spans[1])
    return sentences, predicted


@settings(max_examples=60)
@given(tagged())
def test_the_figures_are_those_of_seqeval(drawn):
    sentences, predicted = drawn
    gold = [list(sentence.tags) for sentence in sentences]
    tags = [tag_tokens(sentence.tokens, spans) for sentence, spans in zip(sentences, predicted, strict=True)]
    micro = score_tokens(sentences, predicted, ["X", "Y"]).averages["micro"]
    assert micro.f1 == pytest.approx(f1_score(gold, tags, zero_division=0))
    assert micro.precision == pytest.approx(precision_score(gold, tags, zero_division=0))
    assert micro.recall == pytest.approx(recall_score(gold, tags, zero_division=0))


def test_gold_spans_are_their_tags_again():
    sentence = TaggedSentence(("Al", "-", "Rai", "fell"), ("B-X", "I-X", "I-X", "O"))
    assert sentence.text == "Al - Rai fell"
    report = score_tokens([sentence], [[Span(0, 8, "X")]], ["X"])
    assert report.averages["micro"].f1 == 1.0
    assert report.labels["X"].support == 1


def test_column_files_are_read(tmp_path):
    path = tmp_path / "test.txt"
    path.write_text("Al-Rai\tB-X\nfell\tO\n\n\nSo\tO\n", encoding="utf-8")
    assert read_tagged_sentences(path) == [
        TaggedSentence(("Al-Rai", "fell"), ("B-X", "O")),
        TaggedSentence(("So",), ("O",)),
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "holds no sentences"),
        ("Goma\tNNP\tB-X\n", "3 columns"),
        ("Goma\tLOC\n", "'LOC' in sentence 1 is not an IOB2 tag"),
    ],
)
def test_files_of_another_form_are_told(tmp_path, content, complaint):
    path = tmp_path / "test.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=complaint):
        read_tagged_sentences(path)
    with pytest.raises(DataError, match="there is no such file"):
        read_tagged_sentences(tmp_path / "nowhere")


def test_the_published_split_is_read_whole(shared):
    folder = shared / "data" / "public" / "re3d" / "conflibert-split"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    counts = {name: len(read_tagged_sentences(folder / f"{name}.txt")) for name in ("train", "dev", "test")}
    assert counts == {"train": 574, "dev": 191, "test": 200}
