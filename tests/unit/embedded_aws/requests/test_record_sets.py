"""Records that a zone does not take."""

from typing import Any

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.requests.record_sets import _changes, check_record


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"Name": "a.example.com", "Type": "A"}, ""),
        ({"Name": "Example.com.", "Type": "A"}, ""),
        ({"Name": "a.example.com", "Type": "CNAME"}, ""),
        ({"Name": "a.example.org", "Type": "A"}, "is not permitted in zone example.com."),
        ({"Name": "aexample.com", "Type": "A"}, "is not permitted in zone example.com."),
        ({"Name": "example.com", "Type": "CNAME"}, "is not permitted at apex in zone example.com."),
    ],
)
def test_a_record_is_below_its_zone(record: dict[str, Any], says: str) -> None:
    message = ""
    try:
        check_record(record | {"HostedZoneName": "example.com."})
    except Refusal as refusal:
        message = refusal.message

    assert bool(message) == bool(says)
    assert says in message


def test_of_a_zone_that_is_not_known_nothing_is_said() -> None:
    check_record({"Name": "a.example.org", "Type": "A", "HostedZoneId": "Z1"})


def test_changes_of_a_call_are_read_as_a_template_has_them() -> None:
    body = (
        '<R xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes>'
        "<Change><Action>CREATE</Action><ResourceRecordSet><Name>a.</Name><Type>A</Type><TTL>60</TTL><ResourceRecords>"
        "<ResourceRecord><Value>1.2.3.4</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change>"
        "<Change><Action>UPSERT</Action><ResourceRecordSet><Name>b.</Name><Type>A</Type><AliasTarget/>"
        "</ResourceRecordSet></Change>"
        "<Change><Action>DELETE</Action><ResourceRecordSet><Name>c.</Name></ResourceRecordSet></Change>"
        "</Changes></ChangeBatch></R>"
    )

    assert list(_changes(body.encode())) == [
        {"Name": "a.", "Type": "A", "TTL": "60", "ResourceRecords": ["1.2.3.4"]},
        {"Name": "b.", "Type": "A", "AliasTarget": {}},
    ]
    assert list(_changes(b"<")) == []
