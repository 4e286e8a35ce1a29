"""The review as one page that needs nothing else: no script, no font, no request; light, dark, phone and paper."""

import json
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from typing import Final

from ops.iam.review.groups import Group, Membership
from ops.iam.review.pictures import by_service, legend, over_time
from ops.iam.review.proposal import Refused
from ops.iam.review.review import Review
from ops.iam.review.style import STYLE

# More than this and a list stops being read; the JSON has them all.
_LONGEST_LIST: Final = 600
_MEANING: Final = {
    Group.USED: "an authorised call has checked it",
    Group.DEPENDENT: "an authorised call may have checked it besides",
    Group.UNOBSERVABLE: "no record of this kind could show its use",
    Group.DENIED_ONLY: "it was called, and refused every time",
    Group.UNUSED: "its use would have been recorded, and was not",
}


def page(review: Review) -> str:
    """The whole page."""
    title = f"{review.role}: granted and used"
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>",
        f"<header><p>Permission review</p><h1>{escape(review.role)}</h1>",
        f"<p>{_window(review)}</p></header>",
        *_figures(review),
        *_list("Mind this", review.warnings, kind="warnings"),
        *_groups(review),
        "<section><h2>By service</h2>",
        legend(),
        by_service(review.services),
        "</section><section><h2>Over time</h2>",
        over_time(review),
        "</section>",
        *_proof(review),
        *_members(review),
        *_reach(review),
        *_policy(review),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _window(review: Review) -> str:
    window = review.window
    return f"{window.first:%Y-%m-%d} to {window.last:%Y-%m-%d}, {window.days} days, UTC. {escape(review.records)}."


def _figures(review: Review) -> Iterator[str]:
    groups = review.groups
    could_go = groups[Group.UNUSED] + groups[Group.DENIED_ONLY]
    shown = [
        (f"{len(review.members):,}", "actions granted"),
        (f"{groups[Group.USED]:,}", "used for certain"),
        (f"{could_go:,}", f"could go, {review.reduction:.1%}"),
        (f"{review.coverage.role_events:,}", "events of the role"),
    ]
    yield '<section class="figures">'
    yield from (f"<p><b>{number}</b>{escape(text)}</p>" for number, text in shown)
    yield "</section>"


def _groups(review: Review) -> Iterator[str]:
    yield '<section><h2>Five groups</h2><div class="wide"><table><thead><tr><th>Group</th><th class="n">Actions</th>'
    yield "<th>What it means</th></tr></thead><tbody>"
    for group, number in review.groups.items():
        yield f'<tr><td>{group}</td><td class="n">{number:,}</td><td>{_MEANING[group]}</td></tr>'
    yield f'</tbody><tfoot><tr><th>granted</th><th class="n">{len(review.members):,}</th>'
    yield f"<td>from {len(review.patterns):,} patterns as written</td></tr></tfoot></table></div>"
    if review.wildcards:
        listed = ", ".join(f"<code>{escape(name)}</code> {number:,}" for name, number in review.wildcards.items())
        yield f"<p>Wildcards, and how many granted actions each stands for: {listed}.</p>"
    if review.boundary:
        yield f"<p>The boundary takes away {review.cut_by_boundary:,} that the policies allow.</p>"
    if review.denied:
        yield f"<p>{review.denied:,} more are denied whatever the request is about.</p>"
    yield "</section>"


def _proof(review: Review) -> Iterator[str]:
    proof = review.proof
    verdict = "refuses none of them" if proof.holds else f"refuses {sum(one.calls for one in proof.refused):,} of them"
    yield "<section><h2>Proof</h2>"
    yield f'<p class="{"good" if proof.holds else "bad"}">{proof.events:,} authorised calls were tried against the '
    yield f"proposed policy, within the boundary: it {verdict}.</p></section>"
    yield from _list("Refused by the proposal", map(_refused, proof.refused))
    yield from _list("Authorised then, and refused by today's policies as well", map(_refused, proof.refused_today))


def _refused(one: Refused) -> str:
    return f"{one.event} needs {one.permission} ({one.calls:,} calls)"


def _members(review: Review) -> Iterator[str]:
    members = sorted(review.members, key=lambda member: (list(Group).index(member.group), member.action))
    for group, found in groupby(members, key=lambda member: member.group):
        listed = tuple(found)
        yield f"<details{' open' if group is Group.USED else ''}><summary>{group} ({len(listed):,})</summary>"
        yield from _short(listed) if len(listed) > _LONGEST_LIST else _long(listed)
        yield "</details>"
    if review.not_granted:
        listed_calls = (f"{action} ({calls:,} calls)" for action, calls in review.not_granted.items())
        yield from _list("Used, and granted by no policy that is known", listed_calls)


def _long(members: tuple[Membership, ...]) -> Iterator[str]:
    for service, found in groupby(members, key=lambda member: member.service):
        actions = ", ".join(_member(member) for member in found)
        yield f"<p><b>{escape(service)}</b> {actions}</p>"


def _member(member: Membership) -> str:
    name = escape(member.action.partition(":")[2])
    why = f' title="{escape(member.why)}"' if member.why else ""
    return f"<span{why}>{name}</span>" + (f"&nbsp;<small>{member.calls:,}</small>" if member.calls else "")


def _short(members: tuple[Membership, ...]) -> Iterator[str]:
    counts = ((service, len(list(found))) for service, found in groupby(members, key=lambda one: one.service))
    yield f"<p>{', '.join(f'{escape(service)}&nbsp;<small>{number:,}</small>' for service, number in counts)}</p>"
    yield "<p>Too many to list; the JSON of the review has them.</p>"


def _reach(review: Review) -> Iterator[str]:
    coverage = review.coverage
    between = f"{coverage.first} to {coverage.last}" if coverage.first else "none"
    rows = {
        "Events of everybody": f"{coverage.events:,}, {between}, on {coverage.days_with_events} days",
        "Regions": ", ".join(coverage.regions) or "none",
        "Kinds of events": ", ".join(coverage.selectors) or "none",
        "Roles": ", ".join(review.role_arns) or "none in the records",
        "Policies": review.policies_from,
        "Catalogue": review.catalogue,
        "Events not mapped": f"{review.unmapped_events:,}",
    }
    rows |= {f"Events {name}": f"{number:,}" for name, number in review.errors.items()}
    yield '<section><h2>What this rests on</h2><div class="wide"><table><tbody>'
    yield from (f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows.items())
    yield "</tbody></table></div></section>"
    yield from _list("Hangs on the request", review.flagged)
    yield from _list("Actions that the catalogue does not know", review.unknown_actions)
    unmapped = (f"{one.source} {one.name}: {one.reason} ({one.count:,})" for one in review.unmapped)
    yield from _list("Events that stand for no known permission", unmapped)
    yield from _list("Files", (f"{one.file}: {one.reason}" for one in review.problems))
    yield from _list("Policies that could not be read", review.policy_problems)


def _policy(review: Review) -> Iterator[str]:
    text = json.dumps(review.proposed, indent=2)
    yield f"<details><summary>Proposed policy, {review.proposed_characters:,} characters</summary>"
    yield f"<pre>{escape(text)}</pre></details>"


def _list(title: str, lines: Iterable[str], kind: str = "") -> Iterator[str]:
    listed = list(lines)
    if listed:
        items = "".join(f"<li>{escape(line)}</li>" for line in listed)
        yield f'<section class="{kind}"><h2>{escape(title)}</h2><ul>{items}</ul></section>'
