"""Findings of ECR's basic scan of an image: none, unless critical findings are injected.

Source: ECR API reference, DescribeImageScanFindings; an image of a repository that scans on push has a finished scan.
"""

import json
import time
from typing import Any

from ministack.services import ecr

from embedded_aws.core.faults import Faults
from embedded_aws.core.patching import Function, Response, wrap
from embedded_aws.core.refusal import Refusal
from embedded_aws.ecr import emulator

_ACTION = "DescribeImageScanFindings"
_FINDING = {
    "name": "CVE-2021-44228",
    "description": "A fault was injected.",
    "severity": "CRITICAL",
    "uri": "https://security-tracker.debian.org/tracker/CVE-2021-44228",
    "attributes": [],
}


def install(faults: Faults) -> None:
    """Implement the operation, which the emulator lacks."""

    async def handle(original: Function, method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        if headers.get("x-amz-target", "").rpartition(".")[2] != _ACTION:
            return await original(method, path, headers, body, query)
        try:
            return _answer(json.loads(body or b"{}"), faults)
        except Refusal as refusal:
            return refusal.as_json()

    wrap(ecr, "handle_request", handle)


def _answer(request: dict[str, Any], faults: Faults) -> Response:
    name, wanted = str(request.get("repositoryName", "")), request.get("imageId") or {}
    repository = emulator.repositories.get(name)
    if repository is None:
        raise Refusal("Ecr", "RepositoryNotFoundException", f"The repository with name '{name}' does not exist")
    image = emulator.find_image(name, wanted)
    if image is None:
        raise Refusal("Ecr", "ImageNotFoundException", f"The image with imageId {json.dumps(wanted)} does not exist")
    if not repository["imageScanningConfiguration"].get("scanOnPush"):
        raise Refusal("Ecr", "ScanNotFoundException", f"Image scan does not exist for the image with {wanted}")
    # An injected fault may name the image's tag or its digest.
    names = [f"{name}@{image['imageDigest']}", *(f"{name}:{tag}" for tag in image.get("imageTags", []))]
    found = [_FINDING] if any(faults.find("critical_findings", each) for each in names) else []
    pushed = image.get("imagePushedAt", int(time.time()))
    answer = {
        "registryId": emulator.registry_id(),
        "repositoryName": name,
        "imageId": {"imageDigest": image["imageDigest"]},
        "imageScanStatus": {"status": "COMPLETE", "description": "The scan was completed successfully."},
        "imageScanFindings": {
            "imageScanCompletedAt": pushed,
            "vulnerabilitySourceUpdatedAt": pushed,
            "findings": found,
            "findingSeverityCounts": {"CRITICAL": len(found)} if found else {},
        },
    }
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer).encode()
