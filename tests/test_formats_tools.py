"""Files as the tools write them: what is taken from them, and what is said about malformed ones."""

import gzip
import json
import lzma
import os
import struct
from pathlib import Path
from typing import Any

import pytest

from conflictner.data import ConflictnerError, DataError, Document, Span
from conflictner.data.formats import FORMATS, Report, detect_format, find_format
from conflictner.data.formats.libraries import load_library

TEXT = "Rebels shelled \U0001f4a5 Kabul"
ACTOR, PLACE = Span(0, 6, "ACTOR", "agent"), Span(17, 22, "LOCATION")


def read(name: str, path: Path, content: str | None = None) -> tuple[list[Document], Report]:
    if content is not None:
        path.write_bytes(content.encode("utf-8"))
    report = Report()
    return list(FORMATS[name].read(path, report)), report


def lines(*records: Any) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.mark.parametrize("indent", [None, 2])
def test_our_objects_are_read_from_an_array_and_over_several_lines(
    indent: int | None, tmp_path: Path
) -> None:
    documents = [Document("a", TEXT, (ACTOR, PLACE), ("battle",), {"n": 1}), Document("b", "Calm")]
    records = [document.to_dict() for document in documents]
    path = tmp_path / "tagged.json"
    found, _ = read("jsonl", path, json.dumps(records, indent=indent))
    assert found == documents
    assert detect_format(path).name == "jsonl"
    assert read("jsonl", path, json.dumps(records[0], indent=indent))[0] == documents[:1]
    assert detect_format(path).name == "jsonl"


def test_our_objects_without_ids_keep_their_attributes(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(lines({"text": TEXT, "spans": [ACTOR.to_dict(), PLACE.to_dict()], "events": ["battle"]}))
    assert read(detect_format(path).name, path)[0] == [Document("x-1", TEXT, (ACTOR, PLACE), ("battle",))]


def test_doccano_counts_utf16_code_units(tmp_path: Path) -> None:
    triples = {"id": 7, "text": TEXT, "label": [[0, 6, "ACTOR:agent"], [18, 23, "LOCATION"]], "source": "x"}
    triples["Comments"] = []
    entities = {"text": TEXT, "relations": [], "entities": []}
    entities["entities"] = [{"id": 1, "label": "LOCATION", "start_offset": 18, "end_offset": 23}]
    found, report = read(
        "doccano", tmp_path / "x.jsonl", lines(triples, entities, {"data": "a", "labels": []})
    )
    assert found == [
        Document("7", TEXT, (ACTOR, PLACE), (), {"source": "x"}),
        Document("x-2", TEXT, (PLACE,), (), {"relations": []}),
        Document("x-3", "a"),
    ]
    assert report.notes == {"texts with offsets taken as UTF-16 code units, as doccano counts": 2}
    assert detect_format(tmp_path / "x.jsonl").name == "doccano"


def test_overlaps_and_white_space_are_resolved_and_counted(tmp_path: Path) -> None:
    labels = [[0, 7, "A"], [0, 6, "A"], [0, 3, "B"], [4, 10, "C"], [6, 7, "D"], [10, 12, "E"]]
    (found,), report = read(
        "doccano", tmp_path / "x.jsonl", lines({"text": "Rebels shelled", "label": labels})
    )
    assert found.spans == (Span(0, 6, "A"), Span(10, 12, "E"))
    assert report.snapped == {"white space at the edges": 1}
    assert report.dropped == {
        "stands twice": 1,
        "overlaps a longer span": 2,
        "holds no character but white space": 1,
    }


def label_studio_result(start: int, end: int, text: str | None, label: str, **more: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": [label]} | ({} if text is None else {"text": text})
    return {"from_name": "label", "to_name": "text", "type": "labels", "value": value, **more}


def test_label_studio_takes_the_annotation_that_counts(tmp_path: Path) -> None:
    cancelled = {"was_cancelled": True, "result": [label_studio_result(0, 1, None, "NO")]}
    other = {"result": [label_studio_result(0, 1, None, "NO")]}
    truth = {
        "ground_truth": True,
        "result": [
            label_studio_result(0, 6, "Rebels", "ACTOR:agent"),
            label_studio_result(18, 23, "Kabul", "LOCATION"),
            {"from_name": "events", "to_name": "text", "type": "choices", "value": {"choices": ["battle"]}},
            {"from_name": "mood", "to_name": "text", "type": "choices", "value": {"choices": ["sad"]}},
        ],
    }
    predicted = {
        "model_version": "m",
        "score": 0.5,
        "result": [label_studio_result(0, 6, None, "X", score=0.5)],
    }
    tasks = [
        {"id": 4, "data": {"text": TEXT, "source": "own"}, "annotations": [cancelled, other, truth]},
        {"data": {"report": TEXT}, "annotations": [], "predictions": [predicted]},
    ]
    path = tmp_path / "tasks.json"
    found, report = read("label-studio", path, json.dumps(tasks, indent=2))
    assert found == [
        Document("4", TEXT, (ACTOR, PLACE), ("battle",), {"source": "own"}),
        Document("tasks-2", TEXT, (Span(0, 6, "X", None, 0.5),)),
    ]
    assert report.left_out == {
        "annotations that were cancelled": 1,
        "annotations of a task beside the one that was taken": 1,
        "results of the type 'choices'": 1,
    }
    assert report.notes == {"spans with offsets in UTF-16 code units, as their texts tell": 1}
    assert detect_format(path).name == "label-studio"
    path.write_text(json.dumps(tasks[1], indent=2))  # a task alone, over several lines
    assert detect_format(path).name == "label-studio"
    assert len(read("label-studio", path)[0]) == 1


def test_label_studio_leaves_out_what_is_no_span(tmp_path: Path) -> None:
    results = [
        label_studio_result(0, 6, "Rebels", "ACTOR:agent", id="r1"),
        label_studio_result(17, 22, "Kabul", "LOCATION", id="r2"),
        {"type": "relation", "from_id": "r1", "to_id": "r2", "direction": "right"},
        {"type": "labels", "value": {"start": 7, "end": 14, "text": "shelled"}},
        {"type": "labels", "value": {"start": 7, "end": 14, "text": "shelled", "labels": []}},
    ]
    tasks = [{"id": 4, "data": {"text": TEXT}, "annotations": [{"result": results}]}]
    found, report = read("label-studio", tmp_path / "tasks.json", json.dumps(tasks))
    assert found == [Document("4", TEXT, (ACTOR, PLACE))]
    assert report.left_out == {"results of the type 'relation'": 1}
    assert report.dropped == {"has no label": 2}


def test_label_studio_tasks_that_were_skipped_are_no_texts_without_spans(tmp_path: Path) -> None:
    skipped = {"was_cancelled": True, "result": []}
    predicted = {"result": [label_studio_result(0, 6, "Rebels", "X")]}
    tasks = [
        {"data": {"text": TEXT}, "annotations": [skipped]},
        {"data": {"text": TEXT}, "annotations": [skipped], "predictions": [predicted]},
        {"data": {"text": "Calm"}, "annotations": [{"result": []}]},
        {"data": {"text": "New"}, "annotations": []},
    ]
    found, report = read("label-studio", tmp_path / "tasks.json", json.dumps(tasks))
    assert [document.text for document in found] == ["Calm", "New"]
    assert report.left_out == {"annotations that were cancelled": 2, "tasks that were skipped": 2}
    assert report.notes == {"tasks without annotation, read as texts without spans": 1}


def test_label_studio_writes_the_end_of_a_line_in_a_span_as_two_characters(tmp_path: Path) -> None:
    text = "\U0001f4a5 in Al\r\nBab"
    results = [label_studio_result(5, 12, r"Al\n\nBab", "X"), label_studio_result(6, 13, r"Al\nBab", "X")]
    for result in results:  # in code points, and in UTF-16 code units
        tasks = [{"data": {"text": text}, "annotations": [{"result": [result]}]}]
        (found,), _ = read("label-studio", tmp_path / "tasks.json", json.dumps(tasks))
        assert found.spans == (Span(5, 12, "X"),)
    path = r"C:\news"
    tasks = [{"data": {"text": path}, "annotations": [{"result": [label_studio_result(0, 7, path, "X")]}]}]
    (found,), _ = read("label-studio", tmp_path / "tasks.json", json.dumps(tasks))
    assert found.spans == (Span(0, 7, "X"),)


def test_label_studio_asks_for_json_instead_of_json_min(tmp_path: Path) -> None:
    row = {"id": 1, "text": "a", "label": [{"start": 0, "end": 1, "labels": ["X"]}], "annotation_id": 2}
    path = tmp_path / "min.json"
    path.write_text(json.dumps([row]))
    assert detect_format(path).name == "label-studio"
    with pytest.raises(DataError, match="export as JSON, not as JSON-MIN"):
        read("label-studio", path)


def test_label_studio_predictions_carry_scores_and_a_model(tmp_path: Path) -> None:
    document = Document("a", "Rebels fled", (Span(0, 6, "ACTOR", "agent", 0.75),), ("battle",))
    path = tmp_path / "tasks.json"
    form = find_format("label-studio-predictions", to_write=True)
    assert form.write is not None
    form.write(path, [document], Report())
    (task,) = json.loads(path.read_text())
    assert task["data"] == {"text": "Rebels fled", "id": "a"}
    (prediction,) = task["predictions"]
    assert (prediction["model_version"], prediction["score"]) == ("conflictner", 0.75)
    assert prediction["result"][0] == {
        "id": "1-1",
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "score": 0.75,
        "value": {"start": 0, "end": 6, "text": "Rebels", "labels": ["ACTOR:agent"]},
    }
    assert "annotations" not in task
    FORMATS["label-studio"].write(path, [document], Report())  # type: ignore[misc]
    (task,) = json.loads(path.read_text())
    assert task["annotations"][0]["result"][0]["value"]["labels"] == ["ACTOR:agent"]
    assert "predictions" not in task


def test_prodigy_leaves_out_what_was_not_accepted(tmp_path: Path) -> None:
    task = {"text": "Rebels fled", "spans": [{"start": 0, "end": 6, "label": "ACTOR"}], "_input_hash": 3}
    content = lines(task | {"answer": "accept"}, task | {"answer": "reject"}, task | {"answer": "ignore"})
    found, report = read("prodigy", tmp_path / "x.jsonl", content)
    assert found == [Document("x-1", "Rebels fled", (Span(0, 6, "ACTOR"),), (), {"_input_hash": 3})]
    assert report.left_out == {"answered 'reject' in Prodigy": 1, "answered 'ignore' in Prodigy": 1}
    assert detect_format(tmp_path / "x.jsonl").name == "prodigy"
    plain = tmp_path / "plain.jsonl"
    plain.write_text(lines({"text": "a", "spans": []}))
    assert detect_format(plain).name == "prodigy"


def test_prodigy_tokens_fit_the_spans_and_give_the_text_back(tmp_path: Path) -> None:
    document = Document("a", " pro-Assad  men\n", (Span(1, 3, "X"), Span(5, 15, "Y")))
    path = tmp_path / "x.jsonl"
    FORMATS["prodigy"].write(path, [document], Report())  # type: ignore[misc]
    task = json.loads(path.read_text())
    tokens = task["tokens"]
    assert "".join(token["text"] + " " * token["ws"] for token in tokens) == document.text
    assert [token["id"] for token in tokens] == list(range(len(tokens)))
    for span in task["spans"]:
        assert tokens[span["token_start"]]["start"] == span["start"]
        assert tokens[span["token_end"]]["end"] == span["end"]


def test_gliner_numbers_tokens_inclusively(tmp_path: Path) -> None:
    rows = [
        {"tokenized_text": ["Al", "Bab", "fell"], "ner": [[0, 1, "place"], [2, 2, "verb"]], "label": ["x"]}
    ]
    path = tmp_path / "train.json"
    found, _ = read("gliner", path, json.dumps(rows))
    spans = (Span(0, 6, "place"), Span(7, 11, "verb"))
    assert found == [Document("train-1", "Al Bab fell", spans, (), {"label": ["x"]})]
    assert detect_format(path).name == "gliner"
    FORMATS["gliner"].write(path, found, Report())  # type: ignore[misc]
    (row,) = json.loads(path.read_text())
    assert row["tokenized_text"] == ["Al", "Bab", "fell"]
    assert row["ner"] == [[0, 1, "place"], [2, 2, "verb"]]


def test_brat_reads_attributes_and_counts_the_rest(tmp_path: Path) -> None:
    (tmp_path / "a%2Fb.txt").write_bytes(TEXT.encode() + b"\r\nin\nruins")
    (tmp_path / "a%2Fb.ann").write_text(
        "T1\tACTOR 0 6\tRebels\nT2\tLOCATION 18 23\tKabul\nT3\tX 24 28;30 32\tin ru\n"
        "A1\tRole T1 agent\nA2\tSure T1\nR1\tNear Arg1:T1 Arg2:T2\n#1\tAnnotatorNotes T1\tsure\n"
        "T4\tDAMAGE 25 30\tin ru\nA3\tRole T9 x\nM1\tNegation T4\n"
    )
    (tmp_path / "bare.txt").write_text("No annotations")
    (tmp_path / "lost.ann").write_text("T1\tX 0 1\ta\n")
    found, report = read("brat", tmp_path)
    assert found[0].id == "a/b"
    assert found[0].spans == (ACTOR, PLACE, Span(24, 29, "DAMAGE", "Negation"))
    assert found[1] == Document("bare", "No annotations")
    assert report.dropped == {"in several pieces": 1}
    assert report.left_out == {
        "attributes of a span beside its first": 1,
        "attributes of no span": 1,
        "relations of brat": 1,
        "notes of brat": 1,
        "files of annotations without their text": 1,
    }
    assert report.notes["spans with offsets in UTF-16 code units, as their texts tell"] == 2
    assert detect_format(tmp_path).name == "brat"
    assert detect_format(tmp_path / "a%2Fb.ann").name == "brat"
    assert detect_format(tmp_path / "a%2Fb.txt").name == "brat"
    assert len(read("brat", tmp_path / "a%2Fb.ann")[0]) == 1
    with pytest.raises(DataError, match=r"ends neither in \.txt nor in \.ann"):
        read("brat", tmp_path / "x.jsonl", "{}")


def test_brat_writes_files_that_brat_opens(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    report = Report()
    documents = [
        Document("b/1", "Rebels\nin Al\nBab", (Span(0, 6, "ACTOR", "agent"), Span(10, 16, "LOCATION"))),
        Document("a", "x", (), ("battle",), {"n": 1}),
        Document("a", "y"),
    ]
    FORMATS["brat"].write(folder, documents, report)  # type: ignore[misc]
    names = [
        "a.ann",
        "a.txt",
        "annotation.conf",
        "b%2F1.ann",
        "b%2F1.txt",
        "document-3.ann",
        "document-3.txt",
    ]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert (folder / "b%2F1.ann").read_text() == (
        "T1\tACTOR 0 6\tRebels\nT2\tLOCATION 10 12;13 16\tAl Bab\nA1\tattribute T1 agent\n"
    )
    assert "attribute\tArg:ACTOR, Value:agent" in (folder / "annotation.conf").read_text()
    assert set(report.lost.values()) == {1}
    assert len(report.lost) == 4  # event types, meta, an id, the order
    with pytest.raises(DataError, match="is there already"):
        FORMATS["brat"].write(folder, documents, report)  # type: ignore[misc]


@pytest.mark.parametrize("gap", ["\n", "\r\n", "\n  ", " \t", "\u2028"])
def test_brat_cuts_a_span_where_its_line_ends_and_it_is_read_as_one(gap: str, tmp_path: Path) -> None:
    text = f"in Al  Mu{gap}Bab"
    document = Document("a", text, (Span(3, len(text), "LOCATION"),))
    FORMATS["brat"].write(tmp_path / "out", [document], Report())  # type: ignore[misc]
    _, offsets, surface = (tmp_path / "out" / "a.ann").read_text().rstrip("\n").split("\t")
    pieces = [piece.split(" ") for piece in offsets.removeprefix("LOCATION ").split(";")]
    assert surface == " ".join(text[int(start) : int(end)] for start, end in pieces)  # as brat makes sure
    found, report = read("brat", tmp_path / "out")
    assert found == [document]
    assert report.is_lossless


def test_hugging_face_rows_take_names_from_the_dataset(tmp_path: Path) -> None:
    row = {"tokens": ["Al", "Bab", "fell"], "ner_tags": [1, 2, 0], "chunk": [1, 1, 1]}
    path = tmp_path / "train.jsonl"
    with pytest.raises(DataError, match=r"train.jsonl:1: the tag 1 is a number, and nothing says"):
        read("hf-jsonl", path, lines(row))
    names = {"_type": "ClassLabel", "names": ["O", "B-LOC", "I-LOC"]}
    (tmp_path / "dataset_info.json").write_text(json.dumps({"features": {"ner_tags": {"feature": names}}}))
    found, _ = read("hf-jsonl", path)
    assert found == [Document("train-1", "Al Bab fell", (Span(0, 6, "LOC"),), (), {"chunk": [1, 1, 1]})]
    assert detect_format(path).name == "hf-jsonl"
    bioes = {"tokens": ["Al", "Bab", "fell"], "tags": ["B-LOC", "E-LOC", "S-X"], "text": "other"}
    (document,), report = read("hf-jsonl", path, lines(bioes))
    assert document.spans == (Span(0, 6, "LOC"), Span(7, 11, "X"))
    assert sum(report.notes.values()) == 1  # the text does not hold the tokens


def test_hugging_face_folders_may_have_splits_or_parquet(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    names = datasets.ClassLabel(names=["O", "B-LOC", "I-LOC"])
    features = datasets.Features(
        {"tokens": datasets.Sequence(datasets.Value("string")), "ner_tags": datasets.Sequence(names)}
    )
    rows = {"tokens": [["Al", "Bab"]], "ner_tags": [[1, 2]]}
    data = datasets.Dataset.from_dict(rows, features=features)
    datasets.disable_progress_bars()
    datasets.DatasetDict({"train": data, "test": data}).save_to_disk(str(tmp_path / "saved"))
    found, _ = read("hf", tmp_path / "saved")
    assert [(document.spans, document.meta) for document in found] == [
        ((Span(0, 6, "LOC"),), {"split": "train"}),
        ((Span(0, 6, "LOC"),), {"split": "test"}),
    ]
    (tmp_path / "hub" / "data").mkdir(parents=True)
    data.to_parquet(str(tmp_path / "hub" / "data" / "train-00000-of-00001.parquet"))
    assert detect_format(tmp_path / "hub").name == "hf"
    (document,), _ = read("hf", tmp_path / "hub")
    assert document.spans == (Span(0, 6, "LOC"),)
    with pytest.raises(DataError, match="holds neither"):
        read("hf", tmp_path)
    stored = tmp_path / "saved" / "train" / "data-00000-of-00001.arrow"
    content = stored.read_bytes()
    borders = struct.pack("<3i", 0, 2, 5)  # of the tokens "Al" and "Bab"
    assert borders in content
    stored.write_bytes(content.replace(borders, struct.pack("<3i", 0, 2, 500)))
    with pytest.raises(DataError, match="or it is damaged") as caught:
        read("hf", tmp_path / "saved")
    assert "\n" not in str(caught.value)
    stored.write_bytes(b"x")
    with pytest.raises(DataError, match="or it is damaged"):
        read("hf", tmp_path / "saved")


def test_spacy_files_of_others(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    tokens = pytest.importorskip("spacy.tokens")
    doc = spacy.blank("en")("Rebels shelled Kabul")
    doc.ents = [tokens.Span(doc, 0, 1, label="ACTOR:agent")]
    doc.spans["sc"] = [doc[2:3]]
    doc.cats = {"battle": 0.9, "riot": 0.1}
    path = tmp_path / "train.spacy"
    tokens.DocBin(docs=[doc]).to_disk(path)
    (document,), report = read("spacy", path)
    assert document == Document("train-1", doc.text, (Span(0, 6, "ACTOR", "agent"),), ("battle",))
    assert report.dropped == {"in a span group, which is no entity": 1}
    content = path.read_bytes()
    for damaged in (content[:-9], b"y" + content[1:], b"", content[:40] + b"!!" + content[42:]):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=r"truncated|damaged"):
            read("spacy", path)


def test_spacy_keeps_borders_inside_its_tokens(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    tokens = pytest.importorskip("spacy.tokens")
    document = Document("a", "U.S.-led men", (Span(0, 4, "ACTOR"), Span(9, 10, "X")), ("battle",))
    path = tmp_path / "x.spacy"
    FORMATS["spacy"].write(path, [document], Report())  # type: ignore[misc]
    (doc,) = tokens.DocBin().from_disk(path).get_docs(spacy.blank("en").vocab)
    assert [(entity.text, entity.label_) for entity in doc.ents] == [("U.S.", "ACTOR"), ("m", "X")]
    assert doc.cats == {"battle": 1.0}
    assert doc.text == document.text


def test_bioes_is_told_from_iob2_and_read(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    content = "Al B-LOC\nBab E-LOC\nfell S-X\n\nCalm O\n"
    found, _ = read("bioes", path, content)
    assert found[0].spans == (Span(0, 6, "LOC"), Span(7, 11, "X"))
    assert detect_format(path).name == "bioes"
    path.write_text(content.replace("E-", "I-").replace("S-", "B-"))
    assert detect_format(path).name == "conll"
    FORMATS["bioes"].write(path, found, Report())  # type: ignore[misc]
    assert "Al\tB-LOC\nBab\tE-LOC\nfell\tS-X\n" in path.read_text()


@pytest.mark.parametrize(
    ("name", "content", "line", "reason"),
    [
        ("doccano", '{"text": "a", "label": [[0, 9, "X"]]}', 1, "the span 0:9 lies outside the text"),
        ("doccano", '{"text": "a", "label": []}\n{"label": []}', 2, "the field 'text' is missing"),
        (
            "doccano",
            '{"text": "a", "spans": []}',
            1,
            "the field 'label' is missing; the object has ['spans', ",
        ),
        ("doccano", '{"text": "a", "label": ["X"]}', 1, "a label must be a list [start, end, name], got 'X'"),
        ("doccano", '{"text": "a", "label": [[0, 1, ""]]}', 1, "a span's label must be a string that is not"),
        ("doccano", '{"text": "a", "label": [[0, true, "X"]]}', 1, "a span's offsets must be whole numbers"),
        (
            "doccano",
            '{"text": "\U0001f4a5", "label": [[1, 2, "X"]]}',
            1,
            "the offset 1, in UTF-16 code units",
        ),
        ("doccano", '{"text": "a"', 1, "not JSON: Expecting ',' delimiter at column 13"),
        ("doccano", "[1]", 1, "expected an object, got 1"),
        ("label-studio", '[{"data": {"text": 1}}]', 1, "'data' must hold the text in a field 'text'"),
        ("label-studio", '[\n{"data": 1}]', 2, "a task must have an object 'data' with its text, got 1"),
        (
            "label-studio",
            '[\n{"data": {"text": "a"}},\n{"data": }]',
            3,
            "not JSON: Expecting value at column",
        ),
        ("label-studio", '[\n{"data": {"text": "a"}}\n', 2, "the array does not go on with"),
        ("label-studio", '[{"data": {"text": "a"}}] x', 1, "the array does not end with ']'"),
        (
            "label-studio",
            '[{"data": {"text": "a"}, "annotations": [{"result": [1]}]}]',
            1,
            "a result must be",
        ),
        ("prodigy", '{"text": "a", "spans": [1]}', 1, "a span must be an object, got 1"),
        ("prodigy", '{"text": 1}', 1, "'text' must be a string, got 1"),
        (
            "gliner",
            '[{"tokenized_text": ["a"], "ner": [[0, 1, "X"]]}]',
            1,
            "the entity [0, 1, 'X'] lies outside",
        ),
        ("gliner", '[{"tokenized_text": [1], "ner": []}]', 1, "'tokenized_text' must be a list of strings"),
        ("gliner", '[{"tokenized_text": ["a"], "ner": [[0, 0]]}]', 1, "an entity must be a list"),
        ("hf-jsonl", '{"tokens": ["a"], "ner_tags": ["O", "O"]}', 1, "1 tokens have 2 tags"),
        (
            "hf-jsonl",
            '{"tokens": ["a"], "ner_tags": ["I-X"]}',
            1,
            "tag 0 is 'I-X', which is not IOB2 behind 'O'",
        ),
        ("hf-jsonl", '{"tokens": ["a"], "ner_tags": ["X"]}', 1, "tag 0 is 'X'; accepted are O"),
        (
            "hf-jsonl",
            '{"tokens": ["a", "b"], "ner_tags": ["B-X", "S-X"]}',
            1,
            "tag 1 is 'S-X', which is not BIOES",
        ),
        ("hf-jsonl", '{"tokens": ["a"]}', 1, "a row must have a list 'ner_tags'"),
        ("bioes", "a B-X\nb O\n", 2, "'O' after 'B-X' is not BIOES"),
        ("bioes", "a B-X\n", 1, "the sentence ends behind 'B-X'; in BIOES a span ends with E- or S-"),
        ("bioes", "a X-X\n", 1, "'X-X' is not a BIOES tag"),
        ("bioes", "a E-X\n", 1, "'E-X' after 'O' is not BIOES"),
        (
            "conll",
            '# exact_text = "a b"\na O\n',
            1,
            "'# exact_text =' holds other words than the rows below it",
        ),
        ("conll", "# exact_text = a\na O\n", 1, "'# exact_text =' must be followed by a JSON string"),
    ],
)
def test_malformed_input_stops_with_file_line_and_reason_or_is_skipped(
    name: str, content: str, line: int, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad"
    if name == "conll" and "must be followed" in reason:
        content = content.replace("= a\n", "= [1]\n")
    path.write_bytes(content.encode("utf-8"))
    with pytest.raises(DataError) as caught:
        list(FORMATS[name].read(path, Report()))
    assert str(caught.value).startswith(f"{path}:{line}: {reason}")
    found: list[DataError] = []
    list(FORMATS[name].read(path, Report(), found.append))
    assert [str(error) for error in found] == [str(caught.value)]


def test_behind_an_error_in_an_array_reading_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "tasks.json"
    tasks = [{"data": {"text": text}} for text in "abcd"]
    by_line = "[\n" + ",\n".join(map(json.dumps, tasks)) + "\n]\n"
    for text in (by_line, json.dumps(tasks, indent=1)):
        path.write_text(text.replace('"b"', '"b').replace('"d"', "4"))
        found: list[DataError] = []
        documents = list(FORMATS["label-studio"].read(path, Report(), found.append))
        assert [document.text for document in documents] == ["a", "c"]
        assert len(found) == 2
    path.write_bytes(by_line.encode().replace(b'"b"', b'"\xff"'))
    found = []
    documents = list(FORMATS["label-studio"].read(path, Report(), found.append))
    assert [document.text for document in documents] == ["a", "c", "d"]
    assert [error.line for error in found] == [3]


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="needs /dev/fd")
@pytest.mark.parametrize(
    "content", [lines({"text": "a", "label": []}), "\n[\n" + lines({"text": "a", "label": []}) + "]"]
)
def test_a_pipe_is_read_once_and_not_looked_at(content: str) -> None:
    reading, writing = os.pipe()
    try:
        with os.fdopen(writing, "wb") as file:
            file.write(content.encode())
        pipe = Path(f"/dev/fd/{reading}")
        with pytest.raises(DataError, match="can be read only once; name its format with --from"):
            detect_format(pipe)
        assert [document.text for document in FORMATS["doccano"].read(pipe, Report())] == ["a"]
    finally:
        os.close(reading)


@pytest.mark.parametrize(
    ("annotations", "reason"),
    [
        ("T1\tX 0 9\tabc", "the span 0:9 lies outside the text, which ends at 3"),
        ("T1\tX 0 2\tbc", "the span 0:2 should be 'bc', the text has 'ab'"),
        ("T1\tX 0 1\ta\nT1\tX 1 2\tb", "'T1' stands here once more"),
        ("nothing", "expected 'T1<TAB>LABEL START END<TAB>TEXT' as in brat, got 'nothing'"),
        ("T1 X 0 1 a", "expected 'T1<TAB>LABEL"),
    ],
)
def test_a_bad_annotation_of_brat_is_named(annotations: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("abc")
    (tmp_path / "a.ann").write_text(annotations)
    with pytest.raises(DataError) as caught:
        read("brat", tmp_path)
    line = annotations.count("\n") + 1
    assert str(caught.value).startswith(f"{tmp_path / 'a.ann'}:{line}: {reason}")
    found: list[DataError] = []
    (document,) = FORMATS["brat"].read(tmp_path, Report(), found.append)
    assert [str(error) for error in found] == [str(caught.value)]
    assert len(document.spans) == line - 1
    (tmp_path / "a.txt").write_bytes(b"a\n\xff")
    with pytest.raises(DataError, match=r"a\.txt:2: byte 0xff is not UTF-8"):
        read("brat", tmp_path)


@pytest.mark.parametrize("name", [name for name in FORMATS if FORMATS[name].write])
def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    if name in ("hf", "spacy"):
        pytest.importorskip({"hf": "datasets", "spacy": "spacy"}[name])
    with pytest.raises(DataError, match="nowhere"):
        list(FORMATS[name].read(tmp_path / "nowhere", Report(), lambda error: pytest.fail(str(error))))


def test_formats_are_found_by_name() -> None:
    assert find_format("doccano").title == "doccano JSON Lines"
    with pytest.raises(DataError, match=r"the format 'word' is not known; accepted are jsonl, "):
        find_format("word")
    only_read = next(name for name, form in FORMATS.items() if form.write is None)
    with pytest.raises(DataError, match=f"the format {only_read} is only read; to write, accepted are jsonl"):
        find_format(only_read, to_write=True)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b" \r\n", "holds no documents"),
        (b"prose and nothing else\n", "its format is not recognised; name it with --from: jsonl"),
        (b"[", "its format is not recognised; name it with --from: jsonl"),
        (b"[" * 3000, "its format is not recognised; name it with --from: jsonl"),
        (b'{"b": 2, "a": 1}', "its format is not recognised, its first object has ['a', 'b']; name it with"),
        (b'{"text": a}', "its format is not recognised, its first object is not JSON: Expecting value at"),
        (
            gzip.compress(b'{"id": "a", "text": "b"}', mtime=0),
            "is a gzip archive; unpack it first: gunzip -k FILE",
        ),
        (lzma.compress(b'{"id": "a", "text": "b"}'), "is compressed with xz; unpack it first: unxz -k FILE"),
        (b"PK\x03\x04", "is a zip archive or an office document"),
        (b"\xff\xfe\x00", "is UTF-16 text; convert it to UTF-8: iconv"),
    ],
)
def test_unknown_content_is_named_or_asks_for_a_name(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        detect_format(path)
    assert str(caught.value).startswith(f"{path}: {reason}")


def test_what_is_no_file_of_a_format_asks_for_a_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not recognised"):
        detect_format(tmp_path)
    with pytest.raises(DataError, match="there is no such file"):
        detect_format(tmp_path / "nowhere")


def test_bilou_is_read_as_bioes(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    found, _ = read("bioes", path, "Al B-LOC\nBab L-LOC\nfell U-X\n\nUm B-LOC\nal I-LOC\nQura L-LOC\n")
    assert found[0].spans == (Span(0, 6, "LOC"), Span(7, 11, "X"))
    assert found[1].spans == (Span(0, 10, "LOC"),)
    assert detect_format(path).name == "bioes"
    for content in ("Al B-LOC\nfell O\n", "Al L-LOC\n", "Al B-LOC\nBab U-LOC\n"):
        with pytest.raises(DataError, match="is not BIOES"):
            read("bioes", path, content)


def test_iob1_is_told_from_iob2_and_read(tmp_path: Path) -> None:
    path = tmp_path / "eng.train"
    rows = [
        "-DOCSTART- -X- O",
        "",
        "Al I-LOC",
        "Bab I-LOC",
        "Mosul B-LOC",
        "EU I-ORG",
        "fell O",
        "",
        "Um I-LOC",
    ]
    (first, second), report = read("iob1", path, "\n".join(rows))
    assert first.spans == (Span(0, 6, "LOC"), Span(7, 12, "LOC"), Span(13, 15, "ORG"))
    assert second.spans == (Span(0, 2, "LOC"),)
    assert report.is_lossless
    assert detect_format(path).name == "iob1"
    path.write_text("\n".join(rows).replace("EU I-", "EU B-"))  # neither is it IOB1 nor IOB2
    assert detect_format(path).name == "conll"
    with pytest.raises(DataError, match=r":3: 'I-LOC' after 'O' is not IOB2"):
        read("conll", path)


@pytest.mark.parametrize(("tag", "name"), [("B-X", "conll"), ("S-X", "bioes"), ("U-X", "bioes")])
def test_a_bad_row_of_columns_is_named_where_the_ending_tells_the_format(
    tag: str, name: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.conll"
    path.write_text(f"Mocha {tag}\nfell 0\n\nCalm O\n")
    assert detect_format(path).name == name
    with pytest.raises(DataError, match=r"x\.conll:2: '0' is not"):
        read(name, path)
    path.rename(tmp_path / "x.txt")
    with pytest.raises(DataError, match="not recognised"):
        detect_format(tmp_path / "x.txt")


def test_a_missing_library_is_named_with_what_to_type() -> None:
    with pytest.raises(
        ConflictnerError, match=r"spaCy's needs no_such: pip install 'conflictner\[formats\]'"
    ):
        load_library("no_such", "spaCy's")
