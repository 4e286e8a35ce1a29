"""CodeDeploy's hook after test traffic: looks at the new tasks before a user does, and says whether to go on.

It asks each address of the load balancer through the function inside the VPC, and logs every answer.
"""

import json
import os
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import boto3

GOOD_IN_A_ROW = 3  # one good answer may be the old tasks' last
ATTEMPTS = 10
PAUSE_SECONDS = 1.0
# No round begins later: Lambda ends the function after 15 minutes, and then CodeDeploy waits for an hour.
LONGEST_SECONDS = 780.0
# A function in a VPC sleeps after idle weeks: a call wakes it, and all fail till it is up (Lambda developer guide,
# "Lambda function states"). Its way into the network takes minutes ("Giving Lambda functions access to resources in an
# Amazon VPC"); the last error is newer than the boto3 that a function may have.
WAKING_SECONDS = 240.0
WAKING = ("ResourceNotReadyException", "ResourceConflictException", "ENINotReadyException")


class CheckError(Exception):
    """The new tasks shall get no users; the message says why."""


def addresses(load_balancer: str, ec2: Any) -> list[str]:
    """Private ones: the public name leads out of the VPC."""
    pages = ec2.get_paginator("describe_network_interfaces").paginate(
        Filters=[{"Name": "description", "Values": [f"ELB {load_balancer}"]}]
    )
    found = [str(interface["PrivateIpAddress"]) for page in pages for interface in page["NetworkInterfaces"]]
    if not found:
        raise CheckError(f"the load balancer {load_balancer} has no address")
    return found


def call(function: str, question: Mapping[str, Any], lambda_: Any, sleep: Callable[[float], None]) -> dict[str, Any]:
    """Have the probe ask, awake or not."""
    deadline = time.monotonic() + WAKING_SECONDS
    while True:
        try:
            response = lambda_.invoke(FunctionName=function, Payload=json.dumps(question))
        except lambda_.exceptions.ClientError as error:
            if error.response["Error"]["Code"] not in WAKING or time.monotonic() > deadline:
                raise
            sleep(PAUSE_SECONDS)
            continue
        answer: dict[str, Any] = json.loads(response["Payload"].read())
        return {"error": answer.get("errorMessage", "the probe broke")} if response.get("FunctionError") else answer


def objection(answer: Mapping[str, Any], status: int, seconds: float) -> str:
    """What is wrong with an answer, if anything."""
    if "error" in answer:
        return f"no answer: {answer['error']}"
    if answer["status"] != status:
        return f"status {answer['status']} instead of {status}"
    if answer["seconds"] > seconds:
        return f"{answer['seconds']} s, longer than {seconds} s"
    return ""


def check(
    found: list[str], settings: Mapping[str, str], lambda_: Any, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Ask all addresses until they have answered well several times in a row."""
    status, seconds = int(settings["STATUS"]), float(settings["SECONDS"])
    question = {
        "port": int(settings["PORT"]),
        "host": settings["HOST"],
        "path": settings["PATH_ASKED"],
        "tls": settings["TLS"] == "true",
        "seconds": seconds,
    }
    good, end = 0, time.monotonic() + LONGEST_SECONDS
    for _ in range(ATTEMPTS):
        if time.monotonic() > end:
            break
        good += 1
        for address in found:
            answer = call(settings["PROBE"], {**question, "address": address}, lambda_, sleep)
            if wrong := objection(answer, status, seconds):
                good = 0
            print(f"GET {settings['PATH_ASKED']} at {address}: {wrong or 'good'} {json.dumps(answer)}")
        if good == GOOD_IN_A_ROW:
            return
        sleep(PAUSE_SECONDS)
    raise CheckError(f"no {GOOD_IN_A_ROW} good rounds in a row")


def handler(event: dict[str, str], context: object) -> None:  # noqa: ARG001 - the form that Lambda calls
    """Entry point. Every way out answers CodeDeploy, which waits an hour."""
    good = False
    try:
        found = addresses(os.environ["LOAD_BALANCER"], boto3.client("ec2"))
        check(found, os.environ, boto3.client("lambda"))
        good = True
    except Exception:  # noqa: BLE001 - then no user gets it
        traceback.print_exc()
    boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status="Succeeded" if good else "Failed",
    )
