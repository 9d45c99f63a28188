"""Fine-tuning from recipe to checkpoint folder: complete, and stopped by what cannot work."""

import json
import math

import pytest

from conflictner.inference import Tagger
from conflictner.model import DEFAULT_SCHEME
from conflictner.model.network import TaggerNetwork
from conflictner.training.finetune import OutputError, finetune
from conflictner.training.loop import DivergedError
from conflictner.training.recipe import RecipeError

from .finetune_runs import dev_scores, no_pictures, refused, weights  # noqa: F401 - one is a fixture

FILES = {
    "README.md",
    "calibration.json",
    "checksums.json",
    "config.json",
    "event_head.safetensors",
    "labels.json",
    "learning_curves.png",
    "model.onnx",
    "model.safetensors",
    "tensorboard",
    "tokenizer.json",
    "tokenizer_config.json",
    "training_config.yaml",
    "training_summary.json",
}


def test_a_run_makes_a_complete_folder_in_silence(tiny_recipe, tmp_path, capfd):
    folder = finetune(tiny_recipe("export.onnx=int8", "export.weights=fp16", "export.int8_tolerance=1.0"))
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""
    assert {path.name for path in folder.iterdir()} == FILES
    assert {path.name for path in tmp_path.iterdir()} == {"output", "reports.jsonl"}
    assert "## Use" in (folder / "README.md").read_text(encoding="utf-8")
    summary = json.loads((folder / "training_summary.json").read_text(encoding="utf-8"))
    assert summary["onnx"].keys() == {"type", "dev_f1_fp32", "dev_f1_int8", "dev_equal_to_torch_fp32"}
    assert summary["documents"] == {"train": 16, "dev": 4}
    assert summary["dev"]["f1"] > 0.3


def test_the_lines_that_are_said_tell_the_stages(tiny_recipe):
    said = []
    folder = finetune(tiny_recipe("finetune.epochs=2"), say=said.append)
    best, scores = dev_scores(folder)
    assert said == [
        "16 documents to train on, as 16 windows; 4 to select on",
        f"epoch 1 of 2: dev micro F1 {scores[0]:.4f}",
        f"epoch 2 of 2: dev micro F1 {scores[1]:.4f}",
        f"best epoch {best:.0f}: dev micro F1 {max(scores):.4f}",
        f"model.onnx is fp32, {(folder / 'model.onnx').stat().st_size / 1e6:.1f} MB",
    ]


def test_what_finish_adds_is_in_the_folder_when_it_appears(tiny_recipe, tmp_path):
    def finish(folder, dev):
        assert folder.name == "output"
        assert not (tmp_path / "output").exists()
        assert len(dev) == 4
        (folder / "added").write_text("")

    assert (finetune(tiny_recipe("finetune.epochs=1"), finish=finish) / "added").exists()


class Diverging(TaggerNetwork):
    """A network whose loss is not a number."""

    def forward(self, input_ids, attention_mask, labels=None, events=None):
        output = super().forward(input_ids, attention_mask, labels, events)
        return output if labels is None else output._replace(losses=output.losses * math.nan)


def test_a_diverged_loss_stops_before_the_first_step_and_leaves_nothing(tiny_recipe, tmp_path, monkeypatch):
    monkeypatch.setattr("conflictner.model.network_files.TaggerNetwork", Diverging)
    message = refused(tiny_recipe(), DivergedError)
    assert message.startswith(
        "training has diverged: the loss is nan at step 1; lower finetune.learning_rate"
    )
    assert {path.name for path in tmp_path.iterdir()} == {"reports.jsonl"}


def test_a_learning_rate_that_is_far_too_large_is_told(tiny_recipe, tmp_path):
    output = tmp_path / "output"
    output.mkdir()
    (output / "config.json").write_text("mine", encoding="utf-8")
    recipe = tiny_recipe("finetune.learning_rate=1.0e+6", "finetune.warmup_share=0.0")
    assert "training has diverged" in refused(recipe, DivergedError, overwrite=True)
    assert (output / "config.json").read_text(encoding="utf-8") == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"output", "reports.jsonl"}


def test_an_existing_output_is_left_alone(tiny_recipe, tmp_path):
    output = tmp_path / "output"
    output.mkdir()
    (output / "config.json").write_text("mine", encoding="utf-8")
    assert f"output {output} exists already; add --overwrite" in refused(tiny_recipe(), OutputError)
    inside = tiny_recipe(f"output={output}/config.json")
    assert f"output {output}/config.json is a file" in refused(inside, OutputError)
    assert (output / "config.json").read_text(encoding="utf-8") == "mine"


def test_an_output_below_a_file_cannot_be_written(tiny_recipe, tmp_path):
    recipe = tiny_recipe(f"output={tmp_path / 'reports.jsonl' / 'out'}")
    assert "cannot be written (Not a directory); name another: --set output=FOLDER" in refused(
        recipe, OutputError
    )


def test_data_that_is_wrong_leaves_nothing_behind(tiny_recipe, tmp_path):
    recipe = tiny_recipe("data.train=[none.jsonl]")
    assert "data.train: none.jsonl does not exist" in refused(recipe, RecipeError)
    data = tmp_path / "reports.jsonl"
    data.write_text(data.read_text(encoding="utf-8").replace("WEAPON", "GUN", 1), encoding="utf-8")
    assert refused(tiny_recipe()).startswith(f"{data}:1: spans[3].label is 'GUN'; accepted are ACTOR,")
    assert {path.name for path in tmp_path.iterdir()} == {"reports.jsonl"}


def test_spans_off_word_borders_are_counted_aloud(tiny_recipe, tmp_path, reports):
    half = {"id": "half", "text": "An antitank gun.", "spans": [{"start": 7, "end": 11, "label": "WEAPON"}]}
    (tmp_path / "odd.jsonl").write_text(
        f"{json.dumps(half)}\n{json.dumps({**half, 'id': 'two'})}\n", encoding="utf-8"
    )
    said = []
    recipe = tiny_recipe(
        f"data.train=[{tmp_path}/odd.jsonl, {tmp_path}/reports.jsonl]",
        f"data.dev=[{tmp_path}/odd.jsonl]",
        "data.dev_share=0.0",
        "finetune.epochs=1",
    )
    finetune(recipe, say=said.append)
    where = "the first is 7:11 'tank' of document 'half'"
    assert said[1:4] == [
        "note: no dev document has a span with the label ACTOR, LOCATION, CASUALTY",
        "note: 2 training spans do not begin and end with a word and are learned as the whole words they "
        f"touch; {where}",
        f"note: 2 dev spans do not begin and end with a word and cannot be found; {where}",
    ]


def test_labels_of_ones_own_are_trained_and_predicted(tiny_recipe, tmp_path):
    data = tmp_path / "own.conll"
    sentences = [
        f"{name} drove a {thing} .\n" for name in ("Ada", "Ben", "Cem", "Dov") for thing in ("truck", "jeep")
    ]
    tags = ["B-PERSON", "O", "O", "B-VEHICLE", "O"]
    blocks = ["".join(f"{w}\t{t}\n" for w, t in zip(s.split(), tags, strict=True)) for s in sentences * 2]
    data.write_text("\n".join(blocks), encoding="utf-8")
    recipe = tiny_recipe(
        "labels={labels: [PERSON, VEHICLE], events: []}",
        f"data.train=[{data}]",
        f"data.dev=[{data}]",
        "data.dev_share=0.0",
        "finetune.epochs=8",
    )
    tagger = Tagger.load(finetune(recipe))
    prediction = tagger.predict("Ben drove a truck .")
    assert [(span.label, span.attribute, span.text) for span in prediction.spans] == [
        ("PERSON", None, "Ben"),
        ("VEHICLE", None, "truck"),
    ]
    assert prediction.events == ()
    assert not (tagger.checkpoint.folder / "event_head.safetensors").exists()
    assert "Labels\n\nPERSON, VEHICLE.\n" in (tagger.checkpoint.folder / "README.md").read_text(
        encoding="utf-8"
    )


def test_attributes_and_event_types_of_ones_own_are_trained_and_predicted(tiny_recipe, tmp_path):
    records = []
    for number in range(16):
        kind, thing, event = [("civil", "van", "theft"), ("military", "tank", "parade")][number % 2]
        text = f"On day {number} they saw a {thing}."
        start = text.index(thing)
        span = {"start": start, "end": start + len(thing), "label": "VEHICLE", "attribute": kind}
        records.append({"id": str(number), "text": text, "spans": [span], "events": [event]})
    data = tmp_path / "own.jsonl"
    data.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    labels = "[{name: VEHICLE, attribute: kind, values: [civil, military]}]"
    recipe = tiny_recipe(
        f"labels={{labels: {labels}, events: [theft, parade]}}",
        f"data.train=[{data}]",
        f"data.dev=[{data}]",
        "data.dev_share=0.0",
        "finetune.epochs=8",
        "finetune.event_weight=1.0",
    )
    folder = finetune(recipe)
    for engine in ("onnx", "torch"):
        tagger = Tagger.load(folder, engine=engine)
        assert tagger.scheme.attribute_name("VEHICLE") == "kind"
        for thing, kind, event in (("van", "civil", "theft"), ("tank", "military", "parade")):
            prediction = tagger.predict(f"On day 3 they saw a {thing}.")
            assert [(span.text, span.attribute) for span in prediction.spans] == [(thing, kind)]
            assert prediction.events == (event,)


@pytest.mark.parametrize("says_so", [True, False])
def test_documents_that_annotate_one_label_do_not_unteach_the_others(tiny_recipe, tmp_path, reports, says_so):
    places = [
        {
            **report,
            "id": f"place-{number}",
            "spans": [span for span in report["spans"] if span["label"] == "LOCATION"],
            "events": [],
            "meta": {"annotated": ["LOCATION"]} if says_so else {},
        }
        for number, report in enumerate(reports * 3)
    ]
    for name, records in (("mixed", [*reports, *places]), ("dev", reports)):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    folder = finetune(
        tiny_recipe(
            f"data={{train: [{tmp_path / 'mixed.jsonl'}], dev: [{tmp_path / 'dev.jsonl'}], dev_share: 0.0}}"
        )
    )
    scores = json.loads((folder / "training_summary.json").read_text(encoding="utf-8"))["dev"]
    assert scores["f1_LOCATION"] > 0.9
    assert (scores["f1_WEAPON"] > 0.9) == says_so
    assert (scores["f1_CASUALTY"] > 0.9) == says_so


def test_the_scheme_of_the_guidelines_is_the_default(sample_checkpoint):
    assert Tagger.load(sample_checkpoint).scheme == DEFAULT_SCHEME
