"""An attacker has the pipeline's credentials, and each role that they lead to (law 8); or a developer's session.

He tries to become an administrator, to stay, to erase the evidence and to destroy the data. Each way is refused; and
each call is made once more without boundary and policies in its way, where it is not refused: so these refuse it.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.audit.alarms import security_events
from embedded_aws.cloudwatch.filter_pattern import compile_pattern
from installation.settings.file import load_settings
from tests.support.embedded.attacker import (
    ACCOUNT,
    ADMINISTRATOR,
    DENIED,
    EXECUTION,
    PROJECT,
    REGION,
    TRAIL_GROUP,
    Account,
    Way,
    code,
)
from tests.support.embedded.attempts_by_other_services import BY_SERVICES
from tests.support.embedded.attempts_by_recent_operations import BY_RECENT_OPERATIONS
from tests.support.embedded.attempts_by_unused_services import BY_UNUSED
from tests.support.embedded.attempts_of_a_developer import BY_DEVELOPER, DEVELOPERS_TRACES
from tests.support.embedded.attempts_of_an_attacker import ADMINISTRATION, DATA, EVIDENCE, STAYING
from tests.support.embedded.further_attempts import FURTHER
from tests.support.embedded.identities import arn
from tests.support.embedded.indirect_attempts_of_an_attacker import INDIRECT
from tests.support.embedded.preparing import prepared
from tests.support.embedded.server import EmbeddedAws
from tests.support.embedded.traces_of_an_attacker import TRACES
from tests.support.waiting import wait_for

pytestmark = pytest.mark.embedded
# Those that change a trust come after those that need it.
WAYS = [*ADMINISTRATION, *INDIRECT, *BY_DEVELOPER, *STAYING, *EVIDENCE, *DATA]
IDS = [f"{who}-{operation}-{number}" for number, (who, _, operation, _) in enumerate(WAYS)]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory, assembly: Callable[[str], Path]) -> Iterator[Account]:
    options = ("--auth", "--cloudtrail", "--clock-factor", "120")
    server = EmbeddedAws(tmp_path_factory.mktemp("attacker"), options=options)
    server.start()
    try:
        _, again = prepared(server, assembly("dev"))
        assert again.steps == ()
        yield Account(server)
    finally:
        server.close()


def test_the_list_has_enough_attempts() -> None:
    """docs/least-privilege.md and docs/threat-model.md say how many."""
    assert len(WAYS) + len(FURTHER) > 550
    assert len(FURTHER) + len(BY_SERVICES) + len(BY_UNUSED) + len(BY_RECENT_OPERATIONS) > 350


@pytest.mark.parametrize("way", FURTHER, ids=[f"{it[0]}-{it[2]}" for it in FURTHER])
def test_further_attempts_are_refused(account: Account, way: Way) -> None:
    assert code(account.identities[way[0]], way) in DENIED


@pytest.mark.parametrize("way", WAYS, ids=IDS)
def test_each_attempt_of_the_attacker_is_refused(account: Account, way: Way) -> None:
    assert code(account.identities[way[0]], way) in DENIED


def has_sounded(account: Account, alarm: str, event_name: str) -> bool:
    """Whether the trail's log group has a line about a call that an alarm's filter counts."""
    (event,) = (it for it in security_events() if it.construct_id == alarm)
    matchers = [compile_pattern(text) for text in event.filters(load_settings("dev").names).values()]
    logs = account.server.session().client("logs")
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=TRAIL_GROUP)
    lines = [line["message"] for page in pages for line in page["events"]]
    return any(json.loads(line)["eventName"] == event_name and any(it(line) for it in matchers) for line in lines)


SEEN = [
    *(("execution", *it) for it in TRACES),
    *(("developer", *it) for it in DEVELOPERS_TRACES),
]


@pytest.mark.parametrize(
    ("who", "service", "operation", "arguments", "alarm"), SEEN, ids=[f"{it[0]}-{it[2]}" for it in SEEN]
)
def test_attempts_that_are_not_refused_raise_an_alarm(
    account: Account, who: str, service: str, operation: str, arguments: dict[str, Any], alarm: str
) -> None:
    """No condition key shows whom a role trusts, or what a resource's policy says: CloudFormation needs these calls."""
    client = account.identities[who].client(service)
    # What is not there is recorded all the same.
    assert code(account.identities[who], (who, service, operation, arguments)) not in DENIED

    name = str(client.meta.method_to_api_mapping[operation])
    # CloudTrail gives two other names (Amazon S3 user guide, "CloudTrail events").
    event_name = name.replace("PutPublicAccessBlock", "PutBucketPublicAccessBlock")
    event_name = event_name.replace("PutBucketLifecycleConfiguration", "PutBucketLifecycle")
    wait_for(lambda: has_sounded(account, alarm, event_name))


def test_snapshots_go_when_the_administrators_function_has_tagged_them(account: Account) -> None:
    """Neither before, nor by his own tag; and the newest never."""
    rds = account.server.session().client("rds")
    functions: Any = account.server.session().client("lambda")
    old, newest = (f"storagestack-snapshot-database-{it}" for it in ("old", "newest"))
    for name in (old, newest):
        rds.create_db_snapshot(DBInstanceIdentifier=f"{PROJECT}-db", DBSnapshotIdentifier=name)
        rds.get_waiter("db_snapshot_available").wait(
            DBSnapshotIdentifier=name, WaiterConfig={"Delay": 1, "MaxAttempts": 900}
        )

    deployed = functions.get_function_configuration(FunctionName="HannibalSnapshotTags")["Environment"]["Variables"]
    ages = json.loads(deployed["SETTINGS"])
    none = {"Days": 0, "MonthEndDays": 0}

    def tagged() -> str:
        answer = functions.invoke(FunctionName="HannibalSnapshotTags", Payload=json.dumps(ages | none))
        assert "FunctionError" not in answer, answer["Payload"].read()
        return json.dumps(json.loads(answer["Payload"].read()))

    def deleting(name: str) -> str:
        way: Way = ("cicd", "rds", "delete_db_snapshot", {"DBSnapshotIdentifier": name})
        return code(account.identities["cicd"], way)

    assert tagged() == '{"tagged": [], "untagged": []}', "they are young"
    assert deleting(old) in DENIED
    functions.update_function_configuration(
        FunctionName="HannibalSnapshotTags", Environment={"Variables": {"SETTINGS": json.dumps(ages | none)}}
    )
    assert tagged() == f'{{"tagged": ["{old}"], "untagged": []}}'
    rds.add_tags_to_resource(
        ResourceName=f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:{newest}", Tags=[{"Key": "Prunable", "Value": "true"}]
    )
    assert tagged() == f'{{"tagged": [], "untagged": ["{newest}"]}}'
    assert deleting(newest) in DENIED
    assert deleting(old) == ""


# Two roles trust CloudFormation alone, and a session has no other session made: no permission overcomes that.
BY_TRUST = [
    f"{who}-{operation}-{number}"
    for number, (who, _, operation, arguments) in enumerate(WAYS)
    if arguments.get("RoleArn") in (arn(ADMINISTRATOR), arn(EXECUTION)) or operation == "get_federation_token"
]
OTHERS = [(way, name) for way, name in zip(WAYS, IDS, strict=True) if name not in BY_TRUST]


@pytest.mark.parametrize("role", [ADMINISTRATOR, EXECUTION])
def test_cloudformations_roles_trust_cloudformation_alone(account: Account, role: str) -> None:
    trust: Any = account.server.session().client("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    assert [it["Principal"] for it in trust["Statement"]] == [{"Service": "cloudformation.amazonaws.com"}]


@pytest.mark.parametrize("way", [way for way, _ in OTHERS], ids=[name for _, name in OTHERS])
def test_it_is_boundary_and_policies_that_refuse_it(account: Account, way: Way) -> None:
    """Last, because some of these calls do what they say."""
    assert code(account.identities["unguarded"], way) not in DENIED
