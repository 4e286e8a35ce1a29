"""Lambda's refusals of a function, in the words that users reported (terraform-aws-github-runner #3594)."""

import json
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, Final

from ministack.core.responses import get_account_id, get_region

from embedded_aws.core.refusal import Refusal
from embedded_aws.iam.refusals import allows
from ops.templates.schemas import schema_folder

_MOST_BYTES: Final = 4_096
_invalid = partial(Refusal, "Lambda", "InvalidParameterValueException")
_UNABLE: Final = (
    "Lambda was unable to configure your environment variables because the environment variables you have provided"
)
# Developer guide, "Defined runtime environment variables"; the message is from serverless #8387.
_RESERVED: Final = frozenset(
    {
        *("_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV"),
        *("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION"),
        *("AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME"),
        *("AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        *("AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"),
    }
)

# Operation and service.
_OF_QUEUES: Final = (("Publish", "SNS"), ("SendMessage", "SQS"))
_OF_NETWORKS: Final = tuple(
    (operation, "EC2")
    for operation in ("CreateNetworkInterface", "DescribeNetworkInterfaces", "DeleteNetworkInterface")
)


def check_function(request: dict[str, Any]) -> None:
    """Refuse an old runtime, a role that lacks permissions, and variables that are reserved or too long in total."""
    _check_runtime(request, "update-block")
    _check_role(request)
    variables = (request.get("Environment") or {}).get("Variables") or {}
    if reserved := sorted(_RESERVED.intersection(variables)):
        raise _invalid(
            f"{_UNABLE} contains reserved keys that are currently not supported for modification. Reserved keys used "
            f"in this request: {', '.join(reserved)}"
        )
    measured = json.dumps(variables, ensure_ascii=False, separators=(",", ":"))
    if len(measured.encode()) > _MOST_BYTES:
        raise _invalid(f"{_UNABLE} exceeded the 4KB limit. String measured: {measured}")


def check_new_function(request: dict[str, Any]) -> None:
    """Refuse runtimes for which Lambda creates no functions, although it may still update existing ones."""
    check_function(request)
    _check_runtime(request, "create-block")


def _check_role(request: dict[str, Any]) -> None:
    """Refuse a role that cannot send to the dead-letter queue, or make the interfaces of a function in a VPC.

    The sentences are of serverless #4770, elastic/beats #13963 and the developer guide, "Troubleshoot networking".
    """
    target = str((request.get("DeadLetterConfig") or {}).get("TargetArn") or "")
    needed = [it for it in _OF_QUEUES if f":{it[1].lower()}:" in target]
    if (request.get("VpcConfig") or {}).get("SubnetIds"):
        needed += _OF_NETWORKS
    for operation, service in needed:
        interface = f"arn:aws:ec2:{get_region()}:{get_account_id()}:network-interface/*"
        resource = target if service != "EC2" else "*" if operation.startswith("Describe") else interface
        if allows(str(request.get("Role") or ""), f"{service.lower()}:{operation}", resource) is False:
            raise _invalid(f"The provided execution role does not have permissions to call {operation} on {service}")


def _check_runtime(request: dict[str, Any], by: str) -> None:
    """Refuse a runtime after its date in cfn-lint's data."""
    name = str(request.get("Runtime") or "")
    blocked = (_lifecycles().get(name) or {}).get(by)
    if blocked and blocked <= datetime.now(UTC).date().isoformat():
        raise _invalid(
            f"The runtime parameter of {name} is no longer supported for creating or updating AWS Lambda functions. We "
            "recommend you use a supported runtime while creating or updating functions."
        )


@cache
def _lifecycles() -> dict[str, dict[str, str | None]]:
    file = schema_folder().parent / "AdditionalSpecs" / "LmbdRuntimeLifecycle.json"
    content: dict[str, dict[str, str | None]] = json.loads(file.read_bytes())
    return content
