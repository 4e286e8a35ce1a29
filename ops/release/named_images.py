"""Images of a task's containers from the settings: a release has one image, and tasks pull all of them."""

from collections.abc import Iterator, Mapping
from typing import Final

from installation.names import API_CONTAINER, CERTIFICATES_CONTAINER, DATABASE_USER_CONTAINER
from installation.settings import Settings
from ops.account.caller import Caller
from ops.aws.clients import Aws
from ops.release.images import unpullable_reason
from ops.release.revision import Definition

_FIELDS: Final = {
    API_CONTAINER: "service.initial_image",
    CERTIFICATES_CONTAINER: "service.certificates_image",
    DATABASE_USER_CONTAINER: "database.service_user_image",
}


def images_of_settings(settings: Settings) -> Mapping[str, str]:
    """The image of each container from the settings, with the API's image before the first release."""
    images = {
        API_CONTAINER: settings.service.initial_image,
        CERTIFICATES_CONTAINER: settings.service.certificates_image,
        DATABASE_USER_CONTAINER: settings.database.service_user and settings.database.service_user_image,
        **{name: one.image for name, one in settings.service.sidecars.items()},
    }
    return {container: image for container, image in images.items() if image}


def images_of_definition(definition: Definition) -> Mapping[str, str]:
    """The image of each container of a task definition."""
    return {one["name"]: one["image"] for one in definition["containerDefinitions"]}


def unpullable_images(
    aws: Aws, caller: Caller, images: Mapping[str, str], *, except_container: str | None = None
) -> Iterator[str]:
    """Images that no task could pull, by their setting, with advice.

    Args:
        images: the images by container.
        except_container: a container whose image is checked elsewhere.
    """
    for container, image in images.items():
        reason = "" if container == except_container else unpullable_reason(aws, image, caller)
        if reason:
            field = _FIELDS.get(container, f"service.sidecars.{container}.image")
            yield (
                f"{field} in config/{aws.settings.environment}.yaml is {image}, which no task could start: {reason}. "
                "Push it, or name another one there and deploy that: `hannibal start`"
            )
