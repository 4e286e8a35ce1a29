"""The revision of an ECS deployment: AppSpec content, parsed."""

import hashlib
import json
from dataclasses import dataclass
from functools import partial

import yaml

from embedded_aws.cloudformation.resource_models import request_of
from embedded_aws.codedeploy.store import Record, refuse
from embedded_aws.core.refusal import Refusal
from embedded_aws.requests import property_rules

HOOK_EVENTS = ("BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic")
_SERVICE_TYPE = "AWS::ECS::Service"
_invalid = partial(refuse, "InvalidRevisionException")


@dataclass(frozen=True, kw_only=True)
class AppSpec:
    """The task definition to run, and the hooks that check it."""

    task_definition: str
    container_name: str
    container_port: int
    platform_version: str | None
    network: Record | None
    capacity: list[Record] | None
    hooks: dict[str, str]  # function by lifecycle event


def read(revision: Record) -> AppSpec:
    """Read a revision; refuse another type, a damaged one, and an AppSpec of another compute platform."""
    return parse(_content(revision))


def _content(revision: Record) -> str:
    property_rules.check("CodeDeploy revision", revision)
    body = revision.get("appSpecContent" if revision["revisionType"] == "AppSpecContent" else "string") or {}
    content = str(body.get("content") or "")
    if not content:
        raise _invalid("The AppSpec content must not be empty.")
    digest = body.get("sha256")
    if digest and digest != hashlib.sha256(content.encode()).hexdigest():
        raise _invalid("The SHA256 hash of the AppSpec content does not match its content.")
    return content


def parse(content: str) -> AppSpec:
    """Parse an AppSpec, in YAML or JSON; refuse one of another compute platform than ECS."""
    try:
        document = yaml.safe_load(content)
        (resource,) = (entry for item in document["Resources"] for entry in item.values())
        properties = resource["Properties"]
        balancer = properties["LoadBalancerInfo"]
        if resource["Type"] != _SERVICE_TYPE:
            raise _invalid(f"The resource of the AppSpec must have the type {_SERVICE_TYPE}.")
        named = ("NetworkConfiguration", "CapacityProviderStrategy")
        request = request_of("ecs", "CreateService", {name: properties[name] for name in named if name in properties})
        return AppSpec(
            task_definition=str(properties["TaskDefinition"]),
            container_name=str(balancer["ContainerName"]),
            container_port=int(balancer["ContainerPort"]),
            platform_version=properties.get("PlatformVersion"),
            network=request.get("networkConfiguration"),
            capacity=request.get("capacityProviderStrategy"),
            hooks=_hooks(document.get("Hooks") or []),
        )
    except Refusal:
        raise
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise _invalid(f"The AppSpec content is not valid for an ECS deployment: {error!r}") from error


def _hooks(entries: list[dict[str, str]]) -> dict[str, str]:
    hooks = {event: function for entry in entries for event, function in entry.items()}
    unknown = hooks.keys() - set(HOOK_EVENTS)
    if unknown:
        raise _invalid(f"ECS deployments have no hook {', '.join(sorted(unknown))}.")
    return hooks


def digest_of(revision: Record) -> str:
    """The digest of a revision's AppSpec, which identifies it in CodeDeploy."""
    body = revision.get("appSpecContent") or revision.get("string") or {}
    return str(body.get("sha256") or hashlib.sha256(str(body.get("content", "")).encode()).hexdigest())


def without_text(revision: Record) -> Record:
    """A revision as deployments name it: with the digest of its AppSpec alone (API reference, GetDeployment)."""
    return revision | ({"appSpecContent": {"sha256": digest_of(revision)}} if "appSpecContent" in revision else {})


def revision_of(task_definition: str, container_name: str, container_port: int) -> Record:
    """Write the revision that runs a task definition."""
    properties = {
        "TaskDefinition": task_definition,
        "LoadBalancerInfo": {"ContainerName": container_name, "ContainerPort": container_port},
    }
    content = json.dumps(
        {"version": 0.0, "Resources": [{"TargetService": {"Type": _SERVICE_TYPE, "Properties": properties}}]}
    )
    digest = hashlib.sha256(content.encode()).hexdigest()
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": content, "sha256": digest}}
