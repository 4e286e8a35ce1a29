"""DescribeAlarms in the query protocol of older SDKs; the emulator leaves out half of each alarm there."""

import json
from typing import Any

from embedded_aws.cloudwatch import emulator
from embedded_aws.core.patching import Function
from embedded_aws.core.protocols import read_request, result_xml


def install() -> None:
    """Build the answer from that of the JSON protocol."""
    emulator.describe_alarms.wrap(_describe)


def _describe(original: Function, params: Any, content: Any, is_cbor: bool, is_json: bool = False) -> Any:
    if is_cbor or is_json:
        return original(params, content, is_cbor, is_json)
    answer = original(params, read_request("cloudwatch", "DescribeAlarms", params), is_cbor, True)
    if answer[0] != 200:
        return original(params, content, is_cbor, is_json)
    inner = result_xml("cloudwatch", "DescribeAlarms", json.loads(answer[2]))
    return emulator.xml_response(200, "DescribeAlarmsResponse", f"<DescribeAlarmsResult>{inner}</DescribeAlarmsResult>")
