"""Exports of incidents: every format, what its columns hold, and what stays empty."""

import csv
import io
import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import ConflictnerError, DataError, Span
from conflictner.inference.incidents import Report, export, find_incidents, incidents_frame, read_reports
from conflictner.inference.incidents.acled import ACLED_COLUMNS
from conflictner.inference.incidents.exports import FORMATS
from conflictner.inference.incidents.rows import ROW_COLUMNS
from conflictner.inference.incidents.sides import civilian_deaths, sides
from conflictner.inference.incidents.ucdp import UCDP_COLUMNS, grid_cell
from conflictner.inference.normalise.places import Place

TEXT = (
    "Rebels ambushed an army patrol in Goma on Monday with rifles, killing 12 soldiers and two boys, police "
    "said."
)
SPANS = (
    ("Rebels", "ACTOR", "agent"),
    ("army patrol", "ACTOR", "target"),
    ("Goma", "LOCATION", None),
    ("rifles", "WEAPON", None),
    ("12 soldiers", "CASUALTY", "killed"),
    ("two boys", "CASUALTY", "killed"),
    ("police", "ACTOR", "source"),
)
GOMA = {
    "status": "resolved", "reason": "only", "confidence": 1.0, "name": "Goma", "kind": "place",
    "country": "CD", "country_alpha3": "COD", "country_name": "Democratic Republic of the Congo",
    "admin1": "CD.11",
    "admin1_name": "Nord Kivu", "latitude": -1.67409, "longitude": 29.22845, "geonames_id": 216281,
    "precision": 1,
}  # fmt: skip


def make(text=TEXT, spans=SPANS, events=("battle",), published="2024-03-05", name="r1", place=GOMA):
    marked = [
        Span(text.index(words), text.index(words) + len(words), label, value) for words, label, value in spans
    ]
    found = find_incidents(text, marked, events, dict.fromkeys(events, 0.9), published=published)
    places = [
        tuple(Place(item.start, item.end, item.text, **place) for item in incident.places)
        if place
        else tuple(
            replace(item, status="unresolved", latitude=None, longitude=None) for item in incident.places
        )
        for incident in found
    ]
    moved = tuple(replace(item, places=there) for item, there in zip(found, places, strict=True))
    return Report(name, text, date.fromisoformat(published) if published else None, moved)


@pytest.fixture
def report() -> Report:
    return make()


def rows(reports, form):
    return list(csv.DictReader(io.StringIO("".join(export(reports, form)))))


def filled(row):
    return {name: value for name, value in row.items() if value != ""}


def test_acled_columns(report):
    (row,) = rows([report], "csv-acled")
    assert tuple(row) == ACLED_COLUMNS
    assert filled(row) == {
        "event_date": "2024-03-04", "year": "2024", "time_precision": "1",
        "disorder_type": "Political violence", "event_type": "Battles", "sub_event_type": "Armed clash",
        "actor1": "Rebels", "actor2": "army patrol",
        "civilian_targeting": "Civilian targeting", "country": "Democratic Republic of the Congo",
        "admin1": "Nord Kivu", "location": "Goma", "latitude": "-1.67409", "longitude": "29.22845",
        "geo_precision": "1", "source": "police", "notes": TEXT, "fatalities": "14", "document": "r1",
        "incident": "1", "date_text": "Monday", "date_last": "2024-03-04", "killed_low": "14",
        "killed_high": "14", "weapons": "rifles", "places": "Goma", "country_alpha3": "COD",
        "event_score": "0.9", "start": "0", "end": str(len(TEXT)),
        "offsets": f"0-{len(TEXT)}",
    }  # fmt: skip


def test_ucdp_columns(report):
    (row,) = rows([report], "csv-ucdp")
    assert tuple(row) == UCDP_COLUMNS
    assert filled(row) == {
        "year": "2024", "dyad_name": "Rebels - army patrol", "side_a": "Rebels", "side_b": "army patrol",
        "number_of_sources": "1", "source_article": "r1", "source_date": "2024-03-05",
        "source_original": "police", "where_prec": "1", "where_coordinates": "Goma",
        "where_description": "Goma", "adm_1": "Nord Kivu", "latitude": "-1.67409", "longitude": "29.22845",
        "geom_wkt": "POINT (29.22845 -1.67409)", "priogrid_gid": "127139",
        "country": "Democratic Republic of the Congo", "date_prec": "1", "date_start": "2024-03-04",
        "date_end": "2024-03-04", "deaths_civilians": "2", "deaths_unknown": "12", "best": "14", "high": "14",
        "low": "14", "document": "r1", "incident": "1", "event_type": "battle", "date_text": "Monday",
        "weapons": "rifles", "places": "Goma", "country_alpha3": "COD", "event_score": "0.9", "start": "0",
        "end": str(len(TEXT)), "offsets": f"0-{len(TEXT)}", "text": TEXT,
    }  # fmt: skip


def test_what_is_not_known_stays_empty():
    spans = [("Goma", "LOCATION", None), ("Two people", "CASUALTY", "killed")]
    bare = make("Two people died in Goma.", spans, events=("violence",), published=None, place=None)
    (acled,), (ucdp,) = rows([bare], "csv-acled"), rows([bare], "csv-ucdp")
    for name in ("event_date", "year", "actor1", "country", "latitude", "geo_precision", "source"):
        assert acled[name] == ""
    for name in ("date_start", "side_a", "dyad_name", "geom_wkt", "priogrid_gid", "where_prec", "deaths_a"):
        assert ucdp[name] == ""
    assert (acled["places"], acled["fatalities"], ucdp["type_of_violence"]) == ("Goma", "2", "3")
    feature = json.loads("".join(export([bare], "geojson")))["features"][0]
    assert feature["geometry"] is None
    assert feature["properties"]["killed_best"] == 2


@pytest.mark.parametrize(
    ("text", "spans", "event", "sub_event"),
    [
        ("Planes bombed Goma in airstrikes.", [("Planes", "WEAPON", None), ("Goma", "LOCATION", None)],
         "explosion", "Air/drone strike"),
        ("Rebels shelled Goma.", [("Rebels", "ACTOR", "agent"), ("Goma", "LOCATION", None)],
         "explosion", "Shelling/artillery/missile attack"),
        ("A mine killed two in Goma.", [("mine", "WEAPON", None), ("Goma", "LOCATION", None)],
         "explosion", "Remote explosive/landmine/IED"),
        ("Gunmen abducted ten in Goma.", [("Gunmen", "ACTOR", "agent"), ("Goma", "LOCATION", None)],
         "violence", "Abduction/forced disappearance"),
        ("Workers marched in Goma.", [("Workers", "ACTOR", "other"), ("Goma", "LOCATION", None)],
         "protest", "Peaceful protest"),
        ("Police fired on marchers in Goma.", [("Police", "ACTOR", "agent"), ("marchers", "ACTOR", "target")],
         "protest", "Protest with intervention"),
        ("Police fired on a march in Goma, killing two.",
         [("Police", "ACTOR", "agent"), ("two", "CASUALTY", "killed")],
         "protest", "Excessive force against protesters"),
        ("Rebels took control of Goma.", [("Rebels", "ACTOR", "agent"), ("Goma", "LOCATION", None)],
         "battle", "Non-state actor overtakes territory"),
        ("A mob burned shops in Goma.", [("mob", "ACTOR", "agent"), ("Goma", "LOCATION", None)],
         "riot", "Mob violence"),
        ("Men murdered two in Goma.", [("two", "CASUALTY", "killed"), ("Goma", "LOCATION", None)],
         "violence", "Attack"),
    ],
)  # fmt: skip
def test_sub_event_types(text, spans, event, sub_event):
    (row,) = rows([make(text, spans, (event,))], "csv-acled")
    assert row["sub_event_type"] == sub_event


@pytest.mark.parametrize(
    ("text", "spans", "event", "expected"),
    [
        # Who bears no arms is "Civilians", and what the text calls them stands beside.
        ("Rebels shelled farmers in Goma.", [("Rebels", "ACTOR", "agent"), ("farmers", "ACTOR", "target")],
         "explosion", ("Rebels", None, "Civilians", "farmers")),
        # Nobody is named: those who were harmed.
        ("Rebels attacked Goma, killing two boys.",
         [("Rebels", "ACTOR", "agent"), ("two boys", "CASUALTY", "killed")],
         "violence", ("Rebels", None, "Civilians", None)),
        ("Rebels attacked Goma; two soldiers and a rebel died.",
         [("Rebels", "ACTOR", "agent"), ("two soldiers", "CASUALTY", "killed"),
          ("a rebel", "CASUALTY", "killed")],
         "battle", ("Rebels", None, "soldiers", None)),
        ("The army, Mai-Mai and M23 fought in Goma.",
         [("army", "ACTOR", "agent"), ("Mai-Mai", "ACTOR", "agent"), ("M23", "ACTOR", "agent")],
         "battle", ("army", "M23", "Mai-Mai", None)),
        # A bare noun that names a side once more; who is of the other side stands there.
        ("Government forces and the army fought M23 rebels in Goma.",
         [(words, "ACTOR", "agent") for words in ("Government forces", "army", "M23 rebels")],
         "battle", ("Government forces", "army", "M23 rebels", None)),
        ("Rebels fought troops of the government in Goma; the army fled.",
         [("Rebels", "ACTOR", "agent"), ("troops", "ACTOR", "target"), ("army", "ACTOR", "agent")],
         "battle", ("Rebels", None, "troops", "army")),
        # A crowd, and the forces that face it.
        ("Police broke up a protest of nurses in Goma; a minister was sorry.",
         [("Police", "ACTOR", "agent"), ("nurses", "ACTOR", "target"), ("minister", "ACTOR", "source")],
         "protest", ("Protesters", "nurses", "Police", None)),
    ],
)  # fmt: skip
def test_the_two_sides(text, spans, event, expected):
    spans = [*spans, ("Goma", "LOCATION", None)]
    (incident,) = make(text, spans, (event,)).incidents
    named = sides(incident)
    beside = (", ".join(named.with_one) or None, ", ".join(named.with_two) or None)
    assert (named.one, beside[0], named.two, beside[1]) == expected
    abroad = sides(incident, "Congo").two
    assert abroad == ("Civilians (Congo)" if named.two == "Civilians" else named.two)


def test_deaths_of_civilians_add_and_parts_do_not():
    first = "Shells killed two farmers and a priest in Goma."
    spans = [("Shells", "WEAPON", None), ("Goma", "LOCATION", None)]
    spans += [(words, "CASUALTY", "killed") for words in ("two farmers", "a priest")]
    (incident,) = make(first, spans, ("explosion",)).incidents
    assert civilian_deaths(incident, "ucdp") == 3
    spans += [(words, "CASUALTY", "killed") for words in ("20 people", "nine children")]
    text = f"{first} In all 20 people died, including nine children."
    (incident,) = make(text, spans, ("explosion",)).incidents
    assert civilian_deaths(incident, "ucdp") == 9


@pytest.mark.parametrize(
    ("words", "precision", "code"),
    [
        ("on 4 March 2024", "1", "1"),
        ("from 3 to 5 March 2024", "2", "2"),
        ("last week", "2", "3"),
        ("in February 2024", "3", "4"),
        ("in 2023", "", "5"),
    ],
)
def test_precision_of_dates(words, precision, code):
    text = f"Rebels shelled Goma {words}."
    spans = [("Rebels", "ACTOR", "agent"), ("Goma", "LOCATION", None)]
    only = make(text, spans, ("explosion",))
    (acled,), (ucdp,) = rows([only], "csv-acled"), rows([only], "csv-ucdp")
    assert (acled["time_precision"], ucdp["date_prec"]) == (precision, code)
    assert bool(acled["event_date"]) == bool(precision)


@pytest.mark.parametrize(
    ("latitude", "longitude", "cell"),
    [(-90, -180, 1), (89.9, 179.9, 259200), (90, 180, 259200), (0, 0, 129961)],
)
def test_grid_cells(latitude, longitude, cell):
    assert grid_cell(latitude, longitude) == cell


def test_json_and_its_lines_load_back(report, tmp_path):
    others = [report, Report("empty", "Nothing.", None, ()), make(name="r2", place=None)]
    path = tmp_path / "incidents.jsonl"
    path.write_text("".join(export(others, "jsonl")), encoding="utf-8")
    assert list(read_reports(path)) == others
    records = json.loads("".join(export(others, "json")))
    assert [Report.from_dict(record) for record in records] == others
    assert json.loads("".join(export([], "json"))) == []


def test_a_line_of_something_else_is_refused_with_its_number(report, tmp_path):
    path = tmp_path / "incidents.jsonl"
    path.write_text("".join(export([report], "jsonl")) + '{"id": "a", "text": "b"}\n', encoding="utf-8")
    with pytest.raises(DataError, match="not the record of a report") as failed:
        list(read_reports(path))
    assert failed.value.line == 2


def test_geojson_has_a_point_an_incident(report):
    collection = json.loads("".join(export([report, report], "geojson")))
    assert collection["type"] == "FeatureCollection"
    assert len(collection["features"]) == 2
    feature = collection["features"][0]
    assert feature["geometry"] == {"type": "Point", "coordinates": [29.22845, -1.67409]}
    assert tuple(feature["properties"]) == ROW_COLUMNS


def test_the_frame_has_a_row_an_incident(report):
    pandas = pytest.importorskip("pandas")
    frame = incidents_frame([report, Report("empty", "Nothing.", None, ())])
    assert isinstance(frame, pandas.DataFrame)
    assert tuple(frame.columns) == ROW_COLUMNS
    assert frame[["document", "killed_best", "agents"]].values.tolist() == [["r1", 14, "Rebels"]]
    assert tuple(incidents_frame([]).columns) == ROW_COLUMNS


def test_a_frame_without_pandas_is_an_error_that_says_what_to_type(monkeypatch, report):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(ConflictnerError, match="pip install pandas"):
        incidents_frame([report])


def test_another_format_is_refused(report):
    with pytest.raises(ConflictnerError, match="accepted are json, jsonl, csv-acled"):
        export([report], "xlsx")


@pytest.mark.parametrize("text", ["=1+1", "+shells", "@here", "-x"])
def test_no_cell_is_a_formula(text):
    (row,) = rows([make(name=text)], "csv-acled")
    assert row["document"] == f"'{text}"
    assert row["latitude"] == "-1.67409"


@given(st.text(st.characters()), st.sampled_from(list(FORMATS)))
def test_any_text_is_written_and_read_as_one_row(noise, form):
    text = f"{TEXT} {noise}"
    odd = make(text, name=noise)
    written = "".join(export([odd], form))
    written.encode("utf-8")
    if form.startswith("csv"):
        assert len(rows([odd], form)) == len(odd.incidents) == 1
    elif form == "jsonl":
        assert Report.from_dict(json.loads(written)) == odd
        assert len(written.splitlines()) == 1
    else:
        json.loads(written)
