"""How far the roles of the CDK's bootstrap reach, CloudFormation's among them: what the pipeline deploys with.

Each of them has policies of its own: those of the CDK's template, and the generated ones for CloudFormation. The
boundary keeps them to this project's names where a service knows names.
"""

from dataclasses import replace
from typing import Final

from installation import names as stacks
from installation.permissions import denials
from installation.permissions.boundaries import CEILING
from installation.permissions.ceiling import actions
from installation.permissions.domain_records import domain_ceiling
from installation.permissions.former_resources import delete_former_roles
from installation.permissions.grants import Arns, Grant, of

# By what an action is about: services whose resources have ids instead of names, or that know no resource.
_BY_ACTION: Final = {
    "acm": "*Certificate*",
    "application-autoscaling": "*Scal* *Tag* Describe*",
    "billing": "GetBillingViewData",
    "budgets": "*Budget *Tag*",
    "ce": "*Anomaly* *Tag*",
    # The CDK deletes its own change set also after it found nothing to deploy; that changes no stack.
    "cloudformation": "*Describe* DeleteChangeSet Detect* Get* List*",
    "cloudfront": "*Distribution* *Function* *Origin* *HeadersPolic* *Tag*",
    "cloudwatch": "*Dashboard* *Tag* *eAlarms Describe* GetMetricData Put*Alarm",
    "codedeploy": "*Application* *Deployment* *Tag*",
    # Not all of *Vpc*, which is peering and services for other accounts too.
    "ec2": "*Address* *FlowLogs *InternetGateway* *NatGateway* *Route* *SecurityGroup* *Subnet* *Tags "
    "*Vpc *VpcAttribute *VpcEndpoint *VpcEndpoints Describe*",
    "ecs": "DeregisterTaskDefinition Describe* List*",
    "elasticloadbalancing": "*Listener* *LoadBalancer* *Rule* *Ta* Describe* Set*",
    "fis": "*ExperimentTemplate *Tag*",
    "logs": "*LogDelivery Describe*",
    "rds": "Describe* List*",
    "scheduler": "*Schedule",
    "secretsmanager": "GetRandomPassword",
}
# Services whose resources have names: what may be done with those that are this project's.
_BY_NAME: Final = {
    # Nothing here changes a stack's termination protection: stacks that outlive the month are made by an administrator
    # once, and CloudFormation refuses to delete them.
    "cloudformation": "*ChangeSet *Stack ContinueUpdateRollback",
    # Not SetRepositoryPolicy, which lets other accounts in.
    "ecr": "*Image* *LifecyclePolicy *eRepositor* GetRepositoryPolicy *Tag*",
    "ecs": "*CapacityProvider* *Cluster* *Service* *Tag* *Task*",
    "events": "*Rule* *Ta*",
    "lambda": "*Function* *Permission *Tag* Get*",
    "logs": "*Log* *MetricFilter* *RetentionPolicy *Tag* Get*",
    # Not DeleteDBSnapshot, nor what shares a snapshot or drops the automatic backups.
    "rds": "*DBInstance *DB*Group *BackupsReplication *Tags* CreateDBSnapshot RestoreDBInstanceFromDBSnapshot",
    "s3": "*Bucket* *Configuration *Multipart* *Object *Resource *Tags*",
    "secretsmanager": "*Secret* *Tag*",
    "sns": "*Tag* *Topic* *ubscri* Get*",
    "ssm": "*Parameter* *Tags*",
}


def deploy_boundary(arns: Arns) -> tuple[Grant, ...]:
    """The ceiling of the bootstrap's roles."""
    return (
        Grant(
            sid="Services",
            actions=actions(_BY_ACTION),
            resources=("*",),
            reason=CEILING,
        ),
        Grant(sid="Named", actions=actions(_BY_NAME), resources=_named(arns), reason=CEILING),
        *_roles(arns),
        *domain_ceiling(arns, proof=True),
        denials.only_narrow_roles(arns),
        denials.security_alarms_stay(arns),
        denials.nobody_tags_as_prunable(),
        denials.others_stay(arns),
    )


def _named(arns: Arns) -> tuple[str, ...]:
    """This project's resources, of any service that knows names: one list, because an ARN says its service."""
    names, project, storage = arns.names, arns.names.project, stacks.STORAGE_STACK.lower()
    # In any region, which is shorter: the policies of these roles say which one, and a boundary has 6,144 characters.
    anywhere = replace(arns, region="*")
    return (
        *arns.buckets(
            *(f"{project}-{it}*" for it in ("access-logs", "alb-logs", "frontend")),
            f"{names.bootstrap_bucket(arns.account, arns.region)}*",
        ),
        # In this region: what the CDK's own roles may do with stacks names none.
        *arns.regional("cloudformation", *(f"stack/{stack}/*" for stack in stacks.PIPELINE_STACKS)),
        *anywhere.regional("ecr", f"repository/{project}*"),
        *anywhere.regional("ecs", f"*/{project}-*", "capacity-provider/FARGATE*"),
        # Not the administrator's, which decides which snapshots may be deleted and begins otherwise.
        *anywhere.regional("events", f"rule/{project}-*"),
        # CloudFormation begins the names that it makes with the stack's; its own policies say which stack.
        *anywhere.regional("lambda", f"function:{project}-*", "function:*Stack-*"),
        # `???` is ecs and vpc: not cloudtrail, nor administrator.
        *anywhere.regional("logs", *(f"log-group:/{it}/{project}*" for it in ("aws/*", "???")), "log-group:*Stack-*"),
        *anywhere.regional("rds", f"*:{project}-*", f"*:{storage}-*", "*:default*", "auto-backup:*"),
        *anywhere.regional(
            "secretsmanager", "secret:hannibal/*", f"secret:{project}*", "secret:Connection*", "secret:Orig*"
        ),
        *anywhere.regional("sns", f"{names.alert_topic}*"),
        *anywhere.regional("ssm", "parameter/hannibal/*", f"parameter/{project}/*", "parameter/cdk-bootstrap/*"),
    )


def _roles(arns: Arns) -> tuple[Grant, ...]:
    """Roles by this project's name: whoever may pass a role by the beginning of its stack's name may pass another's."""
    own = arns.worldwide("iam", f"role/{arns.names.project}-*", f"role/{arns.names.flow_log_role}*")
    execution = f"role/{arns.names.bootstrap_role('cfn-exec', arns.account, arns.region)}"
    return (
        Grant(
            sid="Roles",
            actions=of(
                "iam",
                "*RolePolic* Create*Role DeleteRole GetRole ListRoleTags PutRolePermissionsBoundary TagRole UntagRole "
                "Update*Role*",
            ),
            resources=(*own, *arns.worldwide("iam", "role/aws-service-role/*")),
            reason=CEILING,
        ),
        delete_former_roles(arns, ceiling=True),
        Grant(
            sid="Pass",
            actions=("iam:PassRole",),
            # To which services, the policies of these roles say.
            resources=(*own, *arns.worldwide("iam", execution)),
            reason=CEILING,
        ),
    )
