"""Clients of a running system: networks, tasks, target groups, metrics, log lines, and subscribers of alarms."""

from typing import Any

from tests.support.fake_clients import FakeClient, NotFoundError


class FakeEc2(FakeClient):
    def describe_managed_prefix_lists(self, Filters: Any) -> Any:  # noqa: N803 - boto3's name
        assert Filters[0]["Name"] == "prefix-list-name"
        prefix_list = self.account.cloudfront_prefix_list
        return {
            "PrefixLists": [{"PrefixListId": prefix_list, "PrefixListName": Filters[0]["Values"][0]}]
            if prefix_list
            else []
        }


class FakeEcs(FakeClient):
    def stop_task(self, cluster: str, task: str, reason: str) -> None:
        self.account.changed.append(f"stop {task} in {cluster}: {reason}")
        self.account.tasks = [each for each in self.account.tasks if each["taskArn"] != task]

    def describe_services(self, **_: Any) -> Any:
        return {"services": self.account.services}

    def list_tasks(self, **_: Any) -> Any:
        return {"taskArns": [task["taskArn"] for task in self.account.tasks]}

    def describe_tasks(self, tasks: list[str], **_: Any) -> Any:
        assert len(tasks) <= 100, "ECS API reference, DescribeTasks"
        return {"tasks": [task for task in self.account.tasks if task["taskArn"] in tasks]}

    def describe_task_definition(self, taskDefinition: str) -> Any:  # noqa: N803
        return {"taskDefinition": {"taskDefinitionArn": taskDefinition, "containerDefinitions": []}}


class FakeElb(FakeClient):
    def describe_load_balancers(self, **_: Any) -> Any:
        if not self.account.target_groups:
            raise NotFoundError
        return {"LoadBalancers": [{"LoadBalancerArn": "alb"}]}

    def describe_target_groups(self) -> Any:
        groups = self.account.target_groups
        return {"TargetGroups": [{"TargetGroupName": name, "TargetGroupArn": name} for name in groups]}

    def describe_listeners(self, **_: Any) -> Any:
        return {"Listeners": self.account.listeners}

    def describe_rules(self, **_: Any) -> Any:
        return {"Rules": []}

    def describe_target_health(self, TargetGroupArn: str) -> Any:  # noqa: N803
        states = self.account.target_groups[TargetGroupArn]
        return {"TargetHealthDescriptions": [{"TargetHealth": state} for state in states]}


class FakeCloudWatch(FakeClient):
    def describe_alarms(self, AlarmNamePrefix: str = "", AlarmNames: tuple[str, ...] = (), **_: Any) -> Any:  # noqa: N803
        if AlarmNames:
            return {"MetricAlarms": [it for it in self.account.alarms if it["AlarmName"] in AlarmNames]}
        if AlarmNamePrefix.endswith("-security-"):
            return {"MetricAlarms": self.account.safeguards.alarms}
        return {"MetricAlarms": self.account.alarms}

    def get_metric_data(self, **_: Any) -> Any:
        return {"MetricDataResults": self.account.metric_data}

    def get_metric_statistics(self, **_: Any) -> Any:
        return {"Datapoints": self.account.datapoints}


class FakeLogs(FakeClient):
    def describe_metric_filters(self, logGroupName: str) -> Any:  # noqa: N803
        return {"metricFilters": [{"filterName": name} for name in self.account.safeguards.filters]}

    def describe_log_groups(self, logGroupNamePrefix: str = "") -> Any:  # noqa: N803
        if logGroupNamePrefix.startswith("/cloudtrail/"):
            return {"logGroups": [{"logGroupName": name} for name in self.account.safeguards.log_groups]}
        groups = [{"logGroupName": name, "storedBytes": 3_000_000_000} for name in self.account.log_groups]
        return {"logGroups": [group for group in groups if str(group["logGroupName"]).startswith(logGroupNamePrefix)]}


class FakeSns(FakeClient):
    def list_subscriptions_by_topic(self, TopicArn: str) -> Any:  # noqa: N803
        own = TopicArn.endswith("-alerts")
        return {"Subscriptions": [{"TopicArn": TopicArn, **each} for each in self.account.subscriptions if own]}

    def publish(self, TopicArn: str, Subject: str, Message: str) -> Any:  # noqa: N803
        assert TopicArn.endswith("-alerts")
        assert Message
        self.account.changed.append(f"published {Subject}")
        return {"MessageId": "m-1"}
