"""What is judged by the names of properties, in types that have no judgements of their own."""

from typing import Any, Final

import pytest

from installation import names
from ops.review.cdk_diff import CdkDiff
from ops.review.comparing import compare
from ops.review.finding import Finding, Severity
from ops.review.review import template_findings
from ops.templates.assembly import Assembly
from tests.support.review.application import Application

OTHER: Final = "444455556666"
LAYER: Final = "arn:aws:lambda:ap-northeast-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python314-arm64:1"
STOP: Final = "arn:aws:scheduler:::aws-sdk:rds:stopDBInstance"
START: Final = "arn:aws:scheduler:::aws-sdk:rds:startDBInstance"
AUTOMATION: Final = "arn:aws:ssm:ap-northeast-1:123456789012:automation-definition/AWS-StopRdsInstance"
KEY: Final = "iam:createAccessKey"
FETCHED: Final = "phases:\n  install:\n    commands:\n      - bash <(curl -fsSL https://example.net/install.sh)\n"
SHARED: Final = {"AmiDistributionConfiguration": {"LaunchPermissionConfiguration": {"UserGroups": ["all"]}}}
PERMIT: Final = "permit (\n  principal,\n  action,\n  resource\n);"
ANONYMOUS: Final = "arn:aws:quicksight:::publicAnonymousUser/*"
ALARM: Final = "aws:cloudwatch:alarm"
RECOVERED: Final = {"PointInTimeRecoveryEnabled": True}
OUT: Final = {"CidrIp": "0.0.0.0/0", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
EVERYBODY: Final = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "glue:*", "Resource": "*"}]}'


def _found(application: Application, dev: Assembly, cdk_diff: CdkDiff) -> list[Finding]:
    return template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)


def _risks(application: Application, dev: Assembly, cdk_diff: CdkDiff) -> set[str]:
    return {it.rule for it in _found(application, dev, cdk_diff) if it.severity is Severity.RISK}


@pytest.mark.parametrize(
    ("kind", "properties", "rule"),
    [
        ("AWS::MSK::Cluster", {"EncryptionInfo": {"ClientBroker": "TLS_PLAINTEXT"}}, "unencrypted"),
        ("AWS::DAX::Cluster", {"SSESpecification": {"SSEEnabled": False}}, "unencrypted"),
        ("AWS::OpenSearchService::Domain", {"EncryptionAtRestOptions": {"Enabled": "false"}}, "unencrypted"),
        ("AWS::MQ::Broker", {"PubliclyAccessible": True}, "public"),
        ("AWS::Transfer::Connector", {"SecurityPolicyName": "TLS-1-1-2018"}, "tls-old"),
        ("AWS::Redshift::Cluster", {"MasterUserPassword": "Correct-Horse-9"}, "secret-in-template"),
        ("AWS::SecretsManager::Secret", {"GenerateSecretString": {"PasswordLength": 4}}, "sign-in-weak"),
        ("AWS::DynamoDB::Table", {"ProvisionedThroughput": {"WriteCapacityUnits": 1000}}, "costly"),
        ("AWS::SSM::Document", {"Name": "SSM-SessionManagerRunShell", "Content": {}}, "account-setting"),
        ("AWS::MemoryDB::User", {"AuthenticationMode": {"Passwords": ["Correct-Horse-9"]}}, "secret-in-template"),
        ("AWS::SES::MailManagerRelay", {"Authentication": {"NoAuthentication": {}}}, "public"),
        ("AWS::VerifiedPermissions::PolicyStore", {"ValidationSettings": {"Mode": "OFF"}}, "guard-off"),
        ("AWS::StepFunctions::StateMachine", {"DefinitionS3Location": {"Bucket": "partner"}}, "sent-elsewhere"),
        ("AWS::SSM::Parameter", {"Name": "/mail/api-key", "Type": "String", "Value": "k"}, "secret-in-template"),
        ("AWS::KinesisFirehose::DeliveryStream", {"RoleARN": f"arn:aws:iam::{OTHER}:role/x"}, "another-account"),
        ("AWS::Config::AggregationAuthorization", {"AuthorizedAccountId": OTHER}, "another-account"),
        ("AWS::EKS::Cluster", {"ResourcesVpcConfig": {"PublicAccessCidrs": ["0.0.0.0/0"]}}, "open-to-the-world"),
        ("AWS::Glue::ResourcePolicy", {"PolicyInJson": EVERYBODY}, "public"),
        ("AWS::Lambda::LayerVersionPermission", {"Action": "lambda:GetLayerVersion", "Principal": "*"}, "public"),
        ("AWS::Scheduler::Schedule", {"Target": {"Arn": STOP}}, "acts-by-itself"),
        ("AWS::Events::Rule", {"Targets": [{"Id": "a", "Arn": AUTOMATION}]}, "acts-by-itself"),
        ("AWS::CloudWatch::Alarm", {"AlarmActions": ["arn:aws:automate:ap-northeast-1:ec2:stop"]}, "acts-by-itself"),
        ("AWS::CodeBuild::Project", {"Environment": {"PrivilegedMode": True}}, "privileged"),
        ("AWS::Lambda::Function", {"Environment": {"Variables": {"MAIL_TOKEN": "x"}}}, "secret-in-template"),
        ("AWS::ApplicationAutoScaling::ScalableTarget", {"MinCapacity": 0, "MaxCapacity": 2}, "scaling-changed"),
        ("AWS::FIS::ExperimentTemplate", {"StopConditions": [{"Source": "none"}]}, "experiment"),
        ("AWS::SNS::Subscription", {"Protocol": "http", "Endpoint": "http://example.com"}, "plain-text"),
        ("AWS::EC2::Route", {"DestinationCidrBlock": "10.0.0.0/8", "TransitGatewayId": "tgw-1"}, "network-joined"),
        ("AWS::SQS::Queue", {"RedrivePolicy": {"deadLetterTargetArn": f"arn:aws:sqs:x:{OTHER}:q"}}, "another-account"),
        ("AWS::Scheduler::Schedule", {"Target": {"Arn": STOP.replace("rds:stopDBInstance", KEY)}}, "acts-by-itself"),
        ("AWS::SSM::Document", {"Content": "mainSteps:\n  - inputs:\n      Api: DeleteDBInstance\n"}, "destroys"),
        ("AWS::CodeBuild::Project", {"Source": {"BuildSpec": FETCHED}}, "code-from-elsewhere"),
        ("AWS::SecretsManager::Secret", {"SecretString": '{"password": "hunter2hunter2"}'}, "secret-in-template"),
        ("AWS::CodeBuild::Project", {"Source": {"BuildSpec": "aws rds delete-db-instance --x"}}, "destroys"),
        ("AWS::AppStream::Fleet", {"UserData": "set -e\nexport DB_PASSWORD=hunter2hunter2"}, "secret-in-template"),
        ("AWS::RDS::DBClusterParameterGroup", {"Parameters": {"fsync": "off", "ssl": "0"}}, "plain-text"),
        ("AWS::Route53::RecordSetGroup", {"RecordSets": [{"AliasTarget": {"DNSName": "a.example"}}]}, "name-led"),
        ("AWS::Route53::RecordSet", {"Type": "TXT", "ResourceRecords": ['"v=spf1 mx ?all"']}, "guard-off"),
        ("AWS::EC2::PrefixList", {"Entries": [{"Cidr": "0.0.0.0/0"}]}, "open-to-the-world"),
        ("AWS::ImageBuilder::DistributionConfiguration", SHARED, "public"),
        ("AWS::QuickSight::Dashboard", {"Permissions": [{"Principal": ANONYMOUS}]}, "public"),
        ("AWS::VerifiedPermissions::Policy", {"Statement": PERMIT}, "wildcard-action"),
        ("AWS::Transfer::Connector", {"Url": "sftp://files.example.com"}, "sent-elsewhere"),
        ("AWS::EMRServerless::Application", {"AutoStopConfiguration": {"Enabled": False}}, "costly"),
        ("AWS::Glue::Job", {"NumberOfWorkers": 200}, "costly"),
        ("AWS::CloudFront::Distribution", {"DistributionConfig": {"Enabled": True}}, "public-address"),
        ("AWS::ApiGatewayV2::Integration", {"RequestParameters": {"x": f"Bearer {'a1' * 9}"}}, "secret-in-template"),
        ("AWS::Lambda::CodeSigningConfig", {"Policies": {"UntrustedArtifactOnDeployment": "Warn"}}, "guard-off"),
        ("AWS::NetworkFirewall::RuleGroup", {"RulesString": "pass ip any any -> any any (sid:1;)"}, "guard-off"),
        ("AWS::Route53::HealthCheck", {"HealthCheckConfig": {"HealthThreshold": 0}}, "guard-off"),
        ("AWS::Transfer::Workflow", {"Steps": [{"Type": "DELETE"}]}, "destroys"),
        ("AWS::FSx::Volume", {"NfsExports": [{"Options": ["rw", "no_root_squash"]}]}, "privileged"),
        ("AWS::ACMPCA::Certificate", {"SigningAlgorithm": "SHA1WITHRSA"}, "unencrypted"),
        ("AWS::Lambda::Version", {"ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 50}}, "costly"),
        ("AWS::Batch::ComputeEnvironment", {"ComputeResources": {"MaxvCpus": "1000"}}, "costly"),
        ("AWS::EC2::Volume", {"Size": 2000, "Encrypted": True}, "costly"),
        ("AWS::EC2::Volume", {"Iops": 64000, "Encrypted": True}, "costly"),
        ("AWS::OpenSearchService::Domain", {"ClusterConfig": {"InstanceType": "r6g.4xlarge.search"}}, "costly"),
        ("AWS::Synthetics::Canary", {"Schedule": {"Expression": "rate(1 minute)"}}, "costly"),
        ("AWS::Scheduler::Schedule", {"ScheduleExpression": "cron(0/1 * * * ? *)"}, "costly"),
        ("AWS::StepFunctions::StateMachine", {"LoggingConfiguration": {"Level": "OFF"}}, "logs-off"),
        ("AWS::ECS::TaskDefinition", {"ContainerDefinitions": [{"Name": "a", "Image": "b:1"}]}, "logs-off"),
        ("AWS::ECS::TaskDefinition", {"ContainerDefinitions": [{"Image": "nginx:latest"}]}, "code-from-elsewhere"),
        ("AWS::Batch::JobDefinition", {"ContainerProperties": {"Image": "acme/worker"}}, "code-from-elsewhere"),
        ("AWS::Logs::LogGroup", {"RetentionInDays": 1}, "kept-briefly"),
        ("AWS::DynamoDB::GlobalTable", {"Replicas": [{"Region": "us-east-1"}]}, "copied"),
        ("AWS::Backup::BackupPlan", {"DestinationArn": {"Fn::Sub": "arn:aws:backup:eu-west-1:${A}:x"}}, "copied"),
        ("AWS::DynamoDB::Table", {"TableName": "orders"}, "destroys"),
        ("AWS::ECS::TaskDefinition", {"ContainerDefinitions": [{"User": "root"}]}, "privileged"),
        ("AWS::RDS::DBInstance", {"StorageEncrypted": True}, "public"),
        ("AWS::Neptune::DBCluster", {"StorageEncrypted": True}, "public"),
        ("AWS::Neptune::DBCluster", {"IamAuthEnabled": False}, "public"),
        ("AWS::DMS::InstanceProfile", {"InstanceProfileName": "x"}, "public"),
        ("AWS::ApiGateway::Stage", {"MethodSettings": [{"CachingEnabled": True}]}, "unencrypted"),
        ("AWS::ECS::Service", {"VolumeConfigurations": [{"ManagedEBSVolume": {"SizeInGiB": 8}}]}, "unencrypted"),
        ("AWS::Batch::JobDefinition", {"Command": ["node", "--inspect=0.0.0.0:9229", "a.js"]}, "privileged"),
        ("AWS::Batch::JobDefinition", {"Log": {"Options": {"splunk-token": "1-2"}}}, "secret-in-template"),
        ("AWS::Batch::JobDefinition", {"Log": {"Options": {"splunk-url": "https://a.example"}}}, "sent-elsewhere"),
        ("AWS::Batch::JobDefinition", {"Environment": [{"Name": "PGSSLMODE", "Value": "disable"}]}, "unencrypted"),
        ("AWS::Synthetics::Canary", {"RunConfig": {"NODE_TLS_REJECT_UNAUTHORIZED": "0"}}, "unencrypted"),
        ("AWS::Lambda::EventSourceMapping", {"StartingPosition": "LATEST"}, "guard-off"),
        ("AWS::Lambda::EventSourceMapping", {"MaximumRetryAttempts": -1}, "guard-off"),
        ("AWS::Batch::JobDefinition", {"Environment": [{"Name": "SIGNING_KEY", "Value": "k"}]}, "secret-in-template"),
        ("AWS::CloudWatch::Alarm", {"AlarmName": "queue-age", "Threshold": 1}, "alarm-silenced"),
        ("AWS::Pipes::Pipe", {"LogConfiguration": {"Level": "OFF"}}, "logs-off"),
        ("AWS::ECS::Cluster", {"Configuration": {"ExecuteCommandConfiguration": {"Logging": "NONE"}}}, "logs-off"),
        ("AWS::MSK::Cluster", {"EncryptionInfo": {"EncryptionInTransit": {"InCluster": False}}}, "unencrypted"),
        ("AWS::Amplify::Branch", {"EnablePullRequestPreview": True}, "public"),
        ("AWS::EventSchemas::Discoverer", {"CrossAccount": True}, "shared"),
        ("AWS::Batch::JobDefinition", {"Linux": {"Capabilities": {"Add": ["SYS_ADMIN"]}}}, "privileged"),
        ("AWS::Scheduler::Schedule", {"RoleArn": {"Fn::Sub": "arn:aws:iam::${X}:role/ops-Admin"}}, "policy-attached"),
        ("AWS::Cassandra::Table", {"DefaultTimeToLive": 600}, "kept-briefly"),
        ("AWS::EMRServerless::Application", {"MaximumCapacity": {"Cpu": "4000 vCPU"}}, "costly"),
        ("AWS::Route53Resolver::ResolverDNSSECConfig", {"ValidationStatus": "DISABLED"}, "guard-off"),
    ],
)  # fmt: skip
def test_a_new_resource_of_any_type(
    application: Application, dev: Assembly, cdk_diff: CdkDiff, kind: str, properties: dict[str, Any], rule: str
) -> None:
    application.add("ArtifactStack", "New", kind, properties)
    assert rule in _risks(application, dev, cdk_diff)


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::SSM::Parameter", {"Name": "/product/mail/secret-arn", "Type": "String", "Value": "x"}),
        ("AWS::SSM::Parameter", {"Name": "/product/password", "Type": "String", "Value": "{{resolve:ssm:/other}}"}),
        ("AWS::AppSync::ApiCache", {"AtRestEncryptionEnabled": True, "TransitEncryptionEnabled": True}),
        ("AWS::Batch::JobDefinition", {"Layers": [LAYER], "Name": "of AWS"}),
        ("AWS::CodeBuild::Project", {"Artifacts": {"Type": "S3", "EncryptionDisabled": False}}),
        ("AWS::EC2::SecurityGroup", {"GroupDescription": "x", "SecurityGroupEgress": [OUT]}),
        ("AWS::Scheduler::Schedule", {"Target": {"Arn": START}}),
        ("AWS::FIS::ExperimentTemplate", {"StopConditions": [{"Source": ALARM, "Value": "x"}]}),
        ("AWS::SNS::Subscription", {"Protocol": "https", "Endpoint": "https://example.com"}),
        ("AWS::Route53::RecordSet", {"Type": "TXT", "ResourceRecords": ['"v=spf1 include:amazonses.com -all"']}),
        ("AWS::Route53::RecordSet", {"Type": "TXT", "ResourceRecords": ['"v=spf1 mx ~all"']}),
        ("AWS::ApiGateway::GatewayResponse", {"ResponseParameters": {"a.Access-Control-Allow-Credentials": "'true'"}}),
        ("AWS::NetworkFirewall::RuleGroup", {"RulesString": "pass tls any any -> any 443 (sid:1;)"}),
        ("AWS::VerifiedPermissions::Policy", {"Statement": 'permit(principal, action == Action::"a", resource);'}),
        ("AWS::SSM::Document", {"Content": "mainSteps:\n  - inputs:\n      Api: DescribeDBInstances\n"}),
        ("AWS::SSM::Document", {"Content": "a: &a [x, x]\nb: &b [*a, *a]\nSkipFinalSnapshot: 'true'\n"}),
        ("AWS::Batch::JobDefinition", {"ContainerProperties": {"Image": {"Fn::Sub": "${AWS::AccountId}.dkr/a:1.2"}}}),
        ("AWS::Scheduler::Schedule", {"ScheduleExpression": "cron(0 3 * * ? *)"}),
        ("AWS::DynamoDB::Table", {"DeletionProtectionEnabled": True, "PointInTimeRecoverySpecification": RECOVERED}),
        ("AWS::DynamoDB::GlobalTable", {"Replicas": [{"Region": "ap-northeast-1", "DeletionProtectionEnabled": True}]}),
        ("AWS::Route53::HealthCheck", {"HealthCheckConfig": {"Regions": ["us-east-1", "eu-west-1"]}}),
        ("AWS::CloudWatch::Dashboard", {"DashboardBody": '{"widgets": [{"region": "us-east-1"}]}'}),
        ("AWS::EFS::MountTarget", {"SubnetId": "subnet-1", "SecurityGroups": ["sg-1"]}),
        ("AWS::CodeBuild::Project", {"Source": {"BuildSpec": "PASSWORD_LENGTH=123456\naws s3 cp a s3://$BUCKET"}}),
        ("AWS::CodeBuild::Project", {"Source": {"BuildSpec": "docker login --password-stdin registry.example.com"}}),
        ("AWS::CodeBuild::Project", {"Source": {"BuildSpec": "a --http-tokens required --client-token abcdefgh"}}),
        ("AWS::CodeBuild::Project", {"Source": {"BuildSpec": "psql --no-password database --private-key file://a"}}),
        ("AWS::KMS::Key", {"KeySpec": "RSA_2048", "EnableKeyRotation": False, "KeyPolicy": {}}),
    ],
)
def test_what_only_looks_like_it_is_no_risk(
    application: Application, dev: Assembly, cdk_diff: CdkDiff, kind: str, properties: dict[str, Any]
) -> None:
    application.add("ArtifactStack", "New", kind, properties)
    assert _risks(application, dev, cdk_diff) == set()


def test_an_alarm_that_another_one_asks_need_tell_nobody(
    application: Application, dev: Assembly, cdk_diff: CdkDiff
) -> None:
    application.add("ComputeStack", "Part", "AWS::CloudWatch::Alarm", {"AlarmName": "part", "Threshold": 1})
    asking = {"AlarmRule": 'ALARM("part")', "AlarmActions": [{"Ref": "AWS::NoValue"}]}
    application.add("ComputeStack", "Whole", "AWS::CloudWatch::CompositeAlarm", asking)
    silent = [it.logical_id for it in _found(application, dev, cdk_diff) if it.rule == "alarm-silenced"]
    assert silent == ["Whole"]


def test_a_bucket_that_is_emptied_stands_where_it_shall_stay(
    application: Application, dev: Assembly, cdk_diff: CdkDiff
) -> None:
    emptied = {"Tags": [{"Key": "aws-cdk:auto-delete-objects", "Value": "true"}]}
    application.add("ArtifactStack", "Invoices", "AWS::S3::Bucket", emptied)
    application.add("ComputeStack", "Scratch", "AWS::S3::Bucket", emptied)
    told = {it.logical_id for it in _found(application, dev, cdk_diff) if it.rule == "destroys"}
    assert told == {"Invoices"}


def test_what_runs_the_product_beside_its_releases(application: Application, dev: Assembly, cdk_diff: CdkDiff) -> None:
    tasks = {"TaskDefinitionArn": {"Ref": application.id_of("ComputeStack", "Task/Definition")}}
    targets = [{"Id": "a", "Arn": "arn:aws:ecs:ap-northeast-1:123456789012:cluster/c", "EcsParameters": tasks}]
    application.add("ComputeStack", "New", "AWS::Events::Rule", {"Targets": targets})
    assert "acts-on" in _risks(application, dev, cdk_diff)


def test_a_type_that_is_made_to_change_another_acts_on_what_is_there(
    application: Application, dev: Assembly, cdk_diff: CdkDiff
) -> None:
    secret = {"Ref": application.id_of("ArtifactStack", "DatabasePassword")}
    application.add("ArtifactStack", "New", "AWS::SecretsManager::RotationSchedule", {"SecretId": secret})
    (told,) = (it for it in _found(application, dev, cdk_diff) if it.rule == "acts-on")
    assert "`ArtifactStack/DatabasePassword` (data)" in told.message


def test_an_output_that_other_stacks_read_is_judged_by_them(
    application: Application, dev: Assembly, cdk_diff: CdkDiff
) -> None:
    outputs = application.templates["NetworkStack"]["Outputs"]
    data = application.id_of("NetworkStack", "Network/Vpc/dataSubnet1/Subnet")
    public = application.id_of("NetworkStack", "Network/Vpc/publicSubnet1/Subnet")
    (name,) = (name for name, it in outputs.items() if it["Value"] == {"Ref": data})
    outputs[name]["Value"] = {"Ref": public}
    told = [it for it in _found(application, dev, cdk_diff) if it.rule == "output-changed"]
    assert [it.severity for it in told] == [Severity.RISK]
    assert "StorageStack/Database" in told[0].message


def test_a_secret_in_an_output(application: Application, dev: Assembly, cdk_diff: CdkDiff) -> None:
    outputs = application.templates["ArtifactStack"]["Outputs"]
    outputs["Password"] = {"Value": "{{resolve:secretsmanager:hannibal/db/password:SecretString:password}}"}
    assert _risks(application, dev, cdk_diff) == {"secret-in-template"}


def test_a_permission_of_the_same_content_may_come_under_another_logical_id(
    application: Application, dev: Assembly, cdk_diff: CdkDiff
) -> None:
    path = "SnapshotTags/Handler/Function/Daily"
    old = application.remove("AuditStack", path)
    text = application.templates["AuditStack"]
    (gone,) = dev.stacks["AuditStack"].resources.keys() - text["Resources"].keys()
    text["Resources"]["New"] = old
    for resource in application.resources("AuditStack").values():
        if gone in (depends_on := resource.get("DependsOn", [])):
            resource["DependsOn"] = ["New" if it == gone else it for it in depends_on]
    told = _found(application, dev, cdk_diff)
    assert {it.severity for it in told if it.rule == "made-again"} == {Severity.HARMLESS}
    assert not [it for it in told if it.severity is Severity.RISK]


def test_a_safeguard_is_taken_off_of_what_is_there(application: Application, dev: Assembly, cdk_diff: CdkDiff) -> None:
    """Also where the judgements of its type do not know the property."""
    topic = application.properties("GuardrailStack", "Alerts/Topic")
    topic["Subscription"] = [{"Protocol": "http", "Endpoint": "http://example.net"}]
    assert "plain-text" in _risks(application, dev, cdk_diff)


def test_a_condition_of_a_policy_is_no_setting(application: Application, dev: Assembly, cdk_diff: CdkDiff) -> None:
    (statement, *_) = application.properties("ArtifactStack", "Frontend/Policy")["PolicyDocument"]["Statement"]
    statement["Condition"]["Bool"]["aws:SecureTransport"] = False
    assert _risks(application, dev, cdk_diff) == set()


def test_an_alarm_that_tells_another_account_too(application: Application, dev: Assembly, cdk_diff: CdkDiff) -> None:
    properties = application.properties("ComputeStack", "Alarms/Cpu")
    properties["AlarmActions"].append(f"arn:aws:sns:ap-northeast-1:{OTHER}:alerts")
    assert "another-account" in _risks(application, dev, cdk_diff)


def test_an_attribute_that_is_added_whole_is_judged_by_its_own_name(
    application: Application, dev: Assembly, cdk_diff: CdkDiff
) -> None:
    attributes = [
        {"Key": "deletion_protection.enabled", "Value": "false"},
        {"Key": "access_logs.s3.enabled", "Value": "true"},
    ]
    properties = {"Scheme": "internal", "LoadBalancerAttributes": attributes}
    application.add("ComputeStack", "New", "AWS::ElasticLoadBalancingV2::LoadBalancer", properties)
    assert "month-end-blocked" not in _risks(application, dev, cdk_diff)
    attributes[0]["Value"] = "true"
    assert "month-end-blocked" in _risks(application, dev, cdk_diff)


def test_a_value_is_told_once(application: Application, dev: Assembly, cdk_diff: CdkDiff) -> None:
    properties = {"Environment": {"Variables": {"API_TOKEN": "9fK2mQ7vXw4LzR8tB6nP1sD3"}}}
    application.add(names.COMPUTE_STACK, "Worker", "AWS::Lambda::Function", properties)
    (edge,) = [it for it in application.everywhere() if it["Type"] == "AWS::CloudFront::Distribution"]
    behaviors = edge["Properties"]["DistributionConfig"]["CacheBehaviors"]
    behaviors.append({**behaviors[0], "PathPattern": "/partner/*", "ViewerProtocolPolicy": "allow-all"})
    found = [it.rule for it in _found(application, dev, cdk_diff)]
    assert (found.count("secret-in-template"), found.count("plain-text")) == (1, 1)
