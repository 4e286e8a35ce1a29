"""The clients of a session with AWS."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ops.aws.clients import Aws
from tests.support.calls import clients


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    return Aws(region="ap-northeast-1")


def test_a_client_is_made_once_and_for_the_region(aws: Aws) -> None:
    assert aws.ssm is aws.ssm
    assert aws.ssm.meta.region_name == "ap-northeast-1"
    assert "us-east-1" in aws.cost_explorer.meta.endpoint_url


def test_threads_share_one_client(aws: Aws) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert len({id(client) for client in threads.map(lambda _: aws.sts, range(32))}) == 1


def test_each_client_is_of_the_service_that_it_is_named_for() -> None:
    assert clients()["elbv2"] == "ElasticLoadBalancingv2Client"
    assert len(clients()) >= 18
