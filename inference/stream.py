"""Streams: texts in, predictions out, in order, while threads run the network on the texts read before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace

from ..data.documents import Span
from ..model.checkpoint import Checkpoint
from ..model.reading import ReadingInProgress, Rest
from ..model.windows import TokenizedText, Window, WindowEncoder
from .engines import Engine
from .prediction import PredictedSpan, Prediction

__all__ = ["PredictionStream", "Round", "Section"]

_ROUND = 32  # batches gathered before they are sorted by length; bounds what is held in memory
_CHARACTERS = 8  # of a text that count as much as a piece, lest texts without pieces are gathered for ever


@dataclass(frozen=True, slots=True)
class Section:
    """A text on its way through the network, or a stretch of one that is longer than a round."""

    text: str
    tokens: TokenizedText
    windows: list[Window]
    is_last: bool


@dataclass(frozen=True, slots=True)
class Round:
    """Sections that are read at once; only the last one's text may go on in the next round."""

    sections: list[Section]
    reading: ReadingInProgress


class PredictionStream:
    """Tags texts of any number and length with bounded memory; for one use, by one thread.

    Rounds of texts are tokenised while the round before runs in threads, where the engine is fastest with
    several; what a round gives is decoded while the next one runs.

    Args:
        checkpoint: Gives scheme and calibration.
        engine: Runs the network.
        encoder: Cuts texts into windows.
        batch_tokens: Most pieces in one run of the network, padding included.
        least: The least score of a span of each label.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        engine: Engine,
        encoder: WindowEncoder,
        batch_tokens: int,
        least: Mapping[str, float],
    ) -> None:
        self._checkpoint = checkpoint
        self._engine = engine
        self._encoder = encoder
        self._batch_tokens = batch_tokens
        self._least = least
        self._most = _ROUND * batch_tokens
        self._rest: Rest | None = None
        self._found: list[PredictedSpan] = []

    def predictions(self, texts: Iterator[str]) -> Iterator[Prediction]:
        """Yield one prediction a text."""
        pool = ThreadPoolExecutor(self._engine.workers) if self._engine.workers > 1 else None
        under_way: Round | None = None
        gathered: list[Section] = []
        pieces = 0
        try:
            for text in texts:
                for section in self.sections(text):
                    gathered.append(section)
                    pieces += 1 + max(len(section.tokens.ids), len(text) // _CHARACTERS)
                    if pieces >= self._most or not section.is_last:
                        following = self.begin(gathered, pool)
                        gathered, pieces = [], 0
                        if under_way is not None:
                            yield from self.finish(under_way)
                        under_way = following
                if under_way is not None and under_way.reading.is_ready():
                    yield from self.finish(under_way)
                    under_way = None
            rounds = [under_way] if under_way is not None else []
            if gathered:
                rounds.append(self.begin(gathered, pool if rounds else None))
            for last in rounds:
                yield from self.finish(last)
        finally:
            if pool is not None:
                pool.shutdown(cancel_futures=True)

    def sections(self, text: str) -> Iterator[Section]:
        """Yield a text as one section, or as several of whole windows when it is longer than a round."""
        tokens = self._encoder.tokenize(text)
        windows = self._encoder.windows(tokens)
        if len(tokens.ids) <= self._most:
            yield Section(text, tokens, list(windows), True)
            return
        own: list[Window] = []
        first = pieces = 0
        for window in windows:
            if pieces >= self._most:
                yield Section(text, _stretch(tokens, first, window.first), own, False)
                own, first, pieces = [], window.first, 0
            own.append(replace(window, first=window.first - first))
            pieces += len(window.ids)
        yield Section(text, _stretch(tokens, first, len(tokens.words)), own, True)

    def begin(self, sections: list[Section], pool: Executor | None) -> Round:
        """Start to read sections."""
        reading = ReadingInProgress(
            self._engine.run,
            [section.tokens for section in sections],
            [section.windows for section in sections],
            self._checkpoint.scheme,
            batch_tokens=self._batch_tokens,
            pad_id=self._checkpoint.pad_id,
            workers=self._engine.workers,
            pool=pool,
        )
        return Round(sections, reading)

    def finish(self, finished: Round) -> Iterator[Prediction]:
        """Wait for a round and yield the predictions of the texts that end in it."""
        scheme, calibration = self._checkpoint.scheme, self._checkpoint.calibration
        reading = finished.reading.result()
        if self._rest is not None:
            reading = reading.following(self._rest)
            self._rest = None
        if not finished.sections[-1].is_last:
            reading, self._rest = reading.without_rest(scheme, calibration.temperature)
        decoded = reading.spans(scheme, calibration.temperature, calibration.confidence)
        probabilities = reading.event_probabilities().tolist()
        for section, spans, row in zip(finished.sections, decoded, probabilities, strict=True):
            if not section.is_last:
                self._found += self._kept(section.text, self._settled(spans))
                continue
            found = (*self._found, *self._kept(section.text, spans))
            self._found = []
            scores = dict(zip(scheme.events, row, strict=True))
            present = tuple(
                name for name, score in scores.items() if score >= calibration.event_thresholds[name]
            )
            yield Prediction(section.text, found, present, scores, section.tokens.coverage)

    def _settled(self, spans: list[Span]) -> Iterator[Span]:
        """Yield the spans of a long text that the rest of it will not give again."""
        assert self._rest is not None
        border = self._rest.words[0, 0] if len(self._rest.words) else float("inf")
        return (span for span in spans if span.start < border)

    def _kept(self, text: str, spans: Iterable[Span]) -> Iterator[PredictedSpan]:
        """Yield the spans that are certain enough, with their piece of the text."""
        for span in spans:
            if span.score is None or span.score >= self._least[span.label]:
                start, end = span.start, span.end
                yield PredictedSpan(start, end, span.label, span.attribute, span.score, text[start:end])


def _stretch(tokens: TokenizedText, first: int, last: int) -> TokenizedText:
    """Return the words from ``first`` to before ``last``, with their pieces."""
    begin, end = (
        int(tokens.heads[word]) if word < len(tokens.heads) else len(tokens.ids) for word in (first, last)
    )
    return replace(
        tokens,
        words=tokens.words[first:last],
        ids=tokens.ids[begin:end],
        heads=tokens.heads[first:last] - begin,
    )
