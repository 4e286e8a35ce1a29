"""Templates that look right and that an account refuses: each of the mistakes fails here too, with AWS's reason."""

from typing import Any

import pytest

from tests.support.embedded.server import EmbeddedAws
from tests.support.embedded.stacks import create

pytestmark = pytest.mark.embedded

Resources = dict[str, dict[str, Any]]


def one(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


NETWORK: Resources = {
    "Vpc": one("EC2::VPC", CidrBlock="10.0.0.0/16"),
    "First": one("EC2::Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.0.0/24", AvailabilityZone="ap-northeast-1a"),
    "Second": one("EC2::Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.1.0/24", AvailabilityZone="ap-northeast-1c"),
    "SameZone": one("EC2::Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.2.0/24", AvailabilityZone="ap-northeast-1a"),
    "Group": one("EC2::SecurityGroup", VpcId=ref("Vpc"), GroupDescription="tasks"),
    "Table": one("EC2::RouteTable", VpcId=ref("Vpc")),
}
GATEWAY: Resources = {
    "Gateway": one("EC2::InternetGateway"),
    "Attached": one("EC2::VPCGatewayAttachment", VpcId=ref("Vpc"), InternetGatewayId=ref("Gateway")),
}
ANSWER = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]
BALANCER: Resources = {
    **NETWORK,
    **GATEWAY,
    "Balancer": {
        **one("ElasticLoadBalancingV2::LoadBalancer", Subnets=[ref("First"), ref("Second")]),
        "DependsOn": "Attached",
    },
    "Listener": one(
        "ElasticLoadBalancingV2::Listener",
        LoadBalancerArn=ref("Balancer"),
        Port=80,
        Protocol="HTTP",
        DefaultActions=ANSWER,
    ),
}
ELSEWHERE: Resources = {
    "OtherVpc": one("EC2::VPC", CidrBlock="10.1.0.0/16"),
    "OtherGroup": one("EC2::SecurityGroup", VpcId=ref("OtherVpc"), GroupDescription="elsewhere"),
    "OtherTargets": one("ElasticLoadBalancingV2::TargetGroup", Port=80, Protocol="HTTP", VpcId=ref("OtherVpc")),
}


def role(service: str) -> Resources:
    """A role that a service may take on."""
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Role": one("IAM::Role", AssumeRolePolicyDocument={"Statement": trust})}


ROLE: Resources = role("lambda.amazonaws.com")
CACHED = {
    "TargetOriginId": "o",
    "ViewerProtocolPolicy": "allow-all",
    "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
}
ORIGIN = {"Id": "o", "DomainName": "example.com", "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"}}


def ingress(**properties: Any) -> Resources:
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "1.1.1.1/32"} | properties
    rule = {name: value for name, value in rule.items() if value is not None}
    return {**NETWORK, "Wrong": one("EC2::SecurityGroupIngress", GroupId=ref("Group"), **rule)}


def route(**properties: Any) -> Resources:
    wrong = one("EC2::Route", RouteTableId=ref("Table"), DestinationCidrBlock="0.0.0.0/0", **properties)
    return {**NETWORK, "Gateway": GATEWAY["Gateway"], "Wrong": wrong}


def endpoint(service: str, **properties: Any) -> Resources:
    name = f"com.amazonaws.ap-northeast-1.{service}"
    return {**NETWORK, "Wrong": one("EC2::VPCEndpoint", VpcId=ref("Vpc"), ServiceName=name, **properties)}


def subnet(block: str) -> Resources:
    wrong = {**one("EC2::Subnet", VpcId=ref("Vpc"), CidrBlock=block), "DependsOn": ["First", "Second"]}
    return {**NETWORK, "Wrong": wrong}


def balancer(**properties: Any) -> Resources:
    made = one("ElasticLoadBalancingV2::LoadBalancer", **{"Subnets": [ref("First"), ref("Second")]} | properties)
    return {**NETWORK, **GATEWAY, **ELSEWHERE, "Wrong": {**made, "DependsOn": "Attached"}}


def targets(**properties: Any) -> Resources:
    given = {"VpcId": ref("Vpc"), "Port": 80, "Protocol": "HTTP"} | properties
    return {**NETWORK, "Wrong": one("ElasticLoadBalancingV2::TargetGroup", **given)}


def listener(**properties: Any) -> Resources:
    given = {"LoadBalancerArn": ref("Balancer"), "Port": 81, "Protocol": "HTTP", "DefaultActions": ANSWER} | properties
    return {**BALANCER, **ELSEWHERE, "Wrong": one("ElasticLoadBalancingV2::Listener", **given)}


def rule(*conditions: dict[str, Any]) -> Resources:
    given = {"ListenerArn": ref("Listener"), "Priority": 1, "Actions": ANSWER, "Conditions": list(conditions)}
    return {**BALANCER, "Wrong": one("ElasticLoadBalancingV2::ListenerRule", **given)}


def function(**properties: Any) -> Resources:
    given = {
        "Code": {"ZipFile": "x"},
        "Handler": "index.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Runtime": "python3.12",
    } | properties
    return {**ROLE, "Wrong": one("Lambda::Function", **{key: it for key, it in given.items() if it is not None})}


def instance(**properties: Any) -> Resources:
    given = {
        "DBInstanceClass": "db.t4g.micro",
        "Engine": "postgres",
        "AllocatedStorage": "20",
        "MasterUsername": "owner",
        "MasterUserPassword": "abcdefgh1",
    } | properties
    given = {name: it for name, it in given.items() if it is not None}
    subnets = [ref("First"), ref("Second")]
    group = one("RDS::DBSubnetGroup", DBSubnetGroupDescription="both zones", SubnetIds=subnets)
    return {**NETWORK, **ELSEWHERE, "Subnets": group, "Wrong": one("RDS::DBInstance", **given)}


def counted(**transformation: Any) -> Resources:
    given = {"MetricName": "m", "MetricNamespace": "n", "MetricValue": "1"} | transformation
    wrong = one(
        "Logs::MetricFilter", LogGroupName=ref("Lines"), FilterPattern="{ $.a = * }", MetricTransformations=[given]
    )
    return {"Lines": one("Logs::LogGroup"), "Wrong": wrong}


def scheduled(**target: Any) -> Resources:
    given = {"Id": "one", "Arn": "arn:aws:sns:ap-northeast-1:000000000000:topic"} | target
    return {"Wrong": one("Events::Rule", ScheduleExpression="rate(1 day)", Targets=[given])}


def distribution(**properties: Any) -> Resources:
    config = {"Enabled": True, "Origins": [ORIGIN], "DefaultCacheBehavior": CACHED} | properties
    return {"Wrong": one("CloudFront::Distribution", DistributionConfig=config)}


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        (subnet("10.9.0.0/24"), "The CIDR '10.9.0.0/24' is invalid."),
        (subnet("10.0.0.0/25"), "The CIDR '10.0.0.0/25' conflicts with another subnet"),
        (ingress(Description="the load balancer's"), "Invalid rule description."),
        (ingress(FromPort=90), "Invalid TCP/UDP port range (90:80)"),
        (ingress(ToPort=None), "Must specify both from and to ports with TCP/UDP."),
        (ingress(CidrIp=None), "Exactly one of CidrIp, CidrIpv6, SourceSecurityGroupId, SourcePrefixListId"),
        (route(), "The request must contain exactly one of GatewayId"),
        (route(GatewayId=ref("Gateway")), "belong to different networks"),
        (
            {
                **NETWORK,
                "Address": one("EC2::EIP", Domain="vpc"),
                "Wrong": one(
                    "EC2::NatGateway",
                    SubnetId=ref("First"),
                    AllocationId={"Fn::GetAtt": ["Address", "AllocationId"]},
                ),
            },
            "has no Internet gateway attached",
        ),
        (endpoint("ecr.api"), "Endpoint type (Gateway) does not match available service types ([Interface])."),
        (
            endpoint("ecr.api", VpcEndpointType="Interface", SubnetIds=[ref("First"), ref("SameZone")]),
            "Found another VPC endpoint subnet in the availability zone",
        ),
        (
            endpoint("ecr.api", VpcEndpointType="Interface", PrivateDnsEnabled=True),
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true",
        ),
        (
            balancer(Subnets=[ref("First"), ref("SameZone")]),
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
        ),
        (balancer(SecurityGroups=[ref("OtherGroup")]), "One or more security groups are invalid"),
        (
            balancer(LoadBalancerAttributes=[{"Key": "idle_timeout.timeout", "Value": "60"}]),
            "Load balancer attribute key 'idle_timeout.timeout' is not recognized",
        ),
        (
            balancer(LoadBalancerAttributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "4001"}]),
            "Load balancer attribute value '4001' is not valid",
        ),
        (
            targets(HealthCheckIntervalSeconds=10, HealthCheckTimeoutSeconds=10),
            "Health check timeout '10' must be smaller than the interval '10'",
        ),
        (targets(HealthCheckPath="health"), "Health check path 'health' must begin with a '/' character"),
        (
            targets(TargetGroupAttributes=[{"Key": "deregistration_delay", "Value": "30"}]),
            "Target group attribute key 'deregistration_delay' is not recognized",
        ),
        (listener(Protocol="HTTPS"), "A certificate must be specified for HTTPS listeners"),
        (
            listener(DefaultActions=[{"Type": "forward", "TargetGroupArn": ref("OtherTargets")}]),
            "is not in the VPC of the load balancer",
        ),
        (
            listener(DefaultActions=[{"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301"}}]),
            "The redirect configuration is not valid because it creates a loop.",
        ),
        (rule(), "A rule must have at least one condition"),
        (
            rule({"Field": "path-pattern", "Values": [f"/{number}" for number in range(6)]}),
            "A rule can only have '5' condition values",
        ),
        (rule({"Field": "path-pattern", "Values": ["/a b"]}), "The path pattern '/a b' is not valid"),
        (rule({"Field": "path", "Values": ["/a"]}), "Condition field 'path' must be one of"),
        (function(Timeout=901), "Value '901' at 'timeout' failed to satisfy constraint"),
        (function(Handler=None), "Runtime and Handler are mandatory parameters"),
        (
            function(Environment={"Variables": {"AWS_REGION": "ap-northeast-1"}}),
            "Reserved keys used in this request: AWS_REGION",
        ),
        (
            {
                **function(),
                **role("ecs-tasks.amazonaws.com"),
            },
            "The role defined for the function cannot be assumed by Lambda.",
        ),
        (
            instance(PreferredBackupWindow="18:00-19:00", PreferredMaintenanceWindow="sun:18:30-sun:19:30"),
            "The backup window and maintenance window must not overlap.",
        ),
        (instance(Engine=None), "Invalid DB engine"),
        (instance(PreferredBackupWindow="18:00-18:20"), "Backup window must be at least 30 minutes."),
        (
            instance(PreferredMaintenanceWindow="sun:23:50-mon:00:10"),
            "Maintenance window must be at least 30 minutes.",
        ),
        (
            instance(MultiAZ=True, AvailabilityZone="ap-northeast-1a"),
            "Requesting a specific availability zone is not valid for Multi-AZ instances.",
        ),
        (
            instance(DBSubnetGroupName=ref("Subnets"), VPCSecurityGroups=[ref("OtherGroup")]),
            "The DB instance and EC2 security group are in different VPCs.",
        ),
        (
            counted(DefaultValue=0, Dimensions=[{"Key": "a", "Value": "$.a"}]),
            "dimensions and default value are mutually exclusive properties",
        ),
        (counted(MetricNamespace="AWS/ECS"), "Metric namespaces starting with AWS/ are reserved for AWS."),
        (scheduled(Input="text"), "JSON syntax error in input for target one."),
        (
            scheduled(Input="{}", InputPath="$.detail"),
            "Only one of Input, InputPath, or InputTransformer must be provided for target one.",
        ),
        (
            distribution(DefaultCacheBehavior=CACHED | {"TargetOriginId": "other"}),
            "One or more of your origins or origin groups do not exist.",
        ),
        (distribution(Aliases=["a.example.com"]), "To add an alternate domain name (CNAME)"),
        (
            distribution(
                Aliases=["a.example.com"],
                ViewerCertificate={
                    "AcmCertificateArn": "arn:aws:acm:ap-northeast-1:000000000000:certificate/0",
                    "SslSupportMethod": "sni-only",
                },
            ),
            "isn't in us-east-1 region",
        ),
        (distribution(DefaultRootObject="/index.html"), "The default root object"),
        (distribution(Origins=[ORIGIN | {"OriginPath": "/a/"}]), "The parameter OriginPath"),
        (distribution(Origins=[{"Id": "o", "DomainName": "example.com"}]), "neither a custom nor an S3 origin"),
        (
            distribution(DefaultCacheBehavior=CACHED | {"AllowedMethods": ["GET", "POST"]}),
            "The parameter AllowedMethods is invalid.",
        ),
        (
            distribution(CustomErrorResponses=[{"ErrorCode": 404, "ResponsePagePath": "/index.html"}]),
            "ResponseCode and ResponsePagePath go together",
        ),
    ],
)
def test_a_wrong_template_fails_as_in_an_account(embedded_aws: EmbeddedAws, resources: Resources, reason: str) -> None:
    outcome = create(embedded_aws.session().client("cloudformation"), resources, validated=False)

    assert outcome.status == "ROLLBACK_COMPLETE"
    assert reason in outcome.reasons["Wrong"]


def test_the_right_ones_are_taken(embedded_aws: EmbeddedAws) -> None:
    paths = rule({"Field": "path-pattern", "Values": ["/a*"]})
    headers = rule({"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-A", "Values": ["b"]}})["Wrong"]
    headers["Properties"]["Priority"] = 2
    right = {**paths, "Headers": headers, "Targets": targets(HealthCheckPath="/health")["Wrong"]}

    outcome = create(embedded_aws.session().client("cloudformation"), right)

    assert outcome.status == "CREATE_COMPLETE", outcome.reasons
