"""What is printed with a failed test about the state of its embedded AWS."""

from typing import Any
from unittest.mock import Mock

import pytest

from tests.support.embedded import reasons
from tests.support.embedded.changing_stacks import Stacks
from tests.support.embedded.server import EmbeddedAws

pytestmark = pytest.mark.embedded


def _printed(report: Any) -> str:
    """What the hook adds to a report."""
    hook = reasons.pytest_runtest_makereport(Mock(when="call"))
    next(hook)
    with pytest.raises(StopIteration) as ended:
        hook.send(report)
    assert ended.value.value is report
    return "\n".join(f"{title}\n{text}" for title, text in report.sections)


def test_a_failed_test_shows_why_a_stack_failed(embedded_aws: EmbeddedAws, stacks: Stacks) -> None:
    reason = stacks.failure({"Wrong": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": ""}}})
    printed = _printed(Mock(failed=True, sections=[]))
    assert f"log of {embedded_aws.endpoint}" in printed
    assert "Failed to provision Wrong (AWS::SSM::Parameter)" in printed
    assert f"Wrong CREATE_FAILED: {reason}" in printed
    assert " INFO " not in printed


def test_a_passed_test_shows_nothing(embedded_aws: EmbeddedAws) -> None:
    assert embedded_aws.runs
    assert not _printed(Mock(failed=False, sections=[]))
