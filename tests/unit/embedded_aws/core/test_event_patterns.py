"""Event patterns and filter policies, right and wrong."""

from typing import Any

import pytest

from embedded_aws.core.event_patterns import broken_pattern


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["aws.ecs", {"prefix": "aws."}], "detail": {"a": [None, True, 3, ""], "b": [{"exists": False}]}},
        {"n": [{"numeric": [">", 0, "<=", 5]}], "t": [{"suffix": ".png"}, {"equals-ignore-case": "X"}]},
        {"a": [{"anything-but": ["x"]}, {"anything-but": {"prefix": "x"}}, {"anything-but": 3}]},
        {"a": [{"anything-but": {"wildcard": ["*x", "y*"]}}, {"prefix": {"equals-ignore-case": "x"}}]},
        {"ip": [{"cidr": "10.0.0.0/24"}, {"cidr": "2001:db8::/32"}], "w": [{"wildcard": "a*b"}]},
        {"$or": [{"g": ["1"]}, {"h": ["2"]}]},
    ],
)
def test_valid_event_patterns_are_taken(pattern: dict[str, Any]) -> None:
    assert list(broken_pattern(pattern)) == []


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (None, "Filter is not an object"),
        ({}, "Empty objects are not allowed"),
        ({"detail": {}}, "Empty objects are not allowed"),
        ({"source": "aws.ecs"}, '"source" must be an object or an array'),
        ({"source": []}, "Empty arrays are not allowed"),
        ({"source": [["a"]]}, "Match value must be String, number, true, false, or null"),
        ({"a": [{"begins": "x"}]}, "Unrecognized match type begins"),
        ({"a": [{"prefix": "x", "suffix": "y"}]}, "Only one key allowed in match expression"),
        ({"a": [{"prefix": 3}]}, "prefix match pattern must be a string"),
        ({"a": [{"exists": "yes"}]}, "exists match pattern must be either true or false."),
        ({"a": [{"numeric": ["=>", 3]}]}, "Unrecognized numeric range operator: =>"),
        ({"a": [{"numeric": [">", "3"]}]}, "Value of > must be numeric"),
        ({"a": [{"numeric": ">3"}]}, "Invalid numeric match"),
        ({"a": [{"cidr": "1.2.3.4"}]}, "Malformed CIDR, one '/' required"),
        ({"a": [{"cidr": "1.2.3.4/255.0.0.0"}]}, "Malformed CIDR, mask bits must be an integer"),
        ({"a": [{"cidr": f"1.2.3.4/{'9' * 5_000}"}]}, "Malformed CIDR, mask bits must be an integer"),
        ({"a": [{"cidr": "1.2.3.4/-1"}]}, "Malformed CIDR, mask bits must not be negative"),
        ({"a": [{"cidr": "shop/8"}]}, "Nonstandard IP address: shop"),
        ({"a": [{"cidr": "1.2.3.4/32"}]}, "IPv4 mask bits must be < 32"),
        ({"a": [{"cidr": "2001:db8::/128"}]}, "IPv6 mask bits must be < 128"),
        ({"a": [{"anything-but": ["x", 1]}]}, "Inside anything but list"),
        ({"a": [{"anything-but": {"exists": True}}]}, "Unsupported anything-but pattern: exists"),
        ({"$or": [{"a": "b"}]}, '"a" must be an object or an array'),
    ],
)
def test_invalid_event_patterns_are_refused(pattern: Any, said: str) -> None:
    assert next(broken_pattern(pattern)).startswith(said)
