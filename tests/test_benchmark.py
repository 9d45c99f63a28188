import json

import pytest
from typer.testing import CliRunner

from conflictner.inference import benchmark as module
from conflictner.inference.benchmark import Benchmark, Run, benchmark, make_passages
from conflictner.inference.command_line import app
from conflictner.inference.start_up import BenchmarkError, StartUp, measure_start_up

TEXTS = ["Rebels shelled the town.", "Three people were killed, officials said on Monday."]
RESULT = Benchmark(
    model="tiny",
    documents=10,
    words=900,
    tokens=1000,
    runs=(Run(1, 2.0, 9.0, 8), Run(2, 1.0)),
    start_up=StartUp(0.25, 0.75, 100 * 2**20),
    note="no pipeline",
    versions={"python": "3"},
)


def test_passages_have_all_lengths_and_come_again():
    passages = make_passages(TEXTS, 300)
    lengths = sorted(len(passage.split()) for passage in passages)
    assert len(passages) == 300
    assert 10 <= lengths[0] < 30
    assert 380 < lengths[-1] <= 400
    assert 160 < sum(lengths) / 300 < 250
    assert make_passages(TEXTS, 300) == passages
    assert make_passages(TEXTS, 300, seed=1) != passages
    assert {word for passage in passages for word in passage.split()} <= set(" ".join(TEXTS).split())


@pytest.mark.parametrize("texts", [[], [""], [" \n", ""]])
def test_passages_need_words(texts):
    with pytest.raises(BenchmarkError, match="no words"):
        make_passages(texts, 3)


@pytest.mark.parametrize("passages", [[], ["", " "]])
def test_a_benchmark_needs_words(passages):
    with pytest.raises(BenchmarkError, match="--data"):
        benchmark(None, passages)


def test_the_result_as_json():
    record = json.loads(json.dumps(RESULT.to_dict()))
    assert record["runs"] == [
        {
            "threads": 1,
            "conflictner": {"seconds": 2.0, "documents_per_second": 5.0, "tokens_per_second": 500.0},
            "pipeline": {
                "seconds": 9.0,
                "documents_per_second": 1.1,
                "tokens_per_second": 111.1,
                "batch_size": 8,
            },
            "ratio": 4.5,
        },
        {
            "threads": 2,
            "conflictner": {"seconds": 1.0, "documents_per_second": 10.0, "tokens_per_second": 1000.0},
        },
    ]
    assert record["import_seconds"] == 0.25
    assert record["first_prediction_seconds"] == 0.75
    assert record["peak_memory_bytes"] == 104857600


def test_a_contender_that_loses_passages_is_noticed():
    with pytest.raises(AssertionError, match="2 results for 3 passages"):
        module._time(lambda passages: len(passages) - 1, ["a", "b", "c"])


def test_a_failing_process_is_told_in_one_line(tmp_path):
    with pytest.raises(BenchmarkError, match=r"a process of the benchmark failed: .*CheckpointError"):
        measure_start_up(tmp_path / "nowhere", TEXTS, 1)


@pytest.fixture
def bench(monkeypatch):
    """Runs the command with the measuring replaced; tells what was to be measured."""
    asked = {}

    def fake(model, passages, **settings):
        asked.update(model=model, passages=passages, rounds=settings["rounds"])
        settings["say"]("measuring")
        return RESULT

    monkeypatch.setattr(module, "benchmark", fake)

    def run(*arguments):
        done = CliRunner().invoke(app, ["bench", *arguments])
        assert done.exit_code == 0, done.output
        return done, asked

    return run


def test_the_command_prints_a_line_a_result(bench):
    done, asked = bench("--passages", "12")
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["conflictner", "1", "5.0", "500.0", "4.50"] in rows
    assert ["pipeline,", "batch", "8", "1", "1.1", "111.1", "1.00"] in rows
    assert ["conflictner", "2", "10.0", "1,000.0"] in rows
    assert "import in a new process: 0.25 s\n" in done.stdout
    assert "first prediction in a new process: 0.75 s\n" in done.stdout
    assert "peak memory over all passages: 100 MiB\n" in done.stdout
    assert "no pipeline\n" in done.stdout
    assert done.stderr == "measuring\n"
    assert (len(asked["passages"]), asked["model"], asked["rounds"]) == (12, None, 3)


def test_the_command_measures_on_the_users_data(bench, tmp_path):
    data = tmp_path / "data.jsonl"
    data.write_text("".join(json.dumps({"id": str(i), "text": f"text {i}"}) + "\n" for i in range(9)))
    done, asked = bench("--data", str(data), "--passages", "4", "--json", "-m", "folder", "--rounds", "7")
    assert json.loads(done.stdout) == RESULT.to_dict()
    assert asked == {"model": "folder", "passages": ["text 0", "text 1", "text 2", "text 3"], "rounds": 7}


def test_a_model_is_measured(tiny_checkpoint):
    pytest.importorskip("transformers", reason="the pipeline needs the train extra")
    stages = []
    result = benchmark(tiny_checkpoint, [*TEXTS, TEXTS[0] * 40], threads=(1,), rounds=1, say=stages.append)
    (run,) = result.runs
    assert result.documents == 3
    assert result.tokens >= result.words
    assert run.seconds > 0
    assert run.ratio == run.pipeline_seconds / run.seconds > 0
    assert run.pipeline_batch in {1, 8, 32}
    assert 0 < result.start_up.import_seconds < result.start_up.first_prediction_seconds
    assert result.start_up.peak_memory is None or 2**24 < result.start_up.peak_memory < 2**33
    assert result.note is None
    assert len(stages) == 2


def test_without_the_train_extra_the_pipeline_is_left_out(tiny_checkpoint, monkeypatch):
    found = module.importlib.util.find_spec
    monkeypatch.setattr(
        module.importlib.util, "find_spec", lambda name: None if name == "torch" else found(name)
    )
    monkeypatch.setattr(module, "measure_start_up", lambda *_: StartUp(0.1, 0.2, None))
    result = benchmark(tiny_checkpoint, TEXTS, threads=(1, 2), rounds=1)
    assert [run.ratio for run in result.runs] == [None, None]
    assert "torch missing: pip install 'conflictner[train]'" in result.note
    assert "torch" not in result.versions
