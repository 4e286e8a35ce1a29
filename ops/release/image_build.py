"""Builds the application's image for the processor of the settings, and pushes it to the repository."""

import base64
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.account.caller import Caller
from ops.aws.clients import Aws
from ops.errors import FailedError, UnusableInputError
from ops.release.images import repository_address

PROCESSORS: Final = {"arm64": "arm64", "x86_64": "amd64"}  # names in the settings and in container engines


@dataclass(frozen=True, kw_only=True)
class Built:
    """An image in the repository."""

    image: str  # its URI by digest, for a release
    tag: str  # the commit of its sources
    existed: bool  # whether it existed already, so that nothing was built


def commit_of(source: Path) -> str:
    """The commit of a checkout, which is the image's tag.

    Raises:
        UnusableInputError: it is no checkout, or has uncommitted changes, so that no commit identifies the image.
    """
    state = _run(["git", "-C", str(source), "status", "--porcelain"])
    head = _run(["git", "-C", str(source), "rev-parse", "--short=12", "HEAD"])
    if state.returncode != 0 or head.returncode != 0:
        raise UnusableInputError(f"{source} is no git checkout: {(state.stderr or head.stderr).strip()}")
    if state.stdout.strip():
        raise UnusableInputError(f"{source} has changes that are not committed", "Commit them, or give a --tag.")
    return head.stdout.strip()


def build_image(aws: Aws, caller: Caller, *, source: Path, tag: str) -> Built:
    """Build and push, unless the repository has the tag: tags are immutable, so a run may be repeated.

    Raises:
        UnusableInputError: there is no Dockerfile, or no Docker.
        FailedError: Docker could not build or push; the message has its output.
    """
    address = repository_address(aws, caller)
    digest = digest_of(aws, tag)
    if digest:
        return Built(image=f"{address}@{digest}", tag=tag, existed=True)
    require_dockerfile(source)
    if shutil.which("docker") is None:
        raise UnusableInputError("docker is not installed", "Give an image that is built already instead.")
    _registry_login(aws, address.partition("/")[0])
    platform = f"linux/{PROCESSORS[aws.settings.service.architecture]}"
    # Without provenance: it would push an index whose digest hides the image's own from ECR's scan.
    options = ("--platform", platform, "--provenance=false", "--push", "--tag", f"{address}:{tag}")
    _check(_run(["docker", "buildx", "build", *options, str(source)]), "docker buildx build")
    digest = digest_of(aws, tag)
    if not digest:
        raise FailedError(f"docker pushed {address}:{tag}, but the repository does not have it")
    return Built(image=f"{address}@{digest}", tag=tag, existed=False)


def require_dockerfile(source: Path) -> None:
    """Require a Dockerfile.

    Raises:
        UnusableInputError: there is none.
    """
    if not (source / "Dockerfile").is_file():
        raise UnusableInputError(f"{source} has no Dockerfile")


def digest_of(aws: Aws, tag: str) -> str:
    """The digest of a tag's image; empty if there is none.

    Raises:
        FailedError: there is no such repository.
    """
    repository = aws.names.repository
    try:
        images = aws.ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])["imageDetails"]
    except aws.ecr.exceptions.ImageNotFoundException:
        return ""
    except aws.ecr.exceptions.RepositoryNotFoundException:
        raise FailedError(f"there is no repository {repository}", "Start the system first: `hannibal start`.") from None
    return images[0].get("imageDigest", "")


def _registry_login(aws: Aws, registry: str) -> None:
    token = aws.ecr.get_authorization_token()["authorizationData"][0].get("authorizationToken", "")
    user, _, password = base64.b64decode(token).decode().partition(":")
    _check(_run(["docker", "login", "--username", user, "--password-stdin", registry], given=password), "docker login")


def _check(finished: "subprocess.CompletedProcess[str]", step: str) -> None:
    if finished.returncode != 0:
        raise FailedError(f"{step} failed. It said:", *finished.stderr.strip().splitlines()[-15:])


def _run(command: list[str], given: str = "") -> "subprocess.CompletedProcess[str]":
    # A build's output may have any encoding.
    return subprocess.run(command, input=given, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 - no shell
