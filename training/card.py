"""The model card: what a checkpoint is and was made from, what it scores, what it is for and what not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ConfigDict

from ..data.errors import ConflictnerError
from ..data.output import open_output
from ..model.checkpoint import Checkpoint
from .recipe import Recipe, load_recipe
from .sections import AugmentationSection, CardSection

__all__ = ["CardError", "render_card", "write_card"]

_USE = """\
## Use

```python
from conflictner.inference import Tagger

tagger = Tagger.load("path/to/this/folder")
for span in tagger.predict("Rebels shelled the town on Monday, killing two soldiers.").spans:
    print(span.label, span.attribute, span.text, span.score)
```

`transformers.pipeline("token-classification", model="path/to/this/folder")` loads the same weights; its
tags are {tags}, without constrained decoding, calibrated scores, windows for long texts or event types.
"""

_LIMITS = """\
## Intended use and limits

For finding and counting what English reports say about violent events: first-pass coding, search, statistics
over many texts, with people checking. The output says what a text claims, not what happened: tolls are often
wrong, partisan or later corrected, and a tagged actor is not a culprit. Do not use it to select persons or
places as targets, to identify or punish anybody, or as the only ground of a decision about people. Names and
writing unlike the training texts (other languages, speech transcripts, social media, historical prose) are
read worse; so are rare labels.
"""

_TRAINING = """\
## Training

The resolved recipe is `training_config.yaml`, its log `training_summary.json`, the curves
`learning_curves.png`.
"""


class CardError(ConflictnerError):
    """A checkpoint folder whose training record is missing or unreadable."""


def write_card(folder: Path, reports: Mapping[str, Mapping[str, Any]]) -> Path:
    """Write ``README.md`` into a checkpoint folder.

    Args:
        folder: A checkpoint folder made by ``conflictner train``.
        reports: Name of a data set -> the report of ``conflictner evaluate`` on it, as its JSON form.

    Raises:
        CardError: when ``training_summary.json`` is missing or unreadable.
        ConflictnerError: when the folder is not a checkpoint, or cannot be written.
    """
    checkpoint = Checkpoint.load(folder)
    recipe = load_recipe(folder / "training_config.yaml", [], _MadeBy)
    source = folder / "training_summary.json"
    try:
        summary = json.loads(source.read_text(encoding="utf-8"))
        text = render_card(recipe, checkpoint, summary, reports)
    except OSError as error:
        raise CardError(
            f"{source}: cannot be read ({error.strerror}); only trained folders have a card"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise CardError(f"{source}: not what training writes ({type(error).__name__}: {error})") from error
    with open_output(folder / "README.md") as file:
        file.write(text)
    return folder / "README.md"


class _MadeBy(Recipe):
    """A recipe that may have sections of which the card says nothing, and lack one that came later."""

    model_config = ConfigDict(extra="ignore")

    augmentation: AugmentationSection | None = None


def render_card(
    recipe: Recipe,
    checkpoint: Checkpoint,
    summary: Mapping[str, Any],
    reports: Mapping[str, Mapping[str, Any]],
) -> str:
    """Return the card as Markdown with the front matter that model hubs read.

    Args:
        recipe: The recipe it was made by.
        checkpoint: The folder.
        summary: The content of ``training_summary.json``.
        reports: Name of a data set -> the report of ``conflictner evaluate`` on it, as its JSON form.
    """
    card = recipe.card
    tags = f"the fine ones (`{checkpoint.scheme.tags[1]}`)"
    parts = [
        _front_matter(card),
        f"# {card.title}\n\n{card.description.strip()}\n",
        _facts(checkpoint, summary),
        _sources(card),
        *(_scores(data, report) for data, report in reports.items()),
        _USE.format(tags=tags),
        _LIMITS,
        _labels(checkpoint),
        _TRAINING,
    ]
    return "\n".join(part for part in parts if part)


def _front_matter(card: CardSection) -> str:
    record = {
        "language": "en",
        "license": card.licence.lower(),
        "library_name": "conflictner",
        "pipeline_tag": "token-classification",
        "tags": ["conflict", "named-entity-recognition", "conflictner"],
    }
    return f"---\n{yaml.safe_dump(record, sort_keys=False, allow_unicode=True)}---\n"


def _facts(checkpoint: Checkpoint, summary: Mapping[str, Any]) -> str:
    onnx, documents = summary["onnx"], summary["documents"]
    rows = [
        ("parameters", f"{summary['parameters'] / 1e6:.1f} million"),
        ("longest window", f"{checkpoint.max_length} pieces, {checkpoint.overlap} shared by neighbours"),
        ("training passages", f"{documents['train']:,}"),
        ("dev passages", f"{documents['dev']:,}; best epoch {summary['best_epoch']:.0f}"),
        *_onnx_facts(onnx),
        ("temperature", f"{checkpoint.calibration.temperature:.3f}"),
        (
            "least score of a span",
            f"{checkpoint.calibration.span_threshold:.2f}, unless the caller names another",
        ),
    ]
    return _table(("", ""), rows)


def _onnx_facts(onnx: Mapping[str, Any]) -> list[tuple[str, str]]:
    if onnx["type"] == "none":
        return [("`model.onnx`", "none; only the torch engine runs this model")]
    scored = f"dev F1 {onnx['dev_f1_fp32']:.4f} in fp32"
    if "dev_f1_int8" in onnx:
        scored += f", {onnx['dev_f1_int8']:.4f} in int8"
    equal = f"the same spans in {onnx['dev_equal_to_torch_fp32']:.1%} of the dev passages"
    return [("`model.onnx`", f"{onnx['type']}; {scored}"), ("fp32 ONNX against torch", equal)]


def _sources(card: CardSection) -> str:
    licence = f"Licence of the weights: {card.licence}.\n"
    if not card.sources:
        return licence
    rows = [(source.name, source.licence, source.use) for source in card.sources]
    return f"## Made from\n\n{_table(('source', 'licence', 'used for'), rows)}\n{licence}"


def _scores(data: str, report: Mapping[str, Any]) -> str:
    exact, intervals = report["exact"], report["intervals"]
    macro = {**exact["macro"], "support": ""}
    lines = [(label, score) for label, score in exact["labels"].items()]
    rows = [_row(*line) for line in (*lines, ("**micro**", exact["micro"]), ("macro", macro))]
    how = "Exact spans, coarse labels"
    if intervals["draws"]:
        how += (
            f"; F1 with {100 * intervals['level']:.0f} % {intervals['method']} intervals over documents "
            f"({intervals['draws']} draws)"
        )
    counted = f"{report['data']['documents']:,} passages, {report['data']['gold_spans']:,} spans."
    parts = [
        f"## Scores on {data}",
        " ".join([counted, f"{how}.", *report["notes"]]),
        _table(("label", "precision", "recall", "F1", "interval", "spans"), rows).rstrip(),
        _further_figures(report),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _further_figures(report: Mapping[str, Any]) -> str:
    facts = [
        f"{score['attribute']} right on {100 * score['accuracy']:.1f} % of the {score['matched']:,} matched "
        f"{label} spans"
        for label, score in report["attributes"].items()
        if score["accuracy"] is not None
    ]
    if report["events"] is not None:
        facts.append(f"event types micro F1 {report['events']['micro']['f1']:.3f}")
    error = report["calibration"]["overall"]["error"]
    if error is not None:
        facts.append(f"expected calibration error of span scores {error:.3f}")
    text = "; ".join(facts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _row(label: str, score: Mapping[str, Any]) -> tuple[str, ...]:
    interval = score["interval"]
    shown = "" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"
    figures = (f"{score[name]:.3f}" for name in ("precision", "recall", "f1"))
    return (label, *figures, shown, str(score["support"]))


def _labels(checkpoint: Checkpoint) -> str:
    scheme = checkpoint.scheme
    if any(scheme.table.values()):
        rows = [(label.name, label.attribute or "", ", ".join(label.values)) for label in scheme.labels]
        text = _table(("label", "attribute", "values"), rows)
    else:
        text = f"{', '.join(scheme.table)}.\n"
    if scheme.events:
        text += f"\nEvent types of a passage, several possible: {', '.join(scheme.events)}.\n"
    return f"## Labels\n\n{text}"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; a bar in a cell would end it and is escaped."""
    lines = [header, ["---"] * len(header), *rows]
    cells = ([" ".join(cell.split()).replace("|", "\\|") for cell in line] for line in lines)
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)
