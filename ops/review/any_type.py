"""What a value means in a resource of any type: safeguards that are off, secrets in the template, other accounts."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Final

from pydantic import Field

from installation import yaml_text
from ops.review.changes import Change, Comparison, Kind
from ops.review.data import DATA
from ops.review.finding import Finding, Subject, risk
from ops.review.new_values import NewValue, fits, has_field_value, new_values, objects
from ops.templates.values import Json, canonical, number, written

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
_FREE: Final = frozenset({"Variables", "EnvironmentVariables", "Options", "SecretString"})
_SHOWN: Final = frozenset({"Environment", "EnvironmentVariables", "Tags", "Variables"})
# Values that are no secrets under a token's name: a switch, or the unit of its validity.
_NO_SECRETS: Final = ("true", "false", "seconds", "minutes", "hours", "days")
# Properties with a name, and those with the value of that name.
_NAMES: Final = ("Name", "Key", "ParameterName", "ParameterKey", "OptionName", "HeaderName")
_VALUES: Final = ("Value", "ParameterValue", "HeaderValue", "DefaultValue")


class RuleMessage(yaml_text.Data):
    """A rule with its message."""

    rule: str
    says: str
    subject: Subject = Subject.EXPOSURE


class Safeguard(RuleMessage):
    """Values of a property that turn off a safeguard; ``safeguards.yaml`` describes each field."""

    named: tuple[str, ...]
    values: tuple[str, ...] = Field(alias="is", default=())
    excepted: tuple[str, ...] = ()
    below: float | None = None
    above: float | None = None
    of: tuple[str, ...] = ("*",)
    not_of: tuple[str, ...] = ()
    given: Mapping[str, tuple[str, ...]] = {}
    unless: Mapping[str, tuple[str, ...]] = {}
    was: tuple[str, ...] = ()
    persistent: bool = False
    of_added: bool = True

    def is_for(self, resource_type: str) -> bool:
        """Whether it applies to a resource type."""
        return fits(resource_type, self.of) and not fits(resource_type, self.not_of)

    def met_by(self, entry: NewValue) -> bool:
        """Whether the value of one of its properties turns off the safeguard."""
        applies = not self.given or has_field_value(entry.container, self.given)
        if entry.is_added and not self.of_added:
            return False
        if not applies or has_field_value(entry.container, self.unless) or fits(str(entry.old), self.was):
            return False
        size, before = number(entry.value), number(entry.old)
        if size is not None and before is not None and ((size > before) if self.below is not None else (size < before)):
            return False  # better than before
        small = self.above is None or (before or 0) <= 2 * self.above
        if self.rule == "costly" and small and size is not None and size <= 1.5 * (before or 0):
            return False  # a step, which `names.yaml` judges
        endless = size == -1 and self.rule == "kept-briefly"
        less = size is not None and self.below is not None and size < self.below and not endless
        more = size is not None and self.above is not None and size > self.above
        return less or more or (fits(entry.text, self.values) and not fits(entry.text, self.excepted))


class Call(RuleMessage):
    """Calls that a schedule or a rule makes by itself."""

    targets: tuple[str, ...]


class AnyTypeRules(yaml_text.Data):
    """Content of ``any_type.yaml``, which describes each field."""

    secrets: tuple[str, ...]
    secret_forms: tuple[str, ...]
    secret_names: tuple[str, ...]
    key_names: tuple[str, ...]
    pointers: tuple[str, ...]
    of_aws: frozenset[str]
    of_examples: frozenset[str]
    accounts: tuple[str, ...]
    images: tuple[str, ...]
    in_a_region: tuple[str, ...]
    buckets: tuple[str, ...]
    of_buckets: tuple[str, ...]
    acting: tuple[str, ...]
    looking: tuple[str, ...]
    made_of: tuple[str, ...]
    calls: tuple[Call, ...]

    @cached_property
    def forms(self) -> re.Pattern[str]:
        """All forms of secrets in one regular expression."""
        return re.compile("|".join(self.secret_forms))


any_type_rules = yaml_text.cached_reader(DATA / "any_type.yaml", AnyTypeRules)
safeguards = yaml_text.cached_reader(DATA / "safeguards.yaml", tuple[Safeguard, ...])


@lru_cache(maxsize=20_000)
def safeguards_of(resource_type: str, names: tuple[str, ...]) -> tuple[Safeguard, ...]:
    """The safeguards that a property of a type can turn off; the property may have several names."""
    named = frozenset[int]().union(*map(_safeguards_named, names))
    return tuple(it for at, it in _safeguards_for(resource_type) if at in named)


@lru_cache(maxsize=20_000)
def _safeguards_named(name: str) -> frozenset[int]:
    return frozenset(number for number, it in enumerate(safeguards()) if fits(name, it.named))


@lru_cache(maxsize=2_000)
def _safeguards_for(resource_type: str) -> tuple[tuple[int, Safeguard], ...]:
    return tuple((number, it) for number, it in enumerate(safeguards()) if it.is_for(resource_type))


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
    # A variable of a function, a build or, under its name, a container, or an option, whose name says so.
    named = entry.path[-1] in _VALUES and change.kind is Kind.CHANGED
    free = named or bool(_FREE & set(entry.path[:-1]))
    in_variable = free and is_secret(entry.names[0] if named else entry.path[-1], entry.value)
    if in_variable or by_property_name or any_type_rules().forms.search(written(entry.value)):
        reads = "the template or the function" if in_variable else "the template"
        message = f"`{entry.shown}` stands in the template: whoever reads {reads} has it"
        # A variable may be added with others, which are judged beside it.
        alone = not in_variable or entry.place == ("/".join(part.replace("/", "~1") for part in entry.path),)
        yield risk(change, Subject.EXPOSURE, "secret-in-template", message, *(entry.place if alone else ()))
    assigned = () if in_variable else _ASSIGNED.findall(written(entry.value))
    if any(is_secret(variable or option, value or text) for variable, value, option, text in assigned):
        message = f"`{entry.shown}` has a secret in its text: whoever reads the template has it"
        yield risk(change, Subject.EXPOSURE, "secret-in-template", message)
    if _SHOWN & set(entry.path[:-1]) and _RESOLVED.search(written(entry.value)):
        reader = "whoever may describe the resource reads it"
        message = f"`{entry.shown}` is the secret itself once it is deployed: {reader}; let the code ask for it"
        yield risk(change, Subject.EXPOSURE, "secret-in-template", message, *entry.place)


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
        name = next((text for key in _NAMES if isinstance(text := it.get(key), str)), "")
        if value := next((key for key in _VALUES if is_secret(name, it.get(key))), ""):
            place = ".".join((*path, value))
            who = "whoever reads the template or the parameter has it"
            message = f"`{place}` of `{name}` stands in the template: {who}"
            yield risk(change, Subject.EXPOSURE, "secret-in-template", message)


def is_secret(name: str, value: Json) -> bool:
    """Whether a value is a secret by its name, and not a reference to a secret."""
    named = fits(name, any_type_rules().secret_names) or (
        fits(name, any_type_rules().key_names) and isinstance(value, str) and _RANDOM.fullmatch(value) is not None
    )
    secret = named and not fits(name, any_type_rules().pointers)
    return secret and isinstance(value, str) and _is_literal(value) and not value.startswith(("/", "arn:", "file:"))


def _is_literal(value: str) -> bool:
    return bool(value) and _DYNAMIC not in value and value.strip("'\"") not in _NO_SECRETS
