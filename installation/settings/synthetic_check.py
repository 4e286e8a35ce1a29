"""What the synthetic check asks through CloudFront, as a section of the configuration file."""

import json
from collections.abc import Iterator
from typing import Final

from pydantic import Field

from installation.settings.section import Section, UrlPath

# What Lambda takes as variables of a function, all together, less what is not the requests (Lambda quotas). It measures
# them as JSON, in which each quote within a value has a backslash (terraform-aws-github-runner #3594).
_LONGEST: Final = 3_800
RUNS_THAT_FAIL: Final = 2


class CheckedRequest(Section):
    """One request of a user, and the answer that is wanted."""

    path: UrlPath
    """Path and query, written as in an address. What goes to the API is `edge.api_paths`."""
    body: str | None = Field(default=None, min_length=1)
    """JSON that is sent by POST; none: a GET."""
    status: int = Field(default=200, ge=200, le=599)
    text: str = ""
    """Text that the answer must contain; empty: any answer."""


class SyntheticCheckSettings(Section):
    """Requests of a page and of the API, as a user sends them; two failures in a row set off the alarm."""

    minutes: int = Field(default=5, ge=1, le=15)
    """Minutes between two runs."""
    seconds: float = Field(default=10.0, gt=0, le=30)
    """Seconds in which each answer must arrive."""
    requests: tuple[CheckedRequest, ...] = Field(
        default=(
            CheckedRequest(path="/", text="</html>"),
            CheckedRequest(path="/graphql", body='{"query":"{__typename}"}', text="__typename"),
        ),
        min_length=1,
        max_length=10,
    )
    """The health path is one too where it is among `edge.api_paths`."""

    def _check_length(self) -> Iterator[str]:
        size = len(json.dumps(self.requests_text))
        if size > _LONGEST:
            yield f"requests: {size} characters as a variable, where Lambda has room for {_LONGEST}"

    @property
    def requests_text(self) -> str:
        """The requests as the function reads them."""
        return json.dumps([one.model_dump(exclude_none=True) for one in self.requests], separators=(",", ":"))
