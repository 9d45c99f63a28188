"""Texts: hostile Unicode of any kind through predict, and what must hold of every prediction."""

import io
import json
import random
import sys
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

from rich.console import Console

from conflictner.data import Document
from conflictner.inference import Prediction, Tagger
from conflictner.inference.incidents import Report, export
from conflictner.inference.incidents.exports import FORMATS
from conflictner.inference.rendering import html_page, print_prediction
from conflictner.model import LabelScheme

from .models import tiny_model
from .target import Change, Files, Target

__all__ = ["check_prediction", "hostile_text", "texts"]

_BATCH = 250  # texts of an input
_LONGEST = 200_000  # characters of one that is repeated; each may be a word, and a batch has some seconds
_BETWEEN = b"\n\0--\0\n"  # texts; none holds it
_DAY = "2024-03-05"

#: What texts are made of, beside random characters.
CORPUS: list[str] = [
    json.loads(line)
    for line in (Path(__file__).parent / "texts.jsonl").read_text(encoding="utf-8").splitlines()
]
WORDS = sorted({word for text in CORPUS for word in text.split(" ")})
_JOINTS = ["", " ", " ", " ", "\n", "\r\n", "\r", "\t", ", ", "\u200b", "\u2028", "\0", "\u0301", "-", "  "]
_CASES: list[Callable[[str], str]] = [
    *(str.upper, str.lower, str.title, str.swapcase, str.casefold),
    *(lambda text, form=form: unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")),
]


def texts() -> list[Target]:
    """Return the targets: most texts go through a small model that nobody trained, some through ours."""
    return [
        Target("texts-tiny", _make, "texts", (lambda path: _check(path, _tiny()),), _BATCH, _change),
        Target("texts-bundled", _make, "texts", (lambda path: _check(path, _ours()),), _BATCH, _change),
    ]


@cache
def _tiny() -> Tagger:
    return Tagger.load(tiny_model(), threads=1)


@cache
def _ours() -> Tagger:
    return Tagger.load(threads=1)


# Making


def _make(change: Change) -> Files:
    return {"texts": change(_joined(CORPUS))}


def _change(_content: bytes, draw: random.Random, _others: list[bytes]) -> bytes:
    return _joined([hostile_text(draw) for _ in range(_BATCH)])


def _joined(found: list[str]) -> bytes:
    return _BETWEEN.join(text.encode("utf-8", "surrogatepass") for text in found)


def hostile_text(draw: random.Random) -> str:
    """Make a text, short more often than not."""
    pieces = [_piece(draw) for _ in range(draw.choice((1, 1, 2, 3, 4, 8)))]
    joint = draw.choice(_JOINTS)
    text = "".join(piece + (joint if draw.random() < 0.8 else draw.choice(_JOINTS)) for piece in pieces)
    if draw.random() < 0.1:
        text = draw.choice(_CASES)(text)
    for _ in range(draw.choice((0, 0, 1, 2))):
        text = _edit(text, draw)
    if draw.random() < 0.001:
        text *= min(draw.choice((20, 200)), _LONGEST // max(len(text), 1))
    return text.replace("\n\0--\0\n", "")


def _piece(draw: random.Random) -> str:
    kind = draw.random()
    if kind < 0.35:
        return draw.choice(WORDS)
    if kind < 0.6:
        text = draw.choice(CORPUS)
        first = draw.randrange(len(text))
        return text[first : first + draw.randrange(1, 80)]
    if kind < 0.75:
        return "".join(_character(draw) for _ in range(draw.randrange(1, 12)))
    if kind < 0.85:  # neighbours in the code space, which most often are of one script
        first = ord(_character(draw))
        return "".join(map(chr, range(first, min(first + draw.randrange(1, 30), sys.maxunicode + 1))))
    if kind < 0.95:
        return "".join(draw.choice(WORDS)[:3] or " " for _ in range(draw.randrange(1, 6)))
    if kind < 0.999:
        return _character(draw) * draw.choice((2, 10, 100))
    return draw.choice(("x", "\u0301", " ", "killed", "\U0001f4a5", "\n", "-", "1,", _character(draw))) * 3000


def _character(draw: random.Random) -> str:
    """Return a character of any plane, also of those that nothing is in; half of them of the first."""
    if draw.random() < 0.5:
        return chr(draw.choice((draw.randrange(0x300), draw.randrange(0x3000), draw.randrange(0x10000))))
    return chr(draw.randrange(17) * 0x10000 + draw.randrange(0x10000))


def _edit(text: str, draw: random.Random) -> str:
    first = draw.randrange(len(text) + 1)
    last = min(len(text), first + draw.choice((0, 1, 1, 2, 5)))
    middle = draw.choice(("", _character(draw), text[first:last] * 2, text[first:last][::-1]))
    return text[:first] + middle + text[last:]


# Checking


def _check(path: Path, tagger: Tagger) -> None:
    content = path.read_bytes()
    found = [text.decode("utf-8", "surrogatepass") for text in content.split(_BETWEEN)]
    draw = random.Random(content)
    for text, prediction in zip(found, _predictions(tagger, found, draw), strict=True):
        try:
            assert prediction.text == text, "the prediction is of another text"
            check_prediction(prediction, tagger.scheme)
            if draw.random() < 0.01:
                _check_uses(prediction, tagger, draw)
        except BaseException as error:
            error.add_note(f"the text: {ascii(text)[:5000]}")
            raise


def _predictions(tagger: Tagger, found: list[str], draw: random.Random) -> Iterator[Prediction]:
    thresholds = draw.choice((None, 0.0, {"ACTOR": 0.5}))
    batch_tokens = draw.choice((*[1024] * 30, 64, 1))
    return tagger.predict_batch(found, batch_tokens=batch_tokens, thresholds=thresholds)


def check_prediction(prediction: Prediction, scheme: LabelScheme) -> None:
    """Make sure of what is promised of every prediction."""
    text = prediction.text
    for span in prediction.spans:
        assert 0 <= span.start < span.end <= len(text), span
        assert span.text == text[span.start : span.end], span
        assert span.label in scheme.table, span
        assert span.attribute is None or span.attribute in scheme.table[span.label], span
        assert span.score is not None, span
        assert 0 <= span.score <= 1, span
    for before, after in pairwise(prediction.spans):
        assert before.end <= after.start, (before, after)
    assert 0 <= prediction.coverage <= 1, prediction.coverage
    assert list(prediction.event_scores) == list(scheme.events)
    assert all(0 <= score <= 1 for score in prediction.event_scores.values())
    assert set(prediction.events) <= set(scheme.events)
    record = prediction.to_dict()
    written = prediction.to_json()
    assert written.isascii()
    assert "NaN" not in written or "NaN" in text
    if not _has_split_pair(text):  # JSON joins the halves of a pair
        assert json.loads(written) == record
    document = prediction.document("x")
    assert Document.from_dict(document.to_dict(), scheme.table, scheme.events) == document


def _has_split_pair(text: str) -> bool:
    return any("\ud800" <= a <= "\udbff" and "\udc00" <= b <= "\udfff" for a, b in pairwise(text))


def _check_uses(prediction: Prediction, tagger: Tagger, draw: random.Random) -> None:
    """Make incidents of a prediction, write them, and show both."""
    published = _DAY if draw.random() < 0.2 else None
    found = prediction.incidents(published, rule=draw.choice(("ucdp", "latest", "median", "highest")))
    for incident in found:
        for start, end in incident.sentences:
            assert 0 <= start < end <= len(prediction.text), incident
    assert len(prediction.text) > 20_000 or tagger.predict(prediction.text).text == prediction.text
    if not _has_split_pair(prediction.text):
        report = Report("x", prediction.text, None, found)
        written = {form: "".join(export([report], form)) for form in FORMATS}
        assert Report.from_dict(json.loads(written["jsonl"])) == report
        assert all(piece.encode() for piece in written.values())
    console = Console(file=io.StringIO(), width=80)
    print_prediction(console, "x", prediction, tagger.scheme)
    "".join(html_page([("x", prediction)], tagger.scheme, model="x")).encode()
