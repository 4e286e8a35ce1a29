"""Names of resources that outlive the month, AuditStack's first."""

from dataclasses import dataclass
from typing import Final

from installation.names.name import Name, PlaceName

BOOTSTRAP_QUALIFIER: Final = "hnb659fds"  # The CDK's default qualifier, in the names of the bootstrap's resources
# The qualifier of the administrator's own bootstrap, whose bucket and CloudFormation role no other role reaches.
ADMINISTRATOR_QUALIFIER: Final = "hnbadmin"
TOOLKIT_STACK: Final = "CDKToolkit"
ADMINISTRATOR_TOOLKIT_STACK: Final = "CDKToolkit-Admin"
EXECUTION_POLICIES: Final = "HannibalExecution"  # Beginning of the names of the policies of CloudFormation's role
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
class AuditNames:
    """Names of resources that only an administrator deploys."""

    project: str  # prefix of the resources of the running system, such as ``nestjs-hannibal-3``
    environment: str  # ``dev`` or ``prod``; names of roles end with it, capitalised

    @property
    def suffix(self) -> str:
        """The environment as the end of role names: ``Dev``, ``Prod``."""
        return self.environment.title()

    trail = Name("{project}")  # CloudTrail trail
    trail_log_group = Name("/cloudtrail/{project}")  # Log group that the trail writes to and the security alarms read
    audit_database = Name("hannibal_cloudtrail_db")  # Glue and Athena database
    audit_table = Name("cloudtrail_events")  # Raw CloudTrail table; people query the view
    audit_view = Name("cloudtrail_logs")  # View with typed columns that every query of the runbook reads
    audit_workgroup = Name("hannibal-cloudtrail-analysis")  # Athena workgroup with the scan limit
    security_metrics = Name("{project}/security")  # CloudWatch namespace of what the security alarms count
    root_use_alarm = Name("{project}-security-root-use")  # The root user was used
    iam_change_alarm = Name("{project}-security-iam-change")  # An IAM policy, trust or boundary was changed
    trail_change_alarm = Name("{project}-security-trail-change")  # A trail was changed or stopped
    # Logs, alarms, bucket rules or the protection of a stack were changed.
    evidence_change_alarm = Name("{project}-security-evidence-change")
    new_identity_alarm = Name("{project}-security-new-identity")  # A role, user, key or identity provider was made
    exposure_alarm = Name("{project}-security-exposure")  # A principal outside of the account was let in
    sign_in_without_mfa_alarm = Name("{project}-security-sign-in-without-mfa")  # A user signed in without MFA
    security_alarms = Name("{project}-security-")  # Beginning of the names of all security alarms

    @property
    def all_security_alarms(self) -> tuple[str, ...]:
        """Every security alarm."""
        return (
            *(self.root_use_alarm, self.iam_change_alarm, self.trail_change_alarm, self.evidence_change_alarm),
            *(self.new_identity_alarm, self.exposure_alarm, self.sign_in_without_mfa_alarm),
        )

    @property
    def all_security_filters(self) -> tuple[str, ...]:
        """The metric filters of the alarms: one of the same name for each, and a second one for one of them."""
        return (*self.all_security_alarms, f"{self.evidence_change_alarm}-2")

    # SNS topic of the security alarms; the administrator's, unlike the alert topic.
    security_topic = Name("{project}-security")

    # The pipeline may create and pass roles, functions and log groups whose names begin with the project's name or with
    # that of a stack; these names, except the trail role's, begin with neither.
    # What CloudTrail writes its log group with; the same after the stack was made again, because trails stay.
    trail_role = Name("AuditStack-TrailLogRole")
    snapshot_role = Name("HannibalSnapshotRole-{suffix}")  # Role of the function that tags snapshots as prunable
    snapshot_function = Name("HannibalSnapshotTags")  # Function that tags snapshots as prunable
    snapshot_rule = Name("HannibalSnapshotTags")  # EventBridge rule that runs that function once a day
    snapshot_log_group = Name("/administrator/{project}/snapshot-tags")  # Log group of that function


@dataclass(frozen=True, kw_only=True)
class PersistentNames(AuditNames):
    """Names of resources that an account has once and keeps while no month is running."""

    # -- records ---------------------------------------------------------------------------------------
    database = Name("{project}-db")  # RDS instance; its snapshots are found by this name, month after month
    coming_database = Name("{database}-restored")  # RDS instance that a restore makes, until it gets the month's name
    former_databases = Name("{database}-before-")  # Beginning of the names of instances that a restore has replaced
    trial_database = Name("{database}-trial")  # RDS instance on which a snapshot's restore is tried; then it is deleted
    taken_snapshots = Name("{database}-by-hand-")  # Beginning of the names of snapshots of `hannibal snapshots take`
    release_snapshots = Name(f"{{database}}{BEFORE_RELEASE}")  # Beginning of the names of snapshots before releases
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
    kept_secrets = Name("/{project}/secrets/")  # Beginning of the SSM parameters of what `hannibal secrets` keeps
    kept_secret = PlaceName("{kept_secrets}%s")  # SSM parameter that holds a secret of the containers, of its name
    alert_topic = Name("{project}-alerts")  # SNS topic of alarms and budget
    budget = Name("{project}-monthly")  # Beginning of the monthly cost budget's name, which goes on with its threshold
    limit_budget = Name("{project}-monthly-limit")  # Budget whose end pauses the month, where settings say so
    limit_topic = Name("{project}-alerts-limit")  # SNS topic that this budget writes to, and nobody else
    cost_anomalies = Name("{project}-cost-anomalies")  # Monitor and subscription of cost anomaly alerts, by setting
    record_role = Name("{project}-first-records")  # Role of the function that gives release records a first value
    flow_log_role = Name("NetworkStack-NetworkFlow")  # Beginning of CloudFormation's name for the role of flow logs
    probe_function = Name("{project}-probe-release")  # Function inside the VPC that asks the test listener
    probe_role = Name("{project}-probe-release")  # Role of the function that asks an address inside the VPC
    # -- identity ----------------------------------------------------------------------------------------
    cicd_role = Name("HannibalCICDRole-{suffix}")  # Role of the deploy, destroy and release workflows
    plan_role = Name("HannibalPRPlanRole-{suffix}")  # Read-only role of pull requests
    drift_role = Name("HannibalDriftRole-{suffix}")  # Read-only role of the workflow that looks for drift
    developer_role = Name("HannibalDeveloperRole-{suffix}")  # Role of a person's daily work
    cicd_boundary = Name("HannibalCICDBoundary")  # Permissions boundary of the roles that people and workflows assume
    deploy_boundary = Name("HannibalDeployBoundary")  # Boundary of the CDK's bootstrap roles, with CloudFormation's
    ecs_boundary = Name("HannibalECSBoundary")  # Boundary of what runs the system: tasks, functions, CodeDeploy, logs

    # Managed policies, of a capitalised word: with a part of what CloudFormation may do, and that several roles share.
    execution_policy = PlaceName(f"{EXECUTION_POLICIES}%s")
    shared_policy = PlaceName("Hannibal%s")
    bootstrap_version_parameter = Name(BOOTSTRAP_VERSION_PARAMETER)  # SSM parameter with the version of CDK's bootstrap

    # Role of the CDK's bootstrap stack; the purpose is ``deploy``, ``file-publishing``, ``cfn-exec`` and so on.
    bootstrap_role = PlaceName(f"cdk-{BOOTSTRAP_QUALIFIER}-%s-role-%s-%s")  # of purpose, account and region
    # These are of account and region: the bucket with templates and assets, and images that CDK builds.
    bootstrap_bucket = PlaceName(f"cdk-{BOOTSTRAP_QUALIFIER}-assets-%s-%s")
    bootstrap_repository = PlaceName(f"cdk-{BOOTSTRAP_QUALIFIER}-container-assets-%s-%s")
    # CloudFormation's role for what an administrator deploys, and the bucket with the templates of it.
    administrator_role = PlaceName(f"cdk-{ADMINISTRATOR_QUALIFIER}-cfn-exec-role-%s-%s")
    administrator_bucket = PlaceName(f"cdk-{ADMINISTRATOR_QUALIFIER}-assets-%s-%s")
    # -- buckets -----------------------------------------------------------------------------------------
    # S3 names are global, so each has the account number.
    load_balancer_log_bucket = PlaceName("{project}-alb-logs-%s")  # Access logs of the load balancer
    trail_bucket = PlaceName("{project}-cloudtrail-logs-%s")  # CloudTrail's files
    audit_log_bucket = PlaceName("{project}-audit-access-%s")  # Access logs of the audit's own buckets
    athena_results_bucket = PlaceName("{project}-athena-results-%s")  # Results of Athena queries
    frontend_bucket = PlaceName("{project}-frontend-%s")  # The static frontend
    access_log_bucket = PlaceName("{project}-access-logs-%s")  # Access logs of CloudFront and of the other buckets
