"""The administrator's own bootstrap: a bucket for templates, and CloudFormation's role for two stacks.

It has no role for people: an administrator uploads and deploys with his own credentials, and only CloudFormation
may assume its role.
"""

import json
from pathlib import Path
from string import Template
from typing import Final

from installation import yaml_text
from installation.permissions.execution_policies import ADMINISTRATOR_POLICIES
from installation.permissions.statements import Arns
from installation.settings import Settings
from ops.account.caller import Caller

_FILE: Final = Path(__file__).with_suffix(".yaml")


def toolkit_template(settings: Settings, caller: Caller) -> str:
    """The template: the YAML file in this folder with names and the role's policies filled in."""
    names, arns = settings.names, Arns(names=settings.names, region=caller.region, account=caller.account)
    bucket = names.administrator_bucket(caller.account, caller.region)
    role = names.administrator_role(caller.account, caller.region)
    template = yaml_text.parsed(Template(_FILE.read_text(encoding="utf-8")).substitute(bucket=bucket, role=role))
    template["Resources"]["CloudFormation"]["Properties"]["Policies"] = [
        {
            "PolicyName": policy.subject,
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [statement.as_iam() for statement in policy.statements(arns)],
            },
        }
        for policy in ADMINISTRATOR_POLICIES
    ]
    return json.dumps(template, indent=1)
