"""Finding an engine: which one, by which command line, and what is said where there is none."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from embedded_aws.containers.engine import EngineError, find_any_engine, find_engine

Programs = Callable[..., dict[str, str]]


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    """Makes programs that print a text, and the environment that finds them and nothing else."""

    def make(**texts: str) -> dict[str, str]:
        for name, text in texts.items():
            file = tmp_path / name
            file.write_text(f"#!/bin/sh\n{text}\n")
            file.chmod(0o755)
        return {"PATH": str(tmp_path), "AWS_SECRET_ACCESS_KEY": "secret", "DOCKER_HOST": "unix:///d.sock"}

    return make


def _podman(
    *, cgroups: str = "v2", runtime: str = "crun", arch: str = "amd64", controllers: tuple[str, ...] = ("memory",)
) -> str:
    host = {"arch": arch, "cgroupVersion": cgroups, "ociRuntime": {"name": runtime}, "cgroupControllers": controllers}
    return f"echo '{json.dumps({'host': host})}'"


def test_podman_is_found_with_the_machines_processor(programs: Programs) -> None:
    engine = find_engine("podman", programs(podman=_podman(arch="arm64")))

    assert engine.name == "podman"
    assert [Path(word).name for word in engine.command] == ["podman"]
    assert engine.processor == "arm64"


def test_the_engine_gets_its_settings_and_no_credentials_of_aws(programs: Programs) -> None:
    engine = find_engine("podman", programs(podman=_podman()))

    assert engine.environment["DOCKER_HOST"] == "unix:///d.sock"
    assert "AWS_SECRET_ACCESS_KEY" not in engine.environment


def test_runc_takes_the_place_of_crun_where_crun_refuses_the_control_groups(programs: Programs) -> None:
    engine = find_engine("podman", programs(podman=_podman(cgroups="v1"), runc=""))

    assert engine.command[1:] == ("--runtime", "runc")


@pytest.mark.parametrize(("cgroups", "runtime"), [("v2", "crun"), ("v1", "runc")])
def test_a_runtime_that_works_is_left(programs: Programs, cgroups: str, runtime: str) -> None:
    engine = find_engine("podman", programs(podman=_podman(cgroups=cgroups, runtime=runtime), runc=""))

    assert len(engine.command) == 1


@pytest.mark.parametrize(("controllers", "can"), [(("cpu", "memory"), True), ((), False)])
def test_whether_memory_can_be_limited_is_known(programs: Programs, controllers: tuple[str, ...], can: bool) -> None:
    assert find_engine("podman", programs(podman=_podman(controllers=controllers))).limits_memory is can


def test_without_runc_the_package_to_install_is_named(programs: Programs) -> None:
    with pytest.raises(EngineError, match="apt-get install runc"):
        find_engine("podman", programs(podman=_podman(cgroups="v1")))


def test_an_engine_that_is_not_installed_says_how_to_get_it(programs: Programs) -> None:
    with pytest.raises(EngineError, match=r"podman is not installed.*apt-get install podman"):
        find_engine("podman", programs())


def test_a_daemon_that_does_not_answer_is_told_with_its_own_words(programs: Programs) -> None:
    refusing = "echo 'Cannot connect to the Docker daemon at unix:///d.sock.' >&2; exit 1"

    with pytest.raises(EngineError, match=r"Cannot connect to the Docker daemon.*systemctl start docker"):
        find_engine("docker", programs(docker=refusing))


def test_any_engine_is_the_first_that_answers(programs: Programs) -> None:
    docker = """echo '{"Arch": "amd64", "Os": "linux"}'"""

    assert find_any_engine(programs(podman="exit 1", docker=docker)).name == "docker"


def test_without_any_the_reasons_of_all_are_told(programs: Programs) -> None:
    with pytest.raises(EngineError, match=r"podman is not installed.*docker is not installed"):
        find_any_engine(programs())


def test_a_failed_command_says_the_engines_last_words(programs: Programs) -> None:
    failing = f"""[ "$1" = info ] && {_podman()} || {{ echo 'time="…" level=warning msg="old"' >&2
    echo 'Error: no such image' >&2; exit 125; }}"""
    engine = find_engine("podman", programs(podman=failing))

    with pytest.raises(EngineError, match=r"^no such image$"):
        engine.call("run", "x")
    assert engine.run("run", "x").returncode == 125


def test_a_command_that_hangs_is_ended(programs: Programs) -> None:
    hanging = f'[ "$1" = info ] && {_podman()} || while :; do :; done'
    engine = find_engine("podman", programs(podman=hanging))

    with pytest.raises(EngineError, match=r"`podman ps` did not end within 0 seconds"):
        engine.run("ps", timeout_seconds=0.2)
