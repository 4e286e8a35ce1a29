"""The administrator's own bootstrap: a bucket for templates, and CloudFormation's role for two stacks.

There is nobody's role in it: an administrator uploads and deploys with credentials of his own, and only CloudFormation
may assume the one role.
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
    """The template, which the file beside this one has but for the names and the role's policies."""
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
