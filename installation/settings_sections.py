"""The sections of a configuration file, each typed, frozen and sound in itself.

Every field says its unit in its name or description, and its default in one line why.
This module knows neither CDK nor boto3, because both sides import it.
"""

from ipaddress import IPv4Network
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from installation.autoscaling_settings import AutoscalingSettings
from installation.backup_copy_settings import BackupCopySettings
from installation.container_settings import ContainerSettings, ImageName
from installation.database_users import is_taken
from installation.section import Section

# CPU units and the memory in MiB that Fargate combines with them, as far as a small service needs them
# (Amazon ECS developer guide, "Fargate task definition differences", task CPU and memory).
FARGATE_MEMORY_MIB: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
}
# The values that CloudWatch Logs accepts (API reference, PutRetentionPolicy); `true` would count as 1.
RetentionDays = Annotated[
    Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
    BeforeValidator(lambda value: str(value) if isinstance(value, bool) else value),
]
# AWS gives the list another id in each region.
TOKYO_PREFIX_LIST = "pl-58a04531"
TrailLock = Literal["governance", "compliance"]
Ipv4Range = Annotated[str, StringConstraints(pattern=r"^(\d{1,3}\.){3}\d{1,3}/\d{1,2}$")]
CertificateArn = Annotated[str, StringConstraints(pattern=r"^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate/.+$")]


class NetworkSettings(Section):
    """The VPC and who may reach it."""

    cidr: Ipv4Range = "10.42.0.0/16"
    """IPv4 range of the VPC, /16 to /20; not 10.0.0.0/16, which most other networks already use."""
    availability_zones: tuple[str, ...] = Field(min_length=2, max_length=3)
    """Zones by name, so that synthesis need not ask AWS; two are the least a load balancer takes."""
    egress: Literal["public_ip", "nat_gateway"]
    """How tasks reach the internet: an address of their own, or a NAT gateway (45 USD a month)."""
    allowed_ingress: tuple[Ipv4Range, ...] = ()
    """Ranges besides CloudFront that may reach the load balancer and its test listener; none by default."""
    cloudfront_prefix_list_id: str = Field(default=TOKYO_PREFIX_LIST, pattern=r"^pl-[0-9a-f]+$")
    """AWS's list of CloudFront's origin-facing addresses; its id differs by region (this is Tokyo's)."""
    flow_log_retention_days: RetentionDays = 14
    """Long enough to look into last week's incident; flow logs are bought by the GB."""

    @model_validator(mode="after")
    def _check_ranges(self) -> Self:
        for field, text in [
            ("cidr", self.cidr),
            *[("allowed_ingress", cidr) for cidr in self.allowed_ingress],
        ]:
            try:
                network = IPv4Network(text)
            except ValueError as error:
                raise ValueError(f"{field}: {error}") from error
            if field == "cidr" and not 16 <= network.prefixlen <= 20:
                raise ValueError(f"cidr: {text} must be between /16 and /20 to hold three tiers of subnets")
            if field == "allowed_ingress" and network.prefixlen == 0:
                raise ValueError("allowed_ingress: 0.0.0.0/0 would open the origin to everybody, past CloudFront")
        for field, values in (
            ("availability_zones", self.availability_zones),
            ("allowed_ingress", self.allowed_ingress),
        ):
            if len(set(values)) < len(values):
                raise ValueError(f"{field}: {', '.join(values)} names one of them twice")
        return self


class ServiceSettings(ContainerSettings):
    """The API as it runs on ECS Fargate."""

    cpu_units: Literal[256, 512, 1024, 2048, 4096] = 256
    """1,024 units are one vCPU; the API idles on the smallest size."""
    memory_mib: int = 512
    """Memory of the task in MiB; Fargate allows only certain sizes for each CPU size."""
    architecture: Literal["arm64", "x86_64"] = "arm64"
    """Processor of the tasks and of the images built for them; ARM costs a fifth less."""
    capacity: Literal["on_demand", "spot"] = "on_demand"
    """Spot is cheaper by about 70 % and may be taken away with two minutes' notice."""
    desired_count: int = Field(default=1, ge=1, le=20)
    """Tasks that serve production, or that a month begins with where they scale; a release runs twice as many for a
    while."""
    autoscaling: AutoscalingSettings | None = None
    """Lets the number of tasks follow the load: least, most, and cpu_percent or requests_per_target."""
    port: int = Field(default=3000, ge=1024, le=65535)
    """Port of the container; above 1023, because it does not run as root."""
    health_path: str = Field(default="/health", pattern=r"^/\S*$")
    """Answers 200 when the API can serve; asked by the load balancer and by the container itself."""
    health_command: tuple[str, ...] | None = Field(default=None, min_length=2)
    """Container health check: CMD and its words, or CMD-SHELL and a line; by default Node asks the health path: the
    image has Node, but no curl."""
    start_grace_seconds: int = Field(default=60, ge=0, le=300)
    """Time after its start in which a task's failed health checks do not count."""
    deregistration_delay_seconds: int = Field(default=30, ge=0, le=3600)
    """How long a target that leaves may finish requests; the API's longest takes seconds."""
    initial_image: ImageName = (
        "ghcr.io/mendhak/http-https-echo@sha256:2046be25f4a2c0bdda662ebfb7c2b7b60fc95c31d97987be143645a8a2194a40"
    )
    """Public image that runs until the first release: by its own command, because a released image runs by its own;
    this one, version 41 by its digest, has Node, runs as user 1000, answers every path with 200, and shows no
    environment to callers (decision record 11)."""
    initial_port_variable: str = Field(default="HTTP_PORT", pattern=r"^[A-Z][A-Z0-9_]*$")
    """Variable from which the initial image takes its port; the API takes it from PORT."""
    user: str = Field(default="1000:1000", pattern=r"^[1-9]\d*(:[1-9]\d*)?$")
    """Numeric user and group of the container, never root; 1000 is `node` in Node's images."""
    read_only_root: bool = True
    """Whether the container's root file system is read-only; /tmp stays writable."""
    execute_command: bool = False
    """Whether ECS Exec may open a shell in a task; each session is recorded in the service's log group."""
    container_insights: Literal["disabled", "enabled", "enhanced"] = "disabled"
    """Per-task metrics, at 0.30 USD a metric and month; the two that alarm are free without it."""
    log_retention_days: RetentionDays = 90
    """As long as CloudTrail's, so that an event and what the service logged can be read together."""

    @model_validator(mode="after")
    def _check_containers(self) -> Self:
        self.check_containers(reserved=("PORT", "DATABASE_URL", self.initial_port_variable))
        return self

    @model_validator(mode="after")
    def _check_health_command(self) -> Self:
        # ECS refuses any other (API reference, HealthCheck).
        if self.health_command and self.health_command[0] not in ("CMD", "CMD-SHELL"):
            raise ValueError(f"health_command: must begin with CMD or CMD-SHELL, not with {self.health_command[0]}")
        return self

    @model_validator(mode="after")
    def _check_count(self) -> Self:
        scaling = self.autoscaling
        if scaling and not scaling.least <= self.desired_count <= scaling.most:
            raise ValueError(
                f"desired_count: {self.desired_count} must be from autoscaling.least to autoscaling.most "
                f"({scaling.least} to {scaling.most}), because a month begins with it"
            )
        return self

    @model_validator(mode="after")
    def _check_size(self) -> Self:
        allowed = FARGATE_MEMORY_MIB[self.cpu_units]
        if self.memory_mib not in allowed:
            sizes = ", ".join(str(size) for size in allowed)
            raise ValueError(f"memory_mib: {self.memory_mib} does not go with cpu_units {self.cpu_units}: {sizes}")
        # The API has no limit of its own, and gets what they leave.
        taken = sum(one.memory_mib or 0 for one in self.sidecars.values())
        if taken >= self.memory_mib:
            raise ValueError(f"memory_mib: {self.memory_mib} leaves nothing to the API, since sidecars get {taken}")
        return self


class LoadBalancerSettings(Section):
    """Listeners of the load balancer."""

    certificate_arn: CertificateArn | None = None
    """ACM certificate of this region; with it production is HTTPS and HTTP redirects."""
    test_port: int = Field(default=9000, ge=1, le=65535)
    """Port of the test listener, which shows a release before its users see it."""
    access_log_retention_days: int = Field(default=90, ge=1, le=3653)
    """Days that access logs of load balancer, CloudFront and buckets are kept."""
    idle_timeout_seconds: int = Field(default=60, ge=1, le=4000)
    """Shorter than the keep-alive of the API, so that the load balancer closes first."""


class ReleaseSettings(Section):
    """What a release does before it gets its users' traffic: migration, and verification through the test listener."""

    migrate: tuple[str, ...] | None = Field(default=None, min_length=1)
    """Command of the new image that changes the database's schema before the release, word by word; None: none."""
    migrate_minutes: int = Field(default=15, ge=1, le=60)
    """Longest time of that command; then it is stopped, and the release does not begin. An hour at most, because the
    workflow's job and its credentials last 90 minutes, with the release."""
    snapshot: bool = False
    """Whether a snapshot of the database is taken and waited for before another image is released; each bills by the
    GB until it is pruned (`database.snapshots_kept`)."""

    refuse_findings: Literal["critical", "high"] | None = None
    """Refuse an image in which ECR's scan found something of this severity or above, or that it has not scanned; None:
    say what it found, and release."""

    verify_path: str | None = Field(default="/health", pattern=r"^/\S*$")
    """Path that is asked; every image that passes its health checks answers this one. None: no such look."""
    verify_status: int = Field(default=200, ge=100, le=599)
    """Status of a good answer."""
    verify_seconds: float = Field(default=2.0, gt=0, le=20)
    """Longest time of a good answer; as the alarm that ends a running release."""


class DatabaseSettings(Section):
    """PostgreSQL on RDS."""

    engine_version: str = Field(default="18.3", pattern=r"^\d+\.\d+$")
    """PostgreSQL version, exact; raised here and applied at the next start, never lowered below the snapshot's."""
    instance_class: str = Field(default="db.t4g.micro", pattern=r"^db\.[a-z0-9]+\.[a-z0-9]+$")
    """The smallest class that runs PostgreSQL 18."""
    storage_gib: int = Field(default=20, ge=20, le=16384)
    """GiB of gp3 storage; 20 is the least."""
    max_connections: int = Field(default=100, ge=20, le=5000)
    """Upper limit that the connection alarm is a share of; the class's own default is not a round number."""
    multi_az: bool = False
    """A standby in the second zone, for twice the price."""
    backup_retention_days: int = Field(default=7, ge=1, le=35)
    """Days of automatic backups within the month; the final snapshot outlives it."""
    backup_copy: BackupCopySettings | None = None
    """Copies of the automatic backups in another region; None: none (0.095 USD a GB and month, and the transfer)."""
    snapshots_kept: int = Field(default=3, ge=1, le=50)
    """Final snapshots that pruning leaves, and as many that were made before releases: the last releases are those that
    may have to be taken back with their data. Each bills by the GB while the month is stopped."""
    user: str = Field(default="hannibal", pattern=r"^[a-z][a-z0-9_]{0,62}$")
    """Master user; fixed by the first month, because a restore keeps the snapshot's."""
    restore_check: tuple[str, ...] | None = Field(default=None, min_length=1)
    """Command of the image that serves which reads what a snapshot must hold, from RESTORED_DATABASE_URL; for `hannibal
    snapshots try`. None: only RDS reads it."""
    service_user: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]{0,62}$")
    """User of its own as whom the service signs in, with a password of the month and without DDL; migrations run as the
    master user. None: the service is the master user (decision record 34)."""
    service_user_image: ImageName | None = None
    """Image with a shell and psql 16 or newer that makes that user before a task's API starts; by digest."""

    @model_validator(mode="after")
    def _check_user(self) -> Self:
        if is_taken(self.user):
            raise ValueError(
                f"user: {self.user} is taken by RDS or PostgreSQL; not admin, rds…, pg_…, nor a word that SQL reserves"
            )
        if self.service_user is None:
            return self
        if self.service_user == self.user or is_taken(self.service_user):
            raise ValueError(f"service_user: {self.service_user} is the master user, or taken by RDS or PostgreSQL")
        if self.service_user_image is None or "@sha256:" not in self.service_user_image:
            raise ValueError("service_user_image: service_user needs an image with psql, named by its digest")
        return self


class AuditSettings(Section):
    """CloudTrail and its analysis."""

    retention_days: RetentionDays = 90
    """Trail files and log group, as the guide promises."""
    trail_lock: TrailLock = "governance"
    """Object Lock of the trail's files: an administrator may lift `governance`, nobody `compliance` (decision record
    on evidence and data)."""
    scan_limit_gib: int = Field(default=10, ge=1, le=1024)
    """Most that one Athena query may read; 10 GiB cost 5 cents."""
    results_retention_days: int = Field(default=30, ge=1, le=365)
    """Query results; they can be computed again."""
    snapshots_kept_days: int = Field(default=14, ge=7, le=3653)
    """Age from which the pipeline may delete a snapshot of a month's end or a release: time to notice false ones."""
    month_ends_kept_days: int = Field(default=62, ge=7, le=3653)
    """The same for the last snapshot of each month; with one a month, three are kept, as many as pruning leaves."""
    create_trail: bool = True
    """Off where the account already has an organisation trail: a second one bills by the event."""
    existing_trail_location: str | None = Field(default=None, pattern=r"^s3://[a-z0-9.-]+/(\S+/)?CloudTrail/$")
    """Where that other trail keeps this account's files: s3://BUCKET/AWSLogs/ORGANISATION/ACCOUNT/CloudTrail/."""

    @model_validator(mode="after")
    def _check_trail(self) -> Self:
        if self.create_trail == (self.existing_trail_location is not None):
            raise ValueError("existing_trail_location: needed where create_trail is false, and only there")
        return self


class GuardrailSettings(Section):
    """What watches the bill and tells people."""

    alert_email: str | None = Field(default=None, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    """Address that alarms and budget write to, after it has confirmed once; none: subscribe by hand."""
    monthly_budget_usd: int = Field(default=50, ge=1)
    """Monthly budget in US dollars."""
    actual_percent: int = Field(default=80, ge=1, le=1000)
    """Share of the budget spent that sends a warning before it is gone."""
    pause_at_limit: bool = False
    """Whether the month is paused when the budget is spent; `hannibal resume` goes on (decision record 43)."""
    cost_anomaly_alerts: bool = False
    """Off, because an account may have one services monitor only, and newer accounts come with it."""
