"""Which passages tell of one incident, and which places and figures are its own."""

from dataclasses import replace

import pytest

from conflictner.inference.incidents import assembly
from conflictner.inference.normalise.places import Place

from .marked_incidents import found, names, no_gazetteers, placed  # noqa: F401 - one is a fixture


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
        ("{AG Rebels} and the {AG army} have killed {K tens of thousands} in {L Darfur}.", ()),
        ("Fever has killed {K 1,200 people} in {L Gao}.", ()),
        ("Fighting between {AG rebels} and {AG troops} has left {K 1,800} dead in {L Gao}.", ("battle",)),
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


def test_who_talks_counts_as_a_party_whatever_he_does_besides():
    talks = (
        "The {AO junta} and {AG rebels} opened talks on Monday. Rebels shot {K nine} in {L Gao} on Friday."
    )
    first, second = found(talks, "diplomacy", "violence", published="2024-03-06")
    assert (first.event_type, second.event_type) == ("diplomacy", "violence")
    assert (names(first.agents), names(first.others)) == (["rebels"], ["junta"])


def test_many_captives_are_no_sum_of_a_war():
    (incident,) = found("{AG Rebels} have abducted {C 1,200 men} in {L Gao}.")
    assert incident.toll("captive").best == 1200


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
