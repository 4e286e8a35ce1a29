"""How many resources the embedded AWS has, by service."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ops.local.credentials import Credentials

_CONFIG = Config(connect_timeout=60, read_timeout=60, retries={"total_max_attempts": 1})


class _Question(NamedTuple):
    kind: str
    service: str
    operation: str
    answer: str
    arguments: Mapping[str, str] = {}


_QUESTIONS = (
    _Question("stacks", "cloudformation", "describe_stacks", "Stacks"),
    _Question("buckets", "s3", "list_buckets", "Buckets"),
    _Question("roles", "iam", "list_roles", "Roles", {"PathPrefix": "/"}),
    _Question("functions", "lambda", "list_functions", "Functions"),
    _Question("log groups", "logs", "describe_log_groups", "logGroups"),
    _Question("alarms", "cloudwatch", "describe_alarms", "MetricAlarms"),
    _Question("parameters", "ssm", "describe_parameters", "Parameters"),
    _Question("secrets", "secretsmanager", "list_secrets", "SecretList"),
    _Question("repositories", "ecr", "describe_repositories", "repositories"),
    _Question("databases", "rds", "describe_db_instances", "DBInstances"),
    _Question("database snapshots", "rds", "describe_db_snapshots", "DBSnapshots", {"SnapshotType": "manual"}),
    _Question("clusters", "ecs", "list_clusters", "clusterArns"),
    _Question("load balancers", "elbv2", "describe_load_balancers", "LoadBalancers"),
)


def count_contents(endpoint: str, region: str, credentials: Credentials) -> Mapping[str, int | None]:
    """Count the resources of each kind, all services in parallel; None for a service that does not answer."""
    # Independent of the shell's profile and of AWS's configuration files.
    without_files = dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))
    own = botocore.session.Session({"profile": (None, None, None, None), **without_files})
    session = boto3.Session(
        botocore_session=own,
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        region_name=region,
    )
    # Clients are created one after the other: a session may not create them in threads.
    services = {question.service for question in _QUESTIONS}
    new_client: Any = session.client  # by any name; mypy would compare the call with four hundred overloads
    clients = {service: new_client(service, endpoint_url=endpoint, config=_CONFIG) for service in services}

    def ask(question: _Question) -> int | None:
        client = clients[question.service]
        try:
            if client.can_paginate(question.operation):
                pages = client.get_paginator(question.operation).paginate(**question.arguments)
                return sum(len(page[question.answer]) for page in pages)
            return len(getattr(client, question.operation)(**question.arguments)[question.answer])
        except (BotoCoreError, ClientError):
            return None

    with ThreadPoolExecutor(max_workers=len(services)) as pool:
        counts = pool.map(ask, _QUESTIONS)
        return {question.kind: count for question, count in zip(_QUESTIONS, counts, strict=True)}
