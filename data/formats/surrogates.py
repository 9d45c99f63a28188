"""Texts for formats that hold any character but lone surrogates."""

from __future__ import annotations

import re
from dataclasses import replace

from ..documents import Document
from .report import Report

__all__ = ["without_surrogates"]

_SURROGATE = re.compile("[\ud800-\udfff]")


def without_surrogates(document: Document, report: Report) -> Document:
    """Return a document without lone surrogates, which no UTF-8 holds: U+FFFD stands for each, counted."""
    replaced = 0

    def clean(text: str) -> str:
        nonlocal replaced
        text, count = _SURROGATE.subn("\ufffd", text)
        replaced += count
        return text

    spans = tuple(
        replace(
            span,
            label=clean(span.label),
            attribute=None if span.attribute is None else clean(span.attribute),
        )
        for span in document.spans
    )
    cleaned = replace(
        document,
        id=clean(document.id),
        text=clean(document.text),
        spans=spans,
        events=tuple(map(clean, document.events)),
    )
    if not replaced:
        return document
    report.lost["lone surrogates, written as U+FFFD"] += replaced
    return cleaned
