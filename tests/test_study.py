"""``conflictner benchmark study``: variants of a recipe with several seeds each."""

import json
import subprocess
import sys
from statistics import mean, stdev

import pytest
import yaml
from typer.testing import CliRunner

from conflictner.data.jsonl import read_jsonl
from conflictner.inference.command_line.commands import app

TINY = [
    "encoder=null",
    "new_encoder={vocabulary: 200, layers: 1, hidden: 32, heads: 2, feed_forward: 32}",
    "windows={max_length: 32, overlap: 8}",
    "finetune.epochs=1",
    "finetune.learning_rate=2.0e-2",
    "finetune.precision=fp32",
    "export.onnx=none",
]


def run(*arguments):
    return CliRunner().invoke(app, ["benchmark", "study", *map(str, arguments)])


@pytest.fixture
def write_recipe(reports, tmp_path):
    data = tmp_path / "reports.jsonl"
    data.write_text("".join(json.dumps(report) + "\n" for report in reports), encoding="utf-8")

    def write(variants, seeds=(3, 4)):
        values = {
            "output": str(tmp_path / "out"),
            "base": "conflictner:configs/finetune/sample.yaml",
            "set": [*TINY, f"data={{train: [{data}], dev: [{data}], dev_share: 0.0}}"],
            "seeds": list(seeds),
            "variants": variants,
        }
        path = tmp_path / "study.yaml"
        path.write_text(yaml.safe_dump(values), encoding="utf-8")
        return path

    return write


def test_variants_are_trained_once_and_compared(write_recipe, tmp_path):
    recipe = write_recipe(
        [
            {"name": "as-it-is", "share": 1.0, "set": []},
            {"name": "half", "share": 0.5, "set": ["finetune.dropout=0.2"]},
        ]
    )
    result = run(recipe)
    assert result.exit_code == 0, result.output
    out = tmp_path / "out"
    assert (out / "table.md").read_text(encoding="utf-8") == result.stdout
    rows = json.loads((out / "table.json").read_text(encoding="utf-8"))["variants"]
    documents = [row["documents"] for row in rows]
    assert documents[1] == round(documents[0] / 2)
    for row in rows:
        scores = []
        for seed in (3, 4):
            folder = out / row["variant"] / f"seed-{seed}"
            assert yaml.safe_load((folder / "training_config.yaml").read_text())["finetune"]["seed"] == seed
            scores.append(json.loads((folder / "training_summary.json").read_text())["dev"]["f1"])
        assert row["scores"]["f1"] == pytest.approx([mean(scores), stdev(scores)])
    config = yaml.safe_load((out / "half" / "seed-3" / "training_config.yaml").read_text())
    assert config["finetune"]["dropout"] == 0.2

    file = out / "half" / "seed-3" / "model.safetensors"
    before = file.stat().st_mtime_ns
    assert run(recipe).stdout == result.stdout
    assert file.stat().st_mtime_ns == before


def test_a_smaller_share_is_part_of_a_larger(write_recipe, tmp_path):
    shares = {"most": 0.8, "some": 0.4}
    recipe = write_recipe([{"name": name, "share": share, "set": []} for name, share in shares.items()], [3])
    from conflictner.training.benchmark.study import StudyRecipe
    from conflictner.training.recipe import load_recipe

    chosen = {}
    for study_run in load_recipe(recipe, [], StudyRecipe).runs():
        (train,) = study_run.with_share().data.train
        chosen[study_run.variant] = [document.id for document in read_jsonl(train)]
    assert set(chosen["some"]) < set(chosen["most"])
    ids = [document.id for document in read_jsonl(tmp_path / "reports.jsonl")]
    assert chosen["most"] == [name for name in ids if name in chosen["most"]]
    assert len(chosen["most"]) == round(0.8 * len(ids))


@pytest.mark.parametrize(
    ("variant", "message"),
    [
        ({"name": "a", "share": 1.0, "set": ["finetune.dropuot=0.2"]}, "variant a: "),
        ({"name": "../a", "share": 1.0, "set": []}, "variants.0.name"),
        ({"name": "a", "share": 0.0, "set": []}, "variants.0.share"),
        (
            {"name": "a", "share": 1.0, "set": ["data.train=[none.jsonl]"]},
            "variant a: data.train: none.jsonl",
        ),
        (
            {"name": "a", "share": 1.0, "set": ["new_encoder=null", "encoder=runs/none"]},
            "variant a: there is",
        ),
    ],
)
def test_what_no_run_takes_is_refused_before_anything_is_trained(write_recipe, tmp_path, variant, message):
    result = run(write_recipe([{"name": "first", "share": 1.0, "set": []}, variant]))
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert message.replace("variants.0", "variants.1") in line
    assert not (tmp_path / "out").exists()


def test_a_recipe_is_checked_without_torch():
    code = (
        "import sys; sys.modules['torch'] = None; "
        "sys.argv = ['conflictner', 'benchmark', 'study', '--check']; "
        "from conflictner.inference.command_line import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(done.stdout)["seeds"] == [13, 14, 15]


def test_variants_of_one_name_are_refused(write_recipe):
    result = run(write_recipe([{"name": "a", "share": 1.0, "set": []}] * 2))
    assert result.exit_code == 2
    assert "no two variants may be the same, got a, a" in result.stderr
