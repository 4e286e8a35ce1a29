"""Compares the templates of a start with an administrator's stacks, and with the files in the CDK's bucket."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from installation.names import ADMINISTRATOR_STACKS
from ops.account.bootstrap.change_set import same_template
from ops.account.caller import Caller
from ops.account.safeguards import is_limited
from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.stacks.state import read_stacks
from ops.templates.untrusted_json import read_object
from ops.templates.values import Map, at, mapping

_MANIFEST: Final = "cdk:asset-manifest"


def changed_administrator_stacks(aws: Aws, caller: Caller, assembly: Path) -> tuple[str, ...]:
    """Names of the stacks that the templates would change, and only `hannibal bootstrap` may.

    Empty on an embedded AWS without `hannibal bootstrap`, which limits nobody.
    """
    if not is_limited(aws, caller):
        return ()
    stacks = read_stacks(aws, ADMINISTRATOR_STACKS)
    return tuple(name for name in stacks if not _matches_file(aws, name, assembly / f"{name}.template.json"))


def _matches_file(aws: Aws, name: str, file: Path) -> bool:
    if not file.exists():  # an assembly without this stack
        return True
    deployed = aws.cloudformation.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
    return same_template(deployed, file.read_text(encoding="utf-8"))


def tampered_template_refusals(aws: Aws, caller: Caller, assembly: Path) -> tuple[str, ...]:
    """Why a template in the CDK's bucket is not the assembly's, with what to do; empty if all are.

    The CDK names a template after its content, and publishes none whose name already exists (cdk-assets,
    FileAssetHandler). A person who once had the pipeline's credentials could write other content under such a name;
    everybody who later deploys the same commit would deploy it, every month. Archives are not compared: two archives of
    the same files differ.
    """
    return tuple(
        f"s3://{bucket}/{key} is not the {name} of this checkout, and the CDK would deploy what lies there: another "
        "template was written under that name. See by whom and when, in the trail and by `aws s3api "
        f"list-object-versions --bucket {bucket} --prefix {key}`. Then, with an administrator's credentials, `aws s3 "
        f"rm s3://{bucket}/{key}`, and start again: the CDK publishes this checkout's"
        for name, file, bucket, key in _published(assembly, caller)
        if (published := _content(aws, bucket, key)) is not None and published != file.read_bytes()
    )


def _published(assembly: Path, caller: Caller) -> Iterator[tuple[str, Path, str, str]]:
    """The files that the CDK publishes unchanged: name, file, bucket and key."""
    for artifact in mapping(read_object(assembly / "manifest.json").get("artifacts")).values():
        if at(artifact, "type") != _MANIFEST:
            continue
        for asset in mapping(read_object(assembly / str(at(artifact, "properties", "file"))).get("files")).values():
            if at(asset, "source", "packaging") != "file":
                continue
            name, file = str(at(asset, "displayName")), assembly / str(at(asset, "source", "path"))
            for destination in mapping(at(asset, "destinations")).values():
                place = _fill_placeholders(mapping(destination), caller)
                yield name, file, str(place.get("bucketName")), str(place.get("objectKey"))


def _fill_placeholders(destination: Map, caller: Caller) -> Map:
    text = json.dumps(destination).replace("${AWS::AccountId}", caller.account)
    return mapping(json.loads(text.replace("${AWS::Region}", caller.region)))


def _content(aws: Aws, bucket: str, key: str) -> bytes | None:
    with ignoring("NoSuchKey", "NoSuchBucket"):
        return aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    return None
