"""Translates a container definition into options of the engine's command line."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from embedded_aws.containers.engine import Engine
from embedded_aws.ecs import emulator

STOP_SECONDS = 30.0  # default of stopTimeout (API reference, ContainerDefinition)
_SMALLEST_MEMORY_MIB = 6  # Docker's minimum
# Names with which the engine would pass on this machine's own variables: with several lines, or a star at the end,
# which means all variables with this prefix (podman-run(1), --env and --env-file).
_TAKING_OURS = re.compile(r"[\r\n]|\*$")


def run_options(
    engine: Engine, definition: emulator.Record, container: emulator.Record, *, volumes: Mapping[str, str]
) -> tuple[str, ...]:
    """Options of ``run`` for a container's definition, without its name, labels, network and variables."""
    return (
        *_user(container),
        *_limits(engine, definition, container),
        *_files(engine, container, volumes),
        *_linux(container.get("linuxParameters") or {}),
        "--stop-timeout",
        str(int(stop_seconds(container))),
        # The output is read from this log, which is limited because CloudWatch Logs stores it too. At that size, Podman
        # starts the file again, and unread output is lost.
        *("--log-driver", "k8s-file" if engine.name == "podman" else "json-file", "--log-opt", "max-size=200m"),
    )


def command_options(container: emulator.Record, command: list[str] | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Options of ``run`` before the image, and arguments after it, for a command; None is the image's own."""
    entry = [str(word) for word in container.get("entryPoint") or []]
    words = [str(word) for word in command or []]
    if not entry:
        return (), tuple(words)
    # Docker's entry point is one word; the others as arguments have the same effect.
    return ("--entrypoint", entry[0]), (*entry[1:], *words)


@contextmanager
def variable_options(variables: Mapping[str, str], *, folder: Path) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    """Options of ``run`` that pass variables on, and variables for the engine's own command line.

    The options name a file that only this user can read and that exists while the engine needs it. Arguments would be
    visible in the process list. The environment of the engine's own command line is used only for values of several
    lines, which the file cannot contain: a variable like ``HOME`` would change the engine's behaviour.
    """
    variables = {name: value for name, value in variables.items() if not _TAKING_OURS.search(name)}
    inherited = {name: value for name, value in variables.items() if "\n" in value or "\r" in value}
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=folder, encoding="utf-8") as file:  # with mode 0600
        file.writelines(f"{name}={value}\n" for name, value in variables.items() if name not in inherited)
        file.flush()
        yield ("--env-file", file.name, *(word for name in inherited for word in ("--env", name))), inherited


def stop_seconds(container: emulator.Record) -> float:
    """The time for a container to end after SIGTERM."""
    return float(container.get("stopTimeout") or STOP_SECONDS)


def _user(container: emulator.Record) -> Iterator[str]:
    if container.get("user"):
        yield from ("--user", str(container["user"]))
    if container.get("workingDirectory"):
        yield from ("--workdir", str(container["workingDirectory"]))


def _limits(engine: Engine, definition: emulator.Record, container: emulator.Record) -> Iterator[str]:
    # The task's memory is the limit for all containers together; a container without its own limit can use all of it.
    memory = int(container.get("memory") or definition.get("memory") or 0)
    if memory and engine.limits_memory:
        most = f"{max(memory, _SMALLEST_MEMORY_MIB)}m"
        yield from ("--memory", most, "--memory-swap", most)  # Fargate has no swap
    for limit in container.get("ulimits") or []:
        yield from ("--ulimit", f"{limit['name']}={limit['softLimit']}:{limit['hardLimit']}")


def _files(engine: Engine, container: emulator.Record, volumes: Mapping[str, str]) -> Iterator[str]:
    if container.get("readonlyRootFilesystem"):
        yield "--read-only"
        if engine.name == "podman":
            yield "--read-only-tmpfs=false"  # Podman would mount writable folders on /tmp and /run, which ECS does not
    for mount in container.get("mountPoints") or []:
        volume = volumes.get(str(mount.get("sourceVolume")))
        if volume and mount.get("containerPath"):
            mode = "ro" if mount.get("readOnly") else "rw"
            yield from ("--volume", f"{volume}:{mount['containerPath']}:{mode}")


def _linux(parameters: emulator.Record) -> Iterator[str]:
    if parameters.get("initProcessEnabled"):
        yield "--init"
    for folder in parameters.get("tmpfs") or []:
        words = ["rw", f"size={folder['size']}m", "mode=1777", *(folder.get("mountOptions") or [])]
        yield from ("--tmpfs", f"{folder['containerPath']}:{','.join(dict.fromkeys(words))}")
    capabilities = parameters.get("capabilities") or {}
    for option, names in (("--cap-drop", capabilities.get("drop")), ("--cap-add", capabilities.get("add"))):
        for name in names or []:
            yield from (option, str(name).lower() if str(name).upper() == "ALL" else str(name))
