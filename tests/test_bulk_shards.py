"""What shards hold, and that pandas, Polars and DuckDB read them."""

import datetime
import decimal
import json

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflictner.inference.bulk.arrow_rows import ArrowRow
from conflictner.inference.bulk.columns import (
    ADDED,
    OTHER_FIELDS,
    ColumnType,
    carried_names,
    carried_table,
    infer_columns,
)
from conflictner.inference.bulk.plain_values import plain
from conflictner.inference.bulk.records import Record
from conflictner.inference.bulk.shards import OutputForm, open_encoder, write_shard
from conflictner.inference.bulk.source import InputKind
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model import DEFAULT_SCHEME
from conflictner.model.labels import LabelScheme

TEXT = "Rebels shelled Homs."
SPANS = (
    PredictedSpan(0, 6, "ACTOR", "agent", 0.91239, "Rebels"),
    PredictedSpan(15, 19, "LOCATION", None, 0.5, "Homs"),
)
SCORES = dict.fromkeys(DEFAULT_SCHEME.events, 0.125) | {"battle": 0.75}


def tagged(fields, text_column="text", spans=SPANS):
    text = fields[text_column]
    return Record(text, fields, 0, 0), Prediction(text, spans, ("battle",), SCORES, 1.0)


def encoded(
    fields, form=OutputForm.PARQUET, kind=InputKind.JSONL, columns=None, scheme=DEFAULT_SCHEME
) -> bytes:
    encoder = open_encoder(form, kind, "text", scheme, columns)
    return encoder.encode([tagged(row) for row in fields])


def rows(content: bytes) -> list[dict]:
    return pyarrow.parquet.read_table(pyarrow.BufferReader(content)).to_pylist()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An output folder with two shards, a manifest and rejects."""
    folder = tmp_path_factory.mktemp("tagged")
    (folder / "part-00000.parquet").write_bytes(encoded([{"id": 1, "text": TEXT}]))
    columns = {"id": ColumnType.INTEGER, "text": ColumnType.STRING}
    empty = open_encoder(OutputForm.PARQUET, InputKind.JSONL, "text", DEFAULT_SCHEME, columns)
    (folder / "part-00001.parquet").write_bytes(empty.encode([tagged({"id": 2, "text": TEXT}, spans=())]))
    (folder / "_manifest.jsonl").write_text("{}\n")
    (folder / "_rejects.jsonl").write_text("{}\n")
    return folder


def test_pandas_reads_the_folder(folder):
    frame = pandas.read_parquet(folder)
    assert list(frame.id) == [1, 2]
    assert [span["label"] for span in frame.spans[0]] == ["ACTOR", "LOCATION"]
    assert frame.event_scores[0]["battle"] == 0.75
    assert len(frame.spans[1]) == 0


def test_polars_reads_the_shards(folder):
    frame = polars.read_parquet(folder / "*.parquet")
    assert frame.schema["spans"] == polars.List(
        polars.Struct(
            {
                "start": polars.Int32,
                "end": polars.Int32,
                "label": polars.String,
                "attribute": polars.String,
                "score": polars.Float64,
                "text": polars.String,
            }
        )
    )
    flat = frame.head(1).select("id", "spans").explode("spans").unnest("spans")
    assert flat.rows() == [
        (1, 0, 6, "ACTOR", "agent", 0.9124, "Rebels"),
        (1, 15, 19, "LOCATION", None, 0.5, "Homs"),
    ]


def test_duckdb_reads_the_shards(folder):
    found = duckdb.sql(
        f"select id, s.label, s.text from '{folder}/*.parquet', unnest(spans) as t(s) order by s.start"
    ).fetchall()
    assert found == [(1, "ACTOR", "Rebels"), (1, "LOCATION", "Homs")]
    assert duckdb.sql(f"select event_scores.battle from '{folder}/*.parquet'").fetchall() == [
        (0.75,),
        (0.75,),
    ]


def test_jsonl_shards_are_read_too(tmp_path):
    path = tmp_path / "part-00000.jsonl"
    path.write_bytes(encoded([{"id": 1, "text": TEXT}, {"id": 2, "text": TEXT}], OutputForm.JSONL))
    assert pandas.read_json(path, lines=True).spans[0][0]["text"] == "Rebels"
    frame = polars.read_ndjson(path)
    assert frame["spans"][1].struct.field("attribute").to_list() == ["agent", None]
    assert duckdb.sql(f"select id, spans[2].label from '{path}'").fetchall() == [
        (1, "LOCATION"),
        (2, "LOCATION"),
    ]


def test_own_columns_leave_those_of_the_input_under_other_names():
    fields = {"text": TEXT, "spans": [1], "input_spans": "x", "events": "y", "other_fields": "z"}
    for form in OutputForm:
        content = encoded([fields], form)
        (row,) = rows(content) if form is OutputForm.PARQUET else [json.loads(content)]
        assert row["input_events"] == "y"
        assert row["input_spans"] == "x"
        assert row["input_input_spans"] in ([1], "[1]")
        assert row["input_other_fields"] == "z"
        assert row["events"] == ["battle"]


def test_a_scheme_without_events_has_no_columns_for_them():
    scheme = LabelScheme.from_dict({"labels": ["ACTOR", "LOCATION"], "events": []})
    (row,) = rows(encoded([{"text": TEXT}], scheme=scheme))
    assert list(row) == ["text", "other_fields", "spans", "coverage"]


def test_fields_of_json_keep_their_types_where_they_have_one():
    records = [
        {"text": "a", "n": 1, "x": 1, "b": True, "l": [1], "m": 1, "big": 2**70},
        {"text": "b", "n": None, "x": 0.5, "b": False, "m": "s", "none": None},
    ]
    columns = infer_columns(records, "text")
    assert columns == {
        "text": "string", "n": "int64", "x": "double", "b": "bool", "l": "json", "m": "json", "big": "json",
        "none": "json",
    }  # fmt: skip
    assert carried_table(records, columns, with_others=True).to_pylist() == [
        {"text": "a", "n": 1, "x": 1.0, "b": True, "l": "[1]", "m": "1", "big": str(2**70), "none": None,
         "other_fields": None},
        {"text": "b", "n": None, "x": 0.5, "b": False, "l": None, "m": '"s"', "big": None, "none": None,
         "other_fields": None},
    ]  # fmt: skip


def test_later_fields_that_fit_no_column_are_kept_apart():
    columns = infer_columns([{"text": "a", "n": 1, "x": 0.5}], "text")
    records = [{"text": "b", "n": "one", "x": 2**60 + 1, "new": {"deep": [1]}}, {"text": "c", "n": True}]
    first, second = carried_table(records, columns, with_others=True).to_pylist()
    assert (first["n"], first["x"]) == (None, None)
    assert json.loads(first[OTHER_FIELDS]) == {"n": "one", "x": 2**60 + 1, "new": {"deep": [1]}}
    assert json.loads(second[OTHER_FIELDS]) == {"n": True}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("ab\n"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("xy"), inner, max_size=2),
    max_leaves=4,
)
json_records = st.lists(
    st.dictionaries(st.sampled_from(["a", "b", "spans"]), json_values), min_size=2, max_size=5
)


@settings(max_examples=30)
@given(json_records, st.integers(0, 5))
def test_nothing_of_any_json_is_lost(records, cut):
    records = [{"text": "", **record} for record in records]
    columns = infer_columns(records[: max(cut, 1)], "text")
    names = carried_names(columns)
    table = carried_table(records, columns, with_others=True).to_pylist()
    for record, row in zip(records, table, strict=True):
        others = json.loads(row[OTHER_FIELDS] or "{}")
        for name, value in record.items():
            if name in others:
                assert others[name] == value
                continue
            kept = row[names[name]]
            if columns[name] is ColumnType.JSON and kept is not None:
                kept = json.loads(kept)
            assert kept == value
            assert type(kept) is type(value) or {type(kept), type(value)} == {int, float}


@given(st.lists(st.sampled_from(["a", *ADDED, *(f"input_{name}" for name in ADDED)]), unique=True))
def test_carried_names_are_all_different_and_none_of_ours(names):
    carried = carried_names(names)
    assert list(carried) == names
    assert len({*carried.values(), *ADDED}) == len(names) + len(ADDED)
    assert all(carried[name] == name for name in names if name not in ADDED)


def test_parquet_columns_are_carried_as_they_are():
    schema = pyarrow.schema(
        [
            ("text", pyarrow.large_string()),
            ("day", pyarrow.date32()),
            ("at", pyarrow.timestamp("ns", "UTC")),
            ("toll", pyarrow.decimal128(9, 2)),
            ("raw", pyarrow.binary()),
            ("places", pyarrow.list_(pyarrow.struct([("name", pyarrow.string())]))),
            ("share", pyarrow.float32()),
        ]
    )
    values = {
        "text": TEXT,
        "day": datetime.date(2026, 3, 1),
        "at": 1_700_000_000_123_456_789,
        "toll": decimal.Decimal("3.50"),
        "raw": b"\x00\xff",
        "places": [{"name": "Homs"}],
        "share": float("nan"),
    }
    batches = [pyarrow.RecordBatch.from_pylist([values] * 3, schema) for _ in range(2)]
    picked = [ArrowRow(batches[0], 2), ArrowRow(batches[1], 0), ArrowRow(batches[1], 2)]
    table = pyarrow.parquet.read_table(
        pyarrow.BufferReader(encoded(picked, kind=InputKind.PARQUET)), schema=None
    )
    assert [(field.name, field.type) for field in table.schema][:7] == [(f.name, f.type) for f in schema]
    assert table.num_rows == 3
    row = json.loads(encoded(picked[:1], OutputForm.JSONL, InputKind.PARQUET))
    assert row["day"] == "2026-03-01"
    assert row["at"].startswith("2023-11-14T22:13:20.123456")
    assert row["toll"] == "3.50"
    assert row["raw"] == "00ff"
    assert row["places"] == [{"name": "Homs"}]
    assert row["share"] is None


def test_plain_values_pass_json_through():
    value = {"a": [1, 2.5, None, True, "x"], "b": {"c": []}}
    assert plain(value) == value


def test_shards_appear_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "part-00000.parquet"
    write_shard(path, b"content")
    assert path.read_bytes() == b"content"

    def fail(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        write_shard(tmp_path / "part-00001.parquet", b"content")
    assert [item.name for item in tmp_path.iterdir()] == ["part-00000.parquet"]
