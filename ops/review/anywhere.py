"""What means the same in a resource of any type: other accounts, safeguards that are off, secrets in the template."""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from ops.review.accounting import leaves_of
from ops.review.changes import Change, Comparison, Kind
from ops.review.data import DATA, read_yaml
from ops.review.finding import Finding, Severity, Subject, about
from ops.review.judgements import Weight, of_type
from ops.templates.forms import scalar
from ops.templates.values import Json, at, canonical, mapping, references, stack_outputs, written

# An account in an ARN, in the address of a queue, in that of a registry of images.
_ACCOUNT: Final = re.compile(
    r"arn:[\w-]+:[\w-]+:[\w-]*:(\d{12}):|https://sqs\.[\w.-]+/(\d{12})/|\b(\d{12})\.dkr\.ecr\."
)
_NUMBER: Final = re.compile(r"\d{12}")
_NUMBERED: Final = ("*account", "*accountid", "*accounts", "*accountids", "*ownerid", "*owner", "*registryid")
# What AWS's documentation writes for "your account", and the embedded AWS has.
_ACCOUNT_OF_EXAMPLES: Final = ("123456789012", "000000000000")
# What stands in policies is judged by who may do what.
_POLICIES: Final = re.compile(r".*(Polic(y|ies)|Statement|Principal)\w*")
# A new resource stands in a network and uses a role without changing them.
_STOOD_IN: Final = frozenset({Weight.NONE, Weight.NETWORK, Weight.IDENTITY})
_DYNAMIC: Final = "{{resolve:"
Path = tuple[str, ...]


class Safeguard(BaseModel):
    """Values of a property that take a safeguard off."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    named: tuple[str, ...]  # names of the property
    values: tuple[str, ...] = Field(alias="is")
    not_of: tuple[str, ...] = ()  # types that have rules of their own for it
    rule: str
    says: str  # what it does


class Anywhere(BaseModel):
    """Content of ``anywhere.yaml``, which says what each part is for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    safeguards: tuple[Safeguard, ...]
    secrets: tuple[str, ...]
    secret_names: tuple[str, ...]
    pointers: tuple[str, ...]
    of_aws: frozenset[str]
    acting: tuple[str, ...]
    unencrypted_without: Mapping[str, str]
    made_of: tuple[str, ...]
    destroying: tuple[str, ...]
    interrupting: tuple[str, ...]


@cache
def known() -> Anywhere:
    """Read the file."""
    return Anywhere.model_validate(read_yaml(DATA / "anywhere.yaml"))


def anywhere(comparison: Comparison) -> Iterator[Finding]:
    """Findings about what a name or a value says in every type."""
    for change in comparison.changes:
        if change.kind is Kind.ADDED or (change.kind is Kind.CHANGED and not of_type(change.type).judgements):
            yield from _safeguards(change)
            yield from _secrets(change)
        if change.kind is not Kind.REMOVED:
            yield from _other_accounts(change, comparison)
            yield from _secret_variables(change)
        if change.kind is Kind.ADDED:
            yield from _named_secret(change)
            yield from _unencrypted_by_default(change)
            yield from _acts_on(change, comparison)


def _other_accounts(change: Change, comparison: Comparison) -> Iterator[Finding]:
    """Something that another account owns: what is done there nobody here sees."""
    for place, path, value in _new_values(change):
        if any(_POLICIES.fullmatch(part) for part in path):
            continue
        text = written(value)
        found = {account for match in _ACCOUNT.findall(text) for account in match if account}
        if _NUMBER.fullmatch(text) and _fits(path[-1] if not path[-1].isdigit() else path[-2], _NUMBERED):
            found.add(text)
        for account in sorted(it for it in found if not _is_known(it, comparison)):
            message = (
                f"`{_shown(path)}` names account `{account}`, which is not this one: what is sent there, or comes from "
                "there, is in the hands of its owner"
            )
            yield about(change, Subject.EXPOSURE, Severity.RISK, "another-account", message, claims=place)


def _is_known(account: str, comparison: Comparison) -> bool:
    """Whether an account is this one, AWS's, that of AWS's examples, or one that the application named before."""
    return account in known().of_aws or any(
        account in (stack.account, *_ACCOUNT_OF_EXAMPLES) or account in canonical(stack.template)
        for stack in comparison.base.stacks.values()
    )


def _safeguards(change: Change) -> Iterator[Finding]:
    for place, path, value in _new_values(change):
        # `EncryptionAtRestOptions.Enabled` is said by the name of the object.
        name = path[-2] if path[-1] in ("Enabled", "Status", "Type", "Mode") and len(path) > 1 else path[-1]
        names = [name, path[-1]] if not path[-1].isdigit() else [path[-2]]
        text = str(scalar(value))
        if _fits(text, known().destroying):
            message = f"`{_shown(path)}` is `{text}`: it destroys what is there, by itself and at its time"
            yield about(change, Subject.DATA, Severity.RISK, "destroys", message, claims=place)
        elif _fits(text, known().interrupting):
            message = f"`{_shown(path)}` is `{text}`: it stops or changes what runs, by itself and at its time"
            yield about(change, Subject.MONTH, Severity.RISK, "acts-by-itself", message, claims=place)
        for it in known().safeguards:
            if (
                not _fits(change.type, it.not_of)
                and any(_fits(each, it.named) for each in names)
                and _fits(text, it.values)
            ):
                message = f"`{_shown(path)}` is `{text}`: {it.says}"
                yield about(change, Subject.EXPOSURE, Severity.RISK, it.rule, message, claims=place)
                break


def _unencrypted_by_default(change: Change) -> Iterator[Finding]:
    name = known().unencrypted_without.get(change.type)
    if name and change.after(name) is None and all(change.after(it) is None for it in known().made_of):
        message = f"says no `{name}`: without it AWS does not encrypt what it holds"
        yield about(change, Subject.EXPOSURE, Severity.RISK, "unencrypted", message)


def _secrets(change: Change) -> Iterator[Finding]:
    for place, path, value in _new_values(change):
        if isinstance(value, str) and value and _DYNAMIC not in value and _fits(path[-1], known().secrets):
            message = f"`{_shown(path)}` stands in the template: whoever reads the template has it"
            yield about(change, Subject.EXPOSURE, Severity.RISK, "secret-in-template", message, claims=place)


def _secret_variables(change: Change) -> Iterator[Finding]:
    """Variables of a function or a build that hold a secret by their name."""
    for _, path, value in _new_values(change):
        if not {"Variables", "EnvironmentVariables"} & set(path[:-1]) or not isinstance(value, str):
            continue
        plain = value and _DYNAMIC not in value and not value.startswith(("/", "arn:"))
        if plain and _fits(path[-1], known().secret_names) and not _fits(path[-1], known().pointers):
            message = f"`{_shown(path)}` stands in the template: whoever reads the template or the function has it"
            yield about(change, Subject.EXPOSURE, Severity.RISK, "secret-in-template", message)


def _named_secret(change: Change) -> Iterator[Finding]:
    """A value that is a secret by the name of what holds it, as a parameter's."""
    value = change.after("Value")
    name = next((text for key in ("Name", "Key", "ParameterName") if isinstance(text := change.after(key), str)), "")
    secret = _fits(name, known().secret_names) and not _fits(name, known().pointers)
    if secret and isinstance(value, str) and value and _DYNAMIC not in value and not value.startswith("arn:"):
        message = f"`Value` of `{name}` stands in the template: whoever reads the template or the parameter has it"
        yield about(change, Subject.EXPOSURE, Severity.RISK, "secret-in-template", message)


def _acts_on(change: Change, comparison: Comparison) -> Iterator[Finding]:
    """A new resource without a rule, of a type that is made to change another one, which is there already."""
    its = of_type(change.type)
    if (
        its.new is not None
        or its.judgements
        or its.weight is Weight.IDENTITY
        or not change.type.endswith(known().acting)
    ):
        return
    named = dict(_referred(change, comparison))
    if named:
        what = ", ".join(f"`{path}` ({weight})" for path, weight in sorted(named.items()))
        message = f"a new `{change.type}` acts on {what}, and no rule judges what it does there"
        yield about(change, Subject.NOT_JUDGED, Severity.RISK, "acts-on", message)


def _referred(change: Change, comparison: Comparison) -> Iterator[tuple[str, Weight]]:
    """Paths and weights of what was there before and what the new one refers to: not what it only stands in or uses."""
    places = [(change.stack, target) for target in references(change.new.get("Properties"))]
    for stack, output in stack_outputs(change.new.get("Properties")):
        if stack in comparison.sides:
            content = at(comparison.sides[stack].head_template, "Outputs", output, "Value")
            places += [(stack, target) for target in references(content)]
    for stack, logical_id in places:
        sides = comparison.sides[stack]
        weight = of_type(str(sides.resource(logical_id, before=True).get("Type"))).weight
        if weight not in _STOOD_IN:
            yield sides.path(logical_id), weight


def _new_values(change: Change) -> Iterator[tuple[tuple[str, ...], Path, Json]]:
    """What is written newly: the property that it is in, its path, and the value."""
    if change.kind is Kind.ADDED:
        for name, value in mapping(change.new.get("Properties")).items():
            for path, leaf in _single(value, (name,)):
                yield (), path, leaf
        return
    for it in leaves_of(change):
        if it.path[0] == "Properties" and it.new is not None:
            before = {written(value) for _, value in _single(it.old, ())}
            for path, leaf in _single(it.new, it.path[1:]):
                if written(leaf) not in before:
                    yield ("/".join(it.path[1:]),), path, leaf


def _single(value: Json, path: Path) -> Iterator[tuple[Path, Json]]:
    if isinstance(value, list):
        for number, child in enumerate(value):
            yield from _single(child, (*path, str(number)))
    elif isinstance(value, dict) and not _function(value):
        for key, child in value.items():
            yield from _single(child, (*path, key))
    elif value is not None and path:
        yield path, value


def _function(value: Mapping[str, Json]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))


def _fits(text: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(text.lower(), pattern.lower()) for pattern in patterns)


def _shown(path: Path) -> str:
    return ".".join(path)
