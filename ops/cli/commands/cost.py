"""`hannibal cost`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli import options
from ops.cli.console import files, screen
from ops.cli.session import connected, settings_of, templates_of

if TYPE_CHECKING:
    from installation.settings import Settings
    from ops.cost import Estimate

app = typer.Typer(name="cost", no_args_is_help=True, help="What the system costs: computed, and as billed.")

# Days of the partial month in docs/cost.md.
_DOCUMENTED_DAYS = 20


@app.command()
def estimate(
    env: options.Environment = "dev",
    assembly: options.Assembly = None,
    days: Annotated[
        float | None, typer.Option(min=0, max=31, help="Also show a month that runs for this many days.")
    ] = None,
    variants: Annotated[
        bool, typer.Option("--variants", help="Also show other settings of egress, capacity, processor.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Compute what a month costs from the templates, running and stopped, every line with its source.

    Needs no AWS account. What has no price is listed as not priced.
    """
    from ops.cli.console.cost_tables import show_estimate, show_price_region, show_variants
    from ops.cost.estimation import DAYS_A_MONTH
    from ops.cost.variants import AS_SET, compare

    settings = settings_of(env)
    up = DAYS_A_MONTH if days is None else days
    estimates = _variant_estimates(settings, up) if variants else {}
    computed = estimates[AS_SET] if variants and assembly is None else _estimate(settings, assembly, up)
    compared = compare(estimates) if variants else ()
    if json:
        screen.print_json({"estimate": computed, "variants": compared})
        return
    console = screen.out()
    show_estimate(console, computed)
    if compared:
        show_variants(console, compared)
    show_price_region(console, computed, settings.region)


def _estimate(settings: "Settings", assembly: Path | None, days: float) -> "Estimate":
    from ops.cost.estimation import estimate as compute

    with templates_of(settings, assembly) as folder:
        return compute(folder, days=days)


def _variant_estimates(settings: "Settings", days: float) -> "dict[str, Estimate]":
    """Estimates of the settings and of their variants, by name."""
    from ops.cost.estimation import estimate as compute
    from ops.cost.variants import variants_of
    from ops.stacks.checkout import this_checkout
    from ops.stacks.scratch import scratch_folder
    from ops.stacks.synthesis import synthesize

    wanted = variants_of(settings)
    with scratch_folder() as folder:
        folders = {name: folder / str(number) for number, name in enumerate(wanted)}
        synthesize(this_checkout(), {folders[name]: wanted[name] for name in wanted})
        return {name: compute(folders[name], days=days) for name in wanted}


@app.command()
def document(
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Where to write it.", show_default="docs/cost.md")
    ] = None,
) -> None:
    """Write docs/cost.md again: the estimates of all environments, with the variants of the first."""
    from installation.settings.file import environments
    from ops.cost.document import document as render
    from ops.cost.variants import AS_SET, compare
    from ops.stacks.checkout import this_checkout

    file = output or this_checkout().root / "docs" / "cost.md"
    files.check_writable(file)
    first, *others = environments()
    estimates = _variant_estimates(settings_of(first), _DOCUMENTED_DAYS)
    rest = [_estimate(settings_of(env), None, _DOCUMENTED_DAYS) for env in others]
    files.write(file, render([estimates[AS_SET], *rest], compare(estimates)))
    screen.out().echo(f"{file} written")


@app.command()
def refresh(
    env: options.Environment = "dev",
    dry_run: options.DryRun = False,
    json: options.Json = False,
) -> None:
    """Bring the price file up to date from AWS's public price list, which needs no AWS account.

    All or nothing: where one part of the list cannot be read, the file stays as it is.
    """
    from ops.cli.console.cost_tables import show_refresh
    from ops.cost.prices import load_prices, price_file, write_prices
    from ops.cost.refresh import refresh as look_up

    file = price_file(settings_of(env).region)
    result = look_up(load_prices(file))
    if not dry_run:
        write_prices(file, result.book)
    if json:
        screen.print_json(result)
        return
    console = screen.out()
    show_refresh(console, result)
    console.echo("Dry run: nothing was changed." if dry_run else f"{file} written; review it, then commit it.")


@app.command()
def actual(
    env: options.Environment = "dev",
    month: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="Month of the bill.", show_default="this month")
    ] = None,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Also write a picture.")] = None,
    assembly: options.Assembly = None,
    json: options.Json = False,
) -> None:
    """Show the account's bill by service and day (Cost Explorer), before credits, against budget and estimate.

    Each page of Cost Explorer costs 0.01 USD.
    """
    from datetime import UTC, datetime

    from ops.cli.console.cost_tables import show_actual, show_price_region
    from ops.cost.actual import compare, days_up, month_range, read_days
    from ops.report.cost_chart import svg as draw

    settings = settings_of(env)
    files.check_writable(svg)
    first, after = month_range(month, datetime.now(UTC).date())
    with connected(settings) as aws:
        days = read_days(aws.cost_explorer, first, after)
    computed = _estimate(settings, assembly, days_up(days))
    result = compare(days, month=f"{first:%Y-%m}", budget=settings.guardrail.monthly_budget_usd, estimate=computed)
    if svg:
        files.write(svg, draw(result))
    if json:
        screen.print_json(result)
    else:
        show_actual(screen.out(), result)
        show_price_region(screen.out(), computed, settings.region)
