"""Types of values that several sections have."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, StringConstraints

# The values that CloudWatch Logs accepts (API reference, PutRetentionPolicy); `true` would count as 1.
RetentionDays = Annotated[
    Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
    BeforeValidator(lambda value: str(value) if isinstance(value, bool) else value),
]
CertificateArn = Annotated[str, StringConstraints(pattern=r"^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate/.+$")]
# By tag or by digest, so that a revision says what it runs.
ImageName = Annotated[str, StringConstraints(pattern=r"^[^\s@]+(:[\w.-]+|@sha256:[0-9a-f]{64})$", min_length=3)]
