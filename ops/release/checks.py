"""Checks before a release, ECR's scan of its image among them; each refusal has advice."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from installation.names import COMPUTE_STACK
from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.errors import RefusedError, refuse
from ops.release.images import Image
from ops.release.progress import alarms_of_releases
from ops.release.revision import Definition, secret_arns
from ops.release.task_sets import RunningService
from ops.service.alarms import read_alarms
from ops.service.database_instances import read_databases, restore_refusals
from ops.service.deployments import deployment_group, running_release_refusals
from ops.service.ecs_service import no_service
from ops.service.traffic import read_target_groups
from ops.stacks.state import Stack, busy_stack_refusals, missing_reason, read_stack

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
    """Why an image may not be released by the setting, which refuses `worst` and what is above it; empty if it may."""
    if worst is None:
        return ()
    all_the_same = "If it must be released nevertheless, add --ignore-findings"
    if scan is None or not scan.done:
        why = "ECR has no scan of it" if scan is None else f"its scan is {scan.status}"
        # An index stands for an image for each platform, and ECR scans those alone (ECR user guide, "Image scanning").
        push = "Push it to the repository, as one image and no index (docker buildx: --provenance=false), and wait"
        return (f"{image.asked} may have {worst} findings: {why}. {push}. {all_the_same}",)
    refused = _SEVERITIES[: _SEVERITIES.index(worst) + 1]
    found = ", ".join(f"{scan.counts[each]} {each}" for each in refused if scan.counts.get(each))
    if not found:
        return ()
    return (f"ECR's scan of {image.asked} has {found} findings. Release an image without them. {all_the_same}",)


def release_refusals(aws: Aws, service: RunningService | None, *, ignore_alarms: bool) -> tuple[str, ...]:
    """Why nothing can be released now; empty if a release is possible.

    Raises:
        RefusedError: stacks are changing or broken, or CodeDeploy's group is gone, so that other checks are not
            possible.
    """
    stack = read_stack(aws, COMPUTE_STACK)
    if stack is not None and (service is not None or stack.in_progress):
        refuse(_stack_refusals(stack) or busy_stack_refusals(aws, ending=True))
    if service is not None and service.primary is None:
        return ("none of the service's task sets serves traffic, so none can be replaced: `hannibal doctor ecs`",)
    if service is None or stack is None:
        return (no_service(aws, "no month is running, so there is no service to release into: `hannibal start`"),)
    if deployment_group(aws) is None:  # it, or its application, was deleted by hand
        raise RefusedError(
            missing_reason(aws, "deployment group", COMPUTE_STACK, undeployed="no month is running", subject="release")
        )
    running = tuple(running_release_refusals(aws))
    return (
        *running,
        *restore_refusals(read_databases(aws)),
        *paused_refusals(service),
        # During a release traffic is elsewhere, which is no reason of its own.
        *(() if running else _traffic_refusals(aws, service)),
        *(() if ignore_alarms else (*_unstable_refusals(service), *_alarm_refusals(aws))),
    )


def withdrawn_secret_refusals(name: str, earlier: Definition, deployed: Definition) -> Iterator[str]:
    """Why an earlier revision cannot serve again: the execution role may read what the deployed one names, only."""
    named = set(secret_arns(deployed).values())
    lost = [it for it, arn in secret_arns(earlier).items() if arn not in named]
    if lost:
        listed = ", ".join(f"{variable} of the container {container}" for container, variable in lost)
        yield (
            f"{name.rpartition('/')[2]} reads a secret that the deployed settings no longer name, so none of its tasks "
            f"would start ({listed}): name it there and deploy them first, or give an earlier image the deployed "
            "settings: `hannibal rollback --to IMAGE`"
        )


def _stack_refusals(stack: Stack) -> tuple[str, ...]:
    if stack.in_progress:
        return (f"{stack.name} is {stack.status}: wait until CloudFormation is done with it (`hannibal status`)",)
    if not stack.healthy:
        # A start is refused in some of these states; the doctor has the advice.
        return (f"{stack.name} is {stack.status} ({stack.reason or 'see its events'}): `hannibal doctor stack`",)
    return ()


def paused_refusals(service: RunningService) -> Iterator[str]:
    """Why nothing is released in a pause: no task would be healthy, and alarms would end the release."""
    if service.desired == 0:
        yield (
            "the service runs no tasks (its desired count is 0), so a release would test nothing: "
            "`hannibal resume` ends a pause"
        )


def _unstable_refusals(service: RunningService) -> Iterator[str]:
    """Why the service is not stable; a rollback and `--ignore-alarms` skip this, because an image can repair it."""
    if service.running < service.desired:
        yield (
            f"the service is not stable: {service.running} of {service.desired} tasks run. A release would hide why: "
            "look at `hannibal status` and `hannibal logs` first, or, if this image fixes the cause, add "
            "--ignore-alarms"
        )


def _traffic_refusals(aws: Aws, service: RunningService) -> Iterator[str]:
    """Why traffic is wrong: CodeDeploy fails, late, if production traffic does not go to the primary task set."""
    shares = {group.colour: group.production_percent for group in read_target_groups(aws)}
    primary = service.primary
    if primary is not None and shares.get(primary.colour, 0.0) < 100:
        listed = ", ".join(f"{colour} {share:.0f} %" for colour, share in shares.items()) or "nowhere"
        yield (
            f"production traffic goes to {listed}, but the serving tasks are registered in {primary.colour}. A change "
            "by hand or by a template did that, or a release that was stopped without a rollback; send all of it there "
            "first: `hannibal doctor edge` says how"
        )


def _alarm_refusals(aws: Aws) -> Iterator[str]:
    """Alarms in ALARM that end a release, and those of load: a system under stress gets no release."""
    names = aws.names
    watched = alarms_of_releases(aws)
    of_load = {names.cpu_alarm, names.memory_alarm, names.connections_alarm}
    for alarm in read_alarms(aws):
        if alarm.state == "ALARM" and alarm.name in watched | of_load:
            yield (
                f"alarm {alarm.name} is in ALARM ({alarm.reason}): wait until it is OK, go back (`hannibal rollback`), "
                "or, if this image fixes the cause, add --ignore-alarms"
            )
