"""``conflictner benchmark``: the figures that others publish, and baselines on the project's own split."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .choices import CheckOption, SettingsOption
from .extras import need_extra, say
from .incidents_benchmark import incidents_

if TYPE_CHECKING:
    from ...model.labels import LabelScheme
    from ...training.benchmark.sections import Re3dRecipe
    from ..evaluation.seqeval_report import SeqevalReport
    from ..evaluation.token_scores import TaggedSentence

__all__ = ["app", "baselines", "places_", "re3d", "study"]

app = typer.Typer(
    help="Compare with published figures and with baselines.", no_args_is_help=True, rich_markup_mode=None
)

_Overwrite = Annotated[bool, typer.Option("--overwrite", help="Train again what is there already.")]


app.command("incidents")(incidents_)


@app.command()
def re3d(
    recipe: Annotated[str, typer.Argument(help="YAML recipe.")] = "conflictner:configs/benchmark/re3d.yaml",
    settings: SettingsOption = None,
    overwrite: _Overwrite = False,
    check: CheckOption = False,
) -> None:
    """Fine-tune on the re3d split with several seeds, and score the test sentences as others do.

    Prints micro F1 of seqeval's default mode over all tokens, its mean and spread over the seeds, and the
    published figures beside. Runs that are finished are not trained again.
    """
    from ...training.benchmark.sections import Re3dRecipe
    from ...training.recipe import dump_recipe, load_recipe, resolve_path

    resolved = load_recipe(recipe, settings or [], Re3dRecipe)
    if check:
        typer.echo(dump_recipe(resolved), nl=False)
        return
    need_extra()
    from ..evaluation.token_scores import read_tagged_sentences
    from .baseline_systems import finetuned

    sentences = [item for name in resolved.test for item in read_tagged_sentences(resolve_path(name))]
    _check_labels(sentences, resolved.scheme)
    reports = {}
    for run in resolved.recipes():
        folder, _ = finetuned(run, overwrite)
        reports[run.finetune.seed] = _score_sentences(folder, sentences, resolved.scheme)
        micro = reports[run.finetune.seed].averages["micro"].f1
        say(f"seed {run.finetune.seed}: micro F1 {micro:.4f} on {len(sentences)} sentences")
    result = _re3d_result(resolved, sentences, reports)
    _write_json(Path(resolved.report).expanduser(), result)
    for line in _re3d_lines(result):
        typer.echo(line)


@app.command()
def baselines(
    recipe: Annotated[
        str, typer.Argument(help="YAML recipe.")
    ] = "conflictner:configs/benchmark/baselines.yaml",
    settings: SettingsOption = None,
    overwrite: _Overwrite = False,
    check: CheckOption = False,
) -> None:
    """Train the baselines of a recipe on its training passages, and score all on its test passages.

    Prints a table, which is also written to OUTPUT/table.md, with all scores in OUTPUT/table.json. Models
    that are in the output folder already are not trained again.
    """
    from ...training.benchmark.sections import BaselinesRecipe
    from ...training.recipe import dump_recipe, load_recipe

    resolved = load_recipe(recipe, settings or [], BaselinesRecipe)
    if check:
        typer.echo(dump_recipe(resolved), nl=False)
        return
    needed = {"sklearn_crfsuite": resolved.crf, "spacy": resolved.spacy}
    need_extra([name for name, section in needed.items() if section], "benchmark", "this benchmark")
    need_extra()
    from ...data.output import open_output
    from ...training.passages import load_split, read_annotated
    from ..evaluation.comparison import compare, comparison_markdown
    from .baseline_systems import baseline_systems

    test = read_annotated(resolved.data.test, resolved.scheme, "data.test")
    load_split(resolved.split, resolved.scheme, 0)  # so that nothing is wrong with it later
    systems = baseline_systems(resolved, test, overwrite)
    compared = compare(
        test,
        systems,
        resolved.scheme,
        data=", ".join(Path(name).name for name in resolved.data.test),
        bootstrap=resolved.bootstrap,
        seed=resolved.bootstrap_seed,
    )
    table = comparison_markdown(compared)
    folder = Path(resolved.output).expanduser()
    with open_output(folder / "table.md") as file:
        file.write(table)
    _write_json(
        folder / "table.json",
        {"recipe": resolved.model_dump(), "systems": [system.to_dict() for system in compared]},
    )
    typer.echo(table, nl=False)


@app.command()
def study(
    recipe: Annotated[str, typer.Argument(help="YAML recipe.")] = "conflictner:configs/benchmark/study.yaml",
    settings: SettingsOption = None,
    overwrite: _Overwrite = False,
    check: CheckOption = False,
) -> None:
    """Fine-tune variants of one recipe, each with several seeds, and compare them on the dev documents.

    Prints a table, which is also written to OUTPUT/table.md, and to OUTPUT/table.json, whenever a variant is
    complete. Runs that are finished are not trained again.
    """
    from ...training.benchmark.study import StudyRecipe, check_inputs, study_markdown, study_row
    from ...training.recipe import dump_recipe, load_recipe

    resolved = load_recipe(recipe, settings or [], StudyRecipe)
    runs = list(resolved.runs())
    if check:
        typer.echo(dump_recipe(resolved), nl=False)
        return
    need_extra()
    from ...data.output import open_output
    from .baseline_systems import finetuned

    check_inputs(runs)
    folder = Path(resolved.output).expanduser()
    rows = []
    for variant in resolved.variants:
        finished = []
        for run in runs:
            if run.variant == variant.name:
                say(f"{run.variant}, seed {run.seed}")
                finished.append(finetuned(run.with_share(), overwrite))
        rows.append(study_row(variant.name, finished))
        with open_output(folder / "table.md") as file:
            file.write(study_markdown(rows))
        _write_json(
            folder / "table.json",
            {"recipe": resolved.model_dump(), "variants": [row.to_dict() for row in rows]},
        )
    typer.echo(study_markdown(rows), nl=False)


@app.command("places")
def places_(
    archive: Annotated[
        Path,
        typer.Argument(
            help="Archive of the sets LGL, TR-News, GeoWebNews and GeoVirus, or its unpacked folder."
        ),
    ],
    least_confidence: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Leave unresolved what is less probable.  [default: the library's]"),
    ] = None,
) -> None:
    """Resolve place names that others located by hand, and print how far off the points are.

    The marked names go in. A name that stays unresolved counts as wrong in both accuracies.
    """
    from ..normalise.places import LEAST_CONFIDENCE
    from ..normalise.places_benchmark import SETS, read_gold, score_table

    gold = {name: read_gold(archive, name) for name in SETS}
    least = LEAST_CONFIDENCE if least_confidence is None else least_confidence
    typer.echo(score_table(gold, least), nl=False)


def _check_labels(sentences: Sequence[TaggedSentence], scheme: LabelScheme) -> None:
    """Refuse test sentences with labels that no run could learn."""
    from ...data.errors import DataError

    found = {tag[2:] for sentence in sentences for tag in sentence.tags if tag != "O"}
    unknown = sorted(found - set(scheme.table))
    if unknown:
        raise DataError(
            f"the test sentences have the label {unknown[0]!r}, which labels.labels does not list; it has "
            f"{', '.join(scheme.table)}"
        )


def _score_sentences(folder: Path, sentences: Sequence[TaggedSentence], scheme: LabelScheme) -> SeqevalReport:
    """Tag the sentences with a checkpoint, and score them."""
    from ..evaluation.token_scores import score_tokens
    from ..tagger import Tagger

    predictions = Tagger.load(folder).predict_batch(sentence.text for sentence in sentences)
    return score_tokens(sentences, (prediction.spans for prediction in predictions), list(scheme.table))


def _re3d_result(
    recipe: Re3dRecipe, sentences: Sequence[TaggedSentence], reports: dict[int, SeqevalReport]
) -> dict[str, Any]:
    """Return all scores as JSON values; the spread is the sample standard deviation over the seeds."""
    from statistics import mean, stdev

    scores = [report.averages["micro"].f1 for report in reports.values()]
    labels = {
        label: mean(report.labels[label].f1 if label in report.labels else 0.0 for report in reports.values())
        for label in recipe.scheme.table
    }
    return {
        "benchmark": "re3d, ConfliBERT split",
        "mode": "seqeval default",
        "sentences": len(sentences),
        "tokens": sum(len(sentence.tokens) for sentence in sentences),
        "encoder": recipe.encoder,
        "micro_f1": {"mean": mean(scores), "spread": stdev(scores) if len(scores) > 1 else None},
        "mean_f1_by_label": labels,
        "runs": {str(seed): report.to_dict() for seed, report in reports.items()},
        "published": [figure.model_dump() for figure in recipe.published],
        "recipe": recipe.model_dump(),
    }


def _re3d_lines(result: dict[str, Any]) -> Iterable[str]:
    """Yield the headline, the labels and the published figures."""
    micro = result["micro_f1"]
    spread = "" if micro["spread"] is None else f" +- {micro['spread']:.3f}"
    seeds = len(result["runs"])
    yield (
        f"{result['benchmark']}, {result['mode']}, {result['sentences']} sentences, {result['tokens']} tokens"
    )
    yield f"micro F1 {micro['mean']:.3f}{spread} (mean and standard deviation over {seeds} seeds)"
    for seed, report in result["runs"].items():
        yield f"  seed {seed}: {report['micro']['f1']:.3f}"
    for label, score in result["mean_f1_by_label"].items():
        yield f"  {label}: {score:.3f}"
    for figure in result["published"]:
        yield f"{figure['system']}: {figure['f1']:.3f} +- {figure['spread']:.3f} ({figure['source']})"


def _write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a report."""
    from ...data.jsonl import to_json
    from ...data.output import open_output

    path.parent.mkdir(parents=True, exist_ok=True)
    with open_output(path) as file:
        file.write(to_json(content, indent=2) + "\n")
