"""An artifact of a pull request is data: flat files of JSON; all else is refused before anything is copied."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.errors import UnusableInputError
from ops.github.artifact import copy_artifact


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    folder = tmp_path / "artifact"
    folder.mkdir()
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "A.template.json"}}
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {"A": stack}}))
    (folder / "A.template.json").write_text('{"Resources": {}}')
    return folder


def test_what_synthesis_writes_is_taken(assembly: Callable[[str], Path], tmp_path: Path) -> None:
    folder = tmp_path / "artifact"
    folder.mkdir()
    for file in assembly("dev").glob("*.json"):
        (folder / file.name).write_bytes(file.read_bytes())

    assert copy_artifact(folder, tmp_path / "taken") == len(list(folder.iterdir()))
    for file in folder.iterdir():
        assert json.loads((tmp_path / "taken" / file.name).read_text()) == json.loads(file.read_text())


def link(folder: Path) -> None:
    (folder / "link.json").symlink_to("/etc/hostname")


def link_to_one_of_its_own(folder: Path) -> None:
    (folder / "link.json").symlink_to("manifest.json")


def hard_link(folder: Path) -> None:
    os.link(folder / "manifest.json", folder / "second.json")


def subfolder(folder: Path) -> None:
    (folder / "asset.json").mkdir()


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe.json")


def program(folder: Path) -> None:
    (folder / "sitecustomize.py").write_text("raise SystemExit")


def hidden(folder: Path) -> None:
    (folder / ".npmrc.json").write_text("{}")


def line_in_a_name(folder: Path) -> None:
    (folder / "a\nb.json").write_text("{}")


def no_json(folder: Path) -> None:
    (folder / "B.template.json").write_text("Resources: {}")


def deep(folder: Path) -> None:
    (folder / "B.template.json").write_text("[" * 100_000)


def outside(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"artifacts": {"A": {"properties": {"templateFile": "../secret.json"}}}}')


def absolute(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"artifacts": {"A": {"additionalMetadataFile": "/etc/passwd"}}}')


def many(folder: Path) -> None:
    for number in range(300):
        (folder / f"{number}.json").write_text("{}")


def large(folder: Path) -> None:
    with (folder / "B.template.json").open("w") as file:
        file.truncate(30_000_000)


@pytest.mark.parametrize(
    "change",
    [
        link,
        link_to_one_of_its_own,
        hard_link,
        subfolder,
        pipe,
        program,
        hidden,
        line_in_a_name,
        no_json,
        deep,
        outside,
        absolute,
        many,
        large,
    ],
)
def test_everything_else_is_refused(artifact: Path, tmp_path: Path, change: Callable[[Path], None]) -> None:
    change(artifact)

    with pytest.raises(UnusableInputError, match="the artifact is refused"):
        copy_artifact(artifact, tmp_path / "taken")
    assert not (tmp_path / "taken").exists()


def test_a_folder_that_is_a_link_or_not_there_is_refused(artifact: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(artifact)

    for folder in (tmp_path / "link", tmp_path / "nowhere"):
        with pytest.raises(UnusableInputError, match="it has 0 files"):
            copy_artifact(folder, tmp_path / "taken")
