"""Downloads from a server on this machine that behaves well, badly and worse."""

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conflictner.data import DataError
from conflictner.data import downloads as downloads_module
from conflictner.data.downloads import download

CONTENT = bytes(range(256)) * 1000


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT in as many ways as there are paths; ``server.seen`` has what was asked for."""

    def do_GET(self):
        wanted = self.headers.get("Range")
        self.server.seen.append(wanted)
        begin = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        getattr(self, f"serve_{self.path[1:]}")(begin)

    def answer(self, status, begin=0, stop=None, **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(CONTENT) - begin))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(CONTENT[begin:stop])

    def serve_whole(self, begin):
        self.answer(200)

    def serve_cut(self, begin):
        self.answer(206 if begin else 200, begin, begin + 100_000)

    def serve_cut_without_ranges(self, begin):
        self.answer(200, 0, 100_000 * len(self.server.seen))

    def serve_always_cut(self, begin):
        self.answer(200, 0, 1000)

    def serve_busy(self, begin):
        self.answer(503 if len(self.server.seen) < 3 else 200)

    def serve_gone(self, begin):
        self.send_error(404)

    def serve_moved(self, begin):
        self.answer(302, len(CONTENT), Location="/whole")

    def serve_moved_to_a_file(self, begin):
        self.answer(302, len(CONTENT), Location="file:///etc/hostname")

    def serve_endless(self, begin):
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(CONTENT)

    def serve_nonsense(self, begin):
        self.wfile.write(b"\x00\xff nonsense\r\n\r\n")

    def serve_silence(self, begin):
        self.server.over.wait(10)

    def log_message(self, *arguments):
        pass

    def handle(self):
        with contextlib.suppress(OSError):  # the other side has seen enough
            super().handle()


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen = []
    server.over = threading.Event()
    server.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "ranges"),
    [
        ("whole", [None]),
        ("moved", [None, None]),
        ("busy", [None, None, None]),
        ("cut", [None, "bytes=100000-", "bytes=200000-"]),
        ("cut_without_ranges", [None, "bytes=100000-", "bytes=200000-"]),
    ],
)
def test_a_file_arrives_whole_whatever_happens_on_the_way(path, ranges, server, tmp_path):
    target = tmp_path / "new" / "file"
    download(f"{server.address}/{path}", target, len(CONTENT), pause=0)
    assert target.read_bytes() == CONTENT
    assert [item.name for item in target.parent.iterdir()] == ["file"]
    assert server.seen == ranges


@pytest.mark.parametrize(
    ("path", "size", "problem"),
    [
        ("gone", None, "cannot be fetched (HTTP Error 404: Not Found); get it by hand"),
        ("always_cut", None, "(the connection ended after 1,000 of 256,000 bytes); try again later"),
        ("moved_to_a_file", None, "cannot be fetched ("),
        ("nonsense", None, "cannot be fetched ("),
        ("whole", 255_999, "bytes, the known release 255,999; it was changed"),
        ("whole", 256_001, "has 256,000 bytes, the known release 256,001; it was changed"),
        ("endless", 256_000, "bytes, the known release 256,000; it was changed"),
        ("endless", None, "holds more than"),
    ],
)
def test_nothing_is_left_of_a_file_that_cannot_be_fetched(path, size, problem, server, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads_module, "LIMIT", 3_000_000)
    with pytest.raises(DataError) as caught:
        download(f"{server.address}/{path}", tmp_path / "file", size, pause=0)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_silent_server_is_not_waited_for(server, tmp_path):
    with pytest.raises(DataError, match="timed out"):
        download(f"{server.address}/silence", tmp_path / "file", pause=0, tries=1, timeout=0.1)


def test_a_file_that_is_there_stays_when_the_new_one_cannot_be_fetched(server, tmp_path):
    (tmp_path / "file").write_text("old")
    with pytest.raises(DataError):
        download(f"{server.address}/gone", tmp_path / "file")
    assert (tmp_path / "file").read_text() == "old"


@pytest.mark.parametrize(
    "address", ["file:///etc/hostname", "ftp://127.0.0.1/x", "/etc/hostname", "data:,x", ""]
)
def test_other_addresses_are_refused(address, tmp_path):
    with pytest.raises(DataError, match="is not one of http or https"):
        download(address, tmp_path / "file")


def test_a_folder_that_cannot_be_written_is_told(server, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot be written"):
        download(f"{server.address}/whole", tmp_path / "file" / "x")
