"""What Python installs is locked: each version with its digests, no registry's address, and no installation without."""

import json
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

LOCKS = sorted(ROOT.glob("requirements*.txt"))
NODE_LOCKS = [ROOT / "package-lock.json", *ROOT.glob("examples/*/package-lock.json")]
NODE_LOCKS += ROOT.glob("tests/support/*/package-lock.json")


def test_each_lock_is_there() -> None:
    assert [file.name for file in LOCKS] == [
        *("requirements-checkov.txt", "requirements-dev.txt", "requirements-others.txt", "requirements.txt")
    ]
    assert len(NODE_LOCKS) == 4


@pytest.mark.parametrize("file", LOCKS, ids=lambda file: file.name)
def test_every_package_has_a_version_and_digests(file: Path) -> None:
    text = file.read_text()
    assert "://" not in text
    packages = re.split(r"\n(?=\S)", text.strip())
    assert len(packages) > 25
    for package in packages:
        assert re.match(r"[a-z0-9._-]+(\[[a-z0-9,-]+\])?==\S+", package), package
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", package), package


def test_nothing_is_installed_without_its_digest() -> None:
    installs = re.findall(r"pip (?:install|sync) .*", (ROOT / "Makefile").read_text())
    assert len(installs) >= 4
    for command in installs:
        own = "--no-deps" in command and "--editable ." in command  # this repository itself
        assert own or "--require-hashes" in command, command
        # A source distribution builds itself with packages that no lock names.
        assert own or "--only-binary :all:" in command, command


def test_nothing_runs_a_package_that_is_not_locked() -> None:
    assert not re.search(r"uv tool run|uvx |pipx ", (ROOT / "Makefile").read_text())


@pytest.mark.parametrize("file", NODE_LOCKS, ids=lambda file: str(file.parent.relative_to(ROOT)))
def test_no_package_of_node_runs_a_script_when_it_is_installed(file: Path) -> None:
    """Also in the jobs that may ask GitHub for a token of AWS."""
    assert "ignore-scripts=true" in (file.parent / ".npmrc").read_text().splitlines()


def test_the_cdk_reports_to_nobody_how_it_is_used() -> None:
    """It does by default; without an AWS account too, and where all calls of AWS go to this machine."""
    settings = json.loads((ROOT / "cdk.json").read_text())
    assert settings["versionReporting"] is False
    assert settings["context"]["cli-telemetry"] is False
