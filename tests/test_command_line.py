import importlib.metadata
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from conflictner.data import ConflictnerError
from conflictner.inference.command_line.commands import app

COMMANDS = [
    "tag",
    "tag-corpus",
    "incidents",
    "evaluate",
    "compare",
    "pretrain",
    "distill",
    "train",
    "card",
    "bench",
]
COMMANDS += ["convert", "data", "data attach", "data fetch", "data stats", "data validate"]
COMMANDS += [
    "benchmark",
    "benchmark baselines",
    "benchmark re3d",
    "benchmark study",
    "benchmark incidents",
    "benchmark places",
]
FULL = Path("/dev/full")
HEAVY = {"torch", "transformers", "sklearn", "scipy", "seqeval", "matplotlib", "datasets", "onnxruntime"}


def python(code: str, *arguments: str, environment: dict[str, str] | None = None, **settings):
    """Run code in a new interpreter, without what this one's environment says on encodings and colours."""
    ours = ("PYTHON", "LC_", "LANG", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    command = [sys.executable, "-c", textwrap.dedent(code), *arguments]
    return subprocess.run(command, env=kept | (environment or {}), timeout=120, **settings)


def failing(error: BaseException):
    """What the command line does when a command fails."""
    command = typer.Typer(**{"cls": app.info.cls, "pretty_exceptions_enable": False})
    command.callback()(lambda: None)

    @command.command()
    def fail() -> None:
        raise error

    return CliRunner().invoke(command, ["fail"])


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_help(command):
    done = CliRunner().invoke(app, [*command.split(), "--help"])
    assert done.exit_code == 0
    assert done.stdout.startswith("Usage: ")
    assert "--help" in done.stdout
    assert done.stdout == CliRunner().invoke(app, [*command.split(), "-h"]).stdout


def test_help_lists_the_commands():
    listed = CliRunner().invoke(app, ["--help"]).stdout
    assert set(re.findall(r"^  ([a-z]\S*) ", listed[listed.index("Commands:") :], re.M)) == {
        c.split()[0] for c in COMMANDS
    }


@pytest.mark.parametrize("arguments", ["--help", "tag --help", "tag nowhere.txt"])
def test_what_needs_no_model_loads_none(arguments):
    code = """
        import sys
        from conflictner.inference.command_line import main
        try:
            main()
        except SystemExit:
            print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
    """
    done = python(code, *arguments.split(), capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stderr.splitlines()[-1].split()) == set()


def test_version():
    done = CliRunner().invoke(app, ["--version"])
    assert done.stdout == f"conflictner {importlib.metadata.version('conflictner')}\n"
    assert done.exit_code == 0


def test_mistakes_of_users_end_in_one_line():
    done = failing(ConflictnerError("a\x1b[31m\nb.txt: is \ud800 bad"))
    assert done.exit_code == 2
    assert done.stderr == "error: a\\x1b[31m\\nb.txt: is \\ud800 bad\n"
    assert done.stdout == ""


def test_mistakes_of_ours_are_not_hidden():
    assert isinstance(failing(ZeroDivisionError("ours")).exception, ZeroDivisionError)


def test_interruption_is_reported_as_shells_do():
    done = failing(KeyboardInterrupt())
    assert done.exit_code == 130
    assert "Traceback" not in done.output


@pytest.mark.parametrize("library", ["numpy", "typer"])
def test_an_interruption_while_libraries_load_is_quiet(library):
    code = f"""
        import sys
        class Interrupted:
            def find_spec(self, name, path=None, target=None):
                if name == {library!r}:
                    raise KeyboardInterrupt
        sys.meta_path.insert(0, Interrupted())
        from conflictner.inference.command_line import main
        main()
    """
    done = python(code, "--help", capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_usage_errors_are_plain_and_name_the_option():
    done = CliRunner().invoke(app, ["tag", "--colour", "x"])
    assert done.exit_code == 2
    assert "No such option" in done.stderr
    assert "--colour" in done.stderr


def test_a_value_that_is_none_of_the_choices_is_shown_with_them():
    done = CliRunner().invoke(app, ["tag", "--format", "xml"])
    assert done.exit_code == 2
    assert "Invalid value for '--format' / '-f': 'xml' is not one of 'pretty', 'json'," in done.stderr


WITH_COMMAND = """
    import typer
    from conflictner.inference.command_line import main
    from conflictner.inference.command_line.commands import app

    @app.command()
    def probe() -> None:
        {body}

    main()
"""


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_a_reader_that_goes_away_ends_the_command_quietly():
    code = WITH_COMMAND.format(body="[typer.echo('x' * 1000) for _ in range(10_000)]")
    reading, writing = os.pipe()
    os.close(reading)
    done = python(code, "probe", stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert done.stderr == b""
    assert done.returncode == 0


@pytest.mark.skipif(not FULL.exists(), reason="no device here is always full")
@pytest.mark.parametrize("length", [1, 1_000_000])
def test_a_full_disk_behind_the_standard_output_is_told_in_one_line(length):
    code = WITH_COMMAND.format(body=f"__import__('sys').stdout.write('x' * {length})")
    with FULL.open("w") as full:
        done = python(code, "probe", stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr == "error: the standard output cannot be written (No space left on device)\n"


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252"},
    ],
)
def test_any_character_can_be_written_in_any_locale(environment):
    code = WITH_COMMAND.format(body=r"typer.echo('\xe9\u6f22\ud800'); typer.echo('\u2013\udfff', err=True)")
    done = python(code, "probe", environment=environment, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "é漢\\ud800\n".encode()
    assert done.stderr == "–\\udfff\n".encode()


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals")
def test_nothing_to_tag_at_a_terminal_says_what_to_type():
    import pty

    controller, terminal = pty.openpty()
    code = "from conflictner.inference.command_line import main; main()"
    done = python(code, "tag", stdin=terminal, capture_output=True, text=True)
    os.close(terminal)
    os.close(controller)
    assert done.returncode == 2
    assert done.stderr == "error: no FILE given and nothing piped in; type: conflictner tag FILE\n"


def test_the_package_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "conflictner.inference.command_line", "--version"],
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("conflictner ")
