"""What ECR's basic scan says of an image."""

import json
from typing import Any

import pytest

from embedded_aws import ecr
from embedded_aws.core.faults import Faults
from embedded_aws.core.refusal import Refusal

REQUEST = {"repositoryName": "api", "imageId": {"imageTag": "1"}}


def scan(monkeypatch: pytest.MonkeyPatch, manifest: dict[str, Any]) -> Any:
    repository = {"imageScanningConfiguration": {"scanOnPush": True}}
    image = {"imageDigest": "sha256:a", "imageManifest": json.dumps(manifest)}
    monkeypatch.setattr(ecr.emulator, "repositories", {"api": repository})
    monkeypatch.setattr(ecr.emulator, "find_image", lambda *_: image)
    monkeypatch.setattr(ecr.emulator, "registry_id", lambda: "123456789012")
    return json.loads(ecr._scan_findings(REQUEST, Faults())[2])


def test_an_image_is_scanned(monkeypatch: pytest.MonkeyPatch) -> None:
    assert scan(monkeypatch, {"layers": []})["imageScanStatus"]["status"] == "COMPLETE"


def test_an_index_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """So a setting that refuses findings refuses it, as on AWS."""
    with pytest.raises(Refusal, match="Image scan does not exist"):
        scan(monkeypatch, {"manifests": [{"digest": "sha256:b"}]})
