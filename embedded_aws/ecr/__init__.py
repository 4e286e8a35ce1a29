"""ECR as AWS answers it: an image that is not there is refused, and one that is has the size of its layers."""

import json
from http import HTTPStatus
from typing import Any

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Response
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
    return _with_sizes(original(request), repository)


def _with_sizes(answer: Response, repository: str) -> Response:
    """Say how large images are: configuration and layers, where the emulator counts the manifest's characters."""
    status, headers, body = answer
    if status != HTTPStatus.OK:
        return answer
    content = json.loads(body)
    for detail in content.get("imageDetails", []):
        image = emulator.find_image(repository, {"imageDigest": detail["imageDigest"]}) or {}
        manifest = json.loads(image.get("imageManifest") or "{}")
        parts = [manifest.get("config") or {}, *(manifest.get("layers") or [])]
        detail["imageSizeInBytes"] = sum(part.get("size", 0) for part in parts)
    return status, headers, json.dumps(content).encode()


def _message(repository: str, wanted: dict[str, str]) -> str:
    digest, tag = (wanted.get(name, "null") for name in ("imageDigest", "imageTag"))
    return (
        f"The image with imageId {{imageDigest:'{digest}', imageTag:'{tag}'}} does not exist within the repository "
        f"with name '{repository}' in the registry with id '{emulator.registry_id()}'"
    )
