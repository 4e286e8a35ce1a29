"""A month that runs: the application's templates, deployed through CloudFormation's API without the CDK's command."""

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

# All but AuditStack and EdgeStack, which no release touches.
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
    """The system as `cdk deploy` leaves it, in a quarter of the time: there is nothing to publish."""

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
        # What `cdk bootstrap` leaves behind, as far as the templates look at it.
        self.ssm.put_parameter(Name=self.names.bootstrap_version_parameter, Value="30", Type="String")
        self._prepare()
        for stack in self._stacks:
            self.create(stack)

    def _prepare(self) -> None:
        """What must be there before the first stack."""

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
        """The arguments with which CloudFormation creates or updates a stack."""
        template = template or self.template(stack)
        # A template of more than 51,200 bytes is given by its address only.
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
        """The header by which the load balancer knows our distribution this month."""
        (stack,) = self.cloudformation.describe_stacks(StackName=names.COMPUTE_STACK)["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        secret = self._secrets.get_secret_value(SecretId=outputs[names.ORIGIN_HEADER_OUTPUT])
        return {names.ORIGIN_HEADER: secret["SecretString"]}

    def ask(self, path: str = "", method: str = "GET") -> tuple[int, Any]:
        """What production answers our distribution."""
        return get(self.url() + path, method, self.origin_header())

    def serving(self) -> str:
        """The image that answers."""
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
        """Those of the alarms that are in the state ALARM."""
        found = self.cloudwatch.describe_alarms(AlarmNames=names, StateValue="ALARM")["MetricAlarms"] if names else []
        return [alarm["AlarmName"] for alarm in found]

    def weights(self, port: int = 80) -> dict[str, int]:
        """Weight by colour of a listener's groups that have some: the same in its default action and its rules."""
        (balancer,) = self.elb.describe_load_balancers()["LoadBalancers"]
        listeners = self.elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
        (listener,) = (each for each in listeners if each["Port"] == port)
        found: list[dict[str, int]] = []

        def agree() -> bool:  # not while they are being shifted
            rules = self.elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
            found[:] = [_weights(action) for rule in rules for action in rule["Actions"] if action["Type"] == "forward"]
            return all(each == found[0] for each in found)

        wait_for(agree)
        assert len(found) == (2 if port == 80 else 1)
        return found[0]


class StableMonth(RunningMonth):
    """The same with a hosted zone: EdgeStack outlives the month. Its templates are those of ``assembly("zone")``."""

    _stacks = (*_STACKS[:-2], names.EDGE_STACK, *_STACKS[-2:])

    def _prepare(self) -> None:
        route53: Any = self.server.session().client("route53")
        made = route53.create_hosted_zone(Name=DOMAIN.partition(".")[2], CallerReference="month")
        self.zone: str = made["HostedZone"]["Id"].rpartition("/")[2]

    def template(self, stack: str) -> Any:
        """Of the zone that is there: AWS gives each an id."""
        return json.loads((self.assembly / f"{stack}.template.json").read_text().replace(ZONE, self.zone))


def _weights(action: Any) -> dict[str, int]:
    groups = action["ForwardConfig"]["TargetGroups"]
    by_colour = {group["TargetGroupArn"].split("/")[1].rpartition("-")[2]: group["Weight"] for group in groups}
    return {colour: weight for colour, weight in by_colour.items() if weight}


@contextmanager
def stable_month(folder: Path, assembly: Path, *options: str) -> Iterator[StableMonth]:
    """The same on a server of its own, with a hosted zone."""
    server = EmbeddedAws(folder, options=options)
    server.start()
    try:
        yield StableMonth(server, assembly)
    finally:
        server.close()


@contextmanager
def running_month(folder: Path, assembly: Path, *options: str) -> Iterator[RunningMonth]:
    """A month on a server of its own, with the server's options."""
    server = EmbeddedAws(folder, options=options)
    server.start()
    try:
        yield RunningMonth(server, assembly)
    finally:
        server.close()


class Hannibal:
    """The command, in this process and against one server."""

    def __init__(self, month: RunningMonth, monkeypatch: pytest.MonkeyPatch) -> None:
        self.month = month
        for name, value in month.server.environment.items():
            if name.startswith("AWS_"):
                monkeypatch.setenv(name, value)
        monkeypatch.setenv("COLUMNS", "200")  # a table for people is folded to the width of their terminal

    def __call__(self, *arguments: str, text: str | None = None) -> Result:
        return CliRunner().invoke(build(), list(arguments), input=text)
