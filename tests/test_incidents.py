"""Incidents: which spans belong together, what each field holds, and that nothing in any text breaks it."""

import json
import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import ConflictnerError, DataError, Span, word_offsets
from conflictner.inference.incidents import Incident, Report, assembly, find_incidents
from conflictner.inference.incidents.acled import ACLED_COLUMNS, acled_row
from conflictner.inference.incidents.event_words import HARM, find_event_words
from conflictner.inference.incidents.sites import place_key
from conflictner.inference.incidents.ucdp import UCDP_COLUMNS, ucdp_row
from conflictner.inference.normalise.places import Place
from conflictner.inference.normalise.tolls import RULES
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model import DEFAULT_SCHEME

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


@pytest.mark.parametrize(
    ("marked", "places"),
    [
        # Another place, another incident; back to the first one.
        (
            "{AG Rebels} shelled {L Rastan}. A {W bomb} killed {K two people} in {L Homs}. The shelling of "
            "{L Rastan} killed {K three}.",
            [["Rastan", "Rastan"], ["Homs"]],
        ),
        # A place that lies in the other.
        (
            "{AG Rebels} shelled {L Atareb}, in {L Aleppo}. {K Three} died in {L Aleppo}.",
            [["Atareb", "Aleppo", "Aleppo"]],
        ),
        # What lies in one country need not be one place.
        (
            "{AG Gunmen} killed {K two} in {L Mali}'s central {L Mopti region}. {AG Troops} shot {K a man} "
            "in {L Kidal}, {L Mali}.",
            [["Mali", "Mopti region"], ["Kidal", "Mali"]],
        ),
        # A larger area may hold any place.
        (
            "Clashes shook {L northern Mali}. {K Nine} were killed near {L Gossi}.",
            [["northern Mali", "Gossi"]],
        ),
        # One sentence, two incidents.
        (
            "{W Shells} killed {K four} in {L Qara}, while {I nine} were hurt in clashes in {L Tell Amer}.",
            [["Qara"], ["Tell Amer"]],
        ),
        (
            "{W Shells} killed {K four} in {L Qara}; {AG gunmen} shot {K a man} in {L Homs}.",
            [["Qara"], ["Homs"]],
        ),
        # One sentence, one incident.
        ("{W Shells} killed {K four} in {L Qara} and {L Homs}; {I nine} were hurt.", [["Qara", "Homs"]]),
        # It says so.
        (
            "A {W bomb} killed {K four} in {L Qara}. In a separate attack, {AG gunmen} killed {K two men}.",
            [["Qara"], []],
        ),
        # A place between two others is in neither alone.
        (
            "{W Shells} killed {K two} at {L Adre}, between {L Chad} and {L Sudan}. {AG Gunmen} shot "
            "{K a man} in {L Kutum}, {L Sudan}.",
            [["Adre", "Chad", "Sudan"], ["Kutum", "Sudan"]],
        ),
        # Where somebody comes from is not where he is.
        (
            "{AG Gunmen} killed {K two} in {L Gao}. {L Chad}'s {AG army} shelled them, killing {K nine}.",
            [["Gao", "Chad"]],
        ),
        # One more of something is something else, unless it is at the same place.
        (
            "{W Shells} killed {K two} in {L northern Mali}. Hours later, a third {W shell} killed "
            "{K four} in {L Gao}, {L northern Mali}.",
            [["northern Mali"], ["Gao", "northern Mali"]],
        ),
        ("A {W shell} killed {K two} in {L Gao}. A second {W shell} hit {L Gao}.", [["Gao", "Gao"]]),
        ("A {W shell} killed {K two} in {L Gao}. A second blast at the same shop hurt {I two}.", [["Gao"]]),
        # A headline belongs to what follows.
        (
            "{K TEN} DIE IN {L HOMS} BLAST\n\nA {W bomb} killed {K ten} in the {L old city}.",
            [["HOMS", "old city"]],
        ),
    ],
)
def test_places_and_words_part_incidents(marked, places):
    assert [[place.text for place in incident.places] for incident in found(marked)] == places


def test_the_town_is_that_named_before():
    marked = "{AG Rebels} stormed {L Ménaka} on Monday. {AG Troops} retook the town on Friday."
    first, second = found(marked, published="2024-03-09")
    assert [place.text for place in second.places] == [place.text for place in first.places] == ["Ménaka"]
    assert second.sentences[0][0] > first.sentences[-1][1]
    elsewhere = marked.replace("the town", "hills, killing {K two}")
    first, second = found(elsewhere, published="2024-03-09")
    assert (len(first.places), second.places) == (1, ())


def test_the_day_of_a_dateline_is_that_of_the_report():
    marked = "{L GAO}, {L Mali} | 12 March 2024 | {AG Gunmen} killed {K two} near {L Bamba} on Sunday."
    (incident,) = found(marked, published="2024-03-12")
    assert [(date.text, str(date.first)) for date in incident.dates] == [("Sunday", "2024-03-10")]


def test_dates_part_incidents():
    marked = (
        "{AG Gunmen} killed {K nine} in {L Sévaré} on Sunday. It was the worst attack since September, when "
        "{AG militants} killed {K 50} in {L Sévaré}. {AG Gunmen} fled."
    )
    first, second = found(marked, published="2024-03-06")
    assert (first.toll("killed").best, second.toll("killed").best) == (9, 50)
    assert str(second.date.last) == "2023-09-30"
    unresolved = found(marked)
    assert [incident.date.text for incident in unresolved] == ["Sunday", "September"]
    assert {incident.date.reason for incident in unresolved} == {
        "relative, and the day of publication is not given"
    }


@pytest.mark.parametrize(
    ("marked", "known"),
    [
        ("An air strike on a hospital in {L Idlib} killed {K three doctors}.", True),
        ("The explosions hurt {K 264}.", True),
        ("The blast shook {L Neiva} on Monday.", True),
        ("The blast shook {L Neiva}.", False),
        ("{K Three} fell from a roof.", False),
    ],
)
def test_what_happened_needs_two_things_that_are_known_of_it(marked, known):
    assert bool(found(marked, "explosion", published="2024-03-06")) is known


def test_who_dies_of_it_later_dies_of_the_same():
    marked = "A {W mine} killed {K four men} near {L Afrin} on Monday. {K Two more} died of their wounds."
    (incident,) = found(marked, published="2024-03-06")
    assert incident.toll("killed").best == 6
    assert str(incident.date.first) == "2024-03-04"


def test_what_has_no_date_is_not_from_long_before():
    marked = (
        "{AG Gunmen} killed {K nine} in {L Gao} on 3 May 2024. {AG Rebels} shelled {L Bamba}. {AG Soldiers} "
        "came there on 7 June 2021. {AG Rebels} had killed {K 40} in {L Bamba} on 2 June 2021."
    )
    told = [(names(incident.agents), len(incident.places)) for incident in found(marked)]
    assert told == [(["Gunmen"], 1), (["Rebels"], 1), (["Rebels"], 1)]
    lately = marked.replace("2021", "2024")
    assert [names(incident.agents) for incident in found(lately)] == [["Gunmen"], ["Rebels", "Soldiers"]]


@pytest.mark.parametrize(
    ("marked", "places"),
    [
        (
            "{AG Gunmen} killed {K two} near {L Goma}. {I Ten} were taken to hospitals in {L Kigali}.",
            ["Goma"],
        ),
        ("Doctors at a hospital in {L Bunia} said {AG rebels} killed {K two} in {L Komanda}.", ["Komanda"]),
        (
            "{AG Troops} shot {K two} in {L Jenin}, the {AS health ministry} in {L Ramallah} said.",
            ["Jenin"],
        ),
        ("{AG Planes} bombed a hospital in {L Idlib}, killing {K two}.", ["Idlib"]),
        ("{AG Planes} from {L Khmeimim} bombed {L Sarmin}.", ["Sarmin"]),
        ("A {W bomb} hurt {I two} in {L Lamu}, {L Kenya}'s {AS interior minister} said.", ["Lamu"]),
        ("{L BAMAKO}, March 3 (XX) -- {AG Gunmen} killed {K two} in {L Gao}.", ["Gao"]),
        ("{L BAMAKO}, {L Mali}, 3 MARCH 2024 (Our Wire) - {AG Gunmen} killed {K two} in {L Gao}.", ["Gao"]),
        ("{L Bamako}, {L Mali} | March 3 | {AG Gunmen} killed {K two} in {L Gao}.", ["Gao"]),
        ("{L BAMAKO}: {AG Gunmen} killed {K two} in {L Gao}.", ["Gao"]),
        ("{L BAMAKO}, {L Mali} -- {AG Gunmen} killed {K two} in the city.", ["BAMAKO", "Mali"]),
        ("{L BAMAKO} -- It rained.\n\n{AG Gunmen} killed {K two} in the Malian capital.", ["BAMAKO"]),
        ("{L BAMAKO} -- {AG Gunmen} killed {K two} in the Malian capital's suburb of {L Kati}.", ["Kati"]),
        ("In {L Gao}, {L Mali} - so far calm - {AG gunmen} killed {K two}.", ["Gao", "Mali"]),
        ("{AG Gunmen} killed {K two} 30 km north of {L Gao}.", ["Gao"]),
        ("{AG Gunmen} killed {K two} some 12 kilometres (7 miles) from {L Gao}.", ["Gao"]),
        ("{AG Gunmen} killed {K two} in {L Bamba}, a village 30 km from {L Gao}.", ["Bamba"]),
        ("{AG Gunmen} left {L Bamba}, killing {K two} of 30 farmers of {L Gao}.", ["Bamba", "Gao"]),
        (
            "Clashes near {L Gao} came a day after {AO mediators} in {L Geneva} announced a truce.",
            ["Gao"],
        ),
        (
            "A {W mine} hurt {I two} near {L Ica}, in {L Peru}'s {L Ica region}.",
            ["Ica", "Peru", "Ica region"],
        ),
    ],
)
def test_not_every_place_is_where_it_happened(marked, places):
    (incident,) = found(marked)
    assert [place.text for place in incident.places] == places


@pytest.mark.parametrize(
    ("marked", "events"),
    [
        ("The war has killed {K more than 3,000 people} in {L Sudan} since April.", ()),
        ("Since April, {AG rebels} have killed {K 300 people} in {L Gao}.", ()),
        ("{AO Morocco} beat {AO Belgium} in {L Doha}.", ()),
        ("{AG Rebels} threatened to attack {L Goma}.", ()),
        ("Nothing happened in {L Goma}.", ()),
        ("An attack was reported.", ("battle",)),
        ("{AO Chad} and {AO Libya} spoke of talks.", ("diplomacy",)),
    ],
)
def test_what_is_no_incident(marked, events):
    assert found(marked, *events) == ()


def test_a_comparison_with_something_earlier_is_cut():
    marked = (
        "{AG Gunmen} ambushed a {AT patrol} in {L Gao}. It was the worst attack on the {AT army} since "
        "March, when {AG rebels} killed {K ten} in {L Ansongo}."
    )
    first, second = found(marked)
    assert (names(first.targets), names(second.targets)) == (["patrol", "army"], [])


@pytest.mark.parametrize(
    ("marked", "types"),
    [
        ("A flood killed {K ten people} in {L Tete}.", []),
        ("A gas explosion killed {K ten people} in {L Tete}. An ice storm hurt {I two} in {L Ica}.", []),
        ("{AG Rebels} shelled {L Tete}.", []),
        ("Landmines killed {K ten people} in {L Tete}. A crash hurt {I two} in {L Ica}.", ["explosion"]),
        ("It raised the toll from Monday's strike on {L Tete} to {K 12}.", ["explosion"]),
        ("{K Ten men} died in an ambush in {L Tete}.", ["battle"]),
    ],
)
def test_where_the_model_finds_no_event_type_only_victims_of_a_fight_make_an_incident(marked, types):
    text, spans = read(marked)
    scores = dict.fromkeys(DEFAULT_SCHEME.events, 0.05)
    assert [incident.event_type for incident in find_incidents(text, spans, [], scores)] == types


def test_where_the_model_tells_no_scores_any_type_may_be():
    assert len(found("A flood killed {K ten people} in {L Tete}.")) == 1


@pytest.mark.parametrize(
    ("marked", "events", "event_type"),
    [
        ("{AG Rebels} attacked an {AT army patrol} in {L Homs}, killing {K two soldiers}.", (), "battle"),
        ("{AG Rebels} attacked the village of {L Homs}, killing {K two farmers}.", (), "violence"),
        ("A {W roadside bomb} killed {K two soldiers} in {L Homs}.", (), "explosion"),
        ("{AG Men} with {W machetes} killed {K two people} in {L Homs}.", (), "violence"),
        ("{AO Protesters} marched through {L Homs}.", (), "protest"),
        ("{AG Police} clashed with {AG protesters} in {L Homs}.", (), "riot"),
        ("{AG Police} arrested {AT two rebels} in {L Homs}.", ("strategic",), "strategic"),
        ("{AO Envoys} met in {L Homs} for talks.", ("diplomacy",), "diplomacy"),
        ("{AG Gunmen} killed {K two} in {L Homs} after talks.", ("violence",), "violence"),
        ("{K Two people} died in {L Homs}.", ("protest",), "protest"),
        ("{AG Gunmen} attacked a checkpoint in {L Homs}, killing {K two people}.", (), "battle"),
        ("A {AG suicide bomber} killed {K two people} in {L Homs}.", (), "explosion"),
        ("{AO Lorry drivers} clashed with {AG police} in {L Kent}.", (), "riot"),
        ("Hundreds protested in {L Taipei}.", ("protest",), "protest"),
        ("{AG Police} shot dead {AT Ali Kaya}.", ("violence",), "violence"),
        ("{AO Chad} and {AO Libya} exchanged 40 prisoners on Monday.", ("strategic",), "strategic"),
        ("{AG Mutineers} seized the {AT radio station} in {L Bangui}.", ("strategic",), "strategic"),
        # In a document with one incident its event types count, and in one with more the words do.
        (
            "{AG Militants} were killed in {L Homs} and {AT rebels} handed over {W rifles}.",
            ("strategic",),
            "strategic",
        ),
    ],
)
def test_event_types(marked, events, event_type):
    (incident,) = found(marked, *events, event_scores=dict.fromkeys(events, 0.9))
    assert incident.event_type == event_type


def test_event_words_are_words_and_not_parts_of_names():
    text, spans = read(
        "The {AG Storm Brigade} fired {W assault rifles}; a {W drone} strike hit, they vowed to attack."
    )
    words = [(text[word.start : word.end], word.kind) for word in find_event_words(text, spans)]
    assert words == [("fired", HARM), ("drone strike", "explosion"), ("hit", HARM)]
    assert find_event_words("Firefighters drove a Bombardier snowmobile.", []) == []


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


def test_what_is_said_aside_does_not_sum_up():
    marked = (
        "{AG Rebels} stormed {L Gao}, killing {K nine}. The {AG army}, which has fought them since April, "
        "said its {W drones} had killed {K ten rebels} near {L Kidal}."
    )
    assert [names(incident.agents) for incident in found(marked)] == [["Rebels"], ["army"]]


def test_the_sum_of_a_war_is_not_the_toll_of_an_incident():
    talks = "{AO Envoys} met in {L Arusha} on Monday over a war that has killed {K thousands} since 2018."
    (incident,) = found(talks, "diplomacy", published="2024-03-06")
    assert (incident.casualties, incident.tolls) == ((), ())
    mines = (
        "A {W mine} killed {K two farmers} near {L Gao}. {K At least 115 people} have been killed and "
        "{I 320} hurt by {W mines} there since then."
    )
    (incident,) = found(mines)
    assert [(toll.status, toll.best) for toll in incident.tolls] == [("killed", 2)]


def test_who_is_named_for_a_quotation_speaks():
    marked = (
        '{AG Fighters} stormed {L Gao}, killing {K nine}. "We hid," said {AG Aminata}. "We will be back," '
        "said {AG fighters} as they left."
    )
    (incident,) = found(marked)
    assert (names(incident.agents), names(incident.sources)) == (["Fighters"], ["Aminata"])


@pytest.mark.parametrize(
    ("first", "second", "types"),
    [
        (
            "{W Shells} killed {K four} in {L Qara}.",
            "{AG Soldiers} fought {AG rebels} in {L Homs}, killing {K six}.",
            ["explosion", "battle"],
        ),
        (
            "{W Shells} killed {K four} in {L Qara}.",
            "{AO Rebels} signed a truce in {L Homs}.",
            ["explosion", "strategic"],
        ),
        (
            "{AG Gunmen} shot {K two} dead in {L Gao}.",
            "{AG Protesters} burned tyres in {L Kidal}; {AG police} fired {W tear gas} and {I one} was hurt.",
            ["violence", "riot"],
        ),
        (
            "A {W bomb} killed {K two} in {L Gao}.",
            "{AG Pirates} seized {C 17 men} off {L Kismayo}.",
            ["explosion", "violence"],
        ),
    ],
)
def test_types_of_one_incident_do_not_hide_those_of_another(first, second, types):
    scores = dict.fromkeys(DEFAULT_SCHEME.events, 0.01) | {types[0]: 0.99}
    incidents = found(f"{first}\n\n{second}", types[0], event_scores=scores)
    assert [incident.event_type for incident in incidents] == types


def test_another_country_is_another_incident(monkeypatch):
    known = {
        "Kaya": placed("Kaya", "place", "BF", 1), "Togo": placed("Togo", "country", "TG", 6)
    }  # fmt: skip

    def located(text, spans):
        names = [(span, text[span.start : span.end]) for span in spans if span.label == "LOCATION"]
        unknown = Place(0, 0, "", "unresolved", "not in the gazetteer")
        return [
            replace(known.get(name, unknown), start=span.start, end=span.end, text=name)
            for span, name in names
        ]

    monkeypatch.setattr(assembly, "_places", located)
    first = "A {W bomb} hurt {I nine} at the {L old market} of the town, {L Kaya}. "
    second = "Meanwhile in {L Togo}, {AG gunmen} abducted {C two priests}."
    told = [[place.text for place in incident.places] for incident in found(first + second)]
    assert told == [["old market", "Kaya"], ["Togo"]]


@pytest.mark.parametrize("settings", [{"rule": "mean"}, {"published": "Monday"}])
def test_other_settings_are_refused(settings):
    with pytest.raises(ConflictnerError, match="accepted"):
        found("Nothing.", **settings)


def test_ways_of_writing_a_place():
    assert {
        place_key(text) for text in ("Idlib", "northern Idlib province", "IDLIB", "the city of Idlib")
    } == {"idlib"}


def placed(name, kind, country, precision):
    return Place(0, 4, name, "resolved", "only", name=name, kind=kind, country=country, precision=precision,
                 latitude=1.0, longitude=2.0)  # fmt: skip


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
