"""The image of a release, checked and resolved to a digest, and those of the settings for a task's other containers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from installation.names import API_CONTAINER, ARTIFACT_STACK, CERTIFICATES_CONTAINER, DATABASE_USER_CONTAINER
from installation.settings import Settings
from installation.settings.section import IMAGE, IMAGE_FORM
from ops.account.caller import Caller
from ops.aws.clients import Aws
from ops.aws.errors import code_of, ignoring
from ops.errors import RefusedError, UnusableInputError
from ops.stacks.state import how_to_recreate

if TYPE_CHECKING:
    from mypy_boto3_ecr.type_defs import ImageIdentifierTypeDef

# A registry that only this machine reaches.
_OWN_REGISTRY = re.compile(r"(localhost|127\.0\.0\.1)[:/]")
# By its endpoint for IPv4, or by the dual-stack one (Amazon ECR user guide, "Making requests to Amazon ECR
# registries").
_REGISTRY = re.compile(
    r"^(?P<account>\d{12})\.dkr[.-]ecr\.(?P<region>[a-z0-9-]+)\.(amazonaws\.com(\.cn)?|on\.aws)/(?P<name>.+)$"
)
_FIELDS: Final = {
    API_CONTAINER: "service.initial_image",
    CERTIFICATES_CONTAINER: "service.certificates_image",
    DATABASE_USER_CONTAINER: "database.service_user_image",
}


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image to release."""

    asked: str  # as the caller gave it
    # The URI that tasks run; for the project's repository by digest, so that it is the same image in every task and
    # every month, whatever happens to the tag.
    uri: str
    fixed: bool  # whether the URI always means this image; the owner of a public image may move a tag


def resolve_image(aws: Aws, reference: str, caller: Caller) -> Image:
    """Resolve an image by registry, name, and tag or digest.

    Raises:
        UnusableInputError: it is no image, has neither tag nor digest, or only this machine's engine has it.
        RefusedError: the repository does not have it, or tasks may not pull from this registry.
    """
    address = repository_address(aws, caller)  # the only ECR repository that tasks may pull from
    match = IMAGE.fullmatch(reference)
    if not reference.strip():
        raise UnusableInputError(
            "the image is empty; nothing was done", "See what the command printed that should have given its name."
        )
    if match is None:
        raise UnusableInputError(f"{reference!r} is not an image", f"Write {IMAGE_FORM}.")
    tag, digest = match["tag"], match["digest"]
    if _is_only_here(aws, match["name"], caller):
        end = reference.removeprefix(match["name"]) or ":TAG"
        raise UnusableInputError(
            f"{reference} is an image of this machine's engine only: tasks would look for it elsewhere",
            f"Push it, and write {address}{end}: `hannibal image build` does both.",
        )
    if tag is None and digest is None:
        raise UnusableInputError(
            f"{reference} names neither tag nor digest, so it would mean `latest`, another image from day to day",
            f"Write {reference}:TAG or {reference}@sha256:DIGEST.",
        )
    registry, repository = _REGISTRY.match(match["name"]), aws.names.repository
    if registry is None:
        return Image(asked=reference, uri=reference, fixed=digest is not None)
    if (registry["account"], registry["region"], registry["name"]) != (caller.account, caller.region, repository):
        raise RefusedError(
            f"tasks may not pull {reference}: of ECR they may read {address} only",
            "Push the image there, or release a public one.",
        )
    found = _find(aws, {"imageDigest": digest} if digest else {"imageTag": tag or ""})
    if found is not None:
        return Image(asked=reference, uri=f"{address}@{found}", fixed=True)
    raise RefusedError(
        f"the repository {repository} has no image {tag or digest}",
        f"Push it first, or see what there is: `aws ecr describe-images --repository-name {repository}`",
    )


def _is_only_here(aws: Aws, name: str, caller: Caller) -> bool:
    """Whether tasks on AWS could not pull what this machine's engine has under a name; the embedded AWS's tasks can."""
    return caller.endpoint is None and (name == aws.names.repository or _OWN_REGISTRY.match(name) is not None)


def unpullable_reason(aws: Aws, image: str, caller: Caller) -> str:
    """Why no task could start from an image; empty if no reason is known.

    Checked is whether it is an image, and whether ECR has it, or only this machine's engine. Public images are not
    checked: their registries need other credentials, or limit requests.
    """
    match = IMAGE.fullmatch(image)
    if not image or (match and _REGISTRY.match(image) is None and not _is_only_here(aws, match["name"], caller)):
        return ""
    try:
        resolve_image(aws, image, caller)
    except (RefusedError, UnusableInputError) as error:
        return error.problem
    return ""


def repository_address(aws: Aws, caller: Caller) -> str:
    """The URI of the installation's repository."""
    return f"{caller.account}.dkr.ecr.{caller.region}.amazonaws.com/{aws.names.repository}"


def _find(aws: Aws, image: "ImageIdentifierTypeDef") -> str | None:
    repository = aws.names.repository
    try:
        with ignoring("ImageNotFoundException"):
            details = aws.ecr.describe_images(repositoryName=repository, imageIds=[image])["imageDetails"]
            return details[0].get("imageDigest") if details else None
    except ClientError as error:
        if code_of(error) != "RepositoryNotFoundException":
            raise
        raise RefusedError(f"there is no repository {repository}", how_to_recreate(aws, ARTIFACT_STACK)) from error
    return None


def images_of_settings(settings: Settings) -> Mapping[str, str]:
    """The image of each container from the settings, with the API's image before the first release."""
    images = {
        API_CONTAINER: settings.service.initial_image,
        CERTIFICATES_CONTAINER: settings.service.certificates_image,
        DATABASE_USER_CONTAINER: settings.database.service_user and settings.database.service_user_image,
        **{name: one.image for name, one in settings.service.sidecars.items()},
    }
    return {container: image for container, image in images.items() if image}


def unpullable_images(
    aws: Aws, caller: Caller, images: Mapping[str, str], *, except_container: str | None = None
) -> Iterator[str]:
    """Images that no task could pull, by their setting, with advice; the excepted container's is checked elsewhere."""
    for container, image in images.items():
        reason = "" if container == except_container else unpullable_reason(aws, image, caller)
        if reason:
            field = _FIELDS.get(container, f"service.sidecars.{container}.image")
            yield (
                f"{field} in config/{aws.settings.environment}.yaml is {image}, which no task could start: {reason}. "
                "Push it, or name another one there and deploy that: `hannibal start`"
            )
