"""Names that CloudFormation makes up."""

import pytest

from embedded_aws.cloudformation.names import renew_suffix


def test_generated_name_keeps_its_form_and_depends_on_the_stack() -> None:
    first = renew_suffix("NetworkStack-Role-0123456789ABC", "stack/one")

    assert first.startswith("NetworkStack-Role-")
    assert len(first) == len("NetworkStack-Role-0123456789ABC")
    assert first == first.rpartition("-")[0] + "-" + first.rpartition("-")[2].upper()
    assert first == renew_suffix("NetworkStack-Role-0123456789ABC", "stack/one"), "an update keeps the name"
    assert first != renew_suffix("NetworkStack-Role-0123456789ABC", "stack/two")
    assert first != renew_suffix("NetworkStack-Role-0123456789ABD", "stack/one")


@pytest.mark.parametrize("suffix", ["0123456789abc", "0123456789012"])
def test_generated_name_of_a_bucket_or_database_stays_in_small_letters(suffix: str) -> None:
    """One in 430 suffixes has digits only, from which the case cannot be seen."""
    for stack in range(20):
        name = renew_suffix(f"stack-bucket-{suffix}", f"stack/{stack}", lowercase=True)
        assert name == name.lower()
