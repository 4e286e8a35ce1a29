"""The repository whose workflows deploy the installation.

Names are those that GitHub gives (GitHub docs, "Username considerations for external authentication", "Repository
limits"): older accounts have hyphens at the end and in a row.
"""

import re
from collections.abc import Iterator

from pydantic import Field

from installation.settings.section import Section

# The owner that the configuration files of this repository come with: nobody's.
PLACEHOLDER_OWNER = "hannibal-platform"


class GitHubSettings(Section):
    """The repository whose workflows may assume the roles, and how its tokens name it."""

    owner: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*(_[A-Za-z0-9]{3,8})?$", max_length=39)
    """Owner of the repository: a user or an organisation, with letters, digits and hyphens. What an enterprise adds to
    the names of its managed users follows an underscore, as in mona_octo."""
    repository: str = Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")
    """Repository name without the owner, with letters, digits, points, hyphens and underscores."""
    owner_id: int | None = Field(default=None, ge=1)
    """Numeric owner id; needed where the repository was created, renamed or moved since 2026-07-15.

    `gh api repos/OWNER/REPOSITORY --jq '.owner.id, .id'` prints both.
    """
    repository_id: int | None = Field(default=None, ge=1)
    """Numeric repository id; goes with owner_id."""
    branch: str = Field(default="main", pattern=r"^[^\s~^:?*\[\\]+$", max_length=200)
    """Branch that deploys; at most 200 characters, because a trust policy takes 2,048 and names it four times."""
    existing_provider_arn: str | None = Field(
        default=None, pattern=r"^arn:aws:iam::[0-9]{12}:oidc-provider/token\.actions\.githubusercontent\.com$"
    )
    """ARN of the account's GitHub OIDC provider, where it has one: an account takes one for each URL."""

    def _check_ids(self) -> Iterator[str]:
        if (self.owner_id is None) != (self.repository_id is None):
            yield "owner_id and repository_id: give both or neither"

    def _check_branch(self) -> Iterator[str]:
        # git-check-ref-format; and quotes and invisible characters, which git takes and nobody means.
        wrong = re.search(r"^refs/|^/|//|\.\.|@\{|[\u201c\u201d]|(/|\.|\.lock)$", self.branch)
        if wrong or not self.branch.isprintable():
            yield f"branch: the name alone, such as main, and not {self.branch!r}"
        # CloudFormation gives a template back with a question mark for every other letter
        # (cloudformation-coverage-roadmap #1220): the administrator's stacks would differ from it for ever.
        if not self.branch.isascii():
            yield f"branch: {self.branch} has letters other than ASCII's, which CloudFormation does not give back"

    def _check_repository(self) -> Iterator[str]:
        if self.repository in (".", "..") or self.repository.lower().endswith((".git", ".wiki")):
            yield f"repository: GitHub calls no repository {self.repository}; see its address in a browser"

    @property
    def subject_prefix(self) -> str:
        """How the tokens of its jobs begin to say whose they are.

        Repositories made, renamed or moved since 2026-07-15 send their ids with their names
        (aws-actions/configure-aws-credentials #1888). Exactly the form that settings say is trusted: a name without its
        id can be taken over when its owner gives it up.
        """
        if self.owner_id is None:
            return f"repo:{self.owner}/{self.repository}"
        return f"repo:{self.owner}@{self.owner_id}/{self.repository}@{self.repository_id}"
