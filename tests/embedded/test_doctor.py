"""Each cause of the guide's five troubles, provoked in a running month, found, and remedied where a command does it."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from installation import names
from installation.settings.file import load_settings
from ops.doctor.network import POSTGRESQL
from ops.doctor.subjects import Subject
from ops.errors import ExitCode
from ops.release.task_sets import read_serving
from ops.service.traffic import describe_listeners, describe_load_balancer, read_target_groups
from tests.support.embedded.doctoring import Month, commands, evidence
from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import wait_for

pytestmark = pytest.mark.embedded

# Which of the two ends a task first depends on how busy the machine is.
_EITHER_CHECK = "failed (ELB|container) health checks"


@pytest.fixture(scope="module")
def month(assembly: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    server = EmbeddedAws(tmp_path_factory.mktemp("doctor"), options=("--clock-factor", "60"))
    try:
        server.start()
        month = Month(server, load_settings("dev"))
        month.deploy(assembly("dev"))
        month.wait_until_steady()
        yield month
    finally:
        server.close()


def test_a_healthy_month_has_no_finding(month: Month) -> None:
    result = month.command("doctor", "--json")
    assert result.exit_code == ExitCode.DONE, result.output
    found = json.loads(result.stdout)["examinations"]
    assert [one["subject"] for one in found] == ["ecs", "release", "stack", "database", "edge", "alarms", "account"]
    assert [one["skipped"] for one in found] == [[]] * 7
    assert "Nothing is wrong" in result.stderr


def test_what_healthy_tasks_print_of_requests_that_they_cannot_answer(month: Month) -> None:
    logs: Any = month.server.session().client("logs")
    (task, *_) = (arn.rpartition("/")[2] for arn in month.aws.ecs.list_tasks(cluster=month.names.cluster)["taskArns"])
    place = {"logGroupName": month.names.service_log_group, "logStreamName": f"ecs/{month.names.container}/{task}"}
    line = r'{"level":"error","message":"relation \\"routes\\" does not exist"}'
    now = int(datetime.now(UTC).timestamp() * 1000)
    for offset, message in enumerate(("GET /health 200", line, "bye")):
        logs.put_log_events(**place, logEvents=[{"timestamp": now + offset, "message": message}])
    finding = month.finding(Subject.ECS, "schema-missing", "notice")
    assert evidence(finding) == f"log of {task[:8]}: {line}"
    assert finding.remediations[0].command == "hannibal run --env dev -- COMMAND"


# -- 1: tasks --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fault", "cause", "words", "command"),
    [
        ("cannot_pull", "image-not-found", "CannotPullContainerError", "aws ecr describe-images"),
        ("exits", "container-exits", "exit code 1", "hannibal logs"),
        ("out_of_memory", "out-of-memory", "OutOfMemoryError", "hannibal rollback"),
        ("never_healthy", "unhealthy", _EITHER_CHECK, "hannibal logs"),
    ],
)
def test_tasks_that_do_not_stay(month: Month, fault: str, cause: str, words: str, command: str) -> None:
    with month.fault(fault):
        month.stop_tasks()
        finding = month.finding(Subject.ECS, cause)
        assert re.search(words, evidence(finding))
        assert command in finding.remediations[0].command
        if fault == "exits":  # what ends by itself has printed why
            assert "fatal: exits was injected" in evidence(finding)
            task = next(one.source for one in finding.evidence).split()[1]
            assert {one.source for one in finding.evidence if one.source.startswith("log of")} == {f"log of {task}"}
            started = [one.text for one in finding.evidence if " as task " in one.text]
            assert all(f" as task {task}" in text for text in started)
    month.wait_until_steady()
    # Not long after, it is still told, but nobody is woken up for it.
    month.finding(Subject.ECS, cause, "notice", later=timedelta(minutes=3))


def test_no_call_that_fails_ends_the_doctor(month: Month) -> None:
    """Each operation that it asks for fails once, everywhere; the other sections and steps are still looked at."""
    failing, subject = "", Subject.ECS
    asked: Counter[tuple[Subject, str]] = Counter()

    def fail(model: Any, **_: Any) -> None:
        asked[subject, model.name] += 1
        if model.name == failing:
            raise ClientError({"Error": {"Code": "InternalFailure", "Message": "out of order"}}, model.name)

    clients = [client for client in vars(month.aws).values() if hasattr(client, "meta")]
    for client in clients:
        client.meta.events.register("before-call", fail)
    try:
        for subject in Subject:
            month.examine(subject)
        # Who the caller is, is asked before anything else: without it, no section can say anything.
        # Whose installation it is, comes next; where that cannot be read, the sections are looked at all the same.
        times = {key: number for key, number in asked.items() if key[1] != "GetCallerIdentity"}
        for (subject, failing), number in sorted(times.items()):
            findings = month.examine(subject).findings
            failed = [one for one in findings if one.cause == "call-failed"]
            assert failed or (failing, number) == ("DescribeStacks", 1), f"{subject}: {failing}"
            assert {evidence(one) for one in failed} <= {f"AWS: {failing}: out of order (InternalFailure)"}
    finally:
        for client in clients:
            client.meta.events.unregister("before-call", fail)


def test_a_secret_that_is_gone(month: Month) -> None:
    outputs = month.aws.cloudformation.describe_stacks(StackName=names.STORAGE_STACK)["Stacks"][0]["Outputs"]
    secret = next(output["OutputValue"] for output in outputs if output["OutputKey"] == "DatabaseUrlSecret")
    month.aws.secretsmanager.delete_secret(SecretId=secret)
    # Found before any task needs it, and then with what ECS says.
    assert "marked for deletion" in evidence(month.finding(Subject.ECS, "database-url-missing"))
    assert "marked for deletion" in evidence(month.finding(Subject.DATABASE, "database-url-missing"))
    result = month.command("doctor", "--json")
    assert result.exit_code == ExitCode.UNHEALTHY, result.output
    assert [one["subject"] for one in json.loads(result.stdout)["examinations"]] == list(Subject)
    month.stop_tasks()
    wait_for(lambda: "unable to retrieve secret" in evidence(month.finding(Subject.ECS, "database-url-missing")))
    month.remediate(month.finding(Subject.ECS, "database-url-missing"))
    month.wait_until_steady()
    assert month.causes(Subject.ECS) == set()


def test_a_release_that_forgets_the_variable(month: Month) -> None:
    described = month.aws.ecs.describe_task_definition(taskDefinition=month.names.task_family)["taskDefinition"]
    wanted = ("family", "cpu", "memory", "networkMode", "executionRoleArn", "requiresCompatibilities")
    request: dict[str, Any] = {name: value for name, value in described.items() if name in wanted}
    service = next(one for one in described["containerDefinitions"] if one["name"] == month.names.container)
    left_out = ("secrets", "dependsOn", "mountPoints")
    container: Any = {key: value for key, value in service.items() if key not in left_out}
    made = month.aws.ecs.register_task_definition(**request, containerDefinitions=[container])["taskDefinition"]
    with month.fault("hold", month.names.codedeploy_application, at_percent=10):
        deployment = month.release("example/api:forgets", canary=True, definition=made["taskDefinitionArn"])
        finding = month.finding(Subject.ECS, "database-url-missing")
        assert "neither a secret nor a variable" in finding.summary
        month.aws.codedeploy.stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
        month.wait_until_ended(deployment)
    month.aws.ecs.deregister_task_definition(taskDefinition=made["taskDefinitionArn"])
    month.wait_until_steady()


def test_no_way_to_the_internet(month: Month) -> None:
    (service,) = month.aws.ecs.describe_services(cluster=month.names.cluster, services=[month.names.service])[
        "services"
    ]
    subnet = service["networkConfiguration"]["awsvpcConfiguration"]["subnets"][0]
    tables = month.aws.ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])
    month.aws.ec2.delete_route(RouteTableId=tables["RouteTables"][0]["RouteTableId"], DestinationCidrBlock="0.0.0.0/0")
    finding = month.finding(Subject.ECS, "no-egress")
    assert f"of subnet {subnet} has no route" in evidence(finding)
    month.remediate(finding)
    assert month.causes(Subject.ECS) == set()


@pytest.mark.parametrize(
    ("subject", "cause", "purpose", "port"),
    [
        (Subject.DATABASE, "database-cut-off", "Queries", POSTGRESQL),
        (Subject.ECS, "load-balancer-cut-off", "Requests", 3000),
        (Subject.EDGE, "edge-cut-off", "CloudFront", 80),
    ],
)
def test_a_way_that_was_closed_by_hand(month: Month, subject: Subject, cause: str, purpose: str, port: int) -> None:
    rules = month.aws.ec2.describe_security_group_rules()["SecurityGroupRules"]
    rule = next(one for one in rules if not one["IsEgress"] and one.get("Description", "").startswith(purpose))
    group = rule["GroupId"]
    month.aws.ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[rule["SecurityGroupRuleId"]])
    finding = month.finding(subject, cause)
    assert f"{group} allows no ingress from" in evidence(finding)
    assert f"on port {port}" in evidence(finding)
    month.remediate(finding)
    assert month.causes(subject) == set()


def test_the_rule_for_cloudfront_that_was_deleted_by_hand(month: Month) -> None:
    balancer = describe_load_balancer(month.aws)
    assert balancer is not None
    listener, rule = next(
        (str(listener["ListenerArn"]), rule)
        for listener, rules in describe_listeners(month.aws, balancer)
        for rule in rules
        if any(it["Field"] == "http-header" for it in rule["Conditions"])
    )
    month.aws.elbv2.delete_rule(RuleArn=rule["RuleArn"])
    month.finding(Subject.EDGE, "traffic-misdirected")
    conditions: Any = [{"Field": it["Field"], "HttpHeaderConfig": it["HttpHeaderConfig"]} for it in rule["Conditions"]]
    actions: Any = [{"Type": "forward", "ForwardConfig": it["ForwardConfig"]} for it in rule["Actions"]]
    month.aws.elbv2.create_rule(
        ListenerArn=listener, Priority=int(rule["Priority"]), Conditions=conditions, Actions=actions
    )
    assert month.causes(Subject.EDGE) == set()


@pytest.mark.parametrize("weights", [(60, 40), (0, 100)])
def test_traffic_that_was_split_by_hand(month: Month, weights: tuple[int, int]) -> None:
    balancer = describe_load_balancer(month.aws)
    assert balancer is not None
    (rule,) = (
        rule
        for _, rules in describe_listeners(month.aws, balancer)
        for rule in rules
        if any(it["Field"] == "http-header" for it in rule["Conditions"])
    )
    groups = {it.colour: it.name for it in read_target_groups(month.aws)}
    running = read_serving(month.aws)
    assert running is not None
    serving, other = sorted(groups.values(), key=lambda name: name != groups[running.colour])
    arns = {
        it["TargetGroupName"]: it["TargetGroupArn"]
        for it in month.aws.elbv2.describe_target_groups(Names=[serving, other])["TargetGroups"]
    }
    split: Any = [
        {"TargetGroupArn": arns[name], "Weight": it} for name, it in zip((serving, other), weights, strict=True)
    ]
    month.aws.elbv2.modify_rule(
        RuleArn=rule["RuleArn"], Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": split}}]
    )
    finding = month.finding(Subject.EDGE, "traffic-misdirected")
    assert f"{weights[0]} % to {serving}" in evidence(finding)
    month.remediate(finding)
    assert {it.name: it.production_percent for it in read_target_groups(month.aws)} == {serving: 100, other: 0}
    assert month.causes(Subject.EDGE) == set()


# -- 4: database -----------------------------------------------------------------------------------------------
def test_a_database_that_is_stopped(month: Month) -> None:
    month.aws.rds.stop_db_instance(DBInstanceIdentifier=month.names.database)
    # First it is stopping, when RDS does not start it yet.
    wait_for(lambda: "is stopped" in evidence(month.finding(Subject.DATABASE, "database-stopped")))
    month.remediate(month.finding(Subject.DATABASE, "database-stopped"))
    wait_for(lambda: month.causes(Subject.DATABASE) == set())


def test_a_password_that_was_changed_in_one_place(month: Month) -> None:
    name = month.names.database_secret
    password = {"username": month.settings.database.user, "password": "somebody-elses"}
    month.aws.secretsmanager.put_secret_value(SecretId=name, SecretString=json.dumps(password))
    finding = month.finding(Subject.DATABASE, "password-differs")
    assert "The password was changed" in finding.summary
    assert "AWSPREVIOUS" in evidence(finding)
    assert "somebody-elses" not in evidence(finding) + finding.summary + commands(finding)
    month.remediate(finding)
    assert month.causes(Subject.DATABASE) == set()


def test_an_address_of_another_database(month: Month) -> None:
    outputs = month.aws.cloudformation.describe_stacks(StackName=names.STORAGE_STACK)["Stacks"][0]["Outputs"]
    secret = next(output["OutputValue"] for output in outputs if output["OutputKey"] == "DatabaseUrlSecret")
    month.aws.secretsmanager.put_secret_value(
        SecretId=secret, SecretString="postgresql://hannibal:another@elsewhere:5432/postgres"
    )
    finding = month.finding(Subject.DATABASE, "endpoint-differs")
    assert "elsewhere:5432" in evidence(finding)
    assert "DATABASE_URL was changed" in month.finding(Subject.DATABASE, "password-differs").summary
    month.remediate(finding)
    assert month.causes(Subject.DATABASE) == set()


# -- 2: releases -----------------------------------------------------------------------------------------------
def test_a_release_that_an_alarm_ended(month: Month) -> None:
    alarm = month.names.release_errors_alarm
    with month.fault("alarm", alarm, at_percent=10):
        month.wait_until_ended(month.release("example/api:2", canary=True))
    finding = month.finding(Subject.RELEASE, "release-alarm")
    assert f"alarm {alarm}: " in evidence(finding)
    assert "hannibal alarms" in finding.remediations[0].command
    assert any("rolled it back" in text for text in month.examine(Subject.RELEASE).healthy)
    for state in ("ALARM", "OK"):
        month.aws.cloudwatch.set_alarm_state(AlarmName=alarm, StateValue=state, StateReason="as the test wants")
    assert f"alarm {alarm}: went into ALARM at" in evidence(month.finding(Subject.RELEASE, "release-alarm"))
    shown = json.loads(month.command("alarms", "--json").stdout)
    assert alarm in {one["name"] for one in shown["alarms"]}
    assert "ALARM" in {change["state"] for change in shown["history"] if change["name"] == alarm}


def test_a_release_that_the_function_refused(month: Month) -> None:
    function = month.names.verification_function
    outputs = month.aws.cloudformation.describe_stacks(StackName=names.COMPUTE_STACK)["Stacks"][0]["Outputs"]
    group = next(one["OutputValue"] for one in outputs if one["OutputKey"] == names.VERIFICATION_LOG_OUTPUT)
    for stream, line in ((f"2026/11/26/{function}[$LATEST]a", "10.0.0.1 answered 503"), ("another[$LATEST]b", "other")):
        month.aws.logs.create_log_stream(logGroupName=group, logStreamName=stream)
        month.aws.logs.put_log_events(
            logGroupName=group,
            logStreamName=stream,
            logEvents=[{"timestamp": int(datetime.now(UTC).timestamp() * 1000), "message": line}],
        )
    with month.fault("hook_fails", function):
        month.wait_until_ended(month.release("example/api:2", hook=function, watch_alarms=False))
    finding = month.finding(Subject.RELEASE, "release-hook")
    assert "failed step: AfterAllowTestTraffic" in evidence(finding)
    assert "10.0.0.1 answered 503" in evidence(finding)
    assert "other" not in evidence(finding)
    assert f"aws logs tail {group} --since" in commands(finding)


def test_a_release_that_gets_nowhere_is_stopped(month: Month) -> None:
    # Its hour stands still, however long the doctor takes, and no alarm on unhealthy tasks ends it first.
    with month.fault("never_healthy", "*:broken"), month.fault("hold", month.names.codedeploy_application):
        deployment = month.release("example/api:broken", watch_alarms=False)
        finding = month.finding(Subject.RELEASE, "release-unhealthy")
        assert re.search(_EITHER_CHECK, evidence(finding))
        result = month.command("doctor", "release", "--fix", "--yes")
        assert result.exit_code == ExitCode.DONE, result.output
        assert f"{deployment} is stopped" in result.output
        month.wait_until_ended(deployment)
    month.finding(Subject.RELEASE, "release-stopped", "notice")
    assert month.causes(Subject.RELEASE) == set()


def test_a_release_that_nobody_watched(month: Month) -> None:
    # The tasks of the release before it may have an alarm sound still.
    month.wait_until_ended(month.release("example/api:2", watch_alarms=False))
    finding = month.finding(Subject.RELEASE, "release-record-outdated")
    assert "runs example/api:2" in evidence(finding)
    assert "hannibal release --env dev --wait" in commands(finding)


# -- 5: cache --------------------------------------------------------------------------------------------------
def test_a_frontend_that_users_do_not_see_yet(month: Month) -> None:
    month.finding(Subject.EDGE, "frontend-empty", "notice")
    bucket = month.names.frontend_bucket(month.server.account)
    month.aws.s3.put_object(Bucket=bucket, Key="index.html", Body=b"new")
    finding = month.finding(Subject.EDGE, "cache-stale")
    assert "uploaded: index.html" in evidence(finding)
    assert "hannibal invalidate" in commands(finding)
    declined = month.command("doctor", "edge", "--fix")
    assert declined.exit_code == ExitCode.UNHEALTHY
    assert "left as it is" in declined.output
    assert month.command("doctor", "edge", "--fix", "--yes").exit_code == ExitCode.DONE
    assert month.causes(Subject.EDGE) == set()
    result = json.loads(month.command("invalidate", "/assets/*", "--wait", "--json").stdout)
    assert (result["paths"], result["invalidation"]["status"]) == (["/assets/*"], "Completed")
    assert month.command("invalidate", "assets").exit_code == ExitCode.UNUSABLE_INPUT


# -- at last: what cannot be put back ----------------------------------------------------------------------------
def test_a_database_that_was_deleted_by_hand(month: Month) -> None:
    name = month.names.database
    month.aws.rds.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False, ApplyImmediately=True)
    month.aws.rds.delete_db_instance(DBInstanceIdentifier=name, FinalDBSnapshotIdentifier="by-hand")
    month.aws.rds.get_waiter("db_instance_deleted").wait(
        DBInstanceIdentifier=name, WaiterConfig={"Delay": 1, "MaxAttempts": 900}
    )
    finding = month.finding(Subject.DATABASE, "database-deleted")
    assert "CREATE_COMPLETE" in evidence(finding)
    assert "the newest snapshot is by-hand" in evidence(finding)
    assert "hannibal start" in commands(finding)


def test_a_service_that_was_deleted_by_hand(month: Month) -> None:
    month.aws.ecs.delete_service(cluster=month.names.cluster, service=month.names.service, force=True)
    assert "CREATE_COMPLETE" in evidence(month.finding(Subject.ECS, "service-deleted"))
