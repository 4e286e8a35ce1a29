"""An account in memory with a running month."""

from datetime import timedelta

from tests.support.fakes import NOW, FakeAccount


def running(account: FakeAccount) -> FakeAccount:
    """Add a complete, healthy month to an account."""
    account.add_month()
    account.services = [
        {
            "status": "ACTIVE",
            "desiredCount": 1,
            "runningCount": 1,
            "pendingCount": 0,
            "taskSets": [
                {
                    "status": "PRIMARY",
                    "taskDefinition": "arn:aws:ecs:r:1:task-definition/nestjs-hannibal-3-api-task:7",
                    "runningCount": 1,
                    "computedDesiredCount": 1,
                }
            ],
        }
    ]
    account.tasks = [
        {
            "taskArn": "arn:aws:ecs:r:1:task/nestjs-hannibal-3-cluster/0123456789abcdef",
            "group": "service:nestjs-hannibal-3-api-service",
            "containers": [{"name": "log-router", "image": "fluent"}, {"name": "api", "image": "repo/api:1"}],
            "lastStatus": "RUNNING",
            "healthStatus": "HEALTHY",
            "startedAt": NOW - timedelta(hours=2),
            "availabilityZone": "ap-northeast-1a",
        }
    ]
    account.target_groups = {"nestjs-hannibal-3-blue": [{"State": "healthy"}], "nestjs-hannibal-3-green": []}
    account.listeners = [
        {"Port": 80, "DefaultActions": [{"Type": "forward", "TargetGroupArn": "nestjs-hannibal-3-blue"}]}
    ]
    account.database = {
        "DBInstanceStatus": "available",
        "DBInstanceClass": "db.t4g.micro",
        "Engine": "postgres",
        "EngineVersion": "18.3",
        "Endpoint": {"Address": "db.example", "Port": 5432},
    }
    account.parameters["/hannibal/release/current"] = "repo/api:1"
    account.alarms = [{"AlarmName": "nestjs-hannibal-3-cpu", "StateValue": "OK"}]
    return account
