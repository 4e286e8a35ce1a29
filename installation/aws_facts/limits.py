"""What AWS accepts: sizes of policies and of tasks, ranges of a VPC."""

from ipaddress import IPv4Network
from typing import Final

# The most characters without blanks (IAM user guide, "IAM and AWS STS quotas").
MANAGED_POLICY_CHARACTERS: Final = 6_144
INLINE_POLICIES_CHARACTERS: Final = 10_240  # of all inline policies of a role together
# IPv4 ranges that AWS refuses for a VPC with InvalidVpc.Range. AWS documents 169.254.0.0/16 (VPC user guide, "IPv4 CIDR
# block association restrictions"). The others were tried, and 100.64.0.0/10 and 240.0.0.0/4 were taken (cdk-preflight,
# rule pf-ec2-vpc-cidr-reserved-range).
NO_VPC: Final = tuple(map(IPv4Network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4")))
# CPU units and the memory in MiB that Fargate combines with them (Amazon ECS developer guide, "Fargate task definition
# differences", task CPU and memory).
FARGATE_MEMORY_MIB: Final[dict[int, tuple[int, ...]]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
}
