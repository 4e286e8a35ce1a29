"""``docs/cost.md``: the estimates of all environments as one page. A test compares it with the estimates."""

from collections.abc import Iterator, Sequence

from ops.cost.estimation import Estimate
from ops.cost.formatting import Row, by_stack, money, plain, rows, signed
from ops.cost.variants import Variant

_HEAD = """# What it costs

Written by `hannibal cost document`; do not edit. US dollars a month of 730 hours, before tax, in {region}. The
figures come from the synthesized templates, the price file `ops/cost/data/prices-{region}.yaml` and the assumptions
in `config/usage/`. Run `hannibal cost estimate` for the same on a terminal, with `--days` for a part of a month.
"""
_READING = """## How to read this

- **running**: all stacks exist for the whole month. **stopped**: only the persistent ones do, and the snapshots.
  **20 days up**, for example: running for so many days, stopped for the rest.
- A source says where a price comes from, and its date. *listed*: AWS's price list. *quoted*: others read it there.
  *documented*: AWS says so in words. *assumed*: nobody was asked; the source says what it was taken from.
- `hannibal cost refresh` reads AWS's public price list, where it can be reached, and changes prices and dates.
- `hannibal cost actual` compares a month's bill with the budget and with this estimate.
- What an account has for nothing counts only where the price file says so. Ten alarms and five gigabytes of logs are
  free too, but other systems of the account may have used them up: the estimate does not rely on them.
"""


def document(estimates: Sequence[Estimate], variants: Sequence[Variant]) -> str:
    """The page: an estimate for each environment, and variants of the first."""
    parts = [_HEAD.format(region=estimates[0].region), _READING, *_total_rows(estimates)]
    parts += _variants(estimates[0], variants)
    for estimate in estimates:
        parts += _lines(estimate)
    parts += _unpriced_rows(estimates)
    return "\n".join(parts)


def _total_rows(estimates: Sequence[Estimate]) -> Iterator[str]:
    yield f"## Totals\n\n| environment | running | {estimates[0].days:g} days up | stopped |"
    yield "| --- | ---: | ---: | ---: |"
    for one in estimates:
        total = one.total
        yield f"| {one.environment} | {money(total.running)} | {money(total.month)} | {money(total.stopped)} |"
    yield ""


def _variants(estimate: Estimate, variants: Sequence[Variant]) -> Iterator[str]:
    yield f"## Variants of {estimate.environment}\n\nOne setting changed, everything synthesized and priced again.\n"
    yield "| setting | running | difference | stopped |\n| --- | ---: | ---: | ---: |"
    for one in variants:
        difference = signed(one.difference.running)
        yield f"| {one.name} | {money(one.total.running)} | {difference} | {money(one.total.stopped)} |"
    yield ""


def _lines(estimate: Estimate) -> Iterator[str]:
    yield f"## Every line of {estimate.environment}\n"
    for stack, stack_rows in by_stack(rows(estimate)).items():
        sums = estimate.by_stack[stack]
        yield f"### {stack}: {money(sums.running)} running, {money(sums.stopped)} stopped\n"
        yield "| what | resource | quantity | unit price | running | stopped | source |"
        yield "| --- | --- | ---: | ---: | ---: | ---: | --- |"
        yield from (_line(row) for row in stack_rows)
        yield ""
    yield f"### Assumed usage of {estimate.environment}\n\n| what | a month | why |\n| --- | ---: | --- |"
    for name, assumption in estimate.assumptions.items():
        yield f"| `{name}` | {plain(assumption.value)} | {assumption.why} |"
    yield ""


def _line(row: Row) -> str:
    cells = (row.what, row.resources, row.quantity, row.unit_price, money(row.cost.running), money(row.cost.stopped))
    return f"| {' | '.join(cells)} | {row.source} |"


def _unpriced_rows(estimates: Sequence[Estimate]) -> Iterator[str]:
    yield "## Types that cost nothing\n\n| type | why |\n| --- | --- |"
    free = {free.resource_type: free.reason for one in estimates for free in one.free}
    yield from (f"| `{kind}` | {reason} |" for kind, reason in sorted(free.items()))
    yield "\n## Not priced\n"
    missing = [
        f"- {one.environment}: {it.stack}, `{it.resource_type}` {it.resource}: {it.reason}"
        for one in estimates
        for it in one.not_priced
    ]
    yield "\n".join(missing) or "Nothing: every resource of both environments has a price or a reason to have none."
    yield "\n## Not computed\n"
    yield "\n".join(f"- {reason}" for reason in estimates[0].left_out)
    yield ""
