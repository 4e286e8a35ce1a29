"""Removes from templates what is not deployed: metadata, the bootstrap's parts, different spellings of a value."""

import re
from dataclasses import replace
from typing import Final

from ops.templates.normal_form import TemplateFacts, defaults, normal_form, template_facts
from ops.templates.values import Json, Map, identical, items, mapping, rebuilt

MASK: Final = "<asset>"
# The hash of an asset is 64 hexadecimal digits, as a file name, an image tag or a key in a bucket. The digest of an
# image is not such a hash: another digest is another image.
_HASH = re.compile(r"(?<!sha256:)\b[0-9a-f]{64}\b")
_OWN_RESOURCE = "AWS::CDK::Metadata"
_OWN = (("Rules", "CheckBootstrapVersion"), ("Conditions", "CDKMetadataAvailable"))
_BOOTSTRAP = "BootstrapVersion"
# Metadata of a resource by which cfn-init sets up an instance, as root (CloudFormation template reference).
_READ: Final = ("AWS::CloudFormation::Init", "AWS::CloudFormation::Authentication")


def deployed_as_written(template: Map, region: str) -> Map:
    """One template without parts that are not deployed, with values as they are written."""
    return _deployed(template, set(mapping(template.get("Resources"))), region)


def deployed_pair(before: Map, after: Map, region: str = "") -> tuple[Map, Map]:
    """Two templates without parts that are not deployed: each difference between them changes the deployment.

    The CDK's usage metadata, its bootstrap rule and unused metadata are left out, asset hashes masked in the
    properties that have them, and equal values normalized. Resources with equal text are kept;
    a resource whose condition is never true is left out.
    """
    old, new = (mapping(it.get("Resources")) for it in (before, after))
    identical_resources = {logical_id for logical_id, it in old.items() if identical(new.get(logical_id), it)}
    decide = (lambda it: it.get("Conditions"), lambda it: it.get("Mappings"), defaults)
    if not all(identical(part(before), part(after)) for part in decide):
        # A resource whose condition has another value differs, although its text is the same.
        identical_resources = set()
    return _deployed(before, identical_resources, region), _deployed(after, identical_resources, region)


def _deployed(template: Map, identical_resources: set[str], region: str) -> Map:
    facts = replace(template_facts(template, region), parameters=defaults(template))
    sections: Map = {key: value for key, value in template.items() if key != "Metadata"}
    sections["Resources"] = {
        logical_id: _without_metadata(mapping(resource), facts, as_is=logical_id in identical_resources)
        for logical_id, resource in mapping(template.get("Resources")).items()
        if mapping(resource).get("Type") != _OWN_RESOURCE
        and (logical_id in identical_resources or _is_created(resource, facts))
    }
    for section, own in _OWN:
        sections[section] = {key: value for key, value in mapping(sections.get(section)).items() if key != own}
    parameters = dict(mapping(sections.get("Parameters")))
    if _BOOTSTRAP in parameters:  # its text changes with the CDK's version; its default names the bootstrap
        parameters[_BOOTSTRAP] = {"Default": mapping(parameters[_BOOTSTRAP]).get("Default")}
    sections["Parameters"] = parameters
    outputs: Map = {
        key: _without_true_condition(mapping(normal_form(value, facts)), facts)
        for key, value in mapping(sections.get("Outputs")).items()
        if _is_created(value, facts)
    }
    return {key: value for key, value in (sections | {"Outputs": outputs}).items() if value not in ({}, None)}


def _is_created(resource: Json, known: TemplateFacts) -> bool:
    return known.conditions.get(str(mapping(resource).get("Condition")), True)


def _without_true_condition(part: Map, known: TemplateFacts) -> Map:
    """A resource or an output, without its condition if that is always true."""
    always = known.conditions.get(str(part.get("Condition")))
    return {key: value for key, value in part.items() if not (always and key == "Condition")}


def _without_metadata(resource: Map, facts: TemplateFacts, *, as_is: bool) -> Map:
    content = {key: value for key, value in resource.items() if key != "Metadata"}
    if metadata := {key: value for key, value in mapping(resource.get("Metadata")).items() if key in _READ}:
        content["Metadata"] = metadata
    if as_is:
        return content
    content = _without_true_condition(content, facts)
    depends_on = content.get("DependsOn")
    if depends_on is not None:  # a name or a list, whose order has no meaning
        content["DependsOn"] = sorted(items(depends_on), key=str)
    return mapping(masked(normal_form(content, facts)))


def masked(value: Json) -> Json:
    """A value with hashes of assets masked."""
    if isinstance(value, str):
        return _HASH.sub(MASK, value) if len(value) >= 64 else value
    return rebuilt(value, masked)
