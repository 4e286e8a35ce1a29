"""What a record says under each condition key, each from a record as CloudTrail writes it, read as files are."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from installation.permissions.conditions import Comparison, comparisons
from installation.permissions.variables import Values
from ops.iam import reference
from ops.iam.review import fields
from ops.iam.review.condition_keys import RecordedValues, needed_fields, rules
from ops.iam.review.logs import read_logs
from ops.iam.review.query import Window, athena_sql
from ops.iam.review.usage import Call, summarize
from tests.support.trail_events import ACCOUNT, ARN, ROLE, Event, event, write

CLIENT = {
    "sourceIPAddress": "203.0.113.9",
    "userAgent": "aws-cli/2.31 Python/3.13",
    "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "x", "clientProvidedHostHeader": "ec2.amazonaws.com"},
}
FOR_CALLER = {"sourceIPAddress": "athena.amazonaws.com", "userAgent": "athena.amazonaws.com"}
FROM_VPC = {**CLIENT, "sourceIPAddress": "10.0.3.7", "vpcEndpointId": "vpce-0d98"}
# The consoles' own endpoints stand in records of calls that came from the internet.
CONSOLE = {**CLIENT, "vpcEndpointId": "vpce-f40dc59d", "userAgent": "[S3Console/0.4, aws-internal/3]"}
GITHUB = "token.actions.githubusercontent.com"
SUBJECT, PROVIDER = f"{GITHUB}:sub", f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}"
TAGS = [{"key": "Project", "value": "hannibal"}, {"key": "Owner", "value": "me"}]
_FIRST = date(2026, 1, 1)


def said(folder: Path, *asking: tuple[str, Event, str]) -> list[Values | None]:
    """What the review finds under keys, each for a record and a permission that it has checked, all read at once."""
    kept = needed_fields(comparisons({"StringEquals": {key: "x" for key, *_ in asking}}))
    days = [_FIRST + timedelta(days=number) for number in range(len(asking))]
    records = [record | {"eventTime": f"{day}T12:34:56Z"} for day, (_, record, _) in zip(days, asking, strict=True)]
    rows, problems, _ = read_logs(write(folder, *records), ROLE, fields=kept)
    assert problems == ()
    calls = {call.day: call for call in summarize(rows, Window(first=days[0], last=days[-1])).calls}
    told = zip(days, asking, strict=True)
    return [recorded(calls[day], permission).values(key.lower()) for day, (key, _, permission) in told]


def recorded(call: Call, permission: str) -> RecordedValues:
    return RecordedValues(permission=permission, request=call.request, text=call.said)


def session(*, mfa: str | None = None, web: Mapping[str, Any] | None = None, **identity: Any) -> dict[str, Any]:
    """Who called, as CloudTrail writes it of a role's session."""
    attributes = {"creationDate": "2026-11-10T12:00:00Z"} | ({"mfaAuthenticated": mfa} if mfa else {})
    context = {"sessionIssuer": {"type": "Role", "arn": ARN}, "attributes": attributes}
    if web:
        context["webIdFederationData"] = {"federatedProvider": PROVIDER, **web}
    return {
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLE:run-17",
            "sessionContext": context,
            **identity,
        }
    }


def call(name: str = "DescribeVpcs", source: str = "ec2", /, **fields_of: Any) -> Event:
    return event(name, source, **fields_of)


def requesting(name: str, source: str, parameters: dict[str, Any]) -> Event:
    return event(name, source, requestParameters=parameters)


KEYS: list[tuple[str, Event, str, Values | None]] = [
    ("aws:RequestedRegion", call(), "ec2:DescribeVpcs", ("ap-northeast-1",)),
    ("aws:PrincipalArn", call(), "ec2:DescribeVpcs", (ARN,)),
    ("aws:PrincipalAccount", call(), "ec2:DescribeVpcs", (ACCOUNT,)),
    ("aws:PrincipalType", call(), "ec2:DescribeVpcs", ("AssumedRole",)),
    ("aws:PrincipalIsAWSService", call(), "ec2:DescribeVpcs", ("false",)),
    ("aws:username", call(), "ec2:DescribeVpcs", ()),
    ("aws:SourceArn", call(), "ec2:DescribeVpcs", ()),
    ("aws:userid", call(**session()), "ec2:DescribeVpcs", ("AROAEXAMPLE:run-17",)),
    ("aws:PrincipalTag/team", call(), "ec2:DescribeVpcs", None),
    ("aws:PrincipalOrgID", call(), "ec2:DescribeVpcs", None),
    ("aws:ResourceTag/Project", call(), "ec2:DescribeVpcs", None),
    ("aws:SourceIp", call(**CLIENT), "ec2:DescribeVpcs", ("203.0.113.9",)),
    ("aws:SourceIp", call(**FOR_CALLER), "ec2:DescribeVpcs", None),
    ("aws:SourceIp", call(**{**CLIENT, "sourceIPAddress": "AWS Internal"}), "ec2:DescribeVpcs", None),
    ("aws:SourceIp", call(**CLIENT, **session(invokedBy="AWS Internal")), "ec2:DescribeVpcs", None),
    ("aws:SourceIp", call(**FROM_VPC), "ec2:DescribeVpcs", ()),
    ("aws:SourceIp", call("ListBuckets", "s3", **CONSOLE), "s3:ListAllMyBuckets", None),
    ("aws:SourceIp", call(**{**CLIENT, "sourceIPAddress": "2001:db8::1"}), "ec2:DescribeVpcs", ("2001:db8::1",)),
    ("aws:SourceIp", call(**{**CLIENT, "sourceIPAddress": "10.0.3.7"}), "ec2:DescribeVpcs", None),
    ("aws:VpcSourceIp", call(**FROM_VPC), "ec2:DescribeVpcs", ("10.0.3.7",)),
    ("aws:VpcSourceIp", call(**CLIENT), "ec2:DescribeVpcs", ()),
    ("aws:SourceVpce", call(**FROM_VPC), "ec2:DescribeVpcs", ("vpce-0d98",)),
    ("aws:SourceVpce", call(**CLIENT), "ec2:DescribeVpcs", ()),
    ("aws:SourceVpce", call(**CONSOLE), "ec2:DescribeVpcs", None),
    ("aws:SourceVpc", call(**CLIENT), "ec2:DescribeVpcs", ()),
    ("aws:SourceVpc", call(**FROM_VPC), "ec2:DescribeVpcs", None),
    ("aws:UserAgent", call(**CLIENT), "ec2:DescribeVpcs", ("aws-cli/2.31 Python/3.13",)),
    ("aws:UserAgent", call(**{**CLIENT, "userAgent": "[aws-cli/2]"}), "ec2:DescribeVpcs", ("aws-cli/2",)),
    ("aws:UserAgent", call(**FOR_CALLER), "ec2:DescribeVpcs", None),
    ("aws:ViaAWSService", call(**CLIENT), "ec2:DescribeVpcs", ("false",)),
    ("aws:ViaAWSService", call(**FOR_CALLER, **session(invokedBy="athena.amazonaws.com")), "ec2:DescribeVpcs", None),
    ("aws:CalledVia", call(**CLIENT), "ec2:DescribeVpcs", ()),
    ("aws:CalledViaLast", call(**FOR_CALLER), "ec2:DescribeVpcs", None),
    ("aws:MultiFactorAuthPresent", call(**session(mfa="true")), "ec2:DescribeVpcs", ("true",)),
    ("aws:MultiFactorAuthPresent", call(**session(mfa="false")), "ec2:DescribeVpcs", ("false",)),
    ("aws:MultiFactorAuthPresent", call(), "ec2:DescribeVpcs", None),
    ("aws:MultiFactorAuthAge", call(**session(mfa="false")), "ec2:DescribeVpcs", ()),
    ("aws:MultiFactorAuthAge", call(**session(mfa="true")), "ec2:DescribeVpcs", None),
    ("aws:TokenIssueTime", call(**session()), "ec2:DescribeVpcs", ("2026-11-10T12:00:00Z",)),
    ("aws:SecureTransport", call(**CLIENT), "ec2:DescribeVpcs", ("true",)),
    ("aws:SecureTransport", call(**FOR_CALLER), "ec2:DescribeVpcs", None),
    ("s3:TlsVersion", call("ListBuckets", "s3", **CLIENT), "s3:ListAllMyBuckets", ("1.3",)),
    ("s3:TlsVersion", call(**CLIENT), "ec2:DescribeVpcs", None),
    ("s3:prefix", requesting("ListObjects", "s3", {"prefix": "a/"}), "s3:ListBucket", ("a/",)),
    ("s3:prefix", requesting("ListObjects", "s3", {"bucketName": "b"}), "s3:ListBucket", ()),
    ("s3:prefix", requesting("HeadBucket", "s3", {"bucketName": "b"}), "s3:ListBucket", None),
    ("s3:prefix", requesting("GetObject", "s3", {"key": "a/b"}), "s3:GetObject", ()),
    ("s3:delimiter", requesting("ListObjects", "s3", {"delimiter": "/"}), "s3:ListBucket", ("/",)),
    ("s3:max-keys", requesting("ListObjects", "s3", {"max-keys": "5"}), "s3:ListBucket", ("5",)),
    ("s3:x-amz-acl", requesting("PutObject", "s3", {"key": "k"}), "s3:PutObject", None),
    ("sts:ExternalId", requesting("AssumeRole", "sts", {"externalId": "e"}), "sts:AssumeRole", ("e",)),
    ("sts:RoleSessionName", requesting("AssumeRole", "sts", {"roleSessionName": "n"}), "sts:AssumeRole", ("n",)),
    ("iam:PolicyARN", requesting("AttachRolePolicy", "iam", {"policyArn": "p"}), "iam:AttachRolePolicy", ("p",)),
    ("iam:PermissionsBoundary", requesting("CreateRole", "iam", {"roleName": "r"}), "iam:CreateRole", ()),
    (
        "iam:PassedToService",
        call("RunInstances", requestParameters={"iamInstanceProfile": {"name": "p"}}),
        "iam:PassRole",
        ("ec2.amazonaws.com",),
    ),
    ("iam:PassedToService", call("RunInstances"), "ec2:RunInstances", ()),
    (
        "ecs:cluster",
        requesting("UpdateService", "ecs", {"cluster": "main", "service": "api"}),
        "ecs:UpdateService",
        (f"arn:aws:ecs:ap-northeast-1:{ACCOUNT}:cluster/main",),
    ),
    ("ecs:container-name", requesting("ExecuteCommand", "ecs", {"container": "api"}), "ecs:ExecuteCommand", ("api",)),
    (
        "aws:ResourceAccount",
        call("ListObjects", "s3", resources=[{"ARN": "arn:aws:s3:::b", "accountId": "111111111111"}]),
        "s3:ListBucket",
        ("111111111111",),
    ),
    ("aws:ResourceAccount", call(), "ec2:DescribeVpcs", None),
    ("aws:FederatedProvider", call(**session(web={"attributes": {}})), "ec2:DescribeVpcs", (PROVIDER,)),
    (SUBJECT, call(**session(web={"attributes": {SUBJECT: "repo:me/it"}})), "ec2:DescribeVpcs", ("repo:me/it",)),
    (SUBJECT, call(**session(web={"attributes": {}})), "ec2:DescribeVpcs", None),
    ("ec2:Region", call(), "ec2:DescribeVpcs", ("ap-northeast-1",)),
    ("ec2:InstanceType", call(), "ec2:DescribeVpcs", ()),
    ("lambda:SourceFunctionArn", call(), "ec2:DescribeVpcs", None),
    ("kms:EncryptionContext:app", call("Decrypt", "kms"), "kms:Decrypt", None),
    ("kms:EncryptionContext:app", call("ListKeys", "kms"), "kms:ListKeys", ()),
    ("ec2:ResourceTag/Project", call("StopInstances"), "ec2:StopInstances", None),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Values | None]:
    return said(tmp_path_factory.mktemp("records"), *((key, record, permission) for key, record, permission, _ in KEYS))


@pytest.mark.parametrize("number", range(len(KEYS)), ids=[f"{key} {number}" for number, (key, *_) in enumerate(KEYS)])
def test_a_record_tells_a_key_or_does_not(found: list[Values | None], number: int) -> None:
    assert found[number] == KEYS[number][-1]


TAGGED: list[tuple[Event, str]] = [
    (requesting("CreateRole", "iam", {"tags": TAGS}), "iam:CreateRole"),
    (
        requesting("CreateFunction20150331", "lambda", {"tags": {one["key"]: one["value"] for one in TAGS}}),
        "lambda:CreateFunction",
    ),
    (
        call(
            "CreateVpc", requestParameters={"tagSpecificationSet": {"items": [{"resourceType": "vpc", "tags": TAGS}]}}
        ),
        "ec2:CreateVpc",
    ),
    (call("CreateTags", requestParameters={"tagSet": {"items": TAGS}}), "ec2:CreateTags"),
    (requesting("CreateTrail", "cloudtrail", {"tagsList": TAGS}), "cloudtrail:CreateTrail"),
]


def test_tags_of_a_request_are_found_under_each_parameter(tmp_path: Path) -> None:
    keys = {"aws:RequestTag/project": ("hannibal",), "aws:RequestTag/Other": (), "aws:TagKeys": ("Project", "Owner")}
    asking = [(key, record, permission) for record, permission in TAGGED for key in keys]
    assert said(tmp_path, *asking) == [*keys.values()] * len(TAGGED)


HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
ONE = {"items": [{"resourceType": "vpc", "tags": TAGS}]}
TWO = {"items": [{"resourceType": kind, "tags": TAGS} for kind in ("instance", "volume")]}


def tagging(name: str, tags: dict[str, Any]) -> Event:
    return requesting(name, "ec2", {"tagSpecificationSet": tags})


OTHER_TAGS: list[tuple[str, Event, str, Values | None]] = [
    ("aws:TagKeys", requesting("UntagRole", "iam", {"tagKeys": ["Project"]}), "iam:UntagRole", ("Project",)),
    (
        "aws:TagKeys",
        call(
            "PutBucketTagging",
            "s3",
            requestParameters={"Tagging": {"TagSet": {"Tag": {"Key": "Project", "Value": True}}}},
        ),
        "s3:CreateBucket",
        ("Project",),
    ),
    ("aws:RequestTag/Project", requesting("CreateRole", "iam", {}), "iam:CreateRole", ()),
    ("aws:RequestTag/Project", requesting("CreateRole", "iam", {"tags": 5}), "iam:CreateRole", None),
    (
        "aws:RequestTag/Project",
        call("CreateRole", "iam", requestParameters={"tags": [{"key": HIDDEN, "value": HIDDEN}]}),
        "iam:CreateRole",
        None,
    ),
    (
        "aws:RequestTag/Project",
        call("RunInstances", requestParameters={"tagSpecificationSet": TWO}),
        "ec2:RunInstances",
        None,
    ),
    (
        "aws:RequestTag/Project",
        tagging("CreateSubnet", ONE),
        "ec2:CreateSubnet",
        None,
    ),
    (
        "aws:RequestTag/Project",
        tagging("CreateVpc", ONE),
        "ec2:CreateVpc",
        ("hannibal",),
    ),
    ("aws:RequestTag/Project", tagging("CreateVpc", TWO), "ec2:CreateVpc", None),
    ("aws:RequestTag/Project", call("CreateBackupVault", "backup"), "backup:CreateBackupVault", None),
    ("aws:RequestTag/Project", call("DescribeVpcs"), "ec2:DescribeVpcs", ()),
]


def test_tags_that_are_taken_away_missing_or_unreadable(tmp_path: Path) -> None:
    asking = [(key, record, permission) for key, record, permission, _ in OTHER_TAGS]
    assert said(tmp_path, *asking) == [values for *_, values in OTHER_TAGS]


@pytest.mark.parametrize(
    ("key", "operator", "wanted", "values"),
    [
        ("aws:CurrentTime", "DateLessThan", "2026-11-10T12:34:57Z", ("2026-11-10T12:34:56Z",)),
        ("aws:CurrentTime", "DateLessThan", "2026-11-10T12:34:56Z", ("2026-11-10T12:34:56Z",)),
        ("aws:CurrentTime", "DateGreaterThan", "2026-11-01", ("2026-11-01T00:00:01Z",)),
        ("aws:CurrentTime", "DateGreaterThan", "2027-01-01T00:00:00Z", ("2026-12-31T23:59:59Z",)),
        ("aws:EpochTime", "NumericLessThan", "1794268800", ("2026-11-10T00:00:01Z",)),
        ("aws:CurrentTime", "StringLike", "2026-*", None),
        ("aws:CurrentTime", "DateLessThan", "soon", None),
    ],
)
def test_the_time_of_a_request_is_kept_as_far_as_conditions_look(
    tmp_path: Path, key: str, operator: str, wanted: str, values: Values | None
) -> None:
    """So two calls of one day are one row, however many seconds lie between them."""
    rows, _, _ = read_logs(write(tmp_path, call()), ROLE, fields=needed_fields(comparisons({operator: {key: wanted}})))
    (one,) = summarize(rows, Window.ending(date(2026, 11, 10), 1)).calls
    assert recorded(one, "ec2:DescribeVpcs").values(key.lower()) == values


def test_nothing_is_kept_where_no_condition_asks() -> None:
    assert needed_fields([]) == fields.NOTHING
    assert "sourceIPAddress=" not in athena_sql(ROLE, None)


def test_a_quotation_mark_in_a_policy_stays_a_text(tmp_path: Path) -> None:
    key = "it's.example.com:sub"
    record = call(**session(web={"attributes": {key: "me"}}))
    assert said(tmp_path, (key, record, "ec2:DescribeVpcs")) == [("me",)]


def test_the_rules_name_what_exists() -> None:
    for rule in rules().parameters:
        service = rule.key.partition(":")[0]
        assert all(pattern.startswith(f"{service}:") for pattern in rule.events), rule
    known = reference.condition_keys("s3:ListBucket") or frozenset()
    assert known >= {"s3:prefix", "s3:delimiter", "s3:max-keys"}
    assert reference.condition_keys("s3:NoSuchAction") is None
    assert not reference.lacks_condition_key("s3:GetObject", "s3:existingobjecttag/team")


def test_a_comparison_names_the_keys_of_its_variables() -> None:
    one = Comparison(operator="stringequals", key="aws:x", wanted=("${aws:UserName}",))
    assert one.variables == {"aws:username"}
