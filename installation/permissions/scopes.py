"""Which resources CloudFormation may change for a stack, by resource type of AWS's service authorization reference.

The ARNs have this project's names; where AWS generates a name or an id, its beginning or a wildcard.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from installation import names, yaml_text
from installation.permissions.statement_files import Placeholders
from installation.permissions.statements import Arns

# Why a service's patterns cannot be narrower, by the service's prefix.
REASONS: Final = yaml_text.read(Path(__file__).with_name("scope_reasons.yaml"), dict[str, str])
# For services that are not in the table.
BY_BEGINNING: Final = "By the beginning of the name, which is this project's; CloudFormation or AWS gives the rest."

# ARNs by resource type that are the same for every stack.
_SAME: Final = yaml_text.read(Path(__file__).with_suffix(".yaml"), dict[str, yaml_text.Texts])


class _NamedResources(yaml_text.Data):
    """Names of a stack's own resources, by resource type."""

    roles: yaml_text.Texts = ("{stack}-*",)  # in stacks without a role a handler may still ask for one
    functions: yaml_text.Texts = ()
    log_groups: yaml_text.Texts = ()
    buckets: yaml_text.Texts = ()
    secrets: yaml_text.Texts = ("{database_secret}-??????",)
    alarms: yaml_text.Texts = ()
    rules: yaml_text.Texts = ("{task_failures_alarm}", "{synthetic_check}")
    topics: yaml_text.Texts = ("{alert_topic}", "{limit_topic}")


_BY_STACK: Final = yaml_text.read(Path(__file__).with_name("stack_scopes.yaml"), dict[str, _NamedResources])


@lru_cache(maxsize=64)  # called for each of 4,000 needs
def scopes(arns: Arns, stack: str) -> Mapping[str, tuple[str, ...]]:
    """ARNs by resource type, such as ``s3:bucket``; a type that is missing is not used by the stack."""
    placeholders = Placeholders(arns, stack=stack)
    own = {
        kind: [name for text in texts for name in placeholders.each(text)]
        for kind, texts in _BY_STACK.get(stack, _NamedResources())
    }
    generated = f"{stack}-*"  # names that CloudFormation generates from the stack's name
    return {
        **{kind: tuple(arn for text in texts for arn in placeholders.each(text)) for kind, texts in _SAME.items()},
        "cloudwatch:alarm": arns.regional(
            "cloudwatch", *(f"alarm:{name}" for name in (f"{arns.names.project}-*", *own["alarms"]))
        ),
        "events:rule-on-default-event-bus": arns.regional("events", *(f"rule/{name}" for name in own["rules"])),
        "iam:role": arns.worldwide("iam", *(f"role/{role}" for role in own["roles"])),
        "lambda:function": arns.regional("lambda", *(f"function:{name}" for name in (*own["functions"], generated))),
        # With and without a suffix, because actions ask for different forms of the ARN.
        "logs:log-group": arns.regional(
            "logs", *(f"log-group:{name}{end}" for name in (*own["log_groups"], generated) for end in ("", ":*"))
        ),
        # By their names: any other schedule would go on after an attacker has lost the credentials.
        "scheduler:schedule": arns.regional(
            "scheduler", *(f"schedule/default/{arns.names.pause_schedule(call)}" for call in names.PAUSE_CALLS)
        ),
        "s3:bucket": arns.buckets(*own["buckets"]),
        "secretsmanager:Secret": arns.regional("secretsmanager", *(f"secret:{name}" for name in own["secrets"])),
        "sns:topic": arns.regional("sns", *own["topics"]),
    }
