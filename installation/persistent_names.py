"""The names of what outlives the month: records, identity, the CDK's bootstrap, and buckets."""

from dataclasses import dataclass
from typing import Final

from installation.audit_names import AuditNames

# CDK's own default, in the names of what `cdk bootstrap` makes.
BOOTSTRAP_QUALIFIER: Final = "hnb659fds"
# What an administrator deploys has a bucket and a CloudFormation role of its own, which no other role reaches.
ADMINISTRATOR_QUALIFIER: Final = "hnbadmin"
TOOLKIT_STACK: Final = "CDKToolkit"
ADMINISTRATOR_TOOLKIT_STACK: Final = "CDKToolkit-Admin"
# How the names of the policies of CloudFormation's role begin.
EXECUTION_POLICIES: Final = "HannibalExecution"
# Tag of a snapshot that the pipeline may delete; only an administrator, and the function of AuditStack, set it.
PRUNABLE_TAG: Final = "Prunable"
# Tag of an instance that a restore makes, and of the one that it has put aside: what was restored.
RESTORED_TAG: Final = "RestoredTo"
# AWS's document of sessions that forward a port to another host, such as the database.
TUNNEL_DOCUMENT: Final = "AWS-StartPortForwardingSessionToRemoteHost"
BOOTSTRAP_VERSION_PARAMETER: Final = f"/cdk-bootstrap/{BOOTSTRAP_QUALIFIER}/version"


@dataclass(frozen=True, kw_only=True)
class KeptNames(AuditNames):
    """What an account has once, and keeps while no month is running."""

    # -- records ---------------------------------------------------------------------------------------
    @property
    def database(self) -> str:
        """RDS instance; its snapshots are found by this name, month after month."""
        return f"{self.project}-db"

    @property
    def coming_database(self) -> str:
        """RDS instance that a restore makes, until it takes over the name of the month's."""
        return f"{self.database}-restored"

    @property
    def former_databases(self) -> str:
        """Beginning of the names of instances that a restore has put aside."""
        return f"{self.database}-before-"

    @property
    def trial_database(self) -> str:
        """RDS instance on which the restore of a snapshot is tried, and which is deleted then."""
        return f"{self.database}-trial"

    @property
    def taken_snapshots(self) -> str:
        """Beginning of the names of snapshots that `hannibal snapshots take` makes."""
        return f"{self.database}-by-hand-"

    @property
    def release_snapshots(self) -> str:
        """Beginning of the names of snapshots that are made before a release."""
        return f"{self.database}-before-release-"

    @property
    def service_log_group(self) -> str:
        """Log group of the service's containers."""
        return f"/ecs/{self.project}"

    @property
    def function_log_group(self) -> str:
        """Log group of the functions that the pipeline's stacks make; a stream's name says whose it is."""
        return f"/aws/lambda/{self.project}"

    @property
    def database_log_group(self) -> str:
        """Log group that RDS writes the database's log to; its form is given by RDS."""
        return f"/aws/rds/instance/{self.database}/postgresql"

    @property
    def flow_log_group(self) -> str:
        """Log group of the VPC's flow logs."""
        return f"/vpc/{self.project}"

    @property
    def repository(self) -> str:
        """ECR repository."""
        return self.project

    @property
    def database_secret(self) -> str:
        """Secret with the database's user name and password."""
        return "hannibal/db/password"

    @property
    def release_parameter(self) -> str:
        """SSM parameter that holds the image of the release that runs."""
        return "/hannibal/release/current"

    @property
    def frontend_url_parameter(self) -> str:
        """SSM parameter that holds the address of the frontend, where that is CloudFront's."""
        return "/hannibal/frontend/url"

    @property
    def kept_secrets(self) -> str:
        """Beginning of the SSM parameters that hold the secrets which `hannibal secrets` keeps."""
        return f"/{self.project}/secrets/"

    def kept_secret(self, name: str) -> str:
        """SSM parameter that holds one of those secrets."""
        return f"{self.kept_secrets}{name}"

    @property
    def alert_topic(self) -> str:
        """SNS topic of alarms and budget."""
        return f"{self.project}-alerts"

    @property
    def budget(self) -> str:
        """Beginning of the monthly cost budget's name, which goes on with its threshold."""
        return f"{self.project}-monthly"

    @property
    def cost_anomalies(self) -> str:
        """Monitor and subscription of cost anomaly alerts, where settings ask for them."""
        return f"{self.project}-cost-anomalies"

    @property
    def record_role(self) -> str:
        """Role of the function that gives records of releases their first value."""
        return f"{self.project}-first-records"

    @property
    def flow_log_role(self) -> str:
        """Beginning of the name that CloudFormation gives the role which delivers the VPC's flow logs."""
        return "NetworkStack-NetworkFlow"

    @property
    def probe_role(self) -> str:
        """Role of the function that asks an address inside the VPC."""
        return f"{self.project}-probe-release"

    # -- identity ----------------------------------------------------------------------------------------
    @property
    def cicd_role(self) -> str:
        """Role of the deploy, destroy and release workflows."""
        return f"HannibalCICDRole-{self.environment.title()}"

    @property
    def plan_role(self) -> str:
        """Read-only role of pull requests."""
        return f"HannibalPRPlanRole-{self.environment.title()}"

    @property
    def drift_role(self) -> str:
        """Read-only role of the workflow that compares what is deployed with the templates."""
        return f"HannibalDriftRole-{self.environment.title()}"

    @property
    def developer_role(self) -> str:
        """Role of a person's daily work."""
        return f"HannibalDeveloperRole-{self.environment.title()}"

    @property
    def cicd_boundary(self) -> str:
        """Permissions boundary of the roles that people and workflows take on."""
        return "HannibalCICDBoundary"

    @property
    def deploy_boundary(self) -> str:
        """Permissions boundary of the CDK's bootstrap roles, CloudFormation's among them."""
        return "HannibalDeployBoundary"

    @property
    def ecs_boundary(self) -> str:
        """Permissions boundary of the roles that run the system: tasks, functions, CodeDeploy, delivery."""
        return "HannibalECSBoundary"

    def execution_policy(self, subject: str) -> str:
        """Managed policy with a part of what CloudFormation may do; the subject is a capitalised word."""
        return f"{EXECUTION_POLICIES}{subject}"

    def shared_policy(self, subject: str) -> str:
        """Managed policy of what several roles may do; the subject is a capitalised word."""
        return f"Hannibal{subject}"

    @property
    def bootstrap_version_parameter(self) -> str:
        """SSM parameter in which CDK keeps the version of its bootstrap resources."""
        return BOOTSTRAP_VERSION_PARAMETER

    def bootstrap_role(self, purpose: str, account: str, region: str) -> str:
        """Role of CDK's bootstrap stack, such as that for ``deploy``, ``file-publishing``, ``cfn-exec``."""
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
    # S3 names are global, so each carries the account number.
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
