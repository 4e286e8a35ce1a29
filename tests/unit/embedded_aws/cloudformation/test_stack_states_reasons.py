"""Why a resource failed, in a person's words."""

import pytest

from embedded_aws.cloudformation.stack_states import readable


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"__type": "AlreadyExists", "message": "There is one."}', "There is one."),
        (b"<Response><Errors><Error><Message>In use.</Message></Error></Errors></Response>", "In use."),
        (b'<R xmlns="urn:x"><Message>It\'s in use.</Message></R>', "It's in use."),
        (b"<R><Message>The first.</Message><Details><Message>Another.</Message></Details></R>", "The first."),
        (b'{"__type": "InternalFailure"}', '{"__type": "InternalFailure"}'),
        (b"<R><Code>InUse</Code><Message/></R>", "<R><Code>InUse</Code><Message/></R>"),
    ],
)
def test_raw_response_becomes_a_readable_reason(raw: bytes, message: str) -> None:
    reason = readable(f"AWS::EC2::VPC delete failed: {raw!r}")

    assert reason.startswith(f'Resource handler returned message: "{message}" (')
    assert readable(f"AWS::S3::Bucket NotificationConfiguration rejected: {raw!r}").startswith(reason[:40])


@pytest.mark.parametrize("reason", ["", "already readable", "AWS::EC2::VPC delete failed: b'no message'"])
def test_other_reasons_stay_as_they_are(reason: str) -> None:
    assert readable(reason) == reason
