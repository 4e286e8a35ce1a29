"""Which operation a request calls, and whether a trail of management events records it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from botocore.exceptions import UnknownServiceError

from embedded_aws.core.protocols import operation_of_path
from installation import yaml_text

_DATE_IN_PATH = re.compile(r"/(20\d\d)-(\d\d)-(\d\d)/")

# Services that log in us-east-1, whatever the caller's region.
GLOBAL_SERVICES: Final = frozenset({"budgets", "ce", "cloudfront", "iam", "organizations", "route53"})
_table: Final = yaml_text.cached_reader(Path(__file__).with_suffix(".yaml"), dict[str, dict[str, str]])


def operation_name(
    service: str, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, list[str]]
) -> str | None:
    """The name of a request's management event; None if it has none.

    `path` is without its query; the others are as in `events.Call`.
    """
    target = headers.get("x-amz-target", "").rpartition(".")[2]
    action = (query.get("Action") or [""])[0]
    name = target or action or (path.rpartition("/operation/")[2] if "/operation/" in path else "")
    if not name:
        name = _rest_operation(service, method, path, query)
    if not name or re.fullmatch(_table()["data"].get(service, ""), name):
        return None
    if service == "lambda" and (date := _DATE_IN_PATH.search(path)):
        return name + "".join(date.groups())
    return _table()["s3_names"].get(name, name) if service == "s3" else name


def _rest_operation(service: str, method: str, path: str, query: Mapping[str, list[str]]) -> str:
    try:
        matched = operation_of_path(service, method, path.rstrip("/") or "/", query)
    except UnknownServiceError:
        return ""
    return "" if matched is None or (service == "s3" and "{Key" in matched[0].http["requestUri"]) else matched[0].name
