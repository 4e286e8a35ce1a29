"""Alias records in Route 53 for a resource of AWS."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import aws_route53 as route53
from constructs import Construct

IPV4: Final = {"Ipv4": "A"}
BOTH: Final = IPV4 | {"Ipv6": "AAAA"}


class AliasRecords(Construct):
    """Alias records. Synthesis looks nothing up: the zone is given by its id. Queries for alias records are free.

    Args:
        hosted_zone_id: public zone of this account that holds the name.
        target_zone: id of the target's hosted zone.
        kinds: types of the records, by the ids of their constructs.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        hosted_zone_id: str,
        target: str,
        target_zone: str,
        kinds: Mapping[str, str],
    ) -> None:
        super().__init__(scope, construct_id)
        alias = route53.CfnRecordSet.AliasTargetProperty(dns_name=target, hosted_zone_id=target_zone)
        for record, kind in kinds.items():
            route53.CfnRecordSet(self, record, hosted_zone_id=hosted_zone_id, name=name, type=kind, alias_target=alias)
