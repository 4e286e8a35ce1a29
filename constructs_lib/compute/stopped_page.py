"""The page that users see while no month runs."""

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import Construct, IDependable

from constructs_lib.arns import allow, worldwide_arn
from constructs_lib.compute.origin import StableOrigin
from constructs_lib.handler_function import HandlerFunction
from installation.names import STOPPED_PAGE, STOPPED_PREFIX, Names


class StoppedPage(Construct):
    """Removes the page when the month has begun, and shows it when the month's end begins, with plain `cdk` too.

    Args:
        origin: the distribution that shows the pages, and their bucket.
        after: what must run before the page is removed; the page is shown again before this is deleted.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, names: Names, origin: StableOrigin, after: IDependable
    ) -> None:
        super().__init__(scope, construct_id)
        key = f"{STOPPED_PREFIX}index.html"
        files = s3.Bucket.from_bucket_name(self, "Files", origin.frontend_bucket)
        distribution = worldwide_arn(self, "cloudfront", "distribution", origin.distribution_id)
        handler = HandlerFunction(
            self,
            "Handler",
            names=names,
            module="stopped_page",
            description="Shows a page of its own while no month runs",
            permissions=[
                allow("s3:GetObject", files.arn_for_objects(STOPPED_PAGE)),
                allow("s3:PutObject s3:DeleteObject", files.arn_for_objects(key)),
                # Without this permission S3 answers 403 for a missing object.
                allow("s3:ListBucket", files.bucket_arn),
                allow("cloudfront:CreateInvalidation", distribution),
            ],
            timeout=cdk.Duration.minutes(3),  # each of its calls may wait half a minute for a new permission
            role_name=names.stopped_page_role,
        )
        properties = {"Bucket": origin.frontend_bucket, "Key": key, "Page": STOPPED_PAGE}
        properties["Distribution"] = origin.distribution_id
        handler.custom_resource("Page", "Custom::StoppedPage", properties).node.add_dependency(after)
