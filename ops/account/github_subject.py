"""Compares the subject of GitHub's tokens with the settings.

A repository that was created, renamed or moved since 2026-07-15, or that was switched over, sends the numeric ids of
owner and repository with their names; all others send the names alone. A role that trusts the other form refuses every
workflow: `Not authorized to perform sts:AssumeRoleWithWebIdentity` (GitHub documentation, "OpenID Connect reference",
immutable subject claims; aws-actions/configure-aws-credentials #1888).
"""

from dataclasses import dataclass

from pydantic import BaseModel

from installation.settings import Settings
from ops.errors import OpsError
from ops.github.api import GitHub, validate_answer


@dataclass(frozen=True, kw_only=True)
class SubjectCheck:
    """The result of asking GitHub."""

    mismatch: str = ""  # why no workflow could assume a role, with advice; empty if none is known
    unknown: str = ""  # why GitHub could not say; empty if it did


class _Format(BaseModel):
    use_default: bool
    use_immutable_subject: bool = False
    sub_claim_prefix: str = ""


class _Owner(BaseModel):
    id: int
    login: str


class _Repository(BaseModel):
    id: int
    name: str
    owner: _Owner


def check_subject(settings: Settings) -> SubjectCheck:
    """Ask GitHub with the token of the environment, and compare."""
    try:
        return SubjectCheck(mismatch=_mismatch(settings))
    except OpsError as error:
        return SubjectCheck(unknown=" ".join((error.problem, *error.advice)))


def _mismatch(settings: Settings) -> str:
    github = settings.github
    name = f"{github.owner}/{github.repository}"
    client = GitHub.of_user(name)
    repository = validate_answer(_Repository, client.repository())
    subject_format = validate_answer(_Format, client.subject_format())
    if not subject_format.use_default:
        return (
            f"the tokens of {name} carry a subject of its own making, which no role trusts: set it back with "
            f"`gh api --method PUT repos/{name}/actions/oidc/customization/sub -F use_default=true`"
        )
    # IAM compares a subject case-sensitively; GitHub accepts the address of a repository in any case.
    expected = github.model_copy(
        update={
            "owner": repository.owner.login,
            "repository": repository.name,
            "owner_id": repository.owner.id if subject_format.use_immutable_subject else None,
            "repository_id": repository.id if subject_format.use_immutable_subject else None,
        }
    )
    prefix = subject_format.sub_claim_prefix or expected.subject_prefix
    if prefix == github.subject_prefix:
        return ""
    fields = ("owner", "repository", "owner_id", "repository_id")
    lines = ", ".join(f"{field}: {value}" for field in fields if (value := getattr(expected, field)) is not None)
    return (
        f"the tokens of GitHub's jobs begin with {prefix}, and the roles would trust {github.subject_prefix}, so that "
        f"no workflow could assume one: under `github:` in config/{settings.environment}.yaml there must be {lines}"
        + ("" if subject_format.use_immutable_subject else ", and no ids")
    )
