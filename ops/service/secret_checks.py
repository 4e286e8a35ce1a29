"""Whether all secrets that the settings name exist, so that no task fails because one is missing."""

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ops.aws.clients import Aws
from ops.aws.errors import code_of, is_denied
from ops.service.secrets import Use, read_secrets, uses

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.type_defs import SecretListEntryTypeDef

# The keys that every role of the account may use. Others need kms:Decrypt, which no role of a task has (Amazon ECS
# developer guide, "Task execution IAM role").
_AWS_KEYS = ("alias/aws/ssm", "alias/aws/secretsmanager")
_LATE = "is seen within five minutes"  # Secrets Manager API reference, ListSecrets
_AT_ONCE = 50  # values that one filter of DescribeParameters accepts


def missing_secrets(aws: Aws) -> tuple[str, ...]:
    """Secrets in the settings that no task could read, each with what to do; empty if there are none.

    It checks names, tags, and the keys of a JSON, whose values are neither kept nor shown. A caller that may not read a
    secret, such as the project's own roles, cannot check its keys: a missing key is only found when a task stops.
    """
    named = uses(aws.settings)
    return (*_missing_kept_secrets(aws, named), *_unusable_parameters(aws, named), *_unusable_secrets(aws, named))


def _missing_kept_secrets(aws: Aws, named_uses: Iterable[Use]) -> Iterator[str]:
    wanted = [use for use in named_uses if use.source.kept]
    present = {kept.name for kept in read_secrets(aws)} if wanted else set()
    env = "" if aws.settings.environment == "dev" else f" --env {aws.settings.environment}"
    for use in wanted:
        if use.source.kept not in present:
            yield (
                f"{use.text} is the secret {use.source.kept}, which nobody has set: "
                f"`hannibal secrets set {use.source.kept}{env}`"
            )


def _unusable_parameters(aws: Aws, named_uses: Iterable[Use]) -> Iterator[str]:
    settings = aws.settings
    wanted = {use.source.parameter: use for use in named_uses if use.source.parameter}
    paths = sorted(wanted)
    present = _parameters(aws, paths)
    tagged = _parameters(aws, paths, tag=settings.project)
    for path in paths:
        text = f"{wanted[path].text} is the parameter {path}, which"
        tags = f"--tags Key=Project,Value={settings.project}"
        if path not in present:
            yield (
                f"{text} does not exist in this account and region: "
                f"`aws ssm put-parameter --name {path} --type SecureString --value file://FILE {tags}`"
            )
        elif path not in tagged:
            yield (
                f"{text} lacks the tag Project={settings.project}, without which no task may read it: "
                f"`aws ssm add-tags-to-resource --resource-type Parameter --resource-id {path} {tags}`"
            )
        elif (key := present[path]) and not key.endswith(_AWS_KEYS):
            yield (
                f"{text} is encrypted with {key}, which no task may use: `aws ssm put-parameter --name {path} "
                f"--type SecureString --key-id {_AWS_KEYS[0]} --overwrite --value file://FILE`"
            )


def _parameters(aws: Aws, paths: list[str], tag: str | None = None) -> dict[str, str]:
    """The encryption key of each existing parameter; empty where it is not encrypted."""
    keys: dict[str, str] = {}
    for start in range(0, len(paths), _AT_ONCE):
        filters = [{"Key": "Name", "Option": "Equals", "Values": paths[start : start + _AT_ONCE]}]
        if tag:
            filters.append({"Key": "tag:Project", "Option": "Equals", "Values": [tag]})
        pages = aws.ssm.get_paginator("describe_parameters").paginate(ParameterFilters=filters)  # type: ignore[arg-type] # a plain dict
        keys |= {one.get("Name", ""): one.get("KeyId") or "" for page in pages for one in page["Parameters"]}
    return keys


def _unusable_secrets(aws: Aws, named_uses: Iterable[Use]) -> Iterator[str]:
    settings = aws.settings
    for use in named_uses:
        secret_id = use.source.secrets_manager
        if not secret_id:
            continue
        secret = _secret(aws, secret_id)
        text, option = f"{use.text} is the secret {secret_id}, which", f"--tags Key=Project,Value={settings.project}"
        if secret is None:
            yield (
                f"{text} does not exist in this account and region: "
                f"`aws secretsmanager create-secret --name {_secret_name(secret_id)} --secret-string file://FILE "
                f"{option}`, which {_LATE}"
            )
        elif "DeletedDate" in secret:  # its name is in use until then
            yield f"{text} is to be deleted: `aws secretsmanager restore-secret --secret-id {secret_id}`, which {_LATE}"
        elif {"Key": "Project", "Value": settings.project} not in secret.get("Tags", []):
            yield (
                f"{text} lacks the tag Project={settings.project}, without which no task may read it: "
                f"`aws secretsmanager tag-resource --secret-id {secret_id} {option}`, which {_LATE}"
            )
        elif (encrypting := secret.get("KmsKeyId", "")) and not encrypting.endswith(_AWS_KEYS):
            yield (
                f"{text} is encrypted with {encrypting}, which no task may use: "
                f"`aws secretsmanager update-secret --secret-id {secret_id} --kms-key-id {_AWS_KEYS[1]}`, which {_LATE}"
            )
        elif use.source.key and (problem := _problem_of_key(aws, secret_id, use.source.key)):
            yield (
                f"{use.text} is the key {use.source.key} of the secret {secret_id}, which {problem}; write the JSON "
                f"with that key to a file: `aws secretsmanager put-secret-value --secret-id {secret_id} "
                "--secret-string file://FILE`"
            )


def _problem_of_key(aws: Aws, secret_id: str, key: str) -> str:
    """Why tasks cannot read a key of a secret's JSON; empty if they can, or if the caller may not read the secret."""
    try:
        text = aws.secretsmanager.get_secret_value(SecretId=secret_id).get("SecretString", "")
    except ClientError as error:
        if is_denied(error):
            return ""
        if code_of(error) == "ResourceNotFoundException":
            return "has no value yet"
        raise
    if not text:
        return "has no value yet"
    try:
        content = json.loads(text)
    except ValueError:
        return "is no JSON"
    return "" if isinstance(content, dict) and key in content else "does not have it"


def _secret(aws: Aws, secret_id: str) -> "SecretListEntryTypeDef | None":
    """Secrets Manager's entry of a secret, by name or ARN; None if there is none."""
    # The filter matches beginnings of names.
    pages = aws.secretsmanager.get_paginator("list_secrets").paginate(
        Filters=[{"Key": "name", "Values": [_secret_name(secret_id)]}], IncludePlannedDeletion=True
    )
    for page in pages:
        for secret in page["SecretList"]:
            if secret_id in (secret.get("Name"), secret.get("ARN")):
                return secret
    return None


def _secret_name(secret_id: str) -> str:
    """The secret's name, from an ARN without the hyphen and six characters at its end."""
    return secret_id.rpartition(":secret:")[2][:-7] if secret_id.startswith("arn:") else secret_id
