"""Records the calls of clients with name, caller and outcome, in place of the emulator's own CloudTrail."""

import json
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ministack.core import router
from ministack.core.responses import get_account_id, get_region

from embedded_aws.cloudtrail import emulator
from embedded_aws.cloudtrail.delivery import Delivery, logging_trails
from embedded_aws.cloudtrail.events import Call, Event, form_parameters, make_event
from embedded_aws.cloudtrail.operations import operation_name
from embedded_aws.core import emulator as requests
from embedded_aws.core.patching import AsyncOriginal, Response
from embedded_aws.iam.authorization.signatures import authentication_failed

_NO_CREDENTIALS = "MissingAuthenticationToken"

logger = logging.getLogger("embedded_aws.cloudtrail")


@dataclass(frozen=True)
class _Request:
    """The arguments that the emulator passes to its services, in this order."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    query: dict[str, list[str]]
    request_id: str


class Recorder:
    """Wraps the emulator's request handling."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    def install(self) -> None:
        """Record in place of the emulator, which records all callers as one user, and no refusals."""
        requests.dispatch.wrap(self._dispatch)
        requests.record_call.wrap(lambda _original, *_arguments: None)

    async def _dispatch(self, original: AsyncOriginal, *arguments: Any) -> Response:
        request = _Request(*arguments)
        # Recording may be switched while the server runs.
        if not emulator.is_recording() or request.path.startswith("/_"):
            return await original(*arguments)
        # A trail records its own start and stop, so trails that log before or after the call count.
        trails = {trail.record["TrailARN"]: trail for trail in logging_trails()}
        response = await original(*arguments)
        trails |= {trail.record["TrailARN"]: trail for trail in logging_trails()}
        try:
            event = self._record(request, response)
        except Exception:
            # An error while recording must not become the answer of the request.
            logger.exception("recording %s %s", request.method, request.path)
        else:
            if event is not None:
                self._delivery.add(event, trails.values())
        return response

    def _record(self, request: _Request, response: Response) -> Event | None:
        parameters = request.query | form_parameters(request.headers, request.body)
        service = router.detect_service(request.method, request.path, request.headers, parameters)
        operation = operation_name(service, request.method, request.path, request.headers, parameters)
        access_key = router.extract_access_key_id(request.headers, request.query) or ""
        # "CloudTrail does not deliver logs for requests that fail authentication" (Amazon S3 user guide, "Logging
        # Amazon S3 API calls using AWS CloudTrail"), because they have no caller.
        if operation is None or authentication_failed(access_key):
            return None
        call = Call(
            service=service,
            operation=operation,
            region=get_region(),
            access_key=access_key,
            account=get_account_id(),
            headers=request.headers,
            body=request.body,
            query=parameters,
            request_id=request.request_id,
            status=response[0],
            # An answer may be a stream, which is never an error.
            answer=response[2] if isinstance(response[2], bytes) else b"",
        )
        event = make_event(call)
        if event.get("errorCode", "").startswith(_NO_CREDENTIALS):
            return None
        resources = requests.called_resources(service, request.method, request.path, request.body)
        emulator.recorded_events().append(_lookup_record(event, resources))
        return event


def _lookup_record(event: Event, resources: list[dict[str, str]]) -> dict[str, Any]:
    """An event in the format of ``LookupEvents``."""
    identity = event["userIdentity"]
    return {
        "EventId": event["eventID"],
        "EventName": event["eventName"],
        "EventSource": event["eventSource"],
        "EventTime": datetime.fromisoformat(event["eventTime"]).timestamp(),
        "Username": identity.get("userName") or identity["arn"].rpartition("/")[2].rpartition(":")[2],
        "AccessKeyId": identity["accessKeyId"],
        "ReadOnly": str(event["readOnly"]).lower(),
        "Resources": resources,
        "CloudTrailEvent": json.dumps(event),
    }
