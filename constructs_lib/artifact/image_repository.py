"""Where released images are kept."""

from aws_cdk import aws_ecr as ecr
from constructs import Construct

from constructs_lib.stack import KEEP

IMAGES_KEPT = 10


class ImageRepository(ecr.Repository):
    """An ECR repository whose tags cannot be moved, scanned on push, with the last ten images.

    Nobody rolls back further than ten releases, and ten images keep the stopped month cheap.
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str) -> None:
        rule = ecr.LifecycleRule(description=f"Keep the last {IMAGES_KEPT} images", max_image_count=IMAGES_KEPT)
        super().__init__(
            scope,
            construct_id,
            repository_name=name,
            image_scan_on_push=True,
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            lifecycle_rules=[rule],
            removal_policy=KEEP,
        )
