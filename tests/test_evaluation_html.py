"""The report as a web page: complete, self-contained, and safe to open whatever the data hold."""

from __future__ import annotations

import re
from base64 import b64decode
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conflictner.data import Document, Span
from conflictner.inference.evaluation import evaluate_predictions
from conflictner.inference.evaluation.error_analysis import analyse_errors
from conflictner.inference.evaluation.error_tables import error_tables
from conflictner.inference.evaluation.familiarity import TrainingSurfaces
from conflictner.inference.evaluation.html_errors import error_sections
from conflictner.inference.evaluation.html_page import html_report
from conflictner.inference.evaluation.pairs import pair_up
from conflictner.inference.evaluation.tables import report_tables
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.inference.rendering.visible import visible
from conflictner.model.labels import DEFAULT_SCHEME, Label, LabelScheme

TEXT = "The old army shelled Port Lode. Gen. Tovar said three guards were hurt by Quell rockets. All fled."
GOLD = (
    Span(0, 12, "ACTOR", "agent"),
    Span(21, 30, "LOCATION"),
    Span(37, 42, "ACTOR", "source"),
    Span(48, 60, "CASUALTY", "injured"),
)
PREDICTED = (
    Span(4, 12, "ACTOR", "agent", 0.5),  # boundary
    Span(21, 30, "ACTOR", "other", 0.25),  # label
    Span(37, 42, "ACTOR", "other", 0.75),  # attribute
    Span(74, 87, "WEAPON", None, 0.625),  # spurious; three guards are missed
)
VOID = {"meta", "img", "br"}


def predicted(text, spans, coverage=1.0):
    pieces = tuple(
        PredictedSpan(s.start, s.end, s.label, s.attribute, s.score, text[s.start : s.end]) for s in spans
    )
    return Prediction(text, pieces, (), {}, coverage)


def report_of(text=TEXT, gold=GOLD, spans=PREDICTED, *, id="a", meta=None, scheme=DEFAULT_SCHEME, **options):  # noqa: A002
    coverage = options.pop("coverage", 1.0)
    documents = [Document(id, text, tuple(gold), meta=meta or {})]
    settings = {"bootstrap": 0, "model": "small", "data": "news.jsonl", **options}
    return evaluate_predictions(documents, [predicted(text, spans, coverage)], scheme, **settings)


class Page(HTMLParser):
    """A parsed page: its tags, and the sentences of each error without their labels."""

    def __init__(self, html):
        super().__init__()
        self.html = html
        self.open, self.tags, self.text = [], [], ""
        self.errors: dict[str, dict[str, str]] = {}
        self.marks: list[tuple[str, str]] = []  # side, text with label
        self.error = self.side = None
        self.feed(html)
        self.close()
        assert self.open == [], "every tag is closed"

    def attributes(self, name):
        return [values[name] for _, values in self.tags if name in values]

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.tags.append((tag, values))
        if tag not in VOID:
            self.open.append(tag)
        if values.get("class") == "error":
            self.error = values["id"]
            assert self.error not in self.errors, "once"
            self.errors[self.error] = {}
        if tag == "mark" and self.error:
            self.marks.append((self.side, ""))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag == "article":
            self.error = None

    def handle_data(self, data):
        self.text += data
        if not self.error:
            return
        if "dt" in self.open:
            self.side = data
            assert self.side not in self.errors[self.error]
            self.errors[self.error][self.side] = ""
        elif "dd" in self.open:
            if "small" not in self.open:
                self.errors[self.error][self.side] += data.replace("\u00a0", "")
            if "mark" in self.open:
                self.marks[-1] = (self.side, self.marks[-1][1] + data.replace("\u00a0", " "))


def page_of(report, pictures=()):
    html = "".join(html_report(report, pictures))
    html.encode("utf-8")
    return Page(html)


def assert_self_contained(page):
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "iframe", "object", "embed", "form", "base", "svg", "video", "audio"}
    ids = page.attributes("id")
    assert len(ids) == len(set(ids))
    assert all(link[0] == "#" and link[1:] in ids for link in page.attributes("href"))
    assert all(source.startswith("data:image/png;base64,") for source in page.attributes("src"))
    names = {name for _, values in page.tags for name in values}
    assert not {name for name in names if name.startswith("on")}
    assert not names & {"srcset", "action", "background", "poster", "xlink:href"}
    [style] = re.findall(r"<style>(.*?)</style>", page.html, re.DOTALL)
    assert "url(" not in style
    assert "@import" not in style
    styles = page.attributes("style")
    assert all(re.fullmatch(r"width: \d+\.\d\d%", value) for value in styles)


def test_every_error_once_and_what_is_annotated_first():
    report = report_of()
    page = page_of(report)
    first, second = TEXT.split(". Gen")[0] + ".", "Gen. Tovar said three guards were hurt by Quell rockets."
    assert list(page.errors) == [f"error-{number}" for number in range(1, 6)]
    assert [list(sides) for sides in page.errors.values()] == [["annotated", "predicted"]] * 5
    for sides, sentence in zip(page.errors.values(), [first, first, second, second, second], strict=True):
        assert set(sides.values()) == {sentence}
    assert page.marks == [
        ("annotated", "The old army ACTOR agent"),
        ("predicted", "old army ACTOR agent 0.50"),
        ("annotated", "Port Lode LOCATION"),
        ("predicted", "Port Lode ACTOR other 0.25"),
        ("annotated", "Tovar ACTOR source"),
        ("predicted", "Tovar ACTOR other 0.75"),
        ("annotated", "three guards CASUALTY injured"),
        ("predicted", "Quell rockets WEAPON 0.62"),
    ]
    assert page.html.count('class="nothing"') == 3, "in the legend, for the missed and for the spurious span"


def test_sections_count_what_they_hold():
    html = page_of(report_of()).html
    for kind, title in [("boundary", "Boundary"), ("label", "Label"), ("attribute", "Attribute")]:
        section = html[html.index(f'<section id="{kind}"') :]
        section = section[: section.index("</section>")]
        assert f'<h2>{title} <span class="count">1</span></h2>' in section
        assert section.count("<article") == 1
    assert "2 false alarms" not in html
    assert "3 misses, 3 false alarms" in html


def test_all_tables_are_there():
    report = report_of(training=TrainingSurfaces([Document("t", "The old army", (Span(0, 12, "ACTOR"),))]))
    page = page_of(report)
    for table in [*report_tables(report), *error_tables(report.errors)]:
        assert table.title in page.text
        assert table.note in page.text
    for table in report_tables(report):
        for row in table.rows:
            assert all(cell in page.text for cell in row)
    assert "Errors by frequency in training" in page.text
    assert "seen in training" in page.text
    assert page.html.count('<a href="#error-1">1</a>') == 2, "the error itself, and its pattern"


def test_nothing_is_fetched_and_nothing_runs():
    page = page_of(report_of(), [("Confusion", b"\x89PNG one"), ("Calibration", b"\x89PNG two")])
    assert_self_contained(page)
    pictures = [b64decode(source.split(",")[1]) for source in page.attributes("src")]
    assert pictures == [b"\x89PNG one", b"\x89PNG two"]
    assert all(page.attributes("alt"))
    policy = dict(page.tags)["meta"]
    assert policy
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page.html
    assert "@media print" in page.html
    assert "prefers-color-scheme: dark" in page.html
    assert '<html lang="en">' in page.html


def test_without_pictures_none_are_promised():
    page = page_of(report_of())
    assert not page.attributes("src")
    assert "Pictures" not in page.text


def test_what_a_reader_must_know_stands_first():
    report = report_of(coverage=0.5, skipped=2)
    head, body = page_of(report).html.split("<main>")
    assert len(report.notes) >= 3
    assert head.count('<p class="warning">') == len(report.notes)
    for note in report.notes:
        assert head.index(note) < head.index('class="headline"') < head.index("<nav")
        assert note not in body


def test_no_errors():
    page = page_of(report_of(spans=[Span(s.start, s.end, s.label, s.attribute, 0.9) for s in GOLD]))
    assert page.errors == {}
    assert "No errors." in page.text
    assert "0 misses, 0 false alarms" in page.text


def test_a_span_of_the_other_side_that_is_in_the_way_is_marked_too():
    text = "the rebels and police met"
    page = page_of(
        report_of(text, [Span(4, 10, "ACTOR"), Span(15, 21, "ACTOR")], [Span(4, 21, "ACTOR", None, 0.5)])
    )
    assert list(page.errors) == ["error-1", "error-2"]
    assert page.marks == [
        ("annotated", "rebels ACTOR"),
        ("annotated", "police ACTOR"),
        ("predicted", "rebels and police ACTOR 0.50"),
        ("annotated", "police ACTOR"),
        ("predicted", "rebels and police ACTOR 0.50"),
    ]


HOSTILE = "</dd></article><script>alert(1)</script>\"'><img src=x onerror=y>&amp;<!-- \x1b[31m\u202e\ud800"


def test_hostile_data_are_text():
    scheme = LabelScheme((Label("<b>L", "<i>a", ("<u>v", "<s>w")), Label("M\"'>")))
    text = f"{HOSTILE} Marena {HOSTILE}"
    start = text.index("Marena")
    report = report_of(
        text,
        [Span(start, start + 6, "<b>L", "<u>v")],
        [Span(0, len(HOSTILE), "M\"'>", None, 0.5), Span(start, start + 6, "<b>L", "<s>w", 0.5)],
        id=HOSTILE,
        meta={"source": HOSTILE},
        scheme=scheme,
        model=HOSTILE,
        data=HOSTILE,
        training=TrainingSurfaces([]),
    )
    page = page_of(report, [("Confusion", b"x")])
    assert_self_contained(page)
    assert len(page.errors) == 2
    assert page.html.count("<img") == 1
    assert page.html.count("<title>") == 1
    assert "&lt;script&gt;" in page.html
    assert "\x1b" not in page.html
    assert "\u202e" not in page.html.split("<main>")[0], "what is not isolated is escaped"


@given(st.text(), st.text(), st.text())
@example("a\r\n", "\r\nb", "<")
def test_sentences_are_the_text_and_nothing_but_the_text(before, inside, behind):
    inside = f"x{inside}y"
    text = before + inside + behind
    span = Span(len(before), len(before) + len(inside), "ACTOR", "agent")
    pairs = pair_up([Document("a", text, (span,))], [predicted(text, [])], DEFAULT_SCHEME)
    analysis = analyse_errors(pairs, DEFAULT_SCHEME)
    start, end = analysis.errors[0].sentence()
    page = Page("".join(error_sections(analysis)))
    pieces = text[start : span.start], inside, text[span.end : end]
    expected = bare("".join(visible(piece, keep_bidi=True) for piece in pieces))
    assert [bare(shown) for shown in page.errors["error-1"].values()] == [expected, expected]


def bare(text):
    """The text without what may stand around a sentence that is cut, and the blank before a label."""
    return text.replace("\u00a0", "").removeprefix("… ").removesuffix(" …")


def test_a_word_on_the_way_to_a_page():
    page = page_of(report_of("Rebels left.\n\nشنّ الجيش هجوما.", [Span(0, 6, "ACTOR")], []))
    assert 'dir="auto"' in page.html
    assert "<bdi>Rebels</bdi>" in page.html


@pytest.mark.parametrize("labels", [1, 12])
def test_schemes_of_any_size(labels):
    scheme = LabelScheme(tuple(Label(f"L{index}") for index in range(labels)))
    last = f"L{labels - 1}"
    page = page_of(report_of("one two", [Span(0, 3, last)], [Span(4, 7, last, None, 0.5)], scheme=scheme))
    assert_self_contained(page)
    assert f'class="label-{labels - 1}"' in page.html
    assert len(page.errors) == 2
