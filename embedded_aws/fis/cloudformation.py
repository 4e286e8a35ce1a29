"""``AWS::FIS::ExperimentTemplate``."""

from functools import partial

from embedded_aws.cloudformation.registry import Change, Created, Properties, register
from embedded_aws.cloudformation.requests import request_of
from embedded_aws.core.refusal import gone_is_fine
from embedded_aws.fis.templates import Templates

_request = partial(request_of, "fis", "CreateExperimentTemplate")


def register_types(templates: Templates) -> None:
    """Let CloudFormation templates use experiment templates."""

    def create(_logical_id: str, properties: Properties, _stack: str) -> Created:
        made = templates.create(_request(properties))
        return made["id"], {"Id": made["id"]}

    def update(change: Change) -> Created:
        templates.update(change.physical_id, _request(change.new))
        return change.physical_id, {"Id": change.physical_id}

    def delete(physical_id: str, _properties: Properties) -> None:
        with gone_is_fine():
            templates.delete(physical_id)

    register(name="AWS::FIS::ExperimentTemplate", create=create, update=update, delete=delete)
