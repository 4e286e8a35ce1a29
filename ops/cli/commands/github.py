"""`hannibal github`: the steps of the workflows in .github/ that are about GitHub itself."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from ops.cli import options
from ops.cli.console import files, screen
from ops.cli.session import Session, in_session, settings_of
from ops.github.plans import DeploymentMode

app = typer.Typer(name="github", no_args_is_help=True, help="Steps of the GitHub workflows; docs/workflows.md.")

_PAGES = ("dashboard", "stacks", "service", "application")  # pages of the AWS console in a run's summary

Mode = Annotated[DeploymentMode, typer.Option(help="How deploy.yml deploys: provisioning, bluegreen or canary.")]
Body = Annotated[Path, typer.Option("--file", metavar="FILE", help="Markdown.")]


@app.command()
def plan(
    mode: Mode,
    env: options.Environment = "dev",
    image: Annotated[str, typer.Option(metavar="URI", help="Image to release; empty builds it.")] = "",
    sources: Annotated[str, typer.Option(metavar="OWNER/NAME", help="Repository of the application.")] = "",
) -> None:
    """Check whether the inputs of deploy.yml fit together, and choose its runner. Needs no AWS account."""
    from ops.escaping.markdown import text
    from ops.github.files import add_summary, set_outputs
    from ops.github.plans import plan_deploy

    found = plan_deploy(settings_of(env), mode, image=image, sources=sources)
    started = int(datetime.now(UTC).timestamp())
    set_outputs(runner=found.runner, build=str(found.build).lower(), started=str(started))
    add_summary(f"Plan: {text(found.text)}")
    screen.out().echo(found.text)


@app.command()
@in_session(json=None)
def check(session: Session, mode: Mode) -> None:
    """Refuse provisioning where the service exists, and a release where it does not."""
    from ops.account.caller import checked_caller
    from ops.github.plans import check_mode
    from ops.service.ecs_service import read_service

    aws = session.aws
    checked_caller(aws)
    service = read_service(aws)
    exists = service is not None and service.status == "ACTIVE"
    check_mode(mode, service_exists=exists, environment=session.environment)
    session.console.echo(f"{mode} fits: the service {'exists' if exists else 'does not exist'}.")


@app.command()
def month_end(
    env: options.Environment = "dev",
    event: Annotated[str, typer.Option(help="Event that started the workflow.")] = "workflow_dispatch",
    confirm: Annotated[str, typer.Option(metavar="TEXT", help="What the person typed.")] = "",
    attempt: Annotated[int, typer.Option(help="How often the run was started; the name counts for the first.")] = 1,
    planned: Annotated[bool, typer.Option("--planned", help="Fail where the month was to end and now is not.")] = False,
) -> None:
    """Decide whether destroy.yml continues: confirmed by a person, or on the last day of the month in Tokyo."""
    from ops.github.files import add_summary, set_outputs
    from ops.github.plans import month_ends

    now = datetime.now(UTC)
    ends = month_ends(settings_of(env), now, event=event, confirm=confirm, attempt=attempt, planned=planned)
    set_outputs(destroy=str(ends).lower(), started=str(int(now.timestamp())))
    words = f"The month of {env} ends now." if ends else f"Not the last day of the month: {env} stays."
    add_summary(words)
    screen.out().echo(words)


@app.command()
@in_session(json=None)
def summary(
    session: Session,
    title: Annotated[str, typer.Option(help="What the run was for.")],
    result: Annotated[str, typer.Option(help="How it ended, in GitHub's words.")],
    started: Annotated[str, typer.Option(metavar="SECONDS", help="When it began, in Unix time.")] = "",
) -> None:
    """Write the run's page: result, time, image, stacks, addresses, links to the console."""
    from ops.account.caller import identify
    from ops.github.files import add_summary, run_summary
    from ops.release.history import read_release
    from ops.service.links import links
    from ops.stacks.addresses import read_addresses
    from ops.stacks.state import read_stacks

    aws, settings = session.aws, session.settings
    caller = identify(aws)
    stacks = read_stacks(aws)
    addresses = read_addresses(stacks, settings, caller.endpoint)
    release = read_release(aws)
    began = datetime.fromtimestamp(int(started), UTC) if started.isdecimal() else None
    text = run_summary(
        title=title,
        environment=session.environment,
        result=result,
        took=datetime.now(UTC) - began if began else None,
        image=release.image if release else "",
        stacks=stacks,
        addresses={address.description: address.url for address in addresses},
        links={link.name: link.url for link in links(settings, caller.account) if link.name in _PAGES},
    )
    add_summary(text)
    session.console.echo(text)


@app.command()
def templates(
    artifact: Annotated[Path, typer.Option(metavar="DIR", help="Where the artifact was unpacked.")],
    output: Annotated[Path, typer.Option(metavar="DIR", help="New folder for the templates.")],
) -> None:
    """Copy the templates from a pull request's artifact: plain files of JSON; anything else is refused."""
    from ops.github.artifact import copy_artifact

    screen.out().echo(f"{copy_artifact(artifact, output)} files are taken.")


@app.command()
def comment(
    pull_request: Annotated[int, typer.Option(metavar="NUMBER", help="Pull request.")],
    file: Body,
    env: options.Environment = "dev",
) -> None:
    """Write the review to a pull request as one comment, which later runs change."""
    from ops.github.api import GitHub
    from ops.review.render.markdown import marker

    address = GitHub.from_environment().comment_once(pull_request, files.read(file), marker(env))
    screen.out().echo(address)


@app.command()
def withdraw(
    pull_request: Annotated[int, typer.Option(metavar="NUMBER", help="Pull request.")],
    label: Annotated[str, typer.Option(metavar="NAME", help="The label.")] = "accept-risk",
) -> None:
    """Remove the label that accepted a pull request's risks: it was given for earlier commits."""
    from ops.github.api import GitHub

    taken = GitHub.from_environment().take_label(pull_request, label)
    screen.out().echo(f"{label} is taken away." if taken else f"There is no label {label}.")


@app.command()
def issue(
    title: Annotated[str, typer.Option(help="Title, by which the issue is found again.")],
    file: Body,
    state: Annotated[
        Literal["open", "closed"], typer.Option(help="open: there is a problem; closed: there is none any more.")
    ],
) -> None:
    """Open, update or close one issue."""
    from ops.github.api import GitHub

    body, marker = files.read(file), f"<!-- hannibal: {title} -->"
    github = GitHub.from_environment()
    address = github.issue_open(title, body, marker) if state == "open" else github.issue_closed(body, marker)
    screen.out().echo(address or "There is no such issue.")
