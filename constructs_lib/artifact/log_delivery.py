"""What AWS services need to deliver into, or read from, buckets that outlive them.

The statements are in the buckets' policies and name the account instead of a resource: the load balancer and the
distribution are destroyed every month, and a persistent stack may not refer to them.
"""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from constructs_lib.arns import worldwide_arn
from constructs_lib.buckets import PrivateBucket
from installation.names import PUBLICATIONS_PREFIX


def allow_load_balancer_logs(bucket: PrivateBucket) -> None:
    """Let load balancers of this account write access logs.

    The path names the account whose load balancers write there, as no condition does: AWS's policy for the log delivery
    principal has none, and with ``aws:SourceArn`` enabling the logs was refused with "Access Denied for bucket".
    Source: Elastic Load Balancing user guide, "Enable access logs".
    """
    objects = bucket.arn_for_objects(f"AWSLogs/{cdk.Stack.of(bucket).account}/*")
    bucket.allow_service("LoadBalancerLogs", "logdelivery.elasticloadbalancing", "s3:PutObject", objects)


def allow_distribution_reads(bucket: PrivateBucket) -> None:
    """Let CloudFront distributions of this account read through their origin access control.

    They may list as well: without that, S3 answers 403 instead of 404 for an object that does not exist. They may not
    read the records of publications, which only the command uses. The account is in the distribution's ARN;
    that CloudFront sends ``aws:SourceAccount`` too is documented nowhere.
    Source: CloudFront developer guide, "Restrict access to an Amazon S3 origin".
    """
    condition = {"ArnLike": {"aws:SourceArn": worldwide_arn(bucket, "cloudfront", "distribution", "*")}}
    bucket.allow_service("DistributionReads", "cloudfront", "s3:GetObject", bucket.arn_for_objects("*"), condition)
    bucket.allow_service("DistributionLists", "cloudfront", "s3:ListBucket", bucket.bucket_arn, condition)
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            sid="PublicationsAreNoPages",
            effect=iam.Effect.DENY,
            principals=[iam.ServicePrincipal("cloudfront.amazonaws.com")],
            actions=["s3:GetObject"],
            resources=[bucket.arn_for_objects(f"{PUBLICATIONS_PREFIX}*")],
        )
    )
