"""Policies, and what they come to."""

import json
from pathlib import Path
from typing import Any

import pytest

from ops.iam.review import catalogue
from ops.iam.review.policies import PolicyError, parse
from ops.iam.review.policy_sources import policies_in_files, role_in_templates
from ops.iam.review.review import granted
from tests.support.trail_events import policies, policy


def test_wildcards_are_counted_as_written_and_as_expanded() -> None:
    found = granted(policies(policy("ec2:*", "s3:ListAllMyBuckets", "ec2:NoSuchAction")))
    assert found.patterns == ("ec2:*", "s3:ListAllMyBuckets", "ec2:NoSuchAction")
    assert found.wildcards == {"ec2:*": len(found.actions) - 1}
    assert found.unknown == ("ec2:NoSuchAction",)
    assert len(found.actions) > 700


def test_not_action_means_every_other_one() -> None:
    content: Any = {"Effect": "Allow", "NotAction": ["ec2:*", "iam:*"], "Resource": "*"}
    found = granted(policies(parse({"Statement": content}, "test")))
    assert found.actions == catalogue.everything() - catalogue.expand("ec2:*") - catalogue.expand("iam:*")
    assert found.patterns == ("NOT ec2:*", "NOT iam:*")


def test_the_boundary_cuts() -> None:
    found = granted(policies(policy("s3:GetObject", "iam:CreateUser"), boundary=policy("s3:*")))
    assert found.actions == {"s3:GetObject"}
    assert found.cut == 1


@pytest.mark.parametrize("where", ["identity", "boundary"])
def test_what_is_denied_whatever_happens_is_not_granted(where: str) -> None:
    deny = policy("s3:Delete*", Effect="Deny")
    if where == "identity":
        found = granted(policies(policy("s3:*"), deny))
    else:
        limits = parse({"Statement": [policy("*").statements[0].content, deny.statements[0].content]}, "test")
        found = granted(policies(policy("s3:*"), boundary=limits))
    assert "s3:DeleteObject" not in found.actions
    assert "s3:GetObject" in found.actions
    assert found.denied == len(catalogue.expand("s3:Delete*"))
    assert found.flagged == ()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, "denies under conditions"),
        ({"Resource": "arn:aws:s3:::bucket/*"}, "denies on some resources"),
    ],
)
def test_a_deny_that_depends_on_the_request_is_flagged_and_not_guessed(statement: dict[str, Any], said: str) -> None:
    found = granted(policies(policy("s3:GetObject"), policy("s3:GetObject", Effect="Deny", **statement)))
    assert found.actions == {"s3:GetObject"}
    assert [said in flag for flag in found.flagged] == [True]


def test_a_condition_on_an_allow_is_flagged() -> None:
    found = granted(policies(policy("s3:GetObject", Sid="Tagged", Condition={"StringEquals": {"a": "b"}})))
    assert found.flagged == ("test: Tagged allows under conditions: s3:GetObject",)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"Statement": [{"Effect": "allow", "Action": "s3:*", "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Action": "s3:*", "NotAction": "s3:*", "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Action": ["everything"], "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Action": [{"Ref": "A"}], "Resource": "*"}]},
        {"Statement": ["Allow"]},
        {"Statement": [{"Effect": "Allow", "Actions": "s3:*", "Resource": "*"}]},
    ],
)
def test_what_is_no_policy_is_refused(document: Any) -> None:
    with pytest.raises(PolicyError):
        parse(document, "test")


@pytest.mark.parametrize("name", ["StringLikes", "StringEqualsIfExist", "ForSomeValues:StringEquals", "NotNull"])
def test_an_operator_that_iam_does_not_know_is_named(name: str) -> None:
    with pytest.raises(PolicyError, match=f"operator is '{name}'"):
        parse({"Statement": [{"Effect": "Allow", "Action": "s3:*", "Condition": {name: {"aws:userid": "x"}}}]}, "test")


@pytest.mark.parametrize(
    "name",
    ["StringLike", "stringnotequalsifexists", "ForAllValues:ArnNotLike", "Null", "NotIpAddress", "Fn::If", "Ref"],
)
def test_operators_and_references_of_templates_are_read(name: str) -> None:
    document: Any = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Condition": {name: {"aws:userid": "x"}}}]}
    assert parse(document, "test").statements[0].conditional


@pytest.mark.parametrize("wrapped", ["PolicyDocument", "PolicyVersion"])
def test_answers_of_iam_are_taken_as_they_are(wrapped: str) -> None:
    document = {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}
    content: Any = document if wrapped == "PolicyDocument" else {"VersionId": "v1", "Document": document}
    assert parse({wrapped: content}, "test").statements[0].actions == {"s3:GetObject"}


def test_files_are_named_when_they_are_no_policies(tmp_path: Path) -> None:
    good, broken, none = tmp_path / "good.json", tmp_path / "broken.json", tmp_path / "none.json"
    good.write_text(json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}))
    broken.write_text("{")
    none.write_text("{}")
    found = policies_in_files([good, broken, none, tmp_path / "missing.json"], None)
    assert found.known
    assert len(found.identity) == 1
    assert [name in problem for name, problem in zip(("broken", "none", "missing"), found.problems, strict=True)] == [
        True
    ] * 3
    assert not policies_in_files([broken], None).known


def template(tmp_path: Path, **role: Any) -> Path:
    """A template with a role, a boundary and two ways to attach a policy."""

    def document(action: str) -> dict[str, Any]:
        resource = {"Fn::Join": ["", ["arn:aws:s3:::", {"Ref": "AWS::AccountId"}]]}
        return {"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}

    resources = {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": "Worker",
                "Policies": [{"PolicyName": "Inline", "PolicyDocument": document("s3:Get*")}],
                "ManagedPolicyArns": [{"Ref": "Managed"}],
                "PermissionsBoundary": {
                    "Fn::Join": ["", ["arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":policy/Limit"]]
                },
            }
            | role,
        },
        "Attached": {
            "Type": "AWS::IAM::Policy",
            "Properties": {"Roles": [{"Ref": "Role"}], "PolicyDocument": document("ec2:DescribeVpcs")},
        },
        "Named": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"Roles": ["Worker"], "PolicyDocument": document("iam:ListRoles")},
        },
        "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document("sns:Publish")}},
        "Boundary": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"ManagedPolicyName": "Limit", "PolicyDocument": document("*")},
        },
    }
    (tmp_path / "IdentityStack.template.json").write_text(json.dumps({"Resources": resources}))
    return tmp_path


def test_templates_tell_what_a_role_is_granted(tmp_path: Path) -> None:
    found = role_in_templates(template(tmp_path), "Worker")
    assert found is not None
    assert found.problems == ()
    assert [policy.statements[0].patterns[0] for policy in found.identity] == [
        "s3:Get*",
        "ec2:DescribeVpcs",
        "iam:ListRoles",
        "sns:Publish",
    ]
    assert found.boundary is not None
    assert found.identity[0].statements[0].content["Resource"] == "arn:aws:s3:::${AWS::AccountId}"
    assert role_in_templates(tmp_path, "Nobody") is None


def test_a_policy_of_aws_is_missing_in_templates_and_named(tmp_path: Path) -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    found = role_in_templates(template(tmp_path, ManagedPolicyArns=[arn]), "Worker")
    assert found is not None
    assert [problem.startswith(arn) for problem in found.problems] == [True]


def test_a_boundary_of_another_stack_is_named_as_such(tmp_path: Path) -> None:
    found = role_in_templates(template(tmp_path, PermissionsBoundary="arn:aws:iam::1:policy/Other"), "Worker")
    assert found is not None
    assert [": not in " in problem for problem in found.problems] == [True]
    assert found.boundary is None
