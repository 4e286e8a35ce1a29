"""The small application of ``tests/support/python_app`` as a service with a database, in real containers."""

import json
from typing import Any

from urllib3.exceptions import HTTPError

from tests.support.embedded.running_service import PORT, RunningService, control, get
from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import wait_for

# A public image, replaced by the machine's own tools, as no registry can be reached here.
_INIT_IMAGE = "registry.invalid/busybox:1"
_WRITE_FILES = 'printf %s "$NOTE" > /data/note && printf %s "$CA" > /data/ca.pem && chmod 644 /data/*'
_TOKEN = "/app/token"
_PASSWORD = "correct-horse-1"
_PROCESSORS = {"amd64": "X86_64", "arm64": "ARM64"}


class ContainerService(RunningService):
    """The application's service, and one-off tasks of the same task definition."""

    unhealthy_after = 10  # on a busy machine, a container may fail two checks, and its task would be replaced

    def __init__(self, server: EmbeddedAws, name: str, *, image: str, database: bool = True) -> None:
        self.image = image
        self.server = server
        from tests.support.embedded.containers import require_engine

        self._architecture = _PROCESSORS[require_engine().processor]
        self.database_url = self._create_database(name) if database else ""
        ssm = server.session().client("ssm")
        ssm.put_parameter(Name=_TOKEN, Value="token = $1", Type="SecureString", Overwrite=True)
        super().__init__(server, name, image=image)
        wait_for(lambda: len(self.tasks()) == 1)
        wait_for(self._answers)

    def _answers(self) -> bool:
        try:
            return get(self.address("/health"))[0] == 200
        except HTTPError:
            return False

    def _create_database(self, name: str) -> str:
        session = self.server.session()
        rds = session.client("rds")
        rds.create_db_instance(
            DBInstanceIdentifier=name,
            Engine="postgres",
            DBInstanceClass="db.t4g.micro",
            AllocatedStorage=20,
            MasterUsername="app",
            MasterUserPassword=_PASSWORD,
        )
        described: Any = {}

        def available() -> bool:
            described.update(rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0])
            return bool(described["DBInstanceStatus"] == "available")

        wait_for(available)
        endpoint = described["Endpoint"]
        place = f"{endpoint['Address']}:{endpoint['Port']}/postgres"
        return f"postgresql://app:{_PASSWORD}@{place}?sslmode=verify-full&sslrootcert=/data/ca.pem"

    def definition_request(self, image: str, **changed: Any) -> dict[str, Any]:
        authority = get(f"{self.server.endpoint}/_ministack/rds/ca.pem")[1].decode()
        variables = {
            "PORT": str(PORT),
            "GREETING": "hello = world # ok",
            "SEVERAL_LINES": "one\ntwo",
            "HOME": "/somewhere",
            "DATABASE_URL": self.database_url,
        }
        files = {
            "name": "files",
            "image": _INIT_IMAGE,
            "essential": False,
            "entryPoint": ["sh", "-c"],
            "command": [changed.pop("files_command", _WRITE_FILES)],
            "environment": _pairs({"NOTE": "BEGIN CERTIFICATE", "CA": authority}),
            "mountPoints": [{"sourceVolume": "shared", "containerPath": "/data"}],
            "logConfiguration": self._logs(),
        }
        service = {
            "name": "api",
            "image": image,
            "essential": True,
            "portMappings": [{"containerPort": PORT}],
            "environment": _pairs(variables),
            "secrets": [{"name": "TOKEN", "valueFrom": _TOKEN}],
            "user": "1000",
            "readonlyRootFilesystem": True,
            "linuxParameters": {
                "initProcessEnabled": True,
                "capabilities": {"drop": ["ALL"]},
                "tmpfs": [{"containerPath": "/tmp", "size": 16, "mountOptions": ["nosuid", "nodev"]}],  # noqa: S108
            },
            "mountPoints": [{"sourceVolume": "shared", "containerPath": "/data"}],
            "dependsOn": [{"containerName": "files", "condition": "SUCCESS"}],
            # On a busy machine, an engine may take more than five seconds for a command, more than three times in a
            # row.
            "healthCheck": {
                "command": ["CMD-SHELL", "test -e /app/app.py"],
                "interval": 40,
                "timeout": 120,
                "retries": 10,
                "startPeriod": 60,
            },
            "logConfiguration": self._logs(),
            **{key: value for key, value in changed.items() if value is not None},
        }
        request = super().definition_request(image)
        return request | {
            "taskRoleArn": "arn:aws:iam::000000000000:role/app-task",
            "runtimePlatform": {"cpuArchitecture": self._architecture, "operatingSystemFamily": "LINUX"},
            "volumes": [{"name": "shared"}],
            "containerDefinitions": [service, files],
        }

    def service_request(self, *, desired_count: int = 1) -> dict[str, Any]:
        return super().service_request(desired_count=desired_count) | {"healthCheckGracePeriodSeconds": 600}

    def _logs(self) -> dict[str, Any]:
        options = {
            "awslogs-group": f"/ecs/{self.name}",
            "awslogs-region": "ap-northeast-1",
            "awslogs-stream-prefix": "ecs",
            "mode": "non-blocking",
            "max-buffer-size": "4m",
        }
        return {"logDriver": "awslogs", "options": options}

    def address(self, path: str = "/") -> str:
        return self.url().rstrip("/") + path

    def running_task(self) -> Any:
        """A task of the service with a running container."""

        def found() -> Any:
            engine = control(self.server, "GET", "containers")
            running = {it["task"] for it in engine["containers"] if it["name"] == "api" and it["exit_code"] is None}
            return next((task for task in self.tasks() if task["taskArn"] in running), None)

        return wait_for(found)

    def streams(self, text: str) -> list[str]:
        """Log streams that contain a text."""
        events = self.logs.filter_log_events(logGroupName=f"/ecs/{self.name}")["events"]
        return [event["logStreamName"] for event in events if text in event["message"]]

    def put_manifest(self, tag: str, manifest: dict[str, Any]) -> str:
        repository = self.image.partition("/")[2].partition(":")[0]
        ecr = self.server.session().client("ecr")
        ecr.put_image(repositoryName=repository, imageManifest=json.dumps(manifest), imageTag=tag)
        return f"{self.image.rpartition(':')[0]}:{tag}"

    def start(
        self,
        *command: str,
        environment: dict[str, str] | None = None,
        architecture: str | None = None,
        entry_point: list[str] | None = None,
        **changed: Any,
    ) -> str:
        """Run a one-off task and return its ARN; changes need a new task definition."""
        definition = self.name
        if architecture or entry_point or changed:
            image = changed.pop("image", self.image)
            request = self.definition_request(image, entryPoint=entry_point, **changed)
            if architecture:
                request["runtimePlatform"]["cpuArchitecture"] = architecture
            request["family"] = f"{self.name}-once"
            definition = self.ecs.register_task_definition(**request)["taskDefinition"]["taskDefinitionArn"]
        override = {"name": "api", "command": list(command), "environment": _pairs(environment or {})}
        started = self.ecs.run_task(
            cluster=self.name,
            taskDefinition=definition,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": self.subnets}},
            overrides={"containerOverrides": [override]},
        )
        arn: str = started["tasks"][0]["taskArn"]
        return arn

    def wait_for_status(self, arn: str, status: str) -> Any:
        found: dict[str, Any] = {}

        def reached() -> bool:
            found.update(self.ecs.describe_tasks(cluster=self.name, tasks=[arn])["tasks"][0])
            return bool(found["lastStatus"] == status)

        wait_for(reached)
        return found

    def run_to_end(self, *command: str, **options: Any) -> Any:
        return self.wait_for_status(self.start(*command, **options), "STOPPED")

    def run(self, *command: str, **options: Any) -> int:
        """Run a one-off task and return the exit code of the application."""
        return self.exit_code(self.run_to_end(*command, **options))

    @staticmethod
    def container(task: Any) -> Any:
        return next(one for one in task["containers"] if one["name"] == "api")

    def exit_code(self, task: Any) -> int:
        code: int = self.container(task)["exitCode"]
        return code


def _pairs(variables: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in variables.items()]
