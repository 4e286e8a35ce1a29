"""Route 53's refusals of records: those outside of their zone, and in calls also what it refuses in templates.

Source: Route 53 API reference, ChangeResourceRecordSets, InvalidChangeBatch; the messages are those that users report
in issues of terraform-provider-aws and certbot.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any, Final

from ministack import app

from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.core.patching import AsyncOriginal, Response, wrap_item
from embedded_aws.core.protocols import Query
from embedded_aws.core.refusal import Refusal
from embedded_aws.requests import known

_TYPE: Final = "AWS::Route53::RecordSet"


def install() -> None:
    """Check each change of a call; `requests.rules` names this module's check for templates."""
    wrap_item(app.SERVICE_HANDLERS, "route53", _answer)


async def _answer(
    original: AsyncOriginal, method: str, path: str, headers: dict[str, str], body: bytes, query: Query, *rest: object
) -> Response:
    zone, _, of_zone = path.partition("/hostedzone/")[2].partition("/")
    if method == "POST" and of_zone.strip("/") == "rrset":
        try:
            for change in _changes(body):
                known.check(_TYPE, change)
                check_record(change | {"HostedZoneId": zone})
        except Refusal as refusal:
            return refusal.as_query_xml()
    return await original(method, path, headers, body, query, *rest)


def _changes(body: bytes) -> Iterator[dict[str, Any]]:
    """Each created or updated record, as a template has it; none if the body cannot be parsed."""
    try:
        root = ET.fromstring(body)  # noqa: S314 - this version of expat limits the expansion of entities
    except ET.ParseError:
        return
    for change in (it for it in root.iter() if _name(it) == "Change"):
        texts = {_name(it): it.text or "" for it in change.iter()}
        if texts.get("Action") == "DELETE":
            continue
        record: dict[str, Any] = {key: texts[key] for key in ("Name", "Type", "TTL") if key in texts}
        if values := [it.text or "" for it in change.iter() if _name(it) == "Value"]:
            record["ResourceRecords"] = values
        yield record | ({"AliasTarget": {}} if "AliasTarget" in texts else {})


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def check_record(record: dict[str, Any]) -> None:
    """Refuse a record set outside of its zone, and a CNAME record at the zone's apex."""
    zone = cloudformation.hosted_zones.get(str(record.get("HostedZoneId", "")).rpartition("/")[2])
    domain = str(zone["name"] if zone else record.get("HostedZoneName") or "").rstrip(".").lower()
    name, kind = str(record.get("Name", "")).rstrip(".").lower(), record.get("Type")
    if domain and name != domain and not name.endswith(f".{domain}"):
        raise _refused(f"RRSet with DNS name {name}. is not permitted in zone {domain}.")
    if domain and name == domain and kind == "CNAME":
        raise _refused(f"RRSet of type CNAME with DNS name {name}. is not permitted at apex in zone {domain}.")


def _refused(message: str) -> Refusal:
    return Refusal("Route53", "InvalidChangeBatch", f"[{message}]")
