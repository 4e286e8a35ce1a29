import json

from aws_cdk.assertions import Template

from constructs_lib.handler_function import HANDLERS
from installation.names import ARTIFACT_STACK, NETWORK_STACK, STORAGE_STACK
from installation.settings import Settings
from installation.settings.file import load_settings
from stacks.ephemeral.storage import StorageStack
from stacks.persistent.artifact import ArtifactStack
from stacks.persistent.network import NetworkStack
from tests.conftest import new_app
from tests.support.synthesis import changed
from tests.unit.stacks.conftest import OneResource, Resources

RESTORE = "Finds the newest manual snapshot of nestjs-hannibal-3-db"
INSTANCE = "AWS::RDS::DBInstance"


def test_the_instance_is_restored_from_what_the_restore_point_answered(one: OneResource, resources: Resources) -> None:
    (answer,) = resources(STORAGE_STACK, "Custom::NewestSnapshot")
    properties = one(STORAGE_STACK, INSTANCE)["Properties"]
    assert properties["DBSnapshotIdentifier"] == {"Fn::GetAtt": [answer, "SnapshotIdentifier"]}


def test_the_restore_point_looks_for_snapshots_of_this_instance(one: OneResource, settings: Settings) -> None:
    answer = one(STORAGE_STACK, "Custom::NewestSnapshot")["Properties"]
    instance = one(STORAGE_STACK, INSTANCE)["Properties"]
    assert answer["DatabaseIdentifier"] == instance["DBInstanceIdentifier"] == settings.names.database


def test_cloudformation_waits_longer_for_the_answer_than_lambda_runs(one: OneResource) -> None:
    function = one(STORAGE_STACK, "AWS::Lambda::Function", Description=RESTORE)["Properties"]
    answer = one(STORAGE_STACK, "Custom::NewestSnapshot")["Properties"]
    assert int(answer["ServiceTimeout"]) > function["Timeout"] == 900


def test_the_restore_points_function_may_read_the_database_and_write_its_log_only(one: OneResource) -> None:
    role = one(STORAGE_STACK, "AWS::IAM::Role", RoleName="nestjs-hannibal-3-restore-point")
    (policy,) = role["Properties"]["Policies"]
    actions = [statement["Action"] for statement in policy["PolicyDocument"]["Statement"]]
    logs = ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert actions == ["rds:DescribeDBInstances", "rds:DescribeDBSnapshots", logs]


def test_the_passwords_function_may_write_one_secret(one: OneResource) -> None:
    role = one(STORAGE_STACK, "AWS::IAM::Role", RoleName="nestjs-hannibal-3-new-password")
    (policy,) = role["Properties"]["Policies"]
    secret, database, log = policy["PolicyDocument"]["Statement"]
    assert secret["Action"] == ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"]
    assert secret["Resource"]["Fn::GetStackOutput"]["StackName"] == ARTIFACT_STACK
    assert database["Action"] == "rds:DescribeDBInstances"
    assert log["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]


def test_the_functions_answer_cloudformation_and_wait_for_their_permissions(resources: Resources) -> None:
    for function in resources(STORAGE_STACK, "AWS::Lambda::Function").values():
        code = function["Properties"]["Code"]["ZipFile"]
        assert "cfnresponse.send" in code
        assert code.endswith((HANDLERS / "patience.py").read_text(encoding="utf-8"))


def test_no_database_name_is_given_because_rds_refuses_it_on_a_restore(one: OneResource) -> None:
    assert "DBName" not in one(STORAGE_STACK, INSTANCE)["Properties"]


def test_the_engine_version_moves_only_by_configuration(one: OneResource, settings: Settings) -> None:
    properties = one(STORAGE_STACK, INSTANCE)["Properties"]
    assert properties["EngineVersion"] == settings.database.engine_version
    assert properties["AutoMinorVersionUpgrade"] is False


def test_a_database_that_is_stopped_at_night_is_backed_up_by_day(one: OneResource, settings: Settings) -> None:
    """RDS chooses the night, and makes no backup of a stopped database."""
    assert "PreferredBackupWindow" not in one(STORAGE_STACK, INSTANCE)["Properties"]
    paused, app = changed(settings, schedule={}), new_app()
    network = NetworkStack(app, NETWORK_STACK, settings=paused)
    artifact = ArtifactStack(app, ARTIFACT_STACK, settings=paused)
    stack = StorageStack(app, STORAGE_STACK, settings=paused, network=network, artifact=artifact)
    windows = {"PreferredBackupWindow": "23:00-23:30", "PreferredMaintenanceWindow": "sun:23:30-mon:00:00"}
    Template.from_stack(stack).has_resource_properties(INSTANCE, windows)


def test_extended_support_which_bills_for_each_vcpu_is_off(one: OneResource) -> None:
    support = one(STORAGE_STACK, INSTANCE)["Properties"]["EngineLifecycleSupport"]
    assert support == "open-source-rds-extended-support-disabled"


def test_the_instance_is_private_encrypted_and_on_gp3(one: OneResource) -> None:
    properties = one(STORAGE_STACK, INSTANCE)["Properties"]
    assert properties["PubliclyAccessible"] is False
    assert properties["StorageEncrypted"] is True
    assert properties["StorageType"] == "gp3"
    assert "KmsKeyId" not in properties  # the account's own key for RDS: a restore in another month can use it


def test_the_instance_is_in_the_data_subnets(one: OneResource) -> None:
    group = one(STORAGE_STACK, "AWS::RDS::DBSubnetGroup")["Properties"]
    outputs = [subnet["Fn::GetStackOutput"] for subnet in group["SubnetIds"]]
    assert len(outputs) == 2
    for output in outputs:
        assert output["StackName"] == NETWORK_STACK
        assert "data" in output["OutputName"]


def test_the_connection_limit_is_set_so_that_the_alarm_is_a_share_of_it(one: OneResource, settings: Settings) -> None:
    parameters = one(STORAGE_STACK, "AWS::RDS::DBParameterGroup")["Properties"]["Parameters"]
    assert parameters == {"max_connections": str(settings.database.max_connections), "rds.force_ssl": "1"}


def test_production_has_a_standby_and_development_has_not(one: OneResource) -> None:
    assert one(STORAGE_STACK, INSTANCE, "prod")["Properties"]["MultiAZ"] is load_settings("prod").database.multi_az
    assert one(STORAGE_STACK, INSTANCE, "dev")["Properties"]["MultiAZ"] is False


def test_the_url_is_a_secret_without_a_name_that_holds_a_reference_and_no_password(one: OneResource) -> None:
    secret = one(STORAGE_STACK, "AWS::SecretsManager::Secret")
    assert "Name" not in secret["Properties"]
    parts = secret["Properties"]["SecretString"]["Fn::Join"][1]
    text = json.dumps(parts)
    assert "postgresql://hannibal:{{resolve:secretsmanager:" in text
    assert ":SecretString:password::" in text
    assert parts[-6]["Fn::GetAtt"][1] == "VersionId"
    address, colon, port = parts[-4:-1]
    (instance, attribute), (other, second) = address["Fn::GetAtt"], port["Fn::GetAtt"]
    assert (attribute, colon, second) == ("Endpoint.Address", ":", "Endpoint.Port")
    assert instance == other
    assert "/postgres?sslmode=verify-full" in text
    assert secret["DeletionPolicy"] == "Delete"


def test_the_password_is_the_version_that_was_made_for_this_month(one: OneResource) -> None:
    parts = one(STORAGE_STACK, INSTANCE)["Properties"]["MasterUserPassword"]["Fn::Join"][1]
    assert f'"StackName": "{ARTIFACT_STACK}"' in json.dumps(parts)
    assert parts[-3].endswith(":SecretString:password::")
    answer, attribute = parts[-2]["Fn::GetAtt"]
    assert (answer.startswith("PasswordAnswer"), attribute) == (True, "VersionId")
    url = one(STORAGE_STACK, "AWS::SecretsManager::Secret")["Properties"]["SecretString"]["Fn::Join"][1]
    assert parts[-2] in url
