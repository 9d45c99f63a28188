"""Text files: read a paragraph at a time, and what is wrong with one is told in one line that names it."""

import lzma
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data.errors import DataError
from conflictner.data.text_files import TextFileSize, check_text_file, read_paragraphs

TEXT = "Rebels shelled the town.\n\n  Ñandú fled. \r\nThe army denied it.\n"
PARAGRAPHS = ["Rebels shelled the town.", "Ñandú fled.", "The army denied it."]
ROLL = "".join(f"On day {day} the shelling of the town went on.\n" for day in range(4000)).encode()


@pytest.fixture
def write(tmp_path):
    def write(content, name="news.txt"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def refused(path):
    with pytest.raises(DataError) as caught:
        check_text_file(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{path}:")
    return message.removeprefix(f"{path}:").strip()


@pytest.mark.parametrize("name", ["news.txt", "news.txt.xz", "a.b.txt", "NEWS.TXT.XZ"])
def test_paragraphs_are_the_lines_with_text(write, name):
    content = TEXT.encode()
    path = write(lzma.compress(content) if name.lower().endswith(".xz") else content, name)
    assert list(read_paragraphs(path)) == PARAGRAPHS
    assert list(read_paragraphs(str(path))) == PARAGRAPHS
    characters = sum(map(len, PARAGRAPHS))
    assert check_text_file(path) == TextFileSize(3, characters, characters + 2)


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1), min_size=1
    )
)
def test_any_text_comes_back(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("any") / "any.txt.xz"
    path.write_bytes(lzma.compress("\n".join(lines).encode()))
    expected = [
        line.removeprefix("\ufeff" if number == 0 else "").strip() for number, line in enumerate(lines)
    ]
    expected = [line for line in expected if line]
    if expected:
        assert list(read_paragraphs(path)) == expected
    else:
        assert "holds no text" in refused(path)


def test_reading_is_lazy(write):
    path = write(lzma.compress(ROLL)[:-20], "news.txt.xz")
    assert list(islice(read_paragraphs(path), 2)) == [
        "On day 0 the shelling of the town went on.",
        "On day 1 the shelling of the town went on.",
    ]


def test_files_that_are_cut_short_or_damaged_are_found_by_the_check(write):
    packed = lzma.compress(ROLL)
    again = "copy or download it again"
    for end in (1, 12, 200, len(packed) - 1):
        message = refused(write(packed[:end], "news.txt.xz"))
        assert message == f"is truncated: the compressed text ends too soon; {again}"
    damaged = packed[:80] + bytes(8) + packed[88:]
    assert refused(write(damaged, "news.txt.xz")) == f"is damaged (Corrupt input data); {again}"
    message = refused(write(b"plain text, " * 20, "news.txt.xz"))
    assert message == f"is not compressed with xz (Input format not supported by decoder); {again}"
    assert "is truncated" in refused(write(b"", "news.txt.xz"))


def test_files_that_would_fill_the_memory_are_refused(write):
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 400 << 20}]
    packed = lzma.compress(ROLL, filters=filters)
    assert "is damaged (Memory usage limit exceeded)" in refused(write(packed, "news.txt.xz"))


def test_streams_that_follow_each_other_are_one_text(write):
    streams = lzma.compress(b"One.\nTw") + bytes(8) + lzma.compress(b"") + lzma.compress(b"o.\n") + bytes(4)
    assert list(read_paragraphs(write(streams, "news.txt.xz"))) == ["One.", "Two."]
    assert "is damaged" in refused(write(streams + b"x" * 20, "news.txt.xz"))


def test_text_that_is_not_utf8_is_told_with_its_line(write):
    content = "Line one.\nSão Paulo.\n".encode("latin-1")
    expected = "2: byte 0xe3 at position 2 of the line is not UTF-8; save the file as UTF-8"
    assert refused(write(content)) == expected
    assert refused(write(lzma.compress(content), "news.txt.xz")) == expected
    assert "is not UTF-8" in refused(write("Ñandú fled to Mopti, é".encode()[:-1]))  # cut within a character
    assert "the file is UTF-16" in refused(write("Line one.".encode("utf-16")))


def test_files_without_text_are_refused(write):
    for content in (b"", b"\n \n\t\r\n", b"\xef\xbb\xbf"):
        assert refused(write(content)) == "holds no text; leave it out, or copy or download it again"
    assert "holds no text" in refused(write(lzma.compress(b"\n"), "news.txt.xz"))


def test_other_kinds_of_files_are_refused(write, tmp_path):
    for name in ("news.jsonl", "news.txt.gz", "news.xz", "news", "news.txt.xz.tmp"):
        message = refused(write(TEXT.encode(), name))
        assert message.startswith("is no text file by its name; accepted are .txt and .txt.xz, in UTF-8")
    packed = write(lzma.compress(ROLL))
    assert refused(packed) == "is compressed with xz; rename it to end in .txt.xz"
    assert refused(tmp_path / "none.txt") == "there is no such file"
    assert refused(tmp_path / "none.txt.xz") == "there is no such file"
    (tmp_path / "folder.txt").mkdir()
    assert refused(tmp_path / "folder.txt") == "is a folder; give a file"
