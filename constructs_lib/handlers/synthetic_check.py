"""The synthetic check: asks through CloudFront what a user asks, and fails where an answer is not what a user wants.

Lambda counts its failures, and an alarm looks at that. In a pause, and while there is no finished EdgeStack, there is
nothing to ask. CloudFormation calls it as well, once, so that the alarm does not begin without data.
"""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

import boto3
import cfnresponse

USER_AGENT = "hannibal-synthetic-check"


class CheckError(Exception):
    """Answers that are not what a user wants; the message says which."""


def address(cloudformation: Any, stack: str) -> str | None:
    """Where users reach the system; None while nobody is to."""
    try:
        found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    except cloudformation.exceptions.ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":  # there is none
            return None
        raise
    if not found["StackStatus"].startswith(("CREATE_COMPLETE", "IMPORT", "UPDATE")):
        return None
    return next((one["OutputValue"] for one in found.get("Outputs", []) if one["OutputKey"] == "Address"), None)


def is_wanted(ecs: Any, cluster: str, service: str) -> bool:
    """Whether the service is to run; in a pause it is not."""
    found = ecs.describe_services(cluster=cluster, services=[service])["services"]
    return any(one["desiredCount"] > 0 for one in found)


def objection(url: str, wanted: Mapping[str, Any], seconds: float) -> str:
    """What is wrong with the answer to one request, if anything."""
    body = wanted.get("body")
    headers = {"User-Agent": USER_AGENT} | ({"Content-Type": "application/json"} if body else {})
    request = urllib.request.Request(url, headers=headers, data=body.encode() if body else None)  # noqa: S310 - ours
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310 - the template names it
            status, text = answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read().decode(errors="replace")
    except OSError as error:
        return f"no answer: {error}"
    if status != wanted["status"]:
        return f"status {status} instead of {wanted['status']}"
    return "" if wanted["text"] in text else f"{wanted['text']!r} is not in the answer"


def check(users_address: str, settings: Mapping[str, str]) -> None:
    """Ask everything; all that is wrong is told at once."""
    wrong = []
    for wanted in json.loads(settings["REQUESTS"]):
        url = users_address + wanted["path"]
        found = objection(url, wanted, float(settings["SECONDS"]))
        print(f"{'POST' if wanted.get('body') else 'GET'} {url}: {found or 'good'}")
        if found:
            wrong.append(f"{wanted['path']}: {found}")
    if wrong:
        raise CheckError("; ".join(wrong))


def handler(event: dict[str, Any], context: Any) -> None:
    """Entry point."""
    if "ResponseURL" in event:
        cfnresponse.send(event, context, cfnresponse.SUCCESS, {}, event.get("PhysicalResourceId", "first-run"))
        return
    settings = os.environ
    if not is_wanted(boto3.client("ecs"), settings["CLUSTER"], settings["SERVICE"]):
        print("paused: nothing to ask")
        return
    found = address(boto3.client("cloudformation"), settings["STACK"])
    if found is None:
        print(f"no finished {settings['STACK']}: nothing to ask")
        return
    check(found, settings)
