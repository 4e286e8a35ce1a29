"""What watches a month, as the settings ask for it: alarms, the synthetic check, and the exercises that alarms stop."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_sns as sns
from constructs import Construct

from constructs_lib.compute.alarms import Alarms
from constructs_lib.compute.exercises import Exercises
from constructs_lib.compute.metrics import Metrics
from constructs_lib.compute.notifying_alarms import AlarmContext
from constructs_lib.compute.synthetic_check import SyntheticCheck
from installation.settings import Settings


class Monitoring:
    """The monitoring that the settings ask for.

    It is no construct: its resources are in the given scope, because another scope would give each resource another
    logical id, and CloudFormation would replace all of them.

    Attributes:
        of_releases: the alarms that end a running release.
        shown: the alarms that are shown, in that order.
    """

    def __init__(
        self, scope: Construct, *, settings: Settings, metrics: Metrics, topic: sns.ITopic, service: ecs.IBaseService
    ) -> None:
        context = AlarmContext(metrics=metrics, settings=settings, topic=topic)
        alarms = Alarms(scope, "Alarms", context, service=service)
        self.of_releases = alarms.of_releases
        self.shown: list[cloudwatch.IAlarm] = list(alarms.all)
        if settings.synthetic_check:
            check = settings.synthetic_check
            self.shown.insert(0, SyntheticCheck(scope, "SyntheticCheck", context, check=check, service=service).alarm)
        if settings.exercises:
            names = settings.names
            stopping = (names.no_target_alarm, names.errors_alarm)
            Exercises(scope, "Exercises", names=names, stop_alarms=stopping).node.add_dependency(alarms)
