"""Refuses what AWS refuses and the emulator accepts: by model, by tags, and by each service's rules.

Models are checked where the error code is known, which `core/services.yaml` has (Secrets Manager's:
cluster-api-provider-aws #1531; ECR's messages: aws-dotnet-deploy #549).
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from ministack import app

from embedded_aws.aws_lambda.refusals import check_new_function
from embedded_aws.cloudformation import emulator, resource_models
from embedded_aws.cloudformation.registry import Properties, before_create, before_update
from embedded_aws.core.constraints import broken_constraints, has_wrong_kinds
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import AsyncOriginal, Function, Response, wrap_item
from embedded_aws.core.protocols import Query, SentRequest, is_rest_json, parse_request
from embedded_aws.core.refusal import Refusal
from embedded_aws.core.services import services
from embedded_aws.requests import common, known, property_rules
from embedded_aws.requests.reserved_tags import TAGGED, check_tags, check_template_tags
from embedded_aws.requests.rules import OF_OPERATIONS, OF_TYPES, Rule
from ops.templates.schemas import schema

BOTOCORE_NAMES: Final = {name: it.botocore for name, it in services().items() if it.botocore}
CODES: Final = {name: it.code for name, it in services().items() if it.code}
_OTHER_CODES: Final = {("ecs", "RegisterTaskDefinition"): "ClientException"}


def install(_context: ServerContext) -> None:
    """Check before the emulator answers, and before CloudFormation creates or updates a resource."""
    named = (name.partition(":") for name in property_rules.subjects() if "::" not in name)
    by_operation = {handler for handler, _, operation in named if operation}
    for handler in sorted({*CODES, *TAGGED, *by_operation, *(service for service, _ in OF_OPERATIONS)}):
        wrap_item(app.SERVICE_HANDLERS, handler, _with_checks(handler))
    by_data = {name: partial(known.check, name) for name in property_rules.subjects() if "::" in name}
    for rules in (OF_TYPES, by_data):
        for resource_type, rule in rules.items():
            before_create(resource_type, rule)
            if "update" in emulator.resource_handlers[resource_type]:
                before_update(resource_type, _update_rule(rule))
    before_create("AWS::Lambda::Function", check_new_function)
    for resource_type in emulator.resource_handlers:
        handler = _handler(resource_type)
        if handler in TAGGED and ((found := schema(resource_type, "us-east-1")) and found.tag_property):
            before_create(resource_type, partial(check_template_tags, handler))
    resource_models.install()


def _handler(resource_type: str) -> str:
    """The emulator's name of a resource type's service."""
    service = resource_type.split("::")[1]
    return {"CloudWatch": "monitoring", "ElasticLoadBalancingV2": "elasticloadbalancing"}.get(service, service.lower())


def _update_rule(rule: Rule) -> Callable[[str, Properties], None]:
    return lambda _physical_id, properties: rule(properties)


def _with_checks(handler: str) -> Function:
    service = BOTOCORE_NAMES.get(handler, handler)

    async def answer(
        original: AsyncOriginal,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: Query,
        *rest: object,
    ) -> Response:
        request = parse_request(service, method=method, path=path, headers=headers, body=body, query=query)
        try:
            _check_model(handler, service, request)
            common.check(handler, request)
            # The tags of a bucket contain those of its stack: see `embedded_aws.s3.configurations`.
            of_bucket = "tagging" in query and not path.lstrip("/").partition("/")[2]
            check_tags(handler, request.content, b"" if of_bucket else body)
            known.check(f"{handler}:{request.operation}", request.content)
            if rule := OF_OPERATIONS.get((handler, request.operation)):
                rule(request.content)
            common.end_trial(handler, request)
        except Refusal as refusal:
            return _refusal_response(refusal, service, headers)
        return await original(method, path, headers, body, query, *rest)

    return answer


def _check_model(handler: str, service: str, request: SentRequest) -> None:
    if has_wrong_kinds(service, request.operation, request.content):
        raise Refusal(handler, "SerializationException", "")
    code = _OTHER_CODES.get((handler, request.operation), CODES.get(handler))
    if code is None:
        return
    if said := broken_constraints(service, request.operation, request.content):
        raise Refusal(handler, code, said)


def _refusal_response(refusal: Refusal, service: str, headers: Mapping[str, str]) -> Response:
    """The refusal in the request's protocol, with the status from the error's model."""
    if service == "s3":
        return refusal.as_xml()
    if service == "ec2":
        return refusal.as_ec2_xml(412 if refusal.code == common.TRIAL else 400)
    json_sent = "json" in headers.get("content-type", "") or "x-amz-target" in headers or is_rest_json(service)
    status = 403 if refusal.code == "AccessDenied" else refusal.status(service)
    return refusal.as_json(status) if json_sent else refusal.as_query_xml(status)
