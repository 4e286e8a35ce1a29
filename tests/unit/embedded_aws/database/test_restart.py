"""An instance whose server does not start again."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Response
from embedded_aws.database.emulator import Record, Request
from embedded_aws.database.instances import Instances
from embedded_aws.database.modifications import Modifications
from embedded_aws.database.process import PostgresError
from embedded_aws.database.servers import DatabaseServers


def _fail(*_: object, **__: object) -> None:
    raise PostgresError("shared_buffers is larger than the memory")


def test_a_new_class_whose_memory_does_not_suffice_shows_in_the_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its server is stopped then: it must not be called available."""
    record: Record = {
        "DBInstanceIdentifier": "month",
        "DBInstanceArn": "arn:aws:rds:ap-northeast-1:000000000000:db:month",
        "DBInstanceClass": "db.t4g.small",
        "DBInstanceStatus": "available",
        "DbiResourceId": "db-ONE",
        "EngineVersion": "18.3",
        "AllocatedStorage": 20,
        "BackupRetentionPeriod": 7,
        "_port": 1,
    }
    database = SimpleNamespace(stop=lambda **_: None, start=_fail, postgres=SimpleNamespace(running=True))
    servers = cast("DatabaseServers", SimpleNamespace(database=lambda _: database))
    context = ServerContext(port=1, state_folder=tmp_path, region="ap-northeast-1", account="000000000000")
    nothing: Any = None
    modifications = Modifications(context, Instances(context, servers, nothing, nothing, nothing), nothing)
    monkeypatch.setattr(modifications, "_check", lambda *_: None)

    def original(_request: Request) -> Response:
        record["DBInstanceClass"] = "db.t4g.micro"
        return 200, {}, b""

    modifications._modify_own(original, {"DBInstanceIdentifier": ["month"]}, record)
    assert record["DBInstanceStatus"] == "incompatible-parameters"
