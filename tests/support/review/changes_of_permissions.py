"""Changes of permissions, of exposure and of monitoring, as functions of the application."""

from typing import Any

from installation import names
from tests.support.review.application import Application

_SERVICE_PORT = {"FromPort": 5432, "ToPort": 5432, "IpProtocol": "tcp"}


def _allow(app: Application, action: str, resource: Any, **more: Any) -> None:
    """Give the task's role another permission."""
    policy = app.properties(names.COMPUTE_STACK, "Roles/Task/DefaultPolicy")
    policy["PolicyDocument"]["Statement"].append({"Effect": "Allow", "Action": action, "Resource": resource, **more})


def boundary_dropped(app: Application) -> None:
    del app.properties(names.COMPUTE_STACK, "Roles/Task")["PermissionsBoundary"]


def boundary_swapped(app: Application) -> None:
    app.properties(names.COMPUTE_STACK, "Roles/Task")["PermissionsBoundary"] = "arn:aws:iam::aws:policy/PowerUserAccess"


def wildcard_action(app: Application) -> None:
    _allow(app, "s3:*", "arn:aws:s3:::some-bucket/*")


def wildcard_resource(app: Application) -> None:
    _allow(app, "sqs:SendMessage", "*")


def pass_role(app: Application) -> None:
    _allow(app, "iam:PassRole", "arn:aws:iam::123456789012:role/other")


def administrator(app: Application) -> None:
    app.properties(names.COMPUTE_STACK, "Roles/Task")["ManagedPolicyArns"] = [
        "arn:aws:iam::aws:policy/AdministratorAccess"
    ]


def everything_but(app: Application) -> None:
    policy = app.properties(names.COMPUTE_STACK, "Roles/Task/DefaultPolicy")
    policy["PolicyDocument"]["Statement"].append({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})


def narrow_permission(app: Application) -> None:
    _allow(app, "sqs:SendMessage", "arn:aws:sqs:ap-northeast-1:123456789012:jobs")


def permission_split(app: Application) -> None:
    """The same permissions, in more statements."""
    statements = app.properties(names.NETWORK_STACK, "Network/FlowLogsRole/DefaultPolicy")["PolicyDocument"][
        "Statement"
    ]
    first = statements.pop(0)
    statements += [{**first, "Action": action} for action in first["Action"]]


def permission_narrowed(app: Application) -> None:
    """One of several actions is removed."""
    policy = app.properties(names.NETWORK_STACK, "Network/FlowLogsRole/DefaultPolicy")["PolicyDocument"]
    policy["Statement"][0]["Action"].pop()


def trust_widened(app: Application) -> None:
    document = app.properties(names.COMPUTE_STACK, "Roles/Task")["AssumeRolePolicyDocument"]
    document["Statement"].append(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}}
    )


def trust_condition_dropped(app: Application) -> None:
    document = app.properties(names.IDENTITY_STACK, "Cicd/Role")["AssumeRolePolicyDocument"]
    del document["Statement"][0]["Condition"]


def user_added(app: Application) -> None:
    app.add(names.IDENTITY_STACK, "Somebody", "AWS::IAM::User", {"PermissionsBoundary": "HannibalECSBoundary"})


def denial_removed(app: Application) -> None:
    """The bucket no longer requires TLS."""
    document = app.properties(names.ARTIFACT_STACK, "Frontend/Policy")["PolicyDocument"]
    kept = [it for it in document["Statement"] if it["Effect"] != "Deny"]
    assert len(kept) < len(document["Statement"])
    document["Statement"] = kept


def bucket_for_everybody(app: Application) -> None:
    document = app.properties(names.ARTIFACT_STACK, "Frontend/Policy")["PolicyDocument"]
    document["Statement"].append(
        {"Effect": "Allow", "Action": "s3:GetObject", "Principal": "*", "Resource": "arn:aws:s3:::frontend/*"}
    )


def open_to_the_world(app: Application) -> None:
    ingress = app.properties(names.NETWORK_STACK, "SecurityGroups/LoadBalancerFromCloudFront")
    del ingress["SourcePrefixListId"]
    ingress["CidrIp"] = "0.0.0.0/0"


def all_ports_opened(app: Application) -> None:
    group = app.properties(names.NETWORK_STACK, "SecurityGroups/Service")
    group["SecurityGroupIngress"] = [{"CidrIp": "10.0.0.0/16", "IpProtocol": "-1"}]


def database_opened_to_another_group(app: Application) -> None:
    group = {"Fn::GetAtt": [app.id_of(names.NETWORK_STACK, "SecurityGroups/Database"), "GroupId"]}
    source = {"Fn::GetAtt": [app.id_of(names.NETWORK_STACK, "SecurityGroups/LoadBalancer"), "GroupId"]}
    rule = {"GroupId": group, "SourceSecurityGroupId": source, **_SERVICE_PORT}
    app.add(names.NETWORK_STACK, "Shortcut", "AWS::EC2::SecurityGroupIngress", rule)


def database_public(app: Application) -> None:
    app.properties(names.STORAGE_STACK, "Database/Instance")["PubliclyAccessible"] = True


def public_access_allowed(app: Application) -> None:
    app.properties(names.ARTIFACT_STACK, "Frontend")["PublicAccessBlockConfiguration"]["BlockPublicPolicy"] = False


def subnet_maps_addresses(app: Application) -> None:
    app.properties(names.NETWORK_STACK, "Network/Vpc/dataSubnet1/Subnet")["MapPublicIpOnLaunch"] = True


def subnet_routed_to_the_internet(app: Application) -> None:
    route = {
        "RouteTableId": {"Ref": app.id_of(names.NETWORK_STACK, "Network/Vpc/dataSubnet1/RouteTable")},
        "DestinationCidrBlock": "0.0.0.0/0",
        "GatewayId": {"Ref": app.id_of(names.NETWORK_STACK, "Network/Vpc/IGW")},
    }
    app.add(names.NETWORK_STACK, "WayOut", "AWS::EC2::Route", route)


def plain_text(app: Application) -> None:
    config = app.properties(names.EDGE_STACK, "Edge/Distribution")["DistributionConfig"]
    config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] = "allow-all"


def nat_gateway_in_a_persistent_stack(app: Application) -> None:
    app.add(names.NETWORK_STACK, "Nat", "AWS::EC2::NatGateway", {"SubnetId": "subnet-1", "AllocationId": "eipalloc-1"})


def alarm_removed(app: Application) -> None:
    app.remove(names.COMPUTE_STACK, "Alarms/Cpu")


def alarm_added(app: Application) -> None:
    alarm = dict(app.properties(names.COMPUTE_STACK, "Alarms/Cpu"), AlarmName="another")
    app.add(names.COMPUTE_STACK, "AnotherAlarm", "AWS::CloudWatch::Alarm", alarm)


def alarm_silenced(app: Application) -> None:
    app.properties(names.COMPUTE_STACK, "Alarms/Cpu")["AlarmActions"] = []


def alarm_threshold_changed(app: Application) -> None:
    app.properties(names.COMPUTE_STACK, "Alarms/Cpu")["Threshold"] = 95


def budget_raised(app: Application) -> None:
    app.properties(names.GUARDRAIL_STACK, "Budget/Budget")["Budget"]["BudgetLimit"]["Amount"] = 500


def budget_lowered(app: Application) -> None:
    app.properties(names.GUARDRAIL_STACK, "Budget/Budget")["Budget"]["BudgetLimit"]["Amount"] = 40


def trail_unproved(app: Application) -> None:
    app.properties(names.AUDIT_STACK, "Trail/Trail")["EnableLogFileValidation"] = False


def flow_log_removed(app: Application) -> None:
    app.remove(names.NETWORK_STACK, "Network/Vpc/FlowLog/FlowLog")


def rollback_alarms_dropped(app: Application) -> None:
    alarms = app.properties(names.COMPUTE_STACK, "Releases/Group")["AlarmConfiguration"]["Alarms"]
    del alarms[1:]


def tags_mutable(app: Application) -> None:
    app.properties(names.ARTIFACT_STACK, "Repository")["ImageTagMutability"] = "MUTABLE"
