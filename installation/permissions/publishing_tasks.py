"""What publishing needs: images into the repository, pages into the bucket, and CloudFront told."""

from installation.permissions.grants import Arns, Grant, of
from installation.permissions.tasks import KNOWS_NO_RESOURCE, OF_THIS_BUCKET


def push_image(arns: Arns) -> tuple[Grant, ...]:
    """Push a built image to the project's repository."""
    return (
        Grant(
            sid="PushImage",
            actions=of(
                "ecr",
                "BatchCheckLayerAvailability BatchGetImage CompleteLayerUpload GetDownloadUrlForLayer "
                "InitiateLayerUpload PutImage UploadLayerPart",
            ),
            resources=arns.regional("ecr", f"repository/{arns.names.repository}"),
        ),
        Grant(
            sid="SignInToRegistry",
            actions=("ecr:GetAuthorizationToken",),
            resources=("*",),
            reason=KNOWS_NO_RESOURCE,
        ),
    )


def publish_frontend(arns: Arns) -> tuple[Grant, ...]:
    """Publish the frontend into its bucket, and bring back what the bucket keeps of earlier publications."""
    bucket = arns.names.frontend_bucket(arns.account)
    return (
        Grant(
            sid="PublishFrontend",
            actions=of("s3", "DeleteObject GetObject GetObjectVersion ListBucket PutObject"),
            resources=arns.buckets(bucket, f"{bucket}/*"),
            reason=OF_THIS_BUCKET,
        ),
    )


def invalidate(arns: Arns) -> tuple[Grant, ...]:
    """Make CloudFront ask again for what it has cached."""
    return (
        Grant(
            sid="Invalidate",
            actions=of("cloudfront", "CreateInvalidation GetDistribution GetInvalidation ListInvalidations"),
            resources=arns.worldwide("cloudfront", "distribution/*"),
            reason="Each month's distribution has another id, and invalidating knows no tag.",
        ),
    )
