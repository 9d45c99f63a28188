"""The model card: what a checkpoint is, what it was made from, what it scores, what it must not be used for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..data.errors import ConflictnerError
from ..model.checkpoint import Checkpoint
from .recipe import CardSection, Recipe, load_recipe

__all__ = ["CardError", "render_card", "write_card"]

_USE = """\
## Use

```python
from conflictner.inference import Tagger

tagger = Tagger.load({folder!r})
for span in tagger.predict("Rebels shelled the town on Monday, killing two soldiers.").spans:
    print(span.label, span.attribute, span.text, span.score)
```

`transformers.pipeline("token-classification", model={folder!r})` loads the same weights; its tags are the fine ones
(`B-ACTOR:agent`), without constrained decoding, calibrated scores, windows for long texts or event types.
"""

_LIMITS = """\
## Intended use and limits

For finding and counting what English reports say about violent events: first-pass coding, search, statistics over many
texts, with people checking. The output says what a text claims, not what happened: tolls are often wrong, partisan or
later corrected, and a tagged actor is not a culprit. Do not use it to select persons or places as targets, to identify
or punish anybody, or as the only ground of a decision about people. Names and writing unlike the training texts
(other languages, speech transcripts, social media, historical prose) are read worse; so are rare labels.
"""


class CardError(ConflictnerError):
    """A checkpoint folder whose training record is missing."""


def write_card(folder: Path, reports: Mapping[str, Mapping[str, Any]]) -> Path:
    """Write ``README.md`` into a checkpoint folder.

    Args:
        folder: A checkpoint folder made by ``conflictner train``.
        reports: Name of a data set -> the report of ``conflictner evaluate`` on it, as its JSON form.

    Raises:
        CardError: when ``training_summary.json`` is missing or unreadable.
        ConflictnerError: when the folder is not a checkpoint.
    """
    checkpoint = Checkpoint.load(folder)
    recipe = load_recipe(folder / "training_config.yaml")
    try:
        summary = json.loads((folder / "training_summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CardError(f"{folder}: training_summary.json is missing or unreadable ({error})") from error
    path = folder / "README.md"
    temporary = path.with_suffix(".tmp")
    temporary.write_text(render_card(folder.name, recipe, checkpoint, summary, reports), encoding="utf-8")
    temporary.replace(path)
    return path


def render_card(
    name: str,
    recipe: Recipe,
    checkpoint: Checkpoint,
    summary: Mapping[str, Any],
    reports: Mapping[str, Mapping[str, Any]],
) -> str:
    """Return the card as Markdown with the front matter that model hubs read."""
    card = recipe.card
    parts = [
        _front_matter(card),
        f"# {card.title}\n\n{card.description.strip()}\n",
        _facts(checkpoint, summary),
        _sources(card),
        *(_scores(data, report) for data, report in reports.items()),
        _USE.format(folder=name),
        _LIMITS,
        _labels(checkpoint),
        "## Training\n\nThe resolved recipe is `training_config.yaml`, its log `training_summary.json`, the curves "
        "`learning_curves.png`.\n",
    ]
    return "\n".join(part for part in parts if part)


def _front_matter(card: CardSection) -> str:
    return (
        f"---\nlanguage: en\nlicense: {card.licence.lower()}\nlibrary_name: conflictner\n"
        "pipeline_tag: token-classification\ntags: [conflict, named-entity-recognition, conflictner]\n---\n"
    )


def _facts(checkpoint: Checkpoint, summary: Mapping[str, Any]) -> str:
    onnx = summary["onnx"]
    calibration = checkpoint.calibration
    rows = [
        ("parameters", f"{summary['parameters'] / 1e6:.1f} million"),
        ("longest window", f"{checkpoint.max_length} pieces, {checkpoint.overlap} shared by neighbours"),
        ("training passages", f"{summary['documents']['train']:,}"),
        ("dev passages", f"{summary['documents']['dev']:,}; best epoch {summary['best_epoch']:.0f}"),
        ("`model.onnx`", f"{onnx['type']}; dev F1 {_onnx_f1(onnx)}"),
        ("temperature", f"{calibration.temperature:.3f}"),
    ]
    lines = ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]
    return "\n".join(lines) + "\n"


def _onnx_f1(onnx: Mapping[str, Any]) -> str:
    shown = f"{onnx['dev_f1_fp32']:.4f} in fp32"
    return f"{shown}, {onnx['dev_f1_int8']:.4f} in int8" if "dev_f1_int8" in onnx else shown


def _sources(card: CardSection) -> str:
    if not card.sources:
        return ""
    lines = ["## Made from", "", "| source | licence | used for |", "|---|---|---|"]
    lines += [f"| {source.name} | {source.licence} | {source.use} |" for source in card.sources]
    return "\n".join(lines) + f"\n\nLicence of the weights: {card.licence}.\n"


def _scores(data: str, report: Mapping[str, Any]) -> str:
    exact, intervals = report["exact"], report["intervals"]
    rows = [*exact["labels"].items(), ("**micro**", exact["micro"])]
    lines = [
        f"## Scores on {data}",
        "",
        f"{report['data']['documents']} passages, {report['data']['gold_spans']} spans. Exact spans, coarse labels; F1 "
        f"with {100 * intervals['level']:.0f} % {intervals['method']} intervals over documents "
        f"({intervals['draws']} draws).",
        "",
        "| label | precision | recall | F1 | interval | spans |",
        "|---|---|---|---|---|---|",
        *(_row(label, score) for label, score in rows),
        f"| macro | {exact['macro']['precision']:.3f} | {exact['macro']['recall']:.3f} | {exact['macro']['f1']:.3f} "
        f"| {_interval(exact['macro']['interval'])} | |",
    ]
    facts = [
        f"{score['attribute']} right on {100 * score['accuracy']:.1f} % of the {score['matched']} matched {label} spans"
        for label, score in report["attributes"].items()
        if score["accuracy"] is not None
    ]
    if report["events"] is not None:
        facts.append(f"event types micro F1 {report['events']['micro']['f1']:.3f}")
    overall = report["calibration"]["overall"]
    if overall["error"] is not None:
        facts.append(f"expected calibration error of span scores {overall['error']:.3f}")
    if facts:
        first = facts[0][0].upper() + facts[0][1:]
        lines += ["", "; ".join([first, *facts[1:]]) + "."]
    return "\n".join(lines) + "\n"


def _row(label: str, score: Mapping[str, Any]) -> str:
    return (
        f"| {label} | {score['precision']:.3f} | {score['recall']:.3f} | {score['f1']:.3f} "
        f"| {_interval(score['interval'])} | {score['support']} |"
    )


def _interval(interval: Any) -> str:
    return "" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"


def _labels(checkpoint: Checkpoint) -> str:
    lines = ["## Labels", "", "| label | attribute | values |", "|---|---|---|"]
    lines += [
        f"| {label.name} | {label.attribute or ''} | {', '.join(label.values)} |" for label in checkpoint.scheme.labels
    ]
    if checkpoint.scheme.events:
        lines += ["", f"Event types of a passage, several possible: {', '.join(checkpoint.scheme.events)}."]
    return "\n".join(lines) + "\n"
