"""Data of AWS's own namespaces, which no caller may put: a rehearsal gives them here.

``POST /_hannibal/metrics`` takes what PutMetricData takes, with times in seconds since 1970.
"""

import json

from embedded_aws.cloudwatch import emulator
from embedded_aws.core.context import JsonValue, ServerContext
from embedded_aws.core.control import Control
from embedded_aws.core.emulator import scope


def install(context: ServerContext, control: Control) -> None:
    """Take data at ``/_hannibal/metrics``."""

    def take(method: str, body: bytes) -> tuple[int, JsonValue]:
        if method != "POST":
            return 405, {"message": "POST what PutMetricData takes"}
        given = json.loads(body)
        with scope(context.account, context.region):
            emulator.put_metrics(given["Namespace"], given["MetricData"])
        return 200, {"stored": len(given["MetricData"])}

    control.add("metrics", take)
