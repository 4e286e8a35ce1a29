"""The most characters that IAM accepts, without blanks (IAM user guide, "IAM and AWS STS quotas")."""

from typing import Final

MANAGED_POLICY_CHARACTERS: Final = 6_144
INLINE_POLICIES_CHARACTERS: Final = 10_240  # of all inline policies of a role together
