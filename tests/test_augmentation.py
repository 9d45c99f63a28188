"""The augmenter: promises for any document, and what training makes of it."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data.documents import Document, Span
from conflictner.data.variants.numbers import number_word
from conflictner.data.words import word_offsets
from conflictner.training.augmentation import Augmenter, variants
from conflictner.training.recipe import RecipeError, dump_recipe, load_recipe
from conflictner.training.sections import AugmentationSection

SAMPLE = "conflictner:configs/finetune/sample.yaml"
NONE = {
    "names": 0.0,
    "numbers": 0.0,
    "typography": 0.0,
    "no_final_stop": 0.0,
    "upper_case": 0.0,
    "lower_case": 0.0,
    "headline_case": 0.0,
}
ALL = AugmentationSection(
    **{**NONE, "names": 0.7, "numbers": 0.7, "typography": 0.7, "no_final_stop": 0.5},
    copies=2,
)
CASES = AugmentationSection(**{**NONE, "upper_case": 0.4, "lower_case": 0.3, "headline_case": 0.3}, copies=1)
NUMBERS = "|".join(rf"(?ai:\b{form}\b)" for n in range(99, 0, -1) for form in (number_word(n), str(n)))
LABELS = {"LOCATION": [None], "ACTOR": ["agent", None], "CASUALTY": ["killed"], "WEAPON": [None]}
WORDS = [
    "Iraq",
    "the",
    "Hamas",
    "Reuters",
    "two",
    "37",
    "Nine",
    "people",
    "days",
    "--",
    '"',
    "'s",
    "’",
    "U.S.",
    "a",
]


@st.composite
def documents(draw):
    """Texts of words that can be changed and of any others, with spans on word borders."""
    pieces = draw(st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=12))
    text = "".join(piece + draw(st.sampled_from([" ", " ", ". ", ""])) for piece in pieces)
    words = word_offsets(text)
    spans, first = [], 0
    while first < len(words):
        count = draw(st.integers(0, 2))
        if count and first + count <= len(words):
            label = draw(st.sampled_from(sorted(LABELS)))
            attribute = draw(st.sampled_from(LABELS[label]))
            spans.append(Span(words[first][0], words[first + count - 1][1], label, attribute))
        first += max(count, 1)
    return Document("a", text, tuple(spans), ("battle",), {"source": "x"})


def outside_and_inside(document):
    """The pieces of the text outside of the spans and inside of them, by turns."""
    ends = [0, *(offset for span in document.spans for offset in (span.start, span.end)), len(document.text)]
    return [document.text[one:two] for one, two in pairwise(ends)]


def plain(text):
    """The text without all that numbers and typography may change."""
    for found, written in (("[“”]", '"'), ("[‘’]", "'"), (NUMBERS, "#"), ("[—–-]+", "-")):
        text = re.sub(found, written, text)
    return text


@given(documents(), st.integers(0, 2**32 - 1), st.sampled_from([ALL, CASES]))
def test_labels_stay_true_of_any_document(before, seed, section):
    augment = Augmenter(section, seed)
    after = augment(before, 0, 3)
    assert Document.from_dict(after.to_dict()) == after  # flat, inside the text, no white space at the edges
    assert [(s.label, s.attribute) for s in after.spans] == [(s.label, s.attribute) for s in before.spans]
    assert (after.id, after.events, after.meta) == (before.id, before.events, before.meta)
    words = word_offsets(after.text)
    assert {span.start for span in after.spans} <= {start for start, _ in words}
    assert {span.end for span in after.spans} <= {end for _, end in words}
    assert augment(before, 0, 3) == Augmenter(section, seed)(before, 0, 3) == after


@given(documents(), st.integers(0, 99))
def test_all_but_what_is_meant_stays(before, seed):
    after = Augmenter(ALL, seed)(before, 0, 0)
    for index, (old, new) in enumerate(
        zip(outside_and_inside(before), outside_and_inside(after), strict=True)
    ):
        is_name = old in {"Iraq", "Hamas", "Reuters"} and index % 2
        old, new = plain(old), plain(new)
        assert is_name or new == old or (index == 2 * len(before.spans) and len(old) == len(new) + 1)


def make(count):
    text = "Rebels killed two people in Iraq, Reuters said."
    spans = (
        Span(0, 6, "ACTOR", "agent"),
        Span(14, 24, "CASUALTY", "killed"),
        Span(28, 32, "LOCATION"),
        Span(34, 41, "ACTOR", "source"),
    )
    return [Document(str(number), text, spans) for number in range(count)]


def test_each_change_comes_at_its_share():
    signs = {
        "names": lambda text: "Iraq" not in text,
        "numbers": lambda text: " 2 " in text,
        "no_final_stop": lambda text: not text.endswith("."),
        "upper_case": str.isupper,
        "lower_case": str.islower,
        "headline_case": lambda text: "Killed" in text,
    }
    section = AugmentationSection(**{**NONE, **dict.fromkeys(signs, 0.2)}, copies=1)
    texts = [Augmenter(section, 1)(document, 0, index).text for index, document in enumerate(make(600))]
    for name in ("names", "numbers", "no_final_stop", "upper_case", "lower_case", "headline_case"):
        folded = texts if name not in ("names", "numbers") else [t for t in texts if "Rebels killed" in t]
        share = sum(map(signs[name], folded)) / len(folded)
        assert 0.13 < share < 0.27, name


def test_variants_differ_by_copy_and_place_and_leave_out_the_unchanged():
    section = AugmentationSection(**{**NONE, "names": 0.5}, copies=2)
    found = variants(make(50), section, 7)
    assert 30 < len(found) < 70
    assert len({document.text for document in found}) > 20
    assert all("Iraq" not in document.text for document in found)
    assert variants(make(50), section, 7) == found
    assert variants(make(50), section, 8) != found
    assert variants(make(50), None, 7) == []
    assert variants(make(50), AugmentationSection(**NONE, copies=3), 7) == []


def test_the_section_of_a_recipe(tmp_path):
    shares = ", ".join(f"{name}: 0.5" for name in NONE if name not in ("upper_case", "lower_case"))
    given_section = f"augmentation={{copies: 1, {shares}, upper_case: 0.25, lower_case: 0.25}}"
    recipe = load_recipe(SAMPLE, [given_section])
    path = tmp_path / "recipe.yaml"
    path.write_text(dump_recipe(recipe), encoding="utf-8")
    assert load_recipe(path) == recipe
    for change, reason in (
        ("augmentation.headline_case=0.6", "must not sum to more than 1, got 1.1"),
        ("augmentation.names=1.0", "augmentation.names: input should be less than 1"),
        ("augmentation.copies=0", "augmentation.copies"),
        ("augmentation.names=null", "augmentation.names"),
    ):
        with pytest.raises(RecipeError, match=re.escape(reason)):
            load_recipe(SAMPLE, [given_section, change])
    assert load_recipe(SAMPLE).augmentation is None


def test_training_learns_from_the_variants_too(tiny_recipe, tmp_path):
    from conflictner.training.finetune import finetune
    from conflictner.training.parts import load_parts

    shares = ", ".join(f"{name}: 0.3" for name in NONE)
    recipe = tiny_recipe(f"augmentation={{copies: 1, {shares}}}", "finetune.epochs=1")
    plain_parts, parts, again = (
        load_parts(one, tmp_path / "encoder") for one in (tiny_recipe(), recipe, recipe)
    )
    assert plain_parts.variants == []
    assert plain_parts.lessons == plain_parts.train == parts.train
    assert plain_parts.dev == parts.dev
    assert parts.variants
    assert parts.lessons == [*parts.train, *parts.variants]
    assert parts.digest() == again.digest() != plain_parts.digest()

    said = []
    finetune(recipe, say=said.append)
    count = (
        f"{len(parts.train)} documents to train on and {len(parts.variants)} changed variants of them, as "
    )
    windows = len(parts.lessons)  # each of them a sentence
    assert any(line.startswith(f"{count}{windows} windows") for line in said), said
