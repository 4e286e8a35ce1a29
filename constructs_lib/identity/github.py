"""Trust in the workflows of one GitHub repository, by short-lived tokens."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import aws_iam as iam
from constructs import Construct

from installation.settings.github import GitHubSettings

ISSUER: Final = "token.actions.githubusercontent.com"
AUDIENCE: Final = "sts.amazonaws.com"


class GitHubTrust(Construct):
    """The account's provider for GitHub's tokens, made here or existing, and principals that trust it.

    Args:
        settings: the repository, and the ARN of a provider that the account has already: it may have one per URL.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: GitHubSettings) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        if settings.existing_provider_arn:
            self._provider_arn = settings.existing_provider_arn
        else:
            provider = iam.OidcProviderNative(self, "Provider", url=f"https://{ISSUER}", client_ids=[AUDIENCE])
            self._provider_arn = provider.oidc_provider_arn

    def environment(self, name: str, *workflows: str) -> iam.IPrincipal:
        """Trusts jobs of some workflows that run in a GitHub environment, from the branch that deploys.

        The subject of such a job names the environment instead of the branch, so branch and workflow are separate
        conditions (AWS STS, validation of provider-specific claims, January 2026): the environment's own branch rule is
        in GitHub, where an administrator of the repository can remove it.

        Args:
            name: the GitHub environment.
            workflows: file names in ``.github/workflows``; a job of any other workflow is not trusted.
        """
        github = self._settings
        branch = f"refs/heads/{github.branch}"
        files = [f"{github.owner}/{github.repository}/.github/workflows/{file}@{branch}" for file in workflows]
        return self._principal(f"environment:{name}", {f"{ISSUER}:ref": branch, f"{ISSUER}:job_workflow_ref": files})

    def pull_requests(self) -> iam.IPrincipal:
        """Trusts jobs that a pull request within the repository starts; jobs of forks get no token."""
        return self._principal("pull_request", {})

    def _principal(self, context: str, claims: Mapping[str, str | list[str]]) -> iam.IPrincipal:
        expected = {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": f"{self._settings.subject_prefix}:{context}", **claims}
        return iam.WebIdentityPrincipal(self._provider_arn, {"StringEquals": expected})
