"""New diagnostics: of synthesis (cdk-nag and CDK's own), and of cfn-lint on changed resources."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack

from ops.review.finding import EVERYWHERE, Finding, Severity, Subject, about, look
from ops.review.lint import Diagnostic, Linting
from ops.templates.assembly import Assembly
from ops.templates.deployed import deployed_pair
from ops.templates.values import Json, Map, at, canonical, identical, items, mapping

# More resources would take too long: cfn-lint reads about a hundred in the time that it needs to start.
_MOST = 100


class NewDiagnostics(ExitStack):
    """Diagnostics that only the head has, and rules that it newly acknowledges. cfn-lint starts with the object."""

    def __init__(self, base: Assembly, head: Assembly, region: str) -> None:
        super().__init__()
        self._base, self._head = base, head
        linted, self._left_out = _select_resources(head, _changed(base, head))
        self._linting = self.enter_context(Linting([(base, linted), (head, linted)], region))

    def findings(self) -> Iterator[Finding]:
        """The findings about them; waits for cfn-lint.

        Raises:
            FailedError: cfn-lint ended without an answer.
        """
        yield from _new(*self._linting.findings())
        if self._left_out:
            message = (
                f"cfn-lint did not read `{self._left_out}` of the resources that differ; `make synth` and "
                "`cfn-lint cdk.out/*.template.json` read all of them"
            )
            yield look(EVERYWHERE, Subject.RULES, "not-linted", message)
        # If one side was synthesized without the rules, every diagnostic of the other side would be new.
        if self._base.validation or not self._base.stacks:
            yield from _new(_reported(self._base), _reported(self._head))


def _new(before: Iterable[Diagnostic], after: Iterable[Diagnostic]) -> Iterator[Finding]:
    known = {it.key for it in before}
    yield from (_finding(it) for it in after if it.key not in known)


def _changed(base: Assembly, head: Assembly) -> Mapping[str, set[str]]:
    """Resources of the head that are new or really differ, by stack."""
    changed = {}
    for name, after in head.stacks.items():
        before = base.stacks[name].template if name in base.stacks else {}
        if not identical(before, after.template):
            sides = deployed_pair(before, after.template)
            changed[name] = _differing(*(mapping(it.get("Resources")) for it in sides))
    return changed


def _select_resources(head: Assembly, wanted: Mapping[str, set[str]]) -> tuple[dict[str, set[str]], int]:
    """The resources that cfn-lint reads in a second, one of each shape first; and the number of the others."""
    everything = [(name, key) for name, keys in wanted.items() for key in sorted(keys)]
    if len(everything) <= _MOST:
        return dict(wanted), 0
    first: dict[tuple[str, ...], tuple[str, str]] = {}
    for name, key in everything:
        resource = head.stacks[name].resources[key]
        first.setdefault((str(resource.get("Type")), *sorted(mapping(resource.get("Properties")))), (name, key))
    chosen = list(dict.fromkeys([*first.values(), *everything]))[:_MOST]
    kept: dict[str, set[str]] = {}
    for name, key in chosen:
        kept.setdefault(name, set()).add(key)
    return kept, len(everything) - len(chosen)


def _differing(before: Map, after: Map) -> set[str]:
    return {
        key
        for key, value in after.items()
        if not identical(value, before.get(key)) and _without_tags(value) != _without_tags(before.get(key))
    }


def _without_tags(resource: Json) -> str:
    """A resource without tags: a changed tag is on nearly every resource, and no rule reads its value."""
    properties = {key: value for key, value in mapping(at(resource, "Properties")).items() if key != "Tags"}
    return canonical({**mapping(resource), "Properties": properties})


def _finding(it: Diagnostic) -> Finding:
    if it.reason:
        return look(it, Subject.RULES, "finding-acknowledged", f"`{it.rule}` is acknowledged: {it.reason}")
    severity = Severity.RISK if it.error else Severity.LOOK
    return about(it, Subject.RULES, severity, "finding", f"`{it.rule}`: {it.description}")


def _reported(side: Assembly) -> Iterator[Diagnostic]:
    for plugin in items(side.validation.get("pluginReports")):
        listed = [it for section in ("violations", "suppressedViolations") for it in items(at(plugin, section))]
        for violation in map(mapping, listed):
            yield from _places(mapping(plugin), violation)


def _places(plugin: Map, violation: Map) -> Iterator[Diagnostic]:
    for place in map(mapping, items(violation.get("violatingConstructs"))):
        path = str(place.get("constructPath", ""))
        yield Diagnostic(
            rule=f"{plugin.get('pluginName')} {violation.get('ruleName')}",
            stack=path.partition("/")[0],
            logical_id=str(at(place, "cloudFormationResource", "logicalId") or ""),
            path=path.removesuffix("/Resource"),
            description=str(violation.get("description")),
            error=violation.get("severity") in ("error", "fatal"),
            reason=str(violation.get("reason") or "") if "acknowledgedId" in violation else "",
        )
