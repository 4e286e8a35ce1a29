"""Finds the image that a container runs in the engine, or the reason why it cannot be pulled."""

import json
import logging
import os
import threading
import time
from dataclasses import dataclass
from typing import Any

from embedded_aws.containers import machine_image
from embedded_aws.containers.engine import Engine, EngineError
from embedded_aws.containers.machine_image import MachineImage
from embedded_aws.core.faults import Faults
from embedded_aws.ecs import emulator
from embedded_aws.ecs.images import CannotPullError, digest_of, is_own, not_found, split, stored_image

# Set by `hannibal image build` where the machine cannot build for the processor in the settings.
STANDS_FOR_LABEL = "hannibal.stands-for"
_PROCESSORS = {"X86_64": "amd64", "ARM64": "arm64"}
_SECONDS_TO_PULL = 1800.0
_SECONDS_BETWEEN_PULLS = 300.0
# Programs that the scripts of init containers and sidecars commonly need.
_TOOLS = (
    *("sh", "awk", "base64", "basename", "cat", "chmod", "chown", "cp", "cut", "date", "dirname", "echo", "env"),
    *("false", "find", "grep", "gunzip", "gzip", "head", "id", "ln", "ls", "mkdir", "mktemp", "mv", "od", "printf"),
    *("pwd", "readlink", "rm", "rmdir", "sed", "sha256sum", "sleep", "sort", "stat", "tail", "tar", "tee", "test"),
    *("touch", "tr", "true", "uname", "wc", "xargs"),
)

# Messages of Podman and Docker; the last two are about invalid image names.
_NOT_THERE = ("image not known", "no such image", "invalid format", "invalid reference format")

Inspected = dict[str, Any]

logger = logging.getLogger("embedded_aws.ecs")


@dataclass(frozen=True)
class Pulled:
    """An image that the engine has."""

    reference: str  # its reference in the engine
    remark: str = ""  # a line for the container's log; empty where the image is the requested one


class EngineImages:
    """Finds the images of containers in the engine."""

    def __init__(self, engine: Engine, faults: Faults) -> None:
        self._engine = engine
        self._faults = faults
        self._failures: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def pull(self, image: str, definition: emulator.Record, *, essential: bool) -> Pulled:
        """Find a container's image; the machine's tools replace a public one that is missing, unless it is essential.

        Raises CannotPullError: there is none, in ECS's words. Raises EngineError: the engine does not answer.
        """
        digest_of(image, self._faults)
        platform = definition.get("runtimePlatform") or {}
        processor = _PROCESSORS.get(str(platform.get("cpuArchitecture", "X86_64")).upper(), "")
        pulled, inspected = self._own(image, processor) if is_own(image) else self._public(image, essential=essential)
        if not pulled.remark:
            _check_processor(inspected, processor)
        return pulled

    def _own(self, image: str, processor: str) -> tuple[Pulled, Inspected]:
        manifest = _manifest(image)
        if "manifests" in manifest:  # an index: one image for each platform, as `docker buildx` and CI systems push
            manifest = _manifest(f"{split(image)[0]}@{_digest_for(processor, manifest)}")
        identifier = str((manifest.get("config") or {}).get("digest", "")).removeprefix("sha256:")
        inspected = self._inspect(identifier) if identifier else None
        if inspected is None:
            raise CannotPullError(
                f"{not_found(image)}. The embedded ECR knows this image, but {self._engine.name} does not have it: "
                "build it with `hannibal image build`"
            )
        return Pulled(identifier), inspected

    def _public(self, image: str, *, essential: bool) -> tuple[Pulled, Inspected]:
        inspected = self._inspect(image)
        reason = self._try_to_pull(image) if inspected is None else ""
        inspected = inspected or (None if reason else self._inspect(image))
        if inspected is not None:
            return Pulled(image), inspected
        if essential:
            message = f"pull image manifest has been retried 1 time(s): failed to resolve ref {image}: {reason}"
            raise CannotPullError(message)
        remark = f"{image} could not be pulled ({reason}): this runs in an image of this machine's own shell and tools"
        tools = machine_image.tools(_TOOLS, os.environ.get("PATH", "/usr/bin:/bin"))
        shell = MachineImage(repository="localhost/hannibal-shell", files=tools)
        return Pulled(machine_image.make(shell, self._engine), remark), {}

    def _try_to_pull(self, image: str) -> str:
        """Pull an image unless that has failed recently; return the reason of a failure, or an empty text."""
        with self._lock:
            failed_at, reason = self._failures.get(image, (float("-inf"), ""))
            if time.monotonic() - failed_at < _SECONDS_BETWEEN_PULLS:
                return reason
            try:
                self._engine.call("pull", "--quiet", image, timeout_seconds=_SECONDS_TO_PULL)
            except EngineError as error:
                self._failures[image] = (time.monotonic(), str(error))
                logger.warning("%s could not be pulled: %s", image, error)
                return str(error)
            return ""

    def _inspect(self, reference: str) -> Inspected | None:
        result = self._engine.run("image", "inspect", reference)
        if result.returncode != 0:
            said = result.stderr.decode(errors="replace").strip()
            if any(words in said.lower() for words in _NOT_THERE):
                return None
            raise EngineError(said)
        inspected: Inspected = json.loads(result.stdout)[0]
        return inspected


def _manifest(image: str) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(stored_image(image).get("imageManifest") or "{}")
    return manifest


def _digest_for(processor: str, index: dict[str, Any]) -> str:
    """The digest of an index's image for a processor. Raises CannotPullError: there is none."""
    for described in index["manifests"]:
        platform = described.get("platform") or {}
        if (platform.get("os"), platform.get("architecture")) == ("linux", processor):
            return str(described["digest"])
    raise _other_processor(processor)


def _check_processor(inspected: Inspected, processor: str) -> None:
    labels = (inspected.get("Config") or {}).get("Labels") or {}
    if processor not in (inspected.get("Architecture"), labels.get(STANDS_FOR_LABEL)):
        raise _other_processor(processor)


def _other_processor(processor: str) -> CannotPullError:
    return CannotPullError(
        "pull image manifest has been retried 1 time(s): image Manifest does not contain descriptor matching "
        f"platform 'linux/{processor}'"
    )
