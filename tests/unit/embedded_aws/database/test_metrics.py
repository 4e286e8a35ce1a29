"""What RDS reports of an instance."""

import asyncio
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.core.faults import Fault, Faults, Kind
from embedded_aws.database import emulator
from embedded_aws.database.metrics import Reporter, Sample, data_of, with_faults
from embedded_aws.database.usage import Usage, measure, size

RECORD = {"DBInstanceIdentifier": "shop-db", "AllocatedStorage": 20, "DBInstanceClass": "db.t4g.micro"}
GIBIBYTE = 2**30


def _sample(at: float, cpu: float) -> Sample:
    usage = Usage(cpu_seconds=cpu, memory_bytes=GIBIBYTE // 4, disk_bytes=GIBIBYTE)
    return Sample(at_seconds=at, usage=usage, connections=3)


def test_what_is_free_is_what_the_instance_has_less_what_the_server_takes() -> None:
    data = data_of(RECORD, _sample(100.0, 1.0), None)
    assert data == {
        "CPUCreditBalance": (288.0, "Count"),
        "DatabaseConnections": (3.0, "Count"),
        "FreeStorageSpace": (19.0 * GIBIBYTE, "Bytes"),
        "FreeableMemory": (0.75 * GIBIBYTE, "Bytes"),
    }


@pytest.mark.parametrize(
    ("kind", "metric", "value"),
    [
        ("storage_fills", "FreeStorageSpace", 0.2 * GIBIBYTE),
        ("memory_fills", "FreeableMemory", 0.01 * GIBIBYTE),
        ("credits_spent", "CPUCreditBalance", 0.0),
    ],
)
def test_a_rehearsal_orders_what_runs_out(kind: Kind, metric: str, value: float) -> None:
    faults = Faults()
    data = data_of(RECORD, _sample(100.0, 1.0), None)
    faults.inject(Fault(kind=kind, pattern="another-db"))
    assert with_faults(data, RECORD, faults) == data
    faults.inject(Fault(kind=kind, pattern="shop-*"))
    changed = with_faults(data, RECORD, faults)
    assert changed == data | {metric: (pytest.approx(value), data[metric][1])}


def test_a_class_without_credits_reports_none() -> None:
    large = RECORD | {"DBInstanceClass": "db.m7g.large"}
    assert "CPUCreditBalance" not in data_of(large, _sample(100.0, 1.0), None)


@pytest.mark.parametrize(("before", "after", "percent"), [(1.0, 7.0, 5.0), (1.0, 1.0, 0.0), (0.0, 500.0, 100.0)])
def test_processor_time_is_a_share_of_two_processors(before: float, after: float, percent: float) -> None:
    assert data_of(RECORD, _sample(160.0, after), _sample(100.0, before))["CPUUtilization"] == (percent, "Percent")


def test_nothing_is_said_of_the_processor_after_a_restart() -> None:
    assert "CPUUtilization" not in data_of(RECORD, _sample(160.0, 0.1), _sample(100.0, 9.0))


def test_a_process_is_measured(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "file").write_bytes(b"x" * 5000)
    usage = measure(os.getpid(), disk_bytes=size(tmp_path))
    assert usage.cpu_seconds > 0
    assert usage.memory_bytes > 2**20
    assert usage.disk_bytes >= 5000


def test_an_instance_that_is_gone_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    records = [RECORD | {"DbiResourceId": name} for name in ("db-1", "db-2")]
    database = SimpleNamespace(postgres=SimpleNamespace(usage=lambda: _sample(1.0, 1.0).usage), connections=0)
    monkeypatch.setattr(emulator, "instances", lambda: records)
    monkeypatch.setattr(emulator, "is_own_instance", lambda _: True)
    monkeypatch.setattr(cloudwatch, "store_datum", lambda *_: None)
    monkeypatch.setattr(cloudwatch, "evaluate_all_alarms", lambda: None)
    instances: Any = SimpleNamespace(database=lambda _: database)
    reporter = Reporter(instances, Faults())

    asyncio.run(reporter.report())
    records.pop()
    asyncio.run(reporter.report())

    assert reporter._before.keys() == {"db-1"}
