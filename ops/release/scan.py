"""ECR's scan of an image, and whether the settings allow its release."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.release.images import Image

Severity = Literal["critical", "high"]

# Worst first; a setting refuses its own severity and those before it.
_SEVERITIES: tuple[Severity, ...] = ("critical", "high")
_UNKNOWN = ("ScanNotFoundException", "ImageNotFoundException", "RepositoryNotFoundException")
# The status of enhanced scanning, which goes on as long as the image exists.
_DONE = ("COMPLETE", "ACTIVE")


@dataclass(frozen=True, kw_only=True)
class Scan:
    """A scan of an image."""

    status: str  # ECR's word, such as ``COMPLETE``
    completed: datetime | None  # when it ended; None while it runs
    counts: Mapping[str, int]  # number of findings by severity, in lower case

    @property
    def done(self) -> bool:
        """Whether its findings are complete."""
        return self.status in _DONE and self.completed is not None

    def text(self, now: datetime) -> str:
        """Its findings and age, in a few words."""
        if not self.done or self.completed is None:
            return f"not finished: {self.status}"
        found = ", ".join(f"{self.counts[each]} {each}" for each in _SEVERITIES if self.counts.get(each))
        return f"{found or 'nothing critical or high'}, {_age(now - self.completed)} old"


def _age(age: timedelta) -> str:
    if age < timedelta(hours=1):
        return f"{max(0, int(age.total_seconds() // 60))} min"
    return f"{int(age.total_seconds() // 3600)} h" if age < timedelta(days=2) else f"{age.days} days"


def read_scan(aws: Aws, image: Image) -> Scan | None:
    """The scan of an image in the project's repository; None without a scan, as for every public image."""
    name, _, digest = image.uri.partition("@")
    if not digest or not name.endswith(f".amazonaws.com/{aws.names.repository}"):
        return None
    with ignoring(*_UNKNOWN):
        # The counts are of all findings, not only of those in the answer.
        answer = aws.ecr.describe_image_scan_findings(
            repositoryName=aws.names.repository, imageId={"imageDigest": digest}, maxResults=1
        )
        findings = answer.get("imageScanFindings", {})
        return Scan(
            status=answer.get("imageScanStatus", {}).get("status", "UNKNOWN"),
            completed=findings.get("imageScanCompletedAt"),
            counts={name.lower(): count for name, count in findings.get("findingSeverityCounts", {}).items()},
        )
    return None


def scan_refusals(scan: Scan | None, image: Image, worst: Severity | None) -> tuple[str, ...]:
    """Why an image may not be released by the setting; empty if it may.

    Args:
        worst: findings of this severity and above are refused; None without such a setting.
    """
    if worst is None:
        return ()
    all_the_same = "If it must be released nevertheless, add --ignore-findings"
    if scan is None or not scan.done:
        why = "ECR has no scan of it" if scan is None else f"its scan is {scan.status}"
        return (f"{image.asked} may have {worst} findings: {why}. Push it to the repository and wait. {all_the_same}",)
    refused = _SEVERITIES[: _SEVERITIES.index(worst) + 1]
    found = ", ".join(f"{scan.counts[each]} {each}" for each in refused if scan.counts.get(each))
    if not found:
        return ()
    return (f"ECR's scan of {image.asked} has {found} findings. Release an image without them. {all_the_same}",)
