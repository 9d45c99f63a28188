"""Incidents of texts in which braces mark the spans."""

import re

import pytest

from conflictner.data import Span
from conflictner.inference.incidents import assembly, find_incidents
from conflictner.inference.normalise.places import Place

KINDS = {
    "AG": ("ACTOR", "agent"),
    "AT": ("ACTOR", "target"),
    "AS": ("ACTOR", "source"),
    "AO": ("ACTOR", "other"),
    "W": ("WEAPON", None),
    "L": ("LOCATION", None),
    "K": ("CASUALTY", "killed"),
    "I": ("CASUALTY", "injured"),
    "C": ("CASUALTY", "captive"),
}
MARK = re.compile(r"\{([A-Z]+) ([^}]*)\}")


@pytest.fixture(scope="module", autouse=True)
def no_gazetteers():
    """Most of it is about grouping, which has to work without places; those tests are quick then."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assembly, "places_note", lambda: "no gazetteers")
        yield


def read(marked):
    """The text and spans of a text in which braces mark spans."""
    text, spans, position = "", [], 0
    for match in MARK.finditer(marked):
        text += marked[position : match.start()]
        spans.append(Span(len(text), len(text) + len(match[2]), *KINDS[match[1]]))
        text += match[2]
        position = match.end()
    return text + marked[position:], spans


def found(marked, *events, **settings):
    text, spans = read(marked)
    return find_incidents(text, spans, events, **settings)


def names(parties):
    return [party.name for party in parties]


def placed(name, kind, country, precision):
    return Place(0, 4, name, "resolved", "only", name=name, kind=kind, country=country, precision=precision,
                 latitude=1.0, longitude=2.0)  # fmt: skip
