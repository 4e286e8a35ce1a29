"""Custom resource: while it exists, a month runs; before and after, a page of its own comes in place of all pages.

CloudFront asks for each page below a prefix first (constructs_lib/edge/distribution.py). Creating the resource takes
the page away, deleting it puts it there: the product's own, if it has published one.
"""

import traceback
from typing import Any

import boto3
import cfnresponse

# Only ASCII stands in a template: CloudFormation has made question marks of other letters.
DEFAULT = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Back on the 1st</title>
<style>body{font:1.1rem/1.6 system-ui,sans-serif;margin:20vh auto;max-width:32rem;padding:0 1rem;color:#222}</style>
<h1>Back on the 1st</h1>
<p>This service pauses until the beginning of next month. Your data is kept.</p>
<p lang="ja">\u3053\u306e\u30b5\u30fc\u30d3\u30b9\u306f\u6765\u6708\u521d\u3081\u307e\u3067\u304a\u4f11\u307f\u3067\
\u3059\u3002\u30c7\u30fc\u30bf\u306f\u4fdd\u5b58\u3055\u308c\u3066\u3044\u307e\u3059\u3002</p></html>
"""
KEPT_HEADERS = ("ContentType", "ContentEncoding", "ContentLanguage")


def show(properties: dict[str, Any], s3: Any) -> None:
    """Put the page there."""
    bucket = properties["Bucket"]
    try:
        own = s3.get_object(Bucket=bucket, Key=properties["Page"])
        page, more = own["Body"].read(), {key: own[key] for key in KEPT_HEADERS if key in own}
    except s3.exceptions.NoSuchKey:
        page, more = DEFAULT.encode(), {"ContentType": "text/html; charset=utf-8"}
    # Neither browsers nor CloudFront keep it: what comes after it has the same address.
    s3.put_object(Bucket=bucket, Key=properties["Key"], Body=page, CacheControl="no-store", **more)


def forget(distribution: str, token: str, cloudfront: Any) -> None:
    """Have CloudFront forget what it keeps of the pages, since the same addresses now answer otherwise."""
    batch = {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": token}
    cloudfront.create_invalidation(DistributionId=distribution, InvalidationBatch=batch)


def handler(event: dict[str, Any], context: Any) -> None:
    """Entry point.

    Every way out answers CloudFormation, which would wait for an hour otherwise, and none raises: Lambda repeats an
    asynchronous call that failed. A month ends also where the page cannot be shown.
    """
    properties, ends = event["ResourceProperties"], event["RequestType"] == "Delete"
    key = properties["Key"]
    try:
        s3 = boto3.client("s3")
        if ends:
            show(properties, s3)
        else:
            s3.delete_object(Bucket=properties["Bucket"], Key=key)
        forget(properties["Distribution"], event["RequestId"], boto3.client("cloudfront"))
    except Exception as error:  # noqa: BLE001 - whatever it is, the stack's events shall show it
        traceback.print_exc()
        if not ends:
            cfnresponse.send(event, context, cfnresponse.FAILED, {}, key, reason=f"{type(error).__name__}: {error}")
            return
    cfnresponse.send(event, context, cfnresponse.SUCCESS, {}, key)
