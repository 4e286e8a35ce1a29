from pathlib import Path

import pytest

from embedded_aws.core.context import ServerContext
from embedded_aws.core.durable_answers import is_read_only
from embedded_aws.server import environment


@pytest.fixture
def context(tmp_path: Path) -> ServerContext:
    return ServerContext(port=4567, state_folder=tmp_path, region="ap-northeast-1", account="000000000000")


def test_server_inherits_only_what_a_child_needs(context: ServerContext) -> None:
    inherited = {"PATH": "/usr/bin", "AWS_PROFILE": "work", "AWS_SESSION_TOKEN": "real", "PYTHONPATH": "/elsewhere"}

    composed = environment(context, authorization=False, recording=False, inherited=inherited)

    assert composed["PATH"] == "/usr/bin"
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "PYTHONPATH"} & set(composed)


def test_every_folder_of_the_server_is_in_the_state_folder(context: ServerContext) -> None:
    composed = environment(context, authorization=False, recording=False, inherited={})

    for name in ("HOME", "S3_DATA_DIR", "STATE_DIR", "TMPDIR"):
        assert Path(composed[name]).is_relative_to(context.state_folder)


def test_options_become_settings_of_the_emulator(context: ServerContext) -> None:
    strict = environment(context, authorization=True, recording=True, inherited={})
    lenient = environment(context, authorization=False, recording=False, inherited={})

    assert (strict["AUTH"], strict["CLOUDTRAIL_RECORDING"]) == ("true", "1")
    assert (lenient["AUTH"], lenient["CLOUDTRAIL_RECORDING"]) == ("false", "0")
    assert strict["BIND_HOST"] == "127.0.0.1"


def test_two_extensions_cannot_save_under_one_name(context: ServerContext) -> None:
    context.persist("codedeploy", get=dict, set=lambda _state: None)

    with pytest.raises(ValueError, match="codedeploy"):
        context.persist("codedeploy", get=dict, set=lambda _state: None)


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("GET", b"", True),
        ("HEAD", b"", True),
        ("PUT", b"", False),
        ("POST", b"", False),  # the query protocol names its action in the body, so it may be anything
        ("POST", b"AmazonSSM.GetParameter", True),
        ("POST", b"AmazonSSM.PutParameter", False),
        ("POST", b"AmazonEC2ContainerServiceV20141113.DescribeServices", True),
        ("POST", b"CodeDeploy_20141006.CreateDeployment", False),
    ],
)
def test_only_requests_that_certainly_change_nothing_are_read_only(method: str, target: bytes, expected: bool) -> None:
    assert is_read_only(method, {b"x-amz-target": target}) is expected
