"""How each label looks: colours that colour-blind readers tell apart, and lines for those who see none."""

from __future__ import annotations

from dataclasses import dataclass

from ...model.labels import LabelScheme

__all__ = ["PALETTE", "LabelLook", "looks"]


@dataclass(frozen=True, slots=True)
class LabelLook:
    """The look of one label.

    Attributes:
        terminal: Background of its spans in a terminal, a colour of the 256; text on it is black.
        light: Background and ink on a light page, as ``#rrggbb``; at least 4.5:1 contrast.
        dark: Background and ink on a dark page, likewise.
        border: CSS border style and width, which differ from label to label.
    """

    terminal: int
    light: tuple[str, str]
    dark: tuple[str, str]
    border: str


#: Looks in the order in which labels take them; a scheme with more labels starts again.
PALETTE = (
    LabelLook(117, ("#dbeafe", "#1e3a8a"), ("#1e3a5f", "#bfdbfe"), "2px solid"),
    LabelLook(217, ("#fee2e2", "#991b1b"), ("#5c1f24", "#fecaca"), "2px dashed"),
    LabelLook(157, ("#dcfce7", "#14532d"), ("#14432a", "#bbf7d0"), "2px dotted"),
    LabelLook(222, ("#fef3c7", "#78350f"), ("#553a10", "#fde68a"), "4px double"),
    LabelLook(183, ("#f3e8ff", "#581c87"), ("#44246b", "#e9d5ff"), "4px solid"),
    LabelLook(159, ("#cffafe", "#164e63"), ("#164252", "#a5f3fc"), "4px dashed"),
    LabelLook(218, ("#fce7f3", "#831843"), ("#581c42", "#fbcfe8"), "4px dotted"),
    LabelLook(252, ("#e5e7eb", "#1f2937"), ("#374151", "#e5e7eb"), "6px double"),
)


def looks(scheme: LabelScheme) -> dict[str, LabelLook]:
    """Give every label of a scheme its look, in the scheme's order."""
    return {label.name: PALETTE[i % len(PALETTE)] for i, label in enumerate(scheme.labels)}
