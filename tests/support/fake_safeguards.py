"""A fake account's safeguards: limits of its pipeline and records of calls; complete unless a test changes them."""

from dataclasses import dataclass, field
from typing import Any

from installation.names import Names
from tests.support.fake_clients import FakeClient, NotFoundError, client_error

_NAMES = Names(project="nestjs-hannibal-3", environment="dev")


@dataclass
class Safeguards:
    """The state of the safeguards, which a test changes."""

    boundary: str | None = "arn:aws:iam::123456789012:policy/HannibalDeployBoundary"
    policy: str = "HannibalExecutionNetwork"
    trusted: str = "arn:aws:iam::123456789012:root"
    logging: bool | None = True
    delivery_error: str = ""
    log_groups: tuple[str, ...] = (_NAMES.trail_log_group,)
    filters: tuple[str, ...] = _NAMES.all_security_filters
    alarms: list[Any] = field(
        default_factory=lambda: [
            {"AlarmName": name, "ActionsEnabled": True, "AlarmActions": ["arn:topic"]}
            for name in _NAMES.all_security_alarms
        ]
    )
    lock: Any = field(default_factory=lambda: {"Mode": "GOVERNANCE", "Days": 90})
    bucket_error: str = ""
    function: bool = True
    rule: str | None = "ENABLED"


class FakeRoles(FakeClient):
    def get_role(self, RoleName: str) -> Any:  # noqa: N803 - boto3's name
        safe = self.account.safeguards
        trust = f'{{"Statement": [{{"Effect": "Allow", "Principal": {{"AWS": "{safe.trusted}"}}}}]}}'
        limit = {"PermissionsBoundary": {"PermissionsBoundaryArn": safe.boundary}} if safe.boundary else {}
        return {"Role": {"RoleName": RoleName, "AssumeRolePolicyDocument": trust} | limit}

    def list_attached_role_policies(self, RoleName: str) -> Any:  # noqa: N803
        return {"AttachedPolicies": [{"PolicyName": name} for name in self.account.safeguards.policy.split()]}


class FakeTrail(FakeClient):
    def get_trail_status(self, Name: str) -> Any:  # noqa: N803
        if self.account.safeguards.logging is None:
            raise NotFoundError
        error = self.account.safeguards.delivery_error
        return {"IsLogging": self.account.safeguards.logging} | ({"LatestDeliveryError": error} if error else {})


class FakeLock(FakeClient):
    def get_object_lock_configuration(self, Bucket: str) -> Any:  # noqa: N803
        safe = self.account.safeguards
        if safe.bucket_error:
            raise client_error(safe.bucket_error)
        return {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": safe.lock}}}


class FakeFunctions(FakeClient):
    def get_function_configuration(self, FunctionName: str) -> Any:  # noqa: N803
        if not self.account.safeguards.function:
            raise NotFoundError
        return {"FunctionName": FunctionName}


class FakeRules(FakeClient):
    def describe_rule(self, Name: str) -> Any:  # noqa: N803
        if self.account.safeguards.rule is None:
            raise NotFoundError
        return {"Name": Name, "State": self.account.safeguards.rule}
