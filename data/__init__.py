"""Documents, spans, readers, writers and sample documents."""

from .conll import conll_lines, read_conll, write_conll
from .counts import Counts, count_items
from .documents import Document, LabelTable, Span
from .errors import ConflictnerError, DataError
from .files import read_documents, require_documents
from .jsonl import read_jsonl, to_json_line, write_jsonl
from .statistics import Statistics, statistics
from .words import word_offsets

__all__ = [
    "ConflictnerError",
    "Counts",
    "DataError",
    "Document",
    "LabelTable",
    "Span",
    "Statistics",
    "conll_lines",
    "count_items",
    "read_conll",
    "read_documents",
    "read_jsonl",
    "require_documents",
    "statistics",
    "to_json_line",
    "word_offsets",
    "write_conll",
    "write_jsonl",
]
