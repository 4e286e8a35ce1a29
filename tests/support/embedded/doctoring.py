"""A running month on its own server, checks by `hannibal doctor`, and changes by hand."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from installation import names
from installation.settings import Settings
from ops.aws.clients import Aws
from ops.cli.app import build
from ops.doctor.examinations import examine
from ops.doctor.finding import Examination, Finding, Level
from ops.doctor.subjects import Subject
from ops.release.deployment import DeploymentRequest, create_deployment
from ops.release.revision import register_revision
from tests.conftest import ROOT
from tests.support.embedded.running_service import control
from tests.support.embedded.server import EmbeddedAws
from tests.support.embedded.stacks import wait
from tests.support.waiting import LIMIT_SECONDS, wait_for

ALL_AT_ONCE = "CodeDeployDefault.ECSAllAtOnce"
CANARY = "CodeDeployDefault.ECSCanary10Percent5Minutes"
CLI = ROOT / "node_modules/.bin/cdk"
STACKS = (
    names.IDENTITY_STACK,
    names.NETWORK_STACK,
    names.ARTIFACT_STACK,
    names.GUARDRAIL_STACK,
    names.STORAGE_STACK,
    names.COMPUTE_STACK,
    names.EDGE_STACK,
)


class Month:
    """All stacks of a running system without AuditStack, whose trail and alarms the doctor does not check.

    Args:
        server: the server on which it runs.
        settings: of the deployed environment.
    """

    def __init__(self, server: EmbeddedAws, settings: Settings) -> None:
        self.server = server
        self.settings = settings
        self.names = settings.names
        self.aws = clients(server, settings)

    def deploy(self, assembly: Path) -> None:
        """Bootstrap, and deploy like `cdk deploy`, in a quarter of the time: there are no assets to publish."""
        finished = subprocess.run(
            [CLI, "bootstrap", "--app", str(assembly)],
            check=False,
            cwd=ROOT,
            env=self.server.environment | {"CI": "true"},
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        bucket = self.names.bootstrap_bucket(self.server.account, self.settings.region)
        s3 = self.server.session().client("s3")
        for stack in STACKS:
            s3.upload_file(str(assembly / f"{stack}.template.json"), bucket, stack)
            made = self.aws.cloudformation.create_stack(
                StackName=stack,
                TemplateURL=f"{self.server.endpoint}/{bucket}/{stack}",
                Capabilities=["CAPABILITY_NAMED_IAM"],
                EnableTerminationProtection=stack in names.PERSISTENT_STACKS,
            )
            outcome = wait(self.aws.cloudformation, made["StackId"])
            assert outcome.status == "CREATE_COMPLETE", outcome.reasons

    def examine(self, subject: Subject, *, later: timedelta = timedelta()) -> Examination:
        (examination,) = examine(self.aws, [subject], drift=False, clock=lambda: datetime.now(UTC) + later)
        return examination

    def finding(
        self, subject: Subject, cause: str, level: Level = "trouble", *, later: timedelta = timedelta()
    ) -> Finding:
        """Run the doctor until it finds a cause, like a person who checks again."""
        found: list[Finding] = []

        def named() -> bool:
            findings = self.examine(subject, later=later).findings
            found[:] = [one for one in findings if (one.cause, one.level) == (cause, level)]
            return bool(found)

        wait_for(named)
        return found[0]

    def causes(self, subject: Subject) -> set[str]:
        return {finding.cause for finding in self.examine(subject).troubles}

    def command(self, *arguments: str) -> Result:
        """Run the command like a person."""
        return CliRunner().invoke(build(), list(arguments), env=self.server.environment)

    def remediate(self, finding: Finding) -> None:
        """Run the remediation of the doctor's finding."""
        subprocess.run(  # noqa: S602 - pasted as by a person
            finding.remediations[0].command,
            shell=True,
            cwd=ROOT,
            env=self.server.environment,
            check=True,
            capture_output=True,
            timeout=LIMIT_SECONDS,
        )

    @contextmanager
    def fault(self, kind: str, pattern: str = "*", **more: Any) -> Iterator[None]:
        control(self.server, "POST", "faults", {"kind": kind, "pattern": pattern, **more})
        try:
            yield
        finally:
            control(self.server, "DELETE", "faults")

    def stop_tasks(self) -> None:
        for arn in self.aws.ecs.list_tasks(cluster=self.names.cluster)["taskArns"]:
            self.aws.ecs.stop_task(cluster=self.names.cluster, task=arn)

    def wait_until_steady(self) -> None:
        def steady() -> bool:
            (service,) = self.aws.ecs.describe_services(cluster=self.names.cluster, services=[self.names.service])[
                "services"
            ]
            return {one["stabilityStatus"] for one in service["taskSets"]} == {"STEADY_STATE"}

        wait_for(steady)

    def release(
        self,
        image: str,
        *,
        canary: bool = False,
        hook: str | None = None,
        definition: str = "",
        watch_alarms: bool = True,
    ) -> str:
        """Start a release of an image or an existing task definition, without the checks of the command."""
        like = self.names.task_family
        made = definition or register_revision(self.aws, like=like, image=image).arn
        request = DeploymentRequest(
            task_definition=made,
            container_port=self.settings.service.port,
            configuration=CANARY if canary else ALL_AT_ONCE,
            hook=hook,
            watch_alarms=watch_alarms,
            back=False,
            like=like,
            replaced=like,
            who="arn:aws:iam::000000000000:user/somebody",
        )
        return create_deployment(self.aws, request)

    def wait_until_ended(self, deployment: str) -> None:
        """Wait until a deployment and its rollback, if any, have ended."""

        def ended() -> bool:
            info = self.aws.codedeploy.get_deployment(deploymentId=deployment)["deploymentInfo"]
            back = info.get("rollbackInfo", {}).get("rollbackDeploymentId")
            if info["status"] not in ("Succeeded", "Failed", "Stopped"):
                return False
            return not back or self.aws.codedeploy.get_deployment(deploymentId=back)["deploymentInfo"]["status"] in (
                "Succeeded",
                "Failed",
                "Stopped",
            )

        wait_for(ended)


def evidence(finding: Finding) -> str:
    return "\n".join(f"{one.source}: {one.text}" for one in finding.evidence)


def commands(finding: Finding) -> str:
    return "\n".join(remediation.command for remediation in finding.remediations)


def clients(server: EmbeddedAws, settings: Settings) -> Aws:
    """Clients as of the operations command, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ops.aws.clients.boto3.Session", server.session)
        return Aws(settings)
