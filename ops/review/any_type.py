"""What a value means in a resource of any type: safeguards that are off, secrets in the template, other accounts."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from ops.review.changes import Change, Comparison, Kind
from ops.review.finding import Finding, Subject, risk
from ops.review.new_values import NAMES, VALUES, NewValue, fits, new_values, objects
from ops.review.value_rules import any_type_rules, safeguards_of
from ops.templates.resource_types import TASK_DEFINITION
from ops.templates.values import Json, canonical, written

# An account id in an ARN, in the URL of a queue or in the URI of an image registry.
_ACCOUNT: Final = re.compile(
    r"arn:[\w-]+:[\w-]+:[\w-]*:(\d{12}):|https://sqs\.[\w.-]+/(\d{12})/|\b(\d{12})\.dkr\.ecr\."
)
_BUCKET: Final = re.compile(r"(s3://|arn:[\w-]+:s3:::|)([a-z0-9][a-z0-9.-]{2,62})(/.*)?")
_NUMBER: Final = re.compile(r"\d{12}")
# Values in policies are judged by `permissions`.
_POLICIES: Final = re.compile(r"Statement|(Managed)?Policies|(Managed)?PolicyArns?|PermissionsBoundary")
_FETCHED: Final = re.compile(
    r"\b(curl|wget|iwr|Invoke-WebRequest)\b[^\n|;]{0,300}\|\s*(sudo\s+)?(ba|z|da)?(sh|python3?|node|iex|perl)\b"
    r"|\b((ba|z|da)?sh|python3?|node|perl|eval|source)\b[^\n|;]{0,40}[<$]\(\s*(curl|wget)\b"
    r"|<script\b[^>]{0,200}\bsrc=[\"']?http://"
)
# An assignment of a variable in a script or a container file, or an option of a command.
_ASSIGNED: Final = re.compile(
    r"(?:^[ \t]*(?:export |ENV |set )?|\bexport |-e |--env )([A-Z][A-Z0-9_]+)=[\"']?([^\s\"'$`(){}<>;&|]{6,})"
    r"|(?<!-)--([a-z][a-z-]{0,60})[= ][\"']?([^\s\"'$`(){}<>;&|-][^\s\"'$`(){}<>;&|]{5,})",
    re.MULTILINE,
)
# An AWS CLI command that deletes the resource that it names.
_DESTROYED: Final = re.compile(
    r"\baws\s+(?:--\S+\s+)*(?:[a-z0-9-]+\s+(?:delete|terminate|deregister|purge|remove)-[a-z-]+|s3\s+(?:rm|rb)\b)"
)
# Random letters and digits, but not a UUID, which is only the id of a key.
_RANDOM: Final = re.compile(r"(?!\w{8}(-\w{4}){3}-\w{12}$)(?=.*\d)(?=.*[A-Za-z])[\w+=-]{20,}")
# The beginning of an image in any property, and an image with a movable tag or with none.
_REGISTRY: Final = re.compile(r"(\d{12}\.dkr\.ecr\.[\w.-]+|public\.ecr\.aws|docker\.io|ghcr\.io|quay\.io)/")
_MOVING: Final = re.compile(r"[^@\s]+:(latest|stable|main|master|edge|lts)|[a-z][^:@$\s]*(:\d+/[^:@$\s]+)?")
_REGION: Final = re.compile(r"(?:arn:[\w-]+:[\w-]+:)?([a-z]{2}(?:-[a-z]+)+-\d)(?::.*)?")
_DYNAMIC: Final = "{{resolve:"
_CDK: Final = "cdk-"
# A reference that CloudFormation replaces by the secret, and properties that Describe calls return.
_RESOLVED: Final = re.compile(r"\{\{resolve:(secretsmanager|ssm-secure):")
# An ARN, a file, or a path of more than one part.
_POINTING: Final = re.compile(r"arn:|file:|/[\w.${}*-]+/")
_LABELS: Final = frozenset({"Tags", "Dimensions"})
_FREE: Final = frozenset({"Variables", "EnvironmentVariables", "Options", "SecretString"})
_SHOWN: Final = frozenset({"Environment", "EnvironmentVariables", "Tags", "Variables"})
# Values that are no secrets under a token's name: a switch, or the unit of its validity.
_NO_SECRETS: Final = ("true", "false", "seconds", "minutes", "hours", "days")


def any_type(comparison: Comparison) -> Iterator[Finding]:
    """Findings about names and values that mean the same in every resource type."""
    for change in comparison.changes:
        if change.kind is Kind.REMOVED:
            continue
        for entry in new_values(change):
            yield from _safeguard(change, entry, comparison)
            yield from _secret(change, entry)
            yield from _commands(change, entry)
            yield from _unnamed_version(change, entry)
            yield from _other_accounts(change, entry, comparison)
            if change.kind is Kind.ADDED:
                yield from _other_region(change, entry, comparison)
        if change.kind is Kind.ADDED:
            yield from _named_secrets(change)


def _other_accounts(change: Change, entry: NewValue, comparison: Comparison) -> Iterator[Finding]:
    """A resource of another account: what happens there is not visible here."""
    if any(_POLICIES.fullmatch(part) for part in entry.path):
        return
    text = written(entry.value)
    accounts = {account for match in _ACCOUNT.findall(text) for account in match if account}
    if _NUMBER.fullmatch(text) and fits(entry.names[-2], any_type_rules().accounts):
        accounts.add(text)
    for account in sorted(account for account in accounts if not _is_known(account, comparison)):
        message = (
            f"`{entry.shown}` names account `{account}`, which is not this one: what is sent there, or comes from "
            "there, is in the hands of its owner"
        )
        yield risk(change, Subject.EXPOSURE, "another-account", message, *entry.place)


def _is_known(account: str, comparison: Comparison) -> bool:
    """Whether an account is this one, one of AWS, in AWS's examples, or already in the base."""
    return account in any_type_rules().of_aws or any(
        account == stack.account or account in any_type_rules().of_examples or account in canonical(stack.template)
        for stack in comparison.base.stacks.values()
    )


def _other_region(change: Change, entry: NewValue, comparison: Comparison) -> Iterator[Finding]:
    """A copy or a target in a region without a stack of the application."""
    found = _REGION.fullmatch(written(entry.value)) if fits(entry.names[-2], any_type_rules().in_a_region) else None
    regions = {stack.region for stack in comparison.head.stacks.values()}
    if found and not regions & {found[1], ""} and not fits(change.type, (*any_type_rules().looking, "AWS::Route53::*")):
        message = f"`{entry.shown}` is in the region `{found[1]}`, where no stack of this application is"
        yield risk(change, Subject.DATA, "copied", message)


def _safeguard(change: Change, entry: NewValue, comparison: Comparison) -> Iterator[Finding]:
    if call := next((it for it in any_type_rules().calls if fits(entry.text, it.targets)), None):
        message = f"`{entry.shown}` is `{entry.text}`: {call.says}, by itself and at its time"
        yield risk(change, call.subject, call.rule, message, *entry.place)
    if {"Effect", "DataDirection"} & entry.container.keys() or "Condition" in entry.path[:-1]:
        return  # statements of policies are judged by `permissions`; a data protection policy gives no access
    stays = comparison.head.stacks[change.stack].lifecycle == "persistent"
    met = (found for found in safeguards_of(change.type, entry.names) if found.met_by(entry))
    safeguard = next((found for found in met if stays or not found.persistent), None)
    if safeguard is not None:
        message = f"`{entry.shown}` is `{entry.text}`: {safeguard.says}"
        yield risk(change, safeguard.subject, safeguard.rule, message, *entry.place)
    elif (bucket := _bucket(change, entry)) and not bucket.startswith((comparison.head.project or _CDK, _CDK)):
        message = (
            f"`{entry.shown}` names the bucket `{bucket}`, which stands in no template here: what goes there is its "
            "owner's, and what comes from there its owner decides"
        )
        yield risk(change, Subject.DATA, "sent-elsewhere", message, *entry.place)


def _bucket(change: Change, entry: NewValue) -> str:
    """The bucket whose name, ARN or URL is a text; empty where it is none of these."""
    found = _BUCKET.fullmatch(entry.value) if isinstance(entry.value, str) else None
    named = any(fits(name, any_type_rules().buckets) for name in entry.names)
    is_one = found and (named or found[1] == "s3://") and not fits(change.type, any_type_rules().of_buckets)
    return found[2] if found and is_one else ""


def _secret(change: Change, entry: NewValue) -> Iterator[Finding]:
    literal = isinstance(entry.value, str) and _is_literal(entry.value)
    by_property_name = literal and fits(re.sub("[_-]", "", entry.names[-2]), any_type_rules().secrets)
    variable, text = _variable(entry, change), written(entry.value)
    in_variable = is_secret(variable, entry.value)
    if in_variable or by_property_name or any_type_rules().forms.search(text):
        reads = "the template or the function" if in_variable else "the template"
        message = f"`{entry.shown}` stands in the template: whoever reads {reads} has it"
        # A variable may be added with others, which are judged beside it.
        alone = not in_variable or entry.place == ("/".join(part.replace("/", "~1") for part in entry.path),)
        yield risk(change, Subject.EXPOSURE, "secret-in-template", message, *(entry.place if alone else ()))
    assigned = () if in_variable else _ASSIGNED.findall(text)
    if any(is_secret(name or option, value or last) for name, value, option, last in assigned):
        message = f"`{entry.shown}` has a secret in its text: whoever reads the template has it"
        yield risk(change, Subject.EXPOSURE, "secret-in-template", message)
    # In a container, any parameter under a secret's name also.
    referred = change.type == TASK_DEFINITION and _DYNAMIC in text and is_secret(variable, text.replace(_DYNAMIC, ""))
    if _SHOWN & set(entry.path[:-1]) and (referred or _RESOLVED.search(text)):
        reader = "whoever may describe the resource reads it"
        message = f"`{entry.shown}` is the secret itself once it is deployed: {reader}; let the code ask for it"
        yield risk(change, Subject.EXPOSURE, "secret-in-template", message, *entry.place)


def _variable(entry: NewValue, change: Change) -> str:
    """The name of the variable of a function, a build or a container, or of the option, whose value it is."""
    if change.kind is Kind.CHANGED and not _LABELS & set(entry.path):
        if entry.path[-1] in VALUES:
            return entry.names[0]
        if owner := next((it for it, part in pairwise(entry.path) if part in VALUES and "=" in it), ""):
            return owner.partition("=")[2]
    return entry.path[-1] if _FREE & set(entry.path[:-1]) else ""


def _commands(change: Change, entry: NewValue) -> Iterator[Finding]:
    """A script that downloads code and runs it, or that deletes AWS resources."""
    if _FETCHED.search(written(entry.value)):
        message = f"`{entry.shown}` runs what a server answers when it starts: whoever has the server has the machine"
        yield risk(change, Subject.EXPOSURE, "code-from-elsewhere", message, *entry.place)
    if found := _DESTROYED.search(written(entry.value)):
        message = f"`{entry.shown}` has the command `{found[0]}`: it destroys what is there, whenever it is run"
        yield risk(change, Subject.DATA, "destroys", message, *entry.place)


def _unnamed_version(change: Change, entry: NewValue) -> Iterator[Finding]:
    """An image with a tag that its owner can move, or without a tag, which means ``latest``."""
    text = written(entry.value)
    if (fits(entry.names[-2], any_type_rules().images) or _REGISTRY.match(text)) and _MOVING.fullmatch(text):
        message = f"`{entry.shown}` is `{text}`, which names no version: whoever may push it decides what runs next"
        yield risk(change, Subject.EXPOSURE, "code-from-elsewhere", message, *entry.place)


def _named_secrets(change: Change) -> Iterator[Finding]:
    """Values whose name is in another property and says that they are secrets, as in a list of names and values."""
    for path, it in objects(change.new.get("Properties")):
        name = next((text for key in NAMES if isinstance(text := it.get(key), str)), "")
        if value := next((key for key in VALUES if is_secret(name, it.get(key))), ""):
            place = ".".join((*path, value))
            who = "whoever reads the template or the parameter has it"
            message = f"`{place}` of `{name}` stands in the template: {who}"
            yield risk(change, Subject.EXPOSURE, "secret-in-template", message)


def is_secret(name: str, value: Json) -> bool:
    """Whether a value is a secret by its name, and not a reference to a secret."""
    rules, text = any_type_rules(), str(value) if type(value) in (str, int) else ""
    named = fits(name, rules.secret_names) or (fits(name, rules.key_names) and _RANDOM.fullmatch(text))
    points = fits(name, rules.pointers) or any(fits(name, it.named) and it.to.fullmatch(text) for it in rules.points_by)
    return bool(named) and not points and _is_literal(text) and not _POINTING.match(text)


def _is_literal(value: str) -> bool:
    return bool(value) and _DYNAMIC not in value and value.strip("'\"") not in _NO_SECRETS
