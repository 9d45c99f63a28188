"""MUC-3 and MUC-4 answer keys: what happened in a report, as slots with the words that fill them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Fill", "Template", "read_keys"]

_SLOT = re.compile(r"(\d{1,2})\.\s+([A-Z :]+?)(?:\s{2,}(.*))?$")
_STRING = re.compile(r'"((?:\\.|[^"\\])*)("\s*:|"|\\?$)')  # the last for what is never closed


@dataclass(frozen=True)
class Fill:
    """Words of a report that fill a slot.

    Attributes:
        text: The words, in capital letters.
        names: What the words describe, when the slot says so: ``"MONSIGNOR": "ARNULFO ROMERO"``.
    """

    text: str
    names: str | None = None


@dataclass
class Template:
    """One incident of a report.

    Attributes:
        message: The report's id, such as ``"DEV-MUC3-0001"``.
        slots: Slot number -> the lines of its value.
        titles: Slot number -> what the slot is called.
    """

    message: str
    slots: dict[int, list[str]] = field(default_factory=dict)
    titles: dict[int, str] = field(default_factory=dict)

    @property
    def is_incident(self) -> bool:
        """Whether it tells of an incident, and not that the report has none."""
        return any(line.strip("*- ") for slot, lines in self.slots.items() if slot > 1 for line in lines)

    def to_dict(self) -> dict[str, list[str]]:
        """Return the slots that are filled, by title, as JSON values."""
        return {self.titles[slot]: lines for slot, lines in self.slots.items() if lines != ["*"]}

    def fills(self, slot: int) -> list[Fill]:
        """Return the strings in a slot, alternatives included; empty for ``-`` and ``*``."""
        found = []
        for line in self.slots.get(slot, []):
            strings = _strings(line)
            for index, match in enumerate(strings):
                if index and strings[index - 1][2] != '"':
                    continue  # what is described, not the description
                described = strings[index + 1][1] if match[2] != '"' and index + 1 < len(strings) else None
                text = match[1].replace('\\"', '"').strip()
                if text not in ("", "-"):
                    found.append(Fill(text, described))
        return found

    def value(self, slot: int) -> str:
        """Return the first line of a slot without marks of doubt and alternatives."""
        lines = self.slots.get(slot) or [""]
        return lines[0].removeprefix("?").split(" / ")[0].strip()

    def places(self) -> list[str]:
        """Return the names in the slot of the location: ``EL SALVADOR: APOPA (CITY)`` has two."""
        parts = [part for line in self.slots.get(3, []) for part in re.split(r"[:/]| - ", line)]
        names = [re.sub(r"\([^)]*\)|[?]", "", part).strip() for part in parts]
        return [name for name in names if name.strip("-* ")]

    def effects(self) -> dict[str, str]:
        """Return what happened to the human targets: fill -> ``"DEATH"``, ``"DEATH / INJURY"``, ..."""
        effects = {}
        for line in self.slots.get(23, []):
            effect = line.removeprefix("?").split(":")[0].strip()
            for match in _strings(line):
                effects[match[1]] = effect
        return effects


def _strings(line: str) -> list[re.Match[str]]:
    """Return the strings in a line; the second group is the closing mark, with a colon where one follows."""
    return [match for match in _STRING.finditer(line) if match[2].startswith('"')]


def read_keys(text: str) -> Iterator[Template]:
    """Yield the templates of a key file; reports without an incident have none with fills."""
    template: Template | None = None
    slot = None
    for line in text.splitlines():
        match = _SLOT.match(line.rstrip())
        if match:
            slot, value = int(match[1]), (match[3] or "").strip()
            if slot == 0:
                if template is not None:
                    yield template
                template = Template(value.split(" ")[0])
            elif template is not None:
                template.slots[slot] = [value]
                template.titles[slot] = match[2]
        elif template is not None and slot and line[:1].isspace() and line.strip():
            template.slots[slot].append(line.strip())
        elif not line.strip():
            slot = None
    if template is not None:
        yield template
