"""CloudFront's prefix list, whose id differs by region: a wrong one would fail NetworkStack, or keep CloudFront out."""

from collections.abc import Iterator
from typing import Final

from ops.aws.clients import Aws

# CloudFront developer guide, "Use the CloudFront managed prefix list".
_NAME: Final = "com.amazonaws.global.cloudfront.origin-facing"


def prefix_list_refusals(aws: Aws) -> Iterator[str]:
    """Why the list of the settings is not CloudFront's; nothing where EC2 does not know CloudFront's."""
    settings = aws.settings
    named = settings.network.cloudfront_prefix_list_id
    filters = [{"Name": "prefix-list-name", "Values": [_NAME]}]
    lists = aws.ec2.describe_managed_prefix_lists(Filters=filters)["PrefixLists"]  # type: ignore[arg-type] # a plain dict
    right = next((it.get("PrefixListId") for it in lists), None)
    if right and right != named:
        yield (
            f"network.cloudfront_prefix_list_id in config/{settings.environment}.yaml is {named}, but CloudFront's "
            f"list in {settings.region} is {right}: write that"
        )
