"""A container definition in the words of an engine's command line."""

from pathlib import Path
from typing import Any

import pytest

from embedded_aws.containers.engine import Engine, Name
from embedded_aws.ecs.containers.options import command_options, run_options, stop_seconds, variable_options


def _engine(name: Name = "docker") -> Engine:
    return Engine(name=name, command=(name,), processor="amd64", environment={})


def _options(container: dict[str, Any], *, name: Name = "docker", **definition: Any) -> str:
    return " ".join(run_options(_engine(name), definition, container, volumes={"files": "v-files"}))


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        ({"user": "1000:1000"}, "--user 1000:1000"),
        ({"workingDirectory": "/app"}, "--workdir /app"),
        ({"readonlyRootFilesystem": True}, "--read-only"),
        ({"linuxParameters": {"initProcessEnabled": True}}, "--init"),
        (
            {"linuxParameters": {"capabilities": {"drop": ["ALL"], "add": ["SYS_PTRACE"]}}},
            "--cap-drop all --cap-add SYS_PTRACE",
        ),
        (
            {"linuxParameters": {"tmpfs": [{"containerPath": "/tmp", "size": 64, "mountOptions": ["rw", "nosuid"]}]}},  # noqa: S108
            "--tmpfs /tmp:rw,size=64m,mode=1777,nosuid",
        ),
        ({"ulimits": [{"name": "nofile", "softLimit": 10, "hardLimit": 20}]}, "--ulimit nofile=10:20"),
        ({"mountPoints": [{"sourceVolume": "files", "containerPath": "/data"}]}, "--volume v-files:/data:rw"),
        (
            {"mountPoints": [{"sourceVolume": "files", "containerPath": "/data", "readOnly": True}]},
            "--volume v-files:/data:ro",
        ),
        ({"memory": 128}, "--memory 128m --memory-swap 128m"),
        ({"memory": 4}, "--memory 6m --memory-swap 6m"),
        ({"stopTimeout": 5}, "--stop-timeout 5"),
        ({}, "--stop-timeout 30"),
    ],
)
def test_options_follow_the_container_definition(container: dict[str, Any], expected: str) -> None:
    assert expected in _options(container)


def test_without_a_limit_of_its_own_a_container_can_use_the_tasks_memory() -> None:
    assert "--memory 512m" in _options({}, memory="512")
    assert "--memory " not in _options({})


def test_an_engine_that_cannot_limit_memory_is_not_asked_to() -> None:
    engine = Engine(name="podman", command=("podman",), processor="amd64", environment={}, limits_memory=False)

    assert "--memory" not in run_options(engine, {"memory": "512"}, {}, volumes={})


def test_podman_is_told_not_to_make_folders_writable_that_ecs_does_not() -> None:
    assert "--read-only-tmpfs=false" in _options({"readonlyRootFilesystem": True}, name="podman")
    assert "--read-only-tmpfs" not in _options({"readonlyRootFilesystem": True}, name="docker")


def test_podman_begins_its_copy_of_the_log_anew_after_so_much_that_all_was_read() -> None:
    assert "--log-driver k8s-file --log-opt max-size=200m" in _options({}, name="podman")


def test_a_volume_that_the_task_lacks_is_left_out() -> None:
    assert "--volume" not in _options({"mountPoints": [{"sourceVolume": "other", "containerPath": "/data"}]})


@pytest.mark.parametrize(
    ("container", "command", "expected"),
    [
        ({}, None, ((), ())),
        ({}, ["node", "x.js"], ((), ("node", "x.js"))),
        ({"entryPoint": ["sh", "-c"]}, ["exit 1"], (("--entrypoint", "sh"), ("-c", "exit 1"))),
        ({"entryPoint": ["sh"]}, None, (("--entrypoint", "sh"), ())),
    ],
)
def test_entry_point_and_command_are_executed(
    container: dict[str, Any], command: list[str] | None, expected: Any
) -> None:
    assert command_options(container, command) == expected


def test_the_stop_timeout_follows_the_definition() -> None:
    assert stop_seconds({"stopTimeout": 7}) == 7
    assert stop_seconds({}) == 30


def test_values_are_in_a_file_that_others_cannot_read_and_only_for_a_while(tmp_path: Path) -> None:
    with variable_options({"PASSWORD": "p=1 #2", "HOME": "/x"}, folder=tmp_path / "new") as (options, inherited):
        option, name = options
        file = Path(name)
        assert option == "--env-file"
        assert file.read_text() == "PASSWORD=p=1 #2\nHOME=/x\n"
        assert file.stat().st_mode & 0o077 == 0
        assert inherited == {}, "the engine's own home folder stays"
    assert not file.exists()


@pytest.mark.parametrize("name", ["*", "GITHUB_*", "A\nGITHUB_TOKEN", "GITHUB_TOKEN\nA", "*\rA"])
@pytest.mark.parametrize("value", ["b", "one\ntwo"])
def test_no_name_takes_a_variable_of_this_machine(tmp_path: Path, name: str, value: str) -> None:
    with variable_options({name: value, "A": "b"}, folder=tmp_path) as (options, inherited):
        assert Path(options[1]).read_text() == "A=b\n"
        assert (options[2:], inherited) == ((), {})


def test_a_value_of_several_lines_goes_by_the_environment(tmp_path: Path) -> None:
    with variable_options({"CA": "one\ntwo", "A": "b"}, folder=tmp_path) as (options, inherited):
        assert options[2:] == ("--env", "CA")
        assert inherited == {"CA": "one\ntwo"}
        assert Path(options[1]).read_text() == "A=b\n"
