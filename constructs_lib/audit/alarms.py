"""The security alarms: on calls that nobody makes in daily work."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from installation import yaml_text
from installation.names import Names
from installation.settings import Settings

_FILE: Final = Path(__file__).with_name("security_events.yaml")


class SecurityEvent(yaml_text.Data):
    """A kind of call that sets off an alarm; its file explains each field."""

    construct_id: str
    alarm: str
    description: str
    source: str = ""
    pattern: yaml_text.Texts
    second: yaml_text.Texts = ()

    def alarm_name(self, names: Names) -> str:
        """The name of its alarm."""
        return str(getattr(names, self.alarm))

    def filters(self, names: Names) -> dict[str, str]:
        """The patterns of the log lines that count, each by the name of its metric filter: one, or two."""
        name = self.alarm_name(names)
        patterns = {name: _pattern(self.pattern, self.source, names)}
        if self.second:
            patterns[f"{name}-2"] = _pattern(self.second, "", names)
        return patterns


security_events: Final = yaml_text.cached_reader(_FILE, tuple[SecurityEvent, ...])


def _pattern(alternatives: Sequence[str], source: str, names: Names) -> str:
    """A filter pattern of lines with names of events, and of clauses."""
    clauses = []
    for line in alternatives:
        is_clause = line.startswith(("(", "$"))
        clauses += [line.format(names=names)] if is_clause else [f"($.eventName = {it})" for it in line.split()]
    matching = " || ".join(clauses)
    return f"{{ ($.eventSource = {source}) && ({matching}) }}" if source else f"{{ {matching} }}"


class SecurityAlarms(Construct):
    """One metric filter and one alarm for each kind of call; the first occurrence alarms.

    Args:
        settings: the installation's; each description ends with the address of the alarm's chapter.
        log_group: the log group that the trail writes.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        log_group: logs.ILogGroup,
        alert_topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        names = settings.names
        notify = actions.SnsAction(alert_topic)
        for event in security_events():
            name = event.alarm_name(names)
            for filter_name, pattern in event.filters(names).items():
                # No default value: a metric that is written all the time costs money, a metric without data does not.
                metric_filter = log_group.add_metric_filter(
                    f"{event.construct_id}Filter{filter_name.removeprefix(name)}",
                    filter_name=filter_name,
                    filter_pattern=logs.FilterPattern.literal(pattern),
                    metric_namespace=names.security_metrics,
                    metric_name=event.construct_id,
                    metric_value="1",
                    unit=cloudwatch.Unit.COUNT,
                )
            alarm = cloudwatch.Alarm(
                self,
                event.construct_id,
                alarm_name=name,
                alarm_description=f"{event.description} {settings.alarm_page(name)}",
                # Whoever may write a line of any log may write to this metric (CloudWatch user guide, "Specification:
                # Embedded metric format"), below zero too, so that no sum would be left; and in another unit.
                metric=metric_filter.metric(
                    statistic="Maximum", unit=cloudwatch.Unit.COUNT, period=cdk.Duration.minutes(5)
                ),
                threshold=1,
                evaluation_periods=1,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                # No data is the normal state: nothing of the kind happened.
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            alarm.add_alarm_action(notify)
            alarm.add_ok_action(notify)
