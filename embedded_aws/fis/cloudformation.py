"""``AWS::FIS::ExperimentTemplate``."""

from typing import Any

from embedded_aws.cloudformation.registry import Change, Created, Properties, register
from embedded_aws.core.refusal import gone_is_fine
from embedded_aws.fis.templates import Templates

# Below these a template's keys are names and parameters, which keep their letters.
_NAMED = ("Targets", "Actions", "Tags", "ResourceTags", "Parameters")


def register_types(templates: Templates) -> None:
    """Let templates of CloudFormation use templates of experiments."""

    def create(_logical_id: str, properties: Properties, _stack: str) -> Created:
        made = templates.create(_request(properties))
        return made["id"], {"Id": made["id"]}

    def update(change: Change) -> Created:
        templates.update(change.physical_id, _request(change.new))
        return change.physical_id, {"Id": change.physical_id}

    def delete(physical_id: str, _properties: Properties) -> None:
        with gone_is_fine():
            templates.delete(physical_id)

    register(
        name="AWS::FIS::ExperimentTemplate",
        create=create,
        update=update,
        delete=delete,
    )


def _request(value: Any, *, named: bool = False) -> Any:
    """The properties as the API has them: members begin with a small letter."""
    if isinstance(value, list):
        return [_request(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        (key if named else key[0].lower() + key[1:]): _request(one, named=not named and key in _NAMED)
        for key, one in value.items()
    }
