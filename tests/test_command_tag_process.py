"""`conflictner tag` with a real model, in a process of its own."""

import io
import json
import os
import subprocess
import sys

import pytest

from conflictner.data.jsonl import read_jsonl
from conflictner.model import DEFAULT_SCHEME

TEXT = "Rebels shelled Aleppo, killing 12."
COMMAND = "from conflictner.inference.command_line import main; main()"


def lines(*records) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def test_a_real_model_gives_one_result_a_document(tiny_checkpoint, tmp_path):
    texts = [
        TEXT,
        "",
        "\u202eالقوات\x00 \ud800",
        "x" * 70_000,
        *(f"{i} {TEXT}" * (i % 7) for i in range(200)),
    ]
    data = tmp_path / "in.jsonl"
    data.write_text(lines(*({"id": str(i), "text": text} for i, text in enumerate(texts))), encoding="utf-8")
    command = [sys.executable, "-c", COMMAND, "tag", str(data), "-f", "jsonl", "-m", str(tiny_checkpoint)]
    done = subprocess.run([*command, "--batch-tokens", "500"], capture_output=True, check=True)
    written = list(read_jsonl(io.BytesIO(done.stdout), DEFAULT_SCHEME.table))
    assert [document.text for document in written] == texts
    assert [document.id for document in written] == [str(i) for i in range(len(texts))]
    assert done.stderr.startswith(b"204 documents, ")


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals")
def test_the_progress_bar_does_not_touch_the_results(tiny_checkpoint, tmp_path):
    import pty

    data = tmp_path / "in.jsonl"
    data.write_text(lines(*({"id": str(i), "text": TEXT} for i in range(50))))
    controller, terminal = pty.openpty()
    command = [sys.executable, "-c", COMMAND, "tag", str(data), "-f", "jsonl", "-m", str(tiny_checkpoint)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal, check=True)
    os.close(terminal)
    shown = os.read(controller, 1 << 16).decode()
    os.close(controller)
    assert len(list(read_jsonl(io.BytesIO(done.stdout)))) == 50
    assert "tagging" in shown
    assert "50 documents" in shown
