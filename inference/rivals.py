"""What others offer for the same task, as functions that tag passages: for comparing speed, not quality."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..model.checkpoint import Checkpoint

__all__ = ["PIPELINE_BATCHES", "Work", "pipeline_works", "spacy_work", "torch_threads"]

#: Batch sizes that the pipeline is tried with; its best one counts.
PIPELINE_BATCHES = (1, 8, 32)

#: Tags passages and returns how many.
Work = Callable[[Sequence[str]], int]

_STEPS, _EXAMPLES = (
    3,
    16,
)  # of training: what is learned does not matter, that there is something to find does
_CAPITALISED = re.compile(r"\b[A-Z][a-z]+\b")


def spacy_work(passages: Sequence[str]) -> Work:
    """Train spaCy's small convolutional tagger for a few steps, to mark capitalised words.

    It runs in one thread, as spaCy does.

    Args:
        passages: What it is trained on.
    """
    import spacy
    from spacy.training import Example

    nlp: Any = spacy.blank("en")
    nlp.add_pipe("ner")
    examples = []
    for passage in passages[:_EXAMPLES]:
        entities = [(*match.span(), "NAME") for match in _CAPITALISED.finditer(passage)]
        document = nlp.make_doc(passage)
        known = [item for item in entities if document.char_span(*item[:2]) is not None]
        examples.append(Example.from_dict(document, {"entities": known}))
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(_STEPS):
        nlp.update(examples, sgd=optimizer)
    return lambda texts: sum(1 for _ in nlp.pipe(texts))


def pipeline_works(checkpoint: Checkpoint) -> dict[int, Work]:
    """Build a single-precision pipeline with windows like the tagger's, for each batch size."""
    import torch
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(
        str(checkpoint.folder), model_max_length=checkpoint.max_length, trust_remote_code=False
    )
    pipeline: Any = transformers.pipeline(
        "token-classification",
        model=str(checkpoint.folder),
        tokenizer=tokenizer,
        device="cpu",
        dtype=torch.float32,
        trust_remote_code=False,
        aggregation_strategy="simple",
        stride=checkpoint.overlap,
    )

    def work(size: int) -> Work:
        return lambda passages: sum(1 for _ in pipeline(list(passages), batch_size=size))

    return {size: work(size) for size in PIPELINE_BATCHES}


@contextmanager
def torch_threads(threads: int) -> Iterator[None]:
    """Let torch have a number of threads, and transformers be quiet, for a while."""
    import torch
    import transformers

    logging: Any = transformers.logging
    before, verbosity = torch.get_num_threads(), logging.get_verbosity()
    torch.set_num_threads(threads)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        torch.set_num_threads(before)
        logging.set_verbosity(verbosity)
        logging.enable_progress_bar()
