"""`hannibal cost` as people and scripts call it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from installation.settings import Settings
from ops.cli.app import build
from ops.errors import ExitCode


@pytest.fixture
def run() -> Callable[..., tuple[int, str]]:
    def call(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(build(), ["cost", *arguments])
        return result.exit_code, result.output

    return call


Run = Callable[..., tuple[int, str]]


def test_an_estimate_prints_lines_sources_totals_and_assumptions(run: Run, assembly: Callable[[str], Path]) -> None:
    code, text = run("estimate", "--assembly", str(assembly("dev")), "--days", "20")
    assert code == ExitCode.DONE
    for words in ("TOTAL", "STOPPED", "20 DAYS", "AWS price list, 2026-09-23 (listed)", "load_balancer_gb 5", "hour"):
        assert words in text


def test_where_the_installation_is_elsewhere_the_region_of_the_prices_is_said(
    run: Run, assembly: Callable[[str], Path], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "The prices are those of ap-northeast-1"
    assert words not in run("estimate", "--assembly", str(assembly("dev")))[1]
    elsewhere = settings.model_copy(update={"region": "eu-central-1"})
    monkeypatch.setattr("ops.cli.commands.cost.settings_of", lambda _: elsewhere)
    assert f"{words}; in eu-central-1 they differ." in run("estimate", "--assembly", str(assembly("dev")))[1]


def test_on_a_narrow_terminal_the_names_stay(
    run: Run, assembly: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    code, text = run("estimate", "--assembly", str(assembly("dev")))
    assert (code, "ArtifactStack" in text, "QUANTITY" in text) == (ExitCode.DONE, True, False)
    monkeypatch.setenv("COLUMNS", "80")
    assert "QUANTITY" in run("estimate", "--assembly", str(assembly("dev")))[1]


def test_an_estimate_for_scripts_is_one_document(run: Run, assembly: Callable[[str], Path]) -> None:
    code, text = run("estimate", "--assembly", str(assembly("prod")), "--env", "prod", "--json")
    assert code == ExitCode.DONE
    assert json.loads(text)["estimate"]["environment"] == "prod"


def test_a_folder_without_templates_is_unusable(run: Run, tmp_path: Path) -> None:
    code, text = run("estimate", "--assembly", str(tmp_path))
    assert code == ExitCode.UNUSABLE_INPUT
    assert "no templates" in text


def test_a_refresh_that_reaches_nothing_changes_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from ops.cost.prices import price_file

    file = price_file("ap-northeast-1")
    before = file.read_bytes(), file.stat().st_mtime_ns
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    code, text = run("refresh")
    assert code == ExitCode.UNREACHABLE
    assert "cannot be reached" in text
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before
