"""The checks of the safeguards that keep the pipeline from permissions and evidence."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError

from installation.names import AUDIT_STACK
from installation.names.persistent import TOOLKIT_STACK
from installation.settings import Settings
from ops.account import bootstrap_roles, evidence
from ops.account.caller import Caller
from ops.account.gap import Gap
from ops.aws.clients import Aws
from ops.stacks.state import Stack, read_stack

_ASSUMED = ("deploy", "file-publishing", "image-publishing", "lookup")


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check of the account."""

    what: str  # what is checked, for the message that the check failed
    find: Callable[[], Iterator[Gap]]  # finds the gaps; raises botocore's errors

    def gaps(self) -> tuple[Gap, ...]:
        """The gaps that the check finds."""
        return tuple(self.find())


def is_limited(aws: Aws, caller: Caller) -> bool:
    """Whether the account's pipeline should be limited: in every account, and in an embedded AWS by choice.

    `hannibal start` prepares an embedded AWS with plain `cdk bootstrap`, because a laptop needs no limits; only
    `hannibal bootstrap` gives the toolkit stack tags.
    """
    if caller.endpoint is None:
        return True
    toolkit = read_stack(aws, TOOLKIT_STACK)
    return toolkit is not None and "Project" in toolkit.tags


def checks(aws: Aws, caller: Caller, stacks: Mapping[str, Stack], *, limited: bool) -> Iterator[Check]:
    """All checks of an account; they may run in parallel."""
    settings = aws.settings
    names = aws.names
    yield Check(what="the protection of stacks", find=lambda: _protection(settings, stacks))
    if limited:
        yield Check(what=AUDIT_STACK, find=lambda: _audit(settings, stacks))
        role = names.bootstrap_role("cfn-exec", caller.account, aws.region)
        yield Check(what=f"the role {role}", find=partial(bootstrap_roles.execution_role, aws, role))
        for purpose in _ASSUMED:
            name = names.bootstrap_role(purpose, caller.account, aws.region)
            yield Check(what=f"the role {name}", find=partial(bootstrap_roles.trust, aws, name, caller.account))
    if AUDIT_STACK not in stacks or not stacks[AUDIT_STACK].healthy:
        return
    yield Check(what="the function that tags snapshots", find=partial(evidence.tagging_function, aws))
    yield Check(what="the rule that runs it", find=partial(evidence.tagging_rule, aws))
    if settings.audit.create_trail:
        bucket = names.trail_bucket(caller.account)
        yield Check(what="the trail", find=partial(evidence.trail, aws))
        yield Check(what="the trail's log group", find=partial(evidence.log_group, aws))
        yield Check(what="the security alarms", find=partial(evidence.alarms, aws))
        yield Check(what="the trail's files", find=partial(evidence.files, aws, bucket))


def visible_gaps(check: Check) -> tuple[Gap, ...]:
    """The gaps that a check finds; none where it fails, which the doctor reports and a status does not."""
    try:
        return check.gaps()
    except (BotoCoreError, ClientError):
        return ()


def _protection(settings: Settings, stacks: Mapping[str, Stack]) -> Iterator[Gap]:
    for name in settings.lifecycles.persistent:
        if name in stacks and not stacks[name].protected:
            yield Gap(
                cause="protection-off",
                summary=f"{name} has no termination protection: whoever may delete stacks may delete it.",
                command="aws cloudformation update-termination-protection --enable-termination-protection "
                f"--stack-name {name}",
            )


def _audit(settings: Settings, stacks: Mapping[str, Stack]) -> Iterator[Gap]:
    if stacks and AUDIT_STACK not in stacks:
        yield Gap(
            cause="audit-missing",
            summary=f"{AUDIT_STACK} does not exist, so nobody is notified of calls that are not part of daily work.",
            command=f"hannibal bootstrap --env {settings.environment}",
        )
