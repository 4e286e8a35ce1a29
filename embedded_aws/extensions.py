"""All extensions of the emulator, in the order of their installation.

A later extension wraps what an earlier one has installed. `running_system` installs the services that run something:
load balancers, tasks and releases.
"""

from collections.abc import Callable
from typing import Final

from embedded_aws import athena, budgets, cloudtrail, cloudwatch, database, ec2, ecr, eventbridge, running_system, ssm
from embedded_aws.answers import members, pages, texts, unused_features
from embedded_aws.athena import cloudformation as athena_types
from embedded_aws.aws_lambda import functions as lambda_functions
from embedded_aws.cloudformation import answers as cloudformation_answers
from embedded_aws.cloudformation import (
    drift,
    exports,
    names,
    operation_options,
    refactors,
    reverting_drift,
    stack_states,
    template_conditions,
)
from embedded_aws.cloudformation.validation import operations as validation
from embedded_aws.cloudformation.validation import template_format
from embedded_aws.cloudfront import refusals as cloudfront_refusals
from embedded_aws.cloudtrail import cloudformation as cloudtrail_types
from embedded_aws.core import service_names
from embedded_aws.core.context import ServerContext
from embedded_aws.cost_explorer import api as cost_explorer
from embedded_aws.cost_explorer import cloudformation as cost_explorer_types
from embedded_aws.ec2 import cloudformation as ec2_types
from embedded_aws.ec2 import network_refusals
from embedded_aws.ecs import cloudformation as ecs_types
from embedded_aws.iam import authorization, service_linked_roles
from embedded_aws.iam import cloudformation as iam_types
from embedded_aws.iam import refusals as iam_refusals
from embedded_aws.requests import checks as request_checks
from embedded_aws.requests import common as common_request_rules
from embedded_aws.requests import record_sets
from embedded_aws.s3 import configurations
from embedded_aws.s3 import objects as s3_objects
from embedded_aws.s3 import refusals as s3_refusals
from embedded_aws.s3 import requests as s3_requests
from embedded_aws.secretsmanager import cloudformation as secretsmanager
from embedded_aws.secretsmanager import versions as secret_versions


def _refuse_in_templates(_context: ServerContext) -> None:
    """Make CloudFormation as strict as AWS in what the stacks use."""
    for part in (names, s3_refusals, configurations, secret_versions, iam_refusals, cloudfront_refusals):
        part.install()


def _register_types(context: ServerContext) -> None:
    """Let templates use types that the emulator lacks; each calls its service, whose API then lists the resource."""
    for part in (athena_types, budgets, cloudtrail_types, ec2_types, ecs_types, iam_types):
        part.register_types()
    cost_explorer_types.register_types(cost_explorer.install(context))


_EXTENSIONS: Final[tuple[Callable[[ServerContext], object], ...]] = (
    service_names.install,
    template_conditions.install,
    operation_options.install,
    stack_states.install,
    refactors.install,
    reverting_drift.install,
    lambda_functions.install,
    _refuse_in_templates,
    drift.install,
    ec2.install,
    ecr.install,
    authorization.install,
    athena.install,
    cloudtrail.install,
    cloudwatch.install,
    eventbridge.install,
    _register_types,
    lambda _context: network_refusals.install(),
    database.install,
    running_system.install,
    secretsmanager.install,
    ssm.install,
    validation.install,
    template_format.install,
    exports.install,
    cloudformation_answers.install,
    service_linked_roles.install,
    members.install,
    unused_features.install,
    pages.install,
    request_checks.install,
    s3_objects.check_files,
    lambda _context: s3_requests.install(),
    lambda _context: record_sets.install(),
    texts.install,
    common_request_rules.install,
    members.install_characters,
)


def install_all(context: ServerContext) -> None:
    """Let every extension change the emulator before the first request."""
    for install in _EXTENSIONS:
        install(context)
