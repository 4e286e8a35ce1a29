"""IPv4 ranges that AWS refuses for a VPC with InvalidVpc.Range.

AWS documents 169.254.0.0/16 (VPC user guide, "IPv4 CIDR block association restrictions"). The others were tried, and
100.64.0.0/10 and 240.0.0.0/4 were taken (cdk-preflight, rule pf-ec2-vpc-cidr-reserved-range).
"""

from ipaddress import IPv4Network
from typing import Final

NO_VPC: Final = tuple(map(IPv4Network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4")))
