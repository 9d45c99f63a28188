"""Files as the tools write them: what is taken from them, and what is left out."""

import json
import struct
from pathlib import Path

import pytest

from conflictner.data import DataError, Document, Span
from conflictner.data.formats import FORMATS, Report, detect_format

from .tool_files import lines, read

TEXT = "Rebels shelled \U0001f4a5 Kabul"
ACTOR, PLACE = Span(0, 6, "ACTOR", "agent"), Span(17, 22, "LOCATION")


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
