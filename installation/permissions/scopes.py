"""Which resources CloudFormation may touch for a stack, by the kinds that AWS's service authorization reference knows.

The names are this project's; where AWS gives the name or an id, its beginning or everything of that kind.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Final

from pydantic import BeforeValidator, TypeAdapter

from installation import names as stacks
from installation.permissions.filling import Filling, read
from installation.permissions.grants import Arns

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
    filling = Filling(arns)
    return {
        **{kind: tuple(arn for text in texts for arn in filling.each(text)) for kind, texts in _SAME.items()},
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
            "scheduler", *(f"schedule/default/{arns.names.pause_schedule(call)}" for call in stacks.PAUSE_CALLS)
        ),
        "s3:bucket": arns.buckets(*_buckets(arns, stack)),
        "secretsmanager:Secret": arns.regional("secretsmanager", *_secrets(arns, stack)),
        "sns:topic": arns.regional("sns", *_topics(arns, stack)),
    }


def _alarms(arns: Arns, stack: str) -> tuple[str, ...]:
    """This project's, and those that Application Auto Scaling makes for a policy, with the rights of who makes it."""
    of_scaling = (f"TargetTracking-{arns.names.scalable_target}-*",) if stack == stacks.COMPUTE_STACK else ()
    return (f"{arns.names.project}-*", *of_scaling)


def _rules(arns: Arns, stack: str) -> tuple[str, ...]:
    names = arns.names
    if stack == stacks.AUDIT_STACK:
        return (names.snapshot_rule,)
    return (names.task_failures_alarm, names.synthetic_check)


def _roles(arns: Arns, stack: str) -> tuple[str, ...]:
    """Names of a stack's roles; of the stacks without any, a handler may ask for some by the beginning."""
    names = arns.names
    named = {
        stacks.AUDIT_STACK: (f"{stack}-*", names.snapshot_role),
        stacks.IDENTITY_STACK: (names.cicd_role, names.plan_role, names.drift_role, names.developer_role),
        stacks.ARTIFACT_STACK: (names.record_role,),
        stacks.NETWORK_STACK: (f"{names.flow_log_role}*", names.probe_role),
        stacks.STORAGE_STACK: (names.restore_role, names.password_role),
        stacks.COMPUTE_STACK: (
            names.task_role,
            names.execution_role,
            names.codedeploy_role,
            names.verification_role,
            names.pause_role,
            names.budget_pause,
            names.stopped_page_role,
            names.synthetic_check,
            names.exercise_role,
        ),
        stacks.EDGE_STACK: (names.frontend_url_role,),
    }
    return named.get(stack, (f"{stack}-*",))


def _functions(arns: Arns, stack: str) -> tuple[str, ...]:
    names = arns.names
    named = {
        stacks.AUDIT_STACK: (names.snapshot_function,),
        stacks.NETWORK_STACK: (names.probe_function,),
        stacks.COMPUTE_STACK: (names.verification_function, names.synthetic_check, names.budget_pause),
    }
    return (*named.get(stack, ()), f"{stack}-*")


def _log_groups(arns: Arns, stack: str) -> tuple[str, ...]:
    names = arns.names
    named = {
        stacks.ARTIFACT_STACK: (names.service_log_group, names.function_log_group, names.database_log_group),
        stacks.NETWORK_STACK: (names.flow_log_group,),
        stacks.AUDIT_STACK: (names.trail_log_group, names.snapshot_log_group),
    }
    return (*named.get(stack, ()), f"{stack}-*")


def _topics(arns: Arns, stack: str) -> tuple[str, ...]:
    names = arns.names
    return (names.security_topic,) if stack == stacks.AUDIT_STACK else (names.alert_topic, names.limit_topic)


def _buckets(arns: Arns, stack: str) -> tuple[str, ...]:
    names, account = arns.names, arns.account
    named = {
        stacks.ARTIFACT_STACK: (
            names.access_log_bucket(account),
            names.frontend_bucket(account),
            names.load_balancer_log_bucket(account),
        ),
        stacks.AUDIT_STACK: (
            names.trail_bucket(account),
            names.athena_results_bucket(account),
            names.audit_log_bucket(account),
        ),
        # CloudFront delivers its logs there, and asks who sets it up for the right to say so.
        stacks.EDGE_STACK: (names.access_log_bucket(account),),
    }
    return named.get(stack, ())


def _secrets(arns: Arns, stack: str) -> tuple[str, ...]:
    # The connection string has no fixed name; CloudFormation begins it with the id of the construct. It is written
    # with the password, which its stack therefore reads.
    password, header = f"secret:{arns.names.database_secret}-??????", "secret:OriginHeader*"
    named = {
        stacks.STORAGE_STACK: ("secret:Connection*", password),
        # One makes it and writes it into the listener's rule, the other into the distribution.
        stacks.COMPUTE_STACK: (header,),
        stacks.EDGE_STACK: (header,),
    }
    return named.get(stack, (password,))
