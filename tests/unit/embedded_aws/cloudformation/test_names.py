"""Names that CloudFormation makes up."""

from embedded_aws.cloudformation.names import renew_suffix


def test_generated_name_keeps_its_form_and_depends_on_the_stack() -> None:
    first = renew_suffix("NetworkStack-Role-0123456789ABC", "stack/one")

    assert first.startswith("NetworkStack-Role-")
    assert len(first) == len("NetworkStack-Role-0123456789ABC")
    assert first == first.rpartition("-")[0] + "-" + first.rpartition("-")[2].upper()
    assert first == renew_suffix("NetworkStack-Role-0123456789ABC", "stack/one"), "an update keeps the name"
    assert first != renew_suffix("NetworkStack-Role-0123456789ABC", "stack/two")
    assert first != renew_suffix("NetworkStack-Role-0123456789ABD", "stack/one")


def test_generated_name_of_a_bucket_stays_in_small_letters() -> None:
    name = renew_suffix("stack-bucket-0123456789abc", "stack/one")

    assert name == name.lower()
