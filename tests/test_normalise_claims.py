"""Claims: who states a casualty figure, and rival figures folded into tolls."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import ConflictnerError, Span
from conflictner.inference.normalise.attribution import VERB_CLASSES
from conflictner.inference.normalise.casualties import casualty_figures
from conflictner.inference.normalise.claims import Claim, claims
from conflictner.inference.normalise.tolls import RULES, Toll, fold

KINDS = {
    "k": ("CASUALTY", "killed"),
    "i": ("CASUALTY", "injured"),
    "a": ("ACTOR", "agent"),
    "t": ("ACTOR", "target"),
    "s": ("ACTOR", "source"),
    "o": ("ACTOR", "other"),
}


def claims_of(marked):
    """Claims of a text in which braces mark spans: {k:12 people} killed, {s:police} a source."""
    text, spans = "", []
    for piece in re.split(r"(\{[^}]*\})", marked):
        if piece.startswith("{"):
            kind, piece = piece[1:-1].split(":", 1)
            spans.append(Span(len(text), len(text) + len(piece), *KINDS[kind]))
        text += piece
    found = claims(text, spans, casualty_figures(text, spans))
    for claim in found:
        assert claim.source is None or text[slice(*claim.source)] == claim.source_text
    return found


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        # The verb before the figure.
        ("{s:Police} said the blast killed {k:three people}.", [("reported", "Police")]),
        (
            "The {s:Red Valley Monitor} reports {k:at least eight deaths}.",
            [("reported", "Red Valley Monitor")],
        ),
        (
            "{o:Omar Haddad}, the mayor of Tell Amer, told reporters {k:nine} died.",
            [("reported", "Omar Haddad")],
        ),
        ("Activists say troops killed {k:12 villagers}.", [("reported", "Activists")]),
        ("A hospital source put the toll at {k:14}.", [("reported", "hospital source")]),
        ("According to residents, {k:five people} drowned.", [("reported", "residents")]),
        ("The {a:rebels} claim that {k:30 soldiers} fell.", [("claimed", "rebels")]),
        ("{s:Rights Front} accused the {a:army} of killing {k:40 herders}.", [("accused", "Rights Front")]),
        ("The {a:army} denied killing {k:12 civilians}.", [("denied", "army")]),
        ("The {s:ministry} has confirmed {k:two deaths}.", [("confirmed", "ministry")]),
        ("The {a:army} admitted that {k:six troops} died.", [("confirmed", "army")]),
        ("{s:Medics} spoke of dozens of dead; the {a:army} put it at {k:nine}.", [("reported", "army")]),
        # The second verb of one speaker.
        ("The {s:RSF} denied the attack and said jets killed {k:40}.", [("reported", "RSF")]),
        ("{s:Residents} blamed the {a:army} and later reported {k:six deaths}.", [("reported", "Residents")]),
        # The verb behind it.
        ("{k:Three people} died, {s:police} said.", [("reported", "police")]),
        ("{k:Ten people} were killed, according to the {s:Crisis Centre}.", [("reported", "Crisis Centre")]),
        ("“{k:Nine} are dead,” said {s:Lena Ortiz}, a doctor.", [("reported", "Lena Ortiz")]),
        ("“We counted {k:14 bodies},” said {s:Lena Ortiz}, a nurse.", [("reported", "Lena Ortiz")]),
        # One verb for several figures, one figure with its own verb.
        (
            "{s:Officials} say {k:17 people} died and {i:dozens} were hurt.",
            [("reported", "Officials"), ("reported", "Officials")],
        ),
        (
            "{k:Twelve} died, {s:police} said, but the {a:rebels} claimed {k:20 soldiers} had fallen.",
            [("reported", "police"), ("claimed", "rebels")],
        ),
        (
            "Residents put the toll at {k:up to 40}, while officials confirmed {k:12 deaths}.",
            [("reported", "Residents"), ("confirmed", "officials")],
        ),
        (
            "Bombs killed {k:four} in Qara, while {i:nine} were hurt in Tell Amer, officials said.",
            [("reported", "officials"), ("reported", "officials")],
        ),
        # A second claim about the same figure.
        (
            "Activists said a raid killed {k:37 people}. The {a:army} denied the report.",
            [("reported", "Activists"), ("denied", "army")],
        ),
        # Pronouns mean who was named last.
        (
            "{s:Governor Rahimi} spoke on Monday. He said {k:two people} died.",
            [("reported", "Governor Rahimi")],
        ),
        ("{s:Police} said a bus burned. They said {k:six people} died.", [("reported", "Police")]),
        # What is denied is the deed, and not how many died.
        ("The {a:rebels} denied responsibility for a blast that killed {k:six}.", [(None, None)]),
        ("{a:Rebels} denied any role in the ambush, in which {k:six soldiers} died.", [(None, None)]),
        ("The {a:army} denied shelling a clinic in Qara, where {k:six people} died.", [(None, None)]),
        ("The {a:army} denied reports that {k:six people} died.", [("denied", "army")]),
        (
            "{k:Six} died in a blast in Qara, {s:police} said. The {a:rebels} denied any involvement.",
            [("reported", "police")],
        ),
        # Nor is what could not be confirmed.
        (
            "{s:Police} said {k:six} died. The report could not be independently verified.",
            [("reported", "Police")],
        ),
        ("{s:Police} said {k:six} died, a figure that has not been confirmed.", [("reported", "Police")]),
        (
            "{s:Police} said {k:six} died. Neither claim could be confirmed.",
            [("reported", "Police")],
        ),
        (
            "{s:Police} said {k:six} died. The {s:UN} was unable to confirm the report.",
            [("reported", "Police")],
        ),
        (
            "{s:Police} said {k:six} died. A source who could not be named confirmed the report.",
            [("reported", "Police"), ("confirmed", "source")],
        ),
        # Behind what is said more of the speaker.
        (
            "The {a:army}, which has fought the {a:Red Front} since May, said it had killed {k:six}.",
            [("reported", "army")],
        ),
        (
            "{s:Police}, who lost {k:two men} to the {a:Red Front} on Monday, put the toll at {k:six}.",
            [("reported", "Police"), ("reported", "Police")],
        ),
        (
            "Shells killed {k:ten} in Qara, Syria's {s:Relief Board} said, and {k:six others} drowned.",
            [("reported", "Relief Board"), ("reported", "Relief Board")],
        ),
        # Nobody speaks.
        ("A mine killed {k:two farmers} near Qara.", [(None, None)]),
        ("The {a:Red Front} claimed responsibility for a blast that killed {k:five}.", [(None, None)]),
        ("The storm claimed {k:five lives}.", [(None, None)]),
        ("Officials visited. A mine killed {k:two farmers}.", [(None, None)]),
        ("There were {k:12 confirmed deaths}.", [(None, None)]),
        ("{k:Six people} were reported dead.", [("reported", None)]),
    ],
)
def test_attribution(marked, expected):
    assert [(claim.verb_class, claim.source_text) for claim in claims_of(marked)] == expected


def test_parties_are_told_from_neutral_sources():
    (army,) = claims_of("The {a:army} said {k:six rebels} died.")
    (police,) = claims_of("{s:Police} said {k:six rebels} died.")
    assert (army.is_party, police.is_party) == (True, False)
    (later,) = claims_of("The {a:army} shelled Qara. Later, the army said {k:six people} died.")
    assert (later.source_text, later.is_party) == ("army", True)


def tolls_of(marked, rule="ucdp"):
    return [(toll.status, toll.low, toll.best, toll.high) for toll in fold(claims_of(marked), rule)]


RIVALS = "{k:Twelve} died, {s:police} said. {s:Medics} said {k:15} died. {a:Rebels} claimed {k:40} died."


@pytest.mark.parametrize(("rule", "best"), [("ucdp", 12), ("latest", 40), ("median", 15), ("highest", 40)])
def test_rival_tolls_are_folded_by_the_rule(rule, best):
    assert tolls_of(RIVALS, rule) == [("killed", 12, best, 40)]


@pytest.mark.parametrize(
    ("marked", "tolls"),
    [
        ("Shells killed {k:at least 37 people}.", [("killed", 37, 37, 37)]),
        ("Shells killed {k:up to 40 people}.", [("killed", 0, 40, 40)]),
        ("Shells killed {k:between 10 and 15 people}.", [("killed", 10, 10, 15)]),
        ("Shells killed {k:dozens}.", [("killed", 24, 24, 24)]),
        # Parts add once: together in a sentence, not as a breakdown.
        ("Gunmen killed {k:three soldiers} and {k:a policeman}.", [("killed", 4, 4, 4)]),
        ("Shells killed {k:ten people}, including {k:six children}.", [("killed", 10, 10, 10)]),
        ("Shells killed {k:ten people}. {k:Another two} died in hospital.", [("killed", 12, 12, 12)]),
        ("Shells killed {k:ten} and hurt {i:30}.", [("killed", 10, 10, 10), ("injured", 30, 30, 30)]),
        ("Shells killed {k:ten people}. {k:Two more} died in hospital.", [("killed", 12, 12, 12)]),
        ("Shells killed {k:ten people}. {k:At least two others} died.", [("killed", 12, 12, 12)]),
        ("Shells killed {k:ten people}. {k:No more than 12} died.", [("killed", 0, 10, 12)]),
        (
            "Shells hurt {i:30}. The army said they killed {k:ten} and hurt {i:30 others}.",
            [("injured", 30, 30, 30), ("killed", 10, 10, 10)],
        ),
        # A running toll counts where there is nothing else.
        ("A mine killed {k:four}, bringing the toll to {k:114}.", [("killed", 4, 4, 4)]),
        ("The death toll rose to {k:36}.", [("killed", 36, 36, 36)]),
        ("The death toll rose from {k:12} to {k:57}.", [("killed", 57, 57, 57)]),
        ("The death toll rose by {k:12} to {k:57}.", [("killed", 12, 12, 12)]),
        ("The {s:ministry} cut the toll of the raid to {k:17} from {k:42}.", [("killed", 17, 17, 17)]),
        ("The toll from Sunday's blast rose to {k:45} after {k:nine} died.", [("killed", 45, 45, 45)]),
        ("{i:Nine people} were hurt, not {i:60} as first reported.", [("injured", 9, 9, 9)]),
        ("Not {k:60} as first reported.", [("killed", 60, 60, 60)]),
        ("None of the soldiers, {k:no soldier}, died.", [("killed", 0, 0, 0)]),
        # Whoever "raised its count" counts what happened.
        ("Shells killed {k:37 people}. {s:Medics} raised their count to {k:41}.", [("killed", 37, 37, 41)]),
        # An age makes nobody's own dead a rival toll.
        (
            'Shells killed {k:37} and hurt {i:68}. "Why?" said Ali Sa\'d, {k:34}, who lost {k:two brothers}.',
            [("killed", 37, 37, 37), ("injured", 68, 68, 68)],
        ),
        # Who comes on top is added.
        ("Shells killed {k:ten} in Qara. {k:A policeman} was also killed.", [("killed", 11, 11, 11)]),
        ("Shells killed {k:two farmers}. {k:Six soldiers} also died.", [("killed", 8, 8, 8)]),
        ("{k:Four officers} fell. {k:Two} of the attackers were also shot dead.", [("killed", 6, 6, 6)]),
        # Repeated figures are one.
        ("Shells killed {k:ten people}. The {k:ten} were buried.", [("killed", 10, 10, 10)]),
        # A group is no rival of all, but adds to others in its sentence.
        ("Shells killed {k:ten people}. {k:A policeman} was burned alive.", [("killed", 10, 10, 10)]),
        # ... unless who counts them all is believed less.
        (
            "A blast killed {k:at least nine workers}, {s:police} said. {a:Rebels} claimed {k:14} died.",
            [("killed", 9, 9, 14)],
        ),
        ("Shells killed {k:two people}. {k:Five soldiers} died, medics said.", [("killed", 2, 2, 5)]),
        ("Shells killed {k:a nurse} and {k:two patients}.", [("killed", 3, 3, 3)]),
        # Sides of a clash are no rivals of each other, but those who count the same side are.
        ("Shells killed {k:two guards}. {k:Six rebels} died, {s:medics} said.", [("killed", 8, 8, 8)]),
        (
            "{k:Two guards} and {k:six rebels} fell. {s:Police} said {k:three guards} and {k:nine rebels}.",
            [("killed", 8, 8, 12)],
        ),
        (
            "{k:Two guards}, {k:a nurse} and {k:six rebels} died. {s:Police} said {k:three guards} fell.",
            [("killed", 9, 9, 10)],
        ),
        ("{k:Six farmers} died. {k:Two guards} fell.", [("killed", 8, 8, 8)]),
        (
            "{k:Two guards} fell, {s:police} said. {s:Medics} said {k:six farmers} died.",
            [("killed", 8, 8, 8)],
        ),
        (
            "{k:Two guards} and {k:five rebels} fell, {s:police} said. {s:Medics} said {k:six farmers} died.",
            [("killed", 7, 7, 8)],
        ),
        (
            "{k:Six farmers} died, {s:medics} said. The {a:army} said {k:nine rebels} died.",
            [("killed", 6, 6, 9)],
        ),
        (
            "{k:Two guards} and {k:six rebels} died. {s:Police} said {k:nine people} died.",
            [("killed", 9, 9, 9)],
        ),
        # A party is believed less, an accusation least; a denial counts for the high estimate alone.
        ("The {a:army} said {k:two} died. Medics said {k:nine} died.", [("killed", 2, 9, 9)]),
        (
            "{s:Front} accused {a:troops} of killing {k:40}. The {a:army} said {k:12} died.",
            [("killed", 12, 12, 40)],
        ),
        ("The {a:army} denied killing {k:12 civilians}.", [("killed", 0, 0, 12)]),
        ("Activists said {k:37} died. The {a:army} denied the report.", [("killed", 37, 37, 37)]),
    ],
)
def test_tolls_under_the_rule_of_ucdp(marked, tolls):
    assert tolls_of(marked) == tolls


def test_a_toll_names_its_figures():
    found = claims_of("Shells killed {k:ten people}, including {k:six children}, and hurt {i:30}.")
    killed, injured = fold(found)
    assert killed.figures == ((14, 24),)
    assert injured.figures == ((found[-1].figure.start, found[-1].figure.end),)
    assert fold([]) == []


def test_an_unknown_rule_is_named_with_the_known_ones():
    with pytest.raises(ConflictnerError, match=r"rule is 'mean'; accepted are ucdp, latest, median, highest"):
        fold([], rule="mean")


WORDS = """said says according to , . ; “ ” " the army Police He they We denied confirmed claimed accused of
    killing 12 people two while but Activists were reported dead by and including at least another toll rose
    the report it é"""


@st.composite
def texts_with_spans(draw):
    words = st.lists(st.sampled_from(WORDS.split()), max_size=16).map(" ".join)
    text = draw(st.one_of(words, st.text(max_size=50)))
    spans, begin = [], 0
    while begin < len(text):
        start = draw(st.integers(begin, min(len(text), begin + 15)))
        end = draw(st.integers(start, min(len(text), start + 15)))
        if end > start:
            spans.append(Span(start, end, *draw(st.sampled_from(list(KINDS.values())))))
        begin = end + 1
    return text, spans


@given(texts_with_spans())
def test_claims_of_any_text(case):
    text, spans = case
    figures = casualty_figures(text, spans)
    found = claims(text, spans, figures)
    assert found == claims(text, spans[::-1], figures)
    assert list(dict.fromkeys(claim.figure for claim in found)) == figures
    for claim in found:
        assert claim.verb_class in (None, *VERB_CLASSES)
        for offsets in (claim.source, claim.verb):
            assert offsets is None or 0 <= offsets[0] < offsets[1] <= len(text)
        assert claim.source is None or claim.source_text == text[slice(*claim.source)]
        assert Claim.from_dict(json.loads(json.dumps(claim.to_dict()))) == claim


@given(texts_with_spans(), st.sampled_from(list(RULES)))
def test_tolls_of_any_text(case, rule):
    text, spans = case
    found = claims(text, spans, casualty_figures(text, spans))
    for toll in fold(found, rule):
        assert 0 <= toll.low <= toll.best <= toll.high
        assert Toll.from_dict(json.loads(json.dumps(toll.to_dict()))) == toll
        assert toll.figures
    assert fold(found, rule) == fold(found[::-1], rule)
