"""The names of resources that outlive the month: records, identity, the CDK's bootstrap, and buckets."""

from dataclasses import dataclass
from typing import Final

from installation.names.audit import AuditNames
from installation.names.name import Name

# The CDK's default qualifier, in the names of the bootstrap's resources.
BOOTSTRAP_QUALIFIER: Final = "hnb659fds"
# The qualifier of the administrator's own bootstrap, whose bucket and CloudFormation role no other role reaches.
ADMINISTRATOR_QUALIFIER: Final = "hnbadmin"
TOOLKIT_STACK: Final = "CDKToolkit"
ADMINISTRATOR_TOOLKIT_STACK: Final = "CDKToolkit-Admin"
# Beginning of the names of the policies of CloudFormation's role.
EXECUTION_POLICIES: Final = "HannibalExecution"
# Tag of a snapshot that the pipeline may delete; only an administrator, and the function of AuditStack, set it.
PRUNABLE_TAG: Final = "Prunable"
# Follows the database's name in the name of a snapshot that is made before a release.
BEFORE_RELEASE: Final = "-before-release-"
# Tag of the instance that a restore creates and of the former database; its value is what was restored.
RESTORED_TAG: Final = "RestoredTo"
# AWS's document of sessions that forward a port to another host, such as the database.
TUNNEL_DOCUMENT: Final = "AWS-StartPortForwardingSessionToRemoteHost"
BOOTSTRAP_VERSION_PARAMETER: Final = f"/cdk-bootstrap/{BOOTSTRAP_QUALIFIER}/version"


@dataclass(frozen=True, kw_only=True)
class PersistentNames(AuditNames):
    """Names of resources that an account has once and keeps while no month is running."""

    # -- records ---------------------------------------------------------------------------------------
    database = Name("{project}-db")  # RDS instance; its snapshots are found by this name, month after month
    # RDS instance that a restore makes, until it takes over the name of the month's.
    coming_database = Name("{database}-restored")
    former_databases = Name("{database}-before-")  # Beginning of the names of instances that a restore has put aside
    # RDS instance on which the restore of a snapshot is tried, and which is deleted then.
    trial_database = Name("{database}-trial")
    # Beginning of the names of snapshots that `hannibal snapshots take` makes.
    taken_snapshots = Name("{database}-by-hand-")
    # Beginning of the names of snapshots that are made before a release.
    release_snapshots = Name(f"{{database}}{BEFORE_RELEASE}")
    service_log_group = Name("/ecs/{project}")  # Log group of the service's containers
    # Log group of the functions that the pipeline's stacks make; a stream's name says whose it is.
    function_log_group = Name("/aws/lambda/{project}")
    # Log group that RDS writes the database's log to; its form is given by RDS.
    database_log_group = Name("/aws/rds/instance/{database}/postgresql")
    flow_log_group = Name("/vpc/{project}")  # Log group of the VPC's flow logs
    repository = Name("{project}")  # ECR repository
    database_secret = Name("hannibal/db/password")  # Secret with the database's user name and password
    release_parameter = Name("/hannibal/release/current")  # SSM parameter that holds the image of the release that runs
    # SSM parameter that holds the address of the frontend, where that is CloudFront's.
    frontend_url_parameter = Name("/hannibal/frontend/url")
    # Beginning of the SSM parameters that hold the secrets which `hannibal secrets` keeps.
    kept_secrets = Name("/{project}/secrets/")

    def kept_secret(self, name: str) -> str:
        """SSM parameter that holds a secret of the containers."""
        return f"{self.kept_secrets}{name}"

    alert_topic = Name("{project}-alerts")  # SNS topic of alarms and budget
    budget = Name("{project}-monthly")  # Beginning of the monthly cost budget's name, which goes on with its threshold
    limit_budget = Name("{project}-monthly-limit")  # Budget whose end pauses the month, where settings say so
    limit_topic = Name("{project}-alerts-limit")  # SNS topic that this budget writes to, and nobody else
    # Monitor and subscription of cost anomaly alerts, where settings ask for them.
    cost_anomalies = Name("{project}-cost-anomalies")
    # Role of the function that gives records of releases their first value.
    record_role = Name("{project}-first-records")
    # Beginning of the name that CloudFormation gives the role which delivers the VPC's flow logs.
    flow_log_role = Name("NetworkStack-NetworkFlow")
    probe_role = Name("{project}-probe-release")  # Role of the function that asks an address inside the VPC
    # -- identity ----------------------------------------------------------------------------------------
    cicd_role = Name("HannibalCICDRole-{suffix}")  # Role of the deploy, destroy and release workflows
    plan_role = Name("HannibalPRPlanRole-{suffix}")  # Read-only role of pull requests
    # Read-only role of the workflow that compares what is deployed with the templates.
    drift_role = Name("HannibalDriftRole-{suffix}")
    developer_role = Name("HannibalDeveloperRole-{suffix}")  # Role of a person's daily work
    cicd_boundary = Name("HannibalCICDBoundary")  # Permissions boundary of the roles that people and workflows assume
    # Permissions boundary of the CDK's bootstrap roles, CloudFormation's among them.
    deploy_boundary = Name("HannibalDeployBoundary")
    # Permissions boundary of the roles that run the system: tasks, functions, CodeDeploy, delivery.
    ecs_boundary = Name("HannibalECSBoundary")

    def execution_policy(self, subject: str) -> str:
        """Managed policy with a part of what CloudFormation may do; the subject is a capitalised word."""
        return f"{EXECUTION_POLICIES}{subject}"

    def shared_policy(self, subject: str) -> str:
        """Managed policy that several roles share; the subject is a capitalised word."""
        return f"Hannibal{subject}"

    # SSM parameter in which CDK keeps the version of its bootstrap resources.
    bootstrap_version_parameter = Name(BOOTSTRAP_VERSION_PARAMETER)

    def bootstrap_role(self, purpose: str, account: str, region: str) -> str:
        """Role of the CDK's bootstrap stack; the purpose is ``deploy``, ``file-publishing``, ``cfn-exec`` and so on."""
        return f"cdk-{BOOTSTRAP_QUALIFIER}-{purpose}-role-{account}-{region}"

    def bootstrap_bucket(self, account: str, region: str) -> str:
        """Bucket of CDK's bootstrap, which templates and assets are published to."""
        return f"cdk-{BOOTSTRAP_QUALIFIER}-assets-{account}-{region}"

    def bootstrap_repository(self, account: str, region: str) -> str:
        """Repository of CDK's bootstrap, which images that CDK builds are published to."""
        return f"cdk-{BOOTSTRAP_QUALIFIER}-container-assets-{account}-{region}"

    def administrator_role(self, account: str, region: str) -> str:
        """CloudFormation's role for what an administrator deploys."""
        return f"cdk-{ADMINISTRATOR_QUALIFIER}-cfn-exec-role-{account}-{region}"

    def administrator_bucket(self, account: str, region: str) -> str:
        """Bucket with the templates of what an administrator deploys."""
        return f"cdk-{ADMINISTRATOR_QUALIFIER}-assets-{account}-{region}"

    # -- buckets -----------------------------------------------------------------------------------------
    # S3 names are global, so each has the account number.
    def load_balancer_log_bucket(self, account: str) -> str:
        """Access logs of the load balancer."""
        return f"{self.project}-alb-logs-{account}"

    def trail_bucket(self, account: str) -> str:
        """CloudTrail's files."""
        return f"{self.project}-cloudtrail-logs-{account}"

    def audit_log_bucket(self, account: str) -> str:
        """Access logs of the audit's own buckets."""
        return f"{self.project}-audit-access-{account}"

    def athena_results_bucket(self, account: str) -> str:
        """Results of Athena queries."""
        return f"{self.project}-athena-results-{account}"

    def frontend_bucket(self, account: str) -> str:
        """The static frontend."""
        return f"{self.project}-frontend-{account}"

    def access_log_bucket(self, account: str) -> str:
        """Access logs of CloudFront and of the other buckets."""
        return f"{self.project}-access-logs-{account}"
