"""What `--help` says, and that it is quick."""

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from ops.cli.app import build
from ops.errors import MEANINGS, ExitCode


@pytest.mark.parametrize("arguments", [["--help"], ["start", "--help"], ["snapshots", "prune", "--help"]])
def test_help_teaches_with_examples(arguments: list[str]) -> None:
    text = CliRunner().invoke(build(), arguments).stdout
    assert "Exit codes:" in text if arguments == ["--help"] else "Examples:" in text


def test_help_fits_a_terminal_of_80_columns() -> None:
    text = CliRunner().invoke(build(), ["doctor", "--help"]).stdout
    assert "a stale cache, who receives the alarms, and what the pipeline's credentials may do." in " ".join(
        text.split()
    )
    assert all(len(line.rstrip()) <= 80 for line in text.splitlines())
    lines = [line.rstrip() for line in text.splitlines()]
    assert lines[lines.index(" hannibal doctor stack --fix") + 1] == "     continues a failed rollback, after asking"


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, below in getattr(command, "commands", {}).items():
        yield from _commands(below, (*path, name))


def test_no_word_of_a_help_is_cut_and_no_type_is_a_programmers() -> None:
    app = build()
    for path in _commands(typer.main.get_command(app)):
        text = CliRunner().invoke(app, [*path, "--help"]).stdout
        table = [line for line in text.splitlines() if line.startswith("│")]
        assert table, path
        assert not [line for line in table if "…" in line or re.search(r"<(bool|str|int|float|path|dir)\b", line)], path


def test_help_loads_no_aws_and_no_cdk() -> None:
    script = "import sys, ops.cli.app; print({'aws_cdk', 'boto3', 'botocore', 'pydantic'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout == "set()\n"


def test_commands_run_where_the_system_has_no_time_zones() -> None:
    """As in a slim container: only what asks for one may fail there."""
    script = "import zoneinfo; zoneinfo.reset_tzpath(to=()); import ops.cli.app"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_each_exit_code_has_a_meaning_of_its_own() -> None:
    assert [*MEANINGS] == [*ExitCode]
    assert len(set(MEANINGS.values())) == len(ExitCode)
