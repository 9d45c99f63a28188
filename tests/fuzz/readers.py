"""Readers: the files of texts, annotations, recipes and settings, and what reads each."""

import gzip
import io
import lzma
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from conflictner.data import ConflictnerError, Document, read_conll, read_documents, read_jsonl
from conflictner.data.corpora import CORPORA
from conflictner.data.formats import FORMATS, Report, detect_format
from conflictner.data.jsonl import to_json
from conflictner.data.standoff import attach
from conflictner.data.statistics import statistics
from conflictner.data.text_files import check_text_file
from conflictner.data.validation import validate
from conflictner.inference.command_line.sources import Sources
from conflictner.inference.evaluation.prediction_file import read_predictions
from conflictner.inference.evaluation.token_scores import read_tagged_sentences
from conflictner.inference.incidents import Report as IncidentReport
from conflictner.inference.incidents import export, find_incidents, read_reports
from conflictner.inference.normalise.places_benchmark import read_gold
from conflictner.inference.thresholds import read_thresholds
from conflictner.model import LabelScheme

from . import seeds
from .target import Make, Read, Target, check_error, lines, packed, plain, several, tarred, zipped

__all__ = ["readers"]

ROOT = Path(__file__).parents[2]
_XZ = partial(lzma.compress, preset=0)  # a higher one takes longer than all else


def readers() -> list[Target]:
    """Return the targets whose libraries are installed."""
    return [*_own(), *_public_sets(), *_formats(), *_recipes()]


# Our own files


def _own() -> Iterator[Target]:
    documents = (
        *(_jsonl, _validate, _statistics, _sources, read_documents),
        lambda path: read_predictions(path, seeds.DOCUMENTS),
    )
    table: dict[str, tuple[bytes, str, tuple[Read, ...]]] = {
        "jsonl": (seeds.CANONICAL, "x.jsonl", documents),
        "conll": (seeds.CONLL, "x.txt", (_conll, _validate, read_documents, read_tagged_sentences)),
        "text": (seeds.TEXT, "x.txt", (check_text_file, _sources)),
        "labels": (lines(seeds.LABELS), "labels.json", (LabelScheme.load,)),
        "thresholds": (lines(seeds.THRESHOLDS), "x.json", (_thresholds,)),
        "incident-reports": (_reports().encode(), "x.jsonl", (_read_reports,)),
    }
    for name, (content, file, reads) in table.items():
        yield Target(name, plain(file, content), file, reads)
    yield Target("text-xz", packed("x.txt.xz", seeds.TEXT, _XZ), "x.txt.xz", (check_text_file,))
    standoff = several({"a.jsonl": lines(seeds.STANDOFF), "t.txt": seeds.TEXT})
    yield Target("standoff", standoff, "a.jsonl", (lambda path: attach(path, path.parent),))
    gold = tarred("x.tar.xz", _XZ, {"data/lgl.xml": seeds.GEOPARSING})
    yield Target("place-sets", gold, "x.tar.xz", (lambda path: read_gold(path, "LGL"),))


def _jsonl(path: Path) -> Iterator[Document]:
    yield from read_jsonl(path, on_error=check_error)
    yield from read_jsonl(path)


def _conll(path: Path) -> Iterator[Document]:
    yield from read_conll(path, on_error=check_error)
    yield from read_conll(path)


def _statistics(path: Path) -> object:
    return to_json(statistics(read_jsonl(path)).to_dict())


def _validate(path: Path) -> object:
    return validate(path, None, None, check_error, check_error)


def _sources(path: Path) -> Iterator[Document]:
    yield from Sources([path], None, "text", check_error, lambda _: None)
    sources = Sources([path], None, "text", None, lambda _: None)
    yield from sources
    if sources.failure is not None:
        raise sources.failure


def _thresholds(path: Path) -> object:
    found = read_thresholds(path)
    path.write_text(found.to_json(), encoding="utf-8")
    assert read_thresholds(path) == found
    return found


def _reports() -> str:
    document = seeds.DOCUMENTS[0]
    found = find_incidents(document.text, document.spans, document.events)
    assert found
    return "".join(export([IncidentReport("a", document.text, None, found)] * 2, "jsonl"))


def _read_reports(path: Path) -> object:
    reports = list(read_reports(path))
    return ["".join(export(reports, form)) for form in ("json", "jsonl", "csv-acled", "csv-ucdp", "geojson")]


# Public sets


def _public_sets() -> Iterator[Target]:
    re3d = {
        "documents.json": lines({"_id": "d", "text": seeds.RE3D_TEXT}),
        "entities.json": lines(*seeds.RE3D),
    }
    muc = {name.removeprefix("c/"): content for name, content in seeds.MUC.items()}
    sets: dict[str, tuple[str, str, Make]] = {
        "gmb": ("gmb", "x.conll", plain("x.conll", seeds.GMB)),
        "gmb-xz": ("gmb", "x.conll.xz", packed("x.conll.xz", seeds.GMB, _XZ)),
        "uner": ("uner", "x.iob2", plain("x.iob2", seeds.UNER)),
        "uner-gz": ("uner", "x.iob2.gz", packed("x.iob2.gz", seeds.UNER, gzip.compress)),
        "wikievents": ("wikievents", "x.jsonl", plain("x.jsonl", lines(seeds.WIKIEVENTS, seeds.WIKIEVENTS))),
        "wikievents-tokens": ("wikievents", "x.json", plain("x.json", lines(seeds.WIKIEVENTS_TOKENS))),
        "muc": ("muc", "muc34.tar.gz", tarred("muc34.tar.gz", gzip.compress, seeds.MUC)),
        "muc-folder": ("muc", ".", several(muc)),
        "muc-gtt": ("muc-gtt", "x.json", plain("x.json", lines(seeds.GTT, seeds.GTT))),
        "re3d": ("re3d", ".", several(re3d)),
        "worldwide": ("worldwide", "x.tar.xz", tarred("x.tar.xz", _XZ, seeds.ARTICLES)),
        "worldwide-zip": ("worldwide", "x.zip", zipped("x.zip", seeds.ARTICLES)),
    }
    for name, (public, path, make) in sets.items():
        reads = (detect_format, partial(_format, public), partial(CORPORA[public], sentences=1))
        yield Target(f"set-{name}", make, path, reads)


# Formats


def _format(name: str, path: Path) -> Iterator[object]:
    """Read a file in a format, once ending at an error and once skipping it."""
    yield from FORMATS[name].read(path, Report(), check_error)
    yield from FORMATS[name].read(path, Report())


def _formats() -> Iterator[Target]:
    for name, form in FORMATS.items():
        if form.write is None:
            continue
        try:
            path, make = _written(name)
        except ConflictnerError:  # a library that is not there
            continue
        yield Target(f"format-{name}", make, path, (detect_format, partial(_format, name)))


def _written(name: str) -> tuple[str, Make]:
    """Write documents in a format; return the name of the file or folder, and what makes it."""
    form = FORMATS[name]
    assert form.write is not None
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        target = folder / f"x{form.endings[0] if form.endings else ''}"
        form.write(target, seeds.DOCUMENTS, Report())
        if target.is_file():
            return target.name, plain(target.name, target.read_bytes())
        found = sorted(path for path in target.rglob("*") if path.is_file())
        return target.name, several({p.relative_to(folder).as_posix(): p.read_bytes() for p in found})


# Recipes


def _recipes() -> Iterator[Target]:
    try:
        from conflictner.training.benchmark.sections import BaselinesRecipe, Re3dRecipe
        from conflictner.training.distillation.recipe import DistillRecipe
        from conflictner.training.pretraining.sections import PretrainRecipe
        from conflictner.training.recipe import Recipe
    except ImportError:
        return
    kinds = {
        "finetune/augmented": Recipe,
        "pretrain/gpu": PretrainRecipe,
        "distill/default": DistillRecipe,
        "benchmark/re3d": Re3dRecipe,
        "benchmark/baselines": BaselinesRecipe,
    }
    for name, kind in kinds.items():
        content = (ROOT / "configs" / f"{name}.yaml").read_bytes()
        read = partial(_recipe, kind)
        yield Target(f"recipe-{name.replace('/', '-')}", plain("r.yaml", content), "r.yaml", (read,))
    for name in ("finetune.epochs=3", "data.train=[a.jsonl, b.jsonl]", "labels={labels: [A, B], events: []}"):
        make = plain("override", name.encode())
        yield Target(f"override-{name.partition('=')[0]}", make, "override", (_override,))
    yield Target("word-vectors", plain("x.npy", _vectors()), "x.npy", (_read_vectors,))


def _recipe(kind: type, path: Path) -> object:
    from conflictner.training.recipe import dump_recipe, load_recipe

    recipe = load_recipe(path, [], kind)
    path.write_text(dump_recipe(recipe), encoding="utf-8")
    assert load_recipe(path, [], kind) == recipe
    return recipe


def _override(path: Path) -> object:
    from conflictner.training.recipe import load_recipe

    setting = path.read_bytes().decode("utf-8", "surrogateescape")
    return load_recipe("conflictner:configs/finetune/sample.yaml", [setting])


def _vectors() -> bytes:
    import numpy as np

    stream = io.BytesIO()
    np.save(stream, np.arange(12, dtype=np.float32).reshape(4, 3))
    return stream.getvalue()


def _read_vectors(path: Path) -> object:
    from conflictner.training.pretraining.vectors import read_vectors

    return read_vectors(str(path), (4, 3))
