import json

import pytest
from typer.testing import CliRunner

from conflictner.inference import benchmark as module
from conflictner.inference.benchmark import Benchmark, Run, benchmark
from conflictner.inference.command_line.commands import app
from conflictner.inference.latency import Growth, Latency, measure_growth, measure_latency
from conflictner.inference.machine_rate import MachineRate, measure_rate, multiplications_per_piece
from conflictner.inference.sample_texts import long_text, make_passages
from conflictner.inference.stages import Stage
from conflictner.inference.start_up import BenchmarkError, StartUp, measure_start_up

TEXTS = ["Rebels shelled the town.", "Three people were killed, officials said on Monday."]
RESULT = Benchmark(
    model="tiny",
    documents=10,
    words=900,
    tokens=1000,
    runs=(Run(1, 2.0, 9.0, 8, 4.0), Run(2, 1.0)),
    start_up=StartUp(0.25, 0.75, 100 * 2**20),
    notes=("no rival",),
    versions={"python": "3"},
    stages=(Stage("decoding", 0.5, 1000),),
    rates=(MachineRate(1, 4e6, 1e7),),
    multiplications=(10_000, 0.75),
    latencies=(Latency(50, 30, (0.004, 0.005, 0.0061)),),
    growth=Growth((1000, 10_000), (0.01, 0.1), 1.0, 0.999),
    longest_peak=200 * 2**20,
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
            "spacy": {"seconds": 4.0, "documents_per_second": 2.5, "tokens_per_second": 250.0},
        },
        {
            "threads": 2,
            "conflictner": {"seconds": 1.0, "documents_per_second": 10.0, "tokens_per_second": 1000.0},
        },
    ]
    assert record["import_seconds"] == 0.25
    assert record["first_prediction_seconds"] == 0.75
    assert record["peak_memory_bytes"] == 104857600
    assert record["stages"] == [{"stage": "decoding", "seconds": 0.5, "tokens_per_second": 2000}]
    assert record["machine"][0]["int8"] == 1e7
    # 1000 pieces need 7500 multiplications each at 1e7 a second, and 2500 at 4e6: 1.375 s of the 2 s
    assert record["machine"][0]["share"] == pytest.approx(0.6875)
    assert record["growth"]["exponent"] == 1.0
    assert record["longest_peak_memory_bytes"] == 209715200
    assert record["notes"] == ["no rival"]


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
        asked.update(model=model, passages=passages, rounds=settings["rounds"], longest=settings["longest"])
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
    assert "no rival\n" in done.stdout
    assert ["spaCy,", "convolutional", "1", "2.5", "250.0"] in rows
    assert ["decoding", "2,000", "500.00"] in rows
    assert ["50", "words", "4.0", "5.0", "6.1"] in rows
    assert (
        "threads 1: int8 0.0, fp32 0.0 billion multiplications/s; tagging reaches 69% of that\n"
        in done.stdout
    )
    assert "one text: 1 KB 0.010 s, 10 KB 0.100 s\n" in done.stdout
    assert "length to the power 1.000 (R2 0.9990)\n" in done.stdout
    assert "a process with the longest: 200 MiB\n" in done.stdout
    assert done.stderr == "measuring\n"
    assert (len(asked["passages"]), asked["model"], asked["rounds"]) == (12, None, 3)


def test_the_command_measures_on_the_users_data(bench, tmp_path):
    data = tmp_path / "data.jsonl"
    data.write_text("".join(json.dumps({"id": str(i), "text": f"text {i}"}) + "\n" for i in range(9)))
    done, asked = bench(
        "--data", str(data), "--passages", "4", "--json", "-m", "folder", "--rounds", "7", "--longest", "20"
    )
    assert json.loads(done.stdout) == json.loads(json.dumps(RESULT.to_dict()))
    assert asked == {
        "model": "folder",
        "passages": ["text 0", "text 1", "text 2", "text 3"],
        "rounds": 7,
        "longest": 20_000,
    }


def test_a_model_is_measured(tiny_checkpoint):
    pytest.importorskip("transformers", reason="the pipeline needs the train extra")
    stages = []
    result = benchmark(
        tiny_checkpoint, [*TEXTS, TEXTS[0] * 40], threads=(1,), rounds=1, longest=10_000, say=stages.append
    )
    (run,) = result.runs
    assert result.documents == 3
    assert result.tokens >= result.words
    assert run.seconds > 0
    assert run.ratio == run.pipeline_seconds / run.seconds > 0
    assert run.pipeline_batch in {1, 8, 32}
    assert min(result.start_up.import_seconds, result.start_up.first_prediction_seconds) > 0
    assert result.start_up.peak_memory is None or 2**24 < result.start_up.peak_memory < 2**33
    assert len(stages) == 3
    names = [stage.name for stage in result.stages]
    assert names[:3] == ["tokenisation", "windows", "batches"]
    assert names[3:] == ["network, onnx", "network, torch", "decoding", "objects"]
    assert {stage.pieces for stage in result.stages[:3]} == {result.tokens}
    assert result.stages[3].pieces >= result.tokens + 2 * 3  # special tokens
    assert [item.words for item in result.latencies] == [50, 200, 800]
    assert all(item.seconds[0] <= item.seconds[1] <= item.seconds[2] for item in result.latencies)
    assert result.growth.bytes == (1000, 10_000)
    assert json.loads(json.dumps(result.to_dict()))["machine"][0]["threads"] == 1


def test_without_the_train_extra_the_pipeline_is_left_out(tiny_checkpoint, monkeypatch):
    found = module.importlib.util.find_spec
    monkeypatch.setattr(
        module.importlib.util,
        "find_spec",
        lambda name: None if name in ("torch", "onnx", "spacy") else found(name),
    )
    monkeypatch.setattr(module, "measure_start_up", lambda *_: StartUp(0.1, 0.2, None))
    monkeypatch.setattr(module, "measure_peak_memory", lambda *_: None)
    result = benchmark(tiny_checkpoint, TEXTS, threads=(1, 2), rounds=1, longest=10_000)
    assert [(run.ratio, run.spacy_seconds) for run in result.runs] == [(None, None), (None, None)]
    assert result.rates == ()
    assert [stage.name for stage in result.stages if "network" in stage.name] == ["network, onnx"]
    assert result.notes == (
        "no pipeline to compare with, torch missing: pip install 'conflictner[train]'",
        "no spaCy to compare with, spacy missing: pip install 'conflictner[benchmark]'",
        "no rate of the machine, onnx missing: pip install 'conflictner[train]'",
    )
    assert "torch" not in result.versions


def test_a_long_text_has_the_length_asked_for():
    text = long_text(["Rebels shelled \u00c9tampes.", "Two died."], 1000)
    assert len(text) == len(text.encode("ascii")) == 1000
    assert text.count("Two died.") > 20


class SlowTagger:
    """Takes a time that grows as the square of a text's length."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        self.words = []
        from conflictner.inference import latency

        monkeypatch.setattr(latency.time, "perf_counter", lambda: self.now)

    def predict(self, text):
        self.now += len(text) ** 2
        self.words.append(len(text.split()))


def test_growth_that_is_not_linear_is_told(monkeypatch):
    growth = measure_growth(SlowTagger(monkeypatch), TEXTS, 100_000, rounds=2)
    assert growth.bytes == (1000, 10_000, 100_000)
    assert growth.exponent == pytest.approx(2.0)
    assert growth.fit == pytest.approx(1.0)


def test_single_texts_have_the_words_asked_for(monkeypatch):
    tagger = SlowTagger(monkeypatch)
    latency = measure_latency(tagger, TEXTS, 7, 20)
    assert set(tagger.words) == {7}
    assert (latency.words, latency.texts) == (7, 20)
    assert latency.seconds[0] <= latency.seconds[1] <= latency.seconds[2]


def test_products_of_a_network_are_counted(tiny_checkpoint, tmp_path):
    pytest.importorskip("onnx", reason="the file is read with onnx")
    from conflictner.model.export import quantize_int8

    path = tiny_checkpoint / "model.onnx"
    every, whole = multiplications_per_piece(path)
    config = json.loads((tiny_checkpoint / "config.json").read_text(encoding="utf-8"))
    wide, inner, layers = config["hidden_size"], config["intermediate_size"], config["num_hidden_layers"]
    heads = every - layers * (4 * wide * wide + 2 * wide * inner)
    assert 0 < heads < 64 * wide  # tags and events
    assert whole == 0.0
    quantize_int8(path, tmp_path / "small.onnx")
    assert multiplications_per_piece(tmp_path / "small.onnx")[0] == every


def test_the_machine_multiplies():
    pytest.importorskip("onnx", reason="the product is written with onnx")
    rate = measure_rate(1, rounds=1)
    assert 1e7 < rate.fp32 < 1e14
    assert 1e7 < rate.int8 < 1e14
