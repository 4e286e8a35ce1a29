"""What a container definition says, in the words of the engine's command line."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from embedded_aws.containers.engine import Engine
from embedded_aws.ecs import emulator

STOP_SECONDS = 30.0  # where the definition has no stopTimeout (API reference, ContainerDefinition)
_SMALLEST_MEMORY_MIB = 6  # what Docker allows at the least
# Names by which the engine would take this machine's own variables: of several lines, and one that ends with a star,
# which stands for all that begin so (podman-run(1), --env and --env-file).
_TAKING_OURS = re.compile(r"[\r\n]|\*$")


def run_options(
    engine: Engine, definition: emulator.Record, container: emulator.Record, *, volumes: Mapping[str, str]
) -> tuple[str, ...]:
    """Options of ``run`` that stand for a container's definition, but its name, labels, network and variables."""
    return (
        *_user(container),
        *_limits(engine, definition, container),
        *_files(engine, container, volumes),
        *_linux(container.get("linuxParameters") or {}),
        "--stop-timeout",
        str(int(stop_seconds(container))),
        # The output is read from there; what CloudWatch Logs keeps is not kept a second time for long. Podman begins
        # the file anew at that size, and what was not read by then is lost.
        *("--log-driver", "k8s-file" if engine.name == "podman" else "json-file", "--log-opt", "max-size=200m"),
    )


def command_options(container: emulator.Record, command: list[str] | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Options and arguments of ``run`` that say what is executed.

    Args:
        command: of the task's overrides or of the definition; None for the image's own.

    Returns:
        What stands before the image, and what stands behind it.
    """
    entry = [str(word) for word in container.get("entryPoint") or []]
    words = [str(word) for word in command or []]
    if not entry:
        return (), tuple(words)
    # Docker takes one word as the entry point and the others as arguments, which comes to the same.
    return ("--entrypoint", entry[0]), (*entry[1:], *words)


@contextmanager
def handed_over(variables: Mapping[str, str], *, folder: Path) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    """Options of ``run`` that hand variables over, and variables for the engine's own command line.

    The options name a file that only this user reads, for as long as the engine needs it. Arguments would be seen in
    the list of processes. The environment of the engine's own command line is used only for values of several lines,
    which the file cannot hold: a variable like ``HOME`` would change what the engine does.
    """
    variables = {name: value for name, value in variables.items() if not _TAKING_OURS.search(name)}
    inherited = {name: value for name, value in variables.items() if "\n" in value or "\r" in value}
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=folder, encoding="utf-8") as file:  # with mode 0600
        file.writelines(f"{name}={value}\n" for name, value in variables.items() if name not in inherited)
        file.flush()
        yield ("--env-file", file.name, *(word for name in inherited for word in ("--env", name))), inherited


def stop_seconds(container: emulator.Record) -> float:
    """How long a container may take to end after SIGTERM."""
    return float(container.get("stopTimeout") or STOP_SECONDS)


def _user(container: emulator.Record) -> Iterator[str]:
    if container.get("user"):
        yield from ("--user", str(container["user"]))
    if container.get("workingDirectory"):
        yield from ("--workdir", str(container["workingDirectory"]))


def _limits(engine: Engine, definition: emulator.Record, container: emulator.Record) -> Iterator[str]:
    # The task's memory is the limit of all containers together; one without a limit of its own can use all of it.
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
            yield "--read-only-tmpfs=false"  # it would put writable folders over /tmp and /run, which ECS does not
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
