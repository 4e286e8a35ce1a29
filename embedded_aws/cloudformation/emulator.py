"""What is used of the emulator's CloudFormation and of SNS, under plain names (see ``EmulatorFunction``)."""

from typing import Any

from ministack.services import cloudformation, sns
from ministack.services.cloudformation import changesets, drift, engine, handlers, helpers, provisioners
from ministack.services.cloudformation import stacks as operations

from embedded_aws.core.patching import EmulatorFunction, Response

_Created = tuple[str, dict[str, str]]

actions = handlers._ACTION_HANDLERS
change_sets = cloudformation._change_sets
custom_name_replacements = provisioners._CUSTOM_NAME_REPLACEMENT
drift_readers = drift._DRIFT_READERS
# By resource type: what creates, updates and deletes.
resource_handlers: dict[str, dict[str, Any]] = provisioners._RESOURCE_HANDLERS
replacing_properties = provisioners._REPLACING_PROPERTIES
stack_events = cloudformation._stack_events
stack_tag_properties = provisioners._STACK_TAG_PROPERTY
stacks = cloudformation._stacks
topics = sns._topics

add_event = EmulatorFunction[None](operations, "_add_event")
alarm_record = EmulatorFunction[dict[str, Any]](provisioners, "_cw_metric_alarm_record")
apply_database_changes = EmulatorFunction[None](provisioners, "_rds_apply_changed")
apply_ec2_tags = EmulatorFunction[None](provisioners, "_ec2_apply_tags")
create_replacement = EmulatorFunction[_Created](provisioners, "_seeded_create")
create_task_definition = EmulatorFunction[_Created](provisioners, "_ecs_task_def_create")
database_attributes = EmulatorFunction[dict[str, str]](provisioners, "_rds_db_instance_attrs")
database_fields = EmulatorFunction[dict[str, Any]](provisioners, "_rds_db_instance_fields")
delete_predecessor = EmulatorFunction[None](provisioners, "_delete_predecessor")
error = EmulatorFunction[Response](helpers, "_error")
evaluate_conditions = EmulatorFunction[dict[str, bool]](engine, "_evaluate_conditions")
find_change_set = EmulatorFunction[tuple[Any, dict[str, Any] | None]](changesets, "_find_change_set")
listener_actions = EmulatorFunction[list[dict[str, Any]]](provisioners, "_elbv2_listener_actions")
parameter = EmulatorFunction[str](helpers, "_p")
physical_name = EmulatorFunction[str](provisioners, "_physical_name")
query_parameters = EmulatorFunction[dict[str, str]](provisioners, "_ec_query")
raise_database_error = EmulatorFunction[None](provisioners, "_rds_raise")
reconcile_tags = EmulatorFunction[None](provisioners, "_reconcile_tag_list")
rename_replacement = EmulatorFunction[_Created | None](provisioners, "_rename_replacement")
requires_replacement = EmulatorFunction[bool](provisioners, "_requires_replacement")
resolve_stack = EmulatorFunction[dict[str, Any] | None](handlers, "_resolve_stack")
runs_on_worker_thread = EmulatorFunction[bool](operations, "_runs_on_worker_thread")
secret_string = EmulatorFunction[str](provisioners, "_sm_secret_string")
security_group_permissions = EmulatorFunction[list[dict[str, Any]]](provisioners, "_ec2_sg_permissions")
zip_inline_code = EmulatorFunction[bytes | None](provisioners, "_zip_inline")
