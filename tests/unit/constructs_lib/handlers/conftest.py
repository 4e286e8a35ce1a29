"""Fakes of CloudFormation and Lambda for handlers of custom resources."""

from typing import Any

import cfnresponse
import pytest


class Answers(list[dict[str, Any]]):
    """The answers of a handler to CloudFormation; there must be exactly one answer to each request."""

    @property
    def only(self) -> dict[str, Any]:
        assert len(self) == 1
        return self[0]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    sent = Answers()

    def send(
        event: dict[str, Any],
        context: object,
        status: str,
        data: dict[str, str],
        physical_id: str | None = None,
        *,
        reason: str | None = None,
    ) -> None:
        sent.append({"status": status, "data": data, "physical_id": physical_id, "reason": reason})

    monkeypatch.setattr(cfnresponse, "send", send)
    return sent
