"""Takes out of a template what changes without anything changing: hashes, metadata, and the bootstrap's own parts."""

import re
from typing import Final

from ops.review.values import Json, Map, mapping

MASK: Final = "<asset>"
# The hash of an asset is 64 hexadecimal digits, as a file name, an image tag or a key of a bucket.
_HASH = re.compile(r"\b[0-9a-f]{64}\b")
_OWN_RESOURCE = "AWS::CDK::Metadata"
_OWN_PARAMETER = "BootstrapVersion"
_OWN_RULE = "CheckBootstrapVersion"
_OWN_CONDITION = "CDKMetadataAvailable"


def quiet(template: Map) -> Map:
    """A template without noise; the given one is left alone.

    Asset hashes are masked; CDK's usage metadata, its bootstrap parameter and rule, and the metadata of resources that
    tools write (paths, asset locations, lint settings) are left out, because none of them changes what is deployed.
    """
    sections: Map = {key: _masked(value) for key, value in template.items()}
    resources = mapping(sections.get("Resources"))
    sections["Resources"] = {
        logical_id: _without_metadata(mapping(resource))
        for logical_id, resource in resources.items()
        if mapping(resource).get("Type") != _OWN_RESOURCE
    }
    for section, own in (("Parameters", _OWN_PARAMETER), ("Rules", _OWN_RULE), ("Conditions", _OWN_CONDITION)):
        kept = {key: value for key, value in mapping(sections.get(section)).items() if key != own}
        if kept:
            sections[section] = kept
        else:
            sections.pop(section, None)
    return sections


def _without_metadata(resource: Map) -> Map:
    kept = {key: value for key, value in resource.items() if key != "Metadata"}
    depends_on = kept.get("DependsOn")
    if isinstance(depends_on, list):  # an order that CloudFormation does not have
        kept["DependsOn"] = sorted(depends_on, key=str)
    return kept


def _masked(value: Json) -> Json:
    if isinstance(value, str):
        return _HASH.sub(MASK, value)
    if isinstance(value, list):
        return [_masked(child) for child in value]
    if isinstance(value, dict):
        return {key: _masked(child) for key, child in value.items()}
    return value
