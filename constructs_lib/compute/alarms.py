"""The alarms of a running month, after the table of the operations guide."""

import math
from functools import partial

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from constructs_lib.compute.notifying_alarms import (
    FIVE_MINUTES,
    KEEP_STATE,
    LESS_THAN,
    MORE_THAN,
    AlarmContext,
    NotifyingAlarms,
)
from constructs_lib.compute.service_alarms import BurnAlarms, OutageAlarms
from installation.aws_facts.cpu_credits import credits_an_hour
from installation.settings.alarms import AlarmSettings

_MIB = 2**20
_GIB = 2**30
_QUARTER = cdk.Duration.minutes(15)
_QUARTERS_AN_HOUR = 4


class DatabaseAlarms(NotifyingAlarms):
    """Free storage, free memory, and CPU credits where the instance class has some.

    They are in ComputeStack, with all other alarms of a month.
    """

    def __init__(self, scope: Construct, construct_id: str, context: AlarmContext) -> None:
        super().__init__(scope, construct_id, context)
        alarms, database = context.settings.alarms, context.settings.database
        low = partial(self._alarm, comparison=LESS_THAN, missing=KEEP_STATE)
        self.all = [
            low(
                "Storage",
                name=self._names.database_storage_alarm,
                description=f"Less than {alarms.database_free_storage_percent} % of the database's "
                f"{database.storage_gib} GiB are free for 5 minutes; a full database stops.",
                metric=self._metrics.database("FreeStorageSpace", "Minimum"),
                threshold=database.storage_gib * _GIB * alarms.database_free_storage_percent / 100,
                periods=5,
            ),
            low(
                "Memory",
                name=self._names.database_memory_alarm,
                description=f"Less than {alarms.database_free_memory_mib} MiB of the database's memory are free for "
                "5 minutes.",
                metric=self._metrics.database("FreeableMemory", "Minimum"),
                threshold=alarms.database_free_memory_mib * _MIB,
                periods=5,
            ),
        ]
        earned, hours = credits_an_hour(database.instance_class), alarms.database_credit_hours
        if earned is not None:
            # Several hours in a row, because a database begins a month without credits and earns an hour's credits in
            # two. Such classes go on beyond their credits, and that use costs money (Amazon RDS user guide, "DB
            # instance class types", burstable performance).
            credit_alarm = low(
                "Credits",
                name=self._names.database_credits_alarm,
                description=f"The database has less than one hour's CPU credits ({earned}) for {hours} hours: it works "
                "beyond what its class is made for, and that bills.",
                # RDS reports credits every five minutes.
                metric=self._metrics.database("CPUCreditBalance", "Maximum").with_(period=_QUARTER),
                threshold=earned,
                periods=hours * _QUARTERS_AN_HOUR,
            )
            self.all.append(credit_alarm)


class Alarms(NotifyingAlarms):
    """Alarms that notify people; some of them also end a release.

    Args:
        service: the service; the alarms on its absence are made after it.

    Attributes:
        of_releases: the alarms that end a running release: answers that are wrong or late, a new task that does not
            become healthy, and errors that the load balancer itself answers because a task is gone.
    """

    def __init__(
        self, scope: Construct, construct_id: str, context: AlarmContext, *, service: ecs.IBaseService
    ) -> None:
        super().__init__(scope, construct_id, context)
        thresholds = context.settings.alarms
        errors = self._errors(thresholds.errors_5xx_per_5_minutes)
        unhealthy = self._unhealthy()
        release = self._release(thresholds)
        load = self._load(thresholds)
        outages = OutageAlarms(self, "Outages", context, service=service)
        database = DatabaseAlarms(self, "Database", context)
        burn = BurnAlarms(self, "Burn", context)
        self.all: list[cloudwatch.AlarmBase] = [*outages.all, *burn.all, errors, *unhealthy, *load]
        self.all += [*database.all, *release]
        self.of_releases = [*release, *unhealthy, errors]

    def _errors(self, threshold: int) -> cloudwatch.Alarm:
        return self._alarm(
            "Errors",
            name=self._names.errors_alarm,
            description=f"At least {threshold} answers of 5xx in 5 minutes, from the load balancer or from targets.",
            metric=self._metrics.errors(FIVE_MINUTES),
            threshold=threshold,
            periods=1,
            # No data: no request, so no user saw an error.
            missing=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _unhealthy(self) -> list[cloudwatch.Alarm]:
        """One alarm per target group: it shows which group, and needs no expression over a group without data.

        A task that is starting is unhealthy for the load balancer after a few checks, whatever its grace period. It
        ends no release in that time and notifies nobody.
        """
        minutes = max(2, 1 + math.ceil(self._settings.service.start_grace_seconds / 60))
        names = {"blue": self._names.blue_unhealthy_alarm, "green": self._names.green_unhealthy_alarm}
        times = "twice" if minutes == 2 else f"{minutes} times"
        return [
            self._alarm(
                f"Unhealthy{colour.title()}",
                name=names[colour],
                description=f"A target of the {colour} group was unhealthy {times} in a row, a minute apart.",
                metric=self._metrics.targets(group, "UnHealthyHostCount", "Maximum"),
                threshold=1,
                periods=minutes,
                # No data: the group is idle, as one of the two always is outside of a release.
                missing=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            for colour, group in self._metrics.groups.items()
        ]

    def _load(self, settings: AlarmSettings) -> list[cloudwatch.Alarm]:
        limits = (
            ("Cpu", "CPU", self._names.cpu_alarm, settings.cpu_percent),
            ("Memory", "Memory", self._names.memory_alarm, settings.memory_percent),
        )
        of_tasks = [
            self._alarm(
                construct_id,
                name=name,
                description=f"{resource} of the service at {percent} % or more for 5 minutes.",
                metric=self._metrics.service(f"{resource}Utilization"),
                threshold=percent,
                periods=5,
                # No data: no task runs. That is not load, and other alarms report it.
                missing=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            for construct_id, resource, name, percent in limits
        ]
        connections = self._alarm(
            "DatabaseConnections",
            name=self._names.connections_alarm,
            description=f"{settings.database_connections} or more database connections for 5 minutes.",
            metric=self._metrics.database("DatabaseConnections", "Maximum"),
            threshold=settings.database_connections,
            periods=5,
            missing=KEEP_STATE,
        )
        return [*of_tasks, connections]

    def _release(self, settings: AlarmSettings) -> list[cloudwatch.Alarm]:
        """One bad minute of the last two: the newest may have no data yet, and FILL makes it a good one.

        Source: CloudWatch user guide, "Using metric math", FILL in alarms.
        """
        min_requests = settings.release_min_requests
        no_data = cloudwatch.TreatMissingData.NOT_BREACHING  # No data: too few requests to judge a release by
        release_alarm = partial(self._alarm, comparison=MORE_THAN, periods=2, bad_periods=1, missing=no_data)
        return [
            release_alarm(
                "ReleaseErrors",
                name=self._names.release_errors_alarm,
                description=f"More than {settings.release_error_percent:g} % of a target group's answers in a minute "
                f"were 5xx, of at least {min_requests}; ends a running release.",
                metric=self._metrics.release_error_percent(min_requests),
                threshold=settings.release_error_percent,
            ),
            release_alarm(
                "ReleaseLatency",
                name=self._names.release_latency_alarm,
                description=f"95th percentile of a target group's response time in a minute over "
                f"{settings.release_p95_seconds:g} s, of at least {min_requests} requests; ends a running release.",
                metric=self._metrics.release_p95_seconds(min_requests),
                threshold=settings.release_p95_seconds,
            ),
        ]
