"""A command that an error advises works with the environment of the command that ended."""

import ast
import re

import pytest
import typer
from rich.text import Text
from typer.core import TyperGroup
from typer.testing import CliRunner

from ops.cli.advice import name_environment
from ops.cli.app import build
from ops.cli.commands.start import start
from ops.cli.commands.stop import stop
from ops.cli.console.screen import Console
from ops.cli.session import connected, settings_of
from ops.errors import ExitCode, RefusedError
from tests.conftest import ROOT


def advised(text: str, environment: str) -> str:
    commands = typer.main.get_command(build())
    assert isinstance(commands, TyperGroup)
    error = RefusedError(text, text)
    error.environment = environment
    name_environment(error, commands)
    assert (error.problem,) == error.advice
    return error.problem


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Go back: `hannibal rollback`", "Go back: `hannibal rollback --env prod`"),
        (
            "`hannibal logs --since 2h`, `hannibal status`",
            "`hannibal logs --env prod --since 2h`, `hannibal status --env prod`",
        ),
        ("`hannibal secrets set NAME`", "`hannibal secrets set --env prod NAME`"),
        ("`hannibal run -- migrate`", "`hannibal run --env prod -- migrate`"),
        ("`hannibal run -- node -e x`", "`hannibal run --env prod -- node -e x`"),
        ("`hannibal alarms`", "`hannibal alarms --env prod`"),
    ],
)
def test_commands_in_advice_name_the_environment(text: str, named: str) -> None:
    assert advised(text, "prod") == named
    assert advised(text, "dev") == advised(text, "") == text


@pytest.mark.parametrize(
    "text",
    [
        "`hannibal status --env stage`",
        "`hannibal status --env=stage`",
        "`hannibal run -e stage -- x`",
        "`hannibal local down`",  # takes none
        "`hannibal nothing of it`",
        "`aws ecs list-clusters`",
        "hannibal status, in a sentence",
    ],
)
def test_commands_that_name_an_environment_or_take_none_stay(text: str) -> None:
    assert advised(text, "prod") == text


def test_an_error_knows_the_environment_of_its_command() -> None:
    with pytest.raises(RefusedError) as raised, connected(settings_of("prod")):
        raise RefusedError("refused")
    assert raised.value.environment == "prod"


def test_every_command_in_a_message_is_recognised() -> None:
    """It is found by its quotes. `hannibal local` and `hannibal review` ask no account."""
    texts = {
        it.value
        for file in (ROOT / "ops").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Raise) or _says(node)
        for it in ast.walk(node)
        if isinstance(it, ast.Constant)
    }
    assert len(texts) > 400
    assert [it for it in texts if re.search(r"(?<![`\w])\bhannibal (?!local|review)[a-z]", str(it))] == []


def _says(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("echo", "notify")


def test_the_command_line_prints_advice_with_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: object) -> None:
        raise RefusedError("there is no month", "Begin one: `hannibal start`")

    monkeypatch.setattr("ops.account.caller.identify", refused)
    result = CliRunner().invoke(build(), ["pause", "--env", "prod"])
    assert result.exit_code == ExitCode.REFUSED
    assert "Begin one: `hannibal start --env prod`" in result.stderr


def test_output_of_a_command_names_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The colours stay where they were."""

    def printed(environment: str) -> str:
        app = typer.Typer()

        @app.command()
        def status(env: str = "dev") -> None:
            console = Console(force_terminal=True, width=200, color_system="standard")
            console.echo("Go on: `hannibal start`; `hannibal stop`", "red")
            console.print(Text.assemble(("1", "bold"), " `hannibal status`"))

        app.command("start")(start)
        app.command("stop")(stop)
        return CliRunner().invoke(app, ["status", "--env", environment]).stdout

    monkeypatch.setenv("TERM", "xterm")
    line, text = printed("prod").splitlines()
    assert line == "\x1b[31mGo on: `hannibal start --env prod`; `hannibal stop --env prod`\x1b[0m"
    assert text == "\x1b[1m1\x1b[0m `hannibal status --env prod`"
    assert "--env" not in printed("dev")
