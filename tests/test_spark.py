"""Tagging on Spark: the function on pandas frames, and on a local Spark where there is one."""

import os
import shutil
import subprocess
import sys

import pandas
import pytest

from conflictner.inference import Tagger, spark
from conflictner.inference.bulk.errors import ColumnError

TEXTS = ["Rebels shelled Homs.", None, "Police fired at people near Kabul, killing three."]


def frames():
    yield pandas.DataFrame({"id": [1, 2], "text": TEXTS[:2], "events": ["x", "y"]})
    yield pandas.DataFrame({"id": [3], "text": TEXTS[2:], "events": ["z"]}, index=[9])
    yield pandas.DataFrame({"id": [], "text": [], "events": []})


def test_frames_are_tagged_one_by_one_and_keep_their_columns(tiny_checkpoint):
    tag = spark.tagging(model=tiny_checkpoint, thresholds=0.0)
    first, second, empty = tag(frames())
    assert list(first.columns) == [
        "id",
        "text",
        "input_events",
        "spans",
        "events",
        "event_scores",
        "coverage",
    ]
    assert list(first.columns) == list(second.columns) == list(empty.columns)
    assert list(first.input_events) == ["x", "y"]
    predictions = list(Tagger.load(tiny_checkpoint).predict_batch([TEXTS[0], TEXTS[2]], thresholds=0.0))
    assert [[span["text"] for span in row] for row in (first.spans[0], second.spans[9])] == [
        [span.text for span in prediction.spans] for prediction in predictions
    ]
    assert first.spans[1] is None
    assert pandas.isna(first.coverage[1])
    assert first.coverage[0] == 1.0
    assert len(empty) == 0


def test_function_is_lazy_and_travels(tiny_checkpoint):
    cloudpickle = pytest.importorskip("cloudpickle")
    tag = cloudpickle.loads(cloudpickle.dumps(spark.tagging(model=tiny_checkpoint)))
    taken = []

    def watched():
        for frame in frames():
            taken.append(len(frame))
            yield frame

    next(tag(watched()))
    assert taken == [2]


def test_column_that_does_not_exist_is_named(tiny_checkpoint):
    with pytest.raises(ColumnError, match="there is no column 'body'; the columns are id, text, events"):
        list(spark.tagging("body", model=tiny_checkpoint)(frames()))


LOCAL = """
import sys
from pyspark.sql import SparkSession
from conflictner.inference import spark

session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
reports = session.createDataFrame(
    [(number, None if number == 3 else f"Rebels shelled {number} towns near Homs.") for number in range(8)],
    "id long, text string",
)
schema = spark.tagged_schema(reports.schema, sys.argv[1])
tagged = reports.mapInPandas(spark.tagging(model=sys.argv[1]), schema)
rows = sorted(tagged.collect(), key=lambda row: row.id)
assert [row.id for row in rows] == list(range(8))
assert rows[3].spans is None and rows[3].coverage is None
assert all(row.text[s.start:s.end] == s.text for row in rows if row.spans for s in row.spans)
print(sum(len(row.spans or []) for row in rows), rows[0].coverage)
session.stop()
"""


def test_a_local_spark_runs_it(tiny_checkpoint):
    pytest.importorskip("pyspark", reason="the spark extra is not installed")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("no Java to run Spark with")
    environment = {**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    command = [sys.executable, "-c", LOCAL, str(tiny_checkpoint)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    spans, coverage = done.stdout.split()
    tagger = Tagger.load(tiny_checkpoint)
    texts = [f"Rebels shelled {number} towns near Homs." for number in range(8) if number != 3]
    assert int(spans) == sum(len(prediction.spans) for prediction in tagger.predict_batch(texts))
    assert coverage == "1.0"
