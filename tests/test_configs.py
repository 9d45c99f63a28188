"""The shipped recipes: each is valid, explains every field, and finds what it names."""

import json
import re
from pathlib import Path

import pytest

from conflictner.training.benchmark.sections import BaselinesRecipe, Re3dRecipe
from conflictner.training.benchmark.study import StudyRecipe
from conflictner.training.distillation.recipe import DistillRecipe
from conflictner.training.parts import find_encoder, load_tokenizer
from conflictner.training.pretraining.sections import PretrainRecipe
from conflictner.training.recipe import Recipe, RecipeError, load_recipe, resolve_path

ROOT = Path(__file__).parents[1]
RECIPES = sorted((ROOT / "configs").rglob("*.yaml"))
KINDS = {
    "baselines": BaselinesRecipe,
    "distill": DistillRecipe,
    "finetune": Recipe,
    "pretrain": PretrainRecipe,
    "re3d": Re3dRecipe,
    "study": StudyRecipe,
}

each_recipe = pytest.mark.parametrize("path", RECIPES, ids=lambda path: f"{path.parent.name}/{path.stem}")


def test_the_recipes_are_there():
    assert {path.stem for path in RECIPES} >= {"default", "hub", "sample"}


@each_recipe
def test_recipes_are_valid(path):
    kind = KINDS.get(path.stem) or KINDS[path.parent.name]
    name = path.relative_to(ROOT).as_posix()
    assert load_recipe(f"conflictner:{name}", [], kind) == load_recipe(path, [], kind)


@each_recipe
def test_every_field_is_explained(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    fields = [line for line in lines if re.match(r" *[a-z_0-9]+:(?! *$)", line)]
    assert len(fields) > (4 if path.stem == "study" else 30)
    assert [line for line in fields if not re.search(r" # \S", line)] == []


def test_the_variants_of_the_study_are_recipes():
    runs = list(load_recipe(ROOT / "configs" / "benchmark" / "study.yaml", [], StudyRecipe).runs())
    assert len({run.variant for run in runs}) >= 5
    assert {run.seed for run in runs} == {13, 14, 15}


def test_no_recipe_names_a_folder_of_one_machine():
    for path in RECIPES:
        assert not re.search(r"[:\[ ]/\w", path.read_text(encoding="utf-8")), path


def test_the_sample_recipe_needs_nothing_but_the_package():
    recipe = load_recipe(ROOT / "configs" / "finetune" / "sample.yaml")
    assert recipe.encoder is None
    assert all(resolve_path(name).is_file() for name in recipe.data.train)


def test_the_commented_example_of_labels_is_valid(tmp_path):
    text = (ROOT / "configs" / "finetune" / "hub.yaml").read_text(encoding="utf-8")
    example = re.sub(r"^# ?(?=(labels:|  ))", "", text, flags=re.MULTILINE)
    path = tmp_path / "recipe.yaml"
    path.write_text(example.replace("labels: null ", "#", 1), encoding="utf-8")
    scheme = load_recipe(path).scheme
    assert scheme.table == {"PERSON": (), "VEHICLE": ("civil", "military")}
    assert scheme.events == ()


def test_the_encoder_of_the_package_can_be_named_in_recipes():
    folder = Path(find_encoder("conflictner:model/encoder"))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert (config["model_type"], config["num_hidden_layers"], config["hidden_size"]) == ("bert", 4, 320)
    assert load_tokenizer(str(folder)).vocab_size == config["vocab_size"]
    with pytest.raises(RecipeError, match="the package has no such file"):
        find_encoder("conflictner:model/decoder")
