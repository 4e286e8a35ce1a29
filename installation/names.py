"""Every name of the platform that a user types, reads in a console or matches in a policy.

Stacks, the operations command and the tests take names from here, so that one name stands in one place.
This module knows neither CDK nor boto3, because both sides import it.
"""

from dataclasses import dataclass
from typing import Final, Literal

from installation.persistent_names import KeptNames

NETWORK_STACK: Final = "NetworkStack"
IDENTITY_STACK: Final = "IdentityStack"
AUDIT_STACK: Final = "AuditStack"
GUARDRAIL_STACK: Final = "GuardrailStack"
ARTIFACT_STACK: Final = "ArtifactStack"
STORAGE_STACK: Final = "StorageStack"
COMPUTE_STACK: Final = "ComputeStack"
EDGE_STACK: Final = "EdgeStack"

# In the order in which they are deployed; the reverse is the order in which they are destroyed. With a hosted zone
# EdgeStack is persistent: `Settings.lifecycles` knows.
PERSISTENT_STACKS: Final = (IDENTITY_STACK, ARTIFACT_STACK, NETWORK_STACK, GUARDRAIL_STACK, AUDIT_STACK)
EPHEMERAL_STACKS: Final = (STORAGE_STACK, COMPUTE_STACK, EDGE_STACK)
ALL_STACKS: Final = PERSISTENT_STACKS + EPHEMERAL_STACKS
Lifecycle = Literal["persistent", "ephemeral"]
# What decides about power and evidence is deployed by an administrator, all others by the pipeline (law 8).
ADMINISTRATOR_STACKS: Final = (IDENTITY_STACK, AUDIT_STACK)
PIPELINE_STACKS: Final = tuple(stack for stack in ALL_STACKS if stack not in ADMINISTRATOR_STACKS)


# The custom resource that decides what a month's database is restored from: its type, and what its physical id is,
# followed by the snapshot's name or by nothing for a new database.
RESTORE_POINT_TYPE: Final = "Custom::NewestSnapshot"
RESTORE_POINT_PREFIX: Final = "restore-from:"

# Beginning of a final snapshot's name: <stack>-snapshot-<resource>-<random>, in lower case
# (aws-cloudformation-resource-providers-rds, DeleteHandler). All other snapshots were made by a person, for a reason.
FINAL_SNAPSHOT_PREFIX: Final = f"{STORAGE_STACK}-snapshot-".lower()

# The containers of the task, besides the sidecars of the settings.
API_CONTAINER: Final = "api"
CERTIFICATES_CONTAINER: Final = "certificates"
# Makes the user as whom the service signs in, by setting.
DATABASE_USER_CONTAINER: Final = "database-user"

# The output of StorageStack that names the secret with the service's connection string.
DATABASE_URL_OUTPUT: Final = "DatabaseUrlSecret"
# The header by which the load balancer knows our distribution, and ComputeStack's output that names the secret with its
# value.
ORIGIN_HEADER: Final = "X-Hannibal-Origin"
ORIGIN_HEADER_OUTPUT: Final = "OriginHeaderSecret"

# The outputs of ComputeStack that name the function which verifies a release, and its log group; only there where
# settings want one.
VERIFICATION_OUTPUT: Final = "VerificationFunction"
# What the schedules of nights and weekends do.
PAUSE_CALLS: Final = (
    "PauseAlarm",
    "PauseTasks",
    "PauseDatabase",
    "ResumeDatabase",
    "ResumeTasks",
    "ResumeAlarm",
)
VERIFICATION_LOG_OUTPUT: Final = "VerificationLogGroup"

# Below it the frontend's bucket keeps the records of publications, which CloudFront may not read.
PUBLICATIONS_PREFIX: Final = ".publications/"

# The page of a product for the time in which no month runs, and below what prefix the frontend's bucket has it then.
STOPPED_PAGE: Final = "stopped.html"
STOPPED_PREFIX: Final = ".stopped/"
# What the frontend's bucket holds besides what a product has published.
NO_PAGES: Final = (PUBLICATIONS_PREFIX, STOPPED_PREFIX)

# Alarms whose name goes on so after the project's are parts of other alarms, and tell nobody.
WINDOW: Final = "window-"


@dataclass(frozen=True, kw_only=True)
class Names(KeptNames):
    """The names of one installation: here those of a running month, inherited those of what outlives it."""

    @property
    def cluster(self) -> str:
        """ECS cluster."""
        return f"{self.project}-cluster"

    @property
    def scalable_target(self) -> str:
        """What Application Auto Scaling calls the service."""
        return f"service/{self.cluster}/{self.service}"

    @property
    def service(self) -> str:
        """ECS service."""
        return f"{self.project}-api-service"

    @property
    def restore_role(self) -> str:
        """Role of the function that finds the snapshot of a new month's database."""
        return f"{self.project}-restore-point"

    @property
    def password_role(self) -> str:
        """Role of the function that sets the database's password for a new month."""
        return f"{self.project}-new-password"

    @property
    def verification_role(self) -> str:
        """Role of the function that verifies a release."""
        return f"{self.project}-verify-release"

    @property
    def stopped_page_role(self) -> str:
        """Role of the function that shows and takes away the page of the time between two months."""
        return f"{self.project}-stopped-page"

    @property
    def frontend_url_role(self) -> str:
        """Role of the function that tells the service the frontend's address."""
        return f"{self.project}-frontend-url"

    @property
    def task_family(self) -> str:
        """ECS task definition family."""
        return f"{self.project}-api-task"

    @property
    def container(self) -> str:
        """The container of the API, which the load balancer talks to."""
        return API_CONTAINER

    @property
    def certificates_container(self) -> str:
        """The container that writes the database's certificates before the API starts, and ends."""
        return CERTIFICATES_CONTAINER

    @property
    def load_balancer(self) -> str:
        """Application Load Balancer; at most 32 characters."""
        return f"{self.project}-alb"

    @property
    def blue_target_group(self) -> str:
        """Target group that serves production when the stack has just been created."""
        return f"{self.project}-blue"

    @property
    def green_target_group(self) -> str:
        """Target group that the first release of a month is deployed to."""
        return f"{self.project}-green"

    @property
    def codedeploy_application(self) -> str:
        """CodeDeploy application."""
        return f"{self.project}-app"

    @property
    def codedeploy_group(self) -> str:
        """CodeDeploy deployment group."""
        return f"{self.project}-dg"

    @property
    def task_role(self) -> str:
        """Role of the service's own code; named, so that passing it can be allowed by name."""
        return f"{self.project}-task"

    @property
    def execution_role(self) -> str:
        """Role with which ECS starts tasks: pulls the image, reads the secret, opens the log."""
        return f"{self.project}-task-execution"

    @property
    def codedeploy_role(self) -> str:
        """Role with which CodeDeploy carries out a release."""
        return f"{self.project}-codedeploy"

    @property
    def verification_function(self) -> str:
        """Function that CodeDeploy asks whether a release may get its users' traffic."""
        return f"{self.project}-verify-release"

    @property
    def probe_function(self) -> str:
        """Function inside the VPC that asks the test listener."""
        return f"{self.project}-probe-release"

    @property
    def cpu_alarm(self) -> str:
        """The service works near its CPU limit."""
        return f"{self.project}-cpu"

    @property
    def memory_alarm(self) -> str:
        """The service is near its memory limit."""
        return f"{self.project}-memory"

    @property
    def errors_alarm(self) -> str:
        """Users see 5xx answers, from the load balancer or from targets."""
        return f"{self.project}-5xx"

    @property
    def connections_alarm(self) -> str:
        """The database runs out of connections."""
        return f"{self.project}-database-connections"

    @property
    def blue_unhealthy_alarm(self) -> str:
        """A target of the blue group fails its health check."""
        return f"{self.project}-unhealthy-blue"

    @property
    def green_unhealthy_alarm(self) -> str:
        """A target of the green group fails its health check."""
        return f"{self.project}-unhealthy-green"

    @property
    def no_target_alarm(self) -> str:
        """Nothing answers: neither target group has a healthy target."""
        return f"{self.project}-no-healthy-target"

    @property
    def task_failures_alarm(self) -> str:
        """Tasks of the service fail again and again; the rule that counts them has the same name."""
        return f"{self.project}-task-failures"

    @property
    def database_storage_alarm(self) -> str:
        """The database's storage is nearly full."""
        return f"{self.project}-database-storage"

    @property
    def database_memory_alarm(self) -> str:
        """The database's memory is nearly full."""
        return f"{self.project}-database-memory"

    @property
    def database_credits_alarm(self) -> str:
        """The database has used up the CPU credits of its class, where the class has some."""
        return f"{self.project}-database-cpu-credits"

    @property
    def release_errors_alarm(self) -> str:
        """Too large a share of 5xx answers; ends a running release."""
        return f"{self.project}-release-errors"

    @property
    def release_latency_alarm(self) -> str:
        """Answers take too long; ends a running release."""
        return f"{self.project}-release-latency"

    @property
    def availability_alarm(self) -> str:
        """The month's budget of failures is spent too fast."""
        return f"{self.project}-availability"

    @property
    def latency_alarm(self) -> str:
        """The month's budget of late answers is spent too fast."""
        return f"{self.project}-latency"

    @property
    def window_alarms(self) -> str:
        """Beginning of the names of alarms that tell nobody: windows of those above."""
        return f"{self.project}-{WINDOW}"

    def window_alarm(self, objective: str, minutes: int) -> str:
        """One window of the alarm on an objective."""
        return f"{self.window_alarms}{objective}-{minutes}m"

    @property
    def synthetic_check(self) -> str:
        """What asks as a user does: the function, its role, the rule that calls it, and the alarm on its failures."""
        return f"{self.project}-synthetic-check"

    @property
    def exercise_role(self) -> str:
        """Role with which FIS carries out exercises."""
        return f"{self.project}-exercise"

    def exercise(self, fault: str) -> str:
        """Tag ``Name`` of the experiment template for a fault; FIS gives ids."""
        return f"{self.project}-{fault}"

    @property
    def pause_role(self) -> str:
        """Role with which EventBridge Scheduler pauses the service at night."""
        return f"{self.project}-pause"

    def pause_schedule(self, call: str) -> str:
        """A schedule of it, by what it calls; at most 64 characters."""
        return f"{self.project}-{call}"

    @property
    def dashboard(self) -> str:
        """CloudWatch dashboard."""
        return self.project
