"""Recipes: what is accepted, and how every problem is named."""

import tracemalloc

import pytest
import yaml

from conflictner.model import DEFAULT_SCHEME, LabelScheme
from conflictner.training.recipe import RecipeError, dump_recipe, load_recipe, resolve_path

SAMPLE = "conflictner:configs/finetune/sample.yaml"


@pytest.fixture
def values():
    return yaml.safe_load(resolve_path(SAMPLE).read_text(encoding="utf-8"))


@pytest.fixture
def load(tmp_path, values):
    """Changes the sample recipe, writes and loads it."""

    def change_and_load(change, *overrides):
        change(values)
        path = tmp_path / "recipe.yaml"
        path.write_text(yaml.safe_dump(values), encoding="utf-8")
        return load_recipe(path, overrides)

    return change_and_load


def problem(call, *arguments):
    with pytest.raises(RecipeError) as caught:
        call(*arguments)
    message = str(caught.value)
    assert "\n" not in message
    return message


def overridden(*overrides):
    return problem(load_recipe, SAMPLE, overrides)


def test_a_dumped_recipe_reads_back_equal(tmp_path):
    labels = (
        "labels={labels: [PERSON, {name: VEHICLE, attribute: kind, values: [civil, 'no']}], events: [crash]}"
    )
    for overrides in ([], [labels, "card.description='Ñandú: a | b'"]):
        recipe = load_recipe(SAMPLE, overrides)
        path = tmp_path / "again.yaml"
        path.write_text(dump_recipe(recipe), encoding="utf-8")
        assert load_recipe(path) == recipe


def test_overrides_are_read_as_yaml():
    recipe = load_recipe(
        SAMPLE,
        ["finetune.learning_rate=3.0e-4", "data.dev=[a.jsonl, b.conll]", "data.dev_share=0", "encoder=null"],
    )
    assert recipe.finetune.learning_rate == 3.0e-4
    assert recipe.data.dev == ["a.jsonl", "b.conll"]
    assert recipe.data.dev_share == 0.0
    assert recipe.encoder is None


def test_an_override_makes_a_section_that_was_null():
    recipe = load_recipe(SAMPLE, ["labels.labels=[PERSON]", "labels.events=[]"])
    assert recipe.scheme == LabelScheme.from_dict({"labels": ["PERSON"]})


def test_without_labels_the_scheme_is_the_guidelines():
    assert load_recipe(SAMPLE).scheme == DEFAULT_SCHEME


def test_all_problems_are_reported_at_once():
    message = overridden(
        "finetune.lerning_rate=1.0",
        "finetune.epochs=0",
        "windows.max_length=long",
        "export.onnx=int4",
        "data.train=[]",
        "output",
        "finetune.seed.more=1",
    )
    assert message.startswith(f"{SAMPLE}: 7 problems: ")
    for part in (
        "finetune.lerning_rate is not a field of a recipe",
        "finetune.epochs: input should be greater than or equal to 1, got 0",
        "windows.max_length: input should be a valid integer, got 'long'",
        "export.onnx: input should be 'int8', 'fp32' or 'none', got 'int4'",
        "data.train: list should have at least 1 item",
        "--set 'output': expected dotted.path=value",
        "--set 'finetune.seed.more=1': finetune.seed is not a section",
    ):
        assert part in message


def test_a_missing_field_is_named(load):
    assert "finetune.epochs is missing" in problem(load, lambda values: values["finetune"].pop("epochs"))


def test_a_number_that_yaml_reads_as_text_is_explained():
    message = overridden("finetune.learning_rate=1e-5")
    assert "finetune.learning_rate: input should be a valid number, got '1e-5'" in message
    assert message.endswith("(YAML reads 1e-5 as text: write 1.0e-05)")
    assert load_recipe(SAMPLE, ["finetune.learning_rate=1.0e-05"]).finetune.learning_rate == 1e-5
    assert "YAML reads" not in overridden("finetune.learning_rate=small")


@pytest.mark.parametrize(
    "override",
    [
        "finetune.epochs=2.5",
        "finetune.epochs=true",
        "finetune.epochs='3'",
        "finetune.learning_rate=.inf",
        "finetune.learning_rate=.nan",
        "finetune.learning_rate=0",
        "finetune.dropout=1.0",
        "finetune.dropout=-0.1",
        "finetune.seed=4294967296",
        "finetune.precision=fp8",
        "output=''",
        "output=2024-01-01",
        "output=null",
        "data.train=a.jsonl",
        "data.train=['']",
        "windows.overlap=124",
        "new_encoder.heads=3",
        "card.sources=[{name: a}]",
    ],
)
def test_wrong_values_are_refused(override):
    path = override.partition("=")[0]
    section = path.partition(".")[0]
    assert f"1 problem: {section}" in overridden(override) or "2 problems" in overridden(override)


def test_the_encoder_is_named_once():
    assert "exactly one of 'encoder' and 'new_encoder'" in overridden("encoder=bert-base-cased")
    assert "exactly one of 'encoder' and 'new_encoder'" in overridden("new_encoder=null")


def test_dev_documents_are_named_once():
    assert "data: exactly one of 'dev' (files) and 'dev_share'" in overridden("data.dev_share=0.0")
    assert "data: exactly one of 'dev' (files) and 'dev_share'" in overridden("data.dev=[dev.jsonl]")


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ("[]", "at least one label"),
        ("[A, A]", "more than once"),
        ("[A b]", "'A b'"),
        ("[{name: A, attribute: kind}]", "needs both a name for its attribute and"),
        ("[{name: A, values: [x]}]", "needs both a name for its attribute and"),
        ("[{name: A, atribute: kind}]", "labels.labels.0.atribute is not a field"),
        ("[{name: A, attribute: kind, values: xyz}]", "labels.labels.0.values: input should be a valid list"),
        (
            "[{name: A, attribute: 5, values: [x]}]",
            "labels.labels.0.attribute: input should be a valid string",
        ),
        (
            "[NO]",
            "labels.labels.0: a label is a name, or a section with name, attribute and values, got False",
        ),
    ],
)
def test_label_schemes_are_checked(labels, reason):
    assert reason in overridden(f"labels={{labels: {labels}, events: []}}")


def test_a_key_that_stands_twice_is_refused(tmp_path):
    path = tmp_path / "recipe.yaml"
    path.write_text("finetune:\n  epochs: 1\n  seed: 2\n  epochs: 3\n", encoding="utf-8")
    message = problem(load_recipe, path)
    assert "the key 'epochs' stands twice" in message
    assert "line 4" in message


def test_merges_of_merges_do_not_fill_the_memory(tmp_path):
    lines = [f"k{n}: &k{n} {{<<: [{', '.join([f'*k{n - 1}'] * 9)}], n: {n}}}\n" for n in range(1, 8)]
    path = tmp_path / "recipe.yaml"
    path.write_text("k0: &k0 {a: 1, n: 0}\n" + "".join(lines), encoding="utf-8")
    tracemalloc.start()
    try:
        assert "k7 is not a field" in problem(load_recipe, path)
        assert tracemalloc.get_traced_memory()[1] < 2**20  # nine times as much a line, without care
    finally:
        tracemalloc.stop()
    path.write_text("a: &a {output: x, encoder: y}\n<<: *a\noutput: z\n", encoding="utf-8")
    message = problem(load_recipe, path)
    assert "a is not a field" in message
    assert "output" not in message


def test_no_more_problems_are_told_than_one_can_read():
    message = overridden(f"data.train={[1] * 5000}")
    assert "5000 problems" in message
    assert message.endswith("; and so on")
    assert len(message) < 20_000


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a: [1", "not readable as YAML"),
        (b"\xff\xfe\x00", "not readable as YAML"),
        (b"a: !!python/object/apply:os.getcwd []", "not readable as YAML"),
        (b"", "expected sections such as 'data:' and 'finetune:', got None"),
        (b"- 1\n- 2\n", "expected sections such as 'data:' and 'finetune:', got [1, 2]"),
        (b"[" * 1000, "not readable as YAML"),
        ("a: 1\nb\ufeff 2\nc: 3\n".encode(), "b\\ufeff 2"),
    ],
)
def test_files_that_are_no_recipe_are_refused(tmp_path, content, reason):
    path = tmp_path / "recipe.yaml"
    path.write_bytes(content)
    message = problem(load_recipe, path)
    assert message.startswith(f"{path}: ")
    assert message.isprintable()
    assert reason in message


def test_missing_files_are_named(tmp_path):
    assert "No such file" in problem(load_recipe, tmp_path / "none.yaml")
    assert "Is a directory" in problem(load_recipe, tmp_path)


@pytest.mark.parametrize(
    "name", ["configs/none.yaml", "none/sample.yaml", "", "..", "configs", "a b/c", "os/x"]
)
def test_package_files_that_do_not_exist_are_named(name):
    if name == "configs":
        assert resolve_path(f"conflictner:{name}").is_dir()
    else:
        assert f"conflictner:{name}: the package has no such file" in problem(
            resolve_path, f"conflictner:{name}"
        )


def test_paths_are_relative_to_the_current_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert str(resolve_path("a/b.yaml")) == "a/b.yaml"
    assert resolve_path("~/b.yaml") == tmp_path / "b.yaml"


def test_a_home_folder_of_nobody_is_an_ordinary_name():
    assert str(resolve_path("~nobody-of-this-name/b.yaml")) == "~nobody-of-this-name/b.yaml"


def test_names_of_fields_are_shortened_and_in_one_line(load):
    message = problem(load, lambda values: values["finetune"].update({"x" * 5000: 1, "a\nb": 2}))
    assert f"finetune.{'x' * 57}... is not a field of a recipe" in message
    assert "finetune.a\\nb is not a field of a recipe" in message
    assert len(message) < 300
