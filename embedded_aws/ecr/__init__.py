"""ECR's answers as on AWS: missing images, sizes, findings of the basic scan, and refusals of policies."""

import json
import time
from http import HTTPStatus
from typing import Any

from ministack.services import ecr

from embedded_aws.answers.pages import page_start, token_of
from embedded_aws.core.context import ServerContext
from embedded_aws.core.faults import Faults
from embedded_aws.core.json_value import json_object
from embedded_aws.core.patching import Function, Response, wrap
from embedded_aws.core.refusal import Refusal
from embedded_aws.ecr import emulator
from embedded_aws.iam import resource_policies

_PAGE = 100
_LARGEST_PAGE = 1000
_TAGGED = {"TAGGED": True, "UNTAGGED": False}
_ACTION = "DescribeImageScanFindings"
_FINDING = {
    "name": "CVE-2021-44228",
    "description": "A fault was injected.",
    "severity": "CRITICAL",
    "uri": "https://security-tracker.debian.org/tracker/CVE-2021-44228",
    "attributes": [],
}


def install(context: ServerContext) -> None:
    """Change the emulator's answers about images, and implement DescribeImageScanFindings, which it lacks."""

    async def handle(original: Function, method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        if headers.get("x-amz-target", "").rpartition(".")[2] != _ACTION:
            return await original(method, path, headers, body, query)
        try:
            return _scan_findings(json.loads(body or b"{}"), context.faults)
        except Refusal as refusal:
            return refusal.as_json()

    emulator.describe_images.wrap(_describe_images)
    emulator.delete_images.wrap(_delete_images)
    emulator.list_images.wrap(_list_images)
    wrap(ecr, "handle_request", handle)


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


def _delete_images(original: Function, request: dict[str, Any]) -> Response:
    """Take a tag from an image that has others (API reference, BatchDeleteImage); the emulator deletes the image."""
    deleted, untagged, failures = [], [], []
    ids: dict[str, list[dict[str, str]]] = {}
    for wanted in request.get("imageIds") or []:
        # The emulator finds an image by its tag even where the digest is another one.
        found = {"imageDigest": wanted["imageDigest"]} if "imageDigest" in wanted else wanted
        image = emulator.find_image(str(request.get("repositoryName", "")), found)
        if image and "imageTag" in wanted and wanted["imageTag"] not in image["imageTags"]:
            said = "The specified tag does not match the specified digest"
            failures.append({"imageId": wanted, "failureCode": "ImageTagDoesNotMatchDigest", "failureReason": said})
            continue
        if image is None or "imageTag" not in wanted or len(image["imageTags"]) == 1:
            deleted.append(found)
            ids |= {image["imageDigest"]: _ids(image)} if image else {}
            continue
        image["imageTags"].remove(wanted["imageTag"])
        image["imageId"]["imageTag"] = image["imageTags"][-1]
        untagged.append({"imageDigest": image["imageDigest"], "imageTag": wanted["imageTag"]})
    status, headers, body = original({**request, "imageIds": deleted})
    if status != HTTPStatus.OK:
        return status, headers, body
    content = json.loads(body)
    untagged += [one for it in content["imageIds"] for one in ids[it["imageDigest"]]]
    return status, headers, json.dumps({"imageIds": untagged, "failures": failures + content["failures"]}).encode()


def _list_images(original: Function, request: dict[str, Any]) -> Response:
    """One id for each tag of an image; the emulator returns that of the last tag."""
    status, headers, body = original(request)
    if status != HTTPStatus.OK:
        return status, headers, body
    images = [emulator.find_image(request["repositoryName"], it) or {} for it in json.loads(body)["imageIds"]]
    return status, headers, json.dumps({"imageIds": [one for image in images for one in _ids(image)]}).encode()


def _ids(image: dict[str, Any]) -> list[dict[str, str]]:
    digest = {"imageDigest": image["imageDigest"]}
    return [digest | {"imageTag": tag} for tag in image["imageTags"]] or [digest]


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


def check_repository_policy(request: dict[str, Any]) -> None:
    """Refuse a policy that is invalid."""
    resource_policies.check_repository_policy(request.get("policyText"))


def check_priorities(request: dict[str, Any]) -> None:
    """Refuse a rule for any image that is not the last (user guide, "Lifecycle policies"); AWS's message is unknown."""
    rules = (json_object(request.get("lifecyclePolicyText")) or {}).get("rules") or []
    in_order = sorted(rules, key=lambda rule: int(rule["rulePriority"]))
    if any(rule["selection"]["tagStatus"] == "any" for rule in in_order[:-1]):
        message = (
            "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation "
            "failure: the rule with tagStatus any must have the highest rulePriority'"
        )
        raise Refusal("Ecr", "InvalidParameterException", message)


def check_repository(properties: dict[str, Any]) -> None:
    """Refuse the invalid policies of a template."""
    check_priorities({"lifecyclePolicyText": (properties.get("LifecyclePolicy") or {}).get("LifecyclePolicyText")})
    if "RepositoryPolicyText" in properties:
        resource_policies.check_repository_policy(properties["RepositoryPolicyText"])


def _scan_findings(request: dict[str, Any], faults: Faults) -> Response:
    """The scan of an image: finished if its repository scans on push (API reference, DescribeImageScanFindings)."""
    name, image_id = str(request.get("repositoryName", "")), request.get("imageId") or {}
    repository = emulator.repositories.get(name)
    if repository is None:
        raise Refusal("Ecr", "RepositoryNotFoundException", f"The repository with name '{name}' does not exist")
    image = emulator.find_image(name, image_id)
    if image is None:
        raise Refusal("Ecr", "ImageNotFoundException", f"The image with imageId {json.dumps(image_id)} does not exist")
    is_index = '"manifests"' in image.get("imageManifest", "")  # An index has no layers to be scanned
    if is_index or not repository["imageScanningConfiguration"].get("scanOnPush"):
        raise Refusal("Ecr", "ScanNotFoundException", f"Image scan does not exist for the image with {image_id}")
    # An injected fault may name the image's tag or its digest.
    names = [f"{name}@{image['imageDigest']}", *(f"{name}:{tag}" for tag in image.get("imageTags", []))]
    findings = [_FINDING] if any(faults.find("critical_findings", each) for each in names) else []
    pushed = image.get("imagePushedAt", int(time.time()))
    content = {
        "registryId": emulator.registry_id(),
        "repositoryName": name,
        "imageId": {"imageDigest": image["imageDigest"]},
        "imageScanStatus": {"status": "COMPLETE", "description": "The scan was completed successfully."},
        "imageScanFindings": {
            "imageScanCompletedAt": pushed,
            "vulnerabilitySourceUpdatedAt": pushed,
            "findings": findings,
            "findingSeverityCounts": {"CRITICAL": len(findings)} if findings else {},
        },
    }
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(content).encode()
