"""The functions of the command that read both emulations, by the names in the explanations of differences."""

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from installation.settings import Settings
from ops.account import safeguards, service_linked_roles
from ops.account.caller import identify, is_bootstrapped
from ops.aws.clients import Aws
from ops.aws.errors import code_of
from ops.cost.actual import read_days
from ops.doctor import network
from ops.doctor.edge import read_uploads
from ops.errors import OpsError
from ops.frontend.bucket import delete_files
from ops.month.engine_version import read_offered
from ops.month.leftovers import bucket_bytes, image_bytes, log_group_bytes, read_leftovers
from ops.month.snapshots import read_snapshots
from ops.month.status import read_status
from ops.release.checks import read_scan
from ops.release.history import read_records, read_release
from ops.release.images import resolve_image, unpullable_reason
from ops.release.revision import read_definition, read_revision
from ops.service.alarms import read_alarms, read_changes
from ops.service.alert_subscriptions import read_audiences
from ops.service.autoscaling import read_scaling
from ops.service.database_status import count_connections, read_data_origin, read_database
from ops.service.deployments import running_deployments
from ops.service.ecs_service import describe_active_service, read_capacity, read_service, read_stopped
from ops.service.logs import read_lines
from ops.service.one_off_record import read_runs
from ops.service.one_off_tasks import one_off_tasks
from ops.service.secret_checks import missing_secrets
from ops.service.secrets import read_secrets
from ops.service.traffic import read_target_groups
from ops.stacks.drift import read_drift
from ops.stacks.state import read_resources, read_stack, read_stacks
from tests.support.embedded.second_opinion import resources
from tests.support.embedded.second_opinion.resources import Made

Reading = Callable[[Aws, Settings, Made], Any]


def _cost(aws: Aws, _: Settings, __: Made) -> Any:
    return read_days(aws.cost_explorer, date(2026, 11, 1), date(2026, 11, 3))


def _user_of_registry(aws: Aws, _: Settings, __: Made) -> Any:
    token = aws.ecr.get_authorization_token()["authorizationData"][0].get("authorizationToken", "")
    return base64.b64decode(token).decode().partition(":")[0]


def _after_a_removal(aws: Aws, _: Settings, __: Made) -> Any:
    delete_files(aws, resources.BUCKET, ["assets/app.js"])
    return read_uploads(aws, resources.BUCKET)


def _placement(made: Made, subnet: str) -> network.Placement:
    return network.Placement(subnets=(subnet,), security_groups=made.groups[:1], public_address=True)


READINGS: Final[Mapping[str, Reading]] = {
    "account bootstrapped": lambda aws, *_: is_bootstrapped(aws),
    "account caller": lambda aws, *_: identify(aws).account != "",
    "account roles": lambda aws, *_: sorted(service_linked_roles.services_without_role(aws)),
    "doctor egress": lambda aws, _, made: network.missing_egress(aws, _placement(made, made.subnets[0])),
    "doctor no egress": lambda aws, _, made: network.missing_egress(aws, _placement(made, made.private_subnet)),
    "doctor path": lambda aws, _, made: network.missing_rules(aws, made.groups[:1], made.groups[1:], 5432),
    "doctor no path": lambda aws, _, made: network.missing_rules(aws, made.groups[1:], made.groups[:1], 3000),
    "doctor stopped tasks": lambda aws, *_: read_stopped(aws),
    "doctor uploads": lambda aws, *_: read_uploads(aws, resources.BUCKET),
    "evidence trail": lambda aws, *_: safeguards.trail_gaps(aws),
    "evidence log group": lambda aws, *_: safeguards.log_group_gaps(aws),
    "evidence alarms": lambda aws, *_: safeguards.alarm_gaps(aws),
    "evidence tagging": lambda aws, *_: safeguards.tagging_function_gaps(aws),
    "evidence tagging rule": lambda aws, *_: safeguards.tagging_rule_gaps(aws),
    "cost": _cost,
    "drift": lambda aws, *_: read_drift(aws, (resources.STACK,)),
    "leftovers": lambda aws, *_: read_leftovers(aws),
    "leftovers bucket": lambda aws, *_: bucket_bytes(aws, resources.BUCKET),
    "leftovers images": lambda aws, settings, _: image_bytes(aws, settings.names.repository),
    "leftovers logs": lambda aws, settings, _: log_group_bytes(aws, settings.names.service_log_group)[
        settings.names.service_log_group
    ],
    "database": lambda aws, *_: read_database(aws),
    # Of the hour before: after a minute the embedded AWS has a value, moto never.
    "database connections": lambda aws, *_: count_connections(aws, datetime.now(UTC) - timedelta(hours=1)),
    "database origin": lambda aws, *_: read_data_origin(aws),
    "database versions": lambda aws, settings, _: read_offered(aws, settings.database.engine_version),
    "snapshots": lambda aws, *_: read_snapshots(aws),
    "release": lambda aws, *_: read_release(aws),
    "release records": lambda aws, *_: read_records(aws),
    "release revision": lambda aws, _, made: read_revision(aws, made.revision),
    "release definition": lambda aws, _, made: read_definition(aws, made.revision),
    "release image": lambda aws, settings, _: resolve_image(aws, _image(aws, settings), identify(aws)),
    "release no image": lambda aws, settings, _: unpullable_reason(aws, _image(aws, settings, "9"), identify(aws)),
    "release scan": lambda aws, settings, _: read_scan(aws, resolve_image(aws, _image(aws, settings), identify(aws))),
    "service": lambda aws, *_: read_service(aws),
    "service active": lambda aws, *_: sorted(describe_active_service(aws) or ()),
    "service capacity": lambda aws, *_: read_capacity(aws),
    "service deployments": lambda aws, *_: running_deployments(aws),
    "service scaling": lambda aws, *_: read_scaling(aws),
    "service one-off tasks": lambda aws, settings, _: one_off_tasks(aws),
    "service traffic": lambda aws, *_: read_target_groups(aws),
    "alarms": lambda aws, *_: read_alarms(aws),
    "alarms changes": lambda aws, *_: read_changes(aws, _an_hour_ago()),
    "audiences": lambda aws, *_: read_audiences(aws, identify(aws).account),
    "logs": lambda aws, *_: read_lines(aws, start=_an_hour_ago()),
    "logs runs": lambda aws, *_: read_runs(aws, start=_an_hour_ago()),
    "secrets": lambda aws, *_: read_secrets(aws),
    "secrets missing": lambda aws, *_: missing_secrets(aws),
    "stacks": lambda aws, *_: read_stacks(aws),
    "stacks none": lambda aws, *_: read_stack(aws, "NoSuchStack"),
    "stacks resources": lambda aws, *_: read_resources(aws, resources.STACK),
    "release login": _user_of_registry,
    "status": lambda aws, *_: read_status(aws).month,
    # The last one, because others count the bucket's objects.
    "frontend removed": _after_a_removal,
}


def _image(aws: Aws, settings: Settings, tag: str = "1.0") -> str:
    return f"{identify(aws).account}.dkr.ecr.{aws.region}.amazonaws.com/{settings.names.repository}:{tag}"


def _an_hour_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def result_of(reading: Reading, aws: Aws, settings: Settings, made: Made) -> Any:
    """The result of a reading; for a refusal, the command's error.

    A call that an emulation does not have ends with an error of the client, which is compared like all results.
    """
    try:
        found = reading(aws, settings, made)
        return list(found) if hasattr(found, "__next__") else found
    except OpsError as error:
        return {"error": str(error)}
    except ClientError as error:
        return {"error": code_of(error)}
    except (BotoCoreError, ResponseParserError) as error:  # an unusable answer
        return {"error": type(error).__name__}
