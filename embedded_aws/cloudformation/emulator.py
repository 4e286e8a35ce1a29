"""The parts of the emulator's CloudFormation that are used here, under plain names (see ``EmulatorFunction``)."""

from collections.abc import Coroutine, Iterator
from contextlib import AbstractContextManager
from typing import Any

from ministack.services import (
    acm,
    alb,
    athena,
    budgets,
    cloudformation,
    cloudfront,
    cloudtrail,
    cloudwatch,
    ec2,
    ecs,
    glue,
    iam,
    rds,
    route53,
)
from ministack.services.cloudformation import (
    changesets,
    drift,
    engine,
    handlers,
    helpers,
    provisioners,
    wait_conditions,
)
from ministack.services.cloudformation import stacks as operations

from embedded_aws.core.patching import EmulatorFunction, Response

_Created = tuple[str, dict[str, str]]

actions = handlers._ACTION_HANDLERS
change_sets = cloudformation._change_sets
custom_name_replacements = provisioners._CUSTOM_NAME_REPLACEMENT
drift_readers = drift._DRIFT_READERS
exports = cloudformation._exports
# By resource type: the functions that create, update and delete.
resource_handlers: dict[str, dict[str, Any]] = provisioners._RESOURCE_HANDLERS
no_value = engine._NO_VALUE
replacing_properties = provisioners._REPLACING_PROPERTIES
stack_events = cloudformation._stack_events
stack_tag_properties = provisioners._STACK_TAG_PROPERTY
stacks = cloudformation._stacks

# The stores for drift detection: by resource type where the physical id is the key, others by separate names.
compared_stores = {
    "AWS::Athena::NamedQuery": athena._named_queries,
    "AWS::Athena::WorkGroup": athena._workgroups,
    "AWS::Budgets::Budget": budgets._budgets,
    "AWS::CloudFront::Distribution": cloudfront._distributions,
    "AWS::CloudFront::OriginAccessControl": cloudfront._oacs,
    "AWS::CloudFront::ResponseHeadersPolicy": cloudfront._response_headers_policies,
    "AWS::CloudTrail::Trail": cloudtrail._trails,
    "AWS::CloudWatch::Alarm": cloudwatch._alarms,
    "AWS::CloudWatch::Dashboard": cloudwatch._dashboards,
    "AWS::EC2::FlowLog": ec2._flow_logs,
    "AWS::EC2::InternetGateway": ec2._internet_gateways,
    "AWS::EC2::NatGateway": ec2._nat_gateways,
    "AWS::EC2::RouteTable": ec2._route_tables,
    "AWS::EC2::SecurityGroup": ec2._security_groups,
    "AWS::EC2::Subnet": ec2._subnets,
    "AWS::EC2::VPC": ec2._vpcs,
    "AWS::EC2::VPCEndpoint": ec2._vpc_endpoints,
    "AWS::ECS::Cluster": ecs._clusters,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": alb._lbs,
    "AWS::ElasticLoadBalancingV2::TargetGroup": alb._tgs,
    "AWS::Glue::Database": glue._databases,
    "AWS::IAM::OIDCProvider": iam._oidc_providers,
    "AWS::RDS::DBInstance": rds._instances,
    "AWS::RDS::DBParameterGroup": rds._param_groups,
    "AWS::RDS::DBSubnetGroup": rds._subnet_groups,
}
certificates = acm._certificates
certificate_shape = EmulatorFunction[dict[str, Any]](acm, "_cert_shape")
cloudfront_functions = cloudfront._functions
hosted_zones = route53._zones
route_tables = ec2._route_tables
signal_handles = wait_conditions._handles
signals_changed = wait_conditions._changed
tables = glue._tables
waiting_conditions = wait_conditions._waiting

add_event = EmulatorFunction[None](operations, "_add_event")
alarm_record = EmulatorFunction[dict[str, Any]](provisioners, "_cw_metric_alarm_record")
stack_region = EmulatorFunction[AbstractContextManager[None]](operations, "_stack_region_context")
validation_errors = EmulatorFunction[list[tuple[str, str, str, str, str]]](operations, "_validation_errors")
operation_event = EmulatorFunction[dict[str, Any]](operations, "_operation_event")
apply_database_changes = EmulatorFunction[None](provisioners, "_rds_apply_changed")
apply_ec2_tags = EmulatorFunction[None](provisioners, "_ec2_apply_tags")
capabilities_enforced = EmulatorFunction[bool](handlers, "_capabilities_enforced")
change = EmulatorFunction[tuple[_Created, str]](operations, "_update_keeping_seed")
create_replacement = EmulatorFunction[_Created](provisioners, "_seeded_create")
create_task_definition = EmulatorFunction[_Created](provisioners, "_ecs_task_def_create")
database_attributes = EmulatorFunction[dict[str, str]](provisioners, "_rds_db_instance_attrs")
database_fields = EmulatorFunction[dict[str, Any]](provisioners, "_rds_db_instance_fields")
delete_predecessor = EmulatorFunction[None](provisioners, "_delete_predecessor")
delete_resource = EmulatorFunction[None](provisioners, "_delete_resource")
delete_stack = EmulatorFunction[Coroutine[Any, Any, None]](operations, "_delete_stack_async")
dependencies = EmulatorFunction[set[str]](engine, "_extract_deps")
deploy_stack = EmulatorFunction[Coroutine[Any, Any, None]](operations, "_deploy_stack_async")
detect_resource_drift = EmulatorFunction[dict[str, Any]](drift, "detect_resource_drift")
end_waits = EmulatorFunction[None](wait_conditions, "reset")
error = EmulatorFunction[Response](helpers, "_error")
evaluate_conditions = EmulatorFunction[dict[str, bool]](engine, "_evaluate_conditions")
find_change_set = EmulatorFunction[tuple[Any, dict[str, Any] | None]](changesets, "_find_change_set")
imported_names = EmulatorFunction[set[str]](handlers, "_imported_export_names")
intrinsic_references = EmulatorFunction[Iterator[tuple[str, str | None]]](engine, "_intrinsic_references")
listener_actions = EmulatorFunction[list[dict[str, Any]]](provisioners, "_elbv2_listener_actions")
# A page of the items, the token of the next one as XML, and the refusal of the request's token.
page = EmulatorFunction[tuple[list[str], str, Response | None]](helpers, "_page")
parameter = EmulatorFunction[str](helpers, "_p")
check_parameter = EmulatorFunction[None](engine, "_check_parameter_constraints")
compose_node = EmulatorFunction[Any](engine.CfnLoader, "compose_node")  # a node of a template in YAML
parse_template = EmulatorFunction[dict[str, Any]](engine, "_parse_template")
physical_name = EmulatorFunction[str](provisioners, "_physical_name")
provision = EmulatorFunction[tuple[_Created, str]](operations, "_provision_keeping_seed")
query_parameters = EmulatorFunction[dict[str, str]](provisioners, "_ec_query")
raise_database_error = EmulatorFunction[None](provisioners, "_rds_raise")
reconcile_tags = EmulatorFunction[None](provisioners, "_reconcile_tag_list")
rename_replacement = EmulatorFunction[_Created | None](provisioners, "_rename_replacement")
requires_replacement = EmulatorFunction[bool](provisioners, "_requires_replacement")
# The document in a parameter or at an address in S3, and the refusal of the address.
resolve_document = EmulatorFunction[tuple[str | None, Response | None]](helpers, "_resolve_document")
resolve_outputs = EmulatorFunction[tuple[list[dict[str, str]], dict[str, Any]]](operations, "_resolve_stack_outputs")
resolve_references = EmulatorFunction[Any](engine, "_resolve_refs")
resolve_stack = EmulatorFunction[dict[str, Any] | None](handlers, "_resolve_stack")
resolve_template = EmulatorFunction[tuple[str, Response | None]](helpers, "_resolve_template")
resolve_parameters = EmulatorFunction[dict[str, Any]](engine, "_resolve_parameters")
roll_back = EmulatorFunction[Coroutine[Any, Any, None]](operations, "_roll_back_operation")
run_reentrant = EmulatorFunction[Coroutine[Any, Any, Any]](operations, "run_reentrant")
runs_on_worker_thread = EmulatorFunction[bool](operations, "_runs_on_worker_thread")
secret_string = EmulatorFunction[str](provisioners, "_sm_secret_string")
security_group_permissions = EmulatorFunction[list[dict[str, Any]]](provisioners, "_ec2_sg_permissions")
topological_sort = EmulatorFunction[list[str]](operations, "_topological_sort")
zip_inline_code = EmulatorFunction[bytes | None](provisioners, "_zip_inline")
validate_template = EmulatorFunction[None](engine, "validate_template_support")
wait_for_signals = EmulatorFunction[dict[str, str]](wait_conditions, "wait_for")
xml_response = EmulatorFunction[Response](helpers, "_xml")


def named_stack(params: dict[str, Any]) -> dict[str, Any] | None:
    """The stack in a request; None where there is none."""
    return resolve_stack(parameter(params, "StackName"))


def named_change_set(params: dict[str, Any]) -> dict[str, Any] | None:
    """The change set in a request, by its ARN or with its stack; None where there is none."""
    return find_change_set(parameter(params, "ChangeSetName"), parameter(params, "StackName"))[1]
