"""The metrics that RDS reports about an instance every minute, for alarms, dashboard and status."""

import asyncio
import time
from dataclasses import dataclass

from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.core.faults import Faults, Kind
from embedded_aws.database import emulator, parameters
from embedded_aws.database.emulator import Record
from embedded_aws.database.instances import Instances
from embedded_aws.database.usage import Usage
from installation.aws_facts.cpu_credits import credits_an_hour

# Value and unit by metric.
Data = dict[str, tuple[float, str]]

_NAMESPACE = "AWS/RDS"
_PROCESSORS = 2  # vCPUs of every small class (Amazon RDS instance types)
_GIBIBYTE = 2**30
_HOURS_OF_CREDITS = 24  # the maximum that an instance accrues (Amazon EC2 user guide, burstable performance instances)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A measurement of an instance, with its time on the machine's clock."""

    at_seconds: float
    usage: Usage
    connections: int


def data_of(record: Record, sample: Sample, before: Sample | None) -> Data:
    """The value and unit of each metric, from a sample and the previous one."""
    usage = sample.usage
    memory = parameters.memory_gib(record["DBInstanceClass"]) * _GIBIBYTE
    data = {
        "DatabaseConnections": (float(sample.connections), "Count"),
        "FreeStorageSpace": (float(record["AllocatedStorage"] * _GIBIBYTE - usage.disk_bytes), "Bytes"),
        "FreeableMemory": (float(memory - usage.memory_bytes), "Bytes"),
    }
    if (earned := credits_an_hour(record["DBInstanceClass"])) is not None:
        data["CPUCreditBalance"] = (float(earned * _HOURS_OF_CREDITS), "Count")
    # The processor time of a restarted server begins at zero.
    if before is not None and usage.cpu_seconds >= before.usage.cpu_seconds:
        busy = (usage.cpu_seconds - before.usage.cpu_seconds) / (sample.at_seconds - before.at_seconds)
        data["CPUUtilization"] = (min(100.0, 100 * busy / _PROCESSORS), "Percent")
    return data


def with_faults(data: Data, record: Record, faults: Faults) -> Data:
    """Replace the values of metrics for which a fault is injected."""
    injected: dict[Kind, tuple[str, float]] = {
        "storage_fills": ("FreeStorageSpace", record["AllocatedStorage"] * _GIBIBYTE / 100),
        "memory_fills": ("FreeableMemory", parameters.memory_gib(record["DBInstanceClass"]) * _GIBIBYTE / 100),
        "credits_spent": ("CPUCreditBalance", 0.0),
    }
    name = record["DBInstanceIdentifier"]
    found = {metric: value for kind, (metric, value) in injected.items() if faults.find(kind, name)}
    return {metric: (found.get(metric, value), unit) for metric, (value, unit) in data.items()}


class Reporter:
    """Reports to CloudWatch."""

    def __init__(self, instances: Instances, faults: Faults) -> None:
        self._instances = instances
        self._faults = faults
        self._before: dict[str, Sample] = {}

    async def report(self) -> None:
        """Report once about every running instance."""
        before, self._before = self._before, {}
        for record in filter(emulator.is_own_instance, emulator.instances()):
            database = self._instances.database(record)
            usage = await asyncio.to_thread(database.postgres.usage)
            if usage is None:
                continue
            sample = Sample(at_seconds=time.monotonic(), usage=usage, connections=database.connections)
            self._before[record["DbiResourceId"]] = sample
            dimensions = {"DBInstanceIdentifier": record["DBInstanceIdentifier"]}
            data = with_faults(data_of(record, sample, before.get(record["DbiResourceId"])), record, self._faults)
            for name, (value, unit) in data.items():
                cloudwatch.store_datum(_NAMESPACE, name, dimensions, time.time(), unit, value, None, None, None)
        cloudwatch.evaluate_all_alarms()
