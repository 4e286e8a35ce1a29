"""What a stack's state makes of a request."""

import pytest

from embedded_aws.cloudformation import emulator, stack_states


@pytest.mark.parametrize(("status", "begun"), [("DELETE_IN_PROGRESS", []), ("DELETE_FAILED", ["begun"])])
def test_a_deletion_that_goes_on_is_not_begun_again(
    monkeypatch: pytest.MonkeyPatch, status: str, begun: list[str]
) -> None:
    """Two operators may end a month at once: the second deletion would miss what the first one has deleted."""
    found = list[str]()

    def begin(_params: object) -> tuple[int, dict[str, str], bytes]:
        found.append("begun")
        return 200, {}, b""

    monkeypatch.setattr(emulator, "resolve_stack", lambda _: {"StackStatus": status})
    answer = stack_states._delete(begin, {"StackName": "StorageStack"})
    assert (answer[0], found) == (200, begun)
