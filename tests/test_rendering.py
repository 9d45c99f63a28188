import io
import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.color import EIGHT_BIT_PALETTE, ColorTriplet
from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME  # noqa: F401 - loads the 256 colours

from conflictner.data import word_offsets
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.inference.rendering import html_page, print_prediction
from conflictner.inference.rendering.palette import PALETTE, looks
from conflictner.inference.rendering.summary import summary_rows
from conflictner.inference.rendering.visible import one_line, visible
from conflictner.model import DEFAULT_SCHEME, Label, LabelScheme

ANSI = re.compile(r"\x1b\[[0-9;]*m")
SHELLING = "Army guns shelled the old town of Marena, killing three people."


def predicted(text: str, *marks: tuple[str, str, str | None, float], **rest) -> Prediction:
    """A prediction in which each mark is the first occurrence of its text behind the mark before."""
    spans, position = [], 0
    for surface, label, attribute, score in marks:
        start = text.index(surface, position)
        position = start + len(surface)
        spans.append(PredictedSpan(start, position, label, attribute, score, surface))
    fields = {"events": (), "event_scores": {}, "coverage": 1.0, **rest}
    return Prediction(text, tuple(spans), **fields)


@pytest.fixture
def shelling() -> Prediction:
    return predicted(
        SHELLING,
        ("Army", "ACTOR", "agent", 0.96),
        ("guns", "WEAPON", None, 0.9),
        ("old town of Marena", "LOCATION", None, 0.8),
        ("three people", "CASUALTY", "killed", 0.99),
        events=("explosion",),
        event_scores={"explosion": 0.934, "battle": 0.1},
    )


def printed(
    prediction: Prediction, name: str = "report", scheme: LabelScheme = DEFAULT_SCHEME, **console
) -> str:
    settings = {"width": 80, "color_system": None, "force_terminal": False, **console}
    stream = io.StringIO()
    print_prediction(Console(file=stream, **settings), name, prediction, scheme)
    return stream.getvalue()


def coloured(prediction: Prediction, **console) -> str:
    return printed(
        prediction, **{"color_system": "256", "force_terminal": True, "no_color": False, **console}
    )


def page(*predictions: Prediction, scheme: LabelScheme = DEFAULT_SCHEME) -> str:
    named = [(f"report-{i}", prediction) for i, prediction in enumerate(predictions)]
    return "".join(html_page(named, scheme, model="test-model"))


class Reader(HTMLParser):
    """Collects the tags of a page and the text of its articles without their labels."""

    def __init__(self, html: str):
        super().__init__()
        self.tags, self.attributes, self.texts = set(), [], []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes
        if tag not in {"meta"}:
            self.open.append("the text" if ("class", "text") in attributes else tag)
        if ("class", "text") in attributes:
            self.texts.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() in {tag, "the text"}

    def handle_data(self, data):
        if "the text" in self.open and "small" not in self.open:
            self.texts[-1] += data


@st.composite
def predictions(draw) -> Prediction:
    """Predictions on any text, lone surrogates and controls included."""
    alphabet = st.one_of(st.characters(), st.sampled_from("\x1b\x00\x9b\r\n\t[]|<>&\"'\u202e\u2066\ud800ab "))
    text = draw(st.text(alphabet))
    spans, position = [], 0
    for start, end in word_offsets(text):
        if start >= position and draw(st.booleans()):
            label = draw(st.sampled_from(DEFAULT_SCHEME.labels))
            value = draw(st.sampled_from((None, *label.values)))
            spans.append(PredictedSpan(start, end, label.name, value, 0.5, text[start:end]))
            position = end
    return Prediction(text, tuple(spans), (), {}, 1.0)


@given(st.text(st.characters()))
@example("\r\n\x1b[31m\x7f\x85\u2028\u202e\ud800\udfff")
def test_visible_text_commands_nothing(text):
    shown = visible(text)
    shown.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", shown)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"])))
def test_visible_leaves_other_text_as_it_is(text):
    assert visible(text) == text


def test_visible_shows_what_was_there():
    assert visible("a\x1b[31mb\x7f\x9b\u202e\ud800\r\n\tc") == "a␛[31mb␡\\x9b\\u202e\\ud800\n\tc"
    assert visible("\u202e\x00", keep_bidi=True) == "\u202e␀"
    assert one_line(" two\r\n  lines\x1b") == "two lines␛"


def test_plain_text_marks_spans_and_counts_them(shelling):
    assert printed(shelling) == (
        "report " + "─" * 73 + "\n"
        "[Army|ACTOR agent] [guns|WEAPON] shelled the [old town of Marena|LOCATION],\n"
        "killing [three people|CASUALTY killed].\n"
        "\n"
        "Label      Attribute   Spans   Score   Texts\n"
        "─────────────────────────────────────────────────────────\n"
        "ACTOR      agent           1    0.96   Army\n"
        "WEAPON                     1    0.90   guns\n"
        "LOCATION                   1    0.80   old town of Marena\n"
        "CASUALTY   killed          1    0.99   three people\n"
        "Event types: explosion 0.93\n"
        "\n"
    )


def test_colours_come_with_labels_in_words(shelling):
    shown = coloured(shelling)
    assert f"48;5;{PALETTE[0].terminal}m" in shown
    assert "Army\u00a0ACTOR\u00a0agent" in ANSI.sub("", shown)
    assert "three people\u00a0CASUALTY\u00a0killed" in ANSI.sub("", shown)


def test_a_terminal_without_colours_gets_the_plain_marks(shelling):
    shown = coloured(shelling, no_color=True)
    assert "48;5" not in shown
    assert "[three people|CASUALTY killed]" in ANSI.sub("", shown)


def test_the_environment_decides_on_colours(shelling, monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")

    def shown() -> str:
        stream = io.StringIO()
        print_prediction(Console(file=stream, width=80), "report", shelling, DEFAULT_SCHEME)
        return stream.getvalue()

    assert "\x1b" not in shown()
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1;30;48;5;" in shown()
    monkeypatch.setenv("NO_COLOR", "1")
    assert "48;5" not in shown()


@given(predictions())
def test_nothing_of_a_text_is_a_command_to_the_terminal(prediction):
    shown = printed(prediction, name=prediction.text)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]", shown)
    assert "\x1b" not in ANSI.sub("", coloured(prediction, name=prediction.text))


def test_markup_and_emoji_codes_are_literal():
    prediction = predicted("[bold]Rebels[/bold] :smile: [/] left", ("Rebels", "ACTOR", "agent", 0.9))
    shown = printed(prediction, name="[red]name[/red]")
    assert "[red]name[/red]" in shown
    assert "[bold][Rebels|ACTOR agent][/bold] :smile: [/] left" in shown
    assert "[bold]Rebels\u00a0ACTOR\u00a0agent[/bold]" in ANSI.sub("", coloured(prediction))


@given(st.lists(st.text("abcé漢", min_size=1, max_size=9), max_size=80), st.integers(20, 120))
def test_wrapping_loses_no_word_and_keeps_the_width(words, width):
    shown = printed(predicted(" ".join(words)), width=width, name="n").split("\n")[1:]
    body = shown[: shown.index("No spans found.")]
    assert " ".join(body).split() == words
    assert all(Console(width=width).measure(line).maximum <= width for line in body)


def test_line_breaks_stay_and_blank_lines_at_the_end_go():
    assert "\nfirst\n\n\nsecond\n\nNo spans found.\n" in printed(predicted("first\r\n\r\n\nsecond\n\n\n"))


def test_a_span_across_lines_stays_one_mark():
    prediction = predicted("the old\n  town burned", ("old\n  town", "LOCATION", None, 0.9))
    assert "the [old town|LOCATION] burned" in printed(prediction)


def test_long_lines_are_printed_whole():
    words = [f"word{i}" for i in range(30_000)]
    text = " ".join(words)
    marks = [(word, "ACTOR", "agent", 0.9) for word in words[::1000]]
    shown = printed(predicted(text, *marks))
    body = shown[shown.index("\n") : shown.index("\n\nLabel")]
    assert re.sub(r"\[([^|]*)\|ACTOR\s+agent\]", r"\1", body).split() == words
    assert "ACTOR   agent          30    0.90   word0; " in shown
    assert "; and 22 more\n" in " ".join(shown.split()).replace(" Event", "\n")


def test_what_was_not_read_is_said(shelling):
    partial = Prediction(shelling.text, shelling.spans, (), {}, 0.421)
    assert "Only 42.1% of the text was read." in printed(partial)
    assert "Only 42.1% of the text was read." in page(partial)
    assert "was read" not in printed(shelling) + page(shelling)


def test_summary_groups_in_the_order_of_the_scheme():
    prediction = predicted(
        "a dead, b shot, b dead, B fled, a dead",
        ("a", "CASUALTY", "killed", 0.5),
        ("b", "ACTOR", "target", 0.6),
        ("b", "ACTOR", "target", 0.8),
        ("B", "ACTOR", "agent", 0.9),
        ("a", "CASUALTY", "killed", 1.0),
    )
    rows = [
        (r.label, r.attribute, r.count, round(r.score, 6), r.mentions)
        for r in summary_rows(prediction, DEFAULT_SCHEME)
    ]
    assert rows == [
        ("ACTOR", "agent", 1, 0.9, ("B",)),
        ("ACTOR", "target", 2, 0.7, ("b",)),
        ("CASUALTY", "killed", 2, 0.75, ("a",)),
    ]


@given(predictions())
def test_page_shows_the_text_and_nothing_but_the_text(prediction):
    reader = Reader(page(prediction))
    expected = visible(prediction.text, keep_bidi=True)
    assert reader.open == []
    assert reader.texts[0].replace("\u00a0", " ") == with_gaps(prediction, expected).replace("\u00a0", " ")
    assert "script" not in reader.tags


def with_gaps(prediction: Prediction, expected: str) -> str:
    """The text as shown, with the blank that stands between a span and its label."""
    parts, position = [], 0
    for span in prediction.spans:
        parts.append(visible(prediction.text[position : span.end], keep_bidi=True) + " ")
        position = span.end
    parts.append(visible(prediction.text[position:], keep_bidi=True))
    if not prediction.spans:
        assert parts == [expected]
    return "".join(parts)


def test_page_is_self_contained_and_accessible(shelling):
    html = page(shelling, shelling)
    reader = Reader(html)
    assert html.startswith('<!DOCTYPE html>\n<html lang="en">\n')
    assert "http://" not in html
    assert "https://" not in html
    assert "url(" not in html
    assert "@import" not in html
    assert not {"script", "link", "img", "iframe"} & reader.tags
    assert not {"src", "href", "onload", "onclick"} & {name for name, _ in reader.attributes}
    assert html.count("<article>") == html.count("<table>") == 2
    assert html.count('dir="auto"') >= 2
    assert "@media print" in html
    assert "prefers-color-scheme: dark" in html
    legend = html[html.index('<ul class="legend"') : html.index("</ul>")]
    assert all(f">{label.name}</mark>" in legend for label in DEFAULT_SCHEME.labels)
    assert "killed, injured, missing, captive, mixed" in legend


def test_page_gives_label_attribute_and_score_in_words(shelling):
    html = page(shelling)
    assert '<bdi>Army</bdi>&nbsp;<small dir="ltr"><b>ACTOR</b> agent 0.96</small>' in html
    assert '<bdi>guns</bdi>&nbsp;<small dir="ltr"><b>WEAPON</b> 0.90</small>' in html
    assert "explosion 0.93" in html
    assert "test-model" in html


def test_page_escapes_names():
    html = "".join(html_page([('<b>"&', predicted(""))], DEFAULT_SCHEME, model="<i>", title="<u>"))
    assert "&lt;b&gt;&quot;&amp;" in html
    assert "<i>" not in html
    assert "<u>" not in html


def test_page_is_made_document_by_document(shelling):
    def endless():
        while True:
            yield "again", shelling

    pieces = html_page(endless(), DEFAULT_SCHEME, model="m")
    assert "<main>" in next(pieces)
    assert next(pieces).count("<article>") == next(pieces).count("<article>") == 1


def test_schemes_with_more_labels_than_looks_work():
    scheme = LabelScheme(tuple(Label(f"L{i}") for i in range(12)))
    prediction = predicted("one two", ("one", "L1", None, 0.9), ("two", "L11", None, 0.9))
    assert looks(scheme)["L1"] == looks(scheme)["L9"]
    assert "[one|L1] [two|L11]" in printed(prediction, scheme=scheme)
    assert "Event types" not in printed(prediction, scheme=scheme)
    assert 'class="label-11"' in page(prediction, scheme=scheme)


def test_borders_tell_labels_apart_without_colours():
    assert len({look.border for look in PALETTE}) == len({look.terminal for look in PALETTE}) == len(PALETTE)


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """WCAG 2 contrast ratio of two sRGB colours."""

    def luminance(colour):
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour)
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def rgb(colour: str) -> tuple[int, int, int]:
    colour = colour.removeprefix("#")
    colour = colour if len(colour) == 6 else "".join(2 * digit for digit in colour)
    return tuple(int(colour[i : i + 2], 16) for i in (0, 2, 4))


def test_contrast_formula():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast(rgb("#777777"), rgb("#ffffff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("look", PALETTE, ids=lambda look: look.border)
def test_label_colours_have_enough_contrast(look):
    assert contrast(*map(rgb, look.light)) >= 4.5
    assert contrast(*map(rgb, look.dark)) >= 4.5
    assert contrast(EIGHT_BIT_PALETTE[look.terminal], ColorTriplet(0, 0, 0)) >= 4.5


def test_page_colours_have_enough_contrast(shelling):
    variables = re.findall(
        r"--page: (#\w+); --ink: (#\w+); --quiet: (#\w+); --rule: #\w+; --panel: (#\w+)", page(shelling)
    )
    assert len(variables) == 3  # light, dark and paper
    for background, ink, quiet, panel in variables:
        assert min(contrast(rgb(a), rgb(b)) for a in (ink, quiet) for b in (background, panel)) >= 4.5
