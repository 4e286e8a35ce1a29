"""An attacker's attempts by services that the product does not use; the embedded AWS lacks most of them too."""

from tests.support.embedded.attacker import ACCOUNT, CICD, PROJECT, REGION, SNAPSHOT_ARN, TRAIL_BUCKET, Way
from tests.support.embedded.identities import arn

_OUTSIDE = f"arn:aws:sqs:{REGION}:111122223333:attacker"
_PAUSE = f"{PROJECT}-pause"
_SCHEDULE = {"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"}}
_UPDATE_SERVICE = {"Arn": "arn:aws:scheduler:::aws-sdk:ecs:updateService", "RoleArn": arn(_PAUSE), "Input": "{}"}
_CONTACT = {"AlternateContactType": "SECURITY", "EmailAddress": "attacker@example.com", "Name": "x", "PhoneNumber": "1"}

# -- have something run with another role, or after the credentials are withdrawn, by ...
_RUNNING: list[Way] = [
    ("execution", "stepfunctions", "create_state_machine", {"name": "x", "definition": "{}", "roleArn": arn(CICD)}),
    ("execution", "scheduler", "create_schedule", {"Name": f"{PROJECT}-x", "Target": _UPDATE_SERVICE, **_SCHEDULE}),
    ("cicd", "scheduler", "create_schedule", {"Name": f"{PROJECT}-x", "Target": _UPDATE_SERVICE, **_SCHEDULE}),
    (
        "execution",
        "scheduler",
        "create_schedule",
        {"Name": f"{PROJECT}-PauseTasks", "Target": {**_UPDATE_SERVICE, "RoleArn": arn(CICD)}, **_SCHEDULE},
    ),
    ("execution", "pipes", "create_pipe", {"Name": "x", "Source": _OUTSIDE, "Target": _OUTSIDE, "RoleArn": arn(CICD)}),
    ("execution", "batch", "register_job_definition", {"jobDefinitionName": "x", "type": "container"}),
    ("execution", "cloudcontrol", "create_resource", {"TypeName": "AWS::IAM::User", "DesiredState": "{}"}),
    (
        "execution",
        "fis",
        "create_experiment_template",
        {"description": "x", "stopConditions": [{"source": "none"}], "actions": {}, "roleArn": arn(CICD)},
    ),
    (
        "execution",
        "lambda",
        "put_function_event_invoke_config",
        {"FunctionName": f"{PROJECT}-probe-release", "DestinationConfig": {"OnSuccess": {"Destination": _OUTSIDE}}},
    ),
]
# -- keep access, by ...
_STAYING: list[Way] = [
    (
        "execution",
        "rolesanywhere",
        "create_trust_anchor",
        {"name": "x", "source": {"sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": "x"}}},
    ),
    ("cicd", "account", "put_alternate_contact", {"Title": "x", **_CONTACT}),
    # Sessions of roles cannot, whatever their policies say (AWS STS API reference, GetFederationToken).
    ("cicd", "sts", "get_federation_token", {"Name": "attacker"}),
    ("cicd", "organizations", "leave_organization", {}),
    (
        "cicd",
        "sso-admin",
        "create_permission_set",
        {"Name": "attacker", "InstanceArn": "arn:aws:sso:::instance/ssoins-1234567890123456"},
    ),
]
# -- give an outsider access, or weaken the monitoring of that, by ...
_OPENING: list[Way] = [
    ("execution", "ram", "create_resource_share", {"name": "x", "principals": ["111122223333"]}),
    (
        "execution",
        "s3control",
        "create_access_point",
        {"AccountId": ACCOUNT, "Name": "attacker", "Bucket": TRAIL_BUCKET, "BucketAccountId": ACCOUNT},
    ),
    ("execution", "s3control", "put_access_point_policy", {"AccountId": ACCOUNT, "Name": "attacker", "Policy": "{}"}),
    ("cicd", "guardduty", "delete_detector", {"DetectorId": "x" * 32}),
    ("cicd", "config", "delete_configuration_recorder", {"ConfigurationRecorderName": "x"}),
    (
        "cicd",
        "resourcegroupstaggingapi",
        "tag_resources",
        {"ResourceARNList": [SNAPSHOT_ARN], "Tags": {"Prunable": "true"}},
    ),
    ("cicd", "scheduler", "delete_schedule", {"Name": f"{PROJECT}-PauseDatabase"}),
]
BY_UNUSED = [*_RUNNING, *_STAYING, *_OPENING]
