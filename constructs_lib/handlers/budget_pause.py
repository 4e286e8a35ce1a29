"""Pauses the month when its budget is spent. AWS Budgets calls it, by a topic of its own.

Each step may be repeated: Lambda calls twice again what failed.
"""

import os
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

import boto3

# What GetSchedule answers and UpdateSchedule does not take; all else is lost where it is not said again.
_ANSWERED = ("Arn", "CreationDate", "LastModificationDate", "ResponseMetadata")
_STOPPED = ("stopped", "stopping")


class PauseError(Exception):
    """What could not be paused."""


def spent(budgets: Any, account: str, name: str) -> str | None:
    """What the month has cost of its budget; None while there is some left.

    The budget itself is asked: AWS Budgets may try a topic.
    """
    budget = budgets.describe_budget(AccountId=account, BudgetName=name)["Budget"]
    actual, limit = budget["CalculatedSpend"]["ActualSpend"]["Amount"], budget["BudgetLimit"]["Amount"]
    if Decimal(actual) <= Decimal(limit):
        return None
    return f"{Decimal(actual):.2f} of {Decimal(limit):.0f} USD"


def disable(scheduler: Any, name: str) -> None:
    """Keep a schedule from ending the pause."""
    found = scheduler.get_schedule(Name=name)
    if found["State"] != "DISABLED":
        wanted = {key: value for key, value in found.items() if key not in _ANSWERED}
        scheduler.update_schedule(**wanted | {"State": "DISABLED"})


def stop_database(rds: Any, name: str) -> None:
    """Stop the instance; RDS refuses one that is busy."""
    (found,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    if found["DBInstanceStatus"] not in _STOPPED:
        rds.stop_db_instance(DBInstanceIdentifier=name)


def pause(client: Callable[..., Any], settings: Mapping[str, str]) -> list[str]:
    """Do what can be done; return what could not."""
    cloudwatch, ecs, rds, scheduler = (client(name) for name in ("cloudwatch", "ecs", "rds", "scheduler"))
    cluster, service = settings["CLUSTER"], settings["SERVICE"]
    steps: list[tuple[str, Callable[[], object]]] = [
        (f"schedule {it}", partial(disable, scheduler, it)) for it in settings["SCHEDULES"].split()
    ]
    steps += [
        ("alarm", lambda: cloudwatch.disable_alarm_actions(AlarmNames=[settings["ALARM"]])),
        ("tasks", lambda: ecs.update_service(cluster=cluster, service=service, desiredCount=0)),
        ("database", lambda: stop_database(rds, settings["DATABASE"])),
    ]
    left = []
    for what, step in steps:
        try:
            step()
        except Exception as error:  # noqa: BLE001 - the others are done, and people told
            left.append(f"{what}: {error}")
    return left


def mail(settings: Mapping[str, str], cost: str, left: list[str]) -> str:
    """What people read."""
    option = f"--env {settings['ENVIRONMENT']}"
    lines = [
        f"The account has cost {cost} this month, so {settings['PROJECT']} was paused: no tasks, database stopped.",
        "Data, address and releases stay. Load balancer and storage go on billing.",
        f"To go on: hannibal resume {option}",
        f"To end the month: hannibal stop {option}",
        "There is no other pause for this budget before the next calendar month.",
    ]
    if left:
        lines += ["NOT DONE, tried again twice; then `hannibal pause`:", *left]
    return "\n".join(lines)


def handler(_event: Mapping[str, Any], context: Any) -> None:
    """Entry point."""
    settings, account = os.environ, context.invoked_function_arn.split(":")[4]
    cost = spent(boto3.client("budgets"), account, settings["BUDGET"])
    if cost is None:
        print("The budget is not spent: nothing to do.")
        return
    left = pause(boto3.client, settings)
    print(f"{cost}: paused", left)
    subject = f"PAUSED: {settings['PROJECT']} {settings['ENVIRONMENT']} has spent its budget"
    boto3.client("sns").publish(TopicArn=settings["TOPIC"], Subject=subject, Message=mail(settings, cost, left))
    if left:
        raise PauseError("; ".join(left))
