"""Builds the application's image for the embedded AWS, on this machine only."""

import json
from pathlib import Path
from typing import Final

from ops.account.caller import Caller
from ops.aws.clients import Aws
from ops.errors import FailedError
from ops.local.containers import LocalEngine
from ops.release.image_build import PROCESSORS, Built, digest_of, require_dockerfile
from ops.release.images import repository_address

_MANIFEST_TYPE: Final = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG_TYPE: Final = "application/vnd.docker.container.image.v1+json"
_STANDS_FOR_LABEL: Final = "hannibal.stands-for"  # embedded_aws/ecs/containers/engine_images.py reads it
_LINES_KEPT: Final = 15


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
    require_dockerfile(source)
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

    Its manifest has the engine's image id as the digest of the configuration, which is the same number.

    Raises:
        FailedError: the engine does not have it.
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
