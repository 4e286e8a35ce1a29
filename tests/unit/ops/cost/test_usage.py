"""The files of assumptions."""

from pathlib import Path

import pytest

from ops.cost.usage import load_usage, usage_file
from ops.errors import UnusableInputError
from tests.support.given_configuration import FOLDER


def given(folder: Path, usage: str, more_settings: str = "") -> Path:
    """A file of assumptions with the settings beside its folder."""
    file = folder / "usage" / "dev.yaml"
    file.parent.mkdir()
    file.write_text(usage)
    (folder / "dev.yaml").write_text(f"{FOLDER.joinpath('dev.yaml').read_text()}\n{more_settings}\n")
    return file


def test_an_assumption_without_a_reason_is_refused(tmp_path: Path) -> None:
    file = given(tmp_path, usage_file("dev").read_text().replace("why: two a week", 'why: ""'))
    with pytest.raises(UnusableInputError, match=r"releases\.why"):
        load_usage(file)
    with pytest.raises(UnusableInputError, match="copy those"):
        load_usage(tmp_path / "other.yaml")


@pytest.mark.parametrize("usage", ["", "- a list", "a text"])
def test_what_holds_no_assumptions_is_refused(tmp_path: Path, usage: str) -> None:
    with pytest.raises(UnusableInputError, match="does not fit"):
        load_usage(given(tmp_path, usage))


@pytest.mark.parametrize(
    ("own", "settings", "snapshots"),
    [
        ("", "", 7),
        ("", "release: {snapshot: true}", 14),
        ("snapshots: {value: 2, why: younger than that}\n", "release: {snapshot: true}", 2),
    ],
)
def test_as_many_snapshots_are_billed_as_the_settings_keep(
    tmp_path: Path, own: str, settings: str, snapshots: int
) -> None:
    file = given(tmp_path, usage_file("dev").read_text() + own, f"database: {{snapshots_kept: 7}}\n{settings}")
    assert load_usage(file).snapshots.value == snapshots


def test_settings_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    file = given(tmp_path, usage_file("dev").read_text(), "database: {snapshots_kept: 0}")
    with pytest.raises(UnusableInputError, match=r"dev\.yaml does not fit:\n  database\.snapshots_kept"):
        load_usage(file)
    (tmp_path / "dev.yaml").unlink()
    with pytest.raises(UnusableInputError, match="no environment 'dev'"):
        load_usage(file)
