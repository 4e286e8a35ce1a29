"""Variables and secrets of the settings in the task definition, and who may read them."""

import json
from functools import cache
from typing import Any

import pytest

from tests.support.compute_stack import ComputeTemplates, secured

ARN = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:mail-AbCdEf"
FACTS = {
    "ACCOUNT": "account_id",
    "CA": "database_certificates",
    "DB_HOST": "database_host",
    "JDBC_URL": "database_jdbc_url",
    "DB_NAME": "database_name",
    "DB_PORT": "database_port",
    "DB_USER": "database_user",
    "STAGE": "environment",
    "CLIENT_URL": "frontend_url",
    "PROJECT": "project",
    "REGION": "region",
}


@cache
def product() -> ComputeTemplates:
    """A product that takes everything, with a sidecar."""
    secrets = {
        "DB_PASSWORD": {"database": "password"},
        "JWT_SECRET": {"kept": "jwt"},
        "MAIL": {"secrets_manager": ARN, "key": "password"},
        "MAPS": {"secrets_manager": "maps/key"},
        "SHARED": {"parameter": "/shared/token"},
    }
    return ComputeTemplates(
        "dev",
        service={
            "environment": {name: {"fact": fact} for name, fact in FACTS.items()} | {"LEVEL": 3, "DEBUG": True},
            "secrets": secrets,
            "sidecars": {
                "proxy": {
                    "image": "proxy:1",
                    "command": ("proxy", "--listen"),
                    "environment": {"ORIGIN": {"fact": "frontend_url"}, "RATIO": 0.5},
                    "secrets": {"TOKEN": {"kept": "proxy-token"}},
                    "user": "65532",
                    "memory_mib": 64,
                    "essential": False,
                }
            },
        },
    )


def text(value: Any) -> str:
    return json.dumps(value)


def test_literals_reach_the_container_as_text() -> None:
    assert (product().environment()["LEVEL"], product().environment()["DEBUG"]) == ("3", "true")


def test_facts_are_those_of_the_installation() -> None:
    found = product().environment()
    settings = product().settings
    assert (found["STAGE"], found["PROJECT"], found["REGION"]) == ("dev", settings.project, settings.region)
    assert (found["DB_NAME"], found["DB_USER"]) == ("postgres", settings.database.user)
    assert found["ACCOUNT"] == {"Ref": "AWS::AccountId"}
    for name in ("DB_HOST", "DB_PORT"):
        assert found[name]["Fn::GetStackOutput"]["StackName"] == "StorageStack"


def test_java_gets_an_address_that_verifies() -> None:
    (_, parts) = product().environment()["JDBC_URL"]["Fn::Join"]
    assert parts[0] == "jdbc:postgresql://"
    assert parts[-1] == "/postgres?sslmode=verify-full&sslrootcert=/certificates/database.pem"
    assert product().environment()["CA"] == "/certificates/database.pem"


def test_the_address_of_the_frontend_is_read_when_a_task_starts() -> None:
    assert "CLIENT_URL" not in product().environment()
    assert ":parameter/hannibal/frontend/url" in text(product().secrets()["CLIENT_URL"])


def test_a_domain_of_ones_own_is_known_at_once() -> None:
    assert secured().environment()["CLIENT_URL"] == "https://hannibal.example.com"
    assert "CLIENT_URL" not in secured().secrets()


def test_secrets_are_references() -> None:
    found = product().secrets()
    assert ":parameter/nestjs-hannibal-3/secrets/jwt" in text(found["JWT_SECRET"])
    assert ":parameter/shared/token" in text(found["SHARED"])
    assert found["MAIL"] == f"{ARN}:password::"
    assert text(found["MAPS"]).endswith(':secret:maps/key"]]}')
    assert text(found["DB_PASSWORD"]).endswith('":password::"]]}')
    assert "DATABASE_URL" in found


def test_the_execution_role_reads_these_and_no_others() -> None:
    read = {
        statement["Action"]: text(statement["Resource"])
        for statement in product().policy(product().names.execution_role)
        if str(statement["Action"]).startswith(("ssm:", "secretsmanager:"))
    }
    assert set(read) == {"ssm:GetParameters", "secretsmanager:GetSecretValue"}
    parameters = read["ssm:GetParameters"]
    names = ("frontend/url", "secrets/jwt", "secrets/proxy-token", "shared/token")
    assert all(f"/{name}" in parameters for name in names)
    assert parameters.count(":parameter/") == len(names)
    assert f'"{ARN}"' in read["secretsmanager:GetSecretValue"]
    assert ":secret:maps/key-??????" in read["secretsmanager:GetSecretValue"]
    assert "*" not in "".join(read.values())


@pytest.mark.parametrize(
    "sources",
    [
        [{"kept": f"secret-{number}"} for number in range(52)],
        # What is written out is as long as it is, for the CDK as well.
        [{"secrets_manager": f"{ARN.removesuffix('-AbCdEf')}-{number:02}-AbCdEf"} for number in range(99)],
    ],
)
def test_as_many_secrets_as_settings_take_need_no_managed_policy(sources: list[dict[str, str]]) -> None:
    """The pipeline may make none, and the CDK does where a role's own policy is too long."""
    secrets: dict[str, Any] = {f"SECRET_{number}": source for number, source in enumerate(sources)}
    many = ComputeTemplates(
        "dev",
        service={
            "environment": {"CLIENT_URL": {"fact": "frontend_url"}},
            "secrets": secrets | {"DB_PASSWORD": {"database": "password"}},
        },
        database={"service_user": "app", "service_user_image": f"example.com/psql@sha256:{'5' * 64}"},
    )
    assert many.of_type("AWS::IAM::ManagedPolicy") == {}


def test_a_sidecar_runs_locked_down_beside_the_api() -> None:
    sidecar = product().container("proxy")
    assert (sidecar["Image"], sidecar["Command"]) == ("proxy:1", ["proxy", "--listen"])
    assert (sidecar["User"], sidecar["Memory"], sidecar["Essential"]) == ("65532", 64, False)
    assert sidecar["ReadonlyRootFilesystem"] is True
    assert sidecar["Privileged"] is False
    assert sidecar["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
    assert product().environment("proxy")["RATIO"] == "0.5"
    assert set(product().secrets("proxy")) == {"ORIGIN", "TOKEN"}


def test_the_load_balancer_still_finds_the_api() -> None:
    (target,) = product().properties("AWS::ECS::Service")["LoadBalancers"]
    assert target["ContainerName"] == product().names.container
