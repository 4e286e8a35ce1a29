"""What services refuse of a template's values: one of each way to find it; the rest is in `unit/…/requests`."""

import json
from typing import Any

import pytest

from tests.embedded.test_refused_templates import NETWORK, ROLE, Resources, distribution, instance, listener, one, ref
from tests.support.embedded.server import EmbeddedAws
from tests.support.embedded.stacks import create

pytestmark = pytest.mark.embedded

BUCKET: Resources = {"Bucket": one("S3::Bucket")}
TOPIC: Resources = {"Topic": one("SNS::Topic")}


def bucket_policy(**changes: Any) -> Resources:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": {"Ref": "AWS::AccountId"}},
        "Action": "s3:GetObject",
        "Resource": {"Fn::Sub": "${Bucket.Arn}/*"},
    } | changes
    wrong = one("S3::BucketPolicy", Bucket=ref("Bucket"), PolicyDocument={"Statement": [statement]})
    return {**BUCKET, "Wrong": wrong}


def parameters(**values: str) -> Resources:
    return {"Wrong": one("RDS::DBParameterGroup", Family="postgres16", Description="d", Parameters=values)}


def function(**properties: Any) -> Resources:
    code = {"Code": {"ZipFile": "x"}, "Handler": "index.handler", "Runtime": "python3.13"}
    wrong = one("Lambda::Function", **code, Role={"Fn::GetAtt": ["Role", "Arn"]}, **properties)
    return {**NETWORK, **ROLE, **TOPIC, "Wrong": wrong}


def rule(**properties: Any) -> Resources:
    return {"Wrong": one("Events::Rule", **properties)}


def target(**properties: Any) -> dict[str, Any]:
    return {"Id": "one", "Arn": "arn:aws:sns:ap-northeast-1:000000000000:topic"} | properties


def repository(*rules: dict[str, Any]) -> Resources:
    text = json.dumps({"rules": list(rules)})
    return {"Wrong": one("ECR::Repository", LifecyclePolicy={"LifecyclePolicyText": text})}


def of_any(priority: int) -> dict[str, Any]:
    selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": priority}
    return {"rulePriority": priority, "selection": selection, "action": {"type": "expire"}}


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        (bucket_policy(Action="s3:GetObjet"), "Policy has invalid action"),
        (bucket_policy(Principal="*"), "public policies are prevented by the BlockPublicPolicy setting"),
        (
            {"Wrong": one("S3::Bucket", LifecycleConfiguration={"Rules": [{"Status": "Enabled", "Id": "a"}]})},
            "At least one action needs to be specified in a rule",
        ),
        (
            {"Wrong": one("S3::Bucket", Tags=[{"Key": "a", "Value": "b"}, {"Key": "a", "Value": "c"}])},
            "Cannot provide multiple Tags with the same key",
        ),
        ({"Wrong": one("SNS::Topic", Tags=[{"Key": "aws:a", "Value": "b"}])}, "aws: prefixed tag key names"),
        (
            {
                **TOPIC,
                "Wrong": one(
                    "SNS::TopicPolicy",
                    Topics=[ref("Topic")],
                    PolicyDocument={"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*"}},
                ),
            },
            "Policy statement action out of service scope!",
        ),
        (
            {
                **TOPIC,
                "Wrong": one(
                    "SNS::Subscription",
                    TopicArn=ref("Topic"),
                    Protocol="email",
                    Endpoint="a@example.com",
                    FilterPolicy={"a": "b"},
                ),
            },
            'Invalid parameter: FilterPolicy: "a" must be an object or an array',
        ),
        (
            distribution(
                DefaultCacheBehavior={
                    "TargetOriginId": "o",
                    "ViewerProtocolPolicy": "allow-all",
                    "CachePolicyId": "11111111-2222-3333-4444-555555555555",
                }
            ),
            "The specified cache policy does not exist.",
        ),
        (
            listener(
                Protocol="HTTPS",
                Certificates=[{"CertificateArn": "arn:aws:acm:ap-northeast-1:000000000000:certificate/0"}],
            ),
            "Certificate 'arn:aws:acm:ap-northeast-1:000000000000:certificate/0' not found",
        ),
        (
            {"Wrong": one("CertificateManager::Certificate", DomainName="a b", ValidationMethod="DNS")},
            "Value 'a b' at 'domainName' failed to satisfy constraint",
        ),
        (repository(of_any(1), of_any(1)), "rulePriority must be unique"),
        (repository(of_any(1), of_any(2)), "the rule with tagStatus any must have the highest rulePriority"),
        (repository({**of_any(1), "enabled": True}), "instance failed to match exactly one schema"),
        (
            rule(EventPattern={"source": "aws.ecs"}, Targets=[target()]),
            'Event pattern is not valid. Reason: "source" must be an object or an array',
        ),
        (
            rule(
                EventPattern={"source": ["aws.ecs"]},
                Targets=[target(InputTransformer={"InputPathsMap": {"a": "$.detail"}, "InputTemplate": "hello <a>"})],
            ),
            "Invalid InputTemplate for target one",
        ),
        (
            rule(
                EventPattern={"source": ["aws.ecs"]},
                Targets=[target(InputTransformer={"InputPathsMap": {"a": "$.detail"}, "InputTemplate": '"<b>"'})],
            ),
            "Invalid InputTemplate for target one",
        ),
        (
            {
                **ROLE,
                "Wrong": one(
                    "Lambda::Function",
                    Code={"ZipFile": "x"},
                    Handler="index.handler",
                    Role={"Fn::GetAtt": ["Role", "Arn"]},
                    Runtime="python3.6",
                ),
            },
            "The runtime parameter of python3.6 is no longer supported",
        ),
        (
            function(DeadLetterConfig={"TargetArn": ref("Topic")}),
            "The provided execution role does not have permissions to call Publish on SNS",
        ),
        (
            function(VpcConfig={"SubnetIds": [ref("First")], "SecurityGroupIds": [ref("Group")]}),
            "The provided execution role does not have permissions to call CreateNetworkInterface on EC2",
        ),
        (
            {
                **BUCKET,
                **distribution(Logging={"Bucket": {"Fn::GetAtt": ["Bucket", "RegionalDomainName"]}}),
            },
            "The S3 bucket that you specified for CloudFront logs does not enable ACL access",
        ),
        (
            parameters(log_statement="everything"),
            "Invalid parameter value: everything for: log_statement allowed values are: none,ddl,mod,all",
        ),
        (parameters(autovacuum="maybe"), "Invalid parameter value: maybe for: autovacuum allowed values are: 0,1"),
        (parameters(data_directory="/x"), "The parameter data_directory cannot be modified."),
        (
            instance(StorageType="gp3", Iops=12000),
            "You can't specify IOPS or storage throughput for engine postgres and a storage size less than 400.",
        ),
        (instance(StorageType="io1", AllocatedStorage="100"), "The storage type io1 requires iops to be specified."),
        (
            instance(StorageType="io1", AllocatedStorage="100", Iops=50_000),
            "Invalid iops to storage (GB) ratio for engine name postgres and storage type io1: 500.0000",
        ),
        (
            listener(Port="1.5"),
            "Model validation failed (#/Port: Property [Port] expected type: Number, found: String)",
        ),
        (instance(AvailabilityZone=1), "1 is not a valid availability zone."),
        (
            {"Wrong": one("IAM::Policy", PolicyName="p", PolicyDocument={"Statement": []})},
            "At least one of [Groups,Roles,Users] must be non-empty.",
        ),
    ],
)
def test_a_wrong_value_fails_as_in_an_account(embedded_aws: EmbeddedAws, resources: Resources, reason: str) -> None:
    outcome = create(embedded_aws.session().client("cloudformation"), resources, validated=False)

    assert outcome.status == "ROLLBACK_COMPLETE"
    assert reason in outcome.reasons["Wrong"]


def test_unusual_values_are_taken(embedded_aws: EmbeddedAws) -> None:
    transformers = (
        {"InputPathsMap": {"a": "$.detail"}, "InputTemplate": '"hello <a> <aws.events.rule-name>"'},
        {
            "InputPathsMap": {"a": "$.detail.list[0]"},
            "InputTemplate": '{"x": <a>, "y": "<a> is", "e": <aws.events.event>}',
        },
        {"InputPathsMap": {"a": "$.detail"}, "InputTemplate": '"line one <a>"\n"line two"'},
        {"InputTemplate": '"fixed"'},
        {"InputPathsMap": {"a": "$.detail"}, "InputTemplate": "<a>"},
    )
    targets = [target(Id=f"t{number}", InputTransformer=it) for number, it in enumerate(transformers)]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ["123456789012", {"Fn::GetAtt": ["Role", "Arn"]}]},
        "Action": ["s3:List*", "S3:getobject"],
        "Resource": [{"Fn::GetAtt": ["Bucket", "Arn"]}, {"Fn::Sub": "${Bucket.Arn}/home/${!aws:username}/*"}],
    }
    right = {
        **ROLE,
        **TOPIC,
        "Bucket": one("S3::Bucket", BucketName="right.values.example", AccessControl="BucketOwnerFullControl"),
        "Policy": one("S3::BucketPolicy", Bucket=ref("Bucket"), PolicyDocument={"Statement": statement}),
        "Rule": one("Events::Rule", EventPattern={"source": [{"prefix": "aws."}]}, Targets=targets),
        "Parameters": one(
            "RDS::DBParameterGroup",
            Family="postgres16",
            Description="d",
            Parameters={"timezone": "Asia/Tokyo", "log_statement": "ddl", "rds.force_ssl": 0, "work_mem": "65536"},
        ),
        "Subscription": one(
            "SNS::Subscription",
            TopicArn=ref("Topic"),
            Protocol="email",
            Endpoint="a@example.com",
            FilterPolicy={"a": {"b": ["x"]}},
            FilterPolicyScope="MessageBody",
        ),
        "Repository": repository(of_any(9))["Wrong"],
    }

    outcome = create(
        embedded_aws.session().client("cloudformation"), right, Outputs={"Words": {"Value": "日本語 is read as ?"}}
    )

    assert outcome.status == "CREATE_COMPLETE", outcome.reasons
    assert outcome.outputs == {"Words": "??? is read as ?"}
