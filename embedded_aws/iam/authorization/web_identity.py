"""GitHub's tokens: STS can ask for more of what they say than the emulator does.

Source: AWS STS, validation of provider-specific claims of shared OIDC providers, January 2026; IAM user guide,
"Available keys for AWS OIDC federation".
"""

from typing import Any, Final

from embedded_aws.core.patching import Function
from embedded_aws.iam import emulator

_ISSUER: Final = "token.actions.githubusercontent.com"
_CLAIMS: Final = ("actor", "environment", "job_workflow_ref", "ref", "repository", "repository_owner", "workflow")


def install() -> None:
    """Give the trust policy the claims that GitHub's tokens carry."""
    emulator.web_identity_principal.wrap(_with_claims)


def _with_claims(original: Function, token: str, provider_id: str, role_arn: str) -> Any:
    principal, keys = original(token, provider_id, role_arn)
    if str(principal).endswith(f"oidc-provider/{_ISSUER}"):
        claims = emulator.token_claims(token)
        keys |= {f"{_ISSUER}:{name}": claims[name] for name in _CLAIMS if name in claims}
    return principal, keys
