"""What all our web pages share: text that is no markup, and the style sheet."""

from __future__ import annotations

from html import escape
from importlib.resources import files

from ...model.labels import LabelScheme
from .palette import looks
from .visible import visible

__all__ = ["label_classes", "safe", "stylesheet"]


def safe(text: str) -> str:
    """Return any text as HTML that shows it and does nothing else."""
    return escape(visible(text, keep_bidi=True))


def label_classes(scheme: LabelScheme) -> dict[str, str]:
    """Return the CSS class of each label's marks."""
    return {label.name: f"label-{i}" for i, label in enumerate(scheme.labels)}


def stylesheet(scheme: LabelScheme) -> str:
    """Return the style sheet: the looks of the labels, in light and dark, and ``page.css``."""
    light, dark = [], []
    for i, look in enumerate(looks(scheme).values()):
        lines = f"border-bottom: {look.border} currentcolor;"
        light.append(f".label-{i} {{ background: {look.light[0]}; color: {look.light[1]}; {lines} }}\n")
        dark.append(f".label-{i} {{ background: {look.dark[0]}; color: {look.dark[1]}; }}\n")
    static = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    return f"{''.join(light)}@media (prefers-color-scheme: dark) {{\n{''.join(dark)}}}\n{static}"
