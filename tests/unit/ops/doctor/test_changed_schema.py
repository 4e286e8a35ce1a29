"""The cause of a schema that does not fit the image, after a release that was rolled back."""

from installation.settings import Settings
from ops.doctor.causes import filled, printed_cause


def test_a_schema_that_a_newer_image_changed_is_released_again(settings: Settings) -> None:
    found = printed_cause('column "text" does not exist')
    assert found
    first, second, *_ = filled(found, None, settings).remediations
    assert first.command == "hannibal run --env dev -- COMMAND"
    assert "rolled back" in second.what
    assert "--ignore-alarms" in (second.command or "")
