"""Whether the account keeps a stolen pipeline from power and evidence."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from installation import names
from installation.settings import Settings
from ops.account.caller import identify
from ops.account.github_subject import check_subject
from ops.aws.clients import Aws
from ops.doctor.finding import Evidence, Notes, Remediation, section
from ops.doctor.subjects import Subject
from ops.stacks.state import Stack, read_stacks

_ASSUMED = ("deploy", "file-publishing", "image-publishing", "lookup")


@section(Subject.ACCOUNT)
def examine(notes: Notes, aws: Aws, settings: Settings, now: datetime) -> None:  # noqa: ARG001 - as all examinations
    """Look at the bootstrap's roles, whom they trust, the protection of stacks, and what records calls."""
    account = identify(aws).account
    bootstrap = (Remediation(what="as an administrator", command=f"hannibal bootstrap --env {settings.environment}"),)
    stacks = notes.read("stacks", lambda: read_stacks(aws.cloudformation))
    _protection(notes, stacks or {})
    if stacks and names.AUDIT_STACK not in stacks:
        notes.add(
            "audit-missing",
            f"{names.AUDIT_STACK} does not exist, so nobody is told of calls that nobody makes in daily work.",
            remediations=bootstrap,
        )
    role = settings.names.bootstrap_role("cfn-exec", account, aws.region)
    notes.read(f"the role {role}", lambda: _execution_role(notes, aws, role, bootstrap))
    for purpose in _ASSUMED:
        name = settings.names.bootstrap_role(purpose, account, aws.region)
        notes.read(f"the role {name}", partial(_trust, notes, aws, name, account, bootstrap))
    if aws.endpoint is None:
        _subject(notes, settings, bootstrap)
    if stacks and names.AUDIT_STACK in stacks and settings.audit.create_trail:
        notes.read("the trail", lambda: _trail(notes, aws, settings))


def _subject(notes: Notes, settings: Settings, remediations: tuple[Remediation, ...]) -> None:
    check = check_subject(settings)
    if check.unknown:
        notes.skip(f"what the tokens of GitHub's jobs are called: {check.unknown}")
    if check.mismatch:
        text = check.mismatch[0].upper() + check.mismatch[1:]
        notes.add("github-subject", f"{text}.", remediations=remediations)


def _protection(notes: Notes, stacks: Mapping[str, Stack]) -> None:
    for name in names.PERSISTENT_STACKS:
        if name in stacks and not stacks[name].protected:
            notes.add(
                "protection-off",
                f"{name} has no termination protection: whoever may delete stacks may delete it.",
                remediations=(
                    Remediation(
                        what="as an administrator",
                        command="aws cloudformation update-termination-protection --enable-termination-protection "
                        f"--stack-name {name}",
                    ),
                ),
            )


def _execution_role(notes: Notes, aws: Aws, role: str, remediations: tuple[Remediation, ...]) -> None:
    described = aws.iam.get_role(RoleName=role)["Role"]
    pages = aws.iam.get_paginator("list_attached_role_policies").paginate(RoleName=role)
    attached = [policy["PolicyName"] for page in pages for policy in page["AttachedPolicies"]]
    if "AdministratorAccess" in attached or not described.get("PermissionsBoundary"):
        notes.add(
            "execution-unrestricted",
            "CloudFormation works for the pipeline without the limits of this project.",
            evidence=(
                Evidence(source=role, text=f"policies {', '.join(attached) or 'none'}"),
                Evidence(source=role, text=f"boundary {described.get('PermissionsBoundary') or 'none'}"),
            ),
            remediations=remediations,
        )


def _trust(notes: Notes, aws: Aws, role: str, account: str, remediations: tuple[Remediation, ...]) -> None:
    document: Any = aws.iam.get_role(RoleName=role)["Role"].get("AssumeRolePolicyDocument", {})
    trust = json.loads(document) if isinstance(document, str) else document
    outsiders = sorted({it for it in _principals(trust) if it != account and f"::{account}:" not in it})
    if outsiders:
        notes.add(
            "role-open",
            f"{role} may be taken on from outside of this account.",
            evidence=(Evidence(source="trust", text=", ".join(outsiders)),),
            remediations=remediations,
        )


def _principals(trust: Any) -> Iterator[str]:
    statements = trust.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal", {})
        if statement.get("Effect") != "Allow":
            continue
        for value in principal.values() if isinstance(principal, dict) else [principal]:
            yield from value if isinstance(value, list) else [value]


def _trail(notes: Notes, aws: Aws, settings: Settings) -> None:
    trail = settings.names.trail
    if not aws.cloudtrail.get_trail_status(Name=trail).get("IsLogging"):
        notes.add(
            "trail-off",
            f"The trail {trail} records nothing.",
            remediations=(
                Remediation(what="as an administrator", command=f"aws cloudtrail start-logging --name {trail}"),
            ),
        )
