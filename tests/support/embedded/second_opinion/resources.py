"""The same resources on both emulations, created by AWS's operations, with the names that the command expects."""

import json
import time
from dataclasses import dataclass
from typing import Any, Final

from botocore.config import Config

from installation.settings import Settings
from ops.account import service_linked_roles
from ops.aws.clients import Aws

BUCKET: Final = "second-opinion"
STACK: Final = "StorageStack"
ADDRESS: Final = "10.7.0.0/16"
_ROLE: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}
_MANIFEST: Final = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
    "config": {
        "mediaType": "application/vnd.docker.container.image.v1+json",
        "size": 10,
        "digest": f"sha256:{'a' * 64}",
    },
    "layers": [],
}


@dataclass(frozen=True, kw_only=True)
class Made:
    """Values of the created resources that the readings need."""

    subnets: tuple[str, ...]
    private_subnet: str
    groups: tuple[str, str]
    revision: str


def make(aws: Aws, settings: Settings) -> Made:
    """Create all resources."""
    names = settings.names
    # Other tests of the shared server create some of them too: IAM has no regions.
    for service in service_linked_roles.needed(settings):
        if not service_linked_roles.has_role(aws, service):
            service_linked_roles.create_role(aws, service)
    ec2: Any = aws.client("ec2", region=aws.region, config=Config())
    vpc = ec2.create_vpc(CidrBlock=ADDRESS)["Vpc"]["VpcId"]
    zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]][:2]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.7.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate([*zones, zones[0]])
    ]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(VpcId=vpc, InternetGatewayId=gateway)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    for subnet in subnets[:2]:
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    service, database = (
        ec2.create_security_group(VpcId=vpc, GroupName=name, Description=name)["GroupId"] for name in ("app", "data")
    )
    to_database = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": service}]}
    ec2.authorize_security_group_ingress(GroupId=database, IpPermissions=[to_database])

    _parameters(aws, settings)
    _database(aws, settings, subnets, database)
    _logs_and_alarms(aws, settings)
    _load_balancer(aws, settings, vpc, subnets[:2], service)
    revision = _service(aws, settings, subnets[:2], service)
    _images_and_files(aws, settings)
    aws.sns.create_topic(Name=names.alert_topic)
    aws.sns.subscribe(
        TopicArn=aws.sns.create_topic(Name=names.alert_topic)["TopicArn"],
        Protocol="email",
        Endpoint=settings.guardrail.alert_email or "team@example.com",
    )
    _stack(aws)
    return Made(subnets=tuple(subnets[:2]), private_subnet=subnets[2], groups=(service, database), revision=revision)


def _parameters(aws: Aws, settings: Settings) -> None:
    for image in ("repository/api:1", "repository/api:2"):
        aws.ssm.put_parameter(Name=settings.names.release_parameter, Type="String", Value=image, Overwrite=True)
    aws.ssm.put_parameter(
        Name=settings.names.kept_secret("jwt"),
        Type="SecureString",
        Value="x",
        Tags=[{"Key": "Project", "Value": settings.project}],
    )


def _database(aws: Aws, settings: Settings, subnets: list[str], group: str) -> None:
    name = settings.names.database
    aws.rds.create_db_subnet_group(DBSubnetGroupName=name, DBSubnetGroupDescription="data", SubnetIds=subnets[:2])
    aws.rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        EngineVersion=settings.database.engine_version,
        AllocatedStorage=20,
        MasterUsername="hannibal",
        MasterUserPassword="not-a-secret-1",
        DBSubnetGroupName=name,
        VpcSecurityGroupIds=[group],
    )
    aws.rds.get_waiter("db_instance_available").wait(
        DBInstanceIdentifier=name, WaiterConfig={"Delay": 1, "MaxAttempts": 900}
    )
    for number in (1, 2):
        snapshot = f"{name}-by-hand-{number}"
        aws.rds.create_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier=snapshot)
        aws.rds.get_waiter("db_snapshot_available").wait(
            DBSnapshotIdentifier=snapshot, WaiterConfig={"Delay": 1, "MaxAttempts": 900}
        )


def _logs_and_alarms(aws: Aws, settings: Settings) -> None:
    group = settings.names.service_log_group
    aws.logs.create_log_group(logGroupName=group)
    stream = f"ecs/{settings.names.container}/0123456789abcdef0123456789abcdef"
    aws.logs.create_log_stream(logGroupName=group, logStreamName=stream)
    aws.logs.put_log_events(
        logGroupName=group,
        logStreamName=stream,
        logEvents=[
            {"timestamp": int(time.time() * 1000) - 1000 + number, "message": f"line {number}"} for number in range(3)
        ],
    )
    for state in ("OK", "ALARM"):
        name = f"{settings.project}-{state.lower()}"
        aws.cloudwatch.put_metric_alarm(
            AlarmName=name,
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods=1,
            MetricName="errors",
            Namespace="test",
            Period=60,
            Statistic="Sum",
            Threshold=1,
        )
        aws.cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="for the test")


def _load_balancer(aws: Aws, settings: Settings, vpc: str, subnets: list[str], group: str) -> None:
    names = settings.names
    made = aws.elbv2.create_load_balancer(Name=names.load_balancer, Subnets=subnets, SecurityGroups=[group])
    balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
    arns = [
        aws.elbv2.create_target_group(
            Name=name, Protocol="HTTP", Port=settings.service.port, VpcId=vpc, TargetType="ip"
        )["TargetGroups"][0]["TargetGroupArn"]
        for name in (names.blue_target_group, names.green_target_group)
    ]
    weighted: Any = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in zip(arns, (30, 70), strict=True)]
    aws.elbv2.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": weighted}}],
    )


def _service(aws: Aws, settings: Settings, subnets: list[str], group: str) -> str:
    names = settings.names
    aws.iam.create_role(RoleName="second-opinion", AssumeRolePolicyDocument=json.dumps(_ROLE))
    role = aws.iam.get_role(RoleName="second-opinion")["Role"]["Arn"]
    aws.ecs.create_cluster(
        clusterName=names.cluster,
        capacityProviders=["FARGATE"],
        defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE", "weight": 1}],
    )
    revision = aws.ecs.register_task_definition(
        family=names.task_family,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        executionRoleArn=role,
        taskRoleArn=role,
        containerDefinitions=[
            {
                "name": names.container,
                "image": "repository/api:1",
                "essential": True,
                "environment": [{"name": "PORT", "value": "3000"}],
                "portMappings": [{"containerPort": settings.service.port, "protocol": "tcp"}],
            }
        ],
    )["taskDefinition"]["taskDefinitionArn"]
    aws.ecs.create_service(
        cluster=names.cluster,
        serviceName=names.service,
        taskDefinition=revision,
        desiredCount=0,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": subnets, "securityGroups": [group]}},
    )
    return revision


def _images_and_files(aws: Aws, settings: Settings) -> None:
    aws.ecr.create_repository(repositoryName=settings.names.repository)
    aws.ecr.put_image(repositoryName=settings.names.repository, imageManifest=json.dumps(_MANIFEST), imageTag="1.0")
    aws.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": aws.region})  # type: ignore[typeddict-item]
    for key in ("index.html", "assets/app.js"):
        aws.s3.put_object(Bucket=BUCKET, Key=key, Body=b"12345", ContentType="text/html")


def _stack(aws: Aws) -> None:
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/second-opinion", "RetentionInDays": 7}}
    body = {"Resources": {"Group": group}, "Outputs": {"Name": {"Value": {"Ref": "Group"}}}}
    aws.cloudformation.create_stack(StackName=STACK, TemplateBody=json.dumps(body))
    aws.cloudformation.get_waiter("stack_create_complete").wait(
        StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 900}
    )


def remove(aws: Aws, settings: Settings) -> None:
    """Delete resources with a process or a global name; the others are in their own region."""
    aws.rds.delete_db_instance(DBInstanceIdentifier=settings.names.database, SkipFinalSnapshot=True)
    aws.iam.delete_role(RoleName="second-opinion")
    for key in ("index.html", "assets/app.js"):
        aws.s3.delete_object(Bucket=BUCKET, Key=key)
    aws.s3.delete_bucket(Bucket=BUCKET)
