"""Values that fit schemas, as templates write them: numbers and booleans may be texts."""

from typing import Any

import pytest

from embedded_aws.core.json_schema import fits


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ({"enum": ["a", 1, True]}, ["a", 1, "1", "true"], ["b", 2, "false"]),
        ({"const": True}, [True, "true"], [False, "yes"]),
        ({"minimum": 1, "maximum": 9}, [1, "9", "text"], [0, "10", 9.5]),
        ({"multipleOf": 60}, [0, 120, "60"], [61, "1"]),
        ({"minLength": 1, "maxLength": 2, "pattern": "^a"}, ["a", "ab", 5], ["", "abc", "b"]),
        ({"minItems": 1, "maxItems": 2, "uniqueItems": True}, [[1], [1, 2], "no list"], [[], [1, 2, 3], [1, 1]]),
        ({"items": {"maximum": 3}, "contains": {"const": 1}}, [[1, 3]], [[1, 4], [2]]),
        ({"containsAtMostOnce": {"const": 1}}, [[], [2, 1, 2], "no list"], [[1, 2, 1]]),
        ({"type": ["object", "array"]}, [{}, []], ["a"]),
        ({"required": ["a"], "properties": {"a": {"const": 1}}}, [{"a": 1, "b": 2}, "a"], [{}, {"a": 2}, {"a": None}]),
        ({"properties": {"a": True}, "additionalProperties": False}, [{"a": 1}, {}], [{"b": 1}]),
        ({"propertyNames": {"pattern": "^a"}}, [{"ab": 1}], [{"b": 1}]),
        ({"requiredOr": ["a", "b"]}, [{"a": 1}, {"a": 1, "b": 1}], [{}, {"b": None}]),
        ({"requiredXor": ["a", "b"]}, [{"a": 1}, {"a": 1, "b": None}], [{}, {"a": 1, "b": 1}]),
        (
            {"dependentRequired": {"a": ["b"]}},
            [{}, {"a": 1, "b": 1}, {"b": 1}, {"a": None}],
            [{"a": 1}, {"a": 1, "b": None}],
        ),
        ({"dependentExcluded": {"a": ["b"]}}, [{}, {"a": 1}, {"b": 1}], [{"a": 1, "b": 1}]),
        ({"allOf": [{"minimum": 1}, {"maximum": 3}]}, [2], [0, 4]),
        ({"anyOf": [{"const": 1}, {"const": 2}]}, [1, 2], [3]),
        ({"oneOf": [{"minimum": 1}, {"maximum": 3}]}, [0, 4], [2]),
        ({"not": {"const": 1}}, [2], [1]),
        ({"if": {"const": 1}, "then": False, "else": {"maximum": 5}}, [2], [1, 6]),
        ({"if": {"const": 1}, "then": {"maximum": 5}}, [1, 9], []),
    ],
)
def test_values_that_fit_a_schema(schema: dict[str, Any], right: list[Any], wrong: list[Any]) -> None:
    assert [value for value in right if not fits(schema, value)] == []
    assert [value for value in wrong if fits(schema, value)] == []


def test_an_unknown_keyword_is_an_error() -> None:
    with pytest.raises(KeyError):
        fits({"minimun": 1}, 1)
