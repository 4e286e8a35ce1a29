"""`hannibal status`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from ops.cli.advice import naming_environment
from ops.cli.console import screen
from ops.cli.console.screen import Console
from ops.cli.session import Session, in_session
from ops.errors import UnhealthyError

if TYPE_CHECKING:
    from ops.month.status import Status

_MONTH_STYLES = {"running": "bold green", "paused": "bold", "stopped": "bold", "broken": "bold red"}
_LITTLE = 25  # percent of a budget
_TASKS_SHOWN = 4  # a screen has 24 lines


@in_session()
def status(
    session: Session,
    check: Annotated[bool, typer.Option("--check", help="Exit with 5 when something is wrong.")] = False,
) -> None:
    """Show the whole system on one screen: stacks, service, tasks, targets, database, release, alarms.

    Examples:
        hannibal status: one screen
        hannibal status --check: for a monitor: exit code 5 and the reasons when something is wrong
        watch -c hannibal status: every two seconds
    """
    from ops.month.status import problems, read_status

    found = read_status(session.aws)
    sentences = problems(found)
    if session.json:
        screen.print_json({"status": found, "problems": sentences})
    else:
        _show(session.console, found, session.settings.project, session.environment)
    if check and sentences:
        raise UnhealthyError(sentences[0], *sentences[1:])


def _show(console: Console, status: "Status", project: str, environment: str) -> None:
    console.print(
        Text.assemble(
            (f"{project} {environment}", "bold"),
            " is ",
            (status.month.phase, _MONTH_STYLES.get(status.month.phase, "bold yellow")),
        )
    )
    where = f"embedded AWS at {status.caller.endpoint}" if status.caller.endpoint else "AWS"
    console.echo(f"account {status.caller.account}, {status.caller.region}, {where}", "dim")
    if status.cdk is not None:
        console.echo(f"  the CDK runs from this machine: {status.cdk.text}", "yellow")
    for reason in status.month.reasons:
        console.echo(f"  {reason}", "yellow" if status.month.healthy else "red")
    if status.stacks:
        console.print(_stacks(status))
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold", ratio=1)
    for heading, text in _lines(status):
        table.add_row(heading, naming_environment(text))  # before layout, because it changes the text's width
    console.print(table)


def _stacks(status: "Status") -> Table:
    table = screen.table("STACK", "LIFECYCLE", "STATE", "SINCE")
    for stack in status.stacks:
        state = Text(stack.status, style=screen.status_style(stack.status))
        table.add_row(stack.name, stack.lifecycle, state, screen.ago(status.time, stack.since))
    return table


def _lines(status: "Status") -> Iterator[tuple[str, Text]]:
    from ops.stacks.addresses import EDGE

    for address in status.addresses:
        if address.description == EDGE:
            yield "ADDRESS", Text(address.url)
    yield from _service(status)
    yield from _scaling(status)
    yield from _targets(status)
    yield from _data(status)
    release = status.release
    if release is not None:
        text = Text(f"{release.image} (version {release.version}, {screen.ago(status.time, release.since)})")
        yield "RELEASE", text
    if status.unreleased:
        listed = ", ".join(each.what for each in status.unreleased)
        yield "CONFIG", Text(f"deployed, not released: {listed}. `hannibal release --configuration`", style="yellow")
    for deployment in status.deployments:
        since = screen.ago(status.time, deployment.created)
        yield "RELEASING", Text(f"{deployment.deployment_id} {deployment.status}, begun {since}", style="yellow")
    yield from _alarms(status)
    for number, fault in enumerate(status.faults):
        yield "" if number else "FAULT", Text(f"{fault.text}. `hannibal exercise clear`", style="yellow")
    if status.gaps:
        cause, more = status.gaps[0].cause, f" and {len(status.gaps) - 1} more" if status.gaps[1:] else ""
        line = f"{cause}{more}: not as an administrator left it. `hannibal doctor account`"
        yield "ACCOUNT", Text(line, style="bold red")


def _service(status: "Status") -> Iterator[tuple[str, Text]]:
    service = status.service
    if service is None:
        return
    text = Text(f"{service.running} of {service.desired} running", style="green" if service.steady else "yellow")
    text.append(f", {service.pending} pending" if service.pending else "", style="")
    for version in service.task_sets:
        text.append(f" · {version.task_definition} {version.status} {version.running}/{version.desired}", style="dim")
    yield "SERVICE", text
    for number, task in enumerate(service.tasks[:_TASKS_SHOWN]):
        health = {"HEALTHY": "green", "UNHEALTHY": "bold red"}.get(task.health, "yellow")
        line = f"{task.task_id[:8]}  {screen.short_image(task.image)}  "
        where = f"  {screen.ago(status.time, task.started)}  {task.zone}"
        yield "" if number else "TASKS", Text.assemble(line, (f"{task.status} {task.health}", health), where)
    if len(service.tasks) > _TASKS_SHOWN:
        yield "", Text(f"and {len(service.tasks) - _TASKS_SHOWN} more", style="dim")
    for one_off in status.one_off:
        since = screen.ago(status.time, one_off.created)
        line = f"one-off task {one_off.text}, begun {since}, costs money: `{one_off.stop_command}`"
        yield "BESIDE", Text(line, style="yellow")


def _scaling(status: "Status") -> Iterator[tuple[str, Text]]:
    scaling = status.scaling
    if scaling is None:
        return
    text = Text(f"{scaling.least} to {scaling.most} tasks")
    text.append(", held while a release shifts" if scaling.held and status.deployments else "", style="yellow")
    text.append(", held although no release runs" if scaling.held and not status.deployments else "", style="bold red")
    text.append(f" · {scaling.last}" if scaling.last else "", style="dim")
    yield "SCALING", text


def _targets(status: "Status") -> Iterator[tuple[str, Text]]:
    for number, group in enumerate(status.target_groups):
        health = ", ".join(f"{count} {state}" for state, count in sorted(group.health.items())) or "no targets"
        style = "bold red" if group.health.get("unhealthy") else "green" if group.health.get("healthy") else "dim"
        text = Text.assemble(f"{group.colour:<5} {group.production_percent:3.0f} % of production  ", (health, style))
        if group.reasons:
            text.append(f"  {group.reasons[0]}", style="dim")
        yield "" if number else "TARGETS", text


def _data(status: "Status") -> Iterator[tuple[str, Text]]:
    database = status.database
    if database is not None:
        style = "green" if database.in_use else "yellow"
        count = status.connections
        open_now = "" if count is None else f", {count} connection{'' if count == 1 else 's'}"
        kind = f"  {database.engine} {database.instance_class}{open_now}"
        yield "DATABASE", Text.assemble((database.status, style), kind)
        if database.endpoint:
            yield "", Text(database.endpoint)
        if status.origin is not None:
            yield "", Text(status.origin.text)
    if status.databases.restoring:
        yield "RESTORE", Text(f"to {status.databases.restoring} has not ended", style="bold red")
    for former in status.databases.former:
        since = screen.ago(status.time, former.created)
        yield "KEPT", Text(f"{former.name}, made {since}, costs money: `hannibal restore --let-go`", style="yellow")
    if status.databases.trial is not None:
        text = (
            f"{status.databases.trial.name}, a restore's trial, costs money: if none runs, `hannibal restore --let-go`"
        )
        yield "TRIAL", Text(text, style="yellow")
    snapshot = status.newest_snapshot
    if snapshot is None:
        yield "SNAPSHOT", Text("none yet", style="dim")
        return
    state = "" if snapshot.status == "available" else f" {snapshot.status} {snapshot.progress_percent} %"
    yield "SNAPSHOT", Text(f"{snapshot.name}{state}, {screen.ago(status.time, snapshot.data_from)}")


def _alarms(status: "Status") -> Iterator[tuple[str, Text]]:
    yield "ALARMS", _alarm_summary(status)
    for budget in status.budgets:
        if budget.left_percent <= _LITTLE:
            good = f"{budget.good_percent or 0:.2f} % of {budget.objective_percent:g} %"
            yield "", Text(f"{budget.kind} {good} this month: the next release can wait", style="yellow")
    for alarm in status.alarms:
        if alarm.in_alarm:
            since = screen.ago(status.time, alarm.since)
            yield "", Text.assemble((f"{alarm.name} ALARM", "bold red"), f" for {since.removesuffix(' ago')}")
    for audience in status.audiences:
        if audience.trouble and audience.wanted:
            yield "", Text(audience.trouble, style="bold red")


def _alarm_summary(status: "Status") -> Text:
    """How many alarms are OK, whether they would be received, and what is left of the month's budgets."""
    ok = sum(alarm.state == "OK" for alarm in status.alarms)
    others = {
        "without data": sum(alarm.state == "INSUFFICIENT_DATA" for alarm in status.alarms),
        "silent": sum(not alarm.tells for alarm in status.alarms),
    }
    summary = ", ".join([f"{ok} OK", *(f"{count} {state}" for state, count in others.items() if count)])
    text = Text(summary, style="" if any(alarm.in_alarm for alarm in status.alarms) else "green")
    if any(audience.trouble and not audience.wanted for audience in status.audiences):
        text.append(", received by nobody", style="yellow")
    for number, budget in enumerate(status.budgets):
        left = budget.left_percent
        text.append(f"{', ' if number else ' · budget: '}{budget.kind} ", style="dim")
        style = "green" if left > _LITTLE else "yellow" if left > 0 else "bold red"
        text.append(f"{max(left, 0):.0f} %", style=style)
    return text
