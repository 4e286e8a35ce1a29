"""Tasks as real containers: what a definition says is what the process in the container finds."""

import json
import signal
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from embedded_aws.containers.cleanup import SERVER_LABEL, server_label
from embedded_aws.containers.engine import Engine
from ops.errors import ExitCode
from ops.local.containers import find_container, open_local_shell
from ops.local.server import down
from tests.support.embedded import containers
from tests.support.embedded.container_service import ContainerService
from tests.support.embedded.running_service import control, get
from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import wait_for

pytestmark = pytest.mark.embedded

_TAG = "localhost/hannibal-test-app:1"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return containers.require_engine()


@pytest.fixture(scope="module")
def image(engine: Engine) -> str:
    return containers.build_app(engine, _TAG)


@pytest.fixture(scope="module")
def service(engine: Engine, image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContainerService]:
    """A server with containers, and in it a database and a service of the application."""
    server = EmbeddedAws(
        tmp_path_factory.mktemp("containers"), options=("--containers", engine.name, "--clock-factor", "20")
    )
    server.start()
    try:
        uri = containers.register(server, engine, repository="app", tag="1", image=image)
        yield ContainerService(server, "real", image=uri)
    finally:
        server.close()
    label = f"label={SERVER_LABEL}={server_label(server.state_folder)}"
    assert not engine.call("ps", "--all", "--quiet", "--filter", label), "containers end with their server"
    assert not engine.call("volume", "ls", "--quiet", "--filter", label)


def test_the_container_is_what_its_definition_says(service: ContainerService) -> None:
    status, about = get(service.address())

    assert status == 200
    assert about["user"] == 1000
    assert about["writable"] == ["/tmp"], "the root is read-only, /data belongs to root"  # noqa: S108 - of the container
    assert about["process"] != 1, "an init process is the first"
    assert about["variables"]["GREETING"] == "hello = world # ok"
    assert about["variables"]["TOKEN"] == "token = $1", "a secret of Parameter Store is decrypted"
    assert about["variables"]["SEVERAL_LINES"] == "one\ntwo"
    assert about["variables"]["HOME"] == "/somewhere", "and the engine's own home folder is another"
    assert about["variables"]["AWS_EXECUTION_ENV"] == "AWS_ECS_FARGATE"


def test_the_output_of_a_container_is_in_the_log_group(service: ContainerService) -> None:
    wait_for(lambda: any("listening" in line for line in service.log_lines()))


def test_an_init_container_hands_over_files_before_the_service_starts(service: ContainerService) -> None:
    assert get(service.address("/file")) == (200, "BEGIN CERTIFICATE")
    task = service.tasks()[0]
    assert {one["name"]: one["lastStatus"] for one in task["containers"]} == {"files": "STOPPED", "api": "RUNNING"}
    assert next(one["exitCode"] for one in task["containers"] if one["name"] == "files") == 0
    assert any("could not be pulled" in line for line in service.log_lines()), "what stood in for it is told"


def test_the_database_is_reached_with_a_verified_certificate(service: ContainerService) -> None:
    assert service.run("migrate") == 0
    assert get(service.address("/notes"), "POST") == (200, [""])
    status, notes = get(service.address("/notes"))
    assert (status, notes) == (200, [""])
    assert "verify-full" in service.database_url


def test_a_certificate_of_another_authority_is_refused(service: ContainerService) -> None:
    other = service.database_url.replace("sslrootcert=/data/ca.pem", "sslrootcert=system")

    assert service.run("migrate", environment={"DATABASE_URL": other}) == 1
    assert any("certificate verify failed" in line for line in service.log_lines())


def test_the_role_of_the_task_has_credentials(service: ContainerService) -> None:
    status, found = get(service.address("/credentials"))

    assert status == 200
    session = boto3.Session(
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["Token"],
        region_name="ap-northeast-1",
    )
    identity = session.client("sts", endpoint_url=service.server.endpoint).get_caller_identity()["Arn"]
    assert ":assumed-role/app-task/" in identity


def test_the_task_metadata_describes_the_task(service: ContainerService) -> None:
    status, task = get(service.address("/metadata"))

    assert status == 200
    assert task["TaskARN"] == service.tasks()[0]["taskArn"]
    assert {one["Name"] for one in task["Containers"]} == {"files", "api"}
    (address,) = {*task["Containers"][0]["Networks"][0]["IPv4Addresses"]}
    assert address == service.tasks()[0]["containers"][0]["networkInterfaces"][0]["privateIpv4Address"]


@pytest.mark.parametrize("code", [0, 3])
def test_a_task_ends_with_the_exit_code_of_its_container(service: ContainerService, code: int) -> None:
    task = service.run_to_end("exit", str(code))

    assert task["stopCode"] == "EssentialContainerExited"
    assert task["stoppedReason"] == "Essential container in task exited"
    assert service.exit_code(task) == code


def test_a_command_that_the_image_lacks_is_the_stop_reason(service: ContainerService) -> None:
    task = service.run_to_end("x", entry_point=["no-such-program"], linuxParameters={})

    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("CannotStartContainerError: ")
    assert "no-such-program" in task["stoppedReason"]


def test_too_much_memory_is_the_stop_reason(service: ContainerService, engine: Engine) -> None:
    if not engine.limits_memory:
        pytest.skip(f"this {engine.name} cannot limit memory")
    task = service.run_to_end("eat", memory=32)

    assert service.exit_code(task) == 137
    assert service.container(task)["reason"] == "OutOfMemoryError: Container killed due to memory usage"


def test_a_container_whose_dependency_failed_is_not_started(service: ContainerService) -> None:
    task = service.run_to_end("serve", files_command="exit 7")

    assert task["stopCode"] == "TaskFailedToStart"
    assert "as dependency did not exit successfully" in task["stoppedReason"]
    assert "exitCode" not in service.container(task)


def test_an_unhealthy_container_is_the_stop_reason(service: ContainerService) -> None:
    healthy = service.tasks()[0]
    wait_for(lambda: service.tasks()[0]["healthStatus"] == "HEALTHY")
    assert service.container(healthy)["name"] == "api"


def test_a_missing_log_group_is_the_stop_reason(service: ContainerService) -> None:
    options = {"awslogs-group": "/ecs/none", "awslogs-region": "ap-northeast-1", "awslogs-stream-prefix": "ecs"}
    task = service.run_to_end("serve", logConfiguration={"logDriver": "awslogs", "options": options})

    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("ResourceInitializationError: failed to validate logger args: ")


def test_an_image_that_nobody_has_cannot_be_pulled(service: ContainerService) -> None:
    uri = service.image.rpartition(":")[0] + ":nobody-built-it"
    task = service.run_to_end("serve", image=uri)

    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("CannotPullContainerError: pull image manifest has been retried")
    assert "not found" in task["stoppedReason"]


def test_an_image_that_only_the_registry_knows_says_how_to_build_it(service: ContainerService) -> None:
    uri = service.put_manifest("known-only", {"config": {"digest": f"sha256:{'0' * 64}"}})
    task = service.run_to_end("serve", image=uri)

    assert task["stoppedReason"].startswith("CannotPullContainerError: ")
    assert "hannibal image build" in task["stoppedReason"]


def test_an_image_for_another_processor_is_refused(service: ContainerService) -> None:
    other = "ARM64" if containers.require_engine().processor == "amd64" else "X86_64"
    task = service.run_to_end("serve", architecture=other)

    assert "image Manifest does not contain descriptor matching platform" in task["stoppedReason"]


def test_injected_faults_work_on_containers_of_any_image(service: ContainerService) -> None:
    control(service.server, "POST", "faults", {"kind": "answers_500", "pattern": service.image})
    try:
        wait_for(lambda: get(service.address())[0] == 500)
    finally:
        control(service.server, "DELETE", "faults")
    wait_for(lambda: get(service.address())[0] == 200)


def test_a_container_can_be_ordered_to_exit(service: ContainerService) -> None:
    control(service.server, "POST", "faults", {"kind": "out_of_memory", "pattern": service.image})
    try:
        task = service.run_to_end("serve")
    finally:
        control(service.server, "DELETE", "faults")
    assert service.exit_code(task) == 137
    assert service.container(task)["reason"].startswith("OutOfMemoryError")
    wait_for(lambda: get(service.address())[0] == 200)


def test_a_task_that_is_stopped_ends_in_good_order(service: ContainerService) -> None:
    arn = service.start("serve")
    service.wait_for_status(arn, "RUNNING")
    wait_for(lambda: any(f"/{arn.rpartition('/')[2]}" in stream for stream in service.streams("listening")))

    service.ecs.stop_task(cluster=service.name, task=arn)

    task = service.wait_for_status(arn, "STOPPED")
    assert task["stopCode"] == "UserInitiated"
    assert service.exit_code(task) == 0
    wait_for(lambda: any(f"/{arn.rpartition('/')[2]}" in stream for stream in service.streams("in good order")))


def test_nothing_of_a_task_listens_for_other_machines(service: ContainerService, engine: Engine) -> None:
    names = engine.call("ps", "--format", "{{.Names}} {{.Ports}}").splitlines()
    published = [line for line in names if line.startswith("hannibal-") and "->" in line]

    assert published
    assert all(place.startswith("127.0.0.1:") for line in published for place in line.split()[1:] if "->" in place)


def test_a_container_injects_no_faults_and_deletes_no_state(service: ContainerService, engine: Engine) -> None:
    _, container = find_container(service.server.endpoint, "api", service.running_task()["taskArn"])
    asking = (
        "import sys, urllib.request as u; signed = {'Authorization': 'AWS4-HMAC-SHA256 x'}; "
        "print(u.urlopen(u.Request(sys.argv[2], method=sys.argv[1], headers=signed)).status)"
    )

    def ask(method: str, path: str) -> str:
        said = engine.run("exec", container, "python3", "-c", asking, method, service.server.endpoint + path)
        return (said.stdout + said.stderr).decode().strip()

    assert ask("GET", "/_ministack/rds/ca.pem") == "200"
    assert ask("POST", "/_ministack/reset").endswith("HTTP Error 403: Forbidden")
    assert ask("GET", "/_hannibal/faults").endswith("HTTP Error 403: Forbidden")
    assert service.tasks(), "nothing was deleted"


def test_an_image_is_built_and_registered_without_leaving_the_machine(
    service: ContainerService, engine: Engine, tmp_path: Path
) -> None:
    server, sources = service.server, containers.copy_app(tmp_path)
    tag = f"one-{uuid.uuid4().hex[:8]}"  # an engine's images are those of the whole machine
    server.session().client("ecr").create_repository(repositoryName="nestjs-hannibal-3")

    def build(*options: str) -> "subprocess.CompletedProcess[str]":
        command = ["hannibal", "image", "build", "--source", str(sources), "--tag", tag, "--json", *options]
        return subprocess.run(command, env=server.environment, capture_output=True, text=True, check=False)

    first, second = build(), build()

    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    built, again = json.loads(first.stdout), json.loads(second.stdout)
    assert (built["existed"], again["existed"]) == (False, True)
    assert built["image"] == again["image"]
    said = f"{tag} is in the repository: nothing was built. Changed sources need another --tag."
    assert (said in first.stderr, said in second.stderr) == (False, True)
    assert service.run("exit", "5", image=built["image"]) == 5, "the task runs it by its digest"

    untag = ("untag",) if engine.name == "podman" else ("rmi", "--force")
    engine.call(*untag, f"{built['image'].partition('@')[0]}:{tag}")
    lost = build()
    assert lost.returncode == ExitCode.FAILED
    assert "Give another tag" in lost.stderr
    (sources / "Dockerfile").write_text("FROM docker.io/library/python:3-slim\nRUN exit 9\n")
    failed = build("--tag", "two")
    assert failed.returncode == ExitCode.FAILED
    assert "build failed. It said:" in failed.stderr


def test_a_shell_opens_in_the_container(service: ContainerService, capfd: pytest.CaptureFixture[str]) -> None:
    engine, container = find_container(service.server.endpoint, "api", service.running_task()["taskArn"])

    assert open_local_shell(engine, container, "sh -c 'id -u; cat /data/note; exit 6'") == 6
    assert capfd.readouterr().out == "0\nBEGIN CERTIFICATE"


def test_what_a_killed_server_leaves_is_removed_and_others_stay(
    engine: Engine, image: str, new_embedded_aws: Any, service: ContainerService
) -> None:
    server: EmbeddedAws = new_embedded_aws("--containers", engine.name, "--clock-factor", "20")
    server.start()
    uri = containers.register(server, engine, repository="app", tag="1", image=image)
    own = ContainerService(server, "mortal", image=uri, database=False)
    first = _ids(server)
    assert _running(engine) >= first

    server.end(signal.SIGKILL)
    assert _running(engine) >= first, "nobody could end them"
    server.start()
    wait_for(lambda: len(_ids(server)) == 2 and get(own.address())[0] == 200)
    second = _ids(server)
    assert not first & _running(engine), "the next process ends what the killed one left"

    server.end(signal.SIGKILL)
    assert down(folder=server.state_folder) is None, "it did not run any more"
    assert not second & _running(engine)
    assert get(service.address())[0] == 200, "containers of another server are none of its business"


def _ids(server: EmbeddedAws) -> set[str]:
    return {str(one["id"]) for one in containers.containers(server)}


def _running(engine: Engine) -> set[str]:
    return set(engine.call("ps", "--all", "--quiet", "--no-trunc").split())


def test_without_an_engine_the_server_says_why(embedded_aws: EmbeddedAws) -> None:
    assert control(embedded_aws, "GET", "containers")["reason"] == "none was asked for"
