"""A running month: the application's templates, deployed through CloudFormation's API without the CDK's command."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from installation import names
from installation.settings.file import load_settings
from ops.cli.app import build
from tests.support.embedded import stacks
from tests.support.embedded.running_service import control, get
from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import wait_for
from tests.support.zone import DOMAIN, ZONE

# All stacks without AuditStack and EdgeStack, which releases do not use.
_STACKS = (
    names.IDENTITY_STACK,
    names.ARTIFACT_STACK,
    names.NETWORK_STACK,
    names.GUARDRAIL_STACK,
    names.STORAGE_STACK,
    names.COMPUTE_STACK,
)
_MONTH = (names.STORAGE_STACK, names.COMPUTE_STACK)


class RunningMonth:
    """The system as after `cdk deploy`, in a quarter of the time: there are no assets to publish."""

    _stacks: tuple[str, ...] = _STACKS

    def __init__(self, server: EmbeddedAws, assembly: Path) -> None:
        self.server = server
        self.names = load_settings("dev").names
        self.assembly = assembly
        session = server.session()
        self.cloudformation: Any = session.client("cloudformation")
        self.deploy: Any = session.client("codedeploy")
        self.ecs: Any = session.client("ecs")
        self.elb: Any = session.client("elbv2")
        self.ssm: Any = session.client("ssm")
        self.cloudwatch: Any = session.client("cloudwatch")
        self._s3: Any = session.client("s3")
        self._secrets: Any = session.client("secretsmanager")
        self._s3.create_bucket(Bucket="templates", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
        # The parts of `cdk bootstrap` that the templates use.
        self.ssm.put_parameter(Name=self.names.bootstrap_version_parameter, Value="30", Type="String")
        self._prepare()
        for stack in self._stacks:
            self.create(stack)

    def _prepare(self) -> None:
        """Create everything that must exist before the first stack."""

    def template(self, stack: str) -> Any:
        return json.loads((self.assembly / f"{stack}.template.json").read_text())

    def create(self, stack: str) -> None:
        self.cloudformation.create_stack(**self.request(stack))
        outcome = stacks.wait(self.cloudformation, stack)
        assert outcome.status == "CREATE_COMPLETE", outcome.reasons

    def update(self, stack: str, change: Callable[[Any], None]) -> stacks.Outcome:
        template = self.template(stack)
        change(template)
        self.cloudformation.update_stack(**self.request(stack, template))
        return stacks.wait(self.cloudformation, stack)

    def request(self, stack: str, template: Any = None) -> dict[str, Any]:
        """The arguments for creating or updating a stack."""
        template = template or self.template(stack)
        # CloudFormation takes a template of more than 51,200 bytes only by its URL.
        self._s3.put_object(Bucket="templates", Key=stack, Body=json.dumps(template))
        return {
            "StackName": stack,
            "TemplateURL": f"{self.server.endpoint}/templates/{stack}",
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
        }

    def end_month(self) -> None:
        for stack in reversed(_MONTH):
            identifier = self.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
            outcome = stacks.delete(self.cloudformation, identifier)
            assert outcome.status == "DELETE_COMPLETE", outcome.reasons

    def start_month(self) -> None:
        for stack in _MONTH:
            self.create(stack)

    def recorded(self) -> str:
        value: str = self.ssm.get_parameter(Name=self.names.release_parameter)["Parameter"]["Value"]
        return value

    def url(self, port: int = 80) -> str:
        listeners = control(self.server, "GET", "listeners")
        return next(str(each["url"]) for each in listeners if each["port"] == port)

    def origin_header(self) -> dict[str, str]:
        """The header by which the load balancer recognizes this month's distribution."""
        (stack,) = self.cloudformation.describe_stacks(StackName=names.COMPUTE_STACK)["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        secret = self._secrets.get_secret_value(SecretId=outputs[names.ORIGIN_HEADER_OUTPUT])
        return {names.ORIGIN_HEADER: secret["SecretString"]}

    def ask(self, path: str = "", method: str = "GET") -> tuple[int, Any]:
        """Send production a request like the distribution's, and return the answer."""
        return get(self.url() + path, method, self.origin_header())

    def serving(self) -> str:
        """The image that answers requests."""
        status, answer = self.ask()
        assert status == 200, answer
        image: str = answer["image"]
        return image

    def health(self) -> dict[str, str]:
        """State of each target, by its address."""
        groups = self.elb.describe_target_groups()["TargetGroups"]
        found = [self.elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"]) for group in groups]
        targets = [target for each in found for target in each["TargetHealthDescriptions"]]
        return {target["Target"]["Id"]: target["TargetHealth"]["State"] for target in targets}

    def ringing(self, names: list[str]) -> list[str]:
        """The names of the given alarms that are in the state ALARM."""
        found = self.cloudwatch.describe_alarms(AlarmNames=names, StateValue="ALARM")["MetricAlarms"] if names else []
        return [alarm["AlarmName"] for alarm in found]

    def weights(self, port: int = 80) -> dict[str, int]:
        """Weights above 0 by colour of a listener's target groups, which its default action and its rules share."""
        (balancer,) = self.elb.describe_load_balancers()["LoadBalancers"]
        listeners = self.elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
        (listener,) = (each for each in listeners if each["Port"] == port)
        found: list[dict[str, int]] = []

        def agree() -> bool:  # not during a shift
            rules = self.elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
            found[:] = [_weights(action) for rule in rules for action in rule["Actions"] if action["Type"] == "forward"]
            return all(each == found[0] for each in found)

        wait_for(agree)
        assert len(found) == (2 if port == 80 else 1)
        return found[0]


class StableMonth(RunningMonth):
    """A running month with a hosted zone, where EdgeStack outlives it; its templates are ``assembly("zone")``."""

    _stacks = (*_STACKS[:-2], names.EDGE_STACK, *_STACKS[-2:])

    def _prepare(self) -> None:
        route53: Any = self.server.session().client("route53")
        made = route53.create_hosted_zone(Name=DOMAIN.partition(".")[2], CallerReference="month")
        self.zone: str = made["HostedZone"]["Id"].rpartition("/")[2]

    def template(self, stack: str) -> Any:
        """The template of a stack, with the id that AWS gave the hosted zone."""
        return json.loads((self.assembly / f"{stack}.template.json").read_text().replace(ZONE, self.zone))


def _weights(action: Any) -> dict[str, int]:
    groups = action["ForwardConfig"]["TargetGroups"]
    by_colour = {group["TargetGroupArn"].split("/")[1].rpartition("-")[2]: group["Weight"] for group in groups}
    return {colour: weight for colour, weight in by_colour.items() if weight}


@contextmanager
def stable_month(folder: Path, assembly: Path, *options: str) -> Iterator[StableMonth]:
    """A month with a hosted zone, on its own server."""
    server = EmbeddedAws(folder, options=options)
    server.start()
    try:
        yield StableMonth(server, assembly)
    finally:
        server.close()


@contextmanager
def running_month(folder: Path, assembly: Path, *options: str) -> Iterator[RunningMonth]:
    """A month on its own server, with the server's options."""
    server = EmbeddedAws(folder, options=options)
    server.start()
    try:
        yield RunningMonth(server, assembly)
    finally:
        server.close()


class Hannibal:
    """The command, in this process and with one server."""

    def __init__(self, month: RunningMonth, monkeypatch: pytest.MonkeyPatch) -> None:
        self.month = month
        for name, value in month.server.environment.items():
            if name.startswith("AWS_"):
                monkeypatch.setenv(name, value)
        monkeypatch.setenv("COLUMNS", "200")  # a table for people has the width of their terminal

    def __call__(self, *arguments: str, text: str | None = None) -> Result:
        return CliRunner().invoke(build(), list(arguments), input=text)
