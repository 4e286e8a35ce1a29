"""What SNS takes as a message."""

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.requests.property_rules import check


@pytest.mark.parametrize("subject", ["Alarm", "デプロイ完了", "x" * 100])
def test_valid_subjects_are_taken(subject: str) -> None:
    check("sns:Publish", {"Message": "m", "Subject": subject})


@pytest.mark.parametrize("subject", ["", "a\nb", "a\tb", "x" * 101])
def test_invalid_subjects_are_refused(subject: str) -> None:
    with pytest.raises(Refusal, match="Invalid parameter: Subject"):
        check("sns:Publish", {"Message": "m", "Subject": subject})
