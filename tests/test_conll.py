"""Column files: spans come back on the same words, and every bad line is named."""

import io
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conflictner.data import DataError, Document, Span, conll_lines, read_conll, word_offsets, write_conll
from conflictner.data.conll import enumerate_conll
from conflictner.data.words import word_range

LABELS = {"ACTOR": ("agent", "target"), "LOCATION": ()}
TRICKY = "ab #-:\n\t\0\x1b\u00a0\u2028\u0301\u200d\ufeff\U0001f4a5\ud800\udc00"
any_text = st.text(st.one_of(st.sampled_from(TRICKY), st.characters(exclude_categories=())))


def read(content: str | bytes, **options: Any) -> list[Document]:
    data = content.encode("utf-8") if isinstance(content, str) else content
    return list(read_conll(io.BytesIO(data), **options))


def errors(content: str | bytes, **options: Any) -> list[str]:
    """Read on after every error and return what was reported, checking that the first one stops otherwise."""
    found: list[DataError] = []
    read(content, on_error=found.append, **options)
    if found:
        with pytest.raises(DataError) as caught:
            read(content, **options)
        assert str(caught.value) == str(found[0])
    return [str(error) for error in found]


def lines(document: Document) -> str:
    return "".join(line + "\n" for line in conll_lines(document))


def tagged(document: Document) -> list[tuple[int, int, str, str | None]]:
    """Return the spans by the words they cover."""
    words = word_offsets(document.text)
    return [(*word_range(words, span.start, span.end), span.label, span.attribute) for span in document.spans]


@st.composite
def aligned_documents(draw: st.DrawFn) -> Document:
    """Draw a document of any text whose spans begin and end with words."""
    text = draw(any_text)
    words = word_offsets(text)
    cuts = sorted(draw(st.sets(st.integers(0, len(words)), max_size=8)))
    spans = []
    for first, last in pairwise(cuts):
        kind = draw(st.sampled_from([None, ("ACTOR", "agent"), ("ACTOR", "target"), ("LOCATION", None)]))
        if kind is not None:
            spans.append(Span(words[first][0], words[last - 1][1], *kind))
    events = draw(st.lists(st.sampled_from(["battle", "riot"]), unique=True))
    return Document(draw(any_text), text, tuple(spans), tuple(events))


EXAMPLE = """-DOCSTART- -X- O O

Rebels NNS B-ACTOR:agent
shelled VBD O
Al NNP B-LOCATION
Bab NNP I-LOCATION

Calm NN O
"""


def test_sentences_become_documents() -> None:
    assert read(EXAMPLE, name="news/train.conll") == [
        Document(
            "train-1", "Rebels shelled Al Bab", (Span(0, 6, "ACTOR", "agent"), Span(15, 21, "LOCATION"))
        ),
        Document("train-2", "Calm"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        "Rebels\tO\nfled\tO\n",
        "Rebels\tO\nfled\tO",
        "\ufeffRebels\tO\r\nfled\tO\r\n\r\n",
        "\n\nRebels O\nfled O\n\n \t\n\n",
        "Rebels   NNS  O\nfled    VBD  O",
        "Rebels\tNNS\tI-NP\tO\nfled\tVBD\tI-VP\tO\t\n",
        " Rebels O \n fled O ",
        "Rebels \t O\nfled\tO",
        "-DOCSTART- O\nRebels O\nfled O\n-DOCSTART- O\n",
        "-DOCSTART-\n\nRebels O\nfled O\n",
        "# sent_id = 7\n# text = Rebels fled\n# a remark on this\nRebels O\nfled O\n",
    ],
)
def test_columns_may_be_written_in_many_ways(content: str) -> None:
    assert read(content, name="x") == [Document("x-1", "Rebels fled")]


def test_adjacent_spans_stay_apart() -> None:
    (document,) = read("A B-ACTOR:agent\nB B-ACTOR:agent\nC I-ACTOR:agent\nD B-LOCATION\n")
    assert document.spans == (
        Span(0, 1, "ACTOR", "agent"),
        Span(2, 5, "ACTOR", "agent"),
        Span(6, 7, "LOCATION"),
    )


def test_only_tabs_separate_where_there_are_tabs_and_only_spaces_elsewhere() -> None:
    assert read("15 000\tB-CASUALTY\n")[0].text == "15 000"
    assert read("15\u00a0000 B-CASUALTY\n")[0].text == "15\u00a0000"
    assert read("one\u2028two\tO\n")[0].text == "one\u2028two"
    assert read("\u2028one\u00a0 B-X\n")[0] == Document("input-1", "one", (Span(0, 3, "X"),))


@pytest.mark.parametrize(
    "content",
    ["#\tO\n1\tO\n", "# O\n1 O\n", "# SYM O\n1 CD O\n", "# B-ACTOR\n1 I-ACTOR\n", "#\t=\tO\n1\tCD\tO\n"],
)
def test_a_token_may_be_a_hash(content: str) -> None:
    assert read(content)[0].text == "# 1"


def test_a_hash_token_with_a_bad_tag_is_an_error_and_no_comment() -> None:
    assert errors("#\tX\n") == [
        "<input>:1: 'X' is not an IOB2 tag; accepted are O, B-LABEL, I-LABEL and B-LABEL:ATTRIBUTE"
    ]


def test_comments_carry_id_and_events() -> None:
    (first, second) = read('# id = a b\n# events = ["battle"]\nX O\n\n# id = "two\\nlines"\nY O\n')
    assert (first.id, first.events) == ("a b", ("battle",))
    assert second.id == "two\nlines"
    assert read("# id = O\nX a b O\n")[0].id == "O"


def test_a_document_without_words_keeps_its_place() -> None:
    assert read("# id = a\n\nX O\n", name="x") == [Document("a", ""), Document("x-2", "X")]
    assert read("# a remark\n\n\n", name="x") == []


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("A O\nB\n", 2, "1 column in 'B'; accepted are 2 to 4, separated by a tab or by spaces"),
        ("A\n", 1, "1 column in 'A'; accepted are 2 to 4"),
        ("1 A x y O\n", 1, "5 columns in '1 A x y O'; accepted are 2 to 4"),
        ("A x O\nB O\n", 2, "2 columns in 'B O'; the lines before have 3"),
        ("A\tO\nB\tx\tO\n", 2, "3 columns in 'B x O'; the lines before have 2"),
        ("A O\nB b-ACTOR\n", 2, "'b-ACTOR' is not an IOB2 tag; accepted are O, B-LABEL, I-LABEL"),
        ("A B-\n", 1, "'B-' is not an IOB2 tag"),
        ("A B-:agent\n", 1, "'B-:agent' is not an IOB2 tag"),
        ("A B-ACTOR:\n", 1, "'B-ACTOR:' is not an IOB2 tag"),
        (
            "A S-ACTOR\n",
            1,
            "'S-ACTOR' is not an IOB2 tag; accepted are O, B-LABEL, I-LABEL and B-LABEL:ATTRIBUTE; "
            "in a BIOES file, turn S- into B- and E- into I-",
        ),
        ("A O\nB I-ACTOR\n", 2, "'I-ACTOR' after 'O' is not IOB2, a span begins with 'B-ACTOR'"),
        ("A I-ACTOR\n", 1, "'I-ACTOR' after 'O' is not IOB2"),
        ("A B-ACTOR\n\nB I-ACTOR\n", 3, "'I-ACTOR' after 'O' is not IOB2"),
        ("A B-ACTOR\nB I-LOCATION\n", 2, "'I-LOCATION' after 'B-ACTOR' is not IOB2"),
        ("A B-ACTOR:agent\nB I-ACTOR:target\n", 2, "'I-ACTOR:target' after 'B-ACTOR:agent' is not IOB2"),
        ("A B-PLACE\n", 1, "in 'B-PLACE', label is 'PLACE'; accepted are ACTOR, LOCATION"),
        ("A B-ACTOR:x\n", 1, "in 'B-ACTOR:x', attribute is 'x'; accepted for ACTOR are agent, target"),
        ("A B-LOCATION:x\n", 1, "in 'B-LOCATION:x', attribute is 'x'; accepted for LOCATION are none"),
        ("\tO\n", 1, "the token before 'O' is ''; it must not be empty"),
        ("\u00a0\tO\n", 1, "the token before 'O' is ''; it must not be empty"),
        ("A\0 O\n", 1, "the token 'A\\x00' holds a NUL character; a text file is needed"),
        ("A O\n# id = b\nB O\n", 2, "'# id =' stands inside a sentence; put a blank line before it"),
        ("# id = a\n# id = b\nB O\n", 2, "'# id =' stands inside a sentence"),
        (
            "# events = battle\nB O\n",
            1,
            "'# events =' must be followed by a JSON list of strings, got 'battle'",
        ),
        ('# events = ["war"]\nB O\n', 1, "events[0] is 'war'; accepted are battle"),
        (b"A O\n\xe9 O\n", 2, "byte 0xe9 at position 1 of the line is not UTF-8"),
    ],
)
def test_a_bad_line_is_named(content: str | bytes, line: int, reason: str) -> None:
    (message,) = errors(content, labels=LABELS, events=["battle"], name="news.conll")
    assert message.startswith(f"news.conll:{line}: {reason}")
    assert message.isprintable()


def test_a_bad_line_costs_its_sentence_alone_and_every_one_is_reported() -> None:
    content = "A O\n\nB X\nC O\nD Y\nE I-ACTOR\n\n# id = last\nF O\n\nG O\n"
    assert [message.split(":")[1] for message in errors(content)] == ["3", "5"]
    assert [document.id for document in read(content, name="x", on_error=lambda error: None)] == [
        "x-1",
        "last",
        "x-4",
    ]


def test_a_line_that_is_not_utf8_costs_its_sentence() -> None:
    content = b"A O\n\xff O\nC O\n\nD O\n"
    assert [document.text for document in read(content, on_error=lambda error: None)] == ["D"]


def test_documents_are_numbered_by_their_first_lines() -> None:
    content = b"\nA O\nB O\n\n\n# id = x\nC O\n"
    assert [number for number, _ in enumerate_conll(io.BytesIO(content))] == [2, 6]


def test_lines_of_a_document() -> None:
    document = Document(
        "a-1", "U.S. hit Al-Rai\nTown", (Span(0, 4, "ACTOR", "agent"), Span(9, 20, "LOCATION")), ("battle",)
    )
    assert list(conll_lines(document)) == [
        "# id = a-1",
        '# events = ["battle"]',
        "U\tB-ACTOR:agent",
        ".\tI-ACTOR:agent",
        "S\tI-ACTOR:agent",
        ".\tI-ACTOR:agent",
        "hit\tO",
        "Al\tB-LOCATION",
        "-\tI-LOCATION",
        "Rai\tI-LOCATION",
        "Town\tI-LOCATION",
        "",
    ]


@given(aligned_documents())
@example(Document("# id = x", "# # -DOCSTART-", (Span(0, 1, "LOCATION"),)))
@example(Document('"', "\0 \ud800", (Span(2, 3, "LOCATION"),)))
@example(Document("[1]", ""))
@example(Document("", "\ufeff"))
def test_spans_of_any_text_come_back_on_the_same_words(document: Document) -> None:
    (back,) = read(lines(document), labels=LABELS)
    assert tagged(back) == tagged(document)
    assert back.events == document.events
    surfaces = [document.text[start:end] for start, end in word_offsets(document.text)]
    tokens = back.text.split(" ") if back.text else []
    assert len(tokens) == len(surfaces)
    for token, surface in zip(tokens, surfaces, strict=True):
        assert len(token) == len(surface)
        assert all(a in (b, "\ufffd") for a, b in zip(token, surface, strict=True))


@given(st.lists(aligned_documents(), max_size=3))
def test_what_was_read_is_written_the_same(collection: list[Document]) -> None:
    content = "".join(map(lines, collection))
    assert "".join(map(lines, read(content))) == content


@given(st.text())
def test_any_id_comes_back(name: str) -> None:
    assert read(lines(Document(name, "x")))[0].id == name


@pytest.mark.parametrize(
    ("span", "what"),
    [
        (Span(1, 6, "ACTOR"), "'ebels' starts or ends inside a word"),
        (Span(0, 5, "ACTOR"), "'Rebel' starts or ends inside a word"),
        (Span(6, 7, "ACTOR"), "' ' starts or ends inside a word"),
        (Span(0, 6, "THE ACTOR"), "'Rebels' has a label or attribute that no tag can hold ('THE ACTOR')"),
        (Span(0, 6, "A:B"), "'Rebels' has a label or attribute that no tag can hold ('A:B')"),
        (Span(0, 6, "A", ""), "'Rebels' has a label or attribute that no tag can hold ('A:')"),
        (Span(0, 6, "A\ud800"), "'Rebels' has a label or attribute that no tag can hold ('A\\ud800')"),
    ],
)
def test_a_span_that_columns_cannot_hold_is_refused(span: Span, what: str) -> None:
    with pytest.raises(DataError) as caught:
        list(conll_lines(Document("a", "Rebels fled", (span,))))
    assert str(caught.value) == (
        f"document 'a' cannot be written as columns, for its span {span.start}:{span.end} {what}; write JSONL"
    )


def test_files_are_written_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "out.conll"
    collection = [Document("a", "Kabul fell", (Span(0, 5, "LOCATION"),)), Document("b", "")]
    assert write_conll(path, iter(collection)) == 2
    assert list(read_conll(path)) == collection


def test_a_failure_on_the_way_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be written as columns"):
        write_conll(tmp_path / "out.conll", [Document("a", "x"), Document("b", "ab", (Span(0, 1, "X"),))])
    assert list(tmp_path.iterdir()) == []


edits = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from(["set", "cut", "add"]), st.integers(0, 255)), max_size=6
)


@given(edits)
def test_any_damage_to_a_file_is_a_data_error_or_a_valid_document(
    changes: list[tuple[float, str, int]],
) -> None:
    content = bytearray(b'# id = "a"\n# events = ["battle"]\n' + EXAMPLE.encode() + b"\xd8\xa7 NN B-ACTOR\n")
    for place, kind, byte in changes:
        position = int(place * len(content))
        if kind == "add":
            content.insert(position, byte)
        elif kind == "set":
            content[position : position + 1] = bytes([byte])
        else:
            del content[position : position + 1 + byte % 16]
    found = errors(bytes(content), labels=LABELS, events=["battle"])
    assert all(message.startswith("<input>:") and message.isprintable() for message in found)
    for document in read(bytes(content), on_error=lambda error: None):
        assert Document.from_dict(document.to_dict()) == document


def test_the_shared_column_file_is_read_whole(shared: Path) -> None:
    path = shared / "data" / "public" / "re3d" / "conflibert-split" / "test.txt"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    documents = list(read_conll(path))
    begins = sum(b"\tB-" in line for line in path.read_bytes().split(b"\n"))
    assert len(documents) == 200
    assert sum(len(document.spans) for document in documents) == begins
