"""Law 6: every name stands in one place, and what a runbook command needs is an output."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from installation import names
from installation.names.persistent import ADMINISTRATOR_TOOLKIT_STACK, TOOLKIT_STACK
from tests.conftest import ROOT, VARIANTS, Template

CODE = [
    file
    for folder in ("stacks", "constructs_lib", "installation", "ops", "embedded_aws", "tools")
    for file in sorted((ROOT / folder).rglob("*.py"))
    if file.parent != ROOT / "installation/names"
] + [ROOT / "app.py"]
# A name of the installation as a literal: its project, the secret, the parameters, a role or boundary, the bootstrap.
LITERAL_NAME = re.compile(
    r"""["'](?:nestjs-hannibal|hannibal/|/hannibal/|Hannibal[CEPD]|hannibal_cloudtrail|/cdk-bootstrap/|hnb659fds)"""
)
STACK_NAME = re.compile(rf"""["'](?:{"|".join((*names.ALL_STACKS, TOOLKIT_STACK, ADMINISTRATOR_TOOLKIT_STACK))})["']""")


@pytest.mark.parametrize("file", CODE, ids=lambda file: str(file.relative_to(ROOT)))
def test_code_takes_names_from_the_names_module(file: Path) -> None:
    text = file.read_text()
    for pattern in (LITERAL_NAME, STACK_NAME):
        found = pattern.search(text)
        assert not found, f"{file.relative_to(ROOT)} types the name {found.group() if found else ''}..."


# What the commands of the operations guide ask for, by stack.
RUNBOOK = {
    names.NETWORK_STACK: {"DatabaseSecurityGroupId"},
    names.ARTIFACT_STACK: {"ServiceLogGroup", "LoadBalancerLogBucket", "FrontendBucket", "RepositoryUri"},
    names.AUDIT_STACK: {"Workgroup", "Database"},
    names.GUARDRAIL_STACK: {"AlertTopicArn"},
    names.COMPUTE_STACK: {"ClusterName", "ServiceName", "LoadBalancerAddress", "CodeDeployApplication"},
    names.STORAGE_STACK: {"DatabaseIdentifier", "DatabaseEndpoint", "DatabaseUrlSecret"},
    names.EDGE_STACK: {"DistributionId", "Address"},
}


@pytest.mark.parametrize("environment", VARIANTS)
def test_what_runbook_commands_need_is_an_output(
    templates: Callable[[str], dict[str, Template]], environment: str
) -> None:
    for stack, wanted in RUNBOOK.items():
        assert wanted <= set(templates(environment)[stack].get("Outputs", {})), stack


@pytest.mark.parametrize("environment", VARIANTS)
def test_outputs_that_people_read_say_what_they_are(
    templates: Callable[[str], dict[str, Template]], environment: str
) -> None:
    for stack, template in templates(environment).items():
        for name, output in template.get("Outputs", {}).items():
            assert name.startswith("PublishOutput") or output.get("Description"), f"{stack}.{name}"
