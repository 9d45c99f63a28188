"""Loaders: model folders and the inputs of bulk runs, and what reads each."""

import gzip
import io
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from conflictner.inference import Prediction, Tagger
from conflictner.inference.bulk import InputKind, tag_corpus
from conflictner.inference.bulk.columns import ColumnType
from conflictner.inference.bulk.manifest import ShardEntry, open_manifest
from conflictner.inference.bulk.records import Record, open_reader, read_items
from conflictner.inference.bulk.shards import OutputForm, open_encoder
from conflictner.inference.bulk.source import find_source
from conflictner.model import DEFAULT_SCHEME
from conflictner.model.checkpoint import VERIFIED, CheckpointError

from . import seeds
from .models import tiny_model
from .target import Change, Files, Read, Target, check_error, lines, packed, plain, several

__all__ = ["loaders"]

_SETTINGS = {"input": "x", "model": "tiny"}
_SENTENCE = "Rebels killed three soldiers near Homs, said the army \U0001f4a5."


def loaders() -> list[Target]:
    """Return the targets whose libraries are installed."""
    return [*_models(), *_bulk()]


# Model folders


def _models() -> Iterator[Target]:
    try:
        from transformers import BertForTokenClassification  # here, and not in every worker
    except ImportError:
        return
    assert BertForTokenClassification
    content = {name: (tiny_model() / name).read_bytes() for name in (*VERIFIED, "checksums.json")}
    onnx, torch = (partial(_predict, engine) for engine in ("onnx", "torch"))
    readers: dict[str, tuple[Read, ...]] = {
        "config.json": (onnx, torch),
        "tokenizer.json": (onnx,),
        "labels.json": (onnx,),
        "calibration.json": (onnx,),
        "model.onnx": (onnx,),
        "model.safetensors": (torch,),
        "event_head.safetensors": (torch,),
        "tokenizer_config.json": (_train_from,),
    }
    for name, reads in readers.items():
        yield Target(f"model-{name}", _only(content, name), "model", reads)
    encoder = _only(content, "config.json", "tokenizer.json", "model.safetensors", "event_head.safetensors")
    yield Target("model-to-train-from", encoder, "model", (_train_from,))
    everything = several({f"model/{name}": piece for name, piece in content.items()})
    reads = tuple(partial(_verified, content, engine) for engine in ("onnx", "torch"))
    yield Target("model-verified", everything, "model", reads)


def _only(content: Files, *names: str) -> Callable[[Change], Files]:
    """Make a model folder of which only some files are changed."""
    return lambda change: {
        f"model/{name}": change(piece) if name in names else piece for name, piece in content.items()
    }


def _predict(engine: str, folder: Path) -> object:
    return Tagger.load(folder, engine=engine, threads=1, verify=False).predict(_SENTENCE)


def _verified(content: Files, engine: str, folder: Path) -> None:
    """Load with checksums, which lets no file pass that is used and has changed."""
    mine = {"onnx": ("model.onnx",), "torch": ("model.safetensors", "event_head.safetensors")}
    used = [name for name in VERIFIED if name.endswith(".json") and name != "tokenizer_config.json"]
    Tagger.load(folder, engine=engine, threads=1).predict(_SENTENCE)
    for name in (*used, *mine[engine]):
        assert (folder / name).read_bytes() == content[name], f"{name} was changed, and taken"


def _train_from(folder: Path) -> None:
    """Load what a training run would start from."""
    from conflictner.model.network_files import build_network
    from conflictner.training.parts import load_tokenizer

    try:
        load_tokenizer(str(folder))
    except CheckpointError as error:
        check_error(error)
    build_network(folder, DEFAULT_SCHEME, dropout=0.0)


# Bulk inputs


def _bulk() -> Iterator[Target]:
    import pyarrow

    rows = lines(*seeds.ROWS)
    zstd = partial(pyarrow.Codec("zstd").compress, asbytes=True)
    tabs = b"id\ttext\n1\tRebels left Goma.\n2\tAid came.\n"
    makes = {
        "x.jsonl": plain("x.jsonl", rows),
        "x.jsonl.gz": packed("x.jsonl.gz", rows, gzip.compress),
        "x.jsonl.zst": packed("x.jsonl.zst", rows, zstd),
        "x.csv": plain("x.csv", seeds.TABLE),
        "x.csv.gz": packed("x.csv.gz", seeds.TABLE, gzip.compress),
        "x.tsv": plain("x.tsv", tabs),
        "x.txt": plain("x.txt", seeds.TEXT),
        "x.txt.zst": packed("x.txt.zst", seeds.TEXT, zstd),
        "x.parquet": plain("x.parquet", _parquet("none", "1.0")),
        "texts": several({"texts/a.txt": seeds.TEXT, "texts/b/c.txt": seeds.TEXT}),
    }
    for name, make in makes.items():
        yield Target(f"bulk-{name}", make, name, (_items,))
    yield Target("bulk-packed.parquet", plain("x.parquet", _parquet("zstd", "2.0")), "x.parquet", (_items,))
    yield Target("bulk-run", packed("x.jsonl.gz", rows, gzip.compress), "x.jsonl.gz", (_run,))
    yield _resumed()


def _parquet(compression: str, page: str) -> bytes:
    """Return a table with columns of many types."""
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.Table.from_pylist(seeds.ROWS)
    table = table.append_column("kind", pyarrow.array(["a", None, "a"]).dictionary_encode())
    table = table.append_column("at", pyarrow.array([0, 1, None], pyarrow.timestamp("ns")))
    stream = io.BytesIO()
    pyarrow.parquet.write_table(table, stream, compression=compression, data_page_version=page)
    return stream.getvalue()


def _items(path: Path) -> None:
    """Read all records, and write those that are readable as shards of both forms."""
    source = find_source(path)
    for form in OutputForm:
        reader = open_reader(source.kind, "text", must_encode=form is OutputForm.PARQUET)
        items = list(read_items(source, reader))
        records = [item for item in items if isinstance(item, Record)]
        for item in items:
            if not isinstance(item, Record):
                check_error(item)
        empty = dict.fromkeys(DEFAULT_SCHEME.events, 0.0)
        tagged = [(record, Prediction(record.text, (), (), empty, 1.0)) for record in records]
        if tagged:
            assert open_encoder(form, source.kind, "text", DEFAULT_SCHEME, None).encode(tagged)


def _run(path: Path) -> object:
    kind = InputKind.JSONL
    return tag_corpus(
        path, path.parent / "out", model=tiny_model(), input_kind=kind, threads=1, skip=True, verify=False
    )


def _resumed() -> Target:
    """Return the target of an output folder in which a run goes on."""
    entry = ShardEntry("part-00000.jsonl", 3, 1, 1, "0" * 64, 2, {"ACTOR": 1}, 1.0, 0)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with open_manifest(folder, _SETTINGS) as manifest:
            manifest.set_columns({"id": next(iter(ColumnType))})
            manifest.add(b"{}\n", b"x\n", entry)
        files = {f"out/{path.name}": path.read_bytes() for path in folder.iterdir()}
    return Target("bulk-resumed", several(files), "out", (_resume,))


def _resume(folder: Path) -> None:
    with open_manifest(folder, _SETTINGS) as manifest:
        assert manifest.documents >= 0
        manifest.next_name("jsonl")
