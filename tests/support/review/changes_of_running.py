"""Changes of the running system, and changes without an effect, as functions of the application."""

from typing import Any

from installation import names
from tests.support.review.application import Application

_HASH, _OTHER_HASH = "0" * 64, "f" * 64


def _container(app: Application) -> dict[str, Any]:
    container: dict[str, Any] = app.properties(names.COMPUTE_STACK, "Task/Definition")["ContainerDefinitions"][0]
    return container


def database_class(app: Application) -> None:
    app.properties(names.STORAGE_STACK, "Database/Instance")["DBInstanceClass"] = "db.t4g.small"


def listener_changed(app: Application) -> None:
    listener = app.properties(names.COMPUTE_STACK, "Front/LoadBalancer/Production")
    listener["DefaultActions"][0]["TargetGroupArn"] = {"Ref": app.id_of(names.COMPUTE_STACK, "Front/Green")}


def health_path_changed(app: Application) -> None:
    app.properties(names.COMPUTE_STACK, "Front/Blue")["HealthCheckPath"] = "/other"


def target_group_port_changed(app: Application) -> None:
    app.properties(names.COMPUTE_STACK, "Front/Green")["Port"] = 8080


def desired_count_changed(app: Application) -> None:
    app.properties(names.COMPUTE_STACK, "Service/Service/Service")["DesiredCount"] = 3


def image_fixed(app: Application) -> None:
    _container(app)["Image"] = "public.ecr.aws/nginx/nginx:1.29"


def environment_changed(app: Application) -> None:
    _container(app)["Environment"].append({"Name": "FEATURE", "Value": "on"})


def container_privileged(app: Application) -> None:
    _container(app)["Privileged"] = True


def one_tag_changed(app: Application) -> None:
    app.properties(names.ARTIFACT_STACK, "Frontend")["Tags"].append({"Key": "Owner", "Value": "web"})


def every_tag_changed(app: Application) -> None:
    for resource in app.everywhere():
        if isinstance(tags := resource.get("Properties", {}).get("Tags"), list):
            tags.append({"Key": "CostCentre", "Value": "7"})


def upgraded_cdk(app: Application) -> None:
    """Differences by another version of CDK: metadata, its bootstrap rule, orders of lists."""
    for stack, template in app.templates.items():
        for logical_id, resource in app.resources(stack).items():
            resource.setdefault("Metadata", {})["aws:cdk:path"] = f"{stack}/{logical_id}/Resource"
            if isinstance(resource.get("DependsOn"), list):
                resource["DependsOn"].reverse()
        app.add(stack, "CDKMetadata", "AWS::CDK::Metadata", {"Analytics": "v2:deflate64:H4sIAAAA"})
        if stack not in names.ADMINISTRATOR_STACKS:  # they do not need the CDK's bootstrap
            template["Parameters"]["BootstrapVersion"]["Description"] = "Another text"
            template["Rules"]["CheckBootstrapVersion"]["Assertions"][0]["AssertDescription"] = "Another version"


def asset_hash_before(app: Application) -> None:
    _asset(app, _HASH)


def asset_hash_after(app: Application) -> None:
    _asset(app, _OTHER_HASH)


def _asset(app: Application, digest: str) -> None:
    code = {"S3Bucket": "cdk-hnb659fds-assets-123456789012-ap-northeast-1", "S3Key": f"{digest}.zip"}
    app.properties(names.ARTIFACT_STACK, "Release/Handler/Function")["Code"] = code


def handler_code_changed(app: Application) -> None:
    app.properties(names.ARTIFACT_STACK, "Release/Handler/Function")["Code"]["ZipFile"] += "\nANOTHER = 1\n"


def stack_described_otherwise(app: Application) -> None:
    app.templates[names.NETWORK_STACK]["Description"] = "Another text"


def nothing(app: Application) -> None:
    """No change."""
