"""Changes of the real application, each with the verdict of a senior reviewer: which risks, and no other ones."""

from collections.abc import Callable

import pytest

from ops.review.cdk_diff import CdkDiff
from ops.review.comparing import compare
from ops.review.finding import Severity
from ops.review.review import Verdict, template_findings, verdict_of
from ops.templates.assembly import Assembly
from tests.support.review import changes_of_data as data
from tests.support.review import changes_of_permissions as permissions
from tests.support.review import changes_of_running as running
from tests.support.review import changes_of_settings as settings
from tests.support.review.application import Application

Mutation = Callable[[Application], None]

RISKS: tuple[Mutation, ...] = (
    data.snapshot_policy_removed,
    data.deletion_policy_weakened,
    data.snapshot_identifier_literal,
    data.database_name_added,
    data.database_unencrypted,
    data.database_shrunk,
    settings.connections_limited,
    data.database_renamed_in_the_tree,
    data.backups_cut,
    data.bucket_for_a_month,
    data.bucket_renamed,
    data.bucket_removed,
    data.bucket_versions_stopped,
    data.secret_renamed,
    data.retention_cut,
    data.images_cut,
    data.log_group_removed,
    data.stack_made_ephemeral,
    data.stack_made_persistent,
    data.termination_protection_removed,
    data.stack_gone,
    data.output_removed_that_is_read,
    data.persistent_reads_ephemeral,
    data.resource_moved_to_an_ephemeral_stack,
    data.group_description_changed,
    permissions.boundary_dropped,
    permissions.boundary_swapped,
    permissions.wildcard_action,
    permissions.wildcard_resource,
    permissions.pass_role,
    permissions.administrator,
    permissions.everything_but,
    permissions.trust_widened,
    permissions.trust_condition_dropped,
    permissions.user_added,
    permissions.denial_removed,
    permissions.bucket_for_everybody,
    permissions.open_to_the_world,
    permissions.all_ports_opened,
    permissions.database_opened_to_another_group,
    permissions.database_public,
    permissions.public_access_allowed,
    permissions.subnet_maps_addresses,
    permissions.subnet_routed_to_the_internet,
    permissions.plain_text,
    permissions.tags_mutable,
    running.container_privileged,
    permissions.alarm_removed,
    permissions.alarm_silenced,
    permissions.budget_raised,
    permissions.trail_unproved,
    permissions.flow_log_removed,
    permissions.rollback_alarms_dropped,
    running.database_class,
    running.listener_changed,
    running.health_path_changed,
    running.target_group_port_changed,
    running.desired_count_changed,
    running.image_fixed,
    running.every_tag_changed,
    settings.database_conditional,
    settings.database_engine,
    settings.restore_point_moved,
    settings.way_to_the_service_removed,
    settings.way_out_removed,
    settings.password_made_longer,
    settings.secret_dropped,
    settings.task_role_swapped,
    settings.function_role_swapped,
    settings.boundary_removed,
    settings.database_without_tls,
    settings.database_behind_another_group,
    settings.password_in_the_template,
    settings.password_in_a_variable,
    settings.bucket_read_by_everybody,
    settings.bucket_copied,
    settings.log_sent_elsewhere,
    settings.network_joined,
    settings.api_answers_cached,
    settings.security_headers_removed,
    settings.access_control_removed,
    settings.macro_added,
    settings.trail_without_log_group,
    settings.trail_writes_elsewhere,
    settings.database_logs_off,
    settings.query_limit_removed,
    settings.budget_tells_another_address,
    settings.budget_warns_late,
    settings.rollback_turned_off,
    settings.old_tasks_end_at_once,
    permissions.nat_gateway_in_a_persistent_stack,
    data.snapshot_identifier_emptied,
    permissions.permission_narrowed,
    running.handler_code_changed,
    permissions.alarm_threshold_changed,
    settings.alarm_looks_elsewhere,
    settings.filter_counts_nothing,
)
LOOKS: tuple[Mutation, ...] = (
    data.output_removed_that_people_read,
    permissions.narrow_permission,
    running.environment_changed,
    permissions.budget_lowered,
)
HARMLESS: tuple[Mutation, ...] = (
    data.retention_extended,
    permissions.alarm_added,
    running.nothing,
    running.one_tag_changed,
    running.stack_described_otherwise,
    running.upgraded_cdk,
    permissions.permission_split,
)


def findings(dev: Assembly, cdk_diff: CdkDiff, *mutations: Mutation) -> list[tuple[Severity, str, str, str]]:
    application = Application(dev)
    for mutate in mutations:
        mutate(application)
    found = template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)
    return [(it.severity, it.rule, it.where, it.message) for it in found]


def name_of(mutation: Mutation) -> str:
    return mutation.__name__


def verdict(dev: Assembly, cdk_diff: CdkDiff, mutation: Mutation) -> Verdict:
    application = Application(dev)
    mutation(application)
    return verdict_of(template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None))


@pytest.mark.parametrize("mutation", RISKS, ids=name_of)
def test_a_risk_is_called_one(dev: Assembly, cdk_diff: CdkDiff, mutation: Mutation) -> None:
    assert verdict(dev, cdk_diff, mutation) is Verdict.RISK


@pytest.mark.parametrize("mutation", LOOKS, ids=name_of)
def test_what_is_only_to_know_is_no_risk(dev: Assembly, cdk_diff: CdkDiff, mutation: Mutation) -> None:
    assert verdict(dev, cdk_diff, mutation) is Verdict.LOOK


@pytest.mark.parametrize("mutation", HARMLESS, ids=name_of)
def test_a_harmless_change_is_nothing_to_see(dev: Assembly, cdk_diff: CdkDiff, mutation: Mutation) -> None:
    assert verdict(dev, cdk_diff, mutation) is Verdict.NOTHING


def test_an_asset_hash_is_no_change(dev: Assembly, cdk_diff: CdkDiff) -> None:
    before, after = Application(dev), Application(dev)
    running.asset_hash_before(before)
    running.asset_hash_after(after)
    comparison = compare(before.assembly(), after.assembly(), cdk_diff, dev.region)
    assert comparison.changes == ()
    assert verdict_of(template_findings(comparison, None)) is Verdict.NOTHING


def test_a_noisy_upgrade_changes_no_resource(dev: Assembly, cdk_diff: CdkDiff, application: Application) -> None:
    running.upgraded_cdk(application)
    assert compare(dev, application.assembly(), cdk_diff, dev.region).changes == ()


def test_several_changes_add_up(dev: Assembly, cdk_diff: CdkDiff) -> None:
    found = findings(
        dev, cdk_diff, running.upgraded_cdk, permissions.pass_role, data.retention_cut, running.one_tag_changed
    )
    told = {rule for severity, rule, *_ in found if severity is not Severity.HARMLESS}
    assert told == {"pass-role", "retention-cut"}


def test_messages_name_people_places_and_values(dev: Assembly, cdk_diff: CdkDiff) -> None:
    def message(mutation: Mutation, rule: str) -> str:
        return next(f"{where}: {text}" for _, kind, where, text in findings(dev, cdk_diff, mutation) if kind == rule)

    assert message(permissions.pass_role, "pass-role") == (
        "ComputeStack/Roles/Task/DefaultPolicy: `ComputeStack/Roles/Task` may `iam:PassRole` on "
        "`arn:aws:iam::123456789012:role/other`"
    )
    assert "opens port `80/tcp` of `NetworkStack/SecurityGroups/LoadBalancer` to everybody, `0.0.0.0/0`" in message(
        permissions.open_to_the_world, "open-to-the-world"
    )
    assert "`DBInstanceClass` `db.t4g.micro` → `db.t4g.small`" in message(running.database_class, "interruption")
    assert "name `nestjs-hannibal-3-db` is fixed" in message(data.database_name_added, "data-replacement-refused")
    assert "`ArtifactStack/DatabasePassword`" in message(data.stack_made_ephemeral, "lifecycle-changed")
