"""Names whose parts a caller knows take those parts, all of them and no more."""

import pytest

from installation.names import Names

NAMES = Names(project="nestjs-hannibal-3", environment="dev")


def test_a_name_is_filled_with_the_parts_in_their_order() -> None:
    assert NAMES.bootstrap_role("{}", "123456789012", "x") == "cdk-hnb659fds-{}-role-123456789012-x"


@pytest.mark.parametrize("parts", [(), ("123456789012",), ("a", "b", "c", "d")])
def test_a_name_with_a_wrong_number_of_parts_is_an_error(parts: tuple[str, ...]) -> None:
    with pytest.raises(TypeError, match="arguments"):
        NAMES.bootstrap_role(*parts)
