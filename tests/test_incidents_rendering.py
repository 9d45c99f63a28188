"""Incidents on the page: their table, and the map where places are resolved."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import Span
from conflictner.inference.incidents import Incident, assembly, find_incidents
from conflictner.inference.normalise.places import Place
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.inference.rendering import html_page
from conflictner.inference.rendering.incident_map import incident_map
from conflictner.inference.rendering.incident_table import incident_table, position
from conflictner.model import DEFAULT_SCHEME

TEXT = "Rebels shelled Goma on 4 March 2024 with mortars, killing 10 to 12 people."
SPANS = (
    ("Rebels", "ACTOR", "agent"),
    ("Goma", "LOCATION", None),
    ("mortars", "WEAPON", None),
    ("10 to 12 people", "CASUALTY", "killed"),
)


@pytest.fixture(scope="module", autouse=True)
def no_gazetteers():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assembly, "places_note", lambda: "no gazetteers")
        yield


def spans():
    return [
        Span(TEXT.index(words), TEXT.index(words) + len(words), label, value) for words, label, value in SPANS
    ]


@pytest.fixture(scope="module")
def incident() -> Incident:
    (found,) = find_incidents(TEXT, spans())
    return found


def at(incident, latitude, longitude, name="Goma"):
    place = Place(15, 19, "Goma", "resolved", "only", name=name, kind="place", country_name="Congo",
                  latitude=latitude, longitude=longitude, precision=1)  # fmt: skip
    return replace(incident, places=(place,))


def test_the_table_tells_what_is_known(incident):
    table = re.sub("<[^>]+>", "|", incident_table([at(incident, -1.68, 29.22)]))
    cells = [cell.strip() for cell in table.split("|") if cell.strip()]
    assert cells[1:7] == ["Incident", "When", "Where", "Who", "With what", "How many"]
    assert cells[7:] == [
        "1 explosion", "4 March 2024", "(2024-03-04)", "Goma", "(1.68 S, 29.22 E, Congo)", "Rebels", "agent",
        "mortars", "artillery and mortar", "10 (10 to 12) killed",
    ]  # fmt: skip
    text = TEXT.replace("10 to 12 people", "dozens")
    spans_of_it = [*spans()[:3], Span(text.index("dozens"), len(text) - 1, "CASUALTY", "killed")]
    assert "at least 24 killed" in incident_table(find_incidents(text, spans_of_it))
    assert "Goma</bdi> (unresolved)" in incident_table([incident])
    assert incident_table([]) == ""


def test_the_map_has_a_dot_a_place_and_needs_no_network(incident):
    here, there = at(incident, -1.68, 29.22), at(incident, -2.5, 28.86, "Bukavu <b>")
    svg = incident_map([here, there, here, incident])
    assert svg.count("<circle") == 2
    assert "1, 3 Goma</text>" in svg
    assert "2 Bukavu &lt;b&gt;</text>" in svg
    assert "°S" in svg
    assert not re.search(r"https?:|href|<image|<script", svg)
    assert incident_map([incident]) == incident_map([]) == ""


@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=6, unique=True))
def test_all_dots_are_on_the_map(points):
    (bare,) = find_incidents(TEXT, spans())
    svg = incident_map([at(bare, *point) for point in points])
    dots = re.findall(r'<circle cx="([-\d.]+)" cy="([-\d.]+)"', svg)
    assert len(dots) == len(points)
    assert all(0 <= float(x) <= 640 and 0 <= float(y) <= 320 for x, y in dots)
    assert len(re.findall(r'class="grid"', svg)) <= 60


def test_points_are_written_as_people_write_them():
    assert position(0, 0) == "0.00 N, 0.00 E"
    assert position(-1.678, -29.2) == "1.68 S, 29.20 W"


def test_the_page_has_both(monkeypatch, incident):
    predicted = tuple(
        PredictedSpan(span.start, span.end, span.label, span.attribute, 0.9, TEXT[span.start : span.end])
        for span in spans()
    )
    prediction = Prediction(TEXT, predicted, ("explosion",), {"explosion": 0.9}, 1.0)
    page = "".join(html_page([("a", prediction)], DEFAULT_SCHEME, model="m"))
    assert '<table class="incidents">' in page
    assert "<svg" not in page
    monkeypatch.setattr(Prediction, "incidents", lambda self: (at(incident, 1.0, 2.0),))
    assert "<svg" in "".join(html_page([("a", prediction)], DEFAULT_SCHEME, model="m"))
