"""Fixtures and settings that several test modules use."""

import json
import os
import string
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from tokenizers import (
    ByteLevelBPETokenizer,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)

from conflictner.model import DEFAULT_SCHEME, LabelScheme

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


_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_KNOWN_WORDS = """The the a of in on at near and but who that was were have has said says killed wounded
    dead killing people civilians soldiers troops police rebels army government officials ministry Rebels
    Police Officials shelled bombed seized attacked captured fired rockets bombs rifles drones artillery
    missile strike town village city province border north south Aleppo Homs Mogadishu Kabul Goma three ten"""


@pytest.fixture(scope="session")
def new_tokenizer() -> Callable[[], Tokenizer]:
    """Makes a small cased WordPiece tokenizer that spells what it does not know, and takes ASCII alone."""

    def make() -> Tokenizer:
        characters = string.ascii_letters + string.digits
        pieces = [
            *_SPECIAL,
            *string.punctuation,
            *characters,
            *(f"##{c}" for c in characters),
            *(f"##{ending}" for ending in ("s", "ed", "ing", "er", "ion", "al", "es", "ers")),
            *_KNOWN_WORDS.split(),
        ]
        vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
        tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        tokenizer.decoder = decoders.WordPiece()
        tokenizer.add_special_tokens(list(_SPECIAL))
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]",
            special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
        )
        return tokenizer

    return make


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
def make_checkpoint(new_tokenizer) -> Callable[..., Path]:
    """Writes a complete checkpoint, with a small BERT that nobody trained, into a folder, and returns it."""

    def make(
        folder: Path, scheme: LabelScheme = DEFAULT_SCHEME, max_length: int = 64, overlap: int = 16
    ) -> Path:
        from transformers import PreTrainedTokenizerFast

        from conflictner.model.checkpoint import Calibration, write_checksums
        from conflictner.model.export import export_fp32
        from conflictner.model.network import save_network

        folder.mkdir(parents=True, exist_ok=True)
        names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_object=new_tokenizer(),
            model_max_length=max_length,
            **dict(zip(names, _SPECIAL, strict=True)),
        )
        tokenizer.save_pretrained(folder)
        network = _untrained_network(scheme, len(tokenizer), max_length)
        save_network(network, folder, max_length=max_length, overlap=overlap)
        export_fp32(network, folder / "model.onnx", max_length)
        calibration = Calibration(1.5, dict.fromkeys(scheme.events, 0.5))
        (folder / "calibration.json").write_text(json.dumps(calibration.to_dict()), encoding="utf-8")
        (folder / "README.md").write_text("A model that nobody trained.\n", encoding="utf-8")
        (folder / "training_config.yaml").write_text("{}\n", encoding="utf-8")
        write_checksums(folder)
        return folder

    return make


def _untrained_network(scheme: LabelScheme, vocabulary: int, max_length: int):
    """Return a small network whose weights are such that it finds spans of all labels in most texts.

    What it says of a word depends on the words around it, and is rarely a tie.
    """
    import torch
    from transformers import BertConfig, BertForTokenClassification

    from conflictner.model.network import TaggerNetwork

    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=max_length,
        type_vocab_size=1,
        initializer_range=0.2,
        pad_token_id=0,
        id2label=dict(enumerate(scheme.tags)),
        label2id={tag: index for index, tag in enumerate(scheme.tags)},
    )
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(5)
        network = TaggerNetwork(BertForTokenClassification(config), scheme)
        for layer in network.tagger.bert.encoder.layer:  # or all words of a text are tagged alike
            layer.attention.output.dense.weight *= 0.5
            layer.output.dense.weight *= 0.5
        network.tagger.classifier.weight *= 4
        for index, tag in enumerate(scheme.tags):  # half of the words outside, spans of about two words
            network.tagger.classifier.bias[index] = (
                8.0 if tag == "O" else 2.0 * ("I-" in tag) + 2.0 * (":" not in tag)
            )
    return network.eval()


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
