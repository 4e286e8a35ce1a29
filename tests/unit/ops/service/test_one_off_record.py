"""What is read as the record of a one-off task; containers may write to the same log group."""

from datetime import timedelta
from types import SimpleNamespace

import pydantic_core
import pytest

from ops.service.one_off_record import new_run, read_runs
from tests.support.aws import aws_of
from tests.support.fakes import NOW


@pytest.mark.parametrize("time", ["2026-11-28T12:00:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
def test_a_forged_time_hides_no_other_run(time: str) -> None:
    true = new_run(purpose="run", who="arn", command=("true",), image="image")
    forged = pydantic_core.from_json(pydantic_core.to_json(true)) | {"run_id": "forged", "time": time}
    events = [{"message": pydantic_core.to_json(it).decode()} for it in (forged, true)]
    pages = SimpleNamespace(paginate=lambda **_: [{"events": events}])
    exceptions = SimpleNamespace(ResourceNotFoundException=KeyError)
    aws = aws_of(logs=SimpleNamespace(get_paginator=lambda _: pages, exceptions=exceptions))

    assert read_runs(aws, start=NOW - timedelta(days=1)) == (true,)
