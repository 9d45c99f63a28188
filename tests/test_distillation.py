"""Distillation from recipe to checkpoint: teachers, silver passages, and a student that learned from them."""

import json
from contextlib import contextmanager

import pytest
import yaml
from transformers import TrainingArguments

from conflictner.data import read_jsonl
from conflictner.data.errors import ConflictnerError, DataError
from conflictner.inference import Tagger
from conflictner.model.checkpoint import CheckpointError
from conflictner.model.labels import DEFAULT_SCHEME
from conflictner.training import finetune as finetune_module
from conflictner.training.distillation import distill as module
from conflictner.training.distillation.distill import distill
from conflictner.training.distillation.readers import open_checkpoint
from conflictner.training.distillation.recipe import DistillRecipe
from conflictner.training.finetune import finetune
from conflictner.training.recipe import RecipeError, load_recipe

SECTIONS = {
    "vectors": {"size": 16, "window": 2, "negative": 2, "min_count": 1, "epochs": 5, "seed": 1},
    "teachers": {
        "checkpoints": [],
        "checkpoint_weight": 2.0,
        "count": 2,
        "hidden": 16,
        "layers": 2,
        "dropout": 0.1,
        "word_dropout": 0.05,
        "recase_share": 0.1,
        "epochs": 8,
        "batch_size": 4,
        "learning_rate": 2.0e-2,
        "average_decay": 0.5,
        "seed": 1,
    },
    "silver": {
        "words": [3, 40],
        "keywords": ["kill", "rocket"],
        "off_topic_share": 0.2,
        "exclude": [],
        "gold_repeats": 1,
        "seed": 1,
    },
    "retyping": {"upper_case": 0.1, "lower_case": 0.1, "dateline": 0.1, "seed": 1},
    "event_stage": {"epochs": 2, "batch_size": 4, "learning_rate": 1.0e-3},
}


@pytest.fixture(autouse=True)
def _no_pictures(monkeypatch):
    monkeypatch.setattr(finetune_module, "draw_curves", lambda history, path: path.write_bytes(b"a picture"))


@pytest.fixture
def recipe(tiny_recipe, tmp_path):
    """Makes a recipe that distils two very small teachers; arguments are overrides."""
    sides = ("Rebels", "Troops", "Militiamen", "Police")
    places = ("Homs", "Goma", "Kabul", "Bakhmut")
    lines = [
        f"{side} killed {number} soldiers with rockets in {place}. Talks went on in {place}."
        for number in range(2, 12)
        for side in sides
        for place in places
    ]
    corpus = tmp_path / "news.txt"
    corpus.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    sections = json.loads(json.dumps(SECTIONS))
    sections["vectors"]["files"] = [{"path": str(corpus), "weight": 2}]
    sections["silver"]["files"] = [
        {"path": str(corpus), "count": 60, "sentences": [1, 2], "join_lines": False}
    ]
    path = tmp_path / "distill.yaml"

    def make(*settings):
        values = tiny_recipe().model_dump()
        values["finetune"]["epochs"] = 3
        path.write_text(yaml.safe_dump({**values, **sections, "parts": str(tmp_path / "parts")}))
        return load_recipe(path, settings, DistillRecipe)

    return make


def test_a_student_learns_from_teachers_and_goes_on_with_annotated_passages(recipe, tiny_recipe, tmp_path):
    said = []
    folder = distill(recipe(), say=said.append)
    assert "60 passages of open text for the teachers to label" in said
    assert sum(line.startswith("teacher ") for line in said) == 2
    spans = Tagger.load(folder).predict("Troops killed 7 soldiers with rockets in Goma.").spans
    assert ("ACTOR", "Troops") in {(span.label, span.text) for span in spans}
    passages = next((tmp_path / "parts").glob("silver-*.jsonl"))
    texts = [document.text for document in read_jsonl(passages)]
    assert len(texts) == len(set(texts)) == 60
    assert sum("killed" in text for text in texts) == 56  # of other topics there are but four different ones

    one_epoch = tiny_recipe(
        "new_encoder=null", f"encoder={folder}", "finetune.epochs=1", "finetune.learning_rate=1.0e-9"
    )
    distilled = json.loads((folder / "training_summary.json").read_text())["dev"]
    goes_on = finetune(
        one_epoch.model_copy(update={"output": str(tmp_path / "final")}),
    )
    final = json.loads((goes_on / "training_summary.json").read_text())["dev"]
    assert final["f1"] == distilled["f1"]  # heads and all: at no learning rate nothing has changed
    assert final["event_f1"] == distilled["event_f1"]


def test_what_was_made_once_is_not_made_again(recipe, monkeypatch, tmp_path):
    distill(recipe())
    before = {path.name: path.read_bytes() for path in (tmp_path / "parts").iterdir()}

    def fail(*_, **__):
        raise AssertionError("made again")

    for name in ("train_vectors", "train_teacher", "draw_passages", "ensemble"):
        monkeypatch.setattr(module, name, fail)
    distill(recipe("finetune.learning_rate=1.0e-3"), overwrite=True)  # another student of the same teachers
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "parts").iterdir()}


def test_an_interrupted_run_leaves_nothing_half_made(recipe, monkeypatch, tmp_path):
    made = []

    def one_only(section, *arguments):
        if made:
            raise KeyboardInterrupt
        made.append(section)
        return train(section, *arguments)

    train = module.train_teacher
    monkeypatch.setattr(module, "train_teacher", one_only)
    with pytest.raises(KeyboardInterrupt):
        distill(recipe())
    assert len(list((tmp_path / "parts").glob("teacher-*"))) == 1
    assert not list((tmp_path / "parts").glob("labelled-*"))
    made.clear()
    distill(recipe(), resume=True)
    assert len(made) == 1  # the second; the first lay on the shelf
    assert len(list((tmp_path / "parts").glob("teacher-*"))) == 2


def test_other_processes_wait_while_the_first_makes_what_they_share(recipe, monkeypatch):
    waiting = []

    @contextmanager
    def first(*_, **__):
        waiting.append(True)
        yield
        waiting.clear()

    def draw(*_):
        assert waiting
        raise KeyboardInterrupt

    monkeypatch.setattr(TrainingArguments, "main_process_first", first)
    monkeypatch.setattr(module, "draw_passages", draw)
    with pytest.raises(KeyboardInterrupt):
        distill(recipe())


def test_passages_that_overlap_test_data_are_left_out(recipe, tmp_path):
    held_out = {
        "id": "t",
        "text": "Police killed 3 soldiers with rockets in Homs. Talks went on",
        "spans": [],
    }
    path = tmp_path / "test.jsonl"
    path.write_text(json.dumps(held_out))
    ready = recipe(f"silver.exclude=[{path}]", "silver.off_topic_share=0.0")
    distill(ready)
    texts = [document.text for document in read_jsonl(next((tmp_path / "parts").glob("silver-*.jsonl")))]
    assert texts
    assert not any(held_out["text"][:45] in drawn for drawn in texts)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("silver.words=[9, 3]", "words must be the least and the most"),
        ("teachers.count=0", "without checkpoints count must be at least 1"),
        ("retyping.dateline=0.9", "must not sum to more than 1"),
        ("silver.keywords=[]", "silver.keywords"),
        ("vectors.files=[]", "vectors.files"),
    ],
)
def test_a_recipe_that_cannot_work_is_refused(recipe, setting, message):
    with pytest.raises(RecipeError, match=message):
        recipe(setting)


def test_nothing_to_draw_is_said(recipe):
    with pytest.raises(ConflictnerError, match="no passage of the length and topic"):
        distill(recipe("silver.keywords=[zeppelin]", "silver.off_topic_share=0.0"))


def test_a_damaged_corpus_stops_the_run_before_anything_is_made(recipe, tmp_path):
    ready = recipe()
    (tmp_path / "news.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match=r"news\.txt"):
        distill(ready)
    assert not (tmp_path / "parts").exists()
    assert not (tmp_path / "output.training").exists()


def test_words_too_rare_for_vectors_are_said(recipe):
    with pytest.raises(ConflictnerError, match=r"lower vectors\.min_count"):
        distill(recipe("vectors.min_count=100000"))


def test_the_event_head_learns_alone_at_the_end(recipe, tmp_path):
    with_stage = distill(recipe("event_stage.epochs=8", "event_stage.learning_rate=1.0e-2"))
    without = distill(recipe("event_stage.epochs=0", f"output={tmp_path / 'without'}"))
    head = "event_head.safetensors"
    assert (with_stage / "model.safetensors").read_bytes() == (without / "model.safetensors").read_bytes()
    assert (with_stage / head).read_bytes() != (without / head).read_bytes()


def test_a_checkpoint_teaches_too(recipe, tmp_path):
    first = distill(recipe())
    both = (f"teachers.checkpoints=[{first}]", f"output={tmp_path / 'second'}")
    second = distill(recipe(*both))
    assert len(list((tmp_path / "parts").glob("teacher-*"))) == 2  # the recurrent ones were not made again
    assert len(list((tmp_path / "parts").glob("opinions-*"))) == 1
    assert len(list((tmp_path / "parts").glob("labelled-*"))) == 2
    spans = Tagger.load(second).predict("Troops killed 7 soldiers with rockets in Goma.").spans
    assert ("ACTOR", "Troops") in {(span.label, span.text) for span in spans}

    alone = distill(recipe(*both, "teachers.count=0", f"output={tmp_path / 'third'}"))
    assert (alone / "model.safetensors").read_bytes() != (second / "model.safetensors").read_bytes()


def test_a_checkpoint_that_is_not_there_is_told_with_its_field():
    with pytest.raises(CheckpointError, match=r"^teachers\.checkpoints: there is no folder 'none'"):
        open_checkpoint("none", DEFAULT_SCHEME)


def test_a_checkpoint_with_other_labels_is_refused(recipe, tiny_recipe, tmp_path):
    scheme = json.dumps({**DEFAULT_SCHEME.to_dict(), "events": []})
    other = finetune(tiny_recipe(f"labels={scheme}").model_copy(update={"output": str(tmp_path / "other")}))
    with pytest.raises(RecipeError, match="has other labels than the recipe"):
        distill(recipe(f"teachers.checkpoints=[{other}]"))
