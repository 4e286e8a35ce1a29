"""Deploys one stack by a change set that is compared with the local template before it is executed."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import yaml
from botocore.exceptions import ClientError

from ops.account.bootstrap.desired_stacks import DesiredStack
from ops.aws.clients import Aws
from ops.aws.errors import message_of
from ops.aws.polling import wait, wait_at_most
from ops.errors import FailedError
from ops.stacks.events import first_cause
from ops.stacks.progress import StackWatcher
from ops.stacks.state import read_stack
from ops.stacks.validation import read_validation_findings
from ops.stacks.watch import Watching, wait_until_ended, wait_until_stable
from ops.templates.untrusted_json import as_answered

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import DescribeChangeSetOutputTypeDef, ParameterTypeDef

# CloudFormation API reference, CreateChangeSet, TemplateBody.
_LARGEST_BODY = 51_200
_NOTHING = ("didn't contain changes", "No updates are to be performed")
# CloudFormation's error until IAM has distributed a new role (terraform-provider-aws #22834).
_ROLE_UNKNOWN = "is invalid or cannot be assumed"
_SECONDS_UNTIL_KNOWN = 60.0
# The boundary of the CDK's roles keeps these change sets from them.
NAME_BEGINNING = "hannibal-bootstrap-"
_FAILED_CREATION = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED")


class StackDeployment:
    """Deploys stacks; each call may be repeated. Long templates go through the administrator's bucket."""

    def __init__(self, aws: Aws, bucket: str, watching: Watching) -> None:
        self._aws, self._bucket, self._watching = aws, bucket, watching
        self._cloudformation = aws.cloudformation

    def deploy(self, desired: DesiredStack, tags: Mapping[str, str] | None = None) -> None:
        """Create or update a stack, with termination protection; given tags are in place of the desired ones.

        Raises:
            FailedError: CloudFormation failed, or has another template.
        """
        self._clear(desired.name)
        change_set = self._create(desired, desired.tags if tags is None else tags)
        if change_set is not None:
            self._verify(desired, change_set)
            self._execute(desired.name, change_set)
        self.protect(desired.name)

    def take_over(self, desired: DesiredStack) -> None:
        """Give an unchanged stack another role: CloudFormation accepts a role only with a change."""
        self.deploy(desired, {**desired.tags, "TakenOver": "true"})
        self.deploy(desired)

    def protect(self, name: str) -> None:
        """Switch termination protection on."""
        stack = read_stack(self._aws, name)
        if stack is not None and not stack.protected:
            self._cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=True)

    def _clear(self, name: str) -> None:
        """Wait for a running operation, and delete what a failed creation has left."""
        wait_until_stable(StackWatcher(self._aws, (name,)), self._watching)
        stack = read_stack(self._aws, name)
        if stack is None or stack.status not in _FAILED_CREATION:
            return
        self._watching.notify(f"removing what is left of {name}, whose creation failed")
        if stack.protected:
            self._cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=False)
        watcher = StackWatcher(self._aws, (name,))
        self._cloudformation.delete_stack(StackName=name)
        if wait_until_ended(watcher, self._watching) != "DELETE_COMPLETE":
            raise _failed(f"what is left of {name} could not be deleted", watcher)

    def _create(self, desired: DesiredStack, tags: Mapping[str, str]) -> str | None:
        """Create a change set; None if nothing would change."""
        stack = read_stack(self._aws, desired.name)
        is_new = stack is None or stack.status == "REVIEW_IN_PROGRESS"
        name = f"{NAME_BEGINNING}{uuid4().hex[:12]}"
        # Some members are absent at times; boto3's types have no optional ones.
        request: dict[str, Any] = {
            "StackName": desired.name,
            "ChangeSetName": name,
            "ClientToken": name,  # where an answer was lost, botocore asks once more (aws-cli #5342)
            "ChangeSetType": "CREATE" if is_new else "UPDATE",
            "ImportExistingResources": is_new and desired.keeps,
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "Parameters": self._parameters(desired, is_new=is_new),
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
            **({"RoleARN": desired.role} if desired.role else {}),
            **self._source(desired),
        }
        arn = self._request_change_set(request)

        def ready() -> "DescribeChangeSetOutputTypeDef | None":
            answer = self._cloudformation.describe_change_set(ChangeSetName=arn, StackName=desired.name)
            return answer if answer.get("Status") in ("CREATE_COMPLETE", "FAILED") else None

        answer = wait(ready, self._aws.polling)
        if answer.get("Status") == "CREATE_COMPLETE":
            return arn
        reason = answer.get("StatusReason", "no reason given")
        nothing = any(text in reason for text in _NOTHING)
        found = () if nothing else self._validation_errors(arn)
        self._cloudformation.delete_change_set(ChangeSetName=arn, StackName=desired.name)
        if nothing:
            return None
        raise FailedError(f"CloudFormation cannot deploy {desired.name}: {reason}", *found)

    def _request_change_set(self, request: dict[str, Any]) -> str:
        """Request a change set and return its ARN. Its role may have been created by the stack before, a moment ago."""

        def change_set_id() -> str | None:
            try:
                return self._cloudformation.create_change_set(**request)["Id"]
            except ClientError as error:
                if _ROLE_UNKNOWN not in message_of(error):
                    raise
                return None

        arn = wait_at_most(_SECONDS_UNTIL_KNOWN, change_set_id, self._aws.polling)
        return arn or self._cloudformation.create_change_set(**request)["Id"]

    def _validation_errors(self, change_set: str) -> tuple[str, ...]:
        """The errors of CloudFormation's validation before deployment: existing names, wrong properties.

        The change set itself says only that there are errors (CloudFormation user guide, "Validate stack
        deployments"; aws-cdk-cli #970).
        """
        try:
            found = read_validation_findings(self._aws, change_set=change_set)
        except ClientError:
            return ()  # the change set's own reason is shown in any case
        return tuple(f"{it.logical_id} ({it.resource_type}): {it.reason}" for it in found)

    def _source(self, desired: DesiredStack) -> dict[str, str]:
        content = desired.template.encode()
        if len(content) <= _LARGEST_BODY:
            return {"TemplateBody": desired.template}
        # Always written: an object of this name may be another's.
        key = f"{desired.name}/{sha256(content).hexdigest()}.json"
        self._aws.s3.put_object(Bucket=self._bucket, Key=key, Body=content)
        return {"TemplateURL": f"https://s3.{self._aws.region}.amazonaws.com/{self._bucket}/{key}"}

    def _parameters(self, desired: DesiredStack, *, is_new: bool) -> "list[ParameterTypeDef]":
        found = {} if is_new else read_parameters(self._aws, desired.name)
        kept = declared(desired.template) & (found.keys() - desired.parameters.keys())
        # Previous values are read and sent again, so that the account decides nothing.
        previous = {key: found[key] for key in sorted(kept)}
        values = {**previous, **(desired.first if is_new else {}), **desired.parameters}
        return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]

    def _verify(self, desired: DesiredStack, change_set: str) -> None:
        """Refuse a change set whose template is not the local one."""
        deployed = self._cloudformation.get_template(
            StackName=desired.name, ChangeSetName=change_set, TemplateStage="Original"
        )["TemplateBody"]
        if not same_template(deployed, desired.template):
            self._cloudformation.delete_change_set(ChangeSetName=change_set, StackName=desired.name)
            raise FailedError(
                f"the change set of {desired.name} holds another template than this checkout: it was changed on "
                "the way",
                "Nothing was executed. Find out who may write to the bucket "
                f"{self._bucket} or make change sets of this stack.",
            )

    def _execute(self, name: str, change_set: str) -> None:
        watcher = StackWatcher(self._aws, (name,))
        self._cloudformation.execute_change_set(
            ChangeSetName=change_set, StackName=name, ClientRequestToken=uuid4().hex
        )
        status = wait_until_ended(watcher, self._watching)
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise _failed(f"{name} could not be deployed, it is {status}", watcher)


def _failed(operation: str, watcher: StackWatcher) -> FailedError:
    cause = first_cause(watcher.events)
    said = [event.reason for event in watcher.events if event.about_stack and event.reason]
    why = f"{cause.logical_id} ({cause.resource_type}): {cause.reason}" if cause else (said or ["no reason given"])[-1]
    return FailedError(f"{operation}: {why}", "Remove the cause and run the command again; it continues from here.")


def read_parameters(aws: Aws, name: str) -> Mapping[str, str]:
    """The parameters of a deployed stack; empty if there is no stack."""
    if read_stack(aws, name) is None:
        return {}
    found = aws.cloudformation.describe_stacks(StackName=name)["Stacks"][0].get("Parameters", [])
    return {it.get("ParameterKey", ""): it.get("ParameterValue", "") for it in found}


def declared(template: str) -> set[str]:
    """Names of a template's parameters."""
    content = _template_content(template)
    return set(content.get("Parameters", {}) if isinstance(content, dict) else {})


def same_template(deployed: object, local: str) -> bool:
    """Whether CloudFormation's template is the local one; boto3 returns text, or parsed JSON."""
    found = _template_content(deployed)
    return any(found == _template_content(text) for text in (local, as_answered(local)))


def _template_content(template: object) -> object:
    if not isinstance(template, str):
        return json.loads(json.dumps(template))
    if template.lstrip().startswith("{"):
        return json.loads(template)
    return yaml.safe_load(template)
