"""Every rule of the settings: a file that does not fit gives one message with file, field and what is allowed."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from installation.settings.file import CONFIG_FOLDER, SettingsError, environments, load_settings
from tests.conftest import ENVIRONMENTS
from tests.support.settings_file import load, minimal, problem, with_value

CERTIFICATE = "arn:aws:acm:ap-northeast-1:123456789012:certificate/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
DRIFT = {"stack": "EdgeStack", "resource": "A", "path": "/B", "reason": "compared wrongly", "until": "2027-05-31"}


def test_a_port_that_the_initial_image_takes_for_itself_is_refused(tmp_path: Path) -> None:
    content = with_value("service.port", 8443)
    del content["service"]["initial_image"]
    assert "service.port: 8443 is where the initial image serves HTTPS" in problem(tmp_path, content)
    content["service"]["environment"] = {"HTTPS_PORT": 9443}
    assert load(tmp_path, content).service.port == 8443
    assert load(tmp_path, with_value("service.port", 8443)).service.port == 8443


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_configurations_of_the_repository_are_valid(environment: str) -> None:
    assert load_settings(environment, CONFIG_FOLDER).environment == environment
    settings = load_settings(environment)
    assert settings.environment == environment
    assert settings.names.service == "nestjs-hannibal-3-api-service"


def test_both_environments_are_found() -> None:
    assert environments() == environments(CONFIG_FOLDER) == sorted(ENVIRONMENTS)


def test_a_minimal_file_gets_the_guides_thresholds(tmp_path: Path) -> None:
    settings = load(tmp_path, minimal())
    alarms = settings.alarms
    assert (alarms.cpu_percent, alarms.memory_percent, alarms.errors_5xx_per_5_minutes) == (80, 90, 10)
    assert (alarms.database_connections, settings.database.max_connections) == (80, 100)
    assert settings.guardrail.monthly_budget_usd == 50
    assert settings.audit.retention_days == 90


def test_settings_are_frozen(settings: Any) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        settings.network.egress = "nat_gateway"


def test_a_missing_file_names_the_environments_there_are(tmp_path: Path) -> None:
    load(tmp_path, minimal())
    with pytest.raises(SettingsError, match=r"staging\.yaml; environments are: dev"):
        load_settings("staging", tmp_path)
    with pytest.raises(SettingsError, match="no environment 'dev ': "):  # where a blank would not be seen
        load_settings("dev ", tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("project: [", "cannot be read as YAML"),
        ("project: a\nproject: b\n", "project is written 2 times"),
        ("- a\n- b\n", "must hold fields with values, but holds a list"),
        ("text", "must hold fields with values, but holds a single value"),
        ("", "is empty; fields with values belong there"),
        ("# nothing yet\n", "is empty; fields with values belong there"),
        ('project: "\\ud800"\n', "'\\ud800' is half of a surrogate pair"),
        ("guardrail: {monthly_budget_usd: 0100}\n", "0100 is 64 to YAML: write a plain number, or the text in quotes"),
        ("schedule: {end: 18:00}\n", "18:00 is 1080 to YAML: write a plain number, or the text in quotes"),
        ("2026-11-26: a\n", "the name of a field must be text"),
        (f"account_id: {'9' * 5000}\n", "cannot be read as YAML"),
        (f"a: {'[' * 1000}", "cannot be read as YAML"),
        ("service: &here {environment: *here}\n", "an alias names what it stands in"),
        ({**minimal(), "environment": "dev"}, "environment: not allowed here"),
    ],
)
def test_a_file_without_settings_is_refused(tmp_path: Path, content: object, message: str) -> None:
    assert message in problem(tmp_path, content)


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "dev.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read as YAML"):
        load_settings("dev", tmp_path)


def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "dev.yaml").mkdir()
    with pytest.raises(SettingsError, match=r"dev\.yaml cannot be read: Is a directory"):
        load_settings("dev", tmp_path)


@pytest.mark.parametrize("field", ["project", "region", "network", "service", "github"])
def test_what_has_no_default_must_be_there(tmp_path: Path, field: str) -> None:
    content = minimal()
    del content[field]
    assert f"{field}: Field required" in problem(tmp_path, content)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("colour", "red", "colour: unknown field; known here are: account_id, alarms, audit"),
        ("network.nat", True, "network.nat: unknown field; known here are: allowed_ingress, availability_zones"),
        (
            "schedule",
            {"timezone": "Asia/Tokyo"},
            "schedule.timezone: unknown field; known here are: begin, ",
        ),
        (
            "schedule",
            {"begin": "8:00"},
            "(is '8:00'): Time from which the service runs; database and tasks are started",
        ),
        ("project", "Shop", "project: String should match pattern"),
        ("project", "a" * 27, "project: String should have at most 26 characters"),
        ("project", "a--b", "in lower case, with single hyphens"),
        ("project", "internal", "project: names would begin with internal-"),
        ("project", "sthree", "project: names would begin with sthree-"),
        ("project", "cdk", "project: names would begin with cdk-, with which only the CDK's own roles begin"),
        ("project", "amzn-s3-demo-a", "project: names would begin with amzn-s3-demo-"),
        ("project", "awshop", "project: names would begin with aws, with which Parameter Store's names of no user"),
        ("project", "ssm-shop", "project: names would begin with ssm"),
        ("region", "tokyo", "region: String should match pattern"),
        ("region", "eu-central-2", "region: eu-central-2 is none of ap-northeast-1, ap-northeast-2"),
        ("region", "eu-north-1", "CloudFormation makes no budgets in ap-northeast-3 and eu-north-1"),
        ("region", "us-gov-west-1", "other partitions have other ARNs"),
        ("account_id", "12345", "account_id: String should match pattern"),
        (
            "database.engine_version",
            18.3,
            "engine_version: Input should be a valid string (is 18.3): write it in quotes",
        ),
        ("network.egress", "vpn", "network.egress: Input should be 'public_ip' or 'nat_gateway' (is 'vpn')"),
        ("network.cidr", "10.0.0.0/24", "cidr: 10.0.0.0/24 must be between /16 and /20"),
        ("network.cidr", "10.0.0.1/16", "cidr: 10.0.0.1/16 has host bits set"),
        ("network.cidr", "everything", "network.cidr: String should match pattern"),
        ("network.allowed_ingress", ["0.0.0.0/0"], "0.0.0.0/0 would open the origin to everybody"),
        ("network.availability_zones", ["ap-northeast-1a"], "at least 2 items"),
        ("network.availability_zones", ["us-east-1a", "us-east-1b"], "us-east-1a is not a zone of region"),
        ("service.cpu_units", "256", "service.cpu_units: Input should be 256, 512, 1024, 2048 or 4096 (is '256')"),
        ("network.availability_zones", ["ap-northeast-1a"] * 2, "availability_zones: ap-northeast-1a, ap-northeast-1a"),
        ("network.allowed_ingress", ["192.0.2.0/24"] * 2, "network.allowed_ingress: 192.0.2.0/24, 192.0.2.0/24 names"),
        ("network.allowed_ingress", ["here"], "network.allowed_ingress.0: String should match pattern"),
        ("service.health_command", ["curl", "localhost"], "service.health_command: must begin with CMD or CMD-SHELL"),
        ("service.health_command", [], "service.health_command: Tuple should have at least 2 items"),
        ("service.deregistration_delay_seconds", 1800, "deregistration_delay_seconds: Input should be less than"),
        ("service.memory_mib", 300, "service.memory_mib: 300 does not go with cpu_units 256: 512, 1024, 2048"),
        ("service.desired_count", 0, "service.desired_count: Input should be greater than or equal to 1 (is 0)"),
        ("service.port", 80, "equal to 1024 (is 80): at least 1024, at most 65535"),
        ("service.health_path", "health", "service.health_path: String should match pattern"),
        ("service.health_path", "/gesund/überall", "service.health_path: String should match pattern"),
        ("service.health_path", "/" + "a" * 1024, "service.health_path: String should have at most 1024 characters"),
        ("release.verify_path", "/{id}", "release.verify_path: String should match pattern"),
        ("service.initial_image", "shop", "service.initial_image: must be REGISTRY/NAME:TAG or"),
        ("service.log_retention_days", 91, "service.log_retention_days: Input should be 1, 3, 5, 7, 14"),
        ("service.log_retention_days", True, "service.log_retention_days: Input should be 1, 3, 5, 7, 14"),
        ("service.execute_command", "yes", "service.execute_command: Input should be a valid boolean (is 'yes')"),
        ("database.storage_gib", 5, "database.storage_gib: Input should be greater than or equal to 20"),
        ("database.engine_version", "18", "database.engine_version: String should match pattern"),
        ("database.max_connections", 80, "alarms.database_connections: 80 must be below"),
        ("database.user", "admin", "database.user: admin is reserved by RDS or PostgreSQL"),
        ("database.user", "user", "database.user: user is reserved by RDS or PostgreSQL"),
        ("database.service_user", "table", "database.service_user: table is the master user, or reserved by RDS or"),
        (
            "database.backup_copy",
            {"region": "ap-northeast-1", "kms_key": "arn:aws:kms:ap-northeast-1:123456789012:key/a"},
            "database.backup_copy.region: ap-northeast-1 is the database's own",
        ),
        (
            "service.sidecars",
            {"proxy": {"image": "example.org/proxy:1", "memory_mib": 512}},
            "service.memory_mib: 512 leaves no memory for the API, since sidecars get 512",
        ),
        ("database.user", "rds_shop", "database.user: rds_shop is reserved by RDS or PostgreSQL"),
        ("release.migrate_minutes", 61, "(is 61): at least 1, at most 60"),
        ("release.verify_status", 100, "(is 100): at least 200, at most 599"),
        ("release.verify_seconds", 21, "(is 21): more than 0, at most 20"),
        ("alarms.cpu_percent", 101, "alarms.cpu_percent: Input should be less than or equal to 100"),
        ("guardrail.monthly_budget_usd", 10**30, "guardrail.monthly_budget_usd: Input should be"),
        ("guardrail.alert_email", "somebody", "guardrail.alert_email: String should match pattern"),
        ("github.owner_id", 4711, "owner_id and repository_id: give both or neither"),
        ("github.existing_provider_arn", "arn:aws:iam::1:role/x", "existing_provider_arn: String should match"),
        (
            "expected_drift",
            [DRIFT | {"stack": "ShopStack"}],
            "expected_drift.0.stack: ShopStack is none of IdentityStack",
        ),
        ("expected_drift", [DRIFT | {"reason": "because"}], "expected_drift.0.reason: String should have at least 10"),
        ("expected_drift", [DRIFT | {"status": "x"}], "expected_drift.0.status: unknown field; known here are: path, "),
        ("expected_drift", [{"stack": "EdgeStack"}], "expected_drift.0.until: Field required"),
        ("developer_permission_set", "AWSReservedSSO_*", "developer_permission_set: String should match pattern"),
        ("alarms.database_free_memory_mib", 64 * 2**20, "alarms.database_free_memory_mib: Input should be less than"),
        ("load_balancer.certificate_arn", CERTIFICATE + " ", "load_balancer.certificate_arn: String should match"),
        ("load_balancer.certificate_arn", CERTIFICATE + "\n", "load_balancer.certificate_arn: String should match"),
        ("github.branch", "release/*", "github.branch: String should match pattern"),
        (
            "load_balancer.certificate_arn",
            "arn:aws:acm:us-east-1:123456789012:certificate/x",
            "a load balancer takes certificates of ap-northeast-1 only",
        ),
    ],
)
def test_an_invalid_value_is_refused(tmp_path: Path, path: str, value: object, message: str) -> None:
    assert message in problem(tmp_path, with_value(path, value))


@pytest.mark.parametrize(
    "command",
    [
        ["CMD", "python3", "-c", "import urllib.request"],
        ["CMD", "/app/server", "healthcheck"],
        ["CMD-SHELL", "curl -f http://localhost:8080/healthz || exit 1"],
        ["CMD-SHELL", "pg_isready --dbname node-wget"],
        ["CMD-SHELL", "curl http://nc/"],
        ["CMD-SHELL", "test -w /tmp && LANG=C /usr/bin/curl -f http://127.0.0.1/"],
        ["CMD-SHELL", "python3.13 -c 'import a; b() || c()' || exit 1"],
        ["CMD-SHELL", "[ $(curl -s http://127.0.0.1/) = ok ]"],
        ["CMD-SHELL", "./server healthy || false"],
    ],
)
def test_a_health_check_must_work_before_the_first_release_too(tmp_path: Path, command: list[str]) -> None:
    content = with_value("service", {"health_command": command, "port": 8080, "health_path": "/healthz"})
    message = problem(tmp_path, content)
    assert "service.health_command: the image before the first release, service.initial_image, has no" in message
    assert "`wget -q -O /dev/null http://127.0.0.1:8080/healthz`" in message

    content["service"]["initial_image"] = "example.org/python:1"
    load(tmp_path, content)


@pytest.mark.parametrize(
    "command",
    [
        ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:3000/health"],
        ["CMD", "/usr/local/bin/node", "healthcheck.js"],
        ["CMD-SHELL", "python3 -c 'import urllib.request' || wget -q -O /dev/null http://127.0.0.1:3000/health"],
        ["CMD-SHELL", "wget -q -O /dev/null http://127.0.0.1:3000/curl || exit 1"],
        ["CMD-SHELL", "node -e \"fetch('http://curl/') || process.exit(1)\" 2>&1"],
        ["CMD-SHELL", "curl -f http://127.0.0.1/ || exit 0"],
        ["CMD-SHELL", "exit 0"],
        ["CMD", "/bin/true"],
    ],
)
def test_a_health_check_by_what_the_initial_image_has(tmp_path: Path, command: list[str]) -> None:
    load(tmp_path, with_value("service", {"health_command": command}))


def test_a_health_check_that_no_shell_can_read(tmp_path: Path) -> None:
    message = problem(tmp_path, with_value("service", {"health_command": ["CMD-SHELL", "wget 'x"]}))
    assert "service.health_command: no shell can read it: No closing quotation" in message


def test_what_verifies_a_release_asks_the_health_path_unless_settings_say_otherwise(tmp_path: Path) -> None:
    content = with_value("service.health_path", "/api/health")
    assert load(tmp_path, content).release.verify_path == "/api/health"
    assert load(tmp_path, {**content, "release": {"verify_status": 204}}).release.verify_path == "/api/health"
    assert load(tmp_path, {**content, "release": {"verify_path": "/"}}).release.verify_path == "/"
    assert load(tmp_path, {**content, "release": {"verify_path": None}}).release.verify_path is None


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    content = minimal()
    content["project"] = "Shop"
    content["service"]["port"] = 80
    message = problem(tmp_path, content)
    assert "project:" in message
    assert "service.port:" in message


def test_a_wrong_item_is_not_reported_as_missing_too(tmp_path: Path) -> None:
    message = problem(tmp_path, with_value("synthetic_check", {"requests": [{"path": "health"}]}))
    assert "synthetic_check.requests.0.path: String should match pattern" in message
    assert message.count("\n") == 1


def test_every_setting_is_described() -> None:
    from installation.settings import Settings
    from installation.settings.section import meanings

    def undescribed(model: Any, path: str) -> list[str]:
        found = []
        for name, field in model.model_fields.items():
            if hasattr(field.annotation, "model_fields"):
                found += undescribed(field.annotation, f"{path}{name}.")
            elif not meanings(model).get(name):
                found.append(f"{path}{name}")
        return found

    assert undescribed(Settings, "") == []


def test_configuration_folder_is_the_repositorys() -> None:
    assert (CONFIG_FOLDER / "dev.yaml").exists()
