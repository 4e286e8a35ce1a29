"""Builds the application's image for the processor of the settings, and pushes it, or keeps it on this machine."""

import base64
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.account.caller import Caller
from ops.aws.clients import Aws
from ops.errors import FailedError, UnusableInputError
from ops.local.containers import LocalEngine
from ops.release.images import repository_address
from ops.stacks.git_variables import variables_without_repository

PROCESSORS: Final = {"arm64": "arm64", "x86_64": "amd64"}  # names in the settings and in container engines
_MANIFEST_TYPE: Final = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG_TYPE: Final = "application/vnd.docker.container.image.v1+json"
_STANDS_FOR_LABEL: Final = "hannibal.stands-for"  # embedded_aws/ecs/containers/engine_images.py reads it
_LINES_KEPT: Final = 15


@dataclass(frozen=True, kw_only=True)
class Built:
    """An image in the repository."""

    image: str  # its URI by digest, for a release
    tag: str  # the commit of its sources
    existed: bool  # whether it existed already, so that nothing was built


def commit_of(source: Path) -> str:
    """The commit of a checkout, which is the image's tag.

    Raises:
        UnusableInputError: it is no checkout, or has uncommitted changes, so that no commit identifies the image; or
            there is no git.
    """
    if shutil.which("git") is None:
        raise UnusableInputError("git was not found", "Install it, or give a --tag.")
    # A folder of a foreign clone may be a repository itself, whose configuration names programs to run.
    git = ["git", "-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false", "-C", str(source)]
    status = ("status", "--porcelain", "--untracked-files=normal", "--ignore-submodules=none")
    state = _run([*git, *status], environment=variables_without_repository())
    head = _run([*git, "rev-parse", "--short=12", "HEAD"], environment=variables_without_repository())
    if state.returncode != 0 or head.returncode != 0:
        reason = (state.stderr or head.stderr).strip()
        raise UnusableInputError(f"{source} is no git checkout: {reason}", "Give a --tag.")
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
    _require_dockerfile(source)
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


def _require_dockerfile(source: Path) -> None:
    """Check that sources have a Dockerfile; else UnusableInputError."""
    if not (source / "Dockerfile").is_file():
        raise UnusableInputError(f"{source} has no Dockerfile")


def digest_of(aws: Aws, tag: str) -> str:
    """The digest of a tag's image; empty if there is none; FailedError where there is no repository."""
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
        raise FailedError(f"{step} failed. It said:", *finished.stderr.strip().splitlines()[-_LINES_KEPT:])


def _run(
    command: list[str], *, given: str = "", environment: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    # A build's output may have any encoding.
    return subprocess.run(  # noqa: S603 - no shell
        command, input=given, env=environment, capture_output=True, text=True, errors="replace", check=False
    )


def build_local_image(aws: Aws, engine: LocalEngine, caller: Caller, *, source: Path, tag: str) -> Built:
    """Build with the embedded AWS's container engine and register the image in its repository, unless both have it.

    It is built for this machine's processor; where the settings have another one, the image is marked,
    and the embedded AWS treats it as one for that processor.

    Raises:
        UnusableInputError: there is no Dockerfile.
        FailedError: the engine could not build (the message has its output), or has lost an image of this tag.
    """
    address = repository_address(aws, caller)
    digest = digest_of(aws, tag)
    if digest and engine.run("image", "inspect", f"{address}:{tag}").returncode == 0:
        return Built(image=f"{address}@{digest}", tag=tag, existed=True)
    _require_dockerfile(source)
    if digest:
        raise FailedError(
            f"the repository has an image {tag} already, but {engine.engine} does not, and tags are immutable",
            "Give another tag: --tag NAME",
        )
    wanted = PROCESSORS[aws.settings.service.architecture]
    marks = () if wanted == engine.processor else ("--label", f"{_STANDS_FOR_LABEL}={wanted}")
    built = engine.run("build", *engine.program.build_options, *marks, "--tag", f"{address}:{tag}", str(source))
    if built.returncode != 0:
        said = (built.stderr.strip() or built.stdout.strip()).splitlines()[-_LINES_KEPT:]
        raise FailedError(f"{engine.engine} build failed. It said:", *said)
    digest = register(aws, engine, repository=aws.names.repository, tag=tag, image=f"{address}:{tag}")
    return Built(image=f"{address}@{digest}", tag=tag, existed=False)


def register(aws: Aws, engine: LocalEngine, *, repository: str, tag: str, image: str) -> str:
    """Register an image of the engine in the embedded ECR; returns its digest there.

    Its manifest has the engine's image id as the digest of the configuration, which is the same number. FailedError
    where the engine does not have it.
    """
    inspected = engine.run("image", "inspect", image)
    if inspected.returncode != 0:
        raise FailedError(f"{engine.engine} does not have {image}: {inspected.stderr.strip()}")
    image_config = json.loads(inspected.stdout)[0]
    identifier = str(image_config["Id"]).removeprefix("sha256:")
    manifest = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST_TYPE,
        "config": {
            "mediaType": _CONFIG_TYPE,
            "size": int(image_config.get("Size", 0)),
            "digest": f"sha256:{identifier}",
        },
        "layers": [],
    }
    put = aws.ecr.put_image(
        repositoryName=repository,
        imageManifest=json.dumps(manifest),
        imageManifestMediaType=_MANIFEST_TYPE,
        imageTag=tag,
    )
    return put["image"]["imageId"]["imageDigest"]
