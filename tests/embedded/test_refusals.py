"""What AWS refuses, the embedded AWS refuses: by API and by CloudFormation, in AWS's words."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.embedded.test_refused_templates import ROLE, role
from tests.support.embedded.changing_stacks import Stacks
from tests.support.embedded.server import EmbeddedAws
from tests.support.embedded.stacks import create, delete, unique, wait

pytestmark = pytest.mark.embedded

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}
IMAGE = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
    "config": {
        "mediaType": "application/vnd.docker.container.image.v1+json",
        "size": 1,
        "digest": f"sha256:{'a' * 64}",
    },
    "layers": [],
}


def policy(objects: int) -> dict[str, Any]:
    resources = [f"arn:aws:s3:::bucket-{number:04d}/*" for number in range(objects)]
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": resources}],
    }


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    answer = error.value.response["Error"]
    return answer["Code"], answer["Message"]


NAMED: dict[str, tuple[str, dict[str, Any]]] = {
    "AWS::CloudWatch::Alarm": (
        "AlarmName",
        {
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 1,
            "MetricName": "errors",
            "Namespace": "test",
            "Period": 60,
            "Statistic": "Sum",
            "Threshold": 1,
        },
    ),
    "AWS::CloudWatch::Dashboard": ("DashboardName", {"DashboardBody": '{"widgets":[]}'}),
    "AWS::ECR::Repository": ("RepositoryName", {}),
    "AWS::ECS::Cluster": ("ClusterName", {}),
    "AWS::Events::Rule": ("Name", {"ScheduleExpression": "rate(1 day)"}),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName", {"PolicyDocument": policy(1)}),
    "AWS::IAM::Role": ("RoleName", {"AssumeRolePolicyDocument": TRUST}),
    "AWS::Logs::LogGroup": ("LogGroupName", {}),
    "AWS::SNS::Topic": ("TopicName", {}),
}


def test_a_stack_says_since_when_it_is_being_deleted(embedded_aws: EmbeddedAws) -> None:
    """CloudFormation API reference, Stack and StackSummary, DeletionTime; by it the last deleted stack is found."""
    client = embedded_aws.session().client("cloudformation")
    made = create(client, {"It": {"Type": "AWS::SNS::Topic"}})
    assert "DeletionTime" not in client.describe_stacks(StackName=made.stack_id)["Stacks"][0]
    delete(client, made.stack_id)
    events = client.describe_stack_events(StackName=made.stack_id)["StackEvents"]
    stack = [it for it in events if it["PhysicalResourceId"] == made.stack_id]
    (began,) = (it["Timestamp"] for it in stack if it["ResourceStatus"] == "DELETE_IN_PROGRESS")
    listed = client.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    found = [it["DeletionTime"] for it in listed if it["StackId"] == made.stack_id]
    described = client.describe_stacks(StackName=made.stack_id)["Stacks"][0]["DeletionTime"]
    assert [*found, described] == [began, began]


@pytest.mark.parametrize("resource_type", NAMED)
def test_name_that_another_stack_has_is_refused(embedded_aws: EmbeddedAws, resource_type: str) -> None:
    client = embedded_aws.session().client("cloudformation")
    name_property, properties = NAMED[resource_type]
    name = unique("taken")
    template = {"It": {"Type": resource_type, "Properties": {**properties, name_property: name}}}
    first = create(client, template)
    assert first.status == "CREATE_COMPLETE"

    second = create(client, template, validated=False)

    assert second.status == "ROLLBACK_COMPLETE"
    assert second.reasons["It"] == f"{name} already exists in stack {first.stack_id}"
    assert delete(client, first.stack_id).status == "DELETE_COMPLETE", "the refused stack must not have taken it over"


@pytest.mark.parametrize(
    ("resource_type", "member", "properties"),
    [
        (
            "AWS::CloudFront::OriginAccessControl",
            "OriginAccessControlConfig",
            {"OriginAccessControlOriginType": "s3", "SigningBehavior": "always", "SigningProtocol": "sigv4"},
        ),
        (
            "AWS::CloudFront::ResponseHeadersPolicy",
            "ResponseHeadersPolicyConfig",
            {"SecurityHeadersConfig": {"ContentTypeOptions": {"Override": True}}},
        ),
    ],
)
def test_a_second_logical_id_does_not_get_the_name_of_the_first(
    stacks: Stacks, resource_type: str, member: str, properties: dict[str, Any]
) -> None:
    """It would be deleted with the first."""
    resource = {"Type": resource_type, "Properties": {member: {**properties, "Name": unique("taken")}}}
    stacks.create({"First": resource})

    assert "already exists" in stacks.failure({"Second": resource})


def test_a_schedule_does_not_take_the_name_of_another(stacks: Stacks) -> None:
    target = {"Arn": "arn:aws:scheduler:::aws-sdk:ecs:updateService", "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}}
    properties = {
        "Name": unique("taken"),
        "ScheduleExpression": "rate(1 day)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {**target, "Input": "{}"},
    }
    schedule = {"Type": "AWS::Scheduler::Schedule", "Properties": properties}
    stacks.create({**role("scheduler.amazonaws.com"), "First": schedule})

    assert "Validation failed" in stacks.failure({**role("scheduler.amazonaws.com"), "Second": schedule})


def test_names_on_an_own_bus_and_in_an_own_group_are_their_own(stacks: Stacks) -> None:
    name, scheduler = unique("own"), role("scheduler.amazonaws.com")
    bus: dict[str, Any] = {"Type": "AWS::Events::EventBus", "Properties": {"Name": name}}
    group: dict[str, Any] = {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": name}}
    target = {"Arn": "arn:aws:scheduler:::aws-sdk:ecs:updateService", "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}}

    def rule(**properties: Any) -> dict[str, Any]:
        return {"Type": "AWS::Events::Rule", "Properties": {"Name": name, **properties}}

    def schedule(**properties: Any) -> dict[str, Any]:
        named = {"Name": name, "ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"}}
        return {"Type": "AWS::Scheduler::Schedule", "Properties": {**named, "Target": target, **properties}}

    stacks.create({**scheduler, "Rule": rule(ScheduleExpression="rate(1 day)"), "Schedule": schedule()})
    stacks.create({"Bus": bus, "Group": group})
    own_rule = rule(EventBusName=name, EventPattern={"source": ["own"]})
    stacks.create({**scheduler, "Rule": own_rule, "Schedule": schedule(GroupName=name)})

    assert "already exists" in stacks.failure({"Second": own_rule})
    assert "Validation failed" in stacks.failure({**scheduler, "Second": schedule(GroupName=name)})


def test_name_of_a_kept_log_group_is_refused(embedded_aws: EmbeddedAws) -> None:
    client = embedded_aws.session().client("cloudformation")
    name = unique("/kept")
    group = {"Type": "AWS::Logs::LogGroup", "DeletionPolicy": "Retain", "Properties": {"LogGroupName": name}}
    delete(client, create(client, {"Group": group}).stack_id)

    again = create(client, {"Group": group}, validated=False)

    identifier = json.dumps({"/properties/LogGroupName": name}, separators=(",", ":"))
    expected = f"Resource of type 'AWS::Logs::LogGroup' with identifier '{identifier}' already exists."
    assert expected in again.reasons["Group"]
    assert "HandlerErrorCode: AlreadyExists" in again.reasons["Group"]


@pytest.mark.parametrize(
    ("deletion_policy", "second"), [("Retain", "ROLLBACK_COMPLETE"), ("RetainExceptOnCreate", "CREATE_COMPLETE")]
)
def test_what_a_failed_creation_retains_refuses_the_next_attempt(
    embedded_aws: EmbeddedAws, deletion_policy: str, second: str
) -> None:
    client = embedded_aws.session().client("cloudformation")
    properties = {"LogGroupName": unique("/half-way")}
    group = {"Type": "AWS::Logs::LogGroup", "DeletionPolicy": deletion_policy, "Properties": properties}
    refused = {"Type": "AWS::Logs::LogGroup", "DependsOn": "Group", "Properties": properties}

    first = create(client, {"Group": group, "Refused": refused})

    assert first.status == "ROLLBACK_COMPLETE"
    assert "already exists" in first.reasons["Refused"]
    assert create(client, {"Group": group}).status == second


def test_role_made_by_hand_is_refused_in_the_words_of_iam(embedded_aws: EmbeddedAws) -> None:
    name = unique("by-hand")
    embedded_aws.session().client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name, "AssumeRolePolicyDocument": TRUST}}

    outcome = create(embedded_aws.session().client("cloudformation"), {"Role": role}, validated=False)

    assert f"Role with name {name} already exists." in outcome.reasons["Role"]


def test_parameter_that_exists_is_refused_in_readable_words(embedded_aws: EmbeddedAws) -> None:
    name = unique("/taken")
    embedded_aws.session().client("ssm").put_parameter(Name=name, Value="1", Type="String")
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": name, "Value": "2", "Type": "String"}}

    outcome = create(embedded_aws.session().client("cloudformation"), {"Parameter": parameter}, validated=False)

    assert 'Resource handler returned message: "The parameter already exists.' in outcome.reasons["Parameter"]
    assert "b'" not in outcome.reasons["Parameter"]


def test_generated_names_differ_from_stack_to_stack_so_that_kept_resources_do_not_collide(
    embedded_aws: EmbeddedAws,
) -> None:
    client = embedded_aws.session().client("cloudformation")
    topic = {"Type": "AWS::SNS::Topic", "DeletionPolicy": "Retain"}
    template = json.dumps({"Resources": {"Topic": topic}})
    name = unique("again")
    names = []
    for _month in range(2):
        stack_id = client.create_stack(StackName=name, TemplateBody=template)["StackId"]
        names.append(wait(client, stack_id).physical_ids["Topic"].rpartition(":")[2])
        assert delete(client, stack_id).status == "DELETE_COMPLETE"

    assert names[0] != names[1]
    assert all(it.startswith(f"{name}-Topic-") for it in names)


@pytest.mark.parametrize("deleted_again", [False, True], ids=["object", "only old versions"])
def test_bucket_that_holds_something_is_not_deleted(embedded_aws: EmbeddedAws, deleted_again: bool) -> None:
    client, s3 = embedded_aws.session().client("cloudformation"), embedded_aws.session().client("s3")
    name = unique("full-bucket")
    versioning = {"VersioningConfiguration": {"Status": "Enabled"}} if deleted_again else {}
    stack = create(client, {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name, **versioning}}})
    s3.put_object(Bucket=name, Key="kept", Body=b"1")
    if deleted_again:
        s3.delete_object(Bucket=name, Key="kept")

    outcome = delete(client, stack.stack_id)

    assert outcome.status == "DELETE_FAILED"
    assert "The bucket you tried to delete is not empty" in outcome.reasons["Bucket"]
    with pytest.raises(ClientError) as update:
        client.create_change_set(
            StackName=stack.stack_id,
            ChangeSetName="again",
            TemplateBody=json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}),
        )
    assert refusal(update) == (
        "ValidationError",
        f"Stack:{stack.stack_id} is in DELETE_FAILED state and can not be updated.",
    )
    with pytest.raises(ClientError) as error:
        s3.delete_bucket(Bucket=name)
    assert refusal(error)[0] == "BucketNotEmpty"


def test_a_stack_whose_creation_was_rolled_back_is_only_deleted(embedded_aws: EmbeddedAws) -> None:
    client = embedded_aws.session().client("cloudformation")
    name = f"{unique('taken')}-{'x' * 8}"
    create(client, {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}}})
    stack = create(client, {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}}}, validated=False)
    assert stack.status == "ROLLBACK_COMPLETE"
    body = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})

    with pytest.raises(ClientError) as update:
        client.create_change_set(StackName=stack.stack_id, ChangeSetName="again", TemplateBody=body)
    stack_name = stack.stack_id.split("/")[1]
    with pytest.raises(ClientError) as creation:
        client.create_change_set(StackName=stack_name, ChangeSetName="again", ChangeSetType="CREATE", TemplateBody=body)

    words = f"Stack:{stack.stack_id} is in ROLLBACK_COMPLETE state and can not be updated."
    assert refusal(update) == ("ValidationError", words)
    assert refusal(creation) == ("AlreadyExistsException", f"Stack [{stack_name}] already exists")


def test_repository_with_images_is_not_deleted(embedded_aws: EmbeddedAws) -> None:
    client, ecr = embedded_aws.session().client("cloudformation"), embedded_aws.session().client("ecr")
    name = unique("full-repository")
    stack = create(client, {"Images": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryName": name}}})
    ecr.put_image(repositoryName=name, imageManifest=json.dumps(IMAGE), imageTag="1")

    outcome = delete(client, stack.stack_id)

    assert outcome.status == "DELETE_FAILED"
    with pytest.raises(ClientError) as error:
        ecr.delete_repository(repositoryName=name)
    assert refusal(error)[0] == "RepositoryNotEmptyException"


def test_secret_in_its_recovery_window_keeps_its_name(embedded_aws: EmbeddedAws) -> None:
    secrets, name = embedded_aws.session().client("secretsmanager"), unique("secret")
    secrets.create_secret(Name=name, SecretString="1")
    secrets.delete_secret(SecretId=name)
    message = "You can't create this secret because a secret with this name is already scheduled for deletion."

    with pytest.raises(ClientError) as error:
        secrets.create_secret(Name=name, SecretString="2")
    outcome = create(
        embedded_aws.session().client("cloudformation"),
        {"Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": name, "SecretString": "2"}}},
    )

    assert refusal(error) == ("InvalidRequestException", message)
    assert message in outcome.reasons["Secret"]


def test_secret_that_cloudformation_deleted_is_gone_at_once(embedded_aws: EmbeddedAws) -> None:
    client = embedded_aws.session().client("cloudformation")
    secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": unique("secret"), "SecretString": "1"}}
    delete(client, create(client, {"Secret": secret}).stack_id)

    assert create(client, {"Secret": secret}).status == "CREATE_COMPLETE"


def test_role_needs_a_boundary_that_exists(embedded_aws: EmbeddedAws) -> None:
    boundary = f"arn:aws:iam::{embedded_aws.account}:policy/missing"
    message = f"Scope ARN: {boundary} does not exist or is not attachable."
    role = {"AssumeRolePolicyDocument": TRUST, "PermissionsBoundary": boundary}

    with pytest.raises(ClientError) as error:
        embedded_aws.session().client("iam").create_role(
            RoleName=unique("role"), AssumeRolePolicyDocument=json.dumps(TRUST), PermissionsBoundary=boundary
        )
    outcome = create(
        embedded_aws.session().client("cloudformation"), {"Role": {"Type": "AWS::IAM::Role", "Properties": role}}
    )

    assert refusal(error) == ("NoSuchEntity", message)
    assert message in outcome.reasons["Role"]


def test_boundary_is_kept_on_the_role_and_not_deleted_under_it(embedded_aws: EmbeddedAws) -> None:
    client, iam = embedded_aws.session().client("cloudformation"), embedded_aws.session().client("iam")
    boundary = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy(1)}}
    policy_stack = create(client, {"Boundary": boundary})
    arn = policy_stack.physical_ids["Boundary"]
    role = {"AssumeRolePolicyDocument": TRUST, "PermissionsBoundary": arn}
    role_stack = create(client, {"Role": {"Type": "AWS::IAM::Role", "Properties": role}})

    described = iam.get_role(RoleName=role_stack.physical_ids["Role"])["Role"]
    early = delete(client, policy_stack.stack_id)
    assert delete(client, role_stack.stack_id).status == "DELETE_COMPLETE"

    assert described["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    assert "Cannot delete a policy attached to entities." in early.reasons["Boundary"]
    assert delete(client, policy_stack.stack_id).status == "DELETE_COMPLETE"


def test_attached_policy_must_exist(embedded_aws: EmbeddedAws) -> None:
    arn = f"arn:aws:iam::{embedded_aws.account}:policy/missing"
    role = {"AssumeRolePolicyDocument": TRUST, "ManagedPolicyArns": [arn]}

    outcome = create(
        embedded_aws.session().client("cloudformation"), {"Role": {"Type": "AWS::IAM::Role", "Properties": role}}
    )

    assert f"Policy {arn} does not exist or is not attachable." in outcome.reasons["Role"]


def test_policies_that_are_too_long_are_refused(embedded_aws: EmbeddedAws) -> None:
    iam, role = embedded_aws.session().client("iam"), unique("role")
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(TRUST))
    half = json.dumps(policy(200))
    iam.put_role_policy(RoleName=role, PolicyName="first", PolicyDocument=half)

    with pytest.raises(ClientError) as managed:
        iam.create_policy(PolicyName=unique("policy"), PolicyDocument=json.dumps(policy(220)))
    with pytest.raises(ClientError) as inline:
        iam.put_role_policy(RoleName=role, PolicyName="second", PolicyDocument=half)
    outcome = create(
        embedded_aws.session().client("cloudformation"),
        {
            "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy(220)}},
        },
    )

    assert refusal(managed) == ("LimitExceeded", "Cannot exceed quota for PolicySize: 6144")
    assert refusal(inline) == ("LimitExceeded", f"Maximum policy size of 10240 bytes exceeded for role {role}")
    assert "Cannot exceed quota for PolicySize: 6144" in outcome.reasons["Managed"]


def test_parts_of_a_network_in_use_are_not_deleted(embedded_aws: EmbeddedAws) -> None:
    client, ec2 = embedded_aws.session().client("cloudformation"), embedded_aws.session().client("ec2")
    network = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}},
        "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.1.0.0/24"}},
        "Source": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"GroupDescription": "source", "VpcId": {"Ref": "Vpc"}},
        },
    }
    stack = create(client, network)
    ids = stack.physical_ids
    target = ec2.create_security_group(GroupName=unique("target"), Description="target", VpcId=ids["Vpc"])["GroupId"]
    permission: Any = {
        "IpProtocol": "tcp",
        "FromPort": 1,
        "ToPort": 1,
        "UserIdGroupPairs": [{"GroupId": ids["Source"]}],
    }
    ec2.authorize_security_group_ingress(GroupId=target, IpPermissions=[permission])
    interface = ec2.create_network_interface(SubnetId=ids["Subnet"], Groups=[target])["NetworkInterface"]

    refused = delete(client, stack.stack_id)
    with pytest.raises(ClientError) as used_group:
        ec2.delete_security_group(GroupId=target)
    with pytest.raises(ClientError) as used_subnet:
        ec2.delete_subnet(SubnetId=ids["Subnet"])
    ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    ec2.delete_security_group(GroupId=target)

    assert refused.status == "DELETE_FAILED"
    assert f"resource {ids['Source']} has a dependent object" in refused.reasons["Source"]
    assert f"The subnet '{ids['Subnet']}' has dependencies and cannot be deleted." in refused.reasons["Subnet"]
    assert f"The vpc '{ids['Vpc']}' has dependencies and cannot be deleted." in refused.reasons["Vpc"]
    assert refusal(used_group) == ("DependencyViolation", f"resource {target} has a dependent object")
    assert refusal(used_subnet)[0] == "DependencyViolation"
    assert delete(client, stack.stack_id).status == "DELETE_COMPLETE"


def test_attached_internet_gateway_is_not_deleted(embedded_aws: EmbeddedAws) -> None:
    ec2 = embedded_aws.session().client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)

    with pytest.raises(ClientError) as error:
        ec2.delete_internet_gateway(InternetGatewayId=gateway)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)

    assert refusal(error) == (
        "DependencyViolation",
        f"The internetGateway '{gateway}' has dependencies and cannot be deleted.",
    )


def test_stack_under_termination_protection_is_not_deleted(embedded_aws: EmbeddedAws) -> None:
    client = embedded_aws.session().client("cloudformation")
    stack = create(client, {"Topic": {"Type": "AWS::SNS::Topic"}})
    client.update_termination_protection(StackName=stack.stack_id, EnableTerminationProtection=True)

    name = stack.stack_id.split("/")[1]
    with pytest.raises(ClientError) as error:
        client.delete_stack(StackName=name)

    # As aws-nuke #821 and runway #199 quote it.
    code, message = refusal(error)
    assert code == "ValidationError"
    assert message == f"Stack [{name}] cannot be deleted while TerminationProtection is enabled"


def test_an_image_that_a_repository_does_not_hold_is_refused(embedded_aws: EmbeddedAws) -> None:
    ecr: Any = embedded_aws.session().client("ecr")
    ecr.create_repository(repositoryName="holds-nothing")

    with pytest.raises(ClientError) as error:
        ecr.describe_images(repositoryName="holds-nothing", imageIds=[{"imageTag": "1.0"}])

    code, message = refusal(error)
    assert code == "ImageNotFoundException"
    assert message.startswith("The image with imageId {imageDigest:'null', imageTag:'1.0'} does not exist within")
    assert ecr.describe_images(repositoryName="holds-nothing")["imageDetails"] == []


# -- pages -------------------------------------------------------------------------------------------------------------
PAGED = {
    "ec2": ("describe_security_groups", "MaxResults", "SecurityGroups", "NextToken", 5, 1000),
    "iam": ("list_roles", "MaxItems", "Roles", "Marker", 1, 1000),
    "elbv2": ("describe_target_groups", "PageSize", "TargetGroups", "NextMarker", 1, 400),
    "ecr": ("describe_images", "maxResults", "imageDetails", "nextToken", 1, 1000),
    "rds": ("describe_db_engine_versions", "MaxRecords", "DBEngineVersions", "Marker", 20, 100),
}


TRANSFORMATION = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}


@pytest.mark.parametrize(
    ("service", "operation", "request_", "code", "where"),
    [
        ("ssm", "get_parameters", {"Names": ["/one"] * 11}, "ValidationException", "'names'"),
        ("events", "put_rule", {"Name": "a" * 65}, "ValidationException", "'name'"),
        ("secretsmanager", "create_secret", {"Name": "a" * 513}, "ValidationException", "'name'"),
        (
            "logs",
            "put_metric_filter",
            {
                "logGroupName": "a",
                "filterName": "b",
                "filterPattern": "c" * 1025,
                "metricTransformations": [TRANSFORMATION],
            },
            "InvalidParameterException",
            "'filterPattern'",
        ),
        (
            "athena",
            "list_query_executions",
            {"MaxResults": 51},
            "InvalidRequestException",
            "'maxResults'",
        ),
    ],
)
def test_what_is_longer_than_the_model_allows_is_refused(
    embedded_aws: EmbeddedAws, service: str, operation: str, request_: dict[str, Any], code: str, where: str
) -> None:
    client: Any = embedded_aws.session().client(service)  # type: ignore[call-overload]
    with pytest.raises(ClientError) as error:
        getattr(client, operation)(**request_)
    assert refusal(error)[0] == code
    assert f"at {where} failed to satisfy constraint: Member must have" in refusal(error)[1]


def test_a_parameter_of_the_free_tier_is_not_longer_than_4096(embedded_aws: EmbeddedAws) -> None:
    ssm = embedded_aws.session().client("ssm")
    name = unique("/long")
    ssm.put_parameter(Name=name, Value="x" * 4096, Type="String")
    with pytest.raises(ClientError) as error:
        ssm.put_parameter(Name=name, Value="x" * 4097, Type="String", Overwrite=True)
    code, message = refusal(error)
    assert code == "ValidationException"
    assert message.startswith("Standard tier parameters support a maximum parameter value of 4096 characters.")


def test_an_alarm_by_call_and_by_template_keeps_the_rules_of_periods(embedded_aws: EmbeddedAws) -> None:
    message = "DatapointsToAlarm must be less than or equal to EvaluationPeriods"
    alarm = NAMED["AWS::CloudWatch::Alarm"][1] | {"DatapointsToAlarm": 2}
    with pytest.raises(ClientError) as error:
        embedded_aws.session().client("cloudwatch").put_metric_alarm(AlarmName=unique("alarm"), **alarm)
    assert refusal(error) == ("ValidationError", message)
    template = {"It": {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm}}
    made = create(embedded_aws.session().client("cloudformation"), template, validated=False)
    assert message in made.reasons["It"]


def test_variables_of_a_function_are_measured_as_json(embedded_aws: EmbeddedAws) -> None:
    message = "the environment variables you have provided exceeded the 4KB limit"
    function: Any = {
        "Handler": "index.handler",
        "Runtime": "python3.12",
        "Role": "arn:aws:iam::000000000000:role/r",
        "Environment": {"Variables": {"AB": '"' * 2_045}},
    }
    with pytest.raises(ClientError) as error:
        embedded_aws.session().client("lambda").create_function(
            FunctionName=unique("function"), Code={"ZipFile": b"x"}, **function
        )
    assert refusal(error)[0] == "InvalidParameterValueException"
    assert message in refusal(error)[1]
    of_template = {"Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Code": {"ZipFile": "x"}}
    template = {**ROLE, "It": {"Type": "AWS::Lambda::Function", "Properties": function | of_template}}
    made = create(embedded_aws.session().client("cloudformation"), template, validated=False)
    assert message in made.reasons["It"]


def test_ecr_says_in_its_own_words_what_is_too_long(embedded_aws: EmbeddedAws) -> None:
    with pytest.raises(ClientError) as error:
        embedded_aws.session().client("ecr").create_repository(repositoryName="a" * 257)
    code, message = refusal(error)
    assert code == "InvalidParameterException"
    constraint = "'must have length less than or equal to 256'"
    assert message == f"Invalid parameter at 'repositoryName' failed to satisfy constraint: {constraint}"


@pytest.mark.parametrize("service", PAGED)
def test_a_list_comes_in_pages_of_the_sizes_that_its_api_documents(embedded_aws: EmbeddedAws, service: str) -> None:
    operation, size, members, token, smallest, largest = PAGED[service]
    session: Any = embedded_aws.session()
    client, request = session.client(service), _many(embedded_aws, service)

    first = getattr(client, operation)(**request, **{size: smallest})
    pages = client.get_paginator(operation).paginate(**request, PaginationConfig={"PageSize": smallest})
    everything = [repr(it) for page in pages for it in page[members]]

    assert len(first[members]) == smallest
    assert first[token]
    assert len(everything) == len(set(everything)) == len(getattr(client, operation)(**request)[members]) > smallest
    with pytest.raises(ClientError):
        getattr(client, operation)(**request, **{size: largest + 1})


def _many(embedded_aws: EmbeddedAws, service: str) -> dict[str, str]:
    """More than one page of the smallest size, and what a request for them names."""
    session = embedded_aws.session()
    if service == "ecr":
        name = unique("paged")
        session.client("ecr").create_repository(repositoryName=name)
        for number in range(3):
            manifest = json.dumps({**IMAGE, "config": {**IMAGE["config"], "size": number}})  # type: ignore[dict-item]
            session.client("ecr").put_image(repositoryName=name, imageManifest=manifest, imageTag=str(number))
        return {"repositoryName": name}
    if service == "rds":
        return {"Engine": "postgres"}
    ec2 = session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    for _ in range(6):
        name = unique("paged")
        if service == "ec2":
            ec2.create_security_group(VpcId=vpc, GroupName=name, Description=name)
        elif service == "elbv2":
            session.client("elbv2").create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
        elif service == "iam":
            session.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    return {}
