"""Readers of public sets, on small files in each set's own form."""

import io
import json
import lzma
import tarfile

import pytest

from conflictner.data import DataError
from conflictner.data.corpora import (
    CORPORA,
    ImportCounts,
    read_gmb,
    read_muc,
    read_muc_gtt,
    read_re3d,
    read_uner,
    read_wikievents,
    read_worldwide,
)
from conflictner.data.corpora.answer_keys import read_keys


def shown(documents):
    """Return each document as its text with spans in braces, and the labels it annotates."""
    found = []
    for document in documents:
        text = document.text
        for span in reversed(document.spans):
            attribute = f":{span.attribute}" if span.attribute else ""
            piece = f"{{{span.label}{attribute} {text[span.start : span.end]}}}"
            text = text[: span.start] + piece + text[span.end :]
        found.append((text, document.meta["annotated"]))
    return found


def archive(path, files):
    with tarfile.open(path, "w:xz" if path.suffix == ".xz" else "w:gz") as file:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content.encode())
            file.addfile(member, io.BytesIO(content.encode()))
    return path


def columns(*rows):
    return "".join(f"{row}\n".replace(" ", "\t") if row else "\n" for row in rows)


def test_gmb(tmp_path):
    rows = columns(
        *("The O", "rebels O", "in O", "southern O", "Goma B-geo", "told O", "Mr. B-per", "Said I-per"),
        *("on O", "Friday B-tim", ". O", "", "New O", "aid O", "for O", "Sudan B-geo", "came O", ". O", ""),
        *("Hamas B-org", "left O", ". O"),
    )
    path = tmp_path / "gmb.conll.xz"
    path.write_bytes(lzma.compress(rows.encode()))
    counts = ImportCounts()
    assert shown(read_gmb(path, counts=counts)) == [
        ("The rebels in {LOCATION southern Goma} told Mr. {ACTOR Said} on Friday.", ["LOCATION"]),
        ("{ACTOR Hamas} left.", ["LOCATION"]),
    ]
    assert counts.to_dict() == {
        "documents": 3,
        "passages": 2,
        "kept": {"LOCATION": 1, "ACTOR": 2},
        "snapped": 0,
        "moved": 2,
        "dropped": {
            "the type tim, which is none of ours": 1,
            "a place or a government, which is not clear": 1,
        },
        "left_out": {"nothing in them that could be learned": 1},
    }


def test_worldwide(tmp_path):
    rows = columns(
        *(
            "https://news.example/1 O",
            "",
            "The O",
            "African B-Organization",
            "Union I-Organization",
            "said O",
        ),
        *("in O", "Juba B-Location B-Location", ". O", "", "It O", "was O", "a O", "one S-Misc", "- O"),
        *("off O", ". O"),
    )
    path = archive(
        tmp_path / "set.tar.xz", {"a/two.txt.tsv": columns("Goma B-Location"), "a/one.txt.tsv": rows}
    )
    documents = list(read_worldwide(path))
    assert shown(documents) == [
        ("The {ACTOR African Union} said in {LOCATION Juba}. It was a one-off.", ["LOCATION"]),
        ("{LOCATION Goma}", ["LOCATION"]),
    ]
    assert [document.id for document in documents] == ["worldwide-one", "worldwide-two"]
    assert len(list(read_worldwide(path, sentences=1))) == 3


def test_uner(tmp_path):
    path = tmp_path / "train.iob2"
    path.write_text(
        "# newdoc id = a\n# sent_id = a-1\n# text = He left Goma-town,\u00a0Joe.\n"
        "1\tHe\tO\t-\t-\n2\tleft\tO\n3\tGoma\tB-LOC\t-\tx\n4\t-\tI-LOC\t-\tx\n5\ttown\tI-LOC\t-\tx\n6\t,\tO\n"
        "7\tJoe\tB-PER\t-\tx\n8\t.\tO\n\n",
        encoding="utf-8",
    )
    assert shown(read_uner(path)) == [
        ("He left Goma-town,\u00a0{ACTOR Joe}.", [])  # the place does not look like a name
    ]


@pytest.mark.parametrize("comment", ["#", "# = x", "# text", "#text", "# text = ", "# text = Other."])
def test_uner_with_odd_comments(comment, tmp_path):
    path = tmp_path / "train.iob2"
    path.write_text(f"{comment}\n1\tHe\tO\n2\tleft\tO\n3\tGoma\tB-LOC\n\n", encoding="utf-8")
    assert shown(read_uner(path)) == [("He left {LOCATION Goma}", ["LOCATION"])]


def mention(start, end, kind):
    return {"start": start, "end": end, "entity_type": kind}


TOKENS = ["Rebels", "fired", "a", "rocket", "at", "Goma", ".", "They", "left", "it", "."]
MENTIONS = [
    mention(0, 1, "PER"),
    mention(3, 4, "WEA"),
    mention(5, 6, "GPE"),
    mention(7, 8, "PER"),
    mention(8, 9, "X"),
]


def test_wikievents_with_text(tmp_path):
    text = "Rebels fired a rocket at Goma.They left it."
    sentences = [[[[token, 0, 0] for token in TOKENS[:7]], ""], [[[token, 0, 0] for token in TOKENS[7:]], ""]]
    record = {
        "doc_id": "d",
        "tokens": TOKENS,
        "text": text,
        "sentences": sentences,
        "entity_mentions": MENTIONS,
    }
    path = tmp_path / "dev.jsonl"
    path.write_text(json.dumps(record) + "\n")
    counts = ImportCounts()
    assert shown(read_wikievents(path, counts=counts)) == [
        ("{ACTOR Rebels} fired a {WEAPON rocket} at {LOCATION Goma}. They left it.", ["LOCATION", "WEAPON"])
    ]
    assert counts.dropped == {"a pronoun": 1, "the type X, which is none of ours": 1}


def test_wikievents_with_tokens_alone(tmp_path):
    record = {"doc_id": "d", "tokens": TOKENS, "sents": [TOKENS[:7], TOKENS[7:]], "entity_mentions": MENTIONS}
    path = tmp_path / "train.json.xz"
    path.write_bytes(lzma.compress(json.dumps([record]).encode()))
    assert [text for text, _ in shown(read_wikievents(path, sentences=1))] == [
        "{ACTOR Rebels} fired a {WEAPON rocket} at {LOCATION Goma}.",
        "They left it.",
    ]


KEY = """
0.  MESSAGE: ID                     TST9-MUC4-0001 (NCCOSC)
1.  MESSAGE: TEMPLATE               1
2.  INCIDENT: DATE                  30 DEC 89
3.  INCIDENT: LOCATION              PERU: AYMARA (DEPARTMENT): SAN FELIX (TOWN)
4.  INCIDENT: TYPE                  ATTACK
6.  INCIDENT: INSTRUMENT ID         "DYNAMITE" / "STICK OF DYNAMITE"
                                    ? "PIPE BOMB"
9.  PERP: INDIVIDUAL ID             "GUERRILLAS"
10. PERP: ORGANIZATION ID           "RED FRONT"
18. HUM TGT: NAME                   "JUAN PEREZ"
19. HUM TGT: DESCRIPTION            "MAYOR": "JUAN PEREZ"
                                    "FARMERS"
                                    "NURSE"
23. HUM TGT: EFFECT OF INCIDENT     DEATH: "FARMERS"
                                    INJURY: "NURSE"
24. HUM TGT: TOTAL NUMBER           -

0.  MESSAGE: ID                     TST9-MUC4-0002
1.  MESSAGE: TEMPLATE               *
9.  PERP: INDIVIDUAL ID             *
"""

REPORTS = """TST9-MUC4-0001 (NOSC)

   LIMA, 3 JAN 90 -- [REPORT] [TEXT] GUERRILLAS OF THE RED FRONT
KILLED AT LEAST SEVEN FARMERS WITH DYNAMITE IN SAN FELIX.
JUAN PEREZ SAID A NURSE WAS HURT.

   A PIPE BOMB WAS FOUND IN THE AYMARA DEPARTMENT.


TST9-MUC4-0002

   LIMA, 4 JAN 90 -- [TEXT] GUERRILLAS SLEPT.
"""


def test_muc(tmp_path):
    path = archive(
        tmp_path / "muc34.tar.gz",
        {
            "c/tst9/key-tst9.v1": KEY,
            "c/tst9/tst9-muc4": REPORTS,
            "c/tst9/._tst9-muc4": "\0",
            "c/README": "no",
        },
    )
    counts = ImportCounts()
    assert shown(read_muc(path, counts=counts)) == [
        (
            "{ACTOR GUERRILLAS} OF THE {ACTOR RED FRONT} KILLED {CASUALTY:killed AT LEAST SEVEN FARMERS} "
            "WITH {WEAPON DYNAMITE} IN {LOCATION SAN FELIX}. {ACTOR JUAN PEREZ} SAID "
            "{CASUALTY:injured A NURSE} WAS HURT. A {WEAPON PIPE BOMB} WAS FOUND IN THE "
            "{LOCATION AYMARA DEPARTMENT}.",
            [],
        )
    ]
    assert (
        counts.dropped["words of a key that are not in the text"] == 3
    )  # a stick of dynamite, a mayor, Peru
    assert (counts.documents, counts.left_out.total()) == (2, 1)


def test_the_text_in_mixed_case_is_preferred(tmp_path):
    mixed = "TST9-MUC4-0001\n\n   Lima -- [Text] Guerrillas fled.\n"
    path = archive(
        tmp_path / "muc34.tar.gz",
        {"c/key-tst9.v1": KEY, "c/tst9-muc4.mixed-case": mixed, "c/tst9-muc4": REPORTS},
    )
    assert [text for text, _ in shown(read_muc(path))] == ["{ACTOR Guerrillas} fled."]


def test_answer_keys():
    first, second = read_keys(KEY)
    assert first.message == "TST9-MUC4-0001"
    assert first.places() == ["PERU", "AYMARA", "SAN FELIX"]
    assert [fill.text for fill in first.fills(6)] == ["DYNAMITE", "STICK OF DYNAMITE", "PIPE BOMB"]
    assert [(fill.text, fill.names) for fill in first.fills(19)] == [
        ("MAYOR", "JUAN PEREZ"),
        ("FARMERS", None),
        ("NURSE", None),
    ]
    assert first.effects() == {"FARMERS": "DEATH", "NURSE": "INJURY"}
    assert first.value(4) == "ATTACK"
    assert second.fills(9) == []


def test_muc_in_small_letters(tmp_path):
    template = {
        "incident_type": "attack",
        "PerpInd": [[["guerrillas", 0]]],
        "PerpOrg": [[["red front", 18]]],
        "Target": [[["bridge", 40]]],
        "Victim": [[["juan perez", 50]], [["farmers", 0]]],
        "Weapon": [[["dynamite", 60]]],
    }
    text = "guerrillas of the red front attacked a bridge with dynamite.  juan perez told the farmers."
    path = tmp_path / "gtt.json"
    path.write_text(json.dumps({"docid": "d", "doctext": text, "templates": [template]}) + "\n")
    assert shown(read_muc_gtt(path, sentences=1)) == [
        ("{ACTOR guerrillas} of the {ACTOR red front} attacked a bridge with {WEAPON dynamite}.", []),
        ("{ACTOR juan perez} told the {ACTOR farmers}.", []),
    ]


def entity(text, surface, kind, confidence=1):
    start = text.index(surface)
    end = start + len(surface)
    return {
        "documentId": "d",
        "begin": start,
        "end": end,
        "type": kind,
        "value": surface,
        "confidence": confidence,
    }


def write_re3d(folder, text, entities):
    folder.mkdir(parents=True)
    (folder / "documents.json").write_text(json.dumps({"_id": "d", "text": text}) + "\n")
    (folder / "entities.json").write_text("".join(json.dumps(item) + "\n" for item in entities))


def test_re3d(tmp_path):
    text = "The Red Front fired two mortars in the city of Homs. We saw the camp near Jisr. Two men fled."
    write_re3d(
        tmp_path / "re3d" / "Source",
        text,
        [
            entity(text, "The Red Front", "Organisation"),
            entity(text, "Red", "Nationality", 0),
            entity(text, "two mortars", "Weapon"),
            entity(text, "the city of Homs", "Location"),
            entity(text, "Homs", "Location"),
            entity(text, "We", "Organisation"),
            entity(text, "the camp", "Location"),
            entity(text, "Jisr", "Location", 0.2),
            entity(text, "Two men", "Person"),
        ],
    )
    counts = ImportCounts()
    assert shown(read_re3d(tmp_path / "re3d", sentences=1, counts=counts)) == [
        (
            "The {ACTOR Red Front} fired two {WEAPON mortars} in the city of {LOCATION Homs}.",
            ["LOCATION", "WEAPON"],
        ),
        ("We saw the camp near Jisr.", ["WEAPON"]),
        ("Two men fled.", ["LOCATION", "WEAPON"]),
    ]
    assert counts.dropped == {
        "nested in another one": 1,
        "the type Nationality, which is none of ours": 1,
        "a pronoun": 1,
        "a place without a name": 1,
        "a confidence under 0.5": 1,
        "counted people": 1,
    }


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("name", CORPORA)
def test_a_missing_file_is_told_in_one_line(name, tmp_path):
    with pytest.raises(DataError, match=r"there is no such file|is no folder") as caught:
        list(CORPORA[name](tmp_path / "nowhere"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", CORPORA)
@pytest.mark.parametrize(
    "content", [b"\x00\xff\x13", b"{]\n", b'{"id": "x"}\n', b"word\n\nword\n", b'[{"x": 1}]']
)
def test_a_file_of_something_else_is_told_in_one_line(name, content, tmp_path):
    path = write(tmp_path / "file", content)
    with pytest.raises(DataError) as caught:
        list(CORPORA[name](path))
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_truncated_archives_are_told_in_one_line(tmp_path):
    whole = archive(tmp_path / "whole.tar.gz", {"c/key-tst9.v1": KEY * 20, "c/tst9-muc4": REPORTS * 20})
    for size in (50, whole.stat().st_size // 2):
        part = write(tmp_path / "muc34.tar.gz", whole.read_bytes()[:size])
        with pytest.raises(DataError, match="truncated or damaged"):
            list(read_muc(part))
    packed = lzma.compress(columns("Goma B-geo").encode() * 1000)
    with pytest.raises(DataError, match="truncated or damaged"):
        list(read_gmb(write(tmp_path / "gmb.conll.xz", packed[:-30])))


def test_archives_of_something_else_are_told(tmp_path):
    path = archive(tmp_path / "x.tar.gz", {"readme.txt": "hello"})
    with pytest.raises(DataError, match=r"holds no \.tsv file"):
        list(read_worldwide(path))
    with pytest.raises(DataError, match="holds no reports with answer keys"):
        list(read_muc(path))


@pytest.mark.parametrize(
    ("row", "reader"),
    [("Goma B-LOCATION", read_gmb), ("1 Goma B-PLACE", read_uner)],
)
def test_tags_of_another_set_are_told(row, reader, tmp_path):
    with pytest.raises(DataError, match="is no tag of this set"):
        list(reader(write(tmp_path / "file", columns(row))))


def test_folders_are_told_where_files_are_needed(tmp_path):
    with pytest.raises(DataError, match="is a folder"):
        list(read_gmb(tmp_path))
    with pytest.raises(DataError, match="holds no reports"):
        list(read_muc(tmp_path))
    with pytest.raises(DataError, match=r"has no \*/documents\.json"):
        list(read_re3d(tmp_path))


def test_kidnappers_are_no_captives(tmp_path):
    key = """0.  MESSAGE: ID  TST9-MUC4-0001
1.  MESSAGE: TEMPLATE  1
4.  INCIDENT: TYPE  KIDNAPPING
9.  PERP: INDIVIDUAL ID  "EIGHT MEN"
19. HUM TGT: DESCRIPTION  "TWO NURSES"
"""
    report = "TST9-MUC4-0001\n\n   LIMA -- [TEXT] EIGHT MEN TOOK TWO NURSES.\n"
    path = archive(tmp_path / "muc34.tar.gz", {"c/key-tst9.v1": key, "c/tst9-muc4": report})
    assert [text for text, _ in shown(read_muc(path))] == ["EIGHT MEN TOOK {CASUALTY:captive TWO NURSES}."]


def test_every_reader_tells_its_mapping():
    for reader in CORPORA.values():
        assert "Annotated:" in reader.__doc__
        assert "LOCATION" in reader.__doc__ or "ACTOR" in reader.__doc__
