"""Custom resource: a new password for the master user of a new month's database. Answers once, at its creation.

The answer is the version of the secret that holds it. The physical id carries it, so that an update gives the same one:
the database and DATABASE_URL read this version and no other, also if an operator changes the secret in between.
"""

import json
import secrets
import string
import traceback
from typing import Any

import boto3
import cfnresponse

PREFIX = "password-version:"
# No character that a URL must escape, and none that RDS refuses.
CHARACTERS = string.ascii_letters + string.digits
LENGTH = 32


def renew(properties: dict[str, Any], token: str, secretsmanager: Any, rds: Any) -> str:
    """Give the secret a new version, and return its id; the one that it has where the database is there already.

    Args:
        properties: SecretId and DatabaseIdentifier.
        token: of this request, so that Lambda's second try makes no second version.
        secretsmanager: boto3's client.
        rds: boto3's client.
    """
    secret = properties["SecretId"]
    now = secretsmanager.get_secret_value(SecretId=secret)
    if _is_there(properties["DatabaseIdentifier"], rds):
        # A month that began before there was this resource: its tasks hold the password that it has.
        return str(now["VersionId"])
    password = "".join(secrets.choice(CHARACTERS) for _ in range(LENGTH))
    content = json.loads(now["SecretString"]) | {"password": password}
    try:
        made = secretsmanager.put_secret_value(
            SecretId=secret, ClientRequestToken=token, SecretString=json.dumps(content)
        )
    except secretsmanager.exceptions.ResourceExistsException:
        return token  # the first try made it, with another password
    return str(made["VersionId"])


def _is_there(database: str, rds: Any) -> bool:
    """Whether there is a database that goes on; last month's may still be being deleted."""
    try:
        found = rds.describe_db_instances(DBInstanceIdentifier=database)["DBInstances"]
    except rds.exceptions.DBInstanceNotFoundFault:
        return False
    return any(it["DBInstanceStatus"] != "deleting" for it in found)


def handler(event: dict[str, Any], context: Any) -> None:
    """Entry point.

    Every way out answers CloudFormation, which would wait for an hour otherwise, and none raises: Lambda repeats an
    asynchronous call that failed.
    """
    physical_id = event.get("PhysicalResourceId", PREFIX)
    try:
        if event["RequestType"] == "Create":
            clients = boto3.client("secretsmanager"), boto3.client("rds")
            physical_id = PREFIX + renew(event["ResourceProperties"], event["RequestId"], *clients)
    except Exception as error:  # noqa: BLE001 - whatever it is, the stack's events shall show it
        traceback.print_exc()
        cfnresponse.send(event, context, cfnresponse.FAILED, {}, physical_id, reason=f"{type(error).__name__}: {error}")
        return
    answer = {"VersionId": physical_id.removeprefix(PREFIX)}
    cfnresponse.send(event, context, cfnresponse.SUCCESS, answer, physical_id)
