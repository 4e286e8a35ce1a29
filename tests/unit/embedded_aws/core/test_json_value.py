"""Texts that may be JSON."""

from embedded_aws.core.json_value import is_json, json_object


def test_a_text_nested_too_deeply_for_the_parser_is_no_json() -> None:
    deep = "[" * 1_000_000
    assert not is_json(deep)
    assert json_object(deep) is None
    assert is_json("[1]")
