"""What the emulator asks of Docker's client about images."""

from dataclasses import dataclass
from typing import Any

from embedded_aws.core.faults import Faults
from embedded_aws.ecs.images import digest_of


class ImageCollection:
    """What the emulator asks of Docker about images."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def get_registry_data(self, image: str, **_options: Any) -> "Image":
        """Resolve an image to its digest.

        Raises:
            CannotPullError: the registry does not hold it.
        """
        return Image(digest_of(image, self._faults))

    def pull(self, image: str, **_options: Any) -> "Image":
        """Pull an image.

        Raises:
            CannotPullError: the registry does not hold it.
        """
        return Image(digest_of(image, self._faults))

    def get(self, image: str) -> "Image":
        """Find an image on this machine: there is what can be pulled.

        Raises:
            CannotPullError: it cannot.
        """
        return Image(digest_of(image, self._faults))


@dataclass(frozen=True)
class Image:
    """One image."""

    id: str

    def tag(self, *_arguments: Any, **_options: Any) -> bool:
        """Accept every further name."""
        return True
