"""Values that Parameter Store takes."""

import pytest

from ops.errors import UnusableInputError
from ops.service.secrets import require_value


def test_a_value_that_parameter_store_takes_for_a_reference_is_refused() -> None:
    with pytest.raises(UnusableInputError) as refused:
        require_value("Dear {{name}}, hunter2")
    assert "nothing was set" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert require_value('{"a":{"b":{}}}') == '{"a":{"b":{}}}'
