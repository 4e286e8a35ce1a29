"""An image for the embedded AWS: built by its engine, marked, registered, and never pushed."""

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from embedded_aws.containers.engine import Engine
from installation.settings import Settings
from ops.account.caller import Caller
from ops.errors import FailedError, UnusableInputError
from ops.local.containers import LocalEngine
from ops.release.image_build import build_local_image
from tests.support.aws import aws_of

CALLER = Caller(account="123456789012", identity="arn", region="ap-northeast-1", endpoint="http://127.0.0.1:4566")
ADDRESS = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/nestjs-hannibal-3"
IDENTIFIER = "ab" * 32


class ImageNotFoundError(Exception):
    pass


class FakeEcr:
    """A repository that gives every image the digest of its tag."""

    exceptions = SimpleNamespace(ImageNotFoundException=ImageNotFoundError, RepositoryNotFoundException=KeyError)

    def __init__(self) -> None:
        self.manifests: dict[str, Any] = {}

    def describe_images(self, repositoryName: str, imageIds: list[dict[str, str]]) -> Any:  # noqa: N803 - boto3's name
        tag = imageIds[0]["imageTag"]
        if tag not in self.manifests:
            raise ImageNotFoundError
        return {"imageDetails": [{"imageDigest": f"sha256:{tag}"}]}

    def put_image(self, **request: str) -> Any:
        self.manifests[request["imageTag"]] = json.loads(request["imageManifest"])
        return {"image": {"imageId": {"imageDigest": f"sha256:{request['imageTag']}"}}}


@pytest.fixture
def engine(tmp_path: Path) -> LocalEngine:
    """An engine that writes down what it is asked, and has the images that it has built."""
    script = tmp_path / "podman"
    about = json.dumps([{"Id": f"sha256:{IDENTIFIER}", "Size": 7}])
    script.write_text(
        f'#!/bin/sh\necho "$@" >> "{tmp_path}/log"\n'
        f'if [ "$1" = build ]; then [ -f "{tmp_path}/broken" ] && {{ echo "npm ERR! 404" >&2; exit 1; }}\n'
        f"touch '{tmp_path}/built'; exit 0; fi\n"
        f"[ -f '{tmp_path}/built' ] && echo '{about}'\n"
    )
    script.chmod(0o755)
    program = Engine(name="podman", command=(str(script),), processor="amd64", environment=os.environ)
    return LocalEngine(engine="podman", processor="amd64", reason=None, containers=(), program=program)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "application"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\n")
    return folder


def _build(ecr: FakeEcr, engine: LocalEngine, settings: Settings, source: Path) -> Any:
    aws: Any = ecr
    return build_local_image(aws_of(ecr=aws, settings=settings), engine, CALLER, source=source, tag="abc")


def test_a_local_image_is_registered_by_the_engines_id_and_not_pushed(
    engine: LocalEngine, settings: Settings, source: Path, tmp_path: Path
) -> None:
    ecr = FakeEcr()

    built = _build(ecr, engine, settings, source)

    assert (built.image, built.existed) == (f"{ADDRESS}@sha256:abc", False)
    assert ecr.manifests["abc"]["config"]["digest"] == f"sha256:{IDENTIFIER}"
    commands = (tmp_path / "log").read_text()
    options = "".join(f"{option} " for option in engine.program.build_options)
    assert f"build {options}--label hannibal.stands-for=arm64 --tag {ADDRESS}:abc {source}" in commands
    assert "push" not in commands
    assert _build(ecr, engine, settings, source).existed
    assert (tmp_path / "log").read_text().count("build ") == 1


def test_for_the_machines_own_processor_it_needs_no_mark(
    engine: LocalEngine, settings: Settings, source: Path, tmp_path: Path
) -> None:
    service = settings.service.model_copy(update={"architecture": "x86_64"})

    _build(FakeEcr(), engine, settings.model_copy(update={"service": service}), source)

    assert "--label" not in (tmp_path / "log").read_text()


def test_an_image_that_the_engine_has_lost_needs_another_tag(
    engine: LocalEngine, settings: Settings, source: Path, tmp_path: Path
) -> None:
    ecr = FakeEcr()
    _build(ecr, engine, settings, source)
    (tmp_path / "built").unlink()
    script = Path(engine.program.command[0])
    script.write_text("#!/bin/sh\nexit 1\n")

    with pytest.raises(FailedError, match="has an image abc already, but podman does not") as failed:
        _build(ecr, engine, settings, source)
    assert failed.value.advice == ("Give another tag: --tag NAME",)


def test_a_failed_build_keeps_the_engines_words(
    engine: LocalEngine, settings: Settings, source: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken").touch()
    ecr = FakeEcr()

    with pytest.raises(FailedError, match="podman build failed") as failed:
        _build(ecr, engine, settings, source)

    assert "npm ERR! 404" in failed.value.advice
    assert ecr.manifests == {}


def test_without_a_dockerfile_nothing_is_built(engine: LocalEngine, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="has no Dockerfile"):
        _build(FakeEcr(), engine, settings, tmp_path)
