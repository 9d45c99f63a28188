"""Every command and every example of README.md, run in order in one folder."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
#: What stands for a command that takes long or needs data that is not part of the repository.
INSTEAD = {
    f"conflictner data attach data/annotations/open-news-{part}.jsonl ../shared/corpus "
    f"-o runs/open-news-{part}.jsonl": "conflictner data attach --help"
    for part in (1, 2)
}
DISTILL = (
    "conflictner distill configs/distill/default.yaml --set teachers.checkpoints=[] --set teachers.count=2"
)
INSTEAD[f"{DISTILL} --set finetune.epochs=1"] = f"{DISTILL} --check"
INSTEAD["conflictner distill configs/distill/articles.yaml"] = (
    "conflictner distill configs/distill/articles.yaml --check"
)
INSTEAD["conflictner pretrain configs/pretrain/cpu.yaml"] = (
    "conflictner pretrain configs/pretrain/cpu.yaml --check --set corpus.held_out_share=0.2 "
    "--set corpus.files='[{path: data/samples/ambush.txt, weight: 1.0}]'"
)


def blocks(*languages: str) -> list[tuple[str, str]]:
    found = BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    return [(language, body) for language, body in found if language in languages]


def commands(body: str) -> list[str]:
    lines = [line for line in body.splitlines() if line.strip()]
    parts = [part.strip() for line in lines for part in line.split("&&")]
    return [INSTEAD.get(part, part) for part in parts if not part.startswith(("pip install", "pytest"))]


def without_scores(text: str) -> list[str]:
    """Lines of ``text`` with their decimals hidden: the last digits differ between processors."""
    return [re.sub(r"\d\.\d+", "#", line).rstrip() for line in text.strip().splitlines()]


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "100", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=400, check=False
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder that looks like the checkout to a reader who types the commands."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("data", "configs"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def test_every_command_and_example_runs_and_prints_what_readme_shows(folder: Path):
    shown = blocks("sh", "python", "text")
    ran = 0
    output = ""
    for language, body in shown:
        if language == "text":
            assert without_scores(output) == without_scores(body)
            continue
        shell = language == "sh"
        steps = [["bash", "-c", line] for line in commands(body)] if shell else [[sys.executable, "-c", body]]
        for step in steps:
            done = run(step, folder)
            assert done.returncode == 0, f"{step[-1]}\n{done.stdout}\n{done.stderr}"
            output = done.stdout
            ran += 1
    assert ran >= 15


def test_the_json_and_yaml_examples_are_valid(folder: Path):
    import yaml

    from conflictner.data import Document
    from conflictner.model import DEFAULT_SCHEME, LabelScheme

    (json_example,) = (body for _, body in blocks("json"))
    path = folder / "example.jsonl"
    path.write_text(json_example, encoding="utf-8")
    from conflictner.data import read_documents

    (document,) = read_documents(path, DEFAULT_SCHEME.table, DEFAULT_SCHEME.events)
    assert isinstance(document, Document)
    assert [document.text[s.start : s.end] for s in document.spans] == ["Two soldiers", "Mopti"]
    (yaml_example,) = (body for _, body in blocks("yaml"))
    assert LabelScheme.from_dict(yaml.safe_load(yaml_example)["labels"]).table == {
        "PERSON": (),
        "VEHICLE": ("civil", "military"),
    }


def test_every_linked_file_exists():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).exists(), target


def test_the_commands_named_are_the_commands_there_are():
    from conflictner.inference.command_line.commands import app

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `conflictner ([\w-]+)", readme, re.MULTILINE))
    registered = {
        command.callback.__name__.replace("_", "-") for command in app.registered_commands if command.callback
    }
    groups = {group.name for group in app.registered_groups}
    assert named == registered | groups
