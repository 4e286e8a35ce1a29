"""What public collections of attacks do in an account, no role of the project may do, whatever the resource."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from installation import yaml_text
from installation.permissions.execution_policies import PIPELINE_POLICIES
from installation.permissions.roles import ecs_boundary
from installation.permissions.statements import Statement
from tests.support.policies import arns, matches, of
from tests.support.roles import ROLES

_FILE = Path(__file__).with_name("known_escalations.yaml")
ACTIONS = [action for service, names in yaml_text.parsed(_FILE.read_text()).items() for action in of(service, names)]
# Roles that the stacks make may have any policy, so their boundary is what counts.
GRANTED = {
    **ROLES,
    **{policy.subject: policy.statements(arns()) for policy in PIPELINE_POLICIES},
    "running": ecs_boundary(arns()),
}


@pytest.mark.parametrize("role", GRANTED)
def test_no_role_may_make_a_known_escalation(role: str) -> None:
    statements: Sequence[Statement] = GRANTED[role]
    allowed = [pattern for statement in statements if statement.effect == "Allow" for pattern in statement.actions]

    assert len(ACTIONS) > 500
    assert [action for action in ACTIONS if matches(allowed, action)] == []
