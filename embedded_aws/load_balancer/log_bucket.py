"""The bucket of access logs, to which a load balancer writes a test file when they are enabled.

Source: Application Load Balancer user guide, "Enable access logs" and "Troubleshooting".
"""

import json
from fnmatch import fnmatchcase
from typing import Any

from ministack.core.responses import get_account_id

from embedded_aws.core.json_value import as_list
from embedded_aws.load_balancer.emulator import refusal
from embedded_aws.s3 import emulator as s3

_PRINCIPAL = "logdelivery.elasticloadbalancing.amazonaws.com"


def check_log_bucket(attributes: list[dict[str, Any]]) -> None:
    """Refuse access logs in a bucket to which the log delivery service may not write."""
    values = {str(each.get("Key")): str(each.get("Value", "")) for each in attributes}
    bucket = values.get("access_logs.s3.bucket", "")
    if values.get("access_logs.s3.enabled") != "true" or not bucket:
        return
    prefix = values.get("access_logs.s3.prefix", "")
    key = "/".join(part for part in (prefix, "AWSLogs", get_account_id(), "ELBAccessLogTestFile") if part)
    policy = json.loads(s3.bucket_policies.get(bucket) or "{}")
    if not any(_allows_write(each, f"arn:aws:s3:::{bucket}/{key}") for each in as_list(policy.get("Statement", []))):
        message = f"Access Denied for bucket: {bucket}. Please check S3bucket permission"
        raise refusal("InvalidConfigurationRequest", message)


def _allows_write(statement: dict[str, Any], arn: str) -> bool:
    """Whether a statement lets the service write for every load balancer: its calls have no source account or ARN.

    The policy has the service principal, or in older regions an account of AWS.
    """
    principal = statement.get("Principal", {})
    named = principal if isinstance(principal, dict) else {}
    return (
        statement.get("Effect") == "Allow"
        and (principal == "*" or "AWS" in named or _PRINCIPAL in as_list(named.get("Service", [])))
        and any(fnmatchcase("s3:PutObject", str(each)) for each in as_list(statement.get("Action", [])))
        and any(fnmatchcase(arn, str(each)) for each in as_list(statement.get("Resource", [])))
        and "aws:source" not in json.dumps(statement.get("Condition", {})).lower()
    )
