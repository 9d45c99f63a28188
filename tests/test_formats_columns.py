"""Column files in the tag schemes that there are, and how these are told apart."""

from pathlib import Path

import pytest

from conflictner.data import DataError, Span
from conflictner.data.formats import FORMATS, Report, detect_format

from .tool_files import read


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
