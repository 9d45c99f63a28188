"""Documents, spans, readers, writers and sample documents."""

from .documents import Document, LabelTable, Span
from .errors import ConflictnerError, DataError
from .words import word_offsets

__all__ = ["ConflictnerError", "DataError", "Document", "LabelTable", "Span", "word_offsets"]
