"""Validation of a template against schemas and existing resources: the errors that stop an operation at its start."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ministack.core.responses import get_region

from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.validation.finding import PROPERTY, Finding
from embedded_aws.cloudformation.validation.names import conflict
from embedded_aws.cloudformation.validation.properties import violations
from embedded_aws.cloudformation.validation.static_values import static
from ops.templates.schemas import schema

Record = dict[str, Any]
# No resources are imported.
_NONE: Final[frozenset[str]] = frozenset()


def findings(
    resources: Mapping[str, Record],
    parameters: Mapping[str, Record],
    conditions: Mapping[str, bool],
    mappings: Record,
    stack: Record,
    imported: frozenset[str] = _NONE,
) -> Iterator[Finding]:
    """Check every resource that a template creates; imported resources must exist, so their names are no conflict."""
    name, identifier = stack["StackName"], stack["StackId"]

    def resolve(value: Any) -> Any:
        return emulator.resolve_references(value, {}, parameters, conditions, mappings, name, identifier)

    owned = stack.get("_resources") or {}
    for logical_id, definition in resources.items():
        condition = definition.get("Condition")
        of_type = schema(str(definition.get("Type")), get_region())
        if of_type is None or (condition and not conditions.get(condition, True)):
            continue
        properties = static(definition.get("Properties") or {}, resolve, parameters.keys())
        for path, reason in violations(dict(of_type.content), properties):
            yield Finding(
                logical_id=logical_id,
                resource_type=definition["Type"],
                validation=PROPERTY,
                path=f"/Resources/{logical_id}/Properties{path}",
                reason=reason,
            )
        if logical_id not in imported:
            physical_id = str((owned.get(logical_id) or {}).get("PhysicalResourceId") or "")
            taken = conflict(of_type.content, properties, logical_id, physical_id)
            if taken is not None:
                yield taken
