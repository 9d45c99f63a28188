"""Fixtures and settings that several test modules use."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from tokenizers import ByteLevelBPETokenizer, Tokenizer, processors

from .tiny_model import tiny_tokenizer, write_tiny_checkpoint
from .word_tagger import tag, tagger  # noqa: F401 - fixtures

# No time limit for a single example: how fast a machine is, and what else it does, is not what is tested.
settings.register_profile("conflictner", deadline=None)
settings.load_profile("conflictner")

os.environ.setdefault(
    "OMP_NUM_THREADS", "1"
)  # small networks gain nothing from threads that wait for each other
os.environ["HF_HUB_OFFLINE"] = "1"  # no test needs the network


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with data that is not part of the repository; tests that need it are skipped without it."""
    folder = Path(os.environ.get("CONFLICTNER_SHARED") or Path(__file__).parents[2] / "shared")
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there; set CONFLICTNER_SHARED to the folder with the shared data")
    return folder


@pytest.fixture(scope="session")
def new_tokenizer() -> Callable[[], Tokenizer]:
    """Makes a small cased WordPiece tokenizer that spells what it does not know, and takes ASCII alone."""
    return tiny_tokenizer


@pytest.fixture(scope="session")
def new_byte_tokenizer() -> Callable[..., Tokenizer]:
    """Makes a byte-level BPE tokenizer like RoBERTa's, trained on a few lines."""
    lines = """Rebels shelled Assad's positions near Al-Rai on Sunday, killing three (AFP). "They fired
U.S.-made rockets," he said... 3,000 people fled; it's over!! The army's F-16s hit Homs."""

    def make(trim_offsets: bool = True) -> Tokenizer:
        trained = ByteLevelBPETokenizer()
        trained.train_from_iterator([lines] * 3, 420, special_tokens=["<s>", "</s>"], show_progress=False)
        tokenizer = Tokenizer.from_str(trained.to_str())
        tokenizer.post_processor = processors.RobertaProcessing(
            ("</s>", 1), ("<s>", 0), trim_offsets=trim_offsets, add_prefix_space=False
        )
        return tokenizer

    return make


@pytest.fixture(scope="session")
def make_checkpoint() -> Callable[..., Path]:
    """Writes a complete checkpoint, with a small BERT that nobody trained, into a folder, and returns it."""
    return write_tiny_checkpoint


@pytest.fixture(scope="session")
def tiny_checkpoint(make_checkpoint, tmp_path_factory) -> Iterator[Path]:
    """A complete checkpoint of the default scheme; copy it before you change anything in it."""
    folder = make_checkpoint(tmp_path_factory.mktemp("checkpoints") / "tiny")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    yield folder
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert before == after, "a test changed the checkpoint that all tests share"


def _report(number: int) -> dict[str, Any]:
    """An annotated report of one sentence in canonical form; the number chooses its words."""
    pieces = [
        (("Rebels", "Troops", "Militiamen", "Police")[number % 4], "ACTOR", "agent"),
        (" killed ", None, None),
        (("three", "12", "seven")[number % 3], "CASUALTY", "killed"),
        (" ", None, None),
        (("civilians", "soldiers", "farmers", "miners", "guards")[number % 5], "ACTOR", "target"),
        (" with ", None, None),
        (("rockets", "drones", "rifles")[(number // 2) % 3], "WEAPON", None),
        (" in ", None, None),
        (("Homs", "Goma", "Kabul", "Bakhmut", "Sittwe")[(number // 3) % 5], "LOCATION", None),
        (f" on day {number}.", None, None),
    ]
    text, spans = "", []
    for piece, label, attribute in pieces:
        if label is not None:
            span = {"start": len(text), "end": len(text) + len(piece), "label": label}
            spans.append(span if attribute is None else {**span, "attribute": attribute})
        text += piece
    return {"id": f"report-{number}", "text": text, "spans": spans, "events": ["battle"][: number % 2]}


@pytest.fixture(scope="session")
def reports() -> list[dict[str, Any]]:
    """Twenty annotated reports of one sentence, as JSON objects; a small network learns them in seconds."""
    return [_report(number) for number in range(20)]


@pytest.fixture(scope="session")
def recipes_in(reports) -> Callable[[Path], Callable[..., Any]]:
    """Makes a maker of recipes whose data and output are in a folder; see ``tiny_recipe``."""

    def of(folder: Path) -> Callable[..., Any]:
        from conflictner.training.recipe import Recipe, load_recipe

        data = folder / "reports.jsonl"
        data.write_text("".join(json.dumps(report) + "\n" for report in reports), encoding="utf-8")

        def make(*settings: str) -> Recipe:
            return load_recipe(
                "conflictner:configs/finetune/sample.yaml",
                [
                    f"output={folder / 'output'}",
                    "new_encoder={vocabulary: 200, layers: 1, hidden: 32, heads: 2, feed_forward: 32}",
                    f"data.train=[{data}]",
                    "data.dev_share=0.2",
                    "windows={max_length: 32, overlap: 8}",
                    "finetune.epochs=4",
                    "finetune.batch_size=4",
                    "finetune.learning_rate=2.0e-2",
                    "finetune.average_decay=0.5",
                    *settings,
                ],
            )

        return make

    return of


@pytest.fixture
def tiny_recipe(recipes_in, tmp_path) -> Callable[..., Any]:
    """Makes a recipe that trains a very small network on ``reports`` in a second; arguments are overrides.

    Data and output are in ``tmp_path``. Four epochs of four steps; the last is the best.
    """
    return recipes_in(tmp_path)


@pytest.fixture(scope="session")
def pretrain_recipes_in() -> Callable[[Path], Callable[..., Any]]:
    """Makes a maker of pre-training recipes with text and output in a folder; see ``pretrain_recipe``."""

    def of(folder: Path) -> Callable[..., Any]:
        files = []
        for name, place, weight in (("news", "Homs", 2.0), ("wiki", "Goma", 0.5)):
            lines = (
                f"On day {day} rebels shelled {place}, killing {day % 7} and wounding {day % 5} people.\n"
                for day in range(40)
            )
            (folder / f"{name}.txt").write_text("".join(lines), encoding="utf-8")
            files.append({"path": str(folder / f"{name}.txt"), "weight": weight})

        def make(*settings: str) -> Any:
            from conflictner.training.pretraining.sections import PretrainRecipe
            from conflictner.training.recipe import load_recipe

            overrides = [
                f"output={folder / 'output'}",
                f"corpus.files={json.dumps(files)}",
                "tokenizer={folder: null, vocabulary: 160, characters: 40, sample_megabytes: 1.0}",
                "encoder={folder: null, type: bert, layers: 1, hidden: 16, heads: 2, feed_forward: 16, "
                "settings: {}}",
                "vectors.method=none",
                "sequences.length=32",
                "pretrain.batch_size=4",
                "pretrain.learning_rate=2.0e-2",
                "pretrain.dropout=0.1",
                "limits.tokens=1400",
                "saving.minutes=0.0",
                *settings,
            ]
            return load_recipe("conflictner:configs/pretrain/sample.yaml", overrides, PretrainRecipe)

        return make

    return of


@pytest.fixture
def pretrain_recipe(pretrain_recipes_in, tmp_path) -> Callable[..., Any]:
    """Makes a recipe that pre-trains a very small encoder in a second; arguments are overrides.

    Text and output are in ``tmp_path``. A dozen updates, with a save after each.
    """
    return pretrain_recipes_in(tmp_path)


@dataclass(frozen=True)
class SampleRun:
    """What ``conflictner train configs/finetune/sample.yaml`` did, and the processor time it took."""

    folder: Path
    stdout: str
    stderr: str
    seconds: float


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory) -> Iterator[SampleRun]:
    """The sample recipe, run once with the command line in a process of its own."""
    folder = tmp_path_factory.mktemp("runs") / "sample"
    recipe = Path(__file__).parents[1] / "configs" / "finetune" / "sample.yaml"
    command = [sys.executable, "-m", "conflictner.inference.command_line", "train", str(recipe)]
    began = _child_seconds()
    done = subprocess.run(
        [*command, "--set", f"output={folder}"], capture_output=True, text=True, timeout=600
    )
    seconds = _child_seconds() - began
    assert done.returncode == 0, done.stderr
    before = _content(folder)
    yield SampleRun(folder, done.stdout, done.stderr, seconds)
    assert before == _content(folder), "a test changed the trained checkpoint that all tests share"


@pytest.fixture(scope="session")
def sample_checkpoint(sample_run) -> Path:
    """The folder that the sample recipe makes; copy it before you change anything in it."""
    return sample_run.folder


def _child_seconds() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
