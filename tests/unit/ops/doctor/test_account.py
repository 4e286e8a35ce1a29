"""An account that is not as an administrator left it."""

from typing import Any

import pytest

from installation.settings import Settings
from ops.account.github_subject import SubjectCheck
from ops.doctor.account import examine
from tests.support.boto_model import ModelledClient
from tests.support.fakes import NOW, FakeAccount, FakeClient

POLICY = "arn:aws:iam::123456789012:policy/HannibalDeployBoundary"


class Roles(FakeClient):
    boundary: str | None = POLICY
    policy = "HannibalExecutionNetwork"
    trusted = "arn:aws:iam::123456789012:root"

    def get_role(self, RoleName: str) -> Any:  # noqa: N803 - boto3's name
        trust = f'{{"Statement": [{{"Effect": "Allow", "Principal": {{"AWS": "{self.trusted}"}}}}]}}'
        limit = {"PermissionsBoundary": {"PermissionsBoundaryArn": self.boundary}} if self.boundary else {}
        return {"Role": {"RoleName": RoleName, "AssumeRolePolicyDocument": trust} | limit}

    def list_attached_role_policies(self, RoleName: str) -> Any:  # noqa: N803
        return {"AttachedPolicies": [{"PolicyName": self.policy}]}


class Trail(FakeClient):
    logging = True

    def get_trail_status(self, Name: str) -> Any:  # noqa: N803
        return {"IsLogging": self.logging}


def causes(account: FakeAccount, settings: Settings, roles: Roles, trail: Trail) -> set[str]:
    aws: Any = account.aws()
    aws.iam, aws.cloudtrail = ModelledClient("iam", roles), ModelledClient("cloudtrail", trail)
    return {one.cause for one in examine(aws, settings, NOW).findings}


@pytest.mark.parametrize(
    ("change", "value", "cause"),
    [
        ("boundary", POLICY, None),
        ("boundary", None, "execution-unrestricted"),
        ("policy", "AdministratorAccess", "execution-unrestricted"),
        ("trusted", "*", "role-open"),
        ("trusted", "arn:aws:iam::999999999999:root", "role-open"),
        ("logging", False, "trail-off"),
        ("protection", "NetworkStack", "protection-off"),
        ("missing", "AuditStack", "audit-missing"),
    ],
)
def test_what_is_not_as_it_was(
    account: FakeAccount, settings: Settings, change: str, value: Any, cause: str | None
) -> None:
    account.add_month()
    roles, trail = Roles(account), Trail(account)
    if change == "protection":
        account.stacks[value]["EnableTerminationProtection"] = False
    elif change == "missing":
        del account.stacks[value]
    else:
        setattr(trail if change == "logging" else roles, change, value)
    assert causes(account, settings, roles, trail) == ({cause} if cause else set())


def test_tokens_that_no_role_trusts_are_a_trouble(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.add_month()
    monkeypatch.setattr("ops.doctor.account.check_subject", lambda _: SubjectCheck(mismatch="write the ids"))
    assert causes(account, settings, Roles(account), Trail(account)) == {"github-subject"}
