"""Which administrator stacks differ from the templates to deploy, because the pipeline cannot change them."""

from pathlib import Path

from installation.names import ADMINISTRATOR_STACKS
from ops.account.bootstrap.change_set import same_template
from ops.account.caller import Caller
from ops.account.safeguards import is_limited
from ops.aws.clients import Aws
from ops.stacks.state import read_stacks


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
