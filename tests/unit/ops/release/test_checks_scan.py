"""What ECR's scan says of an image, and what a setting makes of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ops.release.checks import Scan, Severity, read_scan, scan_refusals
from ops.release.images import Image
from tests.support.aws import aws_of
from tests.support.fake_clients import client_error

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DIGEST = "sha256:" + "a" * 64
REGISTRY = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/nestjs-hannibal-3"
OWN = Image(asked=f"{REGISTRY}:1", uri=f"{REGISTRY}@{DIGEST}", fixed=True)


class Repository:
    """Answers with one scan, or refuses."""

    def __init__(self, *, error: str = "") -> None:
        self.error = error

    def describe_image_scan_findings(self, **asked: Any) -> Any:
        assert asked == {"repositoryName": "nestjs-hannibal-3", "imageId": {"imageDigest": DIGEST}, "maxResults": 1}
        if self.error:
            raise client_error(self.error)
        found = {"imageScanCompletedAt": NOW, "findingSeverityCounts": {"CRITICAL": 2, "LOW": 9}}
        return {"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": found}


def read(repository: Repository, image: Image = OWN) -> Scan | None:
    return read_scan(aws_of(ecr=repository), image)


def scan(age: timedelta = timedelta(), status: str = "COMPLETE", **counts: int) -> Scan:
    return Scan(status=status, completed=NOW - age, counts=counts)


def test_the_counts_are_those_of_the_digest() -> None:
    assert read(Repository()) == Scan(status="COMPLETE", completed=NOW, counts={"critical": 2, "low": 9})


@pytest.mark.parametrize("uri", ["node:24", f"docker.io/library/node@{DIGEST}", f"{REGISTRY}-other@{DIGEST}"])
def test_only_images_of_the_repository_are_asked_about(uri: str) -> None:
    assert read(Repository(error="must not be asked"), Image(asked=uri, uri=uri, fixed=True)) is None


def test_an_image_may_have_no_scan_and_other_errors_are_not_hidden() -> None:
    assert read(Repository(error="ScanNotFoundException")) is None
    with pytest.raises(Exception, match="AccessDenied"):
        read(Repository(error="AccessDeniedException"))


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (scan(critical=1, high=3), "1 critical, 3 high, 0 min old"),
        (scan(timedelta(hours=30)), "nothing critical or high, 30 h old"),
        (scan(timedelta(days=40), medium=2), "nothing critical or high, 40 days old"),
        (scan(status="IN_PROGRESS"), "not finished: IN_PROGRESS"),
        (Scan(status="FAILED", completed=None, counts={}), "not finished: FAILED"),
    ],
)
def test_a_scan_is_shown_with_its_age(found: Scan, says: str) -> None:
    assert found.text(NOW) == says


@pytest.mark.parametrize(
    ("worst", "found", "refused"),
    [
        (None, scan(critical=1), ""),
        (None, None, ""),
        ("critical", scan(critical=1), "1 critical findings"),
        ("critical", scan(high=1), ""),
        ("high", scan(high=1), "1 high findings"),
        ("high", scan(critical=2, high=1), "2 critical, 1 high findings"),
        ("critical", None, "ECR has no scan of it"),
        ("critical", scan(status="PENDING"), "its scan is PENDING"),
        ("high", scan(status="ACTIVE", medium=4), ""),
    ],
)
def test_a_setting_refuses_what_is_bad_or_unknown(worst: Severity | None, found: Scan | None, refused: str) -> None:
    refusals = scan_refusals(found, OWN, worst)

    assert len(refusals) == bool(refused)
    assert all(refused in each and "--ignore-findings" in each for each in refusals)
