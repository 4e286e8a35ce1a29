"""All that the embedded AWS adds to the emulator, in the order in which it is installed.

A later one wraps what an earlier one has put there. Services that run something (load balancers, tasks, releases) are
installed by `running_system`.
"""

from types import ModuleType

from embedded_aws import answers, athena, cloudtrail, cloudwatch, database, ec2, ecr, eventbridge, running_system, ssm
from embedded_aws.answers import empty_answers, pages, refused_requests
from embedded_aws.aws_lambda import functions as lambda_functions
from embedded_aws.cloudformation import (
    cancelled_waits,
    drift,
    express,
    get_template,
    interrupted_operations,
    refactors,
    refusals,
    response_delay,
    reverting_drift,
    stack_roles,
    stack_states,
    template_conditions,
)
from embedded_aws.cloudformation import types as cloudformation_types
from embedded_aws.cloudformation.validation import operations as validation
from embedded_aws.cloudformation.validation import template_format
from embedded_aws.core import service_names
from embedded_aws.core.context import ServerContext
from embedded_aws.iam import authorization, service_linked_roles
from embedded_aws.secretsmanager import cloudformation as secretsmanager

EXTENSIONS: tuple[ModuleType, ...] = (
    service_names,
    template_conditions,
    interrupted_operations,
    response_delay,
    stack_roles,
    stack_states,
    express,
    refactors,
    reverting_drift,
    cancelled_waits,
    get_template,
    lambda_functions,
    refusals,
    drift,
    ec2,
    ecr,
    authorization,
    athena,
    cloudtrail,
    cloudwatch,
    eventbridge,
    cloudformation_types,
    database,
    running_system,
    secretsmanager,
    ssm,
    validation,
    template_format,
    service_linked_roles,
    answers,
    empty_answers,
    pages,
    refused_requests,
)


def install_all(context: ServerContext) -> None:
    """Let every extension change the emulator before it answers its first request."""
    for extension in EXTENSIONS:
        extension.install(context)
