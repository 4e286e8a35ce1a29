"""Which resources CloudFormation may change for a stack, by resource type of AWS's service authorization reference.

The ARNs have this project's names; where AWS generates a name or an id, its beginning or a wildcard.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from installation import names, yaml_text
from installation.permissions.statement_files import Placeholders
from installation.permissions.statements import Arns

# Why a service's patterns cannot be narrower, by the service's prefix.
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
# For services that are not in the table.
BY_BEGINNING: Final = "By the beginning of the name, which is this project's; CloudFormation or AWS gives the rest."

# ARNs by resource type that are the same for every stack.
_SAME: Final = yaml_text.read(Path(__file__).with_suffix(".yaml"), dict[str, yaml_text.Texts])


@dataclass(frozen=True, kw_only=True)
class _NamedResources:
    """Names of a stack's own resources, by resource type."""

    roles: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    log_groups: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()


@lru_cache(maxsize=64)  # called for each of 4,000 needs
def scopes(arns: Arns, stack: str) -> Mapping[str, tuple[str, ...]]:
    """ARNs by resource type, such as ``s3:bucket``; a type that is missing is not used by the stack."""
    placeholders, own, resources = Placeholders(arns), arns.names, _named(arns).get(stack, _NamedResources())
    # Names that CloudFormation generates from the stack's name. In stacks without a role a handler may still ask for
    # one.
    generated = f"{stack}-*"
    audit = stack == names.AUDIT_STACK
    rules = (own.snapshot_rule,) if audit else (own.task_failures_alarm, own.synthetic_check)
    topics = (own.security_topic,) if audit else (own.alert_topic, own.limit_topic)
    return {
        **{kind: tuple(arn for text in texts for arn in placeholders.each(text)) for kind, texts in _SAME.items()},
        "cloudwatch:alarm": arns.regional(
            "cloudwatch", *(f"alarm:{name}" for name in (f"{own.project}-*", *resources.alarms))
        ),
        "events:rule-on-default-event-bus": arns.regional("events", *(f"rule/{name}" for name in rules)),
        "iam:role": arns.worldwide("iam", *(f"role/{role}" for role in resources.roles or (generated,))),
        "lambda:function": arns.regional("lambda", *(f"function:{name}" for name in (*resources.functions, generated))),
        # With and without a suffix, because actions ask for different forms of the ARN.
        "logs:log-group": arns.regional(
            "logs", *(f"log-group:{name}{end}" for name in (*resources.log_groups, generated) for end in ("", ":*"))
        ),
        # By their names: any other schedule would go on after an attacker has lost the credentials.
        "scheduler:schedule": arns.regional(
            "scheduler", *(f"schedule/default/{own.pause_schedule(call)}" for call in names.PAUSE_CALLS)
        ),
        "s3:bucket": arns.buckets(*resources.buckets),
        "secretsmanager:Secret": arns.regional("secretsmanager", *(resources.secrets or (_password(arns),))),
        "sns:topic": arns.regional("sns", *topics),
    }


def _password(arns: Arns) -> str:
    return f"secret:{arns.names.database_secret}-??????"


def _named(arns: Arns) -> Mapping[str, _NamedResources]:
    own, account = arns.names, arns.account
    # Has no fixed name; CloudFormation begins it with the id of the construct. One stack creates it and writes it into
    # the listener's rule, the other into the distribution.
    header = "secret:OriginHeader*"
    return {
        names.IDENTITY_STACK: _NamedResources(roles=(own.cicd_role, own.plan_role, own.drift_role, own.developer_role)),
        names.ARTIFACT_STACK: _NamedResources(
            roles=(own.record_role,),
            log_groups=(own.service_log_group, own.function_log_group, own.database_log_group),
            buckets=(
                own.access_log_bucket(account),
                own.frontend_bucket(account),
                own.load_balancer_log_bucket(account),
            ),
        ),
        names.NETWORK_STACK: _NamedResources(
            roles=(f"{own.flow_log_role}*", own.probe_role),
            functions=(own.probe_function,),
            log_groups=(own.flow_log_group,),
        ),
        names.AUDIT_STACK: _NamedResources(
            roles=(f"{names.AUDIT_STACK}-*", own.snapshot_role),
            functions=(own.snapshot_function,),
            log_groups=(own.trail_log_group, own.snapshot_log_group),
            buckets=(own.trail_bucket(account), own.athena_results_bucket(account), own.audit_log_bucket(account)),
        ),
        names.STORAGE_STACK: _NamedResources(
            roles=(own.restore_role, own.password_role),
            # The connection string, named like the header; it contains the password, which the stack reads.
            secrets=("secret:Connection*", _password(arns)),
        ),
        names.COMPUTE_STACK: _NamedResources(
            roles=(
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
            # The check's function by its beginning: its retry setting is of the version ``$LATEST``, and Lambda
            # then asks for the name with the version (aws-cdk #19273, aws-lambda-power-tuning #260).
            functions=(own.verification_function, f"{own.synthetic_check}*", own.budget_pause),
            secrets=(header,),
            # Alarms that Application Auto Scaling creates for a policy, with the permissions of its caller.
            alarms=(f"TargetTracking-{own.scalable_target}-*",),
        ),
        names.EDGE_STACK: _NamedResources(
            roles=(own.frontend_url_role,),
            # CloudFront delivers its logs there, and requires this permission of the caller who configures it.
            buckets=(own.access_log_bucket(account),),
            secrets=(header,),
        ),
    }
