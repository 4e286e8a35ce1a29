"""ECR's answers as on AWS: a missing image is refused, and an image has the size of its layers."""

import json
from http import HTTPStatus
from typing import Any

from embedded_aws.answers.pages import page_start, token_of
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Response
from embedded_aws.core.refusal import Refusal
from embedded_aws.ecr import emulator

_PAGE = 100
_LARGEST_PAGE = 1000
_TAGGED = {"TAGGED": True, "UNTAGGED": False}


def install(_context: ServerContext) -> None:
    """Change the emulator's answers about images."""
    emulator.describe_images.wrap(_describe_images)


def _describe_images(original: Function, request: dict[str, Any]) -> Any:
    """Refuse missing images (API reference, DescribeImages, ImageNotFoundException); the emulator leaves them out."""
    repository = str(request.get("repositoryName", ""))
    for wanted in request.get("imageIds") or [] if repository in emulator.repositories else []:
        if emulator.find_image(repository, wanted) is None:
            return Refusal("Ecr", "ImageNotFoundException", _message(repository, wanted)).as_json()
    status, headers, body = original(request)
    if status != HTTPStatus.OK:
        return status, headers, body
    content = json.loads(body)
    tagged = _TAGGED.get((request.get("filter") or {}).get("tagStatus", ""))
    content["imageDetails"] = [it for it in content["imageDetails"] if tagged in (None, bool(it.get("imageTags")))]
    for detail in content["imageDetails"]:
        detail["imageSizeInBytes"] = _size(repository, detail["imageDigest"])
    return _paged(content, headers, request)


def _size(repository: str, digest: str) -> int:
    """Size of an image: configuration and layers; the emulator returns the length of the manifest."""
    image = emulator.find_image(repository, {"imageDigest": digest}) or {}
    manifest = json.loads(image.get("imageManifest") or "{}")
    return sum(part.get("size", 0) for part in (manifest.get("config") or {}, *(manifest.get("layers") or [])))


def _paged(content: dict[str, Any], headers: dict[str, str], request: dict[str, Any]) -> Response:
    """Return 100 images at most, or the requested number (API reference, DescribeImages, maxResults)."""
    size = int(request.get("maxResults") or _PAGE)
    try:
        begin = page_start(str(request.get("nextToken") or ""))
    except ValueError as error:
        return Refusal("Ecr", "InvalidParameterException", str(error)).as_json()
    if not 1 <= size <= _LARGEST_PAGE:
        message = f"Invalid parameter at 'maxResults': must be between 1 and {_LARGEST_PAGE}"
        return Refusal("Ecr", "InvalidParameterException", message).as_json()
    everything = content["imageDetails"]
    content["imageDetails"] = everything[begin : begin + size]
    if begin + size < len(everything):
        content["nextToken"] = token_of(begin + size)
    return HTTPStatus.OK, headers, json.dumps(content).encode()


def _message(repository: str, wanted: dict[str, str]) -> str:
    digest, tag = (wanted.get(name, "null") for name in ("imageDigest", "imageTag"))
    return (
        f"The image with imageId {{imageDigest:'{digest}', imageTag:'{tag}'}} does not exist within the repository "
        f"with name '{repository}' in the registry with id '{emulator.registry_id()}'"
    )
