"""The regions of AWS, and those that an installation can be in."""

from pathlib import Path
from typing import Final

from installation import yaml_text

# Every region of the partition, also opt-in regions. A test compares them with boto3's.
ALL_REGIONS: Final = (
    *("af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1"),
    *("ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5"),
    *("ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1"),
    *("eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1"),
    *("me-south-1", "mx-central-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"),
)
# CloudFormation has no AWS::Budgets::Budget there, by cfn-lint's lists of types per region.
WITHOUT_BUDGETS: Final = ("ap-northeast-3", "eu-north-1")
# The AWS-managed prefix list of CloudFront's origin-facing addresses by region; the file says which regions it has.
CLOUDFRONT_PREFIX_LISTS: Final = yaml_text.read(Path(__file__).with_suffix(".yaml"), dict[str, str])
REGIONS: Final = frozenset(CLOUDFRONT_PREFIX_LISTS)
