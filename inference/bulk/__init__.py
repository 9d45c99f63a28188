"""Bulk tagging: whole corpora into folders of shards, safe against interruption."""

from .errors import BulkError, StoppedError
from .run import tag_corpus
from .shards import OutputForm
from .source import InputKind
from .summary import Summary

__all__ = ["BulkError", "InputKind", "OutputForm", "StoppedError", "Summary", "tag_corpus"]
