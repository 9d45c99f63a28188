"""Casualty figures: counts, groups, breakdowns and running tolls."""

import json
import re
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import Span, read_jsonl
from conflictner.inference.normalise.casualties import CasualtyFigure, casualty_figures
from conflictner.inference.normalise.groups import GROUPS, group_of
from conflictner.inference.normalise.nouns import is_plural, singular
from conflictner.inference.normalise.numerals import read_numeral, tokenize
from conflictner.inference.normalise.quantities import read_quantity

TESTS = Path(__file__).parent


def table(name):
    return [line.split("\t") for line in (TESTS / name).read_text(encoding="utf-8").splitlines()]


CASES = table("counts.tsv")


def test_there_are_more_than_300_different_cases():
    assert len({case[0] for case in CASES}) == len(CASES) > 300


@pytest.mark.parametrize(
    ("phrase", "least", "most", "marks", "group"), CASES, ids=[case[0] for case in CASES]
)
def test_case(phrase, least, most, marks, group):
    quantity = read_quantity(phrase)
    assert quantity.min == int(least)
    assert quantity.max == (None if most == "-" else int(most))
    assert (quantity.approximate, quantity.vague) == ("a" in marks, "v" in marks)
    assert group_of(phrase) == (None if group == "-" else group)


WORDS = """a an at least more than up to between and 10 15 , - 1,000 dozen hundred million half of the
    soldiers people dozens another or so from % ( ) said according to denied confirmed army including among
    dead rose toll the é ٣ ² one two thirds per cent year-old . no few both couple man his wife several"""
words = st.sampled_from([*WORDS.split(), "9" * 30, "9" * 5000, "\ud800", "\n"])
phrases = st.lists(words, max_size=12).map(" ".join)
texts = st.one_of(st.text(max_size=60), phrases)


@given(texts)
def test_any_text_has_a_quantity(text):
    quantity = read_quantity(text)
    assert quantity.min >= 0
    assert quantity.max is None or quantity.min <= quantity.max
    assert quantity == read_quantity(text)
    assert quantity.max is None or not quantity.vague
    assert group_of(text) in (None, *GROUPS)


@given(texts)
def test_case_and_white_space_do_not_matter(text):
    if text.isascii():
        assert read_quantity(text.upper()) == read_quantity(text.lower())
    assert read_quantity(f"  {text}\n") == read_quantity(text)


@given(st.integers(0, 10**10))
def test_digits_are_read_with_any_separator(number):
    for written in (
        str(number),
        f"{number:,}",
        f"{number:,}".replace(",", " "),
        f"{number:,}".replace(",", "'"),
    ):
        quantity = read_quantity(f"at least {written} people")
        assert (quantity.min, quantity.max) == (number, None)


@pytest.mark.parametrize(
    "text", ["1,2" * 30_000, "12, " * 30_000, "x of them, " * 10_000, "hundred " * 20_000]
)
def test_long_and_repetitive_phrases_are_read_in_no_time(text):
    begin = process_time()
    read_quantity(text)
    group_of(text)
    assert process_time() - begin < 2


@pytest.mark.parametrize("between", [" " * 40_000, " , " * 10_000, " and" * 10_000])
def test_what_stands_between_figures_is_read_in_no_time(between):
    text = f"12{between}12"
    begin = process_time()
    casualty_figures(text, [Span(0, 2, "CASUALTY", "killed"), Span(len(text) - 2, len(text), "CASUALTY")])
    assert process_time() - begin < 2


def in_words(number):
    """A number under a million in words, written by other rules than the reader's."""
    ones = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
    ]
    ones += ["sixteen", "seventeen", "eighteen", "nineteen"]
    tens = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    if number < 20:
        return ones[number]
    if number < 100:
        return tens[number // 10] + (f"-{ones[number % 10]}" if number % 10 else "")
    if number < 1000:
        rest = f" and {in_words(number % 100)}" if number % 100 else ""
        return f"{ones[number // 100]} hundred{rest}"
    rest = number % 1000
    joint = " and " if 0 < rest < 100 else " "
    return f"{in_words(number // 1000)} thousand" + (joint + in_words(rest) if rest else "")


@given(st.integers(0, 999_999))
def test_numbers_in_words(number):
    tokens = tokenize(in_words(number))
    numeral = read_numeral(tokens, 0)
    assert (numeral.value, numeral.end) == (number, len(tokens))


@st.composite
def texts_with_spans(draw):
    text = draw(texts)
    spans, begin = [], 0
    while begin < len(text):
        start = draw(st.integers(begin, len(text)))
        end = draw(st.integers(start, min(len(text), start + 20)))
        if end > start:
            label = draw(st.sampled_from(["CASUALTY", "CASUALTY", "ACTOR", "WEAPON"]))
            spans.append(
                Span(start, end, label, draw(st.sampled_from([None, "killed", "mixed", "source", "agent"])))
            )
        begin = end + 1
    return text, spans


@given(texts_with_spans())
def test_figures_of_any_text(case):
    text, spans = case
    figures = casualty_figures(text, spans)
    assert figures == casualty_figures(text, spans[::-1])
    counted = [span for span in spans if span.label == "CASUALTY"]
    held = [[span for span in counted if f.start <= span.start and span.end <= f.end] for f in figures]
    assert [span for spans in held for span in spans] == counted
    for figure, parts in zip(figures, held, strict=True):
        assert len(parts) in (1, 2)  # a range may be cut in two
        assert figure.end == parts[-1].end
        assert figure.status == (parts[-1].attribute or parts[0].attribute)
    offsets = {(figure.start, figure.end) for figure in figures}
    for figure in figures:
        assert figure.raw == text[figure.start : figure.end]
        assert figure.min >= 0
        assert figure.max is None or figure.min <= figure.max
        assert figure.of_which is None or figure.of_which in offsets - {(figure.start, figure.end)}
        assert not (figure.cumulative and figure.of_which)
        assert CasualtyFigure.from_dict(json.loads(json.dumps(figure.to_dict()))) == figure


def figures_of(marked):
    """Figures of a text in which braces mark casualties: {12 people}; with a status: {injured:three}."""
    text, spans = "", []
    for piece in re.split(r"(\{[^}]*\})", marked):
        if piece.startswith("{"):
            status, _, words = piece[1:-1].rpartition(":")
            spans.append(Span(len(text), len(text) + len(words), "CASUALTY", status or "killed"))
            piece = words
        text += piece
    figures = casualty_figures(text, spans)
    return text, figures


@pytest.mark.parametrize(
    ("marked", "parts"),
    [
        ("Shells killed {37 people}, including {16 children}.", [None, 0]),
        ("A raid killed {ten people}, among them {a woman}, {two children} and {a doctor}.", [None, 0, 0, 0]),
        ("{Nine people} died, {three} of them soldiers.", [None, 0]),
        ("{Nine people}, of whom {five} were police officers, died.", [None, 0]),
        ("{injured:Nine people} were hurt, {injured:three} seriously.", [None, 0]),
        ("{Two} died and {injured:nine} were hurt, {injured:three critically}.", [None, None, 1]),
        ("{injured:Nine people} were hurt. {injured:Three} were in critical condition.", [None, 0]),
        ("{injured:Nine people} were hurt in Homs, {injured:three} in Gao.", [None, None]),
        ("{Four people} ({three guards} and {a driver}) were killed.", [None, 0, 0]),
        ("{Twelve people} died. The dead included {four nurses} and {a cook}.", [None, 0, 0]),
        ("{Twelve people} died. {Five} of the victims were farmers.", [None, 0]),
        ("{Twelve people} died. Among the dead were {two teachers}.", [None, 0]),
        ("{Twelve people} died. {A teacher} was among the dead.", [None, 0]),
        (
            "{Two} died including {a boy}, and {injured:12} were hurt, {injured:three} of them badly.",
            [None, 0, None, 2],
        ),
        ("{Eight people} died and {injured:20} were hurt, including {injured:six boys}.", [None, None, 1]),
        ("The blast killed {three people} and wounded {injured:two}.", [None, None]),
        ("{Three soldiers} and {a policeman} were killed.", [None, None]),
        ("{Two people} died in raids including one that killed {40 recruits}.", [None, None]),
        ("{Two people} died. Among the dead were {30 cadets}.", [None, None]),
        ("{A soldier} died on Monday. {Another} died on Tuesday.", [None, None]),
        ("{Twelve people} died. The ministry put the number of dead at {nine}.", [None, None]),
    ],
)
def test_breakdowns_are_linked_to_their_whole(marked, parts):
    _, figures = figures_of(marked)
    offsets = [(figure.start, figure.end) for figure in figures]
    assert [figure.of_which for figure in figures] == [None if p is None else offsets[p] for p in parts]


@pytest.mark.parametrize(
    ("marked", "parts"),
    [
        ("{Nine people}, including {a woman} and her {two girls}, died.", [None, 0, 0]),
        # A breakdown ends behind its one part, and those who bear arms are no part of those who do not.
        ("{Nine people}, including {two girls}, and {five men} died.", [None, 0, None]),
        ("{Nine farmers}, {two} of them girls, as well as {five guards} died.", [None, 0, None]),
        ("{Nine farmers}, including {two girls} and {five guards}, died.", [None, 0, None]),
        ("{Nine people}, including {two girls}, {three men} and {a guard}, died.", [None, 0, 0, 0]),
        # What adds up is a breakdown.
        ("{Nine people} died in two raids: {five} in Qara and {four} in Homs.", [None, 0, 0]),
        ("{Nine people}, {five guards} and {four cooks}, died.", [None, 0, 0]),
        ("{Nine people} died on Sunday, {five} on Monday and {three} on Tuesday.", [None, None, None]),
        ("{Nine guards} and {five cooks} died on Sunday and {four} on Monday.", [None, None, None]),
        ("{Two girls}, {a man} and {a guard} died.", [None, None, None]),
        # Who died last is a part of the toll of an event.
        ("The toll from Sunday's blast rose to {36} after {two people} died.", [None, 0]),
        ("{Two} died on Friday, bringing the toll from the blast to {36}.", [1, None]),
        ("The death toll in the war rose to {36} after {two people} died.", [None, None]),
        # Of people who are counted but no figure: the span was missed.
        (
            "{Nine people} died in May. On Monday 23 people were shot dead, {seven} of them children.",
            [None, None],
        ),
        ("{Nine people} died in May, 23 people in June, {seven} of them children.", [None, None]),
        # Who is let go was taken before.
        ("{captive:Nine girls} were seized on Monday. {captive:Two} were freed on Friday.", [None, 0]),
        ("Troops rescued {captive:two men} after rebels had seized {captive:nine}.", [1, None]),
        ("Rebels released {captive:two men}.", [None]),
    ],
)
def test_what_else_is_a_part(marked, parts):
    _, figures = figures_of(marked)
    offsets = [(figure.start, figure.end) for figure in figures]
    assert [figure.of_which for figure in figures] == [None if p is None else offsets[p] for p in parts]


@pytest.mark.parametrize(
    ("marked", "superseded"),
    [
        ("Officials cut the toll of the raid to {17} from {42}.", [False, True]),
        ("Officials revised the toll down from {42} to {17}.", [True, False]),
        ("The toll stood at {57}, up from {12} on Monday.", [False, True]),
        ("{Nine people} were hurt, not {20} as first reported.", [False, True]),
        ("{Nine people} died, and not the {20 dead} initially reported.", [False, True]),
        ("{Nine people} died, fewer than the {20} that an earlier count gave.", [False, False]),
        ("An earlier count put the toll of the raid on Qara at {20}.", [True]),
        ("Police originally said {20 people} died, then {nine}.", [True, False]),
        ("The toll of the raid rose to {17}, with {nine dead} from Qara.", [False, False]),
        ("Bombs killed {nine} in Qara, not far from Homs, and {two} in Homs.", [False, False]),
    ],
)
def test_numbers_that_are_taken_back(marked, superseded):
    _, figures = figures_of(marked)
    assert [figure.superseded for figure in figures] == superseded


@pytest.mark.parametrize(
    ("marked", "added"),
    [
        ("{Nine} died. {Another two} died later.", [False, True]),
        ("{Nine} died. {Two other men} were buried alive.", [False, True]),
        ("{Nine} died. {At least two more men} drowned.", [False, True]),
        ("{Nine} died. {A cook} was also killed.", [False, True]),
        ("{Two men} died. {A third} was pulled out dead.", [False, True]),
        ("{Ten men} died. {An eleventh} was pulled out dead.", [False, True]),
        ("{Nine} died. {A third} of the dead were girls.", [False, False]),
        ("{Nine} died. The shells also killed {a cook}.", [False, True]),
        ("{Nine} died. {Two} succumbed to their wounds.", [False, True]),
        (
            "{Nine} died and more were taken to a clinic, where {two people} died of their wounds.",
            [False, True],
        ),
        ("{Nine} died. {Two} died at the hospital of Qara.", [False, True]),
        ("{Nine} died. {Two} died on the spot.", [False, False]),
        ("{Nine} died. Police also said {a cook} drowned.", [False, False]),
        ("{Nine} died and {injured:20 others} were hurt.", [False, False]),
        ("{Nine} died. {Two more than} on Monday.", [False, False]),
    ],
)
def test_additions_are_marked(marked, added):
    _, figures = figures_of(marked)
    assert [figure.added for figure in figures] == added


@pytest.mark.parametrize(
    ("marked", "least"),
    [
        ("{A girl} and {a boy}, {12}, were killed.", [1, 1, 0]),
        ("{Nine} died, among them {a girl} of {three} and {a boy} of {nine}.", [9, 1, 0, 1, 0]),
        ("Lena Ortiz, {41}, lost {two sons}.", [0, 2]),
        ("{A mother} of {six} and {a man} died.", [1, 0, 1]),
        ("{Two boys} aged {12} and {a man} died.", [2, 0, 1]),
        ("{Two soldiers} died in Gao, {12} in Homs.", [2, 12]),
        ("{Two soldiers}, {12 guards} and {three} of the rebels died.", [2, 12, 3]),
        ("A group of {three} died.", [3]),
    ],
)
def test_ages_count_nobody(marked, least):
    _, figures = figures_of(marked)
    assert [figure.min for figure in figures] == least


@pytest.mark.parametrize(
    ("marked", "cumulative"),
    [
        ("A mine killed {four people}, bringing the toll to {114}.", [False, True]),
        (
            "A mine killed {four people}, bringing the toll to {114}, including {16 children}.",
            [False, True, False],
        ),
        ("The death toll rose to {36} on Friday.", [True]),
        ("The death toll from Monday's blast rose to {36} on Friday.", [False]),
        ("The death toll from the attacks since May rose to {36}.", [True]),
        ("The death toll rose by {12} to {57}.", [False, True]),
        ("The death toll rose from {12} to {57}.", [True, True]),
        ("The death toll rose to {57} from {12}.", [True, True]),
        ("The death toll climbed by {12 people} to reach {57}.", [False, True]),
        ("The toll stood at {57}, up from {12} on Monday.", [False, True]),
        ("The number of dead rose from {12} to {57}.", [True, True]),
        ("The number of dead has climbed to {at least 90}.", [True]),
        ("{Two more people} died, raising the number of deaths to {21}.", [False, True]),
        ("The overall toll stands at {1,200}.", [True]),
        ("{More than 300 aid workers} have been killed since the war began.", [True]),
        ("{Nine people} have been killed and {injured:20} hurt since May.", [True, True]),
        ("{Nine people} were killed and {injured:20} have been hurt since May.", [False, True]),
        ("{Thirty miners} have died so far this year.", [True]),
        ("The army counts {44}, bringing the number killed this year to {around 600}.", [False, True]),
        ("{Five people} died, the highest toll since April.", [False]),
        ("{Five people} were killed in the blast.", [False]),
        ("The governor put the toll at {12}.", [False]),
    ],
)
def test_running_tolls_are_marked(marked, cumulative):
    _, figures = figures_of(marked)
    assert [figure.cumulative for figure in figures] == cumulative


@pytest.mark.parametrize(
    ("marked", "group"),
    [
        ("Gunmen killed {19 members} of Ansar militia units.", "militants"),
        ("The army lost {two} of its soldiers.", "soldiers"),
        ("{37 people}, most of them civilians, died.", "civilians"),
        ("{Six people}, all police officers, died.", "police"),
        ("{Nine}, of them children, died.", "children"),
        ("{Nine people} died.", None),
    ],
)
def test_group_may_stand_behind_the_span(marked, group):
    _, (figure,) = figures_of(marked)
    assert figure.group == group


def test_group_of_an_actor_behind_the_span():
    text = "Troops killed 12 members of the Red Valley rebels."
    spans = [Span(14, 24, "CASUALTY", "killed"), Span(32, 49, "ACTOR", "target")]
    assert casualty_figures(text, spans)[0].group == "militants"


@pytest.mark.parametrize(
    ("marked", "figures"),
    [
        ("Troops killed {15} to {20 suspected militants}.", [("15 to 20 suspected militants", 15, 20)]),
        ("Troops killed {15}-{20 militants}.", [("15-20 militants", 15, 20)]),
        ("Troops killed {15}\u2212{20 militants}.", [("15\u221220 militants", 15, 20)]),
        ("Troops killed {five} or {six men}.", [("five or six men", 5, 6)]),
        ("Troops killed between {15} and {20 men}.", [("between 15 and 20 men", 15, 20)]),
        (
            "{At least 30}, and possibly {as many as 50, men}, died.",
            [("At least 30, and possibly as many as 50, men", 30, 50)],
        ),
        ("{At least 30} and {perhaps 50 men} died.", [("At least 30 and perhaps 50 men", 30, 50)]),
        ("{About 30} or maybe {50} died.", [("About 30 or maybe 50", 30, 50)]),
        (
            "{At least 30 men} and {up to 50 women} died.",
            [("At least 30 men", 30, None), ("up to 50 women", 0, 50)],
        ),
        ("{At least 30} and {50 women} died.", [("At least 30", 30, None), ("50 women", 50, 50)]),
        ("Troops killed {15} and {injured:20 men} fled.", [("15", 15, 15), ("20 men", 20, 20)]),
        ("Troops killed {15} and {20 men}.", [("15", 15, 15), ("20 men", 20, 20)]),
        ("The toll rose from {15} to {20 men}.", [("15", 15, 15), ("20 men", 20, 20)]),
        ("Troops lost {two men} to {20 militants}.", [("two men", 2, 2), ("20 militants", 20, 20)]),
    ],
)
def test_a_range_cut_in_two_is_one_figure(marked, figures):
    text, found = figures_of(marked)
    assert [(figure.raw, figure.min, figure.max) for figure in found] == figures
    assert [text[figure.start : figure.end] for figure in found] == [figure[0] for figure in figures]


@pytest.mark.parametrize(
    ("marked", "figures"),
    [
        ("Bombs killed no {fewer than 26 people}.", [("no fewer than 26 people", 26, None)]),
        ("Bombs killed no {more than six}.", [("no more than six", 0, 6)]),
        ("Not {one person} was hurt, at least {one cook} was.",
         [("Not one person", 0, 0), ("at least one cook", 1, None)]),
        ("Bombs killed at least {26 people} and hurt up to\n{50}.", [("at least 26 people", 26, None),
                                                                    ("up to\n50", 0, 50)]),
        ("Bombs killed well over {26 people}.", [("well over 26 people", 26, None)]),
        ("Bombs killed a maximum of {six}.", [("a maximum of six", 0, 6)]),
        ("A lorry drove over {six people}.", [("six people", 6, 6)]),
        ("Not a single {cook} was hurt.", [("Not a single cook", 0, 0)]),
        ("There were no {26 people}.", [("26 people", 26, 26)]),
        ("Bombs killed {at least} {26 people}.", [("at least", 0, None), ("26 people", 26, 26)]),
    ],
)  # fmt: skip
def test_a_bound_before_the_span_belongs_to_it(marked, figures):
    _, found = figures_of(marked)
    assert [(figure.raw, figure.min, figure.max) for figure in found] == figures


def test_no_figures_without_casualties():
    assert casualty_figures("", []) == []
    assert casualty_figures("Rebels left.", [Span(0, 6, "ACTOR", "agent")]) == []


@pytest.mark.parametrize("noun", ["soldiers", "policemen", "wives", "ladies", "children", "Gardai"])
def test_singular_of_a_singular_stays(noun):
    once = singular(noun.lower())
    assert singular(once) == once
    assert not is_plural(once)


def counted(shared, name):
    """Counts in the spans of a split: read, and marked by hand from the spans' text."""
    folder = shared / "data" / "conflict-news"
    documents = {document.id: document for document in read_jsonl(folder / f"{name}.jsonl")}
    for identifier, start, end, least, most, kind in table("counts_of_test.tsv"):
        text = documents[identifier].text
        span = Span(int(start), int(end), "CASUALTY", "killed")
        (figure,) = casualty_figures(text, [span])
        yield kind, (figure.min, figure.max) == (int(least), int(most) if most else None)


def test_counts_of_the_test_split(shared):
    results = list(counted(shared, "test"))
    for kind in "gp":  # gold spans; spans that the bundled model predicted when the counts were marked
        right = [is_right for kinds, is_right in results if kind in kinds]
        assert len(right) > 400
        assert sum(right) / len(right) >= 0.9
