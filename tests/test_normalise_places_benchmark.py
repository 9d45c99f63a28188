"""The benchmark of places: what it reads, counts and prints."""

import lzma
import tarfile

import pytest
from typer.testing import CliRunner

from conflictner.data.errors import DataError
from conflictner.inference.command_line.commands import app
from conflictner.inference.normalise.gazetteer import Gazetteer
from conflictner.inference.normalise.places_benchmark import (
    SETS,
    GoldPlace,
    country_finder,
    distance,
    read_gold,
    score_places,
)

_LGL = """<articles><article docid="1"><text>Police in Goma, DR Congo, met Goma.</text><toponyms>
<toponym><start>10</start><end>14</end><phrase>Goma</phrase><gaztag><name>Goma</name><lat>-1.67</lat>
<lon>29.23</lon><country geonameid="2">Democratic Republic of the Congo</country></gaztag></toponym>
<toponym><start>16</start><end>24</end><phrase>DR Congo</phrase></toponym></toponyms></article></articles>"""
_GWN = """<articles><article file="0"><text>Rain fell on Nowheretown and Homs.</text><toponyms>
<toponym><extractedName>Nowheretown</extractedName><start>13</start><end>24</end><latitude>1</latitude>
<longitude>2</longitude></toponym><toponym><extractedName>Homs</extractedName><start>29</start><end>33
</end><latitude>34.73</latitude><longitude>36.72</longitude></toponym></toponyms></article></articles>"""
_VIRUS = """<articles><article><text>A case in Tripoli, Lebanon.</text><locations><location>
<name>Tripoli</name><start>11</start><end>18</end><lat>32.9</lat><lon>13.2</lon></location></locations></article></articles>"""


@pytest.fixture
def folder(tmp_path):
    """The four sets, a text each."""
    for name, content in {"LGL": _LGL, "TR-News": _LGL, "GeoWebNews": _GWN, "GeoVirus": _VIRUS}.items():
        (tmp_path / SETS[name]).write_text(content, encoding="utf-8")
    return tmp_path


def test_gold_names_have_their_places_and_countries(folder):
    (text,) = read_gold(folder, "LGL")
    assert text.text.startswith("Police")
    assert text.places == (GoldPlace(10, 14, -1.67, 29.23, "CD"),)


def test_offsets_that_are_off_are_moved_to_the_name(folder):
    (text,) = read_gold(folder, "GeoVirus")
    assert text.places == (GoldPlace(10, 17, 32.9, 13.2, None),)


def test_scores_count_what_is_unresolved_as_wrong(folder):
    country_at = country_finder(Gazetteer.load())
    unknown = score_places(read_gold(folder, "GeoWebNews"), country_at).to_dict()
    assert (unknown["names"], unknown["resolved"], unknown["accuracy_161_km"]) == (2, 0.5, 0.5)
    assert (unknown["accuracy_161_km_of_resolved"], unknown["country_accuracy"]) == (1.0, 0.5)
    wrong = score_places(read_gold(folder, "GeoVirus"), country_at)
    assert (wrong.names, wrong.resolved, wrong.near, wrong.countries) == (1, 1, 0, 0)
    assert wrong.errors[0] == pytest.approx(2100, abs=100)


def test_distances():
    assert distance((0, 0), (0, 180)) == pytest.approx(20015, abs=1)
    assert distance((10, 20), (10, 20)) == 0


def test_the_command_reads_an_archive_and_prints_a_table(folder, tmp_path):
    archive = tmp_path / "sets.tar.xz"
    with tarfile.open(archive, "w:xz") as tar:
        for file in SETS.values():
            tar.add(folder / file, arcname=f"data/{file}")
    result = CliRunner().invoke(app, ["benchmark", "places", str(archive)])
    assert result.exit_code == 0, result.output
    rows = [line.split(" | ") for line in result.output.splitlines()[2:]]
    assert [row[0].strip("| ") for row in rows] == list(SETS)
    assert rows[0][1:7] == ["1", "1", "1.000", "1.000", "1.000", "1.000"]


def test_an_archive_without_the_sets_is_refused(tmp_path):
    (tmp_path / "sets.tar").write_bytes(b"nothing")
    (tmp_path / "cut.tar.xz").write_bytes(lzma.compress(bytes(10_000))[:-20])
    for wrong in (tmp_path / "absent", tmp_path, tmp_path / "sets.tar", tmp_path / "cut.tar.xz"):
        with pytest.raises(DataError, match=r"has no readable lgl\.xml; give the archive"):
            read_gold(wrong, "LGL")


@pytest.mark.parametrize(
    "wrong",
    [
        _LGL.replace("<start>10</start>", "<start>ten</start>"),
        _LGL.replace("-1.67", "nan"),
        _LGL.replace("29.23", "2923"),
        f'<?xml version="1.0" encoding="none-such"?>{_LGL}',
        _LGL[:-10],
    ],
)
def test_a_damaged_set_is_refused(tmp_path, wrong):
    (tmp_path / "lgl.xml").write_text(wrong, encoding="utf-8")
    with pytest.raises(DataError, match=r"has no readable lgl\.xml"):
        read_gold(tmp_path, "LGL")


def test_the_public_sets_are_read_whole(shared):
    archive = shared / "data" / "public" / "geoparsing" / "geoparsing.tar.xz"
    if not archive.is_file():
        pytest.skip(f"{archive} is not there")
    gold = {name: read_gold(archive, name) for name in SETS}
    assert {name: sum(len(text.places) for text in texts) for name, texts in gold.items()} == {
        "LGL": 4462,
        "TR-News": 1275,
        "GeoWebNews": 2599,
        "GeoVirus": 2169,
    }
    country_at = country_finder(Gazetteer.load())
    sample = score_places(gold["TR-News"][::4], country_at).to_dict()
    assert sample["accuracy_161_km"] > 0.85
    assert sample["country_accuracy"] > 0.85
