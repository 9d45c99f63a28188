"""What importing the packages does, loads and offers, and which package may import which."""

import ast
import importlib
import json
import re
import runpy
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import resolve_name
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
needs_train_extra = runpy.run_path(str(ROOT / ".ci" / "minimal_install.py"))["needs_train_extra"]

#: Folder -> the folders it may import from; the command line may also import the training.
MAY_IMPORT = {
    "configs": {"configs"},
    "data": {"data"},
    "model": {"data", "model"},
    "training": {"configs", "data", "model", "training"},
    "inference": {"data", "model", "inference"},
    "inference.command_line": {"configs", "data", "model", "inference", "training"},
}

IMPORT_NAMES = {"pyyaml": "yaml", "scikit-learn": "sklearn"}


def libraries(requirements: list[str]) -> set[str]:
    """The import names of the distributions that ``requirements`` name."""
    names = [re.match(r"[\w.-]+", line)[0] for line in requirements]
    return {IMPORT_NAMES.get(name, name.replace("-", "_")) for name in names}


PLAIN = libraries(PROJECT["dependencies"])
TRAIN = libraries(PROJECT["optional-dependencies"]["train"])
BULK = libraries(PROJECT["optional-dependencies"]["bulk"])
EXTRAS = set[str]().union(
    *(libraries(lines) for name, lines in PROJECT["optional-dependencies"].items() if name != "dev")
)


@dataclass(frozen=True)
class Import:
    """An imported name, such as ``conflictner.data.documents.Span``, and whether it is loaded at once."""

    name: str
    line: int
    at_import: bool

    def is_from(self, module: str) -> bool:
        return self.name == module or self.name.startswith(f"{module}.")


class Module:
    """A module of the tree under its import name."""

    def __init__(self, path: Path):
        parts = path.relative_to(ROOT).with_suffix("").parts
        self.is_package = parts[-1] == "__init__"
        self.name = ".".join(("conflictner", *(parts[:-1] if self.is_package else parts)))
        self.package = self.name if self.is_package else self.name.rpartition(".")[0]
        self.tree = ast.parse(path.read_text(encoding="utf-8"), path)
        self.imports = list(self._imports(self.tree, at_import=True))
        definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        self.defined = [node.name for node in self.tree.body if isinstance(node, definitions)]
        self.all = [
            name
            for node in self.tree.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
            for name in ast.literal_eval(node.value)
        ]

    def _imports(self, node: ast.AST, at_import: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield Import(alias.name, child.lineno, at_import)
            elif isinstance(child, ast.ImportFrom):
                source = resolve_name("." * child.level + (child.module or ""), self.package)
                for alias in child.names:
                    yield Import(f"{source}.{alias.name}", child.lineno, at_import)
            else:
                delayed = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
                delayed |= isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
                yield from self._imports(child, at_import and not delayed)


MODULES = [
    Module(path)
    for folder in ("configs", "data", "inference", "model", "training")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
each_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)

WATCH_AN_IMPORT = """
import json, logging, os, sys, warnings
import numpy  # adds warning filters of its own
for name in sys.argv[2:]:
    __import__(name)

def state():
    root = logging.getLogger()
    return {
        "log level": root.level, "log handlers": len(root.handlers), "logging disabled": root.manager.disable,
        "warning filters": repr(warnings.filters), "environment": dict(os.environ),
    }

before = state()
__import__(sys.argv[1])
after = state()
changed = [key for key in before if before[key] != after[key]]
print(json.dumps({"changed": changed, "loaded": sorted(set(n.partition(".")[0] for n in sys.modules))}))
"""


def watch_import(module: str, *beforehand: str) -> dict[str, list[str]]:
    """Import ``module`` in a new interpreter where warnings are errors; tell what changed and was loaded."""
    command = [sys.executable, "-W", "error", "-c", WATCH_AN_IMPORT, module, *beforehand]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("module", "beforehand"),
    [
        ("conflictner.data", []),
        ("conflictner.model", []),
        ("conflictner.inference.tagger", []),
        ("conflictner.inference.command_line.commands", ["typer", "rich"]),
    ],
)
def test_import_is_light_and_changes_nothing(module, beforehand):
    seen = watch_import(module, *beforehand)
    assert seen["changed"] == []
    assert {"sklearn", "scipy", "seqeval", *TRAIN, *BULK, "ray", "pyspark"} & set(seen["loaded"]) == set()


@pytest.mark.parametrize("module", ["conflictner.data", "conflictner.inference.command_line"])
def test_no_numerical_library_is_loaded(module):
    command = [sys.executable, "-c", f"import sys, {module}; print('numpy' in sys.modules)"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"


def test_names_of_inference_are_listed_before_they_are_loaded():
    code = "import conflictner.inference as i; print({*i.__all__} <= {*dir(i)}, hasattr(i, 'Taggers'))"
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "True False\n"


@pytest.mark.parametrize("name", [module.name for module in MODULES if module.is_package])
def test_package_has_what_its_all_names(name):
    package = importlib.import_module(name)
    assert [item for item in getattr(package, "__all__", []) if not hasattr(package, item)] == []


@each_module
def test_all_names_what_a_module_offers(module):
    offered = {name for name in module.defined if not name.startswith("_")}
    if module.is_package and not module.defined:  # it only collects what is in its modules
        offered = {item.name.rpartition(".")[2] for item in module.imports if item.is_from(module.name)}
        assert sorted(offered) == sorted(module.all)
    assert offered <= set(module.all)


@each_module
def test_dependencies_point_one_way(module):
    folder = module.name.split(".")[1] if "." in module.name else ""
    command_line = module.name.startswith("conflictner.inference.command_line")
    allowed = MAY_IMPORT["inference.command_line" if command_line else folder]
    own = [(item.name, item.line) for item in module.imports if item.is_from("conflictner")]
    assert [(name, line) for name, line in own if name.split(".")[1] not in allowed] == []


@each_module
def test_every_imported_library_is_declared(module):
    declared = PLAIN | EXTRAS | {"conflictner"} | set(sys.stdlib_module_names)
    used = {(item.name.partition(".")[0], item.line) for item in module.imports}
    assert [(name, line) for name, line in used if name not in declared] == []


@each_module
def test_train_extra_is_imported_only_where_it_is_needed(module):
    if needs_train_extra(module.name):
        return
    at_import = [item for item in module.imports if item.at_import]
    heavy = [
        item for item in at_import if item.name.partition(".")[0] in TRAIN or needs_train_extra(item.name)
    ]
    assert heavy == []


@each_module
def test_data_needs_only_pydantic_and_yaml(module):
    if not module.name.startswith("conflictner.data"):
        return
    accepted = {"conflictner", "pydantic", "yaml"} | set(sys.stdlib_module_names)
    assert [item for item in module.imports if item.name.partition(".")[0] not in accepted] == []


def test_imports_across_folders_are_relative():
    absolute = [
        f"{module.name}:{node.lineno}"
        for module in MODULES
        for node in ast.walk(module.tree)
        if (
            isinstance(node, ast.ImportFrom)
            and not node.level
            and (node.module or "").startswith("conflictner")
        )
        or (
            isinstance(node, ast.Import) and any(alias.name.startswith("conflictner") for alias in node.names)
        )
    ]
    assert absolute == []
