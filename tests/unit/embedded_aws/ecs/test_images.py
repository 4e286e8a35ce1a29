"""Images and their digests."""

import pytest

from embedded_aws.core.faults import Fault, Faults
from embedded_aws.ecs.images import CannotPullError, digest_of, split


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("node", ("node", None, None)),
        ("node:22", ("node", "22", None)),
        ("localhost:5000/api", ("localhost:5000/api", None, None)),
        ("localhost:5000/api:v1@sha256:ab", ("localhost:5000/api", "v1", "sha256:ab")),
        ("api@sha256:ab", ("api", None, "sha256:ab")),
    ],
)
def test_the_parts_of_an_image(image: str, parts: tuple[str, str | None, str | None]) -> None:
    assert split(image) == parts


def test_the_digest_of_an_image() -> None:
    faults = Faults()
    assert digest_of("api@sha256:ab", faults) == "sha256:ab"
    assert digest_of("api:1", faults) == digest_of("api:1", faults) != digest_of("api:2", faults)
    faults.inject(Fault(kind="cannot_pull", pattern="api:*"))
    with pytest.raises(CannotPullError, match="api:1: not found"):
        digest_of("api:1", faults)
    faults.clear()
    assert digest_of("api:1", faults)
