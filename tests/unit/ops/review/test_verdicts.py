"""Changes of the real application, each with the verdict of a senior reviewer: which risks, and no other ones."""

from collections.abc import Callable

import pytest

from ops.review.assembly import Assembly
from ops.review.comparing import compare
from ops.review.concerns import Severity
from ops.review.engine import Engine
from ops.review.review import Verdict, judged, verdict_of
from tests.support.review import changes_of_data as data
from tests.support.review import changes_of_permissions as power
from tests.support.review import changes_of_running as running
from tests.support.review import changes_of_settings as settings
from tests.support.review.application import Application

Mutation = Callable[[Application], None]

# The kinds of risk that each change has, all of them.
RISKS: dict[Mutation, set[str]] = {
    # data
    data.snapshot_policy_removed: {"policy-weakened"},
    data.deletion_policy_weakened: {"policy-weakened"},
    data.snapshot_identifier_literal: {"data-replacement-refused"},
    data.database_name_added: {"data-replacement-refused"},
    data.database_unencrypted: {"data-replacement-refused", "encryption-removed"},
    data.database_shrunk: {"storage-shrunk"},
    data.database_renamed_in_the_tree: {"data-deleted", "name-taken"},
    data.backups_cut: {"retention-cut"},
    data.bucket_renamed: {"data-replaced"},
    data.bucket_removed: {"data-left-behind", "reference-broken"},
    data.bucket_versions_stopped: {"versioning-stopped"},
    data.secret_renamed: {"data-replaced"},
    data.retention_cut: {"retention-cut"},
    data.images_cut: {"retention-cut"},
    data.log_group_removed: {"data-deleted"},
    # around and between the stacks
    data.stack_made_ephemeral: {"lifecycle-changed", "persistent-needs-ephemeral"},
    data.stack_made_persistent: {"lifecycle-changed", "persistent-needs-ephemeral"},
    data.termination_protection_removed: {"termination-protection-removed"},
    data.stack_gone: {"stack-gone"},
    data.output_removed_that_is_read: {"reference-broken"},
    data.persistent_reads_ephemeral: {"persistent-needs-ephemeral"},
    data.resource_moved_to_an_ephemeral_stack: {"data-left-behind", "moved", "name-taken"},
    data.group_description_changed: {"replaced"},
    # power
    power.boundary_dropped: {"boundary-missing"},
    power.boundary_swapped: {"boundary-changed"},
    power.wildcard_action: {"wildcard-action"},
    power.wildcard_resource: {"wildcard-resource"},
    power.pass_role: {"pass-role"},
    power.administrator: {"policy-attached"},
    power.everything_but: {"inverted"},
    power.trust_widened: {"trust-widened"},
    power.trust_condition_dropped: {"trust-widened"},
    power.user_added: {"credentials"},
    power.denial_removed: {"denial-removed"},
    power.bucket_for_everybody: {"public"},
    # exposure
    power.open_to_the_world: {"open-to-the-world"},
    power.all_ports_opened: {"all-ports"},
    power.database_opened_to_another_group: {"port-opened"},
    power.database_public: {"public"},
    power.public_access_allowed: {"public-access"},
    power.subnet_maps_addresses: {"public-subnet"},
    power.subnet_routed_to_the_internet: {"route-to-internet"},
    power.plain_text: {"plain-text"},
    power.tags_mutable: {"mutable-tags"},
    running.container_privileged: {"container-loosened"},
    # what watches
    power.alarm_removed: {"watcher-removed"},
    power.alarm_silenced: {"alarm-silenced"},
    power.budget_raised: {"budget-raised"},
    power.trail_unproved: {"trail-weakened"},
    power.flow_log_removed: {"watcher-removed"},
    power.rollback_alarms_dropped: {"rollback-weakened"},
    # the running month
    running.database_class: {"interruption"},
    running.listener_changed: {"listener-changed"},
    running.health_path_changed: {"target-group-changed"},
    running.target_group_port_changed: {"target-group-changed", "replacement-refused"},
    running.desired_count_changed: {"service-changed"},
    running.image_fixed: {"release-bypassed"},
    running.every_tag_changed: {"listener-changed", "service-changed"},
    # settings that look small
    settings.database_conditional: {"condition-changed"},
    settings.database_engine: {"data-replacement-refused"},
    settings.restore_point_moved: {"data-replacement-refused"},
    settings.way_to_the_service_removed: {"way-closed"},
    settings.way_out_removed: {"way-closed"},
    settings.password_made_longer: {"secret-regenerated"},
    settings.secret_dropped: {"secret-dropped"},
    settings.task_role_swapped: {"role-changed"},
    settings.function_role_swapped: {"role-changed"},
    settings.boundary_removed: {"policy-removed"},
    settings.database_without_tls: {"plain-text"},
    settings.database_behind_another_group: {"other-groups"},
    settings.password_in_the_template: {"secret-in-template", "secret-regenerated"},
    settings.password_in_a_variable: {"secret-in-template"},
    settings.bucket_read_by_everybody: {"public-access"},
    settings.bucket_copied: {"sent-elsewhere"},
    settings.log_sent_elsewhere: {"sent-elsewhere"},
    settings.network_joined: {"network-joined"},
    settings.api_answers_cached: {"answers-cached"},
    settings.security_headers_removed: {"headers-removed"},
    settings.access_control_removed: {"origin-unsigned"},
    settings.macro_added: {"transform"},
    settings.trail_without_log_group: {"trail-weakened"},
    settings.trail_writes_elsewhere: {"trail-weakened"},
    settings.database_logs_off: {"logs-off"},
    settings.query_limit_removed: {"limit-removed"},
    settings.budget_tells_somebody_else: {"budget-silenced"},
    settings.budget_warns_late: {"budget-raised"},
    settings.rollback_turned_off: {"rollback-weakened"},
    settings.old_tasks_end_at_once: {"rollback-weakened"},
    # cost that no price is needed for
    power.nat_gateway_in_a_persistent_stack: {"bills-when-stopped"},
}
# Nothing to accept, something to know.
NOTICES: dict[Mutation, set[str]] = {
    data.output_removed_that_people_read: {"output-removed"},
    data.bucket_for_a_month: {"data-for-a-month"},
    power.narrow_permission: {"permission"},
    power.permission_split: {"statements-changed"},
    power.alarm_threshold_changed: {"alarm-changed"},
    running.environment_changed: {"new-revision"},
    settings.alarm_looks_elsewhere: {"alarm-changed"},
    settings.connections_limited: {"parameters-changed"},
    settings.filter_counts_nothing: {"alarm-changed"},
}
HARMLESS: tuple[Mutation, ...] = (
    data.retention_extended,
    data.snapshot_identifier_emptied,
    power.alarm_added,
    power.budget_lowered,
    power.permission_narrowed,
    running.handler_code_changed,
    running.nothing,
    running.one_tag_changed,
    running.stack_described_otherwise,
    running.upgraded_cdk,
)


def concerns(dev: Assembly, engine: Engine, *mutations: Mutation) -> list[tuple[Severity, str, str, str]]:
    application = Application(dev)
    for mutate in mutations:
        mutate(application)
    found = judged(compare(dev, application.assembly(), engine, dev.region), None)
    return [(it.severity, it.rule, it.where, it.message) for it in found]


def name_of(mutation: Mutation) -> str:
    return mutation.__name__


@pytest.mark.parametrize("mutation", RISKS, ids=name_of)
def test_a_risk_is_named_and_no_other_is_invented(dev: Assembly, engine: Engine, mutation: Mutation) -> None:
    found = concerns(dev, engine, mutation)
    assert {rule for severity, rule, *_ in found if severity is Severity.RISK} == RISKS[mutation], found


@pytest.mark.parametrize("mutation", NOTICES, ids=name_of)
def test_what_is_only_to_know_is_no_risk(dev: Assembly, engine: Engine, mutation: Mutation) -> None:
    found = concerns(dev, engine, mutation)
    assert {(severity, rule) for severity, rule, *_ in found} == {(Severity.NOTICE, it) for it in NOTICES[mutation]}


@pytest.mark.parametrize("mutation", HARMLESS, ids=name_of)
def test_a_harmless_change_is_nothing_to_see(dev: Assembly, engine: Engine, mutation: Mutation) -> None:
    assert concerns(dev, engine, mutation) == []


def test_an_asset_hash_is_no_change(dev: Assembly, engine: Engine) -> None:
    before, after = Application(dev), Application(dev)
    running.asset_hash_before(before)
    running.asset_hash_after(after)
    comparison = compare(before.assembly(), after.assembly(), engine, dev.region)
    assert comparison.changes == ()
    assert verdict_of(judged(comparison, None)) is Verdict.NOTHING


def test_a_noisy_upgrade_changes_no_resource(dev: Assembly, engine: Engine, application: Application) -> None:
    running.upgraded_cdk(application)
    assert compare(dev, application.assembly(), engine, dev.region).changes == ()


def test_several_changes_add_up(dev: Assembly, engine: Engine) -> None:
    found = concerns(dev, engine, running.upgraded_cdk, power.pass_role, data.retention_cut, running.one_tag_changed)
    assert {rule for _, rule, *_ in found} == {"pass-role", "retention-cut"}


def test_messages_name_people_places_and_values(dev: Assembly, engine: Engine) -> None:
    def message(mutation: Mutation, rule: str) -> str:
        return next(f"{where}: {text}" for _, kind, where, text in concerns(dev, engine, mutation) if kind == rule)

    assert message(power.pass_role, "pass-role") == (
        "ComputeStack/Roles/Task/DefaultPolicy: `ComputeStack/Roles/Task` may `iam:PassRole` on "
        "`arn:aws:iam::123456789012:role/other`"
    )
    assert "opens port `80/tcp` of `NetworkStack/SecurityGroups/LoadBalancer` to everybody, `0.0.0.0/0`" in message(
        power.open_to_the_world, "open-to-the-world"
    )
    assert "`DBInstanceClass` from `db.t4g.micro` to `db.t4g.small`" in message(running.database_class, "interruption")
    assert "name `nestjs-hannibal-3-db` is fixed" in message(data.database_name_added, "data-replacement-refused")
    assert "`ArtifactStack/DatabasePassword`" in message(data.stack_made_ephemeral, "lifecycle-changed")
