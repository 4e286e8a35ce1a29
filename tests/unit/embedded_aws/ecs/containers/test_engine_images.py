"""Which image of the engine a task runs."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from embedded_aws.core.faults import Faults
from embedded_aws.ecs.containers import engine_images
from embedded_aws.ecs.containers.engine_images import EngineImages
from embedded_aws.ecs.images import CannotPullError

REPOSITORY = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/api"


def described(digest: str, os: str, architecture: str) -> dict[str, Any]:
    return {"digest": digest, "platform": {"os": os, "architecture": architecture}}


@pytest.fixture
def images(monkeypatch: pytest.MonkeyPatch) -> EngineImages:
    """A repository with an index, as CI systems push it: an image for one processor, and its attestation."""
    manifests = [described("sha256:attested", "unknown", "unknown"), described("sha256:built", "linux", "amd64")]
    stored = {
        f"{REPOSITORY}:1": {"imageDigest": "sha256:index", "imageManifest": json.dumps({"manifests": manifests})},
        f"{REPOSITORY}@sha256:built": {"imageManifest": json.dumps({"config": {"digest": "sha256:id"}})},
    }
    monkeypatch.setattr(engine_images, "stored_image", lambda image: stored[image])
    monkeypatch.setattr(engine_images, "digest_of", lambda *_: "sha256:index")
    inspected = {"id": {"Architecture": "amd64"}}

    def run(*words: str) -> Any:
        return SimpleNamespace(returncode=0, stdout=json.dumps([inspected[words[-1]]]))

    engine: Any = SimpleNamespace(name="podman", run=run)
    return EngineImages(engine, Faults())


def test_of_an_index_the_image_for_the_tasks_processor_runs(images: EngineImages) -> None:
    definition: Any = {"runtimePlatform": {"cpuArchitecture": "X86_64"}}
    assert images.pull(f"{REPOSITORY}:1", definition, essential=True).reference == "id"


def test_an_index_without_the_tasks_processor_cannot_be_pulled(images: EngineImages) -> None:
    definition: Any = {"runtimePlatform": {"cpuArchitecture": "ARM64"}}
    with pytest.raises(CannotPullError, match="does not contain descriptor matching platform 'linux/arm64'"):
        images.pull(f"{REPOSITORY}:1", definition, essential=True)
