"""The baselines of the benchmark: they learn spans, and what was trained is kept as long as it fits."""

import json

import pytest

from conflictner.data import Document, Span
from conflictner.model import DEFAULT_SCHEME
from conflictner.training.benchmark.crf import CrfTagger, train_crf, word_features
from conflictner.training.benchmark.kept import train_once
from conflictner.training.benchmark.sections import BaselinesRecipe, CrfSection, Re3dRecipe, SpacySection
from conflictner.training.recipe import Recipe, RecipeError, load_recipe

RE3D = "conflictner:configs/benchmark/re3d.yaml"
BASELINES = "conflictner:configs/benchmark/baselines.yaml"


@pytest.fixture(scope="module")
def documents(reports):
    return [Document.from_dict(report) for report in reports]


def borders(spans):
    return [(span.start, span.end, span.label) for span in spans]


def test_crf(documents, tmp_path):
    pytest.importorskip("sklearn_crfsuite")
    path = tmp_path / "crf.model"
    section = CrfSection(l1=0.01, l2=0.01, iterations=40, context=1)
    train_crf([*documents, Document("empty", " ")], DEFAULT_SCHEME, section, path)
    found = list(CrfTagger.load(path, 1).find([*(document.text for document in documents), "", " \n"]))
    assert [borders(spans) for spans in found[:-2]] == [borders(document.spans) for document in documents]
    assert found[-2:] == [[], []]


def test_features_of_words_by_hand():
    first, second = word_features(["Al", "17th"], 2)
    assert first["shape"] == "Xx"
    assert second["shape"] == "99xx"
    assert second["short shape"] == "9x"
    assert first["prefix 1"] == "a"
    assert second["suffix 4"] == "17th"
    assert first["+1:lower"] == "17th"
    assert first["-1"] == "BOS"
    assert first["+2"] == "EOS"
    assert second["bigram-1"] == first["bigram+1"] == "al 17th"
    assert word_features([], 2) == []


def test_spacy(documents, tmp_path, capfd):
    pytest.importorskip("spacy")
    from conflictner.training.benchmark.spacy_ner import SpacyTagger, train_spacy

    section = SpacySection(max_steps=60, patience=60, evaluate_every=30, dropout=0.1, seed=1)
    two_in_a_word = Document("cut", "MiG29 fell.", [Span(0, 3, "WEAPON"), Span(3, 5, "ACTOR")])
    train_spacy([*documents, two_in_a_word], documents[:5], section, tmp_path / "spacy")
    found = list(SpacyTagger.load(tmp_path / "spacy").find([*(document.text for document in documents), " "]))
    pairs = zip(found[:-1], documents, strict=True)
    right = sum(len(set(borders(spans)) & set(borders(document.spans))) for spans, document in pairs)
    assert right > 0.8 * sum(len(document.spans) for document in documents)
    assert found[-1] == []
    assert capfd.readouterr() == ("", "")


def test_what_was_trained_is_kept_as_long_as_it_fits(tmp_path):
    data, record = tmp_path / "data", tmp_path / "out" / "model.json"
    data.write_text("1")
    runs = []

    def train(settings, overwrite=False):
        return train_once(record, settings, [data], lambda: runs.append(settings), overwrite)

    seconds = train({"a": 1})
    assert train({"a": 1}) == seconds
    assert runs == [{"a": 1}]
    train({"a": 2})
    data.write_text("2")
    train({"a": 2})
    train({"a": 2}, overwrite=True)
    record.write_text("{")
    train({"a": 2})
    assert len(runs) == 5
    assert json.loads(record.read_text())["training_seconds"] >= 0


def test_a_training_that_fails_leaves_no_record(tmp_path):
    record = tmp_path / "model.json"
    record.write_text("{}")
    with pytest.raises(ZeroDivisionError):
        train_once(record, {}, [], lambda: 1 / 0)
    assert not record.exists()


def test_each_run_has_a_seed_and_a_folder_of_its_own():
    recipe = load_recipe(RE3D, ["runs=2", "finetune.seed=5", "output=x"], Re3dRecipe)
    first, second = recipe.recipes()
    assert type(first) is Recipe
    assert [(run.finetune.seed, run.output) for run in (first, second)] == [(5, "x/seed-5"), (6, "x/seed-6")]
    assert first.scheme == recipe.scheme
    assert len(recipe.scheme.table) == 10
    assert {figure.system: figure.f1 for figure in recipe.published}["ModernBERT-base"] == 0.685


def test_the_transformer_without_pre_training_is_an_ordinary_recipe():
    recipe = load_recipe(BASELINES, ["output=x"], BaselinesRecipe)
    bert = recipe.bert_recipe()
    assert bert.encoder is None
    assert bert.output == "x/bert"
    assert bert.data.train == recipe.data.train
    assert bert.scheme == DEFAULT_SCHEME


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        (["runs=0"], "runs"),
        (["test=[]"], "test"),
        (["published=[{system: x, f1: 2.0, spread: 0.0, source: y}]"], "published.0.f1"),
    ],
)
def test_recipes_that_cannot_be_run_are_refused(settings, complaint):
    with pytest.raises(RecipeError, match=complaint):
        load_recipe(RE3D, settings, Re3dRecipe)
