"""The model card: its figures are the reports' figures, and nothing in it is empty."""

import json
import re
import shutil
from types import SimpleNamespace

import pytest
import yaml

from conflictner.data import Document, Span
from conflictner.inference.evaluation import evaluate_predictions
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model import DEFAULT_SCHEME, LabelScheme
from conflictner.model.calibration import Calibration
from conflictner.training.card import CardError, render_card, write_card
from conflictner.training.recipe import load_recipe

SAMPLE = "conflictner:configs/finetune/sample.yaml"
SUMMARY = {
    "parameters": 1_234_567,
    "documents": {"train": 1200, "dev": 40},
    "best_epoch": 3.0,
    "onnx": {
        "type": "int8",
        "dev_f1_fp32": 0.81234,
        "dev_f1_int8": 0.81001,
        "dev_equal_to_torch_fp32": 0.9976,
    },
}
GOLDEN = """\
---
language: en
license: cc-by-4.0
library_name: conflictner
pipeline_tag: token-classification
tags:
- conflict
- named-entity-recognition
- conflictner
---

# Test model

For tests.

|  |  |
| --- | --- |
| parameters | 1.2 million |
| longest window | 64 pieces, 16 shared by neighbours |
| training passages | 1,200 |
| dev passages | 40; best epoch 3 |
| `model.onnx` | int8; dev F1 0.8123 in fp32, 0.8100 in int8 |
| fp32 ONNX against torch | the same spans in 99.8% of the dev passages |
| temperature | 1.250 |
| least score of a span | 0.35, unless the caller names another |

## Made from

| source | licence | used for |
| --- | --- | --- |
| reports \\| notes | CC BY 4.0 | passages |

Licence of the weights: CC-BY-4.0.

## Scores on dev.jsonl

2 passages, 8 spans. Exact spans, coarse labels.

| label | precision | recall | F1 | interval | spans |
| --- | --- | --- | --- | --- | --- |
| ACTOR | 0.500 | 1.000 | 0.667 |  | 2 |
| WEAPON | 1.000 | 1.000 | 1.000 |  | 2 |
| LOCATION | 0.000 | 0.000 | 0.000 |  | 2 |
| CASUALTY | 1.000 | 1.000 | 1.000 |  | 2 |
| **micro** | 0.750 | 0.750 | 0.750 |  | 8 |
| macro | 0.625 | 0.750 | 0.667 |  |  |

Role right on 100.0 % of the 2 matched ACTOR spans; status right on 0.0 % of the 2 matched CASUALTY spans; \
event types micro F1 0.667; expected calibration error of span scores 0.050.

## Use
"""


def recipe(*settings):
    sources = "card.sources=[{name: reports | notes, licence: CC BY 4.0, use: passages}]"
    return load_recipe(SAMPLE, ["card.title=Test model", "card.description=For tests.", sources, *settings])


def checkpoint(scheme=DEFAULT_SCHEME):
    calibration = Calibration(1.25, dict.fromkeys(scheme.events, 0.5), 0.35)
    return SimpleNamespace(scheme=scheme, max_length=64, overlap=16, calibration=calibration)


def report(documents=2, **settings):
    text = "Police fired shells in Lima; three people were hurt."
    spans = (
        Span(0, 6, "ACTOR", "agent"),
        Span(13, 19, "WEAPON"),
        Span(23, 27, "LOCATION"),
        Span(29, 34, "CASUALTY", "injured"),
    )
    gold = Document("a", text, spans, ("protest",))
    found = (
        PredictedSpan(0, 6, "ACTOR", "agent", 0.9, "Police"),
        PredictedSpan(13, 19, "WEAPON", None, 1.0, "shells"),
        PredictedSpan(23, 27, "ACTOR", "other", 0.1, "Lima"),
        PredictedSpan(29, 34, "CASUALTY", "killed", 1.0, "three"),
    )
    scores = dict.fromkeys(DEFAULT_SCHEME.events, 0.0)
    prediction = Prediction(text, found, ("protest", "riot"), scores, 1.0)
    pairs = [gold] * documents, [prediction] * documents
    return evaluate_predictions(*pairs, DEFAULT_SCHEME, **{"bootstrap": 0, **settings}).to_dict()


def rendered(*settings, reports=None, scheme=DEFAULT_SCHEME, summary=SUMMARY):
    return render_card(recipe(*settings), checkpoint(scheme), summary, reports or {})


def tables(card):
    """The body rows of each table."""
    found = re.findall(r"(?:^\|.*\n)+", card, flags=re.MULTILINE)
    return [[line.strip("|\n ").split(" | ") for line in table.splitlines()[2:]] for table in found]


def test_a_card_says_what_is_known():
    card = rendered(reports={"dev.jsonl": report(data="dev.jsonl")})
    assert card.startswith(GOLDEN)
    headings = re.findall("^## (.*)", card, flags=re.MULTILINE)
    assert headings == [
        *("Made from", "Scores on dev.jsonl", "Use", "Intended use and limits", "Labels", "Training")
    ]


def test_figures_are_the_reports():
    made = report(data="dev.jsonl", bootstrap=200, documents=5)
    card = rendered(reports={"dev.jsonl": made})
    rows = {row[0]: row[1:] for row in tables(card)[2]}
    exact = made["exact"]
    for name, score in [*exact["labels"].items(), ("**micro**", exact["micro"]), ("macro", exact["macro"])]:
        low, high = score["interval"]
        figures = [f"{score[key]:.3f}" for key in ("precision", "recall", "f1")]
        assert rows[name][:4] == [*figures, f"{low:.3f} to {high:.3f}"]
    assert "95 % percentile bootstrap intervals over documents (200 draws)." in card


def test_what_a_reader_must_know_first_is_in_the_card():
    made = report(data="dev.jsonl", skipped=3)
    assert made["notes"]
    assert " ".join(made["notes"]) in rendered(reports={"dev.jsonl": made})


def test_each_data_set_has_its_scores():
    card = rendered(reports={"dev.jsonl": report(), "test.jsonl": report(documents=3)})
    assert "## Scores on dev.jsonl\n\n2 passages" in card
    assert "## Scores on test.jsonl\n\n3 passages" in card


@pytest.mark.parametrize("scheme", [DEFAULT_SCHEME, LabelScheme.from_dict({"labels": ["PERSON", "CAR"]})])
def test_no_table_is_empty(scheme):
    for settings in ([], ["card.sources=[]"]):
        card = rendered(*settings, scheme=scheme)
        assert all(tables(card))
        assert not re.search(r"^##.*\n\n(##|\Z)", card, flags=re.MULTILINE)
        assert "\n\n\n" not in card
    assert "PERSON, CAR." in card or "| WEAPON |" in card


def test_the_front_matter_is_yaml_whatever_the_licence():
    for licence in ("CC-BY-SA-4.0", "all rights: reserved # by us", "'"):
        card = rendered(f"card.licence={json.dumps(licence)}")
        front = yaml.safe_load(card.split("---\n")[1])
        assert front["license"] == licence.lower()
        assert front["pipeline_tag"] == "token-classification"


def test_cells_do_not_break_the_table():
    source = {"name": "a|b\nc", "licence": "MIT", "use": "x"}
    card = rendered(f"card.sources={json.dumps([source])}")
    assert "| a\\|b c | MIT | x |\n" in card


def test_the_example_of_use_is_python():
    card = rendered()
    code = card.split("```python\n")[1].split("```")[0]
    assert 'Tagger.load("path/to/this/folder")' in code
    compile(code, "card", "exec")


def test_a_card_is_written_into_its_folder(sample_checkpoint, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(sample_checkpoint, folder)
    (folder / "README.md").unlink()
    assert write_card(folder, {}) == folder / "README.md"
    assert "## Use" in (folder / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [None, "{", "[]", "{}", '{"parameters": "many"}'])
def test_a_missing_or_strange_record_is_told(sample_checkpoint, tmp_path, content):
    folder = tmp_path / "copy"
    shutil.copytree(sample_checkpoint, folder)
    card = (folder / "README.md").read_bytes()
    record = folder / "training_summary.json"
    record.unlink()
    if content is not None:
        record.write_text(content, encoding="utf-8")
    with pytest.raises(CardError, match=r"training_summary\.json: ") as caught:
        write_card(folder, {})
    assert "\n" not in str(caught.value)
    assert (folder / "README.md").read_bytes() == card
