"""The regions of AWS, and those that an installation can be in."""

from typing import Final

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
# All other regions that accounts need not opt into. CloudFront writes its logs into no bucket of a region that accounts
# must opt into (CloudFront developer guide, "Choosing an Amazon S3 bucket for your standard logs"), and refuses a
# distribution that names one. China, GovCloud and the sovereign clouds are partitions with other ARNs. Each region's
# value is the AWS-managed prefix list of CloudFront's origin-facing addresses there (AWS networking blog, "Limit access
# to your origins using the AWS-managed prefix list for Amazon CloudFront").
CLOUDFRONT_PREFIX_LISTS: Final = {
    "ap-northeast-1": "pl-58a04531",
    "ap-northeast-2": "pl-22a6434b",
    "ap-south-1": "pl-9aa247f3",
    "ap-southeast-1": "pl-31a34658",
    "ap-southeast-2": "pl-b8a742d1",
    "ca-central-1": "pl-38a64351",
    "eu-central-1": "pl-a3a144ca",
    "eu-west-1": "pl-4fa04526",
    "eu-west-2": "pl-93a247fa",
    "eu-west-3": "pl-75b1541c",
    "sa-east-1": "pl-5da64334",
    "us-east-1": "pl-3b927c52",
    "us-east-2": "pl-b6a144df",
    "us-west-1": "pl-4ea04527",
    "us-west-2": "pl-82a045eb",
}
REGIONS: Final = frozenset(CLOUDFRONT_PREFIX_LISTS)
