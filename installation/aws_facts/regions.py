"""The regions of AWS, and those that an installation can be in."""

from pathlib import Path
from typing import Final

from installation import yaml_text

# Every region of the partition, also opt-in regions. A test compares them with boto3's.
ALL_REGIONS: Final = tuple(
    sorted(
        f"{area}-{number}"
        for most, areas in (
            (1, "af-south ca-central ca-west eu-north il-central me-central me-south mx-central sa-east"),
            (2, "ap-east ap-south eu-central eu-south us-east us-west"),
            (3, "ap-northeast eu-west"),
            (7, "ap-southeast"),
        )
        for area in areas.split()
        for number in range(1, most + 1)
    )
)
# CloudFormation has no AWS::Budgets::Budget there, by cfn-lint's lists of types per region.
WITHOUT_BUDGETS: Final = ("ap-northeast-3", "eu-north-1")
# The AWS-managed prefix list of CloudFront's origin-facing addresses by region; the file says which regions it has.
CLOUDFRONT_PREFIX_LISTS: Final = yaml_text.read(Path(__file__).with_suffix(".yaml"), dict[str, str])
REGIONS: Final = frozenset(CLOUDFRONT_PREFIX_LISTS)
