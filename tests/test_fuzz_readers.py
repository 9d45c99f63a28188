"""Every reader on mutated files: a document, or an error of one line; no traceback, hang or memory blow-up.

A few mutations of each run with the other tests. A campaign of 10,000 each, with other seeds:

    CONFLICTNER_FUZZ=10000 CONFLICTNER_FUZZ_SEED=7 pytest tests/test_fuzz_readers.py
"""

import bz2
import gzip
import io
import json
import lzma
import os
import random
import resource
import signal
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from conflictner.data import (
    ConflictnerError,
    DataError,
    Document,
    Span,
    read_conll,
    read_documents,
    read_jsonl,
)
from conflictner.data.corpora import CORPORA, opening
from conflictner.data.formats import FORMATS, Report, detect_format
from conflictner.data.jsonl import to_json_line
from conflictner.data.standoff import Place, attach, detach
from conflictner.data.text_files import read_paragraphs
from conflictner.model import LabelScheme

COUNT = int(os.environ.get("CONFLICTNER_FUZZ", "25"))
SEED = int(os.environ.get("CONFLICTNER_FUZZ_SEED", "1"))
LONGEST = 20.0  # seconds for one file, on a busy machine; all are a few hundred bytes
MOST_MEMORY = 400 << 20  # bytes that all mutations of a reader may add to the process

#: What a file is made of, given to ``change`` before it is packed.
Change = Callable[[bytes], bytes]
Make = Callable[[Change], dict[str, bytes]]
Read = Callable[[Path], object]

RARE = [
    *(
        b"\0",
        b"\r",
        b"\n",
        b"\r\n",
        b"\n\n",
        b"\t",
        b"\t\t",
        b" ",
        b"\xff",
        b"\xfe\xff",
        b"\xef\xbb\xbf",
        b"\x1c",
    ),
    *(
        b"\xc2\x85",
        b"\xe2\x80\xa8",
        b"\xf0\x9f\x92\xa5",
        b"\xcc\x81",
        b"\xed\xa0\x80",
        b'"',
        b"\\",
        b"'",
        b"\\ud800",
    ),
    *(
        b"-1",
        b"0",
        b"1e999",
        b"NaN",
        b"9" * 30,
        b"9" * 5000,
        b"1.5",
        b"true",
        b"null",
        b"[]",
        b"{}",
        b"[" * 3000,
    ),
    *(
        b"{",
        b"}",
        b",",
        b":",
        b"#",
        b"# ",
        b"B-",
        b"I-",
        b"O",
        b"-DOCSTART-",
        b"x" * 3000,
        b" " * 3000,
        b"../",
    ),
    *(b"&a", b"*a", b"!!python/name:os.system", b"---", b"|", b"%"),
]
VALUES = [
    None,
    True,
    -1,
    0,
    7,
    10**30,
    1.5,
    -0.0,
    "",
    " ",
    "x",
    "\ud800",
    "a\nb",
    [],
    {},
    [[]],
    [None],
    {"": 0},
    "O",
]


def mutate(content: bytes, draw: random.Random) -> bytes:
    """Change a file in one to three places, as bytes, lines or JSON."""
    for _ in range(draw.choice((1, 1, 2, 3))):
        kind = draw.randrange(8)
        if kind == 0:
            content = with_json(content, draw)
            continue
        first, last = sorted(draw.randrange(len(content) + 1) for _ in range(2))
        if kind > 3:
            last = min(last, first + draw.choice((1, 2, 8, 40)))
        piece = content[first:last]
        lines = content.split(b"\n")
        if kind == 1:
            piece = b""
        elif kind == 2:
            piece *= draw.choice((2, 2, 3, 20))
        elif kind == 3:
            draw.shuffle(lines)
            content = b"\n".join(lines[: draw.randrange(len(lines) + 1)])
            continue
        elif kind == 4:
            piece = bytes(byte ^ (1 << draw.randrange(8)) for byte in piece)
        elif kind == 5:
            piece = draw.choice(RARE)
        elif kind == 6:
            piece += draw.choice(RARE)
        else:
            return content[:first]
        content = content[:first] + piece + content[last:]
    return content


def with_json(content: bytes, draw: random.Random) -> bytes:
    """Give a value in the JSON of a line, or of the whole file, another value or another name."""
    whole = draw.random() < 0.5
    lines = [content] if whole else content.split(b"\n")
    index = draw.randrange(len(lines))
    try:
        value = json.loads(lines[index])
    except (ValueError, RecursionError):
        return content
    places = list(containers(value))
    if not places:
        return content
    place = draw.choice(places)
    key = draw.choice(list(place) if isinstance(place, dict) else range(len(place)))
    action = draw.randrange(4)
    if action == 0:
        del place[key]
    elif action == 1 and isinstance(place, dict):
        place[draw.choice(["", "id", "text", "spans", "label", "value"])] = place.pop(key)
    else:
        place[key] = draw.choice(VALUES)
    lines[index] = json.dumps(value).encode()
    return b"\n".join(lines)


def containers(value: object) -> Iterator[list | dict]:
    """Yield the lists and objects in a JSON value that are not empty."""
    if isinstance(value, (list, dict)) and value:
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from containers(item)


DOCUMENTS = [
    Document(
        "a/1",
        "Rebels  shelled Kabul \U0001f4a5 on Monday,\r\nkilling 3.",
        (Span(0, 6, "ACTOR", "agent", 0.5), Span(16, 21, "LOCATION"), Span(44, 45, "CASUALTY", "killed")),
        ("explosion", "battle"),
        {"source": "own", "n": [1, {"b": None}]},
    ),
    Document("b", "Police fired tear gas in Goma.", (Span(25, 29, "LOCATION"),), (), {}),
    Document("c", "Nothing."),
]
GMB = (
    b"The\tO\nrebels\tO\nin\tO\nGoma\tB-geo\ntold\tO\nMr.\tB-per\nSaid\tI-per\n.\tO\n\n"
    b"New\tO\naid\tO\nSudan\tB-gpe\n\n"
)
WORLDWIDE = (
    b"https://news.example/1\tO\n\nThe\tO\nUnion\tB-Organization\tB-NORP\nin\tO\nJuba\tS-Location\n.\tO\n\n"
    b"It\tO\n"
)
UNER = (
    b"# newdoc id = a\n# sent_id = a-1\n# text = He left Goma, Joe.\n1\tHe\tO\t-\t-\n2\tleft\tO\t-\t-\n"
    b"3\tGoma\tB-LOC\t-\tx\n4\t,\tO\t-\t-\n5\tJoe\tB-PER\t-\tx\n6\t.\tO\t-\t-\n\n"
    b"# sent_id = a-2\n1\tUN\tB-O\n\n"
)
TOKENS = ["Rebels", "fired", "a", "rocket", "at", "Goma", ".", "They", "left", "."]
MENTIONS = [
    {"start": start, "end": start + 1, "entity_type": kind, "id": f"d-T{start}"}
    for start, kind in ((0, "PER"), (3, "WEA"), (5, "GPE"), (7, "PER"), (8, "X"))
]
WIKIEVENTS = {
    "doc_id": "d",
    "tokens": TOKENS,
    "text": "Rebels fired a rocket at Goma.They left.",
    "sentences": [[[[t, 0, 0] for t in TOKENS[:7]], "x"], [[[t, 0, 0] for t in TOKENS[7:]], "y"]],
    "entity_mentions": MENTIONS,
    "event_mentions": [
        {"id": "d-E1", "event_type": "Conflict.Attack", "trigger": {"start": 1}, "arguments": []}
    ],
}
WIKIEVENTS_TOKENS = [
    {"doc_id": "d", "tokens": TOKENS, "sents": [TOKENS[:7], TOKENS[7:]], "entity_mentions": MENTIONS}
]
KEY = b"""0.  MESSAGE: ID                     TST9-MUC4-0001 (NCCOSC)
1.  MESSAGE: TEMPLATE               1
3.  INCIDENT: LOCATION              PERU: AYMARA (DEPARTMENT): SAN FELIX (TOWN)
4.  INCIDENT: TYPE                  KIDNAPPING
6.  INCIDENT: INSTRUMENT ID         "DYNAMITE" / "STICK OF DYNAMITE"
                                    ? "PIPE BOMB"
9.  PERP: INDIVIDUAL ID             "GUERRILLAS"
10. PERP: ORGANIZATION ID           "RED \\"FRONT\\""
12. PHYS TGT: ID                    "BRIDGE"
18. HUM TGT: NAME                   "JUAN PEREZ"
19. HUM TGT: DESCRIPTION            "MAYOR": "JUAN PEREZ"
                                    "FARMERS"
23. HUM TGT: EFFECT OF INCIDENT     DEATH: "FARMERS"

0.  MESSAGE: ID                     TST9-MUC4-0002
1.  MESSAGE: TEMPLATE               *
"""
REPORTS = b"""TST9-MUC4-0001 (NOSC)

   LIMA, 3 JAN 90 -- [REPORT] [TEXT] GUERRILLAS OF THE RED "FRONT"
KILLED AT LEAST SEVEN FARMERS WITH DYNAMITE IN SAN FELIX.

   A PIPE BOMB WAS FOUND ON THE BRIDGE. JUAN PEREZ FLED.


TST9-MUC4-0002

   LIMA, 4 JAN 90 -- [TEXT] GUERRILLAS SLEPT.
"""
GTT = {
    "docid": "d",
    "doctext": "guerrillas of the red front attacked a bridge with dynamite.  juan perez fled.",
    "templates": [
        {
            "incident_type": "attack",
            "PerpInd": [[["guerrillas", 0]]],
            "PerpOrg": [[["red front", 18]]],
            "Target": [[["bridge", 40]]],
            "Victim": [[["juan perez", 50]]],
            "Weapon": [[["dynamite", 60]]],
        }
    ],
}
RE3D_TEXT = "The Red Front fired two mortars in the city of Homs.\nWe saw the camp."
RE3D = [
    {"documentId": "d", "begin": begin, "end": end, "type": kind, "confidence": confidence, "value": "x"}
    for begin, end, kind, confidence in (
        *(
            (0, 13, "Organisation", 1),
            (20, 31, "Weapon", 0.98),
            (35, 51, "Location", 1),
            (47, 51, "Location", 0.2),
        ),
        *((4, 7, "Nationality", 0), (53, 55, "Person", 1)),
    )
]


def lines(*records: object) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def plain(name: str, content: bytes) -> Make:
    return lambda change: {name: change(content)}


def packed(name: str, content: bytes, pack: Callable[[bytes], bytes]) -> Make:
    return lambda change: {name: change(pack(change(content)))}


def tarred(name: str, mode: str, members: dict[str, bytes]) -> Make:
    def make(change: Change) -> dict[str, bytes]:
        inner = io.BytesIO()
        with tarfile.open(fileobj=inner, mode="w:") as archive:
            for member_name, content in members.items():
                member = tarfile.TarInfo(member_name)
                changed = change(content)
                member.size = len(changed)
                archive.addfile(member, io.BytesIO(changed))
        pack = gzip.compress if mode == "gz" else lzma.compress
        return {name: change(pack(change(inner.getvalue())))}

    return make


def zipped(name: str, members: dict[str, bytes]) -> Make:
    def make(change: Change) -> dict[str, bytes]:
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
            for member_name, content in members.items():
                archive.writestr(member_name, change(content))
        return {name: change(inner.getvalue())}

    return make


def several(files: dict[str, bytes]) -> Make:
    return lambda change: {name: change(content) for name, content in files.items()}


MUC = {"c/key-tst9.v1": KEY, "c/tst9-muc4": REPORTS, "c/README": b"no"}
ARTICLES = {"p/one.txt.tsv": WORLDWIDE, "p/two.txt.tsv": WORLDWIDE}
RE3D_FILES = {"documents.json": lines({"_id": "d", "text": RE3D_TEXT}), "entities.json": lines(*RE3D)}
#: Name of a seed -> the set, what its reader is given, and what makes it.
SETS: dict[str, tuple[str, str, Make]] = {
    "gmb": ("gmb", "x.conll", plain("x.conll", GMB)),
    "gmb-xz": ("gmb", "x.conll.xz", packed("x.conll.xz", GMB, lzma.compress)),
    "uner": ("uner", "x.iob2", plain("x.iob2", UNER)),
    "uner-gz": ("uner", "x.iob2.gz", packed("x.iob2.gz", UNER, gzip.compress)),
    "wikievents": ("wikievents", "x.jsonl", plain("x.jsonl", lines(WIKIEVENTS, WIKIEVENTS))),
    "wikievents-tokens": ("wikievents", "x.json", plain("x.json", json.dumps(WIKIEVENTS_TOKENS).encode())),
    "muc": ("muc", "muc34.tar.gz", tarred("muc34.tar.gz", "gz", MUC)),
    "muc-folder": ("muc", ".", several({name.removeprefix("c/"): content for name, content in MUC.items()})),
    "muc-gtt": ("muc-gtt", "x.json", plain("x.json", lines(GTT, GTT))),
    "re3d": ("re3d", ".", several(RE3D_FILES)),
    "worldwide": ("worldwide", "x.tar.xz", tarred("x.tar.xz", "xz", ARTICLES)),
    "worldwide-zip": ("worldwide", "x.zip", zipped("x.zip", ARTICLES)),
}  # fmt: skip


def read_format(name: str, path: Path) -> Iterator[object]:
    """Read a file in a format, once ending at an error and once skipping it, and look what format it is."""
    yield from FORMATS[name].read(path, Report(), lambda error: check_error(error))
    yield from FORMATS[name].read(path, Report())


def written(name: str, folder: Path) -> tuple[str, Make]:
    """Write documents in a format; return the name of the file or folder, and what makes it."""
    form = FORMATS[name]
    assert form.write is not None
    target = folder / f"x{form.endings[0] if form.endings else ''}"
    form.write(target, DOCUMENTS, Report())
    if target.is_file():
        return target.name, plain(target.name, target.read_bytes())
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(target.rglob("*"))
        if path.is_file()
    }
    return target.name, several(files)


def check_error(error: Exception) -> None:
    """An error of one line."""
    assert "\n" not in str(error), repr(str(error))
    assert len(str(error)) < 2000, str(error)[:300]


def consume(result: object) -> None:
    """Read to the end; documents are valid and can be written."""
    if not isinstance(result, Iterator):
        return
    for item in result:
        if isinstance(item, Document):
            assert Document.from_dict(item.to_dict()) == item
            to_json_line(item)


@contextmanager
def time_limit() -> Iterator[None]:
    """Interrupt what hangs, where the system can."""

    def stop(number: int, frame: object) -> None:
        raise TimeoutError(f"longer than {LONGEST} s")

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def mutated(make: Make, draw: random.Random | None) -> dict[str, bytes]:
    """Make files of which one piece is mutated, or none without ``draw``."""
    count = 0

    def number(content: bytes) -> bytes:
        nonlocal count
        count += 1
        return content

    files = make(number)
    if draw is None:
        return files
    chosen = draw.randrange(count)
    count = 0
    return make(
        lambda content: mutate(content, draw) if (number(content), count)[1] == chosen + 1 else content
    )


def fuzz(folder: Path, make: Make, target: str, read: Read, count: int = COUNT) -> None:
    """Read mutated files; the first is not changed and must be read."""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(count):
        files = mutated(make, random.Random(f"{SEED}-{number}") if number else None)
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        try:
            with time_limit():
                consume(read(folder / target))
        except ConflictnerError as error:
            check_error(error)
            if not number:
                raise
        except BaseException as error:
            error.add_note(f"mutation {number} of seed {SEED}: {files!r:.3000}")
            raise
        if not number:  # libraries are loaded
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) << 10
    assert grown < MOST_MEMORY


CANONICAL = "".join(to_json_line(document) + "\n" for document in DOCUMENTS).encode()
CONLL = (
    b'# id = a\n# events = ["battle"]\nRebels\tB-ACTOR:agent\nleft\tO\nGoma\tB-LOCATION\n\n'
    b"Aid\tO\ncame\tO\n\n"
)
TEXT = b"Rebels left Goma.\nAid came.\n"
STANDOFF = detach(Document("s", "Rebels left", (Span(0, 6, "ACTOR"),)), Place("t.txt", 1, 1, 0, 11))
LABELS = {"labels": ["A", {"name": "B", "attribute": "kind", "values": ["x", "y"]}], "events": ["e"]}
RECIPE = (Path(__file__).parents[1] / "configs" / "finetune" / "sample.yaml").read_bytes()


def read_recipe(path: Path) -> object:
    from conflictner.training.recipe import load_recipe

    return load_recipe(path)


#: Name of a reader -> what makes its files, what it is given, and the reader.
OWN: dict[str, tuple[Make, str, Read]] = {
    "jsonl": (plain("x.jsonl", CANONICAL), "x.jsonl", read_jsonl),
    "jsonl-skip": (plain("x", CANONICAL), "x", partial(read_jsonl, on_error=check_error)),
    "conll": (plain("x.conll", CONLL), "x.conll", read_conll),
    "conll-skip": (plain("x", CONLL), "x", partial(read_conll, on_error=check_error)),
    "either": (plain("x.txt", CONLL), "x.txt", read_documents),
    "text": (plain("x.txt", TEXT), "x.txt", read_paragraphs),
    "text-xz": (packed("x.txt.xz", TEXT, lzma.compress), "x.txt.xz", read_paragraphs),
    "standoff": (
        several({"a.jsonl": lines(STANDOFF), "t.txt": TEXT}),
        "a.jsonl",
        lambda path: attach(path, path.parent),
    ),
    "labels": (plain("labels.json", lines(LABELS)), "labels.json", LabelScheme.load),
    "recipe": (plain("r.yaml", RECIPE), "r.yaml", read_recipe),
}


@pytest.mark.parametrize("name", OWN)
def test_our_own_files(name, tmp_path):
    make, target, read = OWN[name]
    fuzz(tmp_path, make, target, read)


@pytest.mark.parametrize("name", SETS)
def test_public_sets_as_they_are(name, tmp_path):
    public, target, make = SETS[name]
    fuzz(tmp_path, make, target, lambda path: read_format(public, path))


@pytest.mark.parametrize("name", SETS)
def test_public_sets_with_our_labels(name, tmp_path):
    public, target, make = SETS[name]
    fuzz(tmp_path, make, target, lambda path: CORPORA[public](path, sentences=1))


@pytest.mark.parametrize("name", [form.name for form in FORMATS.values() if form.write is not None])
def test_formats(name, tmp_path):
    try:
        target, make = written(name, tmp_path)
    except ConflictnerError as error:  # a library that is not installed
        pytest.skip(str(error))
    fuzz(tmp_path, make, target, lambda path: read_format(name, path))


def test_formats_are_told_from_anything(tmp_path):
    for name, (_, target, make) in SETS.items():
        fuzz(tmp_path / name, make, target, detect_format, COUNT // 4 + 1)


def test_files_that_unpack_to_more_than_they_should_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "LIMIT", 1 << 20)
    much = bytes(2 << 20)
    tar, zipped_file = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as archive:
        member = tarfile.TarInfo("x.txt.tsv")
        member.size = len(much)
        archive.addfile(member, io.BytesIO(much))
    with zipfile.ZipFile(zipped_file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.txt.tsv", much)
    for name, content in {
        "gmb": lzma.compress(much),
        "uner": gzip.compress(much),
        "muc-gtt": much,
        "worldwide": zipped_file.getvalue(),
        "muc": tar.getvalue(),
        "wikievents": bz2.compress(much),
    }.items():
        (tmp_path / "x").write_bytes(content)
        with pytest.raises(DataError, match="it holds more than 1 MiB"):
            list(CORPORA[name](tmp_path / "x"))
    dictionary = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 29}]
    (tmp_path / "x").write_bytes(lzma.compress(b"x", filters=dictionary))
    with pytest.raises(DataError, match="Memory usage limit"):
        list(CORPORA["gmb"](tmp_path / "x"))


@pytest.mark.parametrize("name", ["gmb", "uner", "wikievents", "worldwide", "muc"])
def test_long_words_and_many_spans_do_not_take_forever(name, tmp_path):
    long, many = b"x" * 60_000, 4_000
    tokens = ["Goma"] * many
    mentions = [{"start": i, "end": i + 1, "entity_type": "GPE"} for i in range(many)]
    content = {
        "gmb": long + b"\tO\n" + b"Goma\tB-geo\n" * many,
        "uner": b"# text = " + long + b"\n" + b"1\tGoma\tB-LOC\n" * many,
        "wikievents": lines(
            {"doc_id": "d", "tokens": tokens, "sents": [tokens], "entity_mentions": mentions}
        ),
    }.get(name)
    if name == "worldwide":
        (tmp_path / "x.txt.tsv").write_bytes(long + b"\tO\n" + b"Goma\tB-Location\n.\tO\n\n" * many)
    elif name == "muc":
        (tmp_path / "key-x").write_bytes(KEY + b'9. PERP: INDIVIDUAL ID  "' + b'\\"' * 60_000 + b"\n")
        (tmp_path / "tst9-muc4").write_bytes(REPORTS + long + b"\nTST9-MUC4-0003\n" + b"GOMA. " * many)
    else:
        (tmp_path / "x").write_bytes(content)
    with time_limit():
        list(CORPORA[name](tmp_path if content is None else tmp_path / "x"))
