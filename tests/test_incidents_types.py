"""What type an incident is of, and what makes one."""

import pytest

from conflictner.inference.incidents import find_incidents
from conflictner.inference.incidents.event_words import HARM, find_event_words
from conflictner.model import DEFAULT_SCHEME

from .marked_incidents import found, no_gazetteers, read  # noqa: F401 - one is a fixture


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
