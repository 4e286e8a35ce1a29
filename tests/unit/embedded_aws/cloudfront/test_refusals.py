"""What CloudFront fills in, when a distribution is made and when it is changed."""

from typing import Any

from embedded_aws.cloudfront.refusals import _create_with_defaults, _update_with_defaults

GIVEN = {"DistributionConfig": {"Comment": "x", "Origins": [{"Id": "api", "CustomOriginConfig": {"HTTPPort": 8080}}]}}


def answered(*arguments: Any, **_: Any) -> tuple[Any, ...]:
    return arguments


def origin(properties: Any) -> Any:
    (found,) = properties["DistributionConfig"]["Origins"]
    return found["CustomOriginConfig"]


def test_a_new_distribution_gets_the_defaults() -> None:
    logical_id, properties, stack = _create_with_defaults(answered, "Edge", GIVEN, "EdgeStack")
    assert (logical_id, stack) == ("Edge", "EdgeStack")
    assert origin(properties) == {
        "HTTPPort": 8080,
        "HTTPSPort": 443,
        "OriginKeepaliveTimeout": 5,
        "OriginReadTimeout": 30,
    }
    assert origin(GIVEN) == {"HTTPPort": 8080}, "what the template says stays as it is"


def test_a_changed_one_gets_them_with_and_without_its_logical_id() -> None:
    """CloudFormation's engine gives the logical id to handlers that take it."""
    for rest in ((), ("Edge",)):
        physical_id, old, new, stack, *more = _update_with_defaults(
            answered, "E1", {"old": "x"}, GIVEN, "EdgeStack", *rest
        )
        assert (physical_id, old, stack, tuple(more)) == ("E1", {"old": "x"}, "EdgeStack", rest)
        assert origin(new)["HTTPSPort"] == 443
