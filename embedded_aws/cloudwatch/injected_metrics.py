"""Lets a rehearsal add data to AWS's own namespaces, which no caller may do.

``POST /_hannibal/metrics`` accepts the request of PutMetricData, with times in seconds since 1970.
"""

from embedded_aws.cloudwatch import emulator
from embedded_aws.core.context import JsonValue, ServerContext
from embedded_aws.core.control import Control
from embedded_aws.core.json_value import json_object


def install(context: ServerContext, control: Control) -> None:
    """Accept data at ``/_hannibal/metrics``."""

    def take(method: str, body: bytes) -> tuple[int, JsonValue]:
        given = json_object(body) or {}
        namespace, data = given.get("Namespace"), given.get("MetricData")
        if method != "POST" or not isinstance(namespace, str) or not isinstance(data, list):
            return 405 if method != "POST" else 400, {"message": "POST what PutMetricData takes"}
        with context.scope():
            emulator.put_metrics(namespace, data)
        return 200, {"stored": len(data)}

    control.add("metrics", take)
