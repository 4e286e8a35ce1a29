"""Lifecycle rules whose parts do not go together."""

from typing import Any

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.s3.lifecycle_refusals import check_lifecycle, from_xml


def moved(**days: int) -> list[dict[str, Any]]:
    return [{"StorageClass": name, "TransitionInDays": number} for name, number in days.items()]


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([], None),
        ([{"Transitions": moved(STANDARD_IA=30, GLACIER_IR=60, DEEP_ARCHIVE=180), "ExpirationInDays": 400}], None),
        ([{"Transitions": moved(GLACIER=0)}, {"ExpirationDate": "2030-01-01T00:00:00Z"}], None),
        ([{"ObjectSizeGreaterThan": "500", "ObjectSizeLessThan": "5000"}], None),
        ([{"Transition": moved(GLACIER=1)[0], "ExpirationInDays": "2"}], None),
        ([{"Id": "a"}, {"Id": "a"}], "Rule ID must be unique. Found same ID for more than one rule"),
        (
            [{"Transitions": [*moved(GLACIER=1), *moved(GLACIER=2)], "Prefix": "p"}],
            "'StorageClass' must be different for 'Transition' actions in same 'Rule' with prefix 'p'",
        ),
        (
            [{"Transitions": moved(GLACIER=40, STANDARD_IA=60)}],
            (
                "'Days' in the 'GLACIER' Transition action for prefix '' must be greater than 'Days' in the "
                "'STANDARD_IA' Transition action"
            ),
        ),
        (
            [{"Transitions": moved(GLACIER=60), "ExpirationInDays": 60}],
            "'Days' in the Expiration action for prefix '' must be greater than 'Days' in the Transition action",
        ),
        (
            [
                {
                    "NoncurrentVersionTransitions": moved(GLACIER=50),
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                }
            ],
            (
                "'NoncurrentDays' in the NoncurrentVersionExpiration action for prefix '' must be greater than "
                "'NoncurrentDays' in the NoncurrentVersionTransition action"
            ),
        ),
        (
            [{"Transitions": moved(GLACIER=60), "ExpirationDate": "2030-01-01T00:00:00Z"}],
            "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for prefix ''",
        ),
        (
            [{"ObjectSizeGreaterThan": "500", "ObjectSizeLessThan": "50"}],
            "'ObjectSizeLessThan' must be greater than 'ObjectSizeGreaterThan'",
        ),
    ],
)
def test_lifecycle_rules_are_taken_or_refused(rules: list[dict[str, Any]], said: str | None) -> None:
    found = None
    try:
        check_lifecycle({"LifecycleConfiguration": {"Rules": rules}})
    except Refusal as refusal:
        found = refusal.message

    assert found == said


def test_rules_of_a_call_are_read_as_a_template_has_them() -> None:
    body = (
        '<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule><ID>a</ID><Status>Enabled</Status>'
        "<Filter><And><Prefix>p/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag>"
        "<ObjectSizeLessThan>9</ObjectSizeLessThan></And></Filter><Expiration><Days>3</Days></Expiration>"
        "<Transition><Days>1</Days><StorageClass>GLACIER</StorageClass></Transition>"
        "<NoncurrentVersionExpiration><NoncurrentDays>5</NoncurrentDays></NoncurrentVersionExpiration>"
        "</Rule></LifecycleConfiguration>"
    )

    assert from_xml(body.encode()) == {
        "LifecycleConfiguration": {
            "Rules": [
                {
                    "Id": "a",
                    "Status": "Enabled",
                    "Prefix": "p/",
                    "ObjectSizeLessThan": "9",
                    "TagFilters": [{}],
                    "ExpirationInDays": "3",
                    "Transitions": [{"TransitionInDays": "1", "StorageClass": "GLACIER"}],
                    "NoncurrentVersionExpiration": {"NoncurrentDays": "5"},
                }
            ]
        }
    }
    assert from_xml(b"<") == {}
