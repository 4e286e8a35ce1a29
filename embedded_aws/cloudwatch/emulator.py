"""The used parts of the emulator's CloudWatch and CloudWatch Logs, under plain names (see ``EmulatorFunction``)."""

from typing import Any

from ministack.services import cloudwatch, cloudwatch_logs

from embedded_aws.core.patching import EmulatorFunction, Response

alarms = cloudwatch._alarms
composite_alarms = cloudwatch._composite_alarms
dashboards = cloudwatch._dashboards
log_events_lock = cloudwatch_logs._log_events_lock
log_groups = cloudwatch_logs._log_groups
metric_filters = cloudwatch_logs._metric_filters
metrics = cloudwatch._metrics
resource_tags = cloudwatch._resource_tags

compile_filter_pattern = EmulatorFunction[Any](cloudwatch_logs, "_compile_filter_pattern")
create_log_stream = EmulatorFunction[Response](cloudwatch_logs, "_create_log_stream")
describe_alarms = EmulatorFunction[Any](cloudwatch, "_describe_alarms")
dimensions_key = EmulatorFunction[Any](cloudwatch, "_dims_key")
dimensions_of = EmulatorFunction[dict[str, str]](cloudwatch, "_dims_from_list")
disable_alarm_actions = EmulatorFunction[Response](cloudwatch, "_disable_alarm_actions")
dispatch_alarm_actions = EmulatorFunction[None](cloudwatch, "_dispatch_alarm_actions")
enable_alarm_actions = EmulatorFunction[Response](cloudwatch, "_enable_alarm_actions")
error = EmulatorFunction[Response](cloudwatch, "_error")
evaluate_alarm = EmulatorFunction[None](cloudwatch, "_evaluate_alarm")
evaluate_all_alarms = EmulatorFunction[None](cloudwatch, "_evaluate_all_alarms")
evaluate_parent_alarms = EmulatorFunction[None](cloudwatch, "_evaluate_parent_alarms")
filter_log_events = EmulatorFunction[Response](cloudwatch_logs, "_filter_log_events")
get_metric_data = EmulatorFunction[Response](cloudwatch, "_get_metric_data")
cbor_response = EmulatorFunction[Response](cloudwatch, "_cbor_ok")
cbor_result = EmulatorFunction[dict[str, Any]](cloudwatch, "_cbor_metric_data_result")
json_response = EmulatorFunction[Response](cloudwatch, "_json_ok")
log_group_name = EmulatorFunction[str](cloudwatch_logs, "_resolve_log_group_name")
parameter = EmulatorFunction[str](cloudwatch, "_p")
percentile_samples = EmulatorFunction[Any](cloudwatch, "_percentile_samples")
put_composite_alarm = EmulatorFunction[Response](cloudwatch, "_put_composite_alarm")
put_log_events = EmulatorFunction[Response](cloudwatch_logs, "_put_log_events")
put_metric_alarm = EmulatorFunction[Response](cloudwatch, "_put_metric_alarm")
put_metric_data = EmulatorFunction[Response](cloudwatch, "_put_metric_data")
put_metric_filter = EmulatorFunction[Response](cloudwatch_logs, "_put_metric_filter")
record_history = EmulatorFunction[None](cloudwatch, "_record_history")
set_alarm_state = EmulatorFunction[Response](cloudwatch, "_set_alarm_state")
statistic_value = EmulatorFunction[float | None](cloudwatch, "_stat_value")
statistics = EmulatorFunction[dict[str, Any]](cloudwatch, "_calc_stats")
store_datum = EmulatorFunction[None](cloudwatch, "_store_datum")
xml_response = EmulatorFunction[Response](cloudwatch, "_xml")


def put_metrics(namespace: str, data: list[dict[str, Any]]) -> None:
    """Store data and evaluate the alarms on it."""
    put_metric_data({}, {"Namespace": namespace, "MetricData": data}, is_cbor=False, is_json=True)
