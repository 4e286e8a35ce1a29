"""An account that is not as an administrator left it."""

from typing import Any

import pytest

from installation.names import Names
from installation.settings import Settings
from ops.account.github_subject import SubjectCheck
from ops.doctor.account import examine
from ops.month.status import problems, read_status
from tests.support.aws import given
from tests.support.fake_clients import client_error
from tests.support.fakes import NOW, FakeAccount


@pytest.fixture(autouse=True)
def github(monkeypatch: pytest.MonkeyPatch) -> None:
    """GitHub names the repository as the settings do."""
    monkeypatch.setattr("ops.doctor.account.check_subject", lambda _: SubjectCheck())


def causes(account: FakeAccount, settings: Settings) -> set[str]:
    return {one.cause for one in examine(account.aws(settings), NOW).findings}


CHANGES: list[tuple[str, Any, str | None]] = [
    ("boundary", None, "execution-unrestricted"),
    ("boundary", "arn:aws:iam::123456789012:policy/HannibalCICDBoundary", "execution-unrestricted"),
    ("policy", "AdministratorAccess", "execution-unrestricted"),
    ("trusted", "*", "role-trusts-outsiders"),
    ("trusted", "arn:aws:iam::999999999999:root", "role-trusts-outsiders"),
    ("logging", False, "trail-off"),
    ("logging", None, "trail-missing"),
    ("delivery_error", "AccessDenied", "trail-undelivered"),
    ("log_groups", ("/cloudtrail/nestjs-hannibal-3-other",), "trail-log-missing"),
    ("filters", (), "filter-missing"),
    # One alarm counts by two.
    ("filters", Names(project="nestjs-hannibal-3", environment="dev").all_security_alarms, "filter-missing"),
    ("alarms", [], "security-alarm-off"),
    ("lock", {}, "trail-files-unlocked"),
    ("lock", {"Mode": "GOVERNANCE", "Days": 1}, "trail-files-unlocked"),
    ("lock", {"Mode": "COMPLIANCE", "Years": 1}, None),
    ("bucket_error", "ObjectLockConfigurationNotFoundError", "trail-files-unlocked"),
    ("bucket_error", "NoSuchBucket", "trail-bucket-missing"),
    ("bucket_error", "InternalError", "call-failed"),
    ("function", False, "snapshot-tags-off"),
    ("rule", "DISABLED", "snapshot-tags-off"),
    ("rule", None, "snapshot-tags-off"),
]


def test_an_account_with_all_safeguards_has_no_finding(account: FakeAccount, settings: Settings) -> None:
    account.add_month()
    found = examine(account.aws(settings), NOW)
    assert (found.findings, found.skipped) == ((), ())
    assert "since an administrator deployed them" in found.healthy[0]


@pytest.mark.parametrize(
    ("attached", "command"),
    [
        ("AdministratorAccess", "hannibal bootstrap --env dev"),
        (
            "HannibalExecutionNetwork AdministratorAccess",
            "aws iam detach-role-policy --role-name cdk-hnb659fds-cfn-exec",
        ),
    ],
)
def test_what_was_attached_by_hand_is_detached_by_hand(
    account: FakeAccount, settings: Settings, attached: str, command: str
) -> None:
    account.add_month()
    account.safeguards.policy = attached
    (finding,) = examine(account.aws(settings), NOW).findings
    assert finding.remediations[0].command.startswith(command)


@pytest.mark.parametrize(("change", "value", "cause"), CHANGES)
def test_missing_safeguards_are_findings(
    account: FakeAccount, settings: Settings, change: str, value: Any, cause: str | None
) -> None:
    account.add_month()
    setattr(account.safeguards, change, value)
    assert causes(account, settings) == ({cause} if cause else set())


def test_a_weaker_lock_than_that_of_the_settings_is_a_finding(account: FakeAccount, settings: Settings) -> None:
    """Whoever may bypass governance could delete the evidence."""
    account.add_month()
    audit = settings.audit.model_copy(update={"trail_lock": "compliance"})
    assert causes(account, settings.model_copy(update={"audit": audit})) == {"trail-files-unlocked"}


@pytest.mark.parametrize("change", [{"ActionsEnabled": False}, {"AlarmActions": []}])
def test_an_alarm_without_actions_is_a_finding(account: FakeAccount, settings: Settings, change: Any) -> None:
    account.add_month()
    account.safeguards.alarms[0] |= change
    (finding,) = examine(account.aws(settings), NOW).findings
    assert (finding.cause, finding.evidence[0].text) == ("security-alarm-off", "nestjs-hannibal-3-security-root-use")


@pytest.mark.parametrize(("stack", "cause"), [("NetworkStack", "protection-off"), ("AuditStack", "audit-missing")])
def test_stacks_that_are_open_or_missing(account: FakeAccount, settings: Settings, stack: str, cause: str) -> None:
    account.add_month()
    if cause == "protection-off":
        account.stacks[stack]["EnableTerminationProtection"] = False
    else:
        del account.stacks[stack]
    assert causes(account, settings) == {cause}


def test_an_account_without_a_trail_of_its_own(account: FakeAccount, settings: Settings) -> None:
    account.add_month()
    account.safeguards.logging, account.safeguards.log_groups = None, ()
    place = "s3://bucket/AWSLogs/o-1/123456789012/CloudTrail/"
    audit = settings.audit.model_copy(update={"create_trail": False, "existing_trail_location": place})
    assert causes(account, settings.model_copy(update={"audit": audit})) == set()


# -- the embedded AWS -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("prepared", ["cdk bootstrap", "hannibal bootstrap"])
def test_a_laptop_is_limited_only_by_choice(account: FakeAccount, settings: Settings, prepared: str) -> None:
    account.add_month()
    account.safeguards.policy = "AdministratorAccess"
    account.add_stack("CDKToolkit")
    if prepared == "cdk bootstrap":
        account.stacks["CDKToolkit"]["Tags"] = []
    aws: Any = account.aws(settings)
    aws.sts.meta.endpoint_url = aws.endpoint = "http://127.0.0.1:4566"
    found = examine(aws, NOW)
    if prepared == "hannibal bootstrap":
        assert [one.cause for one in found.findings] == ["execution-unrestricted"]
    else:
        assert found.findings == ()
        assert "the pipeline is not limited: the embedded AWS needs no `hannibal bootstrap`" in found.healthy[0]


# -- on one line of the status ----------------------------------------------------------------------------------------
def test_a_status_shows_missing_safeguards_on_one_line(account: FakeAccount, settings: Settings) -> None:
    account.add_month()
    account.safeguards.policy = "AdministratorAccess"
    status = read_status(account.aws(settings), clock=lambda: NOW)
    assert [gap.cause for gap in status.gaps] == ["execution-unrestricted"]
    assert status.gaps[0].summary in problems(status)


def test_a_status_leaves_out_unreadable_safeguards(account: FakeAccount, settings: Settings) -> None:
    account.add_month()
    aws: Any = account.aws()

    def denied(**_: Any) -> Any:
        raise client_error("AccessDenied")

    aws.iam.get_role = aws.cloudtrail.get_trail_status = denied
    assert read_status(given(aws, settings), clock=lambda: NOW).gaps == ()
    skipped = examine(given(aws, settings), NOW).skipped
    assert any("the trail" in text for text in skipped)


# -- GitHub -----------------------------------------------------------------------------------------------------------
def test_tokens_that_no_role_trusts_are_a_trouble(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.add_month()
    monkeypatch.setattr("ops.doctor.account.check_subject", lambda _: SubjectCheck(mismatch="write the ids"))
    assert causes(account, settings) == {"github-subject"}
