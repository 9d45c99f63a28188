"""Public sets read as they are, with their own labels, and told from other formats."""

import gzip
import io
import json
import lzma
import tarfile

import pytest

from conflictner.data import DataError, Document
from conflictner.data.formats import FORMATS, Report, convert, detect_format
from conflictner.data.jsonl import to_json_line
from conflictner.data.sources import public_set, public_sets

GMB = "The\tO\nrebels\tO\nheld\tO\nGoma\tB-geo\n.\tO\n\nMr.\tB-per\nSaid\tI-per\nleft\tO\n\n"
UNER = (
    "# sent_id = a-1\n# text = He left Goma-town, Joe.\n1\tHe\tO\n2\tleft\tO\n3\tGoma\tB-LOC\n4\t-\tI-LOC\n"
    + ("5\ttown\tI-LOC\n6\t,\tO\n7\tJoe\tB-PER\n8\t.\tO\n\n")
)
ARTICLE = "https://news.example/1\tO\n\nThe\tO\nGoma\tB-Organization\tB-Location\nTimes\tE-Organization\tO\nsaid\tO\n"
TOKENS = ["Rebels", "hit", "Goma", "-", "town", ".", "They", "left", "."]
WIKIEVENTS = {
    "doc_id": "d",
    "tokens": TOKENS,
    "text": "Rebels hit Goma-town.They left.",
    "sentences": [[[[t, 0, 0] for t in TOKENS[:6]], ""], [[[t, 0, 0] for t in TOKENS[6:]], ""]],
    "entity_mentions": [
        {"start": 0, "end": 1, "entity_type": "PER"},
        {"start": 2, "end": 3, "entity_type": "GPE"},
        {"start": 6, "end": 7, "entity_type": "PER"},
    ],
    "event_mentions": [
        {"event_type": "Conflict.Attack", "arguments": [{"role": "Place"}]},
        {"event_type": "Conflict.Attack"},
    ],
}
GTT = {
    "docid": "d",
    "doctext": "guerrillas attacked a bridge.  juan perez told the guerrillas.",
    "templates": [
        {
            "incident_type": "attack",
            "PerpInd": [[["guerrillas", 0]]],
            "PerpOrg": [],
            "Target": [[["bridge", 22]], [["tunnel", 0]]],
            "Victim": [[["juan perez", 31]]],
            "Weapon": [],
        }
    ],
}
KEY = """;;; a remark
0.  MESSAGE: ID                     TST9-MUC4-0001
1.  MESSAGE: TEMPLATE               1
2.  INCIDENT: DATE                  30 DEC 89
3.  INCIDENT: LOCATION              PERU: SAN FELIX (TOWN)
4.  INCIDENT: TYPE                  BOMBING
9.  PERP: INDIVIDUAL ID             "GUERRILLAS"
12. PHYS TGT: ID                    "BRIDGE"
19. HUM TGT: DESCRIPTION            "FARMERS"
                                    "SEVEN FARMERS"
23. HUM TGT: EFFECT OF INCIDENT     DEATH / INJURY: "FARMERS"

0.  MESSAGE: ID                     TST9-MUC4-0002
1.  MESSAGE: TEMPLATE               *
4.  INCIDENT: TYPE                  *
"""
REPORTS = """TST9-MUC4-0001 (NOSC)

   LIMA, 3 JAN 90 -- [TEXT] GUERRILLAS KILLED SEVEN FARMERS ON THE BRIDGE
OF SAN FELIX.

TST9-MUC4-0002

   LIMA -- [TEXT] ALL SLEPT.
"""


def shown(documents):
    """Return each document as its text with spans in braces."""
    found = []
    for document in documents:
        assert Document.from_dict(document.to_dict()) == document
        assert to_json_line(document)
        text = document.text
        for span in reversed(document.spans):
            name = f"{span.label}:{span.attribute}" if span.attribute else span.label
            score = "" if span.score is None else f" {span.score:g}"
            text = f"{text[: span.start]}{{{name}{score} {text[span.start : span.end]}}}{text[span.end :]}"
        found.append(text)
    return found


def read(path, report=None, on_error=None):
    """Read a file in the format that it is taken for."""
    form = detect_format(path)
    return form.name, list(form.read(path, Report() if report is None else report, on_error))


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def tar(path, members):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content.encode())
            archive.addfile(member, io.BytesIO(content.encode()))
    return path


@pytest.mark.parametrize("pack", [bytes, lzma.compress, gzip.compress])
def test_gmb(pack, tmp_path):
    name, documents = read(write(tmp_path / "x", pack(GMB.encode())))
    assert name == "gmb"
    assert shown(documents) == ["The rebels held {geo Goma}.", "{per Mr. Said} left"]


def test_uner(tmp_path):
    name, documents = read(write(tmp_path / "x.iob2", UNER * 2))
    assert name == "uner"
    assert shown(documents)[0] == "He left {LOC Goma-town}, {PER Joe}."
    assert documents[0].id == "a-1"


def test_worldwide(tmp_path):
    report = Report()
    name, documents = read(tar(tmp_path / "x.tgz", {"p/one.txt.tsv": ARTICLE}), report)
    assert name == "worldwide"
    assert shown(documents) == ["The {Organization Goma Times} said"]
    assert report.dropped == {"nested in another name": 1}
    write(tmp_path / "one.txt.tsv", ARTICLE)
    assert read(tmp_path) == (name, documents)


@pytest.mark.parametrize("content", [json.dumps(WIKIEVENTS) + "\n", json.dumps([WIKIEVENTS], indent=1)])
def test_wikievents(content, tmp_path):
    name, [document] = read(write(tmp_path / "x", content))
    assert name == "wikievents"
    assert shown([document]) == ["{PER Rebels} hit {GPE Goma}-town.{PER They} left."]
    assert document.events == ("Conflict.Attack",)
    assert document.meta["event_mentions"] == WIKIEVENTS["event_mentions"]


def test_muc_gtt(tmp_path):
    report = Report()
    name, [document] = read(write(tmp_path / "x.json", json.dumps(GTT)), report)
    assert name == "muc-gtt"
    assert shown([document]) == [
        "{PerpInd guerrillas} attacked a {Target bridge}.  {Victim juan perez} told the {PerpInd guerrillas}."
    ]
    assert document.events == ("attack",)
    assert document.meta["templates"] == GTT["templates"]
    assert report.dropped == {"words of a key that are not in the text": 1}


def test_muc(tmp_path):
    report = Report()
    path = tar(tmp_path / "x.tar.gz", {"muc34/key-tst9.v1": KEY, "muc34/tst9-muc4": REPORTS})
    name, documents = read(path, report)
    assert name == "muc"
    assert shown(documents) == [
        "{PERP_INDIVIDUAL GUERRILLAS} KILLED {HUM_TARGET_DESCRIPTION SEVEN FARMERS} ON THE "
        "{PHYS_TARGET BRIDGE} OF {LOCATION SAN FELIX}.",
        "ALL SLEPT.",
    ]
    assert [document.events for document in documents] == [("BOMBING",), ()]
    assert documents[0].meta["incidents"][0]["INCIDENT: DATE"] == ["30 DEC 89"]
    assert documents[1].meta["incidents"] == []
    assert report.dropped == {"words of a key that are not in the text": 1, "overlaps a longer span": 1}
    without = {"muc34/key-tst9.v1": KEY.replace('"SEVEN FARMERS"', ""), "muc34/tst9-muc4": REPORTS}
    _, documents = read(tar(tmp_path / "x.tar.gz", without))
    assert "{HUM_TARGET_DESCRIPTION:DEATH/INJURY FARMERS}" in shown(documents)[0]


def test_re3d_keeps_the_confidence_and_prefers_it(tmp_path):
    text = "Red Front took the city of Homs in Syria."
    (tmp_path / "One").mkdir()
    write(tmp_path / "One" / "documents.json", json.dumps({"_id": "d", "text": text, "title": "T", "x": 1}))
    entities = [
        {"documentId": "d", "begin": begin, "end": end, "type": kind, "confidence": confidence}
        for begin, end, kind, confidence in (
            (0, 9, "Organisation", 0.98),
            (0, 9, "Person", 0.02),
            (0, 14, "Organisation", 0.1),
            (15, 31, "Location", 1),
            (27, 31, "Location", 0.9),
            (35, 40, "Location", 0.3),
        )
    ]
    write(tmp_path / "One" / "entities.json", "".join(json.dumps(entity) + "\n" for entity in entities))
    report = Report()
    name, [document] = read(tmp_path, report)
    assert name == "re3d"
    assert shown([document]) == [
        "{Organisation 0.98 Red Front} took {Location 1 the city of Homs} in {Location 0.3 Syria}."
    ]
    assert document.meta == {"source": "re3d", "title": "T"}
    assert report.dropped == {"overlaps a span of higher confidence": 2, "overlaps a longer span": 1}


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        (GMB.replace("B-geo", "B-city"), 1, "'B-city' in this sentence is no tag of this set"),
        (GMB.replace("left\tO", "left"), 9, "1 column in 'left'"),
        (json.dumps(WIKIEVENTS) + "\n{\n", 2, "not JSON"),
        (json.dumps(WIKIEVENTS | {"doc_id": 3}), 1, "'doc_id' must be a string"),
        (json.dumps(WIKIEVENTS | {"text": "Other."}), 1, "document 'd' has no sentences that could be read"),
        (json.dumps(WIKIEVENTS | {"entity_mentions": [{"start": 3}]}), 1, "{'start': 3} is no mention"),
        (json.dumps(WIKIEVENTS | {"event_mentions": [1]}), 1, "'event_mentions' must be objects"),
        (json.dumps(GTT | {"templates": [{}]}), 1, "is no line of the GTT split"),
    ],
)
def test_bad_records_stop_with_file_and_line_or_are_skipped(content, line, problem, tmp_path):
    path = write(tmp_path / "x", content)
    name = detect_format(path).name if "city" not in content else "gmb"
    with pytest.raises(DataError) as caught:
        list(FORMATS[name].read(path, Report()))
    assert (caught.value.source, caught.value.line) == (str(path), line)
    assert problem in caught.value.reason
    errors = []
    assert len(list(FORMATS[name].read(path, Report(), errors.append))) == content.count("\n\n") - (
        name == "gmb"
    ) + ("not JSON" in problem)
    assert len(errors) == 1


def test_entities_outside_of_their_text_are_told(tmp_path):
    write(tmp_path / "documents.json", json.dumps({"_id": "d", "text": "Short."}))
    bad = [{"begin": 0, "end": 70}, {"begin": 5, "end": 5}, {"begin": 0, "end": 5, "confidence": 2}]
    entities = [{"documentId": "d", "type": "Person", "confidence": 1} | entity for entity in bad]
    write(tmp_path / "entities.json", "".join(json.dumps(entity) + "\n" for entity in entities))
    errors = []
    [document] = FORMATS["re3d"].read(tmp_path, Report(), errors.append)
    assert document.spans == ()
    assert [str(error).partition(str(tmp_path))[2].split(",")[0] for error in errors] == [
        "/entities.json:2: is no entity of this set: begin and end are offsets",
        "/entities.json:3: is no entity of this set: begin and end are offsets",
        "/documents.json:1: has 1 entities outside the text of 'd'",
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"word\n",
        b"\x00\xff\x13" * 200,
        b"The\tO\nrebels\tO\nheld\tO\nGoma\tB-LOCATION\n\n",
        b"a\tB-per\nb\tB-org\nc\tO\n\n",
        b'{"id": "a", "text": "b"}\n',
        lzma.compress(b"word\n"),
        lzma.compress(GMB.encode())[:20],
        gzip.compress(bytes(1000), mtime=0),
        b"PK\x03\x04" + bytes(100),
    ],
)
def test_other_files_are_taken_for_no_set(content, tmp_path):
    path = write(tmp_path / "x.txt", content)
    try:
        name = detect_format(path).name
    except DataError:
        return
    assert name not in public_sets()


@pytest.mark.parametrize("name", public_sets())
def test_sets_are_only_read(name):
    form = FORMATS[name]
    assert form.write is None
    assert form.holds


#: Set -> its file, documents, and spans as the set marks them that are kept.
PUBLISHED = {
    "muc": ("muc34/muc34.tar.gz", 1700, 10814),
    "muc-gtt": ("muc34/gtt-dev.json.xz", 200, 818),
    "re3d": ("re3d/original", 98, 3605),
    "uner": ("uner-ewt/dev.iob2.xz", 2001, 966),
    "wikievents": ("wikievents/dev.jsonl.xz", 20, 2256),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_files_are_converted(name, shared, tmp_path):
    file, documents, spans = PUBLISHED[name]
    path = shared / "data" / "public" / file
    if not path.exists():
        pytest.skip(f"{path} is not there")
    done = convert(path, tmp_path / "out.jsonl")
    assert done.source.name == name
    assert (done.report.documents, done.report.kept.total()) == (documents, spans)
    assert set(done.report.kept) <= set(public_set(name).labels)
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8").count("\n") == documents
