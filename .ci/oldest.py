"""Prints the oldest release of each direct dependency that pyproject.toml allows, as constraints for pip.

Run it in the checkout: ``python .ci/oldest.py [EXTRA ...]``.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

_BOUND = re.compile(r"([\w.-]+)(?:\[[\w,-]+\])?>=([\w.]+)")


def oldest(project: dict[str, Any], extras: list[str]) -> list[str]:
    """Return one constraint a dependency of the plain installation and of ``extras``.

    Raises:
        ValueError: for a requirement that is more than a lower bound, save the package's own extras.
    """
    requirements = list(project["dependencies"])
    for extra in extras:
        requirements += project["optional-dependencies"][extra]
    constraints = []
    for requirement in requirements:
        bound = _BOUND.fullmatch(requirement)
        if bound:
            constraints.append(f"{bound[1]}=={bound[2]}")
        elif not requirement.startswith(f"{project['name']}["):
            raise ValueError(f"pyproject.toml: {requirement!r} is not of the form 'name>=version'")
    return constraints


if __name__ == "__main__":
    pyproject = Path(__file__).parents[1] / "pyproject.toml"
    table = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    print("\n".join(oldest(table, sys.argv[1:])))
