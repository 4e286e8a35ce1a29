"""Alarms on storage, memory and CPU credits of the database."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from constructs_lib.compute.notifying_alarms import KEEP_STATE, LESS_THAN, AlarmContext, NotifyingAlarms
from installation.aws_facts.database_classes import credits_an_hour

_MIB = 2**20
_GIB = 2**30
_QUARTER = cdk.Duration.minutes(15)
_QUARTERS_AN_HOUR = 4


class DatabaseAlarms(NotifyingAlarms):
    """Free storage, free memory, and CPU credits where the instance class has some.

    They are in ComputeStack, with all other alarms of a month.

    Attributes:
        all: the alarms, in the order in which they are shown.
    """

    def __init__(self, scope: Construct, construct_id: str, context: AlarmContext) -> None:
        super().__init__(scope, construct_id, context)
        alarms, database = context.settings.alarms, context.settings.database
        self.all = [
            self._alarm(
                "Storage",
                name=self._names.database_storage_alarm,
                description=f"Less than {alarms.database_free_storage_percent} % of the database's "
                f"{database.storage_gib} GiB are free for 5 minutes; a full database stops.",
                metric=self._metrics.database("FreeStorageSpace", "Minimum"),
                threshold=database.storage_gib * _GIB * alarms.database_free_storage_percent / 100,
                comparison=LESS_THAN,
                periods=5,
                missing=KEEP_STATE,
            ),
            self._alarm(
                "Memory",
                name=self._names.database_memory_alarm,
                description=f"Less than {alarms.database_free_memory_mib} MiB of the database's memory are free for "
                "5 minutes.",
                metric=self._metrics.database("FreeableMemory", "Minimum"),
                threshold=alarms.database_free_memory_mib * _MIB,
                comparison=LESS_THAN,
                periods=5,
                missing=KEEP_STATE,
            ),
        ]
        earned = credits_an_hour(database.instance_class)
        if earned is not None:
            self.all.append(self._credits(earned, alarms.database_credit_hours))

    def _credits(self, earned: int, hours: int) -> cloudwatch.Alarm:
        """Several hours in a row, because a database begins a month without credits and earns an hour's credits in two.

        Such classes go on beyond their credits, and that use costs money (Amazon RDS user guide, "DB instance class
        types", burstable performance).
        """
        return self._alarm(
            "Credits",
            name=self._names.database_credits_alarm,
            description=f"The database has less than one hour's CPU credits ({earned}) for {hours} hours: it works "
            "beyond what its class is made for, and that bills.",
            # RDS reports credits every five minutes.
            metric=self._metrics.database("CPUCreditBalance", "Maximum").with_(period=_QUARTER),
            threshold=earned,
            comparison=LESS_THAN,
            periods=hours * _QUARTERS_AN_HOUR,
            missing=KEEP_STATE,
        )
