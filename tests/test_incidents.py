"""Incidents: which spans belong together, what each field holds, and that nothing in any text breaks it."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import ConflictnerError, DataError, word_offsets
from conflictner.inference.incidents import Incident, Report, find_incidents
from conflictner.inference.incidents.acled import ACLED_COLUMNS, acled_row
from conflictner.inference.incidents.sites import place_key
from conflictner.inference.incidents.ucdp import UCDP_COLUMNS, ucdp_row
from conflictner.inference.normalise.tolls import RULES
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model import DEFAULT_SCHEME

from .marked_incidents import found, names, no_gazetteers, placed, read  # noqa: F401 - one is a fixture


def test_one_incident_has_all_its_fields():
    marked = (
        "{AG Syrian army} {W helicopters} dropped {W barrel bombs} on a market in {L Saraqib}, in {L Idlib}, "
        "on Monday, killing {K at least 14 people}, including {K five children}, {AS Red Crescent} said. The "
        "{AG army} said the report was false."
    )
    text, spans = read(marked)
    (incident,) = find_incidents(text, spans, ["explosion"], {"explosion": 0.93}, published="2024-03-05")
    assert (incident.event_type, incident.event_score) == ("explosion", 0.93)
    assert [text[start:end] for start, end in incident.event_words] == ["dropped", "killing"]
    assert (incident.date.text, incident.date.first) == ("Monday", date(2024, 3, 4))
    (agent,) = incident.agents
    assert [text[start:end] for start, end in agent.mentions] == ["Syrian army", "army"]
    assert names(incident.sources) == ["Red Crescent"]
    assert [weapon.category for weapon in incident.weapons] == ["aircraft", "aerial bomb"]
    assert [place.text for place in incident.places] == ["Saraqib", "Idlib"]
    assert {place.status for place in incident.places} == {"unresolved"}
    assert [figure.raw for figure in incident.casualties] == ["at least 14 people", "five children"]
    assert incident.casualties[1].of_which == (incident.casualties[0].start, incident.casualties[0].end)
    assert {claim.source_text for claim in incident.claims} == {"Red Crescent"}
    assert [(toll.status, toll.low, toll.best, toll.high) for toll in incident.tolls] == [
        ("killed", 14, 14, 14)
    ]
    assert [text[start:end] for start, end in incident.sentences] == [
        text[: text.index(" The army")],
        "The army said the report was false.",
    ]


def test_mentions_of_one_party_are_together():
    marked = (
        "The {AG Rapid Support Forces} shelled {L Omdurman}. The {AG RSF} and {AG allied fighters} attacked "
        "{L Omdurman} again; the {AG fighters} looted it. The {AG Movement of Youth} ({AG MY}) joined them."
    )
    (incident,) = found(marked)
    assert [(party.name, len(party.mentions)) for party in incident.agents] == [
        ("Rapid Support Forces", 2),
        ("allied fighters", 2),
        ("Movement of Youth", 2),
    ]


def test_the_rule_of_tolls_is_chosen():
    marked = "{AS Police} said a {W bomb} killed {K 12} in {L Homs}. {AS Doctors} counted {K 15 bodies}."
    best = {rule: found(marked, rule=rule)[0].toll("killed").best for rule in RULES}
    assert best == {"ucdp": 12, "latest": 15, "median": 12, "highest": 15}


def test_who_acts_is_an_agent_where_he_speaks_and_nobody_is_none():
    marked = (
        "{AG Rapid Support Forces} shelled {L Omdurman}. The {AS RSF} denied it. {AS Doctors Inc} said so. "
        "No {AG group} claimed another attack."
    )
    (incident,) = found(marked)
    assert [(party.name, len(party.mentions)) for party in incident.agents] == [("Rapid Support Forces", 2)]
    assert names(incident.sources) == ["Doctors Inc"]


def test_a_claim_stays_with_the_deed_and_who_claims_it_comes_first():
    marked = (
        "A {W bomb} killed {K nine} in {L Kismayo} on Friday. {AG Police} shot {K three men} dead. "
        "{AG Shabab} claimed responsibility on {L Radio Hilal}, saying it had killed {K 20}. It was the "
        "worst attack in the city since May 2021, when {K 30} were killed."
    )
    first, second = found(marked, published="2024-03-06")
    assert names(first.agents) == ["Shabab", "Police"]
    assert [place.text for place in (*first.places, *second.places)] == ["Kismayo", "Kismayo"]
    assert [figure.raw for figure in first.casualties] == ["nine", "three men", "20"]
    assert [figure.raw for figure in second.casualties] == ["30"]


def test_what_is_claimed_besides_is_another_deed():
    marked = (
        "A {W bomb} killed {K nine} in {L Kismayo}. {AG Shabab} claimed responsibility for the attack, "
        "saying {AG fighters} had also shot {K two judges} in {L Baidoa}. {AG Shabab} claimed "
        "responsibility for a {W bomb} that hurt {I six} in {L Merca}."
    )
    assert [(names(incident.agents), incident.places[0].text) for incident in found(marked)] == [
        (["Shabab"], "Kismayo"),
        (["fighters"], "Baidoa"),
        (["Shabab"], "Merca"),
    ]


def test_who_tells_of_his_own_deed_is_an_agent():
    told = (
        "{AS Navy} said on Monday that its {W jets} had struck {L Homs}. {AS Army} said it lost {K two men}."
    )
    (incident,) = found(told)
    assert (names(incident.agents), names(incident.sources)) == (["Navy"], ["Army"])


def test_who_is_named_for_a_quotation_speaks():
    marked = (
        '{AG Fighters} stormed {L Gao}, killing {K nine}. "We hid," said {AG Aminata}. "We will be back," '
        "said {AG fighters} as they left."
    )
    (incident,) = found(marked)
    assert (names(incident.agents), names(incident.sources)) == (["Fighters"], ["Aminata"])


@pytest.mark.parametrize("settings", [{"rule": "mean"}, {"published": "Monday"}])
def test_other_settings_are_refused(settings):
    with pytest.raises(ConflictnerError, match="accepted"):
        found("Nothing.", **settings)


def test_ways_of_writing_a_place():
    assert {
        place_key(text) for text in ("Idlib", "northern Idlib province", "IDLIB", "the city of Idlib")
    } == {"idlib"}


def test_the_place_of_an_incident_is_the_most_precise_in_the_country_named():
    (incident,) = found("{AG Gunmen} killed {K two} in {L Goma}.")
    assert incident.place is None
    mali, gao, palma = (
        placed("Mali", "country", "ML", 6),
        placed("Gao", "place", "ML", 1),
        placed("Gao", "place", "ES", 1),
    )
    values = {name: getattr(incident, name) for name in Incident.__dataclass_fields__}
    assert Incident(**{**values, "places": (mali, palma, gao)}).place == gao
    assert Incident(**{**values, "places": (palma, gao)}).place == palma
    assert Incident(**{**values, "places": (palma, mali)}).place == mali


_WORDS = """Rebels shelled killed 12 people in a Homs Goma , . ; while and in on Monday 4 March 2024 since
    said police bomb two days earlier separate attack ' ( ) 's was toll rose to"""
_PIECES = st.sampled_from([*_WORDS.split(), "\n\n"])


@st.composite
def predictions(draw):
    """Predictions on any text, with any spans on words."""
    text = draw(st.one_of(st.text(st.characters()), st.lists(_PIECES, max_size=40).map(" ".join)))
    spans, position = [], 0
    for start, end in word_offsets(text):
        if start >= position and draw(st.booleans()):
            label = draw(st.sampled_from(DEFAULT_SCHEME.labels))
            value = draw(st.sampled_from((None, *label.values)))
            spans.append(PredictedSpan(start, end, label.name, value, 0.5, text[start:end]))
            position = end
    events = draw(st.lists(st.sampled_from(DEFAULT_SCHEME.events), unique=True))
    scores = draw(st.sampled_from([{}, dict.fromkeys(DEFAULT_SCHEME.events, 0.5)]))
    return Prediction(text, tuple(spans), tuple(events), scores, 1.0)


def offsets_of(incident):
    yield from incident.event_words
    yield from incident.sentences
    for part in (*incident.dates, *incident.weapons, *incident.places, *incident.casualties):
        yield part.start, part.end
    for party in (*incident.agents, *incident.targets, *incident.sources, *incident.others):
        yield from party.mentions
    for claim in incident.claims:
        yield from (piece for piece in (claim.source, claim.verb) if piece is not None)
    for toll in incident.tolls:
        yield from toll.figures


@given(predictions(), st.none() | st.dates(), st.sampled_from(list(RULES)))
def test_any_prediction_gives_valid_incidents_that_load_back(prediction, published, rule):
    incidents = prediction.incidents(published, rule=rule)
    spans = {(span.start, span.end) for span in prediction.spans}
    for incident in incidents:
        for start, end in offsets_of(incident):
            assert 0 <= start < end <= len(prediction.text)
        parties = (*incident.agents, *incident.targets, *incident.sources, *incident.others)
        assert {mention for party in parties for mention in party.mentions} <= spans
        assert all(prediction.text[slice(*party.mentions[0])] == party.name for party in parties)
        figures = {(figure.start, figure.end) for figure in incident.casualties}
        assert {(claim.figure.start, claim.figure.end) for claim in incident.claims} == figures
        assert all(
            toll.low <= toll.best <= toll.high and set(toll.figures) <= figures for toll in incident.tolls
        )
        assert Incident.from_dict(json.loads(json.dumps(incident.to_dict()))) == incident
    counted = [(figure.start, figure.end) for incident in incidents for figure in incident.casualties]
    assert len(counted) == len(set(counted)), "a figure is in two incidents"
    assert prediction.incidents(published, rule=rule) == incidents
    report = Report("r", prediction.text, published, incidents)
    assert Report.from_dict(json.loads(json.dumps(report.to_dict()))) == report
    for number, incident in enumerate(incidents, 1):
        row = ucdp_row(report, number, incident)
        if incident.toll("killed") is not None:
            assert 0 <= row["deaths_civilians"] == row["best"] - row["deaths_unknown"] <= row["best"]
        assert set(row) <= set(UCDP_COLUMNS)
        assert set(acled_row(report, number, incident)) <= set(ACLED_COLUMNS)


@pytest.mark.parametrize(
    "change",
    [
        {"agents": 3},
        {"dates": [{}]},
        {"places": [{"start": 1}]},
        {"more": 1},
        {"event_words": [3]},
        {"event_type": ["battle"]},
        {"sentences": []},
        {"sentences": [["0", 9]]},
        {"weapons": [[]] * 2},
    ],
)
def test_records_of_something_else_are_refused(change):
    (incident,) = found("{AG Gunmen} killed {K two} in {L Goma}.")
    with pytest.raises(DataError):
        Incident.from_dict({**incident.to_dict(), **change})
    with pytest.raises(DataError):
        Incident.from_dict({})
