"""How requests come in."""

import json

from installation.names import ORIGIN_HEADER
from tests.support.compute_stack import Resource, Variant, dev, every_variant, secured

LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"


def attributes(properties: Resource, key: str) -> dict[str, object]:
    return {item["Key"]: item["Value"] for item in properties[key]}


def test_the_load_balancer_refuses_what_could_be_read_in_two_ways_and_keeps_access_logs() -> None:
    load_balancer = dev().properties(LOAD_BALANCER)
    found = attributes(load_balancer, "LoadBalancerAttributes")
    assert found["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert found["routing.http.desync_mitigation_mode"] == "strictest"
    assert found["access_logs.s3.enabled"] == "true"
    assert "LoadBalancerLogs" in json.dumps(found["access_logs.s3.bucket"])
    assert found["idle_timeout.timeout_seconds"] == str(dev().settings.load_balancer.idle_timeout_seconds)
    assert load_balancer["Name"] == dev().names.load_balancer
    assert load_balancer["Scheme"] == "internet-facing"
    assert json.dumps(load_balancer["Subnets"]).count("publicSubnet") == 2


def test_the_month_can_end_by_plain_destroy() -> None:
    found = attributes(dev().properties(LOAD_BALANCER), "LoadBalancerAttributes")
    assert found["deletion_protection.enabled"] == "false"


@every_variant
def test_both_listeners_begin_at_blue(variant: Variant) -> None:
    compute = variant()
    blue, _ = compute.one(TARGET_GROUP, Name=compute.names.blue_target_group)
    forwards = [
        listener["Properties"]["DefaultActions"]
        for listener in compute.of_type(LISTENER).values()
        if listener["Properties"]["DefaultActions"][0]["Type"] == "forward"
    ]
    green, _ = compute.one(TARGET_GROUP, Name=compute.names.green_target_group)
    assert forwards == [[both(blue, green)], [{"Type": "forward", "TargetGroupArn": {"Ref": blue}}]]


def both(blue: str, green: str) -> Resource:
    weights = [{"TargetGroupArn": {"Ref": group}, "Weight": weight} for group, weight in ((blue, 100), (green, 0))]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}


@every_variant
def test_production_answers_who_knows_the_months_secret_and_refuses_all_others(variant: Variant) -> None:
    compute = variant()
    secret, made = compute.one("AWS::SecretsManager::Secret")
    groups = [
        compute.one(TARGET_GROUP, Name=name)[0]
        for name in (compute.names.blue_target_group, compute.names.green_target_group)
    ]
    rules = sorted((each["Properties"] for each in compute.of_type(RULE).values()), key=lambda it: it["Priority"])
    production, _ = compute.one(LISTENER, Port=443 if compute.settings.load_balancer.certificate_arn else 80)

    assert {json.dumps(rule["ListenerArn"]) for rule in rules} == {json.dumps({"Ref": production})}
    with_secret, others = rules
    (condition,) = with_secret["Conditions"]
    reference = ["{{resolve:secretsmanager:", {"Ref": secret}, ":SecretString:::}}"]
    assert condition["HttpHeaderConfig"] == {
        "HttpHeaderName": ORIGIN_HEADER,
        "Values": [{"Fn::Join": ["", reference]}],
    }
    assert with_secret["Actions"] == [both(*groups)]
    assert others["Conditions"] == [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["*"]}}]
    assert (others["Actions"][0]["Type"], others["Actions"][0]["FixedResponseConfig"]["StatusCode"]) == (
        "fixed-response",
        "403",
    )
    # Made by AWS, of characters that a rule takes as they are, and for this month: it has no name to collide with.
    assert made["Properties"]["GenerateSecretString"] == {
        "ExcludePunctuation": True,
        "ExcludeUppercase": True,
        "PasswordLength": 40,
    }
    assert "Name" not in made["Properties"]
    assert made["DeletionPolicy"] == "Delete"


@every_variant
def test_a_listener_that_a_release_moved_goes_before_the_group_it_uses(variant: Variant) -> None:
    compute = variant()
    green, _ = compute.one(TARGET_GROUP, Name=compute.names.green_target_group)
    listeners = compute.of_type(LISTENER).values()
    forwarding = [it for it in listeners if it["Properties"]["DefaultActions"][0]["Type"] == "forward"]
    assert len(forwarding) == 2  # of production and of the test
    assert all(green in listener["DependsOn"] for listener in forwarding)


def test_without_a_certificate_production_and_test_speak_http() -> None:
    ports = {item["Properties"]["Port"]: item["Properties"] for item in dev().of_type(LISTENER).values()}
    assert set(ports) == {80, dev().settings.load_balancer.test_port}
    assert {listener["Protocol"] for listener in ports.values()} == {"HTTP"}


def test_with_a_certificate_both_speak_tls_from_1_2_on_and_http_redirects() -> None:
    compute = secured()
    ports = {item["Properties"]["Port"]: item["Properties"] for item in compute.of_type(LISTENER).values()}
    test_port = compute.settings.load_balancer.test_port
    assert set(ports) == {80, 443, test_port}
    for port in (443, test_port):
        assert ports[port]["Protocol"] == "HTTPS"
        assert ports[port]["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
        assert ports[port]["Certificates"] == [
            {"CertificateArn": compute.settings.load_balancer.certificate_arn},
        ]
    (redirect,) = ports[80]["DefaultActions"]
    assert redirect["Type"] == "redirect"
    assert redirect["RedirectConfig"] == {"Port": "443", "Protocol": "HTTPS", "StatusCode": "HTTP_301"}


def test_blue_and_green_differ_in_name_only() -> None:
    blue = dev().properties(TARGET_GROUP, Name=dev().names.blue_target_group)
    green = dev().properties(TARGET_GROUP, Name=dev().names.green_target_group)
    assert {**blue, "Name": ""} == {**green, "Name": ""}


def test_targets_are_tasks_asked_on_the_health_path() -> None:
    service = dev().settings.service
    blue = dev().properties(TARGET_GROUP, Name=dev().names.blue_target_group)
    assert (blue["TargetType"], blue["Protocol"], blue["Port"]) == ("ip", "HTTP", service.port)
    assert (blue["HealthCheckPath"], blue["Matcher"]) == (service.health_path, {"HttpCode": "200"})
    delay = attributes(blue, "TargetGroupAttributes")["deregistration_delay.timeout_seconds"]
    assert delay == str(service.deregistration_delay_seconds)


@every_variant
def test_who_may_reach_what_is_written_in_the_persistent_network_only(variant: Variant) -> None:
    for kind in ("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"):
        assert not variant().of_type(kind)
