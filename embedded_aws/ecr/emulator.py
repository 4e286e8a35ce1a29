"""The used parts of the emulator's ECR, under plain names (see ``EmulatorFunction``)."""

from typing import Any

from ministack.services import ecr

from embedded_aws.core.patching import EmulatorFunction, Response

images = ecr._images
repositories = ecr._repositories

delete_images = EmulatorFunction[Response](ecr, "_batch_delete_image")
describe_images = EmulatorFunction[Response](ecr, "_describe_images")
find_image = EmulatorFunction[dict[str, Any] | None](ecr, "_find_image")
list_images = EmulatorFunction[Response](ecr, "_list_images")
registry_id = EmulatorFunction[str](ecr, "_registry_id")
