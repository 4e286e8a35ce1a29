"""Reads the policy statements of the YAML files in this folder, with placeholders such as ``{cluster}`` filled in."""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import product
from pathlib import Path
from string import Formatter
from typing import Final, Literal

from pydantic import Field

from installation import yaml_text
from installation.names import (
    ALL_STACKS,
    AUDIT_STACK,
    EDGE_STACK,
    FINAL_SNAPSHOT_PREFIX,
    PIPELINE_STACKS,
    STORAGE_STACK,
)
from installation.names.persistent import PRUNABLE_TAG, TOOLKIT_STACK, TUNNEL_DOCUMENT
from installation.permissions.statements import Arns, Statement, StatementsOf

_BOOTSTRAP_ROLES: Final = ("cfn-exec", "deploy", "file-publishing", "image-publishing", "lookup")


class Placeholders:
    """The values of placeholders: names of the installation, and a few that only policies need."""

    def __init__(self, arns: Arns, **further: str) -> None:
        account, region, names = arns.account, arns.region, arns.names
        self._arns = arns
        self._known: dict[str, str | tuple[str, ...]] = {
            "account": account,
            "region": region,
            "stacks": (*ALL_STACKS, TOOLKIT_STACK),
            "storage_stack": STORAGE_STACK.lower(),  # as RDS writes names that CloudFormation generates
            "pipeline_stacks": PIPELINE_STACKS,
            "audit_stack": AUDIT_STACK,
            "edge_stack": EDGE_STACK,
            "final_snapshots": FINAL_SNAPSHOT_PREFIX,
            "prunable_tag": PRUNABLE_TAG,
            "tunnel_document": TUNNEL_DOCUMENT,
            "bootstrap_bucket": names.bootstrap_bucket(account, region),
            "bootstrap_repository": names.bootstrap_repository(account, region),
            **further,
        }
        if zone := arns.hosted_zone:
            self._known |= {"zone": zone.id, "zone_names": zone.names, "certified_name": zone.certified}
        for purpose in _BOOTSTRAP_ROLES:
            role = names.bootstrap_role(purpose, account, region)
            self._known[f"bootstrap_{purpose.replace('-', '_')}_role"] = role

    def each(self, text: str) -> Iterator[str]:
        """A text with its placeholders filled in, once for each value of a placeholder such as ``{stacks}``."""
        parts = dict.fromkeys(part for _, part, _, _ in Formatter().parse(text) if part)
        choices = [[values] if isinstance(values := self._find(part), str) else values for part in parts]
        for chosen in product(*choices):
            yield text.format_map(dict(zip(parts, chosen, strict=True)))

    def one(self, text: str) -> str:
        """A text with its placeholders filled in, where each placeholder has one value."""
        (found,) = self.each(text)
        return found

    def value(self, value: str | list[str]) -> str | list[str]:
        """A value of a condition with its placeholders filled in."""
        return self.one(value) if isinstance(value, str) else [text for part in value for text in self.each(part)]

    def _find(self, part: str) -> str | tuple[str, ...]:
        if part in self._known:
            return self._known[part]
        found = getattr(self._arns.names, part)
        # Names of buckets end with the account number.
        filled: str | tuple[str, ...] = found(self._arns.account) if callable(found) else found
        return filled


class _FileStatement(yaml_text.Data):
    """A statement as in the file; its placeholders are not filled in yet."""

    sid: str
    effect: Literal["Allow", "Deny"] = "Allow"
    actions: dict[str, str] | Literal["*"]  # by service, separated by blanks; or all actions
    resources: yaml_text.Texts
    reason: str = ""
    conditions: dict[str, dict[str, str | list[str]]] = Field(default_factory=dict)


def read_statements(name: str) -> Mapping[str, StatementsOf]:
    """The statements of a file by purpose, as functions of an installation's ARNs."""
    found = yaml_text.read(Path(__file__).with_name(name), dict[str, tuple[_FileStatement, ...]])
    return {key: partial(_statements, written) for key, written in found.items()}


def _statements(written: tuple[_FileStatement, ...], arns: Arns) -> tuple[Statement, ...]:
    placeholders = Placeholders(arns)
    return tuple(_statement(it, placeholders) for it in written)


def _statement(entry: _FileStatement, placeholders: Placeholders) -> Statement:
    named = entry.actions
    return Statement(
        sid=entry.sid,
        effect=entry.effect,
        actions=(named,) if isinstance(named, str) else _actions(named),
        resources=tuple(arn for text in entry.resources for arn in placeholders.each(text)),
        reason=entry.reason,
        conditions={
            operator: {placeholders.one(key): placeholders.value(value) for key, value in comparisons.items()}
            for operator, comparisons in entry.conditions.items()
        },
    )


def _actions(by_service: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{service}:{name}" for service, names in by_service.items() for name in names.split())
