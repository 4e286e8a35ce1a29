"""Addresses of the AWS console, for the account and the region of an installation.

Deep links are documented nowhere as a whole; these are the forms that the console itself shows.
"""

from dataclasses import dataclass
from urllib.parse import quote

from constructs_lib.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Link:
    """One page of the console.

    Attributes:
        name: a short word, to open it by.
        title: what is there.
        url: its address; the console asks to sign in, to the account that it shows then.
        month: whether there is something only while a month runs.
    """

    name: str
    title: str
    url: str
    month: bool = False


def links(settings: Settings, account: str) -> tuple[Link, ...]:
    """All pages that the operations guide names, and the others that a day's work needs."""
    return (
        *_watching(settings),
        *_running(settings),
        *_releases(settings),
        *_kept(settings, account),
        *_audit(settings, account),
        *_money(),
    )


def _console(settings: Settings, path: str, fragment: str = "") -> str:
    """A page of a service with regions. The region stands twice: some pages read only the query."""
    separator = "&" if "?" in path else "?"
    address = f"https://{settings.region}.console.aws.amazon.com/{path}{separator}region={settings.region}"
    return f"{address}#{fragment}" if fragment else address


def _log_group(name: str) -> str:
    """A log group as CloudWatch's pages write it in a fragment: escaped twice, with $ instead of the percent sign."""
    return "logsV2:log-groups/log-group/" + quote(quote(name, safe=""), safe="").replace("%", "$")


def _watching(settings: Settings) -> tuple[Link, ...]:
    names = settings.names
    return (
        Link(
            name="dashboard",
            title="Dashboard",
            url=_console(settings, "cloudwatch/home", f"dashboards/dashboard/{names.dashboard}"),
            month=True,
        ),
        Link(name="alarms", title="Alarms", url=_console(settings, "cloudwatch/home", "alarmsV2:")),
        Link(
            name="logs",
            title="Log of the service",
            url=_console(settings, "cloudwatch/home", _log_group(names.service_log_group)),
        ),
        Link(name="log-groups", title="All log groups", url=_console(settings, "cloudwatch/home", "logsV2:log-groups")),
    )


def _running(settings: Settings) -> tuple[Link, ...]:
    names = settings.names
    return (
        Link(name="stacks", title="CloudFormation stacks", url=_console(settings, "cloudformation/home", "/stacks")),
        Link(
            name="cluster",
            title="ECS cluster",
            url=_console(settings, f"ecs/v2/clusters/{names.cluster}/services"),
            month=True,
        ),
        Link(
            name="service",
            title="ECS service",
            url=_console(settings, f"ecs/v2/clusters/{names.cluster}/services/{names.service}/health"),
            month=True,
        ),
        Link(
            name="load-balancer",
            title="Load balancer and its target groups",
            url=_console(settings, "ec2/home", f"LoadBalancers:search={names.load_balancer}"),
            month=True,
        ),
        Link(
            name="database",
            title="RDS instance",
            url=_console(settings, "rds/home", f"database:id={names.database};is-cluster=false"),
            month=True,
        ),
        Link(name="snapshots", title="RDS snapshots", url=_console(settings, "rds/home", "snapshots-list:")),
        Link(
            name="distributions",
            title="CloudFront distributions",
            url="https://us-east-1.console.aws.amazon.com/cloudfront/v4/home#/distributions",
            month=True,
        ),
    )


def _releases(settings: Settings) -> tuple[Link, ...]:
    names = settings.names
    return (
        Link(
            name="deployments",
            title="CodeDeploy deployments",
            url=_console(settings, "codesuite/codedeploy/deployments"),
            month=True,
        ),
        Link(
            name="application",
            title="CodeDeploy application",
            url=_console(settings, f"codesuite/codedeploy/applications/{names.codedeploy_application}"),
            month=True,
        ),
        Link(
            name="release",
            title="Parameter with the release that runs",
            url=_console(settings, f"systems-manager/parameters/{quote(names.release_parameter, safe='')}/description"),
        ),
    )


def _kept(settings: Settings, account: str) -> tuple[Link, ...]:
    names = settings.names
    return (
        Link(
            name="images",
            title="Images",
            url=_console(settings, f"ecr/repositories/private/{account}/{names.repository}"),
        ),
        Link(
            name="secret",
            title="Secret with the database's password",
            url=_console(settings, f"secretsmanager/secret?name={quote(names.database_secret, safe='')}"),
        ),
        _bucket(settings, "frontend", "Frontend", names.frontend_bucket(account)),
        _bucket(settings, "access-logs", "Access logs of the load balancer", names.load_balancer_log_bucket(account)),
        _bucket(settings, "edge-logs", "Access logs of CloudFront and buckets", names.access_log_bucket(account)),
    )


def _bucket(settings: Settings, name: str, title: str, bucket: str) -> Link:
    return Link(name=name, title=title, url=_console(settings, f"s3/buckets/{bucket}"))


def _audit(settings: Settings, account: str) -> tuple[Link, ...]:
    names = settings.names
    return (
        Link(
            name="athena",
            title="Athena query editor, with the prepared queries",
            url=_console(settings, "athena/home", "/query-editor/saved-queries"),
        ),
        Link(
            name="events",
            title="CloudTrail's event history",
            url=_console(settings, "cloudtrailv2/home", "/events"),
        ),
        _bucket(settings, "trail", "CloudTrail's files", names.trail_bucket(account)),
        Link(
            name="roles",
            title="Roles and policies",
            url="https://us-east-1.console.aws.amazon.com/iam/home#/roles",
        ),
        Link(name="topic", title="Alert topic", url=_console(settings, "sns/v3/home", "/topics")),
    )


def _money() -> tuple[Link, ...]:
    """The billing console has no regions: it is kept in us-east-1."""
    home = "https://us-east-1.console.aws.amazon.com"
    return (
        Link(name="budgets", title="Budgets", url=f"{home}/billing/home#/budgets"),
        Link(name="costs", title="Cost Explorer", url=f"{home}/costmanagement/home#/cost-explorer"),
        Link(name="bill", title="Bill of this month", url=f"{home}/billing/home#/bills"),
    )
