import json

from installation.names import ARTIFACT_STACK, NETWORK_STACK, STORAGE_STACK
from installation.settings import Settings
from installation.settings_file import load_settings
from tests.unit.stacks.conftest import OneResource, Resources

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
    function = one(STORAGE_STACK, "AWS::Lambda::Function")["Properties"]
    answer = one(STORAGE_STACK, "Custom::NewestSnapshot")["Properties"]
    assert int(answer["ServiceTimeout"]) > function["Timeout"] == 900


def test_the_restore_points_function_may_read_the_database_and_write_its_log_only(one: OneResource) -> None:
    (policy,) = one(STORAGE_STACK, "AWS::IAM::Role")["Properties"]["Policies"]
    actions = [statement["Action"] for statement in policy["PolicyDocument"]["Statement"]]
    logs = ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert actions == ["rds:DescribeDBInstances", "rds:DescribeDBSnapshots", logs]


def test_the_function_is_small_enough_to_stand_in_the_template(one: OneResource) -> None:
    code = one(STORAGE_STACK, "AWS::Lambda::Function")["Properties"]["Code"]["ZipFile"]
    assert len(code.encode()) <= 4096
    assert "cfnresponse.send" in code


def test_no_database_name_is_given_because_rds_refuses_it_on_a_restore(one: OneResource) -> None:
    assert "DBName" not in one(STORAGE_STACK, INSTANCE)["Properties"]


def test_the_engine_version_moves_only_by_configuration(one: OneResource, settings: Settings) -> None:
    properties = one(STORAGE_STACK, INSTANCE)["Properties"]
    assert properties["EngineVersion"] == settings.database.engine_version
    assert properties["AutoMinorVersionUpgrade"] is False


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
    assert ":SecretString:password::}}@" in text
    address, colon, port = parts[-4:-1]
    (instance, attribute), (other, second) = address["Fn::GetAtt"], port["Fn::GetAtt"]
    assert (attribute, colon, second) == ("Endpoint.Address", ":", "Endpoint.Port")
    assert instance == other
    assert "/postgres?sslmode=verify-full" in text
    assert secret["DeletionPolicy"] == "Delete"


def test_the_password_comes_from_the_persistent_secret(one: OneResource) -> None:
    password = json.dumps(one(STORAGE_STACK, INSTANCE)["Properties"]["MasterUserPassword"])
    assert f'"StackName": "{ARTIFACT_STACK}"' in password
    assert ":SecretString:password::}}" in password
