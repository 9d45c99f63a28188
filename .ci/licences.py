"""Prints the packages that an installation of conflictner brings, with version and licence, as a table.

Run it with the Python of that installation: ``python licences.py [EXTRA ...]``. With extras, what they name
themselves is listed, without what that brings in turn.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_PREFIX = "License :: "


def requirements(name: str, extras: frozenset[str]) -> Iterator[Requirement]:
    """Yield what a package asks for on this system, with its extras."""
    for line in distribution(name).requires or ():
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield requirement


def installed(name: str) -> list[str]:
    """Return the names of all packages that ``name`` brings, directly or not, sorted."""
    found: set[str] = set()
    waiting = [Requirement(name)]
    while waiting:
        parent = waiting.pop()
        for requirement in requirements(parent.name, frozenset(parent.extras)):
            key = canonicalize_name(requirement.name)
            if key not in found:
                found.add(key)
                waiting.append(requirement)
    return sorted(found)


def of_extra(extra: str) -> list[str]:
    """Return the names of the packages that an extra asks for, sorted."""
    plain = {requirement.name for requirement in requirements("conflictner", frozenset())}
    asked = {requirement.name for requirement in requirements("conflictner", frozenset({extra}))}
    return sorted(map(canonicalize_name, asked - plain - {"conflictner"}))


def licence(name: str) -> str:
    """Return the licence that a package's metadata state: an expression, a short text or a classifier."""
    metadata = distribution(name).metadata
    stated = metadata.get("License-Expression") or metadata.get("License") or ""
    classified = [
        c.rpartition(" :: ")[2] for c in metadata.get_all("Classifier", []) if c.startswith(_PREFIX)
    ]
    is_short = stated and "\n" not in stated and len(stated) < 80
    return stated if is_short else "; ".join(classified) or "see the package"


def rows(names: list[str]) -> Iterator[tuple[str, str, str]]:
    """Yield name, version and licence."""
    for name in names:
        try:
            yield name, distribution(name).version, licence(name)
        except PackageNotFoundError:
            yield name, "not installed", ""


def main(extras: list[str]) -> None:
    """Print the table."""
    names = (
        sorted({name for extra in extras for name in of_extra(extra)}) if extras else installed("conflictner")
    )
    print("| package | version | licence |\n|---|---|---|")
    for row in rows(names):
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main(sys.argv[1:])
