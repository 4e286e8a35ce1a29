"""Containers that a killed server left behind: found by its label, and nobody else's."""

from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, cast

from embedded_aws.containers import cleanup
from embedded_aws.containers.engine import Engine


@dataclass
class _Engine:
    """An engine with containers and volumes of two servers."""

    nothing: bool = False
    commands: list[tuple[str, ...]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def call(self, *arguments: str, **_options: Any) -> str:
        assert "label=hannibal.server=mine" in arguments, "what is listed is this server's only"
        if self.nothing:
            return ""
        if arguments[0] == "volume":
            return "volume-1"
        if "label=hannibal.container" in arguments:
            return "api"
        return "network" if self.removed else "api network"

    def run(self, *arguments: str, **_options: Any) -> "CompletedProcess[bytes]":
        self.commands.append(arguments)
        return CompletedProcess(arguments, 0)

    def remove(self, *containers: str) -> None:
        self.removed += containers


def test_containers_go_before_the_network_that_they_share() -> None:
    engine = _Engine()

    cleanup.remove_leftovers(cast("Engine", engine), "mine")

    assert engine.removed == ["api", "network"]
    assert engine.commands == [("stop", "-t", "3", "api", "network"), ("volume", "rm", "--force", "volume-1")]


def test_where_nothing_is_left_nothing_is_done() -> None:
    engine = _Engine(nothing=True)

    cleanup.remove_leftovers(cast("Engine", engine), "mine")
    assert (engine.commands, engine.removed) == ([], [])


def test_servers_are_told_apart_by_their_folder(tmp_path: Path) -> None:
    assert cleanup.server_label(tmp_path / "a") != cleanup.server_label(tmp_path / "b")
    assert cleanup.server_label(tmp_path / "a") == cleanup.server_label(tmp_path / "b" / ".." / "a")


def test_the_engine_is_noted_until_nothing_is_left(tmp_path: Path) -> None:
    assert cleanup.noted_engine(tmp_path) is None
    cleanup.note_engine(tmp_path, Engine(name="docker", command=("docker",), processor="", environment={}))
    assert cleanup.noted_engine(tmp_path) == "docker"
    cleanup.forget_engine(tmp_path)
    assert cleanup.noted_engine(tmp_path) is None
