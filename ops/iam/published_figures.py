"""The figures in docs/least-privilege.md, computed from the templates."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from installation.names import IDENTITY_STACK
from ops.iam.required import Required
from ops.templates.template import Template, read_stack_template
from ops.templates.values import Json, Map, at, items, mapping

DOCUMENT = Path("docs") / "least-privilege.md"
_BEGIN, _END = "<!-- {0}: written by make policies -->", "<!-- end -->"


def update_page(text: str, required: Required, folder: Path) -> str:
    """The page with its tables computed anew."""
    identity = read_stack_template(folder, IDENTITY_STACK)
    for name, rows in (("needed", needed_table(required)), ("granted", granted_table(identity))):
        begin = _BEGIN.format(name)
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(_END)
        text = "\n".join((f"{before}{begin}", *rows, f"{_END}{after}"))
    return text


def needed_table(required: Required) -> Sequence[str]:
    """Table of what CloudFormation needs, by stack."""
    rows = [
        f"| `{stack.stack}` | {len(stack.types)} | {sum(len(kind.resources) for kind in stack.types)} "
        f"| {len(stack.actions)} | {', '.join(f'`{policy}`' for policy in stack.policies)} |"
        for stack in required.stacks
    ]
    services = {action.partition(":")[0] for stack in required.stacks for action in stack.actions}
    return (
        "| stack | resource types | resources | actions | policies |",
        "| --- | ---: | ---: | ---: | --- |",
        *rows,
        f"| all, each action once | | | {required.permissions} | of {len(services)} services |",
    )


def granted_table(identity: Template) -> Sequence[str]:
    """Table of what roles are granted, with the number of actions for which a policy needs ``*``."""
    rows = []
    for resource in identity.resources:
        if resource.resource_type == "AWS::IAM::Role":
            statements = list(_statements(resource.properties))
            unlimited = [it for it in statements if "*" in items(it.get("Resource"))]
            counts = f"{len(_actions(statements))} | {len(_actions(unlimited))}"
            rows.append(f"| `{resource.properties['RoleName']}` | {counts} |")
    return ("| role | actions | of these on `*` |", "| --- | ---: | ---: |", *sorted(rows))


def _actions(statements: Iterable[Map]) -> set[Json]:
    return {name for it in statements for name in items(it.get("Action"))}


def _statements(role: Map) -> Iterator[Map]:
    for policy in items(role.get("Policies")):
        yield from (mapping(it) for it in items(at(policy, "PolicyDocument", "Statement")))
