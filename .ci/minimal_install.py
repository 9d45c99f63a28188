"""Checks an installation without the train extra: all but the training modules import, and tagging works.

Run it with the Python of that installation, outside the checkout: ``python minimal_install.py ARTICLE``.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

#: The modules that need the train extra to be imported, with all that is below them.
NEEDS_TRAIN_EXTRA = (
    "conflictner.model.export",
    "conflictner.model.network",
    "conflictner.model.network_files",
    "conflictner.model.quantization",
    "conflictner.training",
)


def needs_train_extra(module: str) -> bool:
    """Whether ``module`` is, or is below, one that needs the train extra."""
    return any(module == name or module.startswith(f"{name}.") for name in NEEDS_TRAIN_EXTRA)


def import_all() -> list[str]:
    """Import every module of the installed package that must work, and return their names."""
    import conflictner

    names = [module.name for module in pkgutil.walk_packages(conflictner.__path__, "conflictner.")]
    names = [name for name in names if not needs_train_extra(name)]
    for name in names:
        importlib.import_module(name)
    return names


def run(*arguments: str) -> str:
    """Run the installed ``conflictner`` command and return what it printed."""
    command = Path(sysconfig.get_path("scripts")) / "conflictner"
    return subprocess.run([command, *arguments], check=True, text=True, stdout=subprocess.PIPE).stdout


def main(article: str) -> None:
    """Check the installation this interpreter belongs to; a failed check ends the program with a message."""
    for library in ("torch", "transformers"):
        if find_spec(library):
            sys.exit(f"{library} is installed; this check is about an installation without it")
    names = import_all()
    print(f"{len(names)} modules imported")

    if "tag" not in run("--help"):
        sys.exit("conflictner --help does not name the command tag")

    text = Path(article).read_text(encoding="utf-8")
    document = json.loads(run("tag", "--format", "jsonl", article))
    surfaces = [text[span["start"] : span["end"]] for span in document["spans"]]
    if document["text"] != text or not surfaces or not all(surfaces):
        sys.exit(f"conflictner tag found no usable spans in {article}: {document}")
    print(f"{len(surfaces)} spans tagged: {', '.join(surfaces[:5])}, ...")


if __name__ == "__main__":
    main(sys.argv[1])
