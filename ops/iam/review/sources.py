"""Where the policies of a role are looked for, in which order."""

from collections.abc import Sequence
from pathlib import Path

from ops.aws.clients import Aws
from ops.errors import UnusableInputError
from ops.iam.review import from_account, from_files, from_templates
from ops.iam.review.policies import Policies

_UNKNOWN = Policies(source="nowhere: no policies of the role were found", identity=(), known=False)


def policies_of(
    role: str,
    *,
    files: Sequence[Path] = (),
    boundary: Path | None = None,
    assembly: Path | None = None,
    aws: "Aws | None" = None,
    fallback: Path | None = None,
) -> tuple[str, Policies]:
    """The role, by its ARN where the account told it, and its policies from the first source that has any.

    Args:
        role: name or ARN.
        files: policy documents that the person gave; they decide alone.
        boundary: the boundary's document, to go with them.
        assembly: templates that the person gave; they decide alone.
        aws: the account, where it is to be asked.
        fallback: templates that may be there.

    Raises:
        UnusableInputError: the templates that the person gave do not make the role.
    """
    if files:
        return role, from_files.read_policies(files, boundary)
    name = role.rpartition("/")[2]
    if assembly:
        if found := from_templates.read_role(assembly, name):
            return role, found
        raise UnusableInputError(f"no template in {assembly} makes a role {name}", "See `hannibal iam review --help`.")
    if aws and (told := from_account.read_role(aws.iam, role)):
        return told
    if fallback and (found := from_templates.read_role(fallback, name)):
        return role, found
    return role, _UNKNOWN
