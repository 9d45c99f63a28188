"""The registry of public sets, and copies of their files compared with it."""

import gzip
import hashlib
import io
import lzma
import re
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conflictner.data import DataError
from conflictner.data.copies import content_sum, find_copies, readable, verify
from conflictner.data.corpora import CORPORA, ORIGINALS
from conflictner.data.corpora.opening import archive_members
from conflictner.data.sources import PublicFile, public_set, public_sets
from conflictner.model import DEFAULT_SCHEME

SETS = list(public_sets().values())
RULES = {"person", "organisation", "place", "weapon", "vehicle", "people", "victim", "none"}
PAGE = Path(__file__).parents[1] / "docs" / "corpora.md"


def test_every_set_has_its_readers_and_no_reader_lacks_a_set():
    assert list(public_sets()) == sorted(CORPORA) == sorted(ORIGINALS)


@pytest.mark.parametrize("public", SETS, ids=lambda public: public.name)
def test_a_set_says_all_that_must_be_known_of_it(public):
    for text in (public.title, public.about, public.licence, public.citation, public.folder):
        assert text == text.strip() != ""
    assert urlsplit(public.homepage).scheme == "https"
    assert set(public.annotated) <= set(DEFAULT_SCHEME.table)
    assert set(public.values.values()) <= set(DEFAULT_SCHEME.table["CASUALTY"])
    assert {file.split for file in public.files} <= {None, "train", "dev", "test"}
    names = [name for file in public.files for name in set(file.names)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("public", SETS, ids=lambda public: public.name)
def test_every_label_has_a_rule_and_a_sentence_on_what_is_lost(public):
    for label, rule in public.labels.items():
        assert rule.rule in RULES
        assert re.fullmatch(r"[A-Z].{15,}\.", rule.loses), (label, rule.loses)
    assert any(rule.rule != "none" for rule in public.labels.values())


@pytest.mark.parametrize("public", SETS, ids=lambda public: public.name)
def test_addresses_are_pinned_or_their_lack_is_explained(public):
    for file in public.files:
        assert re.fullmatch("[0-9a-f]{64}", file.sha256)
        if file.address is None:
            assert file.note
            continue
        assert urlsplit(file.address).scheme == "https"
        assert file.bytes
        if "githubusercontent" in file.address:
            assert re.search("/[0-9a-f]{40}/", file.address)
        else:
            assert "no version" in file.note


def test_the_page_names_every_set_and_rule():
    page = PAGE.read_text(encoding="utf-8")
    for public in SETS:
        assert f"`{public.name}`" in page
        assert public.homepage in page
    for rule in RULES:
        assert f"`{rule}`" in page


def test_an_unknown_set_is_told():
    with pytest.raises(DataError, match=r"'x' is not known; accepted are gmb, muc"):
        public_set("x")


TEXT = b"Goma\tB-geo\n"
SUM = hashlib.sha256(TEXT).hexdigest()


@pytest.mark.parametrize(
    ("ending", "pack"),
    [("", bytes), (".xz", lzma.compress), (".gz", gzip.compress)],
    ids=["plain", "xz", "gz"],
)
def test_a_sum_is_that_of_the_content_however_it_is_packed(ending, pack, tmp_path):
    path = tmp_path / f"gmb-voa.conll{ending}"
    path.write_bytes(pack(TEXT))
    assert content_sum(path) == SUM
    public = replace(public_set("gmb"), files=(PublicFile(("gmb-voa.conll",), SUM),))
    [(file, found)] = find_copies(public, public.files, tmp_path)
    assert found == path
    verify(found, file)


def tar(path, members):
    with tarfile.open(path, "w:xz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def zipped(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def unpacked(path, members):
    for name, content in members.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


@pytest.mark.parametrize("pack", [tar, zipped, unpacked])
def test_archives_and_folders_of_the_same_files_have_the_same_sum(pack, tmp_path):
    members = {"set/b/two.tsv": b"2", "set/one.tsv": b"1", "set/._one.tsv": b"x", "set/README": b"y"}
    lines = "".join(
        f"{hashlib.sha256(c).hexdigest()}  {n}\n" for n, c in (("one.tsv", b"1"), ("two.tsv", b"2"))
    )
    expected = hashlib.sha256(lines.encode()).hexdigest()
    assert content_sum(pack(tmp_path / "a", members), "*.tsv") == expected
    assert content_sum(pack(tmp_path / "b", members | {"set/one.tsv": b"!"}), "*.tsv") != expected


def test_members_of_an_archive_without_a_name_are_left_out(tmp_path):
    path = zipped(tmp_path / "a.zip", {"?": b"1", "one.tsv": b"2"})
    path.write_bytes(path.read_bytes().replace(b"?", b"\0"))
    assert list(archive_members(path)) == [("one.tsv", b"2")]


def test_another_content_is_told_with_both_sums(tmp_path):
    path = tmp_path / "gmb-voa.conll"
    path.write_bytes(TEXT)
    with pytest.raises(
        DataError, match=rf"its sum is {SUM}, that of the release 336a\w+; .* --unverified"
    ) as caught:
        verify(path, public_set("gmb").files[0])
    assert "\n" not in str(caught.value)


def test_copies_are_found_under_other_names_and_in_the_folder_of_the_set(tmp_path):
    public = public_set("uner")
    (tmp_path / "uner-ewt").mkdir()
    for name in ("en_ewt-ud-train.iob2.gz", "dev.iob2", "test.iob2.xz"):
        (tmp_path / "uner-ewt" / name).touch()
    found = list(find_copies(public, public.files, tmp_path))
    assert [path.name for _, path in found] == ["en_ewt-ud-train.iob2.gz", "dev.iob2", "test.iob2.xz"]
    assert list(readable(found).values()) == ["train", "dev", "test"]
    [(file, _)] = find_copies(public, public.files, tmp_path / "uner-ewt" / "dev.iob2")
    assert file.split == "dev"


def test_files_in_folders_are_read_with_their_folders(tmp_path):
    public = public_set("re3d")
    for file in public.files:
        path = tmp_path / file.names[1]
        path.parent.mkdir(exist_ok=True)
        path.touch()
    found = list(find_copies(public, public.files, tmp_path))
    assert len(found) == 14
    folders = readable(found)
    assert len(folders) == 7
    assert tmp_path / "BBC Online" in folders


@pytest.mark.parametrize(
    ("name", "place", "problem"),
    [
        ("uner", "", "holds no train.iob2 of uner, neither plain nor compressed; get it at https://"),
        ("uner", "x", "there is no such file or folder"),
        ("uner", "other.txt", "is no file of uner by its name; accepted are train.iob2, dev.iob2, test.iob2"),
        ("re3d", "other.txt", "is a file; give the folder of re3d"),
    ],
)
def test_copies_that_are_not_there_are_told(name, place, problem, tmp_path):
    (tmp_path / "other.txt").touch()
    public = public_set(name)
    with pytest.raises(DataError) as caught:
        list(find_copies(public, public.files, tmp_path / place))
    assert problem in str(caught.value)


@pytest.mark.parametrize("public", SETS, ids=lambda public: public.name)
def test_published_files_have_the_sums_of_the_registry(public, shared):
    folder = shared / "data" / "public"
    if not (folder / public.folder).is_dir():
        pytest.skip(f"{folder / public.folder} is not there")
    for file, path in find_copies(public, public.files, folder):
        verify(path, file)
