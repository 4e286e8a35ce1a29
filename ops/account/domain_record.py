"""Check before a deployment that the domain's DNS record does not keep CloudFront from taking the domain."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from ops.aws.clients import Aws
from ops.stacks.state import Stack

_PATIENCE_SECONDS: Final = 10.0
_DISTRIBUTION: Final = re.compile(r"canonical name = (\S+\.cloudfront\.net)\.?\s", re.IGNORECASE)


def domain_record_notes(aws: Aws, edge: Stack | None = None) -> Iterator[str]:
    """Say that nobody looks at the record, where the program that asks DNS is not installed."""
    domain = aws.settings.edge.domain
    if domain is not None and domain not in _own(edge) and aws.endpoint is None and shutil.which("nslookup") is None:
        yield (
            f"`nslookup` is not installed, so it is unknown whether {domain} still leads to a former distribution: "
            "CloudFront would then refuse it, at the end of the start"
        )


def domain_record_refusals(aws: Aws, edge: Stack | None = None) -> Iterator[str]:
    """Why CloudFront would refuse the domain for a distribution without it; nothing where no DNS can be asked.

    It takes no domain whose record leads to another distribution, not even to one that was deleted (CloudFront
    developer guide, "Restrictions on using alternate domain names"; terraform-provider-aws #8734, amplify-hosting
    #2077). Its API says so only while the distribution is created.
    """
    domain, own = aws.settings.edge.domain, _own(edge)
    if domain is None or domain in own or aws.endpoint is not None:  # the embedded AWS asks no DNS
        return
    answer = ""
    with suppress(OSError, subprocess.SubprocessError):
        answer = subprocess.run(  # noqa: S603 - fixed program, no shell; the settings allow a domain's letters only
            ["nslookup", "-type=CNAME", domain],  # noqa: S607 - found in the operator's PATH
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            errors="replace",
            timeout=_PATIENCE_SECONDS,
        ).stdout
    if (found := _DISTRIBUTION.search(answer)) and found[1].lower() not in own:
        yield (
            f"edge.domain: {domain} leads to {found[1]}, and CloudFront gives no other distribution a domain that "
            "does: delete the record, and wait until its time to live is over"
        )


def _own(edge: Stack | None) -> frozenset[str]:
    """The domains of a deployed distribution, its own and the settings' of that time, by the stack's outputs."""
    return frozenset(it.value.removeprefix("https://").lower() for it in edge.outputs) if edge else frozenset()
