"""The task: one locked-down container that runs initial and released images alike."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from constructs_lib.compute.task import health_command
from installation.settings import Settings
from tests.support.compute_stack import Variant, dev, every_variant, prod, secured
from tests.support.http_server import serving
from tests.support.synthesis import changed
from tests.support.waiting import LIMIT_SECONDS

TASK = "AWS::ECS::TaskDefinition"


@every_variant
def test_the_image_is_looked_up_in_the_release_parameter_at_its_newest_version(variant: Variant) -> None:
    compute = variant()
    assert compute.container()["Image"] == f"{{{{resolve:ssm:{compute.names.release_parameter}}}}}"


@every_variant
def test_each_image_runs_by_its_own_command(variant: Variant) -> None:
    assert not {"Command", "EntryPoint", "WorkingDirectory"} & set(variant().container())


def test_the_initial_image_and_the_api_find_their_port() -> None:
    service = dev().settings.service
    port = str(service.port)
    wanted = {"NODE_ENV": "production", "PORT": port, service.initial_port_variable: port}
    assert wanted.items() <= dev().environment().items()
    assert [mapping["ContainerPort"] for mapping in dev().container()["PortMappings"]] == [service.port]


def test_the_initial_image_shows_nobody_the_secret_header_that_it_is_sent(settings: Settings) -> None:
    assert {"ECHO_BACK_TO_CLIENT": "false", "LOG_IGNORE_PATH": "."}.items() <= dev().environment().items()
    other = changed(settings, service={"initial_image": "example.org/shop:1"}).service
    assert other.initial_variables == {"HTTP_PORT": "3000"}


def test_the_database_url_is_injected_from_this_months_secret() -> None:
    assert dev().secrets()["DATABASE_URL"]["Fn::GetStackOutput"]["StackName"] == "StorageStack"


@every_variant
def test_the_container_is_locked_down(variant: Variant) -> None:
    compute = variant()
    container = compute.container()
    assert container["ReadonlyRootFilesystem"] is compute.settings.service.read_only_root
    assert container["Privileged"] is False
    assert container["User"] == "1000:1000"
    assert container["LinuxParameters"]["InitProcessEnabled"] is True


def test_only_tmp_is_writable_and_nothing_runs_from_it() -> None:
    container = prod().container()
    (tmp,) = container["LinuxParameters"]["Tmpfs"]
    assert (tmp["ContainerPath"], set(tmp["MountOptions"])) == ("/tmp", {"nosuid", "nodev", "noexec"})  # noqa: S108
    assert [(mount["ContainerPath"], mount["ReadOnly"]) for mount in container["MountPoints"]] == [
        ("/certificates", True)
    ]


def test_without_shells_all_capabilities_are_dropped() -> None:
    assert prod().container()["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}


def test_shells_on_a_read_only_root_get_the_folders_that_their_agent_writes() -> None:
    mounts = {mount["ContainerPath"]: mount for mount in dev().container()["MountPoints"] if not mount["ReadOnly"]}
    assert set(mounts) == {"/managed-agents", "/var/lib/amazon/ssm", "/var/log/amazon/ssm"}
    volumes = {volume["Name"] for volume in dev().properties(TASK)["Volumes"]}
    assert volumes == {mount["SourceVolume"] for mount in mounts.values()} | {"certificates"}


def test_shells_on_a_writable_root_need_no_folders() -> None:
    assert secured().settings.service.execute_command
    assert all(mount["ReadOnly"] for mount in secured().container()["MountPoints"])


def test_output_goes_to_the_log_group_that_outlives_the_month_and_never_stops_the_api() -> None:
    log = dev().container()["LogConfiguration"]
    assert log["LogDriver"] == "awslogs"
    assert "ServiceLogs" in json.dumps(log["Options"]["awslogs-group"])
    assert log["Options"]["mode"] == "non-blocking"


def test_size_and_processor_follow_the_settings() -> None:
    arm, intel = dev().properties(TASK), secured().properties(TASK)
    assert (arm["Cpu"], arm["Memory"], arm["Family"]) == ("256", "512", dev().names.task_family)
    assert arm["RuntimePlatform"] == {"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"}
    assert intel["RuntimePlatform"]["CpuArchitecture"] == "X86_64"


@contextmanager
def answering(status: int) -> Iterator[HTTPServer]:
    """A server on loopback that answers every path with one status and remembers the last path."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.server.last_path = self.path  # type: ignore[attr-defined]
            self.send_response(status)
            self.end_headers()

    with serving(Handler) as server:
        yield server


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_container_asks_the_health_path(settings: Settings, status: int, healthy: bool) -> None:
    with answering(status) as server:
        port = server.server_address[1]
        of_port = changed(settings, service={"port": port, "health_path": "/health?from=container"})
        marker, *command = health_command(of_port.service)
        result = subprocess.run(command, check=False, timeout=LIMIT_SECONDS)
        assert server.last_path == "/health?from=container"  # type: ignore[attr-defined]
    assert marker == "CMD"
    assert (result.returncode == 0) is healthy


def test_a_container_that_does_not_listen_is_not_healthy(settings: Settings) -> None:
    with answering(200) as server:
        port = server.server_address[1]
    command = health_command(changed(settings, service={"port": port}).service)
    assert subprocess.run(command[1:], check=False, timeout=LIMIT_SECONDS).returncode == 1


def test_a_health_command_of_the_settings_is_taken_as_it_is(settings: Settings) -> None:
    of_image = changed(settings, service={"health_command": ("CMD", "/bin/node", "healthy")})
    assert health_command(of_image.service) == ["CMD", "/bin/node", "healthy"]


def test_the_container_check_gives_a_task_time_to_start() -> None:
    check = dev().container()["HealthCheck"]
    assert check["Command"] == health_command(dev().settings.service)
    assert check["StartPeriod"] == dev().settings.service.start_grace_seconds
    assert check["Timeout"] < check["Interval"]
