"""Which resources CloudFormation may touch for a stack, by the kinds that AWS's service authorization reference knows.

The names are this project's; where AWS gives the name or an id, its beginning or everything of that kind.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Final

from pydantic import BeforeValidator, TypeAdapter

from installation import names
from installation.permissions.grants import Arns
from installation.permissions.placeholders import Placeholders, read

# Why the patterns of a service are no narrower; the service's prefix is the key.
REASONS: Final[Mapping[str, str]] = {
    "acm": "ACM gives ids instead of names.",
    "application-autoscaling": "Application Auto Scaling gives ids instead of names.",
    "budgets": "The budget's name goes on with its threshold.",
    "ce": "Cost Explorer gives ids instead of names.",
    "cloudformation": "The end of a stack's address is an id that AWS gives.",
    "cloudfront": "CloudFront gives ids instead of names.",
    "codedeploy": "AWS's own configurations for ECS.",
    "ec2": "EC2 gives ids instead of names.",
    "ecs": "Revisions of this one family, on AWS's own capacity.",
    "elasticloadbalancing": "The end of the name is an id that AWS gives.",
    "fis": "FIS gives ids instead of names.",
    "glue": "Tables and views of this one database.",
    "rds": "This database, what CloudFormation names after its stack, and AWS's default groups.",
}
# For the services that are not in the table.
BY_BEGINNING: Final = "By the beginning of the name, which is this project's; CloudFormation or AWS gives the rest."

# By kind, whatever the stack is.
_SAME: Final = TypeAdapter(
    dict[str, Annotated[tuple[str, ...], BeforeValidator(lambda it: [it] if isinstance(it, str) else it)]]
).validate_python(read("scopes.yaml"))


@lru_cache(maxsize=64)  # asked for each of 4,000 needs
def scopes(arns: Arns, stack: str) -> Mapping[str, tuple[str, ...]]:
    """ARNs by kind of resource, such as ``s3:bucket``; a kind that is missing has no place in the stack."""
    placeholders = Placeholders(arns)
    return {
        **{kind: tuple(arn for text in texts for arn in placeholders.each(text)) for kind, texts in _SAME.items()},
        "cloudwatch:alarm": arns.regional("cloudwatch", *(f"alarm:{name}" for name in _alarms(arns, stack))),
        "events:rule-on-default-event-bus": arns.regional("events", *(f"rule/{name}" for name in _rules(arns, stack))),
        "iam:role": arns.worldwide("iam", *(f"role/{role}" for role in _roles(arns, stack))),
        "lambda:function": arns.regional("lambda", *(f"function:{name}" for name in _functions(arns, stack))),
        # With and without what follows the name, because the actions differ in what they ask for.
        "logs:log-group": arns.regional(
            "logs", *(f"log-group:{name}{end}" for name in _log_groups(arns, stack) for end in ("", ":*"))
        ),
        # By their names: any other would go on when whoever made it has lost the credentials.
        "scheduler:schedule": arns.regional(
            "scheduler", *(f"schedule/default/{arns.names.pause_schedule(call)}" for call in names.PAUSE_CALLS)
        ),
        "s3:bucket": arns.buckets(*_buckets(arns, stack)),
        "secretsmanager:Secret": arns.regional("secretsmanager", *_secrets(arns, stack)),
        "sns:topic": arns.regional("sns", *_topics(arns, stack)),
    }


def _alarms(arns: Arns, stack: str) -> tuple[str, ...]:
    """This project's, and those that Application Auto Scaling makes for a policy, with the rights of who makes it."""
    of_scaling = (f"TargetTracking-{arns.names.scalable_target}-*",) if stack == names.COMPUTE_STACK else ()
    return (f"{arns.names.project}-*", *of_scaling)


def _rules(arns: Arns, stack: str) -> tuple[str, ...]:
    own = arns.names
    if stack == names.AUDIT_STACK:
        return (own.snapshot_rule,)
    return (own.task_failures_alarm, own.synthetic_check)


def _roles(arns: Arns, stack: str) -> tuple[str, ...]:
    """Names of a stack's roles; of the stacks without any, a handler may ask for some by the beginning."""
    own = arns.names
    named = {
        names.AUDIT_STACK: (f"{stack}-*", own.snapshot_role),
        names.IDENTITY_STACK: (own.cicd_role, own.plan_role, own.drift_role, own.developer_role),
        names.ARTIFACT_STACK: (own.record_role,),
        names.NETWORK_STACK: (f"{own.flow_log_role}*", own.probe_role),
        names.STORAGE_STACK: (own.restore_role, own.password_role),
        names.COMPUTE_STACK: (
            own.task_role,
            own.execution_role,
            own.codedeploy_role,
            own.verification_role,
            own.pause_role,
            own.budget_pause,
            own.stopped_page_role,
            own.synthetic_check,
            own.exercise_role,
        ),
        names.EDGE_STACK: (own.frontend_url_role,),
    }
    return named.get(stack, (f"{stack}-*",))


def _functions(arns: Arns, stack: str) -> tuple[str, ...]:
    own = arns.names
    named = {
        names.AUDIT_STACK: (own.snapshot_function,),
        names.NETWORK_STACK: (own.probe_function,),
        names.COMPUTE_STACK: (own.verification_function, own.synthetic_check, own.budget_pause),
    }
    return (*named.get(stack, ()), f"{stack}-*")


def _log_groups(arns: Arns, stack: str) -> tuple[str, ...]:
    own = arns.names
    named = {
        names.ARTIFACT_STACK: (own.service_log_group, own.function_log_group, own.database_log_group),
        names.NETWORK_STACK: (own.flow_log_group,),
        names.AUDIT_STACK: (own.trail_log_group, own.snapshot_log_group),
    }
    return (*named.get(stack, ()), f"{stack}-*")


def _topics(arns: Arns, stack: str) -> tuple[str, ...]:
    own = arns.names
    return (own.security_topic,) if stack == names.AUDIT_STACK else (own.alert_topic, own.limit_topic)


def _buckets(arns: Arns, stack: str) -> tuple[str, ...]:
    own, account = arns.names, arns.account
    named = {
        names.ARTIFACT_STACK: (
            own.access_log_bucket(account),
            own.frontend_bucket(account),
            own.load_balancer_log_bucket(account),
        ),
        names.AUDIT_STACK: (
            own.trail_bucket(account),
            own.athena_results_bucket(account),
            own.audit_log_bucket(account),
        ),
        # CloudFront delivers its logs there, and asks who sets it up for the right to say so.
        names.EDGE_STACK: (own.access_log_bucket(account),),
    }
    return named.get(stack, ())


def _secrets(arns: Arns, stack: str) -> tuple[str, ...]:
    # The connection string has no fixed name; CloudFormation begins it with the id of the construct. It is written
    # with the password, which its stack therefore reads.
    password, header = f"secret:{arns.names.database_secret}-??????", "secret:OriginHeader*"
    named = {
        names.STORAGE_STACK: ("secret:Connection*", password),
        # One makes it and writes it into the listener's rule, the other into the distribution.
        names.COMPUTE_STACK: (header,),
        names.EDGE_STACK: (header,),
    }
    return named.get(stack, (password,))
