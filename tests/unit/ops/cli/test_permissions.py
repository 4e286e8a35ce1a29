"""What the commands call is what the roles may that run them: a person daily, the workflows, a pull request."""

import re
from dataclasses import replace

import pytest

from installation.permissions.roles import CICD_TASKS, DEVELOPER_TASKS, DRIFT_TASKS, PLAN_TASKS, TASKS
from installation.permissions.statements import StatementsOf
from installation.settings.file import load_settings
from ops.cli.app import _COMMANDS, _GROUPS
from ops.iam import reference
from tests.conftest import ROOT
from tests.support.calls import actions, misnamed
from tests.support.policies import arns
from tests.support.zone import with_zone

LOOKING = ("alarms:alarms", "inventory:links", "inventory:outputs", "logs", "preflight", "releases", "status")
DAILY = (
    *LOOKING,
    "cost:actual",
    "doctor",
    "drift",
    "exec_:exec_",
    "iam_review:review",
    "frontend:invalidate",
    "leftovers",
)
PAGES = ("frontend:publish", "frontend:list_publications", "frontend:rollback")
MORE_DAILY = ("release", "report", "rollback", "runs:run", "runs", "snapshots:list_snapshots", "snapshots:take")
SECRETS = ("secrets:list_secrets", "secrets:set_secret", "secrets:remove_secret")
WORKFLOWS = ("drift", "github:check", "github:summary", "image:build", "leftovers", "release", "start", "stop")
MORE_WORKFLOWS = ("frontend:invalidate", "rollback", "runs:run", "runs", "snapshots:list_snapshots", "snapshots:prune")
SNAPSHOTS = ("snapshots:take",)
ROLES = {
    "developer": (
        DEVELOPER_TASKS,
        (
            *DAILY,
            *MORE_DAILY,
            *SECRETS,
            *PAGES,
            "snapshots:try_newest",
            "alarms:send_test",
            "database:connect",
            "pause:pause",
            "pause:resume",
            "restore:restore",
            "exercise:run",
            "exercise:clear",
        ),
    ),
    "workflows": (CICD_TASKS, (*LOOKING, *WORKFLOWS, *MORE_WORKFLOWS, *SNAPSHOTS, *PAGES)),
    "drift": (DRIFT_TASKS, ("drift", "status")),
    "pull request": (PLAN_TASKS, ("status",)),
}
# `hannibal doctor stack --fix` prints what an administrator may run in its place.
ADMINISTRATORS = frozenset({"cloudformation:ContinueUpdateRollback"})
# Keys of a secret's JSON, and names of certificates, are looked up where the caller may read them, by no role of ours.
OPTIONAL = frozenset({"acm:DescribeCertificate", "secretsmanager:GetSecretValue"})
# A status leaves out what it may not see of the account's safeguards; a pull request need not know it.
UNSEEN = {
    "pull request": frozenset(action for statement in TASKS["read_safeguards"](arns()) for action in statement.actions),
    "workflows": frozenset(
        {
            # A month's end lets go of what a restore has put aside, which only a person may (law 8).
            *("rds:DeleteDBInstance", "rds:ModifyDBInstance"),
            # A start makes roles of services in the embedded AWS only.
            *("iam:CreateServiceLinkedRole", "iam:ListRoles"),
        }
    ),
}
# What the guide has an administrator do, or whoever prepares an account.
BY_HAND = ADMINISTRATORS | {
    "cloudformation:CancelUpdateStack",
    "cloudformation:DeleteStack",
    "cloudformation:UpdateTerminationProtection",
    "kms:DescribeKey",
}
# Commands of the AWS CLI whose permission has another name, or none.
RENAMED = {
    "budgets describe-budgets": "budgets:ViewBudget",
    "cloudformation wait": "cloudformation:DescribeStacks",
    "logs tail": "logs:FilterLogEvents",
    "s3 ls": "s3:ListBucket",
    "sts get-caller-identity": None,
}
PREFIXES = {"deploy": "codedeploy"}


def granted(tasks: tuple[StatementsOf, ...]) -> set[str]:
    """What a role may do where every option is on."""
    given = replace(arns(), hosted_zone=with_zone(load_settings("dev")).edge.hosted_zone)
    return {action for task in tasks for statement in task(given) for action in statement.actions}


def permission(service: str, command: str) -> str | None:
    """What a command of the AWS CLI checks."""
    if (words := f"{service} {command}") in RENAMED:
        return RENAMED[words]
    action = reference.action(f"{PREFIXES.get(service, service)}:{command.replace('-', '')}")
    assert action, words
    return action.name


@pytest.mark.parametrize(
    ("role", "command"), [(role, command) for role, (_, commands) in ROLES.items() for command in commands]
)
def test_a_role_may_do_what_its_commands_do(role: str, command: str) -> None:
    module, _, function = command.partition(":")
    needed = actions(f"ops.cli.commands.{module}", function or module)

    assert needed or command in ("inventory:links", "github:check"), (
        "no call found: is the client called as in ops.aws?"
    )
    assert needed - ADMINISTRATORS - OPTIONAL - UNSEEN.get(role, frozenset()) <= granted(ROLES[role][0])


def test_every_command_that_calls_aws_is_some_roles() -> None:
    """Else nobody would notice that the roles lack its permissions."""
    named = (command.partition(":") for _, commands in ROLES.values() for command in commands)
    listed = {(module, function or module) for module, _, function in named}
    every = [
        *_COMMANDS,
        *(found.callback for group in _GROUPS for found in group.registered_commands if found.callback),
    ]
    calling = {(it.__module__.rpartition(".")[2], it.__name__) for it in every if actions(it.__module__, it.__name__)}
    assert calling - listed == {("bootstrap", "bootstrap")}, "list it under the roles that run it"


@pytest.mark.parametrize("document", ["operations.md", "releases.md"])
def test_a_person_may_run_what_the_documents_say(document: str) -> None:
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    commands = set(re.findall(r"\baws ([a-z0-9]+) ([a-z0-9-]+)", text))
    needed = {found for service, command in commands if (found := permission(service, command))}

    assert len(needed) > 5
    assert needed - BY_HAND <= granted(DEVELOPER_TASKS)


def test_clients_have_one_name_everywhere() -> None:
    assert not list(misnamed())


def test_calls_are_found_through_functions_paginators_and_modules() -> None:
    status = actions("ops.cli.commands.status", "status")

    assert {"ecs:DescribeServices", "rds:DescribeDBSnapshots", "elasticloadbalancing:DescribeRules"} <= status
    assert "rds:DeleteDBSnapshot" not in status
    assert "cloudwatch:DescribeAlarmHistory" in actions("ops.cli.commands.report", "report")
