"""The settings of one installation: its sections, and what must hold between them."""

from collections.abc import Iterator
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from installation.aws_facts.regions import CLOUDFRONT_PREFIX_LISTS, REGIONS, WITHOUT_BUDGETS
from installation.lifecycles import Lifecycles
from installation.names import Names
from installation.settings.alarms import AlarmSettings, ObjectiveSettings
from installation.settings.audit import AuditSettings
from installation.settings.database import DatabaseSettings
from installation.settings.edge import EdgeSettings
from installation.settings.expected_drift import ExpectedDrift
from installation.settings.github import GitHubSettings
from installation.settings.guardrail import GuardrailSettings
from installation.settings.load_balancer import LoadBalancerSettings
from installation.settings.network import NetworkSettings
from installation.settings.release import ReleaseSettings
from installation.settings.schedule import DATABASE_DELAY, LONGEST_DRAINING, ScheduleSettings
from installation.settings.section import ECR_IMAGE, Section
from installation.settings.service import ServiceSettings
from installation.settings.synthetic_check import SyntheticCheckSettings

# Source: Elastic Load Balancing API reference, CreateLoadBalancer; Amazon S3 user guide, "Bucket naming rules"; Systems
# Manager user guide, "Parameter name requirements and constraints". The pipeline may change roles that begin with the
# project's name, and must never reach those that `hannibal bootstrap` makes.
_TAKEN_BEGINNINGS: Final = {
    "internal-": "load balancers of no user",
    "sthree-": "buckets of no user",
    "amzn-s3-demo-": "buckets of no user",
    "aws": "Parameter Store's names of no user",
    "ssm": "Parameter Store's names of no user",
    "cdk-": "only the CDK's own roles",
}


class Settings(Section):
    """Everything that differs between installations."""

    environment: Literal["dev", "prod"]
    """Set from the file's name."""
    project: str = Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", min_length=3, max_length=26)
    """Prefix of names, in lower case, with single hyphens (RDS and ECR refuse two in a row); at most 26 characters,
    because a target group's name takes 32."""
    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")
    """Region of all resources, except those that AWS keeps in us-east-1."""
    account_id: str | None = Field(default=None, pattern=r"^[0-9]{12}$")
    """The only account to deploy to; none: the account of the credentials."""
    network: NetworkSettings
    service: ServiceSettings
    load_balancer: LoadBalancerSettings = LoadBalancerSettings()
    release: ReleaseSettings = ReleaseSettings()
    database: DatabaseSettings = DatabaseSettings()
    alarms: AlarmSettings = AlarmSettings()
    objectives: ObjectiveSettings = ObjectiveSettings()
    schedule: ScheduleSettings | None = None
    """When the service runs within a month; none: all the time (decision record 40)."""
    synthetic_check: SyntheticCheckSettings | None = None
    """Requests that are sent through CloudFront every few minutes, as a user sends them; none: no check (decision
    record 49)."""
    exercises: bool = False
    """Whether FIS gets templates and a role for exercises in an account; the embedded AWS needs neither."""
    audit: AuditSettings = AuditSettings()
    guardrail: GuardrailSettings = GuardrailSettings()
    github: GitHubSettings
    developer_permission_set: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_+=,.@-]{1,32}$")
    """Permission set of IAM Identity Center whose people may assume the developer role, instead of everybody of the
    account who signed in with a second factor: IAM cannot see the factor of Identity Center's sessions."""
    edge: EdgeSettings = EdgeSettings()
    expected_drift: tuple[ExpectedDrift, ...] = ()
    """Differences from the templates that `hannibal drift` does not call drift, each with the reason and a last day."""

    def _check_names(self) -> Iterator[str]:
        for beginning, kept in _TAKEN_BEGINNINGS.items():
            if f"{self.project}-".startswith(beginning):
                yield f"project: names would begin with {beginning}, with which {kept} begin"
        if self.region not in REGIONS:
            yield (
                f"region: {self.region} is none of {', '.join(sorted(REGIONS))}; CloudFront writes no logs into "
                "buckets of regions that accounts opt in to, CloudFormation makes no budgets in "
                f"{' and '.join(WITHOUT_BUDGETS)}, and other partitions have other ARNs"
            )
        named = self.network.cloudfront_prefix_list_id
        other = next((it for it, known in CLOUDFRONT_PREFIX_LISTS.items() if known == named), self.region)
        if other != self.region:
            yield (
                f"network.cloudfront_prefix_list_id: {named} is {other}'s; {self.region}'s is "
                f"{CLOUDFRONT_PREFIX_LISTS[self.region]}, also where the field is left out"
            )

    def _check_together(self) -> Iterator[str]:
        for zone in self.network.availability_zones:
            if not (zone.startswith(self.region) and len(zone) == len(self.region) + 1):
                yield f"network.availability_zones: {zone} is not a zone of region {self.region}"
        if self.alarms.database_connections >= self.database.max_connections:
            yield (
                f"alarms.database_connections: {self.alarms.database_connections} must be below "
                f"database.max_connections ({self.database.max_connections}), or the alarm never goes into ALARM"
            )
        scaling = self.service.autoscaling
        if scaling and scaling.cpu_percent and scaling.cpu_percent >= self.alarms.cpu_percent:
            yield (
                f"service.autoscaling.cpu_percent: {scaling.cpu_percent} must be below alarms.cpu_percent "
                f"({self.alarms.cpu_percent}), which would be in ALARM at the target load and block releases"
            )
        certificate = self.load_balancer.certificate_arn
        if certificate and not certificate.startswith(f"arn:aws:acm:{self.region}:"):
            yield f"load_balancer.certificate_arn: a load balancer takes certificates of {self.region} only"
        if certificate and not self.edge.domain:
            yield (
                "load_balancer.certificate_arn: needs edge.domain, which it must cover, because CloudFront refuses a "
                "certificate that covers neither the domain that was asked for nor the load balancer's own name"
            )
        copy = self.database.backup_copy
        if copy and copy.region == self.region:
            yield f"database.backup_copy.region: {copy.region} is the database's own; choose another"

    def _check_what_tasks_read(self) -> Iterator[str]:
        images = {
            "service.initial_image": self.service.initial_image,
            "service.certificates_image": self.service.certificates_image,
            "database.service_user_image": self.database.service_user_image,
            **{f"service.sidecars.{name}.image": one.image for name, one in self.service.sidecars.items()},
        }
        for field, image in images.items():
            private = ECR_IMAGE.match(image or "")
            if private and private.groups() != (self.account_id or private[1], self.region, self.project):
                yield (
                    f"{field}: of ECR's private repositories, tasks read {self.project} of their account and of "
                    f"{self.region} only"
                )
        for field, secrets in self.service.secrets_by_field():
            for name, source in secrets.items():
                arn = (source.secrets_manager or "").split(":")
                if len(arn) > 1 and (arn[3] != self.region or self.account_id not in (None, arn[4])):
                    yield (
                        f"service.{field}.{name}.secrets_manager: tasks read secrets of their account and of "
                        f"{self.region} only"
                    )

    @model_validator(mode="after")
    def _fill_in(self) -> Self:
        """Defaults that other sections decide."""
        for section, field, value in (
            ("release", "verify_path", self.service.health_path),
            ("network", "cloudfront_prefix_list_id", CLOUDFRONT_PREFIX_LISTS[self.region]),
        ):
            content: Section = getattr(self, section)
            if field not in content.model_fields_set:
                filled = content.model_copy(update={field: value})
                filled.model_fields_set.discard(field)  # the file leaves it to its default
                object.__setattr__(self, section, filled)  # frozen for all others
        return self

    def _check_options(self) -> Iterator[str]:
        if self.database.service_user and not self.service.certificates_image:
            yield "database.service_user: needs service.certificates_image, by which psql verifies the server"
        if self.schedule and self.service.deregistration_delay_seconds > LONGEST_DRAINING:
            yield (
                f"service.deregistration_delay_seconds: at most {LONGEST_DRAINING} with schedule, which stops the "
                f"database {DATABASE_DELAY} minutes after it ends the tasks: longer requests would lose it"
            )
        if self.schedule and self.service.autoscaling:
            yield "schedule: not together with service.autoscaling, which would start tasks at night"
        if self.guardrail.pause_at_limit and self.service.autoscaling:
            yield "guardrail.pause_at_limit: not together with service.autoscaling, which would start tasks again"

    def _check_listeners(self) -> Iterator[str]:
        test_port = self.load_balancer.test_port
        if test_port in (80, 443):
            yield f"load_balancer.test_port: {test_port} is production's; choose another, such as 9000"
        # CloudFront's prefix list counts as 55 rules of the 60 that a security group may have (CloudFront developer
        # guide, "Use the CloudFront managed prefix list"). One more admits the probe of releases, and each allowed
        # range needs one for port 80 and one for the test listener. That for port 443 is in the group for TLS.
        most = (60 - 55 - 1) // 2
        if len(self.network.allowed_ingress) > most:
            yield (
                f"network.allowed_ingress: at most {most} ranges, because a security group takes 60 rules and "
                f"CloudFront's prefix list counts as 55 of them"
            )

    @property
    def lifecycles(self) -> Lifecycles:
        """Which stacks outlive the month."""
        return Lifecycles(edge_outlives_the_month=self.edge.hosted_zone is not None)

    @property
    def encrypts_origin(self) -> bool:
        """Whether the load balancer has a certificate: one that settings name, or that of its name in the zone."""
        return bool(self.load_balancer.certificate_arn or self.edge.origin_name)

    @property
    def names(self) -> Names:
        """The names that follow from these settings."""
        return Names(project=self.project, environment=self.environment)

    @property
    def alarm_pages(self) -> str:
        """Address of the document with a chapter for each alarm."""
        github = self.github
        return f"https://github.com/{github.owner}/{github.repository}/blob/{github.branch}/docs/alarms.md"

    def alarm_page(self, alarm: str) -> str:
        """Address of an alarm's chapter, which is called as the alarm is without the project."""
        return f"{self.alarm_pages}#{alarm.removeprefix(f'{self.project}-')}"
