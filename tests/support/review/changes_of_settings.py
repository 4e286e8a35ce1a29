"""Changes of single settings that look small but are not, as functions of the application."""

from typing import Any

from installation import names
from tests.support.review.application import Application

ELSEWHERE = "arn:aws:iam::123456789012:role/another"


def _database(app: Application) -> dict[str, Any]:
    return app.properties(names.STORAGE_STACK, "Database/Instance")


def _of_type(app: Application, stack: str, kind: str) -> dict[str, Any]:
    """Properties of the first resource of a type."""
    found: dict[str, Any] = next(it["Properties"] for it in app.resources(stack).values() if it["Type"] == kind)
    return found


def _distribution(app: Application) -> dict[str, Any]:
    found: dict[str, Any] = app.properties(names.EDGE_STACK, "Edge/Distribution")["DistributionConfig"]
    return found


# -- data --------------------------------------------------------------------------------------------------------------
def database_conditional(app: Application) -> None:
    """The resource stays in the template, but CloudFormation deletes it."""
    app.templates[names.STORAGE_STACK]["Conditions"] = {"Never": {"Fn::Equals": ["a", "b"]}}
    app.resource(names.STORAGE_STACK, "Database/Instance")["Condition"] = "Never"


def database_engine(app: Application) -> None:
    _database(app)["Engine"] = "mysql"


def restore_point_moved(app: Application) -> None:
    """A new custom resource gets another restore point than the one from which the database was created."""
    resources = app.resources(names.STORAGE_STACK)
    (old,) = [key for key, it in resources.items() if it["Type"] == "Custom::NewestSnapshot"]
    resources["Again"] = resources.pop(old)
    _database(app)["DBSnapshotIdentifier"] = {"Fn::GetAtt": ["Again", "SnapshotIdentifier"]}


# -- the running month ------------------------------------------------------------------------------------------------
def way_to_the_service_removed(app: Application) -> None:
    app.remove(names.NETWORK_STACK, "SecurityGroups/ServiceFromLoadBalancer")


def way_out_removed(app: Application) -> None:
    app.remove(names.NETWORK_STACK, "Network/Vpc/publicSubnet1/DefaultRoute")


def password_made_longer(app: Application) -> None:
    app.properties(names.ARTIFACT_STACK, "DatabasePassword")["GenerateSecretString"]["PasswordLength"] = 40


def secret_dropped(app: Application) -> None:
    app.properties(names.COMPUTE_STACK, "Task/Definition")["ContainerDefinitions"][0]["Secrets"] = []


def connections_limited(app: Application) -> None:
    _of_type(app, names.STORAGE_STACK, "AWS::RDS::DBParameterGroup")["Parameters"]["max_connections"] = "50"


# -- permissions and exposure ------------------------------------------------------------------------------------------
def task_role_swapped(app: Application) -> None:
    app.properties(names.COMPUTE_STACK, "Task/Definition")["TaskRoleArn"] = ELSEWHERE


def function_role_swapped(app: Application) -> None:
    _of_type(app, names.COMPUTE_STACK, "AWS::Lambda::Function")["Role"] = ELSEWHERE


def boundary_removed(app: Application) -> None:
    app.remove(names.IDENTITY_STACK, "EcsBoundary/Policy")


def database_without_tls(app: Application) -> None:
    _of_type(app, names.STORAGE_STACK, "AWS::RDS::DBParameterGroup")["Parameters"]["rds.force_ssl"] = "0"


def database_behind_another_group(app: Application) -> None:
    _database(app)["VPCSecurityGroups"] = ["sg-1"]


def password_in_the_template(app: Application) -> None:
    secret = app.properties(names.ARTIFACT_STACK, "DatabasePassword")
    del secret["GenerateSecretString"]
    secret["SecretString"] = "hunter2"


def password_in_a_variable(app: Application) -> None:
    container = app.properties(names.COMPUTE_STACK, "Task/Definition")["ContainerDefinitions"][0]
    container["Environment"].append({"Name": "CACHE", "Value": "redis://app:hunter2@cache:6379"})


def bucket_read_by_everybody(app: Application) -> None:
    app.properties(names.ARTIFACT_STACK, "Frontend")["AccessControl"] = "PublicRead"


def bucket_copied(app: Application) -> None:
    rule = {"Destination": {"Bucket": "arn:aws:s3:::elsewhere"}, "Status": "Enabled"}
    app.properties(names.ARTIFACT_STACK, "Frontend")["ReplicationConfiguration"] = {"Role": ELSEWHERE, "Rules": [rule]}


def log_sent_elsewhere(app: Application) -> None:
    where = "arn:aws:lambda:us-east-1:999999999999:function:x"
    log = {"LogGroupName": "x", "DestinationArn": where, "FilterPattern": ""}
    app.add(names.ARTIFACT_STACK, "Copy", "AWS::Logs::SubscriptionFilter", log)


def network_joined(app: Application) -> None:
    app.add(names.NETWORK_STACK, "Peer", "AWS::EC2::VPCPeeringConnection", {"VpcId": "vpc-1", "PeerVpcId": "vpc-2"})


def api_answers_cached(app: Application) -> None:
    config = _distribution(app)
    config["CacheBehaviors"][0]["CachePolicyId"] = config["DefaultCacheBehavior"]["CachePolicyId"]


def security_headers_removed(app: Application) -> None:
    del _distribution(app)["DefaultCacheBehavior"]["ResponseHeadersPolicyId"]


def access_control_removed(app: Application) -> None:
    for origin in _distribution(app)["Origins"]:
        origin.pop("OriginAccessControlId", None)


def macro_added(app: Application) -> None:
    app.templates[names.NETWORK_STACK]["Transform"] = "Macro"


# -- monitoring -------------------------------------------------------------------------------------------------------
def trail_without_log_group(app: Application) -> None:
    del _of_type(app, names.AUDIT_STACK, "AWS::CloudTrail::Trail")["CloudWatchLogsLogGroupArn"]


def trail_writes_elsewhere(app: Application) -> None:
    _of_type(app, names.AUDIT_STACK, "AWS::CloudTrail::Trail")["S3BucketName"] = "another"


def filter_counts_nothing(app: Application) -> None:
    _of_type(app, names.AUDIT_STACK, "AWS::Logs::MetricFilter")["FilterPattern"] = '{ $.eventName = "Never" }'


def alarm_looks_elsewhere(app: Application) -> None:
    app.properties(names.COMPUTE_STACK, "Alarms/Cpu")["MetricName"] = "Nothing"


def database_logs_off(app: Application) -> None:
    del _database(app)["EnableCloudwatchLogsExports"]


def query_limit_removed(app: Application) -> None:
    group = _of_type(app, names.AUDIT_STACK, "AWS::Athena::WorkGroup")
    del group["WorkGroupConfiguration"]["BytesScannedCutoffPerQuery"]


def budget_tells_another_address(app: Application) -> None:
    occasion = _of_type(app, names.GUARDRAIL_STACK, "AWS::Budgets::Budget")["NotificationsWithSubscribers"][0]
    occasion["Subscribers"] = [{"SubscriptionType": "EMAIL", "Address": "somebody@example.com"}]


def budget_warns_late(app: Application) -> None:
    budget = _of_type(app, names.GUARDRAIL_STACK, "AWS::Budgets::Budget")
    budget["NotificationsWithSubscribers"][0]["Notification"]["Threshold"] = 300


def rollback_turned_off(app: Application) -> None:
    app.properties(names.COMPUTE_STACK, "Releases/Group")["AutoRollbackConfiguration"]["Enabled"] = False


def old_tasks_end_at_once(app: Application) -> None:
    group = app.properties(names.COMPUTE_STACK, "Releases/Group")
    kept = group["BlueGreenDeploymentConfiguration"]["TerminateBlueInstancesOnDeploymentSuccess"]
    kept["TerminationWaitTimeInMinutes"] = 0
