"""How much the embedded AWS holds, service by service."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ops.local.credentials import Credentials

_CONFIG = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1})


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many things of a kind there are; None if the service does not answer."""

    kind: str
    count: int | None


@dataclass(frozen=True, kw_only=True)
class _Question:
    kind: str
    service: str
    operation: str
    answer: str
    arguments: tuple[tuple[str, str], ...] = ()


_QUESTIONS = (
    _Question(kind="stacks", service="cloudformation", operation="describe_stacks", answer="Stacks"),
    _Question(kind="buckets", service="s3", operation="list_buckets", answer="Buckets"),
    _Question(kind="roles", service="iam", operation="list_roles", answer="Roles", arguments=(("PathPrefix", "/"),)),
    _Question(kind="functions", service="lambda", operation="list_functions", answer="Functions"),
    _Question(kind="log groups", service="logs", operation="describe_log_groups", answer="logGroups"),
    _Question(kind="alarms", service="cloudwatch", operation="describe_alarms", answer="MetricAlarms"),
    _Question(kind="parameters", service="ssm", operation="describe_parameters", answer="Parameters"),
    _Question(kind="secrets", service="secretsmanager", operation="list_secrets", answer="SecretList"),
    _Question(kind="repositories", service="ecr", operation="describe_repositories", answer="repositories"),
    _Question(kind="databases", service="rds", operation="describe_db_instances", answer="DBInstances"),
    _Question(
        kind="database snapshots",
        service="rds",
        operation="describe_db_snapshots",
        answer="DBSnapshots",
        arguments=(("SnapshotType", "manual"),),
    ),
    _Question(kind="clusters", service="ecs", operation="list_clusters", answer="clusterArns"),
    _Question(kind="load balancers", service="elbv2", operation="describe_load_balancers", answer="LoadBalancers"),
)


def count_contents(endpoint: str, region: str, credentials: Credentials) -> tuple[Count, ...]:
    """Ask every service at once how much it holds.

    Args:
        endpoint: where the embedded AWS answers.
        region: the region to look into.
        credentials: the keys of root.
    """
    session = boto3.Session(
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        region_name=region,
    )
    # Clients are made one after the other: a session is not safe for that in threads.
    services = {question.service for question in _QUESTIONS}
    new_client: Any = session.client  # by any name; mypy would compare the call with four hundred overloads
    clients = {service: new_client(service, endpoint_url=endpoint, config=_CONFIG) for service in services}

    def ask(question: _Question) -> Count:
        client = clients[question.service]
        arguments = dict(question.arguments)
        try:
            if client.can_paginate(question.operation):
                pages = client.get_paginator(question.operation).paginate(**arguments)
                total = sum(len(page[question.answer]) for page in pages)
            else:
                total = len(getattr(client, question.operation)(**arguments)[question.answer])
        except (BotoCoreError, ClientError):
            return Count(kind=question.kind, count=None)
        return Count(kind=question.kind, count=total)

    with ThreadPoolExecutor(max_workers=len(services)) as pool:
        return tuple(pool.map(ask, _QUESTIONS))
