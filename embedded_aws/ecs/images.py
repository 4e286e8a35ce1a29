"""Images: their digests, and the refusal to pull what a registry of this account does not hold."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from embedded_aws.core.faults import Faults
from embedded_aws.ecr import emulator as ecr
from embedded_aws.ecs import emulator

_OWN_REGISTRY = re.compile(r"^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/(?P<repository>[^:@]+)")


class CannotPullError(Exception):
    """The image cannot be pulled; the message is what ECS would say."""


def split(image: str) -> tuple[str, str | None, str | None]:
    """Split an image into name, tag and digest."""
    rest, _, digest = image.partition("@")
    name, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:
        return rest, None, digest or None
    return name, tag, digest or None


def digest_of(image: str, faults: Faults) -> str:
    """Give the digest that an image resolves to.

    An image of this account's ECR must exist there; for all others a digest is computed from the name.

    Raises:
        CannotPullError: the repository does not hold the image, or a fault is injected.
    """
    if faults.find("cannot_pull", image):
        raise CannotPullError(not_found(image))
    if is_own(image):
        return str(stored_image(image)["imageDigest"])
    digest = split(image)[2]
    return digest or f"sha256:{hashlib.sha256(image.encode()).hexdigest()}"


def is_own(image: str) -> bool:
    """Say whether an image is named by a registry of ECR."""
    return _OWN_REGISTRY.match(image) is not None


def stored_image(image: str) -> emulator.Record:
    """What this account's ECR records of an image of its own.

    Raises:
        CannotPullError: the repository does not hold it.
    """
    name, tag, digest = split(image)
    own = _OWN_REGISTRY.match(name)
    for stored in (ecr.images.get(own["repository"]) if own else None) or []:
        if (digest and stored["imageDigest"] == digest) or (not digest and (tag or "latest") in stored["imageTags"]):
            found: emulator.Record = stored
            return found
    raise CannotPullError(not_found(image))


def not_found(image: str) -> str:
    """What ECS says of an image that no registry has."""
    return f"pull image manifest has been retried 1 time(s): failed to resolve ref {image}: {image}: not found"


class ImageCollection:
    """What the emulator asks of Docker's client about images: on this machine is what can be pulled."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def pull(self, image: str, **_options: Any) -> "Image":
        """Resolve an image to its digest.

        Raises:
            CannotPullError: the registry does not hold it.
        """
        return Image(digest_of(image, self._faults))

    get = get_registry_data = pull


@dataclass(frozen=True)
class Image:
    """One image."""

    id: str

    def tag(self, *_arguments: Any, **_options: Any) -> bool:
        """Accept every further name."""
        return True
