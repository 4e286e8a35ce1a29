"""What `--help` says, and that it is quick."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from ops.cli.app import build


@pytest.mark.parametrize("arguments", [["--help"], ["start", "--help"], ["snapshots", "prune", "--help"]])
def test_help_teaches_with_examples(arguments: list[str]) -> None:
    text = CliRunner().invoke(build(), arguments).stdout
    assert "Exit codes:" in text if arguments == ["--help"] else "Examples:" in text


def test_help_fits_a_terminal_of_80_columns() -> None:
    text = CliRunner().invoke(build(), ["doctor", "--help"]).stdout
    assert "a stale cache, who hears the alarms, and what keeps a stolen pipeline limited." in " ".join(text.split())
    assert all(len(line.rstrip()) <= 80 for line in text.splitlines())
    lines = [line.rstrip() for line in text.splitlines()]
    assert lines[lines.index(" hannibal doctor stack --fix") + 1] == "     continues a failed rollback, after asking"


def test_help_loads_no_aws_and_no_cdk() -> None:
    script = "import sys, ops.cli.app; print({'aws_cdk', 'boto3', 'botocore', 'pydantic'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout == "set()\n"
