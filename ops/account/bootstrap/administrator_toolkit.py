"""The administrator's own bootstrap: a bucket for templates, and CloudFormation's role for two stacks.

There is nobody's role in it: an administrator uploads and deploys with credentials of his own, and only CloudFormation
may take on the one role.
"""

import json
from collections.abc import Mapping

from installation.permissions.execution_policies import ADMINISTRATOR_POLICIES
from installation.permissions.grants import Arns
from installation.settings import Settings
from ops.account.caller import Caller


def toolkit_template(settings: Settings, caller: Caller) -> str:
    """The template; it has no parameter, so that nothing in the account decides what it makes."""
    arns = Arns(names=settings.names, region=caller.region, account=caller.account)
    bucket = settings.names.administrator_bucket(caller.account, caller.region)
    resources = {
        "Templates": _bucket(bucket),
        "TemplatesPolicy": _bucket_policy(bucket),
        "CloudFormation": _role(settings.names.administrator_role(caller.account, caller.region), arns),
    }
    description = "What an administrator deploys IdentityStack and AuditStack with"
    return json.dumps({"Description": description, "Resources": resources}, indent=1)


def _bucket(name: str) -> Mapping[str, object]:
    closed = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    return {
        "Type": "AWS::S3::Bucket",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "BucketName": name,
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "PublicAccessBlockConfiguration": dict.fromkeys(closed, True),
            "VersioningConfiguration": {"Status": "Enabled"},
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "Status": "Enabled",
                        "ExpirationInDays": 30,
                        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                    }
                ]
            },
        },
    }


def _bucket_policy(name: str) -> Mapping[str, object]:
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": {"Ref": "Templates"},
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "OnlyEncrypted",
                        "Effect": "Deny",
                        "Principal": {"AWS": "*"},
                        "Action": "s3:*",
                        "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    }
                ],
            },
        },
    }


def _role(name: str, arns: Arns) -> Mapping[str, object]:
    trust = {"Effect": "Allow", "Principal": {"Service": "cloudformation.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": name,
            "Description": "CloudFormation deploys IdentityStack and AuditStack with it",
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [
                {
                    "PolicyName": policy.subject,
                    "PolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [grant.statement() for grant in policy.grants(arns)],
                    },
                }
                for policy in ADMINISTRATOR_POLICIES
            ],
        },
    }
