"""Every name of the platform that a user types, reads in a console or matches in a policy.

Stacks, the operations command and the tests take names from here, so that each name is in one place.
"""

from dataclasses import dataclass
from typing import Final, Literal

from installation.names.name import Name, PlaceName
from installation.names.persistent import PersistentNames

NETWORK_STACK: Final = "NetworkStack"
IDENTITY_STACK: Final = "IdentityStack"
AUDIT_STACK: Final = "AuditStack"
GUARDRAIL_STACK: Final = "GuardrailStack"
ARTIFACT_STACK: Final = "ArtifactStack"
STORAGE_STACK: Final = "StorageStack"
COMPUTE_STACK: Final = "ComputeStack"
EDGE_STACK: Final = "EdgeStack"

# In the order in which they are deployed; the reverse is the order in which they are destroyed. With a hosted zone
# EdgeStack is persistent: see `Settings.lifecycles`.
PERSISTENT_STACKS: Final = (IDENTITY_STACK, ARTIFACT_STACK, NETWORK_STACK, GUARDRAIL_STACK, AUDIT_STACK)
EPHEMERAL_STACKS: Final = (STORAGE_STACK, COMPUTE_STACK, EDGE_STACK)
ALL_STACKS: Final = PERSISTENT_STACKS + EPHEMERAL_STACKS
Lifecycle = Literal["persistent", "ephemeral"]
# An administrator deploys the stacks of permissions and evidence, the pipeline all others (law 8).
ADMINISTRATOR_STACKS: Final = (IDENTITY_STACK, AUDIT_STACK)
PIPELINE_STACKS: Final = tuple(stack for stack in ALL_STACKS if stack not in ADMINISTRATOR_STACKS)


# The custom resource that chooses the snapshot of a month's database: its type, and its physical id,
# which ends with the snapshot's name, or with nothing for a new database.
RESTORE_POINT_TYPE: Final = "Custom::NewestSnapshot"
RESTORE_POINT_PREFIX: Final = "restore-from:"

# Beginning of a final snapshot's name: <stack>-snapshot-<resource>-<random>, in lower case
# (aws-cloudformation-resource-providers-rds, DeleteHandler). All other snapshots were made by a person, for a reason.
FINAL_SNAPSHOT_PREFIX: Final = f"{STORAGE_STACK}-snapshot-".lower()

# The containers of the task, besides the sidecars of the settings.
API_CONTAINER: Final = "api"
CERTIFICATES_CONTAINER: Final = "certificates"
DATABASE_USER_CONTAINER: Final = "database-user"  # Makes the service's database user, where settings ask for one

# The path of the database's certificates in containers.
CERTIFICATES_FOLDER: Final = "/certificates"
CERTIFICATES_FILE: Final = f"{CERTIFICATES_FOLDER}/database.pem"
# The container `certificates` writes the value of this variable to that path.
CERTIFICATES_VARIABLE: Final = "DATABASE_CERTIFICATES"
# Node and libpq read the name of that file from these.
CERTIFICATE_VARIABLES: Final = ("NODE_EXTRA_CA_CERTS", "PGSSLROOTCERT")

# The output of StorageStack that names the secret with the service's connection string.
DATABASE_URL_OUTPUT: Final = "DatabaseUrlSecret"
# The outputs of EdgeStack that name the distribution, and where the domain's record, which people make, has to lead.
DISTRIBUTION_OUTPUT: Final = "DistributionId"
RECORD_OUTPUT: Final = "RecordTarget"
# The header by which the load balancer recognizes our distribution, and ComputeStack's output that names the secret
# with its value.
ORIGIN_HEADER: Final = "X-Hannibal-Origin"
ORIGIN_HEADER_OUTPUT: Final = "OriginHeaderSecret"

# The outputs of ComputeStack that name the function that verifies a release, and its log group; they exist only where
# settings ask for one.
VERIFICATION_OUTPUT: Final = "VerificationFunction"
VERIFICATION_LOG_OUTPUT: Final = "VerificationLogGroup"

# The faults of exercises that AWS's Fault Injection Service (FIS) carries out.
TASK_STOPS: Final = "task-stops"
DATABASE_RESTARTS: Final = "database-restarts"
# Outputs of ComputeStack with the ids of FIS's templates.
EXERCISE_OUTPUTS: Final = {TASK_STOPS: "TaskStopsExercise", DATABASE_RESTARTS: "DatabaseRestartsExercise"}

# The calls of the schedules of nights and weekends.
RESUME_CALLS: Final = ("ResumeDatabase", "ResumeTasks", "ResumeAlarm", "ResumeAlarmState")
PAUSE_CALLS: Final = ("PauseAlarm", "PauseTasks", "PauseDatabase", *RESUME_CALLS)

# Prefix of the records of publications in the frontend's bucket, which CloudFront may not read.
PUBLICATIONS_PREFIX: Final = ".publications/"

# The product's page for the time in which no month runs, and the prefix of that page in the frontend's bucket.
STOPPED_PAGE: Final = "stopped.html"
STOPPED_PREFIX: Final = ".stopped/"
# Prefixes of the frontend's bucket that a product does not publish to.
NO_PAGES: Final = (PUBLICATIONS_PREFIX, STOPPED_PREFIX)

# Alarms whose names continue like this after the project's name are parts of other alarms and notify nobody.
WINDOW: Final = "window-"


@dataclass(frozen=True, kw_only=True)
class Names(PersistentNames):
    """The names of one installation: of a running month, and by inheritance of what outlives it."""

    cluster = Name("{project}-cluster")  # ECS cluster
    scalable_target = Name("service/{cluster}/{service}")  # What Application Auto Scaling calls the service
    service = Name("{project}-api-service")  # ECS service
    restore_role = Name("{project}-restore-point")  # Role of the function that finds a new month's snapshot
    password_role = Name("{project}-new-password")  # Role of the function that sets a new month's password
    verification_role = Name("{project}-verify-release")  # Role of the function that verifies a release
    stopped_page_role = Name("{project}-stopped-page")  # Role of the function that shows the page between months
    frontend_url_role = Name("{project}-frontend-url")  # Role of the function that tells the service the frontend's URL
    task_family = Name("{project}-api-task")  # ECS task definition family
    container = Name(API_CONTAINER)  # The container of the API, which the load balancer talks to
    load_balancer = Name("{project}-alb")  # Application Load Balancer; at most 32 characters
    blue_target_group = Name("{project}-blue")  # Target group that serves production when the stack is new
    green_target_group = Name("{project}-green")  # Target group that the first release of a month is deployed to
    codedeploy_application = Name("{project}-app")  # CodeDeploy application
    codedeploy_group = Name("{project}-dg")  # CodeDeploy deployment group
    # Role of the service's own code; named, so that passing it can be allowed by name.
    task_role = Name("{project}-task")
    execution_role = Name("{project}-task-execution")  # Role with which ECS pulls the image, reads secrets, opens logs
    codedeploy_role = Name("{project}-codedeploy")  # Role with which CodeDeploy carries out a release
    verification_function = Name("{project}-verify-release")  # Function that CodeDeploy asks before users get a release
    cpu_alarm = Name("{project}-cpu")  # The service works near its CPU limit
    memory_alarm = Name("{project}-memory")  # The service is near its memory limit
    errors_alarm = Name("{project}-5xx")  # Users see 5xx answers, from the load balancer or from targets
    connections_alarm = Name("{project}-database-connections")  # The database runs out of connections
    blue_unhealthy_alarm = Name("{project}-unhealthy-blue")  # A target of the blue group fails its health check
    green_unhealthy_alarm = Name("{project}-unhealthy-green")  # A target of the green group fails its health check
    no_target_alarm = Name("{project}-no-healthy-target")  # Nothing answers: neither target group has a healthy target
    # Tasks of the service fail again and again; the rule that counts them has the same name.
    task_failures_alarm = Name("{project}-task-failures")
    database_storage_alarm = Name("{project}-database-storage")  # The database's storage is nearly full
    database_memory_alarm = Name("{project}-database-memory")  # The database's memory is nearly full
    database_credits_alarm = Name("{project}-database-cpu-credits")  # The database's CPU credits, if any, are used up
    release_errors_alarm = Name("{project}-release-errors")  # Too large a share of 5xx answers; ends a running release
    release_latency_alarm = Name("{project}-release-latency")  # Answers take too long; ends a running release
    availability_alarm = Name("{project}-availability")  # The month's error budget is spent too fast
    latency_alarm = Name("{project}-latency")  # The month's latency error budget is spent too fast
    # Beginning of the names of alarms that notify nobody: windows of those above.
    window_alarms = Name(f"{{project}}-{WINDOW}")
    window_alarm = PlaceName("{window_alarms}%s-%sm")  # The alarm of one window, of an objective and the minutes
    # What asks as a user does: the function, its role, the rule that calls it, and the alarm on its failures.
    synthetic_check = Name("{project}-synthetic-check")
    exercise_role = Name("{project}-exercise")  # Role with which FIS carries out exercises
    exercise = PlaceName("{project}-%s")  # Tag ``Name`` of the experiment template for a fault; FIS generates the ids
    pause_role = Name("{project}-pause")  # Role with which EventBridge Scheduler pauses the service at night
    pause_schedule = PlaceName("{project}-%s")  # A schedule of the pause, of its call; at most 64 characters

    @property
    def resume_schedules(self) -> tuple[str, ...]:
        """The schedules of the morning."""
        return tuple(self.pause_schedule(call) for call in RESUME_CALLS)

    # The function that pauses the month when its budget is spent, and its role.
    budget_pause = Name("{project}-budget-pause")
    dashboard = Name("{project}")  # CloudWatch dashboard
