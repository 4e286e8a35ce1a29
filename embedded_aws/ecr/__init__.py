"""ECR as AWS answers it: who asks for an image that is not there is told so."""

from typing import Any

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function
from embedded_aws.core.refusal import Refusal
from embedded_aws.ecr import emulator


def install(_context: ServerContext) -> None:
    """Change the emulator."""
    emulator.describe_images.wrap(_describe_images)


def _describe_images(original: Function, request: dict[str, Any]) -> Any:
    """Refuse as ECR does (API reference, DescribeImages, ImageNotFoundException); the emulator leaves an image out."""
    repository = str(request.get("repositoryName", ""))
    for wanted in request.get("imageIds") or [] if repository in emulator.repositories else []:
        if emulator.find_image(repository, wanted) is None:
            return Refusal("Ecr", "ImageNotFoundException", _message(repository, wanted)).as_json()
    return original(request)


def _message(repository: str, wanted: dict[str, str]) -> str:
    digest, tag = (wanted.get(name, "null") for name in ("imageDigest", "imageTag"))
    return (
        f"The image with imageId {{imageDigest:'{digest}', imageTag:'{tag}'}} does not exist within the repository "
        f"with name '{repository}' in the registry with id '{emulator.registry_id()}'"
    )
