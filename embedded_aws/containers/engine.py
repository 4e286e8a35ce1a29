"""The container engine of this machine, Podman or Docker, used by its command line."""

import json
import resource
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, get_args

Name = Literal["podman", "docker"]
NAMES: Final[tuple[Name, ...]] = get_args(Name)
# Docker's names of processor architectures, by those of the kernel and of Go.
_PROCESSORS: Final = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_SECONDS_TO_ANSWER = 180.0
_SECONDS_TO_ACT = 600.0
# The engine's own settings are kept; it does not need credentials of AWS.
_HIDDEN_PREFIX = "AWS_"
_INSTALLING: Final[Mapping[Name, str]] = {
    "podman": "Install it; on Debian: apt-get install podman runc",
    "docker": "Install it: https://docs.docker.com/engine/install/",
}


class EngineError(Exception):
    """The engine cannot be used, or refused a command; the message is the engine's."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """An engine that works."""

    name: Name  # the engine's name
    command: tuple[str, ...]  # the first words of its command line
    processor: str  # architecture of the machine that runs the containers, ``amd64`` or ``arm64``
    environment: Mapping[str, str] = field(repr=False)  # environment variables of its command line
    limits_memory: bool = True  # whether it can limit memory; a rootless Podman often cannot

    @property
    def build_options(self) -> tuple[str, ...]:
        """Options that ``build`` may need on this machine.

        In a build, Podman applies its own limits instead of inheriting its process's. Root without the capability
        SYS_RESOURCE may not do so ("error setting rlimit type 7: operation not permitted").
        """
        if self.name != "podman":
            return ()
        limits = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
        hard = {word: resource.getrlimit(number)[1] for word, number in limits.items()}
        return tuple(f"--ulimit={word}={most}" for word, most in hard.items() if most != resource.RLIM_INFINITY)

    def run(
        self,
        *arguments: str,
        standard_input: bytes = b"",
        variables: Mapping[str, str] | None = None,
        timeout_seconds: float | None = _SECONDS_TO_ACT,
    ) -> "subprocess.CompletedProcess[bytes]":
        """Run one command of the engine, whatever its exit code. Raises EngineError: it did not end in time."""
        try:
            return subprocess.run(  # noqa: S603 - the engine, no shell
                [*self.command, *arguments],
                input=standard_input,
                env={**self.environment, **(variables or {})},
                capture_output=True,
                check=False,
                timeout=timeout_seconds,
            )
        except subprocess.TimeoutExpired as error:
            words = " ".join([self.name, *arguments[:2]])
            raise EngineError(f"`{words}` did not end within {timeout_seconds:.0f} seconds") from error

    def call(
        self,
        *arguments: str,
        standard_input: bytes = b"",
        variables: Mapping[str, str] | None = None,
        timeout_seconds: float | None = _SECONDS_TO_ACT,
    ) -> str:
        """Run one command of the engine; return its output. Raises EngineError: it failed, in the engine's words."""
        finished = self.run(
            *arguments, standard_input=standard_input, variables=variables, timeout_seconds=timeout_seconds
        )
        if finished.returncode != 0:
            raise EngineError(_last_words(finished.stderr) or f"{self.name} {arguments[0]} failed")
        return finished.stdout.decode(errors="replace").strip()

    def remove(self, *containers: str) -> None:
        """Remove containers at once, whether they run or not; missing ones are ignored."""
        if containers:
            # Podman would first ask a running container to stop, and wait ten seconds.
            at_once = ("--time", "0") if self.name == "podman" else ()
            self.run("rm", "--force", "--volumes", *at_once, *containers)

    def follow(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start a command of the engine that keeps running; its two outputs share a pipe."""
        return subprocess.Popen(  # noqa: S603 - the engine, no shell
            [*self.command, *arguments],
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )


def find_engine(name: Name, environment: Mapping[str, str]) -> Engine:
    """Find an engine that answers, by its name. Raises EngineError: there is none; the message says what to do."""
    program = shutil.which(name, path=environment.get("PATH"))
    if program is None:
        raise EngineError(f"{name} is not installed. {_INSTALLING[name]}")
    kept = {key: value for key, value in environment.items() if not key.startswith(_HIDDEN_PREFIX)}
    kept["PODMAN_IGNORE_CGROUPSV1_WARNING"] = "1"
    plain = Engine(name=name, command=(program,), processor="", environment=kept)
    return _podman(plain) if name == "podman" else _docker(plain)


def find_any_engine(environment: Mapping[str, str]) -> Engine:
    """Find the first engine that answers: Podman, which needs no daemon, or Docker. Raises EngineError: none does."""
    reasons = []
    for name in NAMES:
        try:
            return find_engine(name, environment)
        except EngineError as error:
            reasons.append(str(error))
    raise EngineError(" ".join(reasons))


def _podman(plain: Engine) -> Engine:
    try:
        host = json.loads(plain.call("info", "--format", "json", timeout_seconds=_SECONDS_TO_ANSWER))["host"]
    except (EngineError, ValueError, KeyError) as error:
        raise EngineError(f"podman is installed, but does not work: {error}") from error
    command = plain.command
    if host.get("cgroupVersion") == "v1" and host.get("ociRuntime", {}).get("name") == "crun":
        # crun refuses cgroups of version 1 and hybrid ones ("crun: unknown cgroup ..."), runc takes both.
        if shutil.which("runc", path=plain.environment.get("PATH")) is None:
            raise EngineError(
                "podman is installed, but its runtime crun does not work with this machine's control groups. "
                "Install runc; on Debian: apt-get install runc"
            )
        command = (*command, "--runtime", "runc")
    limits_memory = "memory" in (host.get("cgroupControllers") or ())
    return replace(plain, command=command, processor=_processor(host.get("arch", "")), limits_memory=limits_memory)


def _docker(plain: Engine) -> Engine:
    try:
        text = plain.call("version", "--format", "{{json .Server}}", timeout_seconds=_SECONDS_TO_ANSWER)
        server: dict[str, Any] = json.loads(text)
    except (EngineError, ValueError) as error:
        message = f"docker is installed, but its daemon does not answer: {error}. Start it: sudo systemctl start docker"
        raise EngineError(message) from error
    return replace(plain, processor=_processor(server.get("Arch", "")))


def _processor(word: str) -> str:
    return _PROCESSORS.get(word, word)


def _last_words(stderr: bytes) -> str:
    lines = [line.strip() for line in stderr.decode(errors="replace").splitlines() if line.strip()]
    # Both engines print the error last; Podman prefixes it, and prints its logger's warnings before it.
    messages = [line for line in lines if not line.startswith("time=")] or lines
    return messages[-1].removeprefix("Error: ").removeprefix("docker: ") if messages else ""
