"""AWS Fault Injection Service, as far as this project's exercises use it: two actions with stop conditions."""

from embedded_aws.core.context import ServerContext
from embedded_aws.core.json_service import Operation, add_json_service
from embedded_aws.fis.experiments import Experiments, run_one_time_fault
from embedded_aws.fis.templates import SERVICE, Templates, register_types

__all__ = ["install", "run_one_time_fault"]


def install(context: ServerContext) -> None:
    """Add the service and its CloudFormation type."""
    templates = Templates(context)
    experiments = Experiments(templates, context)
    context.persist("fis_templates", templates.saved, templates.restore)
    context.persist("fis_experiments", experiments.saved, experiments.restore)
    operations: dict[str, Operation] = {
        "CreateExperimentTemplate": lambda request: {"experimentTemplate": templates.create(request)},
        "DeleteExperimentTemplate": lambda request: {"experimentTemplate": templates.delete(request["id"])},
        "GetExperimentTemplate": lambda request: {"experimentTemplate": templates.get(request["id"])},
        "ListExperimentTemplates": lambda _: {"experimentTemplates": templates.all()},
        "GetExperiment": lambda request: {"experiment": experiments.get(request["id"])},
        "ListExperiments": lambda _: {"experiments": experiments.all()},
        "StartExperiment": lambda request: {
            "experiment": experiments.start(request["experimentTemplateId"], request.get("tags", {}))
        },
        "StopExperiment": lambda request: {"experiment": experiments.stop(request["id"])},
    }
    add_json_service(context, "fis", service=SERVICE, operations=operations)
    register_types(templates)
