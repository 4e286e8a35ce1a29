from embedded_aws.load_balancer.describing import condition_xml


def test_values_of_conditions_are_escaped_whatever_a_template_gave() -> None:
    """A template's query string comes as key and value."""
    condition = {"Field": "query-string", "Values": ["a&b", 5, {"Key": "a", "Value": "<"}]}
    written = condition_xml(lambda it: it["Values"], condition)
    assert written == ["a&amp;b", "5", "{'Key': 'a', 'Value': '&lt;'}"]
