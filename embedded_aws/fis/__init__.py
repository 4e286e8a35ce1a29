"""AWS Fault Injection Service, as far as this project's exercises use it: two actions behind alarms."""

from embedded_aws.core.context import ServerContext
from embedded_aws.fis import api, cloudformation
from embedded_aws.fis.experiments import Experiments
from embedded_aws.fis.once import happens_once
from embedded_aws.fis.templates import Templates

__all__ = ["happens_once", "install"]


def install(context: ServerContext) -> None:
    """Add the service and its CloudFormation type."""
    templates = Templates(account=context.account, region=context.region)
    experiments = Experiments(templates, context)
    context.persist("fis_templates", templates.saved, templates.restore)
    context.persist("fis_experiments", experiments.saved, experiments.restore)
    api.add(context, templates, experiments)
    cloudformation.register_types(templates)
