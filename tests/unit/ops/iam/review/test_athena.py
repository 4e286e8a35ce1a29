"""Athena, where AuditStack is not deployed."""

from datetime import date
from typing import Any

import pytest

from ops.errors import RefusedError
from ops.iam.review.athena import read_account
from ops.iam.review.query import Window
from tests.support.aws import aws_of
from tests.support.fake_clients import client_error


def test_a_workgroup_that_is_not_there_is_refused_with_who_makes_it() -> None:
    class Athena:
        def start_query_execution(self, WorkGroup: str, **_: Any) -> Any:  # noqa: N803 - boto3's name
            raise client_error("InvalidRequestException", f"WorkGroup {WorkGroup} is not found.")

    with pytest.raises(RefusedError, match="there is no workgroup hannibal-cloudtrail-analysis") as refused:
        read_account(aws_of(athena=Athena()), "role", Window(first=date(2026, 11, 1), last=date(2026, 11, 2)))
    assert "`hannibal bootstrap`" in refused.value.advice[0]
