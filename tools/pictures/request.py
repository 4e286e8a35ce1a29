"""The path of a request from the user to the database, with ports and the rules that allow it."""

import re
from typing import Final

from ops.templates.values import Map, at, items, mapping
from tools.pictures.drawing import Drawing
from tools.pictures.system import System, first, text

_WIDTH: Final = 1000
_HEIGHT: Final = 430


def draw(system: System) -> str:
    """The picture as SVG."""
    drawing = Drawing(
        _WIDTH,
        _HEIGHT,
        title="The path of a request",
        description="From the user through CloudFront and the load balancer to the task and its database.",
    )
    drawing.text(20, 34, "The path of a request", "title")
    _edge(drawing, system)
    _balancer(drawing, system)
    _tasks(drawing, system)
    _security_groups(drawing, system)
    return drawing.svg()


def _edge(drawing: Drawing, system: System) -> None:
    distribution = mapping(system.only("AWS::CloudFront::Distribution").get("DistributionConfig"))
    paths = [text(behaviour, "PathPattern") for behaviour in items(distribution.get("CacheBehaviors"))]
    drawing.card(20, 150, 92, 62, "plain", ["users", "HTTPS"])
    drawing.path([(112, 181), (152, 181)])
    versions = re.findall(r"\d(?:\.\d)?", text(distribution, "HttpVersion"))  # ``http2and3`` in usual notation
    protocols = " and ".join(f"HTTP/{number}" for number in versions)
    drawing.card(158, 120, 168, 122, "ephemeral", ["CloudFront", protocols, "security headers"])
    drawing.card(158, 318, 168, 84, "persistent", ["frontend bucket", "private; by origin access control"])
    drawing.path([(242, 242), (242, 312)])
    drawing.text(250, 282, "every other path")
    drawing.path([(326, 181), (430, 181)])
    for place, path in enumerate(paths):
        drawing.text(378, 150 + 17 * place - 17 * (len(paths) - 1), path, "mono", "middle")
    origin = next(one for one in items(distribution.get("Origins")) if at(one, "CustomOriginConfig"))
    policy = text(origin, "CustomOriginConfig", "OriginProtocolPolicy")
    drawing.text(378, 200, {"http-only": "HTTP"}.get(policy, "HTTPS"), "note", "middle")


def _balancer(drawing: Drawing, system: System) -> None:
    listeners = _listeners(system)
    drawing.card(436, 84, 172, 194, "ephemeral", ["load balancer"])
    group = first(list(system.of_type("AWS::ElasticLoadBalancingV2::TargetGroup").values()))
    for place, (role, listener) in enumerate(listeners):
        y = 122 + 78 * place
        drawing.rectangle(448, y, 148, 62, "plain")
        drawing.text(458, y + 24, f"{text(listener, 'Protocol')} {text(listener, 'Port')}", "head")
        drawing.text(458, y + 46, role)
    drawing.text(436, 300, f"asks {text(group, 'HealthCheckPath')} every {text(group, 'HealthCheckIntervalSeconds')} s")


def _listeners(system: System) -> list[tuple[str, Map]]:
    """Listeners that forward, production first; the construct's name identifies the test listener."""
    found = system.of_type("AWS::ElasticLoadBalancingV2::Listener")
    forwarding = {key: one for key, one in found.items() if text(first(one.get("DefaultActions")), "Type") == "forward"}
    test = {key: one for key, one in forwarding.items() if "Test" in key}
    return [
        *(("production", one) for key, one in forwarding.items() if key not in test),
        *(("test, for a release", one) for one in test.values()),
    ]


def _tasks(drawing: Drawing, system: System) -> None:
    service = system.only("AWS::ECS::Service")
    task = system.only("AWS::ECS::TaskDefinition")
    port = text(first(service.get("LoadBalancers")), "ContainerPort")
    size = f"{float(text(task, 'Cpu')) / 1024:g} vCPU, {text(task, 'Memory')} MiB"
    count = text(service, "DesiredCount")
    heading = f"{count} Fargate task{'' if count == '1' else 's'}"
    drawing.card(664, 112, 150, 84, "blue", [heading, size])
    drawing.card(664, 212, 150, 66, "green", ["next release", "until it serves"])
    drawing.path([(596, 153), (658, 153)])
    drawing.path([(596, 232), (658, 244)], kind="dashed")
    drawing.text(632, 142, port, "mono", "middle")
    database = system.only("AWS::RDS::DBInstance")
    drawing.path([(814, 153), (848, 153)])
    drawing.text(831, 142, text(database, "Port"), "mono", "middle")
    standby = "two zones" if database.get("MultiAZ") is True else "one zone"
    version, size = text(database, "EngineVersion"), text(database, "DBInstanceClass")
    drawing.card(854, 112, 128, 118, "ephemeral", ["PostgreSQL", version, size, f"TLS only, {standby}"])


def _security_groups(drawing: Drawing, system: System) -> None:
    way_in = list(system.of_type("AWS::EC2::SecurityGroupIngress").values())
    way_out = system.of_type("AWS::EC2::SecurityGroupEgress").values()
    open_to_all = [rule for rule in way_in if rule.get("CidrIp") == "0.0.0.0/0"]
    outside = ", ".join(text(rule, "ToPort") for rule in way_out if rule.get("CidrIp") == "0.0.0.0/0")
    prefix = next((text(rule, "SourcePrefixListId") for rule in way_in if rule.get("SourcePrefixListId")), "")
    groups = len(system.of_type("AWS::EC2::SecurityGroup"))
    drawing.rectangle(436, 328, 546, 74, "band")
    drawing.text(450, 352, f"{groups} security groups: each lets in only the one before it", "head")
    drawing.text(450, 372, f"CloudFront's list {prefix} → load balancer → service → database")
    drawing.text(
        450, 391, f"open to everybody: {len(open_to_all)} ways in; a task reaches the internet on port {outside} only"
    )
