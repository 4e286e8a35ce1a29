"""What ECS says about a stopped task, in AWS's words, and what that is taken for."""

import pytest

from installation.settings import Settings
from ops.doctor.causes import CATALOGUE, cause_of, cause_of_log, filled, printed_cause
from ops.service.ecs_service import StoppedTask, is_failure
from tests.support.fakes import NOW

INIT = "ResourceInitializationError: unable to pull secrets or registry auth: "
LOGGER = (
    "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to "
    "create Cloudwatch log stream: "
)
SECRET = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:Url-AbCdEf"


def stopped(
    reason: str, *, container: str = "", exit_code: int | None = None, code: str = "TaskFailedToStart"
) -> StoppedTask:
    return StoppedTask(
        task_id="0123456789abcdef",
        task_set="ecs-svc/1",
        revision="task:7",
        image="repo/api:7",
        stopped=NOW,
        code=code,
        reason=reason,
        container_reason=container,
        exit_code=exit_code,
    )


@pytest.mark.parametrize(
    ("task", "cause"),
    [
        (
            stopped("CannotPullContainerError: pull image manifest has been retried 5 time(s): repo/api:7: not found"),
            "image-not-found",
        ),
        (stopped("CannotPullContainerError: dial tcp 52.1.1.1:443: i/o timeout"), "no-egress"),
        # Without the words of whatever failed below it.
        (
            stopped(
                f"{INIT}The task cannot pull registry auth from Amazon ECR: There is a connection issue between the "
                "task and Amazon ECR. Check your task network configuration."
            ),
            "no-egress",
        ),
        (
            stopped(
                "ResourceInitializationError: failed to validate logger args: The task cannot find the Amazon "
                "CloudWatch log group defined in the task definition. There is a connection issue between the task and "
                "Amazon CloudWatch. Check your network configuration. signal: killed"
            ),
            "no-egress",
        ),
        (
            stopped(
                f"{INIT}execution resource retrieval failed: unable to retrieve ecr registry auth: service call has "
                "been retried 1 time(s): operation error ECR: GetAuthorizationToken, https response error StatusCode: "
                "400, api error AccessDeniedException: User is not authorized to perform: ecr:GetAuthorizationToken on "
                "resource: *"
            ),
            "image-denied",
        ),
        (
            stopped(
                f"{INIT}execution resource retrieval failed: unable to retrieve secrets from ssm: service call has "
                "been retried 1 time(s): AccessDeniedException: User is not authorized to perform: ssm:GetParameters"
            ),
            "database-url-denied",
        ),
        (
            stopped(
                f"{INIT}execution resource retrieval failed: unable to retrieve secrets from ssm: service call has "
                "been retried 1 time(s): invalid ssm parameters: /nestjs-hannibal-3/secret"
            ),
            "database-url-missing",
        ),
        (stopped("CannotPullContainerError: pull access denied for repo/api"), "image-denied"),
        (
            stopped("CannotPullContainerError: toomanyrequests: You have reached your pull rate limit"),
            "image-rate-limited",
        ),
        (
            stopped(
                "CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/arm64'"
            ),
            "wrong-processor",
        ),
        (
            stopped(
                f"{INIT}execution resource retrieval failed: unable to retrieve secret from asm: service call has been "
                "retried 5 time(s): failed to fetch secret from secrets manager: RequestCanceled: request context "
                "canceled caused by: context deadline exceeded"
            ),
            "no-egress",
        ),
        (
            stopped(
                f"{INIT}unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch "
                f"secret {SECRET} from secrets manager: AccessDeniedException: User is not authorized"
            ),
            "database-url-denied",
        ),
        (
            stopped(
                f"{INIT}unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch "
                f"secret {SECRET} from secrets manager: ResourceNotFoundException: can't find the specified secret."
            ),
            "database-url-missing",
        ),
        (
            stopped(f"{INIT}retrieved secret from Secrets Manager did not contain json key url"),
            "database-url-missing",
        ),
        (
            stopped(
                "Essential container in task exited",
                container="OutOfMemoryError: Container killed due to memory usage",
                exit_code=137,
            ),
            "out-of-memory",
        ),
        (stopped(f"{LOGGER}ResourceNotFoundException: The specified log group does not exist."), "logs-missing"),
        (
            stopped(
                f"{LOGGER}operation error CloudWatch Logs: CreateLogStream, https response error StatusCode: 400, "
                "ResourceNotFoundException: The specified log group does not exist."
            ),
            "logs-missing",
        ),
        (
            stopped(f"{LOGGER}AccessDeniedException: User is not authorized to perform: logs:CreateLogStream"),
            "logs-denied",
        ),
        (stopped("Task failed ELB health checks in (target-group arn:aws:blue)", exit_code=143), "unhealthy"),
        (stopped("Task failed container health checks"), "unhealthy"),
        # A container that does not end at SIGTERM is killed when its task is stopped, with the exit code of memory.
        (stopped("Task failed ELB health checks in (target-group arn:aws:blue)", exit_code=137), "unhealthy"),
        (stopped("Task failed container health checks", exit_code=137), "unhealthy"),
        (stopped("Your Spot Task was interrupted.", exit_code=137, code="SpotInterruption"), "spot-interrupted"),
        (stopped("Essential container in task exited", exit_code=137), "out-of-memory"),
        (stopped("Essential container in task exited", exit_code=0), "container-ends"),
        (stopped("Essential container in task exited", container="proxy ended with 1", exit_code=0), "sidecar-ends"),
        (stopped("Essential container in task exited", container="CannotStartContainerError: x"), "container-exits"),
        (stopped("Essential container in task exited", exit_code=1), "container-exits"),
        (stopped("Your Spot Task was interrupted.", code="SpotInterruption"), "spot-interrupted"),
        (stopped("Timeout waiting for network interface provisioning to complete."), "task-stops"),
    ],
)
def test_messages_of_ecs_and_their_cause(task: StoppedTask, cause: str) -> None:
    assert cause_of(task).name == cause
    assert is_failure(task)


@pytest.mark.parametrize(
    "task",
    [
        stopped("Scaling activity initiated by (taskSet ecs-svc/1)", code="ServiceSchedulerInitiated"),
        stopped("Task stopped by somebody", code="UserInitiated"),
        # AWS retires what a task of Fargate runs on, and ECS starts another.
        stopped(
            "Service api: ECS is performing maintenance on the underlying infrastructure hosting the task",
            exit_code=137,
            code="ServiceSchedulerInitiated",
        ),
    ],
)
def test_an_end_that_was_wanted_is_no_failure(task: StoppedTask) -> None:
    assert not is_failure(task)


def test_every_cause_can_be_filled(settings: Settings) -> None:
    task = stopped("Essential container in task exited", exit_code=1)
    missing = printed_cause("API_KEY is not set")
    assert missing
    for cause in (*CATALOGUE.stopped, CATALOGUE.secret_withdrawn, CATALOGUE.unknown, *CATALOGUE.printed, missing):
        made = filled(cause, task, settings)
        for text in (made.summary, *(remediation.what + remediation.command for remediation in made.remediations)):
            assert "{" not in text
        assert made.remediations


@pytest.mark.parametrize(("kind", "advice"), [("ELB", "all addresses"), ("container", "a command of the image")])
def test_which_health_check_failed_decides_the_advice(kind: str, advice: str) -> None:
    cause = cause_of(stopped(f"Task failed {kind} health checks"))
    assert any(advice in remediation.what for remediation in cause.remediations)


def test_memory_grows_to_the_next_size_that_fargate_has(settings: Settings) -> None:
    made = filled(cause_of(stopped("", exit_code=137)), None, settings)
    assert "more than its 512 MiB" in made.summary
    assert any("memory_mib to 1024" in remediation.what for remediation in made.remediations)


def test_the_secret_that_ecs_names_is_the_one_to_restore(settings: Settings) -> None:
    task = stopped(
        f"{INIT}unable to retrieve secret from asm: failed to fetch secret {SECRET} from secrets manager: no"
    )
    assert filled(cause_of(task), task, settings).remediations[0].command.endswith(f"--secret-id {SECRET}")


def test_some_causes_stand_in_the_log_only(settings: Settings) -> None:
    exits = cause_of(stopped("Essential container in task exited", exit_code=1))
    assert cause_of_log(exits, ["exec /usr/bin/node: exec format error"]).name == "wrong-processor"
    assert cause_of_log(exits, ["[FATAL tini (7)] exec /server failed: Exec format error"]).name == "wrong-processor"
    for line in ("exec /app/start.sh: exec format error", "[FATAL tini (7)] exec /start.sh failed: Exec format error"):
        assert cause_of_log(exits, [line]).name == "wrong-processor", "that of its interpreter, or it names none"
    made = filled(cause_of_log(exits, ["error: password authentication failed for user"]), None, settings)
    assert made.name == "container-exits"
    assert made.remediations[0].command == "hannibal doctor database --env dev"
    assert cause_of_log(exits, ["bye"]) == exits


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("Error: listen EACCES: permission denied 0.0.0.0:80", "port-denied"),
        ("nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)", "port-denied"),
        ("httpd: bind: Permission denied", "port-denied"),
        ("listen tcp :80: bind: permission denied", "port-denied"),
        ("self.socket.bind(self.server_address)\nPermissionError: [Errno 13] Permission denied", "port-denied"),
        ("[FATAL tini (7)] exec /app/start.sh failed: No such file or directory", "command-unusable"),
        ("ERROR (catatonit:6): failed to exec pid1: Permission denied", "command-unusable"),
        ("exec /docker-entrypoint.sh: no such file or directory", "command-unusable"),
        ("/bin/sh: exec: line 1: pnpm: not found", "command-unusable"),
        ("Error: EROFS: read-only file system, open '/app/cache.json'", "read-only-root"),
        ("OSError: [Errno 30] Read-only file system: '/app/cache'", "read-only-root"),
        ("/app/libx.so: failed to map segment from shared object: Operation not permitted", "read-only-root"),
        ("Error: unable to verify the first certificate", "tls-unverified"),
        ("Error: self-signed certificate in certificate chain", "tls-unverified"),
        ('FATAL: root certificate file "/root/.postgresql/root.crt" does not exist', "tls-unverified"),
        ("SSL error: certificate verify failed", "tls-unverified"),
        ("PKIX path building failed: unable to find valid certification path to requested target", "tls-unverified"),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", "tls-unverified"),
        (
            'no pg_hba.conf entry for host "10.0.1.2", user "hannibal", database "postgres", no encryption',
            "tls-not-used",
        ),
        ('QueryFailedError: relation "routes" does not exist', "schema-missing"),
        (r'{"level":"error","message":"relation \"routes\" does not exist"}', "schema-missing"),
        ('error: column "kilometres" of relation "routes" does not exist', "schema-missing"),
        ("migrations are pending: run `node dist/migrate.js` with this image first", "schema-missing"),
        ("The table `public.User` does not exist in the current database.", "schema-missing"),
        ("Error: Not allowed by CORS", "cors-refused"),
        ("origin https://d1.cloudfront.net is not CLIENT_URL https://x.example", "cors-refused"),
        ("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", "heap-exhausted"),
        ('{"level":"fatal","message":"CLIENT_URL is not set"}', "variable-missing"),
        ("Missing required environment variable: STRIPE_KEY", "variable-missing"),
        ("KeyError: environment variable 'API_TOKEN' must be set", "variable-missing"),
        ('Config validation error: "JWT_SECRET" is required', "variable-missing"),
        ("KeyError: 'STRIPE_KEY'", "variable-missing"),
        ('TypeError: Configuration key "JWT_SECRET" does not exist', "variable-missing"),
        ("error: Environment variable not found: DIRECT_URL.", "variable-missing"),
        ("Could not resolve placeholder 'MAIL_HOST' in value \"${MAIL_HOST}\"", "variable-missing"),
        ('key not found: "SECRET_KEY_BASE" (KeyError)', "variable-missing"),
        # Words of the patterns above, about something else.
        ("const x = fn.bind(this)\nError: EACCES: permission denied, open '/app/log.txt'", "container-exits"),
        ("create_all(bind=engine)\npermission denied for schema public", "container-exits"),
        ('panic: exec: "psql": executable file not found in $PATH', "container-exits"),
        ('could not exec migration: relation "users" not found', "container-exits"),
        ("Using placeholder image for PRODUCT_42", "container-exits"),
    ],
)
def test_what_applications_print_and_its_cause(line: str, cause: str) -> None:
    exits = cause_of(stopped("Essential container in task exited", exit_code=1))
    assert cause_of_log(exits, ["starting", line, "bye"]).name == cause


@pytest.mark.parametrize(
    "line",
    [
        "Nest application successfully started",
        "GET /routes 200, required 3 ms",
        "TLS certificate loaded",
        "PORT is 3000",
        "CLIENT_URL is set to https://page.example",
        "NODE_ENV is production",
        "SELECT executed: 3 rows",
        "cannot exec in a stopped container",
        "schema is up to date: nothing to migrate",
        "CORS enabled for https://page.example",
        'database system is ready; role "x" exists',
    ],
)
def test_lines_that_say_nothing_wrong(line: str) -> None:
    assert printed_cause(line) is None


def test_the_variable_that_is_missing_is_named(settings: Settings) -> None:
    found = printed_cause("error: DB_SSLROOTCERT was not set")
    assert found
    made = filled(found, None, settings)
    assert "DB_SSLROOTCERT" in made.summary
    assert "service.environment.DB_SSLROOTCERT" in made.remediations[0].what
