"""Which image of the engine a container runs, or why it cannot be pulled."""

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
from embedded_aws.ecs.images import CannotPullError, digest_of, is_own, not_found, stored_image

# Written by `hannibal image build` where the machine cannot build for the processor of the settings.
STANDS_FOR_LABEL = "hannibal.stands-for"
_PROCESSORS = {"X86_64": "amd64", "ARM64": "arm64"}
_SECONDS_TO_PULL = 120.0
_SECONDS_BETWEEN_PULLS = 300.0
# What an init container or a sidecar's script commonly needs.
_TOOLS = (
    *("sh", "awk", "base64", "basename", "cat", "chmod", "chown", "cp", "cut", "date", "dirname", "echo", "env"),
    *("false", "find", "grep", "gunzip", "gzip", "head", "id", "ln", "ls", "mkdir", "mktemp", "mv", "od", "printf"),
    *("pwd", "readlink", "rm", "rmdir", "sed", "sha256sum", "sleep", "sort", "stat", "tail", "tar", "tee", "test"),
    *("touch", "tr", "true", "uname", "wc", "xargs"),
)

logger = logging.getLogger("embedded_aws.ecs")


@dataclass(frozen=True)
class Pulled:
    """An image that the engine has.

    Attributes:
        reference: by which the engine knows it.
        remark: a line for the container's log; empty where the image is the one that was asked for.
    """

    reference: str
    remark: str = ""


class EngineImages:
    """Finds the images of containers in the engine."""

    def __init__(self, engine: Engine, faults: Faults) -> None:
        self._engine = engine
        self._faults = faults
        self._failures: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def pull(self, image: str, definition: emulator.Record, *, essential: bool) -> Pulled:
        """Find the image of a container.

        Args:
            image: as the container's definition names it.
            definition: the task's.
            essential: of the container. For one that is not, the machine's own tools take the place of a public image
                that cannot be pulled.

        Raises:
            CannotPullError: there is none; the message is what ECS would say.
        """
        digest_of(image, self._faults)
        pulled = self._own(image) if is_own(image) else self._public(image, essential=essential)
        if not pulled.remark:
            self._check_processor(pulled.reference, definition)
        return pulled

    def _own(self, image: str) -> Pulled:
        manifest = json.loads(stored_image(image).get("imageManifest") or "{}")
        identifier = str((manifest.get("config") or {}).get("digest", "")).removeprefix("sha256:")
        if not identifier or not self._has(identifier):
            raise CannotPullError(
                f"{not_found(image)}. The embedded ECR knows this image, but {self._engine.name} does not have it: "
                "build it with `hannibal image build`"
            )
        return Pulled(identifier)

    def _public(self, image: str, *, essential: bool) -> Pulled:
        if self._has(image):
            return Pulled(image)
        with self._lock:
            failed_at, reason = self._failures.get(image, (float("-inf"), ""))
            if time.monotonic() - failed_at > _SECONDS_BETWEEN_PULLS:
                reason = self._try_to_pull(image)
        if not reason:
            return Pulled(image)
        if essential:
            raise CannotPullError(
                f"pull image manifest has been retried 1 time(s): failed to resolve ref {image}: {reason}"
            )
        remark = f"{image} could not be pulled ({reason}): this runs in an image of this machine's own shell and tools"
        return Pulled(machine_image.make(_shell_image(), self._engine), remark)

    def _try_to_pull(self, image: str) -> str:
        """Pull an image; say why that failed, or nothing."""
        try:
            self._engine.call("pull", "--quiet", image, timeout_seconds=_SECONDS_TO_PULL)
        except EngineError as error:
            self._failures[image] = (time.monotonic(), str(error))
            logger.warning("%s could not be pulled: %s", image, error)
            return str(error)
        return ""

    def _has(self, reference: str) -> bool:
        return self._engine.run("image", "inspect", reference).returncode == 0

    def _check_processor(self, reference: str, definition: emulator.Record) -> None:
        about: dict[str, Any] = json.loads(self._engine.call("image", "inspect", reference))[0]
        wanted = _PROCESSORS.get(
            str((definition.get("runtimePlatform") or {}).get("cpuArchitecture", "X86_64")).upper()
        )
        labels = (about.get("Config") or {}).get("Labels") or {}
        if wanted not in (about.get("Architecture"), labels.get(STANDS_FOR_LABEL)):
            raise CannotPullError(
                "pull image manifest has been retried 1 time(s): image Manifest does not contain descriptor matching "
                f"platform 'linux/{wanted}'"
            )


def _shell_image() -> MachineImage:
    return MachineImage(
        repository="localhost/hannibal-shell",
        files=machine_image.tools(_TOOLS, os.environ.get("PATH", "/usr/bin:/bin")),
    )
