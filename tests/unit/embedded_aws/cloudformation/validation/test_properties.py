"""What a schema refuses of a resource's properties."""

from embedded_aws.cloudformation.validation.properties import violations


def test_read_only_properties_are_named_in_the_order_of_the_schema() -> None:
    names = [f"Name{number}" for number in range(20)]
    schema = {"readOnlyProperties": [f"/properties/{name}" for name in names]}

    messages = [message for _, message in violations(schema, dict.fromkeys(reversed(names), "x"))]

    assert messages == [f"Encountered unsupported property {name}" for name in names]


def test_what_is_read_only_after_the_creation_may_be_written() -> None:
    names = ["/properties/Name"]

    assert list(violations({"readOnlyProperties": names, "createOnlyProperties": names}, {"Name": "x"})) == []
