"""Instances that RDS gives up: they serve nobody, take no change, leave no snapshot, and stay ``failed``.

Their automatic backups can be restored until then (RDS user guide, "DB instance status").
"""

import time
from typing import Any

from embedded_aws.core.patching import Function
from embedded_aws.database import emulator
from embedded_aws.database.emulator import Record
from embedded_aws.database.instances import FAILS, STOPPED_AT, Instances


class Failures:
    """Has an instance fail instead of restarting, where a fault asks for that."""

    def __init__(self, instances: Instances) -> None:
        self._instances = instances

    def install(self) -> None:
        """Change the emulator's operations; over those of the instances."""
        emulator.finish_reboot.wrap(self._reboot)

    def _reboot(self, original: Function, record: Record, cluster: Any) -> None:
        if not record.get(FAILS):
            original(record, cluster)
            return
        self._instances.database(record).stop()
        record[STOPPED_AT] = time.time()
        record["DBInstanceStatus"] = "failed"
