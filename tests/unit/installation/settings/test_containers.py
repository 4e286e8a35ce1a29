"""What the settings may say about containers: variables, secrets, images."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from installation.aws_facts import rds_certificates
from installation.aws_facts.regions import REGIONS
from installation.settings.database import DatabaseSettings
from installation.settings.file import load_settings
from tests.support.settings_file import load, minimal, problem, with_value

IMAGE = "example.org/proxy:1"


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        (
            {"environment": {"CLIENT_URL": {"fact": "fronted_url"}}},
            r"environment\.CLIENT_URL\.fact: .*'frontend_url'",
        ),
        ({"environment": {"A": None}}, r"environment\.A: must be a text, a number, true, false, or {fact: NAME}"),
        ({"environment": {"A": ["x"]}}, r"environment\.A: must be a text"),
        (
            {"environment": {"A": {"fact": "region", "value": "x"}}},
            r"environment\.A\.fact: needed, and nothing",
        ),
        ({"environment": {"1A": "x"}}, r"environment\.1A: the name should match pattern"),
        ({"environment": {"PORT": 1}}, r"environment\.PORT: is set by this infrastructure"),
        ({"environment": {"DATABASE_URL": "x"}}, r"environment\.DATABASE_URL: is set by this infrastructure"),
        ({"environment": {"HTTP_PORT": 1}}, r"environment\.HTTP_PORT: is set by this infrastructure"),
        ({"environment": {"PGSSLROOTCERT": "x"}}, r"environment\.PGSSLROOTCERT: is set by this infrastructure"),
        ({"secrets": {"AWS_REGION": {"kept": "x"}}}, r"secrets\.AWS_REGION: belongs to AWS"),
        ({"environment": {"ECS_AGENT_URI": "x"}}, r"environment\.ECS_AGENT_URI: belongs to AWS"),
        (
            {"environment": {"A": "{{resolve:ssm-secure:/x}}"}},
            r"environment\.A\.value: must not hold a dynamic",
        ),
        ({"environment": {"A": "x" * 8193}}, r"environment\.A\.value: String should have at most 8192 characters"),
        (
            {"environment": {f"A{n}": "x" * 8192 for n in range(5)}},
            r"environment, secrets and sidecars: 410\d\d bytes, but .* 32768",
        ),
        (
            {"environment": {f"A{n}": "\u65e5" * 8000 for n in range(2)}},
            r"environment, secrets and sidecars: 480\d\d bytes, but .* 32768",
        ),
        (
            {"environment": {"A" * 200 + str(n): "" for n in range(200)}},
            r"environment, secrets and sidecars: \d+ bytes, but .* 32768",
        ),
        ({"environment": {"A": "${AWS::Region}"}}, r"environment\.A\.value: nothing fills \${AWS::…} in here"),
        (
            {"health_command": ["CMD-SHELL", "x {{resolve:ssm:/x}}"]},
            r"health_command: must not hold a dynamic reference",
        ),
        ({"secrets": {f"A{n}": {"kept": f"a{n}"} for n in range(54)}}, r"secrets: 54 with such names"),
        ({"secrets": {f"A{n}": {"kept": f"{n:0100}"} for n in range(43)}}, r"secrets: 43 with such names"),
        ({"secrets": {"NODE_ENV": {"kept": "x"}}}, r"secrets\.NODE_ENV: is set by this infrastructure"),
        (
            {"initial_port_variable": "DATABASE_URL"},
            r"initial_port_variable: DATABASE_URL is set by this infrastructure",
        ),
        ({"initial_port_variable": "AWS_REGION"}, r"initial_port_variable: AWS_REGION is set by this infrastructure"),
        ({"sidecars": {f"s{n}": {"image": IMAGE} for n in range(8)}}, r"sidecars: .*at most 7 items"),
        (
            {"initial_image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:1"},
            r"initial_image: of ECR's private repositories, tasks read shop of their account and of ap-north",
        ),
        (
            {
                "sidecars": {
                    "proxy": {"image": f"123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/x@sha256:{'5' * 64}"}
                }
            },
            r"sidecars\.proxy\.image: of ECR's private repositories",
        ),
        (
            {"secrets": {"A": {"secrets_manager": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-AbCdEf"}}},
            r"secrets\.A\.secrets_manager: tasks read secrets of their account and of ap-northeast-1 only",
        ),
        ({"secrets": {"A": {"kept": ""}}}, r"secrets\.A\.kept: .*`hannibal secrets set NAME`"),
        ({"secrets": {"A": {"kept": "a/b"}}}, r"secrets\.A\.kept: String should match"),
        (
            {"secrets": {"A": {}}},
            r"secrets\.A\.kept, secrets_manager, parameter or database: give one of them, not",
        ),
        (
            {"secrets": {"A": {"kept": "x", "parameter": "/y"}}},
            r"secrets\.A\.kept, .*: give one of them, not kept, parameter",
        ),
        ({"secrets": {"A": {"kept": "x", "key": "y"}}}, r"secrets\.A\.key: goes with secrets_manager only"),
        (
            {"secrets": {"A": {"secrets_manager": "mail/api-secret"}}},
            r"secrets\.A\.secrets_manager: mail/api-secret ends as ARNs of secrets do.*: write the secret's whole ARN",
        ),
        (
            {"secrets": {"A": {"secrets_manager": "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:mail"}}},
            r"secrets\.A\.secrets_manager: .*:secret:mail lacks the hyphen and six characters",
        ),
        ({"secrets": {"A": {"keep": "x"}}}, r"secrets\.A\.keep: unknown field; known here are: database, kept, key"),
        ({"secrets": {"A": {"parameter": "y"}}}, r"secrets\.A\.parameter: String should match"),
        ({"secrets": {"A": {"database": "url"}}}, r"secrets\.A\.database: Input should be 'password'"),
        ({"secrets": {"A": {"kept": "x"}}, "environment": {"A": "x"}}, r"secrets\.A: is in environment too"),
        ({"sidecars": {"api": {"image": IMAGE}}}, r"sidecars\.api: is the name of another container"),
        ({"sidecars": {"certificates": {"image": IMAGE}}}, r"sidecars\.certificates: is the name of another container"),
        ({"sidecars": {"Proxy": {"image": IMAGE}}}, r"sidecars\.Proxy: the name should match pattern"),
        ({"sidecars": {"proxy": {"image": "untagged"}}}, r"sidecars\.proxy\.image: must be REGISTRY"),
        ({"sidecars": {"proxy": {"image": IMAGE, "user": "0"}}}, r"sidecars\.proxy\.user: .*never root"),
        (
            {"sidecars": {"proxy": {"image": IMAGE, "environment": {"ECS_X": 1}}}},
            r"sidecars\.proxy\.environment\.ECS_X: belongs to AWS",
        ),
        (
            {"certificates_image": None, "environment": {"A": {"fact": "database_jdbc_url"}}},
            r"environment\.A: there is no database_jdbc_url where certificates_image is null",
        ),
    ],
)
def test_what_a_container_cannot_get_is_refused(tmp_path: Path, service: dict[str, Any], expected: str) -> None:
    content = minimal()
    content["service"] |= service
    message = problem(tmp_path, content)
    assert re.search(rf"service\.\S*{expected}", message), message
    assert len(message) < 1500


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("initial_image", "{}.dkr.ecr.ap-northeast-1.amazonaws.com/shop:1"),
        ("secrets", {"A": {"secrets_manager": "arn:aws:secretsmanager:ap-northeast-1:{}:secret:x-AbCdEf"}}),
    ],
)
def test_tasks_read_nothing_of_another_account(tmp_path: Path, field: str, value: Any) -> None:
    """As in a file for prod that was copied from that for dev, each with an account of its own."""

    def content(account: str) -> dict[str, Any]:
        given = json.loads(json.dumps(value).replace("{}", account))
        made = minimal() | {"account_id": "123456789012"}
        return made | {"service": made["service"] | {field: given}}

    assert load(tmp_path, content("123456789012")).account_id
    assert "of their account and of ap-northeast-1 only" in problem(tmp_path, content("210987654321"))


def test_variables_are_texts_and_secrets_references(tmp_path: Path) -> None:
    content = minimal()
    content["service"] |= {
        "environment": {"LEVEL": 3, "DEBUG": False, "RATE": 0.5, "EMPTY": "", "URL": {"fact": "frontend_url"}},
        "secrets": {"JWT": {"kept": "jwt"}, "MAIL": {"secrets_manager": "mail", "key": "password"}},
        "sidecars": {"proxy": {"image": IMAGE, "environment": {"URL": {"fact": "region"}}}},
    }
    service = load(tmp_path, content).service
    texts = {name: variable.value for name, variable in service.environment.items()}
    assert texts == {"LEVEL": "3", "DEBUG": "false", "RATE": "0.5", "EMPTY": "", "URL": None}
    assert service.uses("frontend_url")
    assert service.uses("region")
    assert not service.uses("project")
    assert service.model_dump()["environment"]["URL"] == {"fact": "frontend_url"}


@pytest.mark.parametrize(
    ("written", "text"),
    [
        *(("on", "on"), ("No", "No"), ("true", "true"), ("False", "false")),
        *(("12:30", "12:30"), ("1.10", "1.10"), ("0777", "0777"), ("1_000", "1_000"), ("2026-11-26", "2026-11-26")),
    ],
)
def test_variables_are_texts_as_they_are_written(tmp_path: Path, written: str, text: str) -> None:
    file = yaml.safe_dump(minimal()).replace("service:\n", f"service:\n  environment: {{A: {written}}}\n")
    assert load(tmp_path, file).service.environment["A"].value == text


def test_an_alias_is_a_text_for_a_variable_and_a_number_for_a_field(tmp_path: Path) -> None:
    file = yaml.safe_dump(minimal()).replace("service:\n", "service:\n  port: &port 8080\n  environment: {A: *port}\n")
    service = load(tmp_path, file).service
    assert (service.port, service.environment["A"].value) == (8080, "8080")


def test_the_certificates_of_every_region_are_known() -> None:
    assert set(rds_certificates.regions()) >= REGIONS


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_images_that_come_along_are_pinned_by_digest(environment: str) -> None:
    service = load_settings(environment).service

    assert "@sha256:" in service.initial_image
    assert service.certificates_image is not None
    assert "@sha256:" in service.certificates_image


@pytest.mark.parametrize(
    "database",
    [
        {"service_user": "app"},
        {"service_user": "app", "service_user_image": "postgres:18"},
        {"service_user": "hannibal", "service_user_image": f"postgres@sha256:{'5' * 64}"},
        {"service_user": "rdsadmin", "service_user_image": f"postgres@sha256:{'5' * 64}"},
    ],
)
def test_a_user_of_the_service_is_another_and_has_an_image_by_digest(database: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="service_user"):
        DatabaseSettings.model_validate(database)


def test_a_health_check_of_another_port_than_the_containers_is_refused(tmp_path: Path) -> None:
    """The example of the documents has port 3000; a month whose tasks fail their check does not start."""
    service = {"port": 8080, "health_command": ["CMD", "wget", "http://127.0.0.1:3000/health"]}
    assert "service.health_command: asks port 3000" in problem(tmp_path, with_value("service", service))
    load(tmp_path, with_value("service", service | {"initial_image": "ghcr.io/shop/api:1"}))
    for line in ("wget localhost:3000/ || exit 1", "wget localhost:3000/ || wget localhost:3001/"):
        refused = service | {"health_command": ["CMD-SHELL", line]}
        assert "service.health_command: asks port 3000" in problem(tmp_path, with_value("service", refused))


@pytest.mark.parametrize(
    "line",
    [
        "wget http://localhost:$PORT/",
        "wget http://127.0.0.1:8080/health && wget http://127.0.0.1:8080/",
        "wget http://127.0.0.1:3000/ || wget http://127.0.0.1:$PORT/",
        "wget http://127.0.0.1:3000/ || true",
        "wget https://localhost:8443/",
    ],
)
def test_a_health_check_that_the_initial_image_can_pass_is_taken(tmp_path: Path, line: str) -> None:
    load(tmp_path, with_value("service", {"port": 8080, "health_command": ["CMD-SHELL", line]}))


def test_a_health_check_may_ask_where_the_initial_image_is_told_to_serve_https(tmp_path: Path) -> None:
    line = ["CMD-SHELL", "wget https://localhost:9443/"]
    service = {"port": 8080, "health_command": line, "environment": {"HTTPS_PORT": {"value": "9443"}}}
    load(tmp_path, with_value("service", service))


def test_a_health_check_that_no_shell_can_read_is_refused_once(tmp_path: Path) -> None:
    unfinished = {"health_command": ["CMD-SHELL", "wget 'http://localhost:3000/"]}
    assert "service.health_command: no shell can read it" in problem(tmp_path, with_value("service", unfinished))
