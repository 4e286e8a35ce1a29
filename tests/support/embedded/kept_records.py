"""Records of services for tests that kill the server between writes: how to create one, and how to read all."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

Client = Callable[[str], Any]
BEGINNING: Final = "kept-"
_TRUST: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


def _topic(client: Client, name: str) -> None:
    client("sns").create_topic(Name=name)


def _topics(client: Client) -> set[str]:
    pages = client("sns").get_paginator("list_topics").paginate()
    return {one["TopicArn"].rpartition(":")[2] for page in pages for one in page["Topics"]}


def _role(client: Client, name: str) -> None:
    client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=_TRUST)


def _roles(client: Client) -> set[str]:
    pages = client("iam").get_paginator("list_roles").paginate()
    return {one["RoleName"] for page in pages for one in page["Roles"]}


def _rule(client: Client, name: str) -> None:
    client("events").put_rule(Name=name, ScheduleExpression="rate(1 day)", State="DISABLED")


def _rules(client: Client) -> set[str]:
    pages = client("events").get_paginator("list_rules").paginate()
    return {one["Name"] for page in pages for one in page["Rules"]}


def _alarm(client: Client, name: str) -> None:
    client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="Kept",
        MetricName="Writes",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )


def _alarms(client: Client) -> set[str]:
    pages = client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix=BEGINNING)
    return {one["AlarmName"] for page in pages for one in page["MetricAlarms"]}


def _repository(client: Client, name: str) -> None:
    client("ecr").create_repository(repositoryName=name)


def _repositories(client: Client) -> set[str]:
    pages = client("ecr").get_paginator("describe_repositories").paginate()
    return {one["repositoryName"] for page in pages for one in page["repositories"]}


def _application(client: Client, name: str) -> None:
    client("codedeploy").create_application(applicationName=name, computePlatform="ECS")


def _applications(client: Client) -> set[str]:
    pages = client("codedeploy").get_paginator("list_applications").paginate()
    return {one for page in pages for one in page["applications"]}


def _group(client: Client, name: str) -> None:
    client("logs").create_log_group(logGroupName=name)


def _groups(client: Client) -> set[str]:
    pages = client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=BEGINNING)
    return {one["logGroupName"] for page in pages for one in page["logGroups"]}


MAKE: Final[Mapping[str, Callable[[Client, str], None]]] = {
    "topic": _topic,
    "role": _role,
    "rule": _rule,
    "alarm": _alarm,
    "repository": _repository,
    "application": _application,
    "log group": _group,
}
READ: Final[Mapping[str, Callable[[Client], set[str]]]] = {
    "topic": _topics,
    "role": _roles,
    "rule": _rules,
    "alarm": _alarms,
    "repository": _repositories,
    "application": _applications,
    "log group": _groups,
}
