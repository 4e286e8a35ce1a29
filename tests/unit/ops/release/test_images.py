"""Which image is meant, and which are refused."""

from typing import Any

import pytest

from ops.account.caller import Caller
from ops.errors import RefusedError, UnusableInputError
from ops.release.images import Image, resolve_image
from tests.support.aws import aws_of
from tests.support.fake_clients import client_error
from tests.support.fakes import FakeAccount

REGISTRY = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/nestjs-hannibal-3"
DIGEST = "sha256:" + "a" * 64


class Repository:
    """An ECR repository with one image."""

    def describe_images(self, repositoryName: str, imageIds: Any) -> Any:  # noqa: N803 - boto3's names
        assert repositoryName == "nestjs-hannibal-3"
        if imageIds not in ([{"imageTag": "1.2"}], [{"imageDigest": DIGEST}]):
            raise client_error("ImageNotFoundException")
        return {"imageDetails": [{"imageDigest": DIGEST}]}


def resolve(asked: str, *, endpoint: str | None = None) -> Image:
    caller = Caller(account="123456789012", identity="arn:me", region="ap-northeast-1", endpoint=endpoint)
    return resolve_image(aws_of(ecr=Repository()), asked, caller)


@pytest.mark.parametrize("asked", [f"{REGISTRY}:1.2", f"{REGISTRY}@{DIGEST}", f"{REGISTRY}:1.2@{DIGEST}"])
def test_an_image_of_the_repository_is_released_by_its_digest(asked: str) -> None:
    assert resolve(asked) == Image(asked=asked, uri=f"{REGISTRY}@{DIGEST}", fixed=True)


@pytest.mark.parametrize(
    ("asked", "fixed"),
    [
        ("ghcr.io/mendhak/http-https-echo:41", False),
        ("node:22-alpine", False),
        (f"docker.io/library/node@{DIGEST}", True),
    ],
)
def test_a_public_image_is_taken_as_it_is_given(asked: str, fixed: bool) -> None:
    assert resolve(asked) == Image(asked=asked, uri=asked, fixed=fixed)


@pytest.mark.parametrize(
    ("asked", "end"),
    [
        ("nestjs-hannibal-3", ":TAG"),
        ("nestjs-hannibal-3:1.2", ":1.2"),
        (f"nestjs-hannibal-3@{DIGEST}", f"@{DIGEST}"),
        ("localhost/api:1", ":1"),
        ("localhost:5000/api:1", ":1"),
        ("127.0.0.1/api:1", ":1"),
        ("127.0.0.1:5000/team/api", ":TAG"),
    ],
)
def test_what_only_this_machines_engine_has_is_refused_on_aws_only(asked: str, end: str) -> None:
    """The embedded AWS starts its tasks with this engine."""
    with pytest.raises(UnusableInputError, match="of this machine's engine only") as refused:
        resolve(asked)
    assert f"write {REGISTRY}{end}:" in refused.value.advice[0]
    if end != ":TAG":
        assert resolve(asked, endpoint="http://127.0.0.1:4566").uri == asked


@pytest.mark.parametrize("asked", ["localhost:1", "localhost.example.com/api:1", "shop/nestjs-hannibal-3:1"])
def test_a_name_that_only_resembles_one_of_this_machine_is_taken(asked: str) -> None:
    assert resolve(asked).uri == asked


@pytest.mark.parametrize("endpoint", [None, "http://127.0.0.1:4566"])
def test_an_image_that_is_not_there_is_refused_by_the_embedded_aws_too(endpoint: str | None) -> None:
    with pytest.raises(RefusedError, match=r"has no image 9\.9"):
        resolve(f"{REGISTRY}:9.9", endpoint=endpoint)


def test_a_repository_that_is_not_there_is_not_called_one_without_the_image(account: FakeAccount) -> None:
    """Before the first start nobody can push to it."""

    class Nothing:
        def describe_images(self, **_: Any) -> Any:
            raise client_error("RepositoryNotFoundException")

    caller = Caller(account="123456789012", identity="arn:me", region="ap-northeast-1", endpoint=None)
    with pytest.raises(RefusedError, match="there is no repository nestjs-hannibal-3") as refused:
        resolve_image(aws_of(ecr=Nothing(), cloudformation=account.aws().cloudformation), f"{REGISTRY}:1.2", caller)
    assert "`hannibal start`" in refused.value.advice[0]


@pytest.mark.parametrize(
    "asked",
    [
        "999999999999.dkr.ecr.ap-northeast-1.amazonaws.com/nestjs-hannibal-3:1.2",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/nestjs-hannibal-3:1.2",
        "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/another:1.2",
    ],
)
def test_tasks_pull_from_their_own_repository_only(asked: str) -> None:
    with pytest.raises(RefusedError, match="they may read"):
        resolve(asked)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("node", "neither tag nor digest"),
        (REGISTRY, "neither tag nor digest"),
        ("two words:1", "is not an image"),
        ("node:1@sha256:short", "is not an image"),
        ("https://example.com/api:1", "is not an image"),
        ("ghcr.io/somebody/api:1\n", "is not an image"),
        ("ghcr.io/Somebody/api:1", "the name in lower case"),
        ("Somebody/api:1", "the name in lower case"),
        ("ghcr.io/some body/api:1", "is not an image"),
        (DIGEST, "is not an image"),
    ],
)
def test_what_names_no_image_is_unusable(asked: str, says: str) -> None:
    with pytest.raises(UnusableInputError) as refused:
        resolve(asked)
    assert says in " ".join((refused.value.problem, *refused.value.advice))


@pytest.mark.parametrize("asked", ["", "  "])
def test_what_a_failed_build_prints_is_no_image(asked: str) -> None:
    with pytest.raises(UnusableInputError, match="the image is empty; nothing was done"):
        resolve(asked)
