"""Digests of images, and the refusal to pull an image that is missing in this account's registry."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from embedded_aws.core.faults import Faults
from embedded_aws.ecr import emulator as ecr
from embedded_aws.ecs import emulator

_OWN_REGISTRY = re.compile(r"^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/(?P<repository>[^:@]+)")


class CannotPullError(Exception):
    """The image cannot be pulled; the message is ECS's."""


def split(image: str) -> tuple[str, str | None, str | None]:
    """Split an image into name, tag and digest."""
    rest, _, digest = image.partition("@")
    name, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:
        return rest, None, digest or None
    return name, tag, digest or None


def digest_of(image: str, faults: Faults) -> str:
    """The digest of an image of ECR; of any other, the one in its name, or one computed from the name.

    Raises CannotPullError: the image is not in the repository, or a fault is injected.
    """
    if faults.find("cannot_pull", image):
        raise CannotPullError(not_found(image))
    if is_own(image):
        return str(stored_image(image)["imageDigest"])
    digest = split(image)[2]
    return digest or f"sha256:{hashlib.sha256(image.encode()).hexdigest()}"


def is_own(image: str) -> bool:
    """Whether the name of an image contains a registry of ECR."""
    return _OWN_REGISTRY.match(image) is not None


def stored_image(image: str) -> emulator.Record:
    """The record of an image in this account's ECR. Raises CannotPullError: it is not in the repository."""
    name, tag, digest = split(image)
    own = _OWN_REGISTRY.match(name)
    for stored in (ecr.images.get(own["repository"]) if own else None) or []:
        if (digest and stored["imageDigest"] == digest) or (not digest and (tag or "latest") in stored["imageTags"]):
            found: emulator.Record = stored
            return found
    raise CannotPullError(not_found(image))


def not_found(image: str) -> str:
    """ECS's message for an image that does not exist."""
    return f"pull image manifest has been retried 1 time(s): failed to resolve ref {image}: {image}: not found"


class ImageCollection:
    """The images of Docker's client, as the emulator uses it: each image that can be pulled is available."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def pull(self, image: str, **_options: Any) -> "Image":
        """Resolve an image to its digest. Raises CannotPullError: it is not in the registry."""
        return Image(digest_of(image, self._faults))

    get = get_registry_data = pull


@dataclass(frozen=True)
class Image:
    """An image, as the emulator uses it."""

    id: str

    def tag(self, *_arguments: Any, **_options: Any) -> bool:
        """Accept every additional name."""
        return True
