"""``conflictner data fetch``: from copies and from a server on this machine, and what stops it."""

import hashlib
import json
import lzma
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from conflictner.data import DataError, read_jsonl
from conflictner.data import sources as sources_module
from conflictner.data.sources import PublicFile, public_set
from conflictner.inference.command_line.data import app

ROWS = "".join(
    f"{row}\n".replace(" ", "\t") if row else "\n"
    for row in (
        *("The O", "army O", "left O", "Goma B-geo", ". O", ""),
        *("Hamas B-org", "left O", ". O", ""),
    )
)
DEV = "1\tHe\tO\n2\tleft\tO\n3\tGoma\tB-LOC\n\n"
TRAIN = "1\tHe\tO\n2\tleft\tO\n3\tHoms\tB-LOC\n\n"


def fetch(*arguments):
    return CliRunner().invoke(app, ["fetch", *map(str, arguments)])


def pinned(content, name, **fields):
    return PublicFile((name,), hashlib.sha256(content.encode()).hexdigest(), len(content.encode()), **fields)


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A registry whose sets gmb and uner are a few lines, and a folder with their copies."""
    sets = {
        "gmb": replace(public_set("gmb"), files=(pinned(ROWS, "gmb-voa.conll", note="No address."),)),
        "uner": replace(
            public_set("uner"),
            files=(pinned(TRAIN, "train.iob2", split="train"), pinned(DEV, "dev.iob2", split="dev")),
        ),
    }
    monkeypatch.setattr(sources_module, "public_sets", lambda: sets)
    folder = tmp_path / "copies"
    (folder / "gmb").mkdir(parents=True)
    (folder / "gmb" / "gmb-voa.conll.xz").write_bytes(lzma.compress(ROWS.encode()))
    (folder / "train.iob2").write_bytes(TRAIN.encode())
    (folder / "dev.iob2").write_bytes(DEV.encode())
    return folder


def test_a_copy_is_verified_and_converted_and_the_licence_printed(small, tmp_path):
    output = tmp_path / "gmb.jsonl"
    result = fetch("gmb", "--from", small, "-o", output)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[1] == f"licence: {public_set('gmb').licence}"
    assert lines[2] == f"cite: {public_set('gmb').citation}"
    assert lines[3:] == [
        "1 file as released (sha256)",
        "2 documents read, 2 passages made",
        "2 spans kept (ACTOR 1, LOCATION 1)",
        "0 of them snapped to word borders, 0 to the guidelines' borders",
        f"{output}: 2 passages",
    ]
    assert [(document.text, [span.label for span in document.spans]) for document in read_jsonl(output)] == [
        ("The army left Goma.", ["LOCATION"]),
        ("Hamas left.", ["ACTOR"]),
    ]


def test_splits_are_chosen_and_told(small, tmp_path):
    output = tmp_path / "uner.jsonl"
    assert fetch("uner", "--from", small, "-o", output).exit_code == 0
    assert [document.meta["split"] for document in read_jsonl(output)] == ["train", "dev"]
    assert fetch("uner", "--from", small, "-o", output, "--split", "dev").exit_code == 0
    [document] = read_jsonl(output)
    assert document.meta == {
        "source": "uner", "document": "0", "annotated": ["LOCATION"], "split": "dev"
    }  # fmt: skip
    assert fetch("uner", "--from", small / "dev.iob2", "-o", output).exit_code == 0
    assert [document.meta["split"] for document in read_jsonl(output)] == ["dev"]


def test_the_output_is_called_after_the_set(small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert fetch("gmb", "--from", small).exit_code == 0
    assert (tmp_path / "gmb.jsonl").is_file()


def test_excluded_passages_are_left_out(small, tmp_path):
    exclude = tmp_path / "test.jsonl"
    exclude.write_text(json.dumps({"id": "x", "text": "Hamas left."}) + "\n")
    result = fetch("gmb", "--from", small, "-o", tmp_path / "out.jsonl", "--exclude", exclude)
    assert "1 passages left out: repeats an excluded document" in result.stdout
    assert len(list(read_jsonl(tmp_path / "out.jsonl"))) == 1


def test_another_release_stops_unless_it_is_asked_for(small, tmp_path):
    (small / "dev.iob2").write_text(DEV + DEV)
    output = tmp_path / "out.jsonl"
    result = fetch("uner", "--from", small, "-o", output)
    assert isinstance(result.exception, DataError)
    assert "dev.iob2: holds something else than the known release" in str(result.exception)
    assert not output.exists()
    result = fetch("uner", "--from", small, "-o", output, "--unverified")
    assert "2 files taken as they are" in result.stdout
    assert len(list(read_jsonl(output))) == 3


@pytest.mark.parametrize(
    ("content", "problem"), [("one\n", "1 column in 'one'"), ("", "nothing is left to write")]
)
def test_what_cannot_be_read_leaves_nothing(content, problem, small, tmp_path):
    (small / "gmb-voa.conll").write_text(content)
    output = tmp_path / "out.jsonl"
    result = fetch("gmb", "--from", small / "gmb-voa.conll", "--unverified", "-o", output)
    assert isinstance(result.exception, DataError)
    assert problem in str(result.exception)
    assert not output.exists()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["x"], "the set 'x' is not known; accepted are gmb, uner"),
        (["uner", "--split", "all"], "uner has no split 'all'; accepted are train, dev"),
        (["gmb", "--split", "dev"], "gmb has no split 'dev'; it has no splits"),
        (["gmb"], "no lasting address is known for gmb-voa.conll of gmb; get it at https://gmb"),
        (["gmb", "--from", "nowhere"], "nowhere: there is no such file or folder"),
    ],
)
def test_mistakes_are_told_in_one_line(arguments, problem, small):
    result = fetch(*arguments)
    assert isinstance(result.exception, DataError)
    assert problem in str(result.exception)
    assert "\n" not in str(result.exception)


def test_a_copy_is_not_kept_once_more(small):
    result = fetch("gmb", "--from", small, "--keep", small)
    assert result.exit_code == 2
    assert "with --from nothing is downloaded" in result.stderr


def test_the_sets_are_listed():
    result = fetch()
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split()[0].rstrip(":") for line in lines] == list(sources_module.public_sets())
    assert "uner [train, dev, test]: " in result.stdout
    assert "(downloaded, but for dev.iob2, test.iob2)" in result.stdout


@pytest.fixture
def server(small):
    """Serves the copies, and knows what was asked for."""
    seen = []

    class Handler(SimpleHTTPRequestHandler):
        def log_request(self, *arguments):
            seen.append(self.path)

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(small)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    public = public_set("uner")
    address = f"http://127.0.0.1:{server.server_port}"
    files = tuple(replace(file, address=f"{address}/{file.name}") for file in public.files)
    sources_module.public_sets()["uner"] = replace(public, files=files)
    yield seen
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_set_is_downloaded_and_nothing_is_left_but_the_output(server, tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    output = tmp_path / "out" / "uner.jsonl"
    output.parent.mkdir()
    result = fetch("uner", "-o", output)
    assert result.exit_code == 0
    assert [document.meta["split"] for document in read_jsonl(output)] == ["train", "dev"]
    assert server == ["/train.iob2", "/dev.iob2"]
    assert result.stderr.count("fetching http://127.0.0.1") == 2
    assert list(temporary.iterdir()) == []
    assert [path.name for path in output.parent.iterdir()] == ["uner.jsonl"]


def test_downloaded_files_can_be_kept_and_are_not_fetched_twice(server, tmp_path):
    keep = tmp_path / "keep"
    for _ in range(2):
        assert fetch("uner", "-o", tmp_path / "out.jsonl", "--keep", keep).exit_code == 0
    assert server == ["/train.iob2", "/dev.iob2"]
    (keep / "dev.iob2").write_text("damaged")
    assert fetch("uner", "-o", tmp_path / "out.jsonl", "--keep", keep).exit_code == 0
    assert server[2:] == ["/dev.iob2"]
    assert (keep / "dev.iob2").read_text() == DEV


@pytest.mark.parametrize("size", [len(DEV), len(DEV) + 1])
def test_a_file_that_was_changed_at_its_address_stops(size, server, small, tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    (small / "dev.iob2").write_bytes(b"x" * size)
    output = tmp_path / "out.jsonl"
    result = fetch("uner", "-o", output)
    assert isinstance(result.exception, DataError)
    assert "holds something else" in str(result.exception) or "was changed" in str(result.exception)
    assert not output.exists()
    assert list(temporary.iterdir()) == []


def test_the_published_sets_are_fetched_from_their_copies(shared, tmp_path):
    folder = shared / "data" / "public"
    if not (folder / "re3d").is_dir():
        pytest.skip(f"{folder / 're3d'} is not there")
    result = fetch("re3d", "--from", folder, "-o", tmp_path / "re3d.jsonl")
    assert result.exit_code == 0
    assert "98 documents read, 349 passages made" in result.stdout
    assert len(list(read_jsonl(tmp_path / "re3d.jsonl"))) == 349
