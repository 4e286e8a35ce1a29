"""Addresses of the AWS console, for the account and the region of an installation.

Deep links are documented nowhere as a whole; these are the forms that the console itself shows.
"""

from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from installation.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Link:
    """One page of the console."""

    name: str  # a short word, to open it by
    title: str  # what is there
    url: str  # its address; the console asks to sign in, to the account that it shows then
    month: bool = False  # whether there is something only while a month runs


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


def _page(settings: Settings, name: str, title: str, path: str, fragment: str = "", *, month: bool = False) -> Link:
    """A page of a service with regions. The region stands twice: some pages read only the query."""
    separator = "&" if "?" in path else "?"
    url = f"https://{settings.region}.console.aws.amazon.com/{path}{separator}region={settings.region}"
    return Link(name=name, title=title, url=f"{url}#{fragment}" if fragment else url, month=month)


def _page_without_region(name: str, title: str, path: str, *, month: bool = False) -> Link:
    """A page of CloudFront, IAM or billing, which have no regions: their console is in us-east-1."""
    return Link(name=name, title=title, url=f"https://us-east-1.console.aws.amazon.com/{path}", month=month)


def _log_group(name: str) -> str:
    """A log group as CloudWatch's pages write it in a fragment: escaped twice, with $ instead of the percent sign."""
    return "logsV2:log-groups/log-group/" + quote(quote(name, safe=""), safe="").replace("%", "$")


def _watching(settings: Settings) -> tuple[Link, ...]:
    names = settings.names
    page = partial(_page, settings)
    dashboard = f"dashboards/dashboard/{names.dashboard}"
    return (
        page("dashboard", "Dashboard", "cloudwatch/home", dashboard, month=True),
        page("alarms", "Alarms", "cloudwatch/home", "alarmsV2:"),
        page("logs", "Log of the service", "cloudwatch/home", _log_group(names.service_log_group)),
        page("log-groups", "All log groups", "cloudwatch/home", "logsV2:log-groups"),
    )


def _running(settings: Settings) -> tuple[Link, ...]:
    names = settings.names
    page = partial(_page, settings)
    cluster = f"ecs/v2/clusters/{names.cluster}/services"
    balancer = f"LoadBalancers:search={names.load_balancer}"
    database = f"database:id={names.database};is-cluster=false"
    return (
        page("stacks", "CloudFormation stacks", "cloudformation/home", "/stacks"),
        page("cluster", "ECS cluster", cluster, month=True),
        page("service", "ECS service", f"{cluster}/{names.service}/health", month=True),
        page("load-balancer", "Load balancer and its target groups", "ec2/home", balancer, month=True),
        page("database", "RDS instance", "rds/home", database, month=True),
        page("snapshots", "RDS snapshots", "rds/home", "snapshots-list:"),
        _page_without_region(
            "distributions", "CloudFront distributions", "cloudfront/v4/home#/distributions", month=True
        ),
    )


def _releases(settings: Settings) -> tuple[Link, ...]:
    names = settings.names
    page = partial(_page, settings)
    application = f"codesuite/codedeploy/applications/{names.codedeploy_application}"
    parameter = f"systems-manager/parameters/{quote(names.release_parameter, safe='')}/description"
    return (
        page("deployments", "CodeDeploy deployments", "codesuite/codedeploy/deployments", month=True),
        page("application", "CodeDeploy application", application, month=True),
        page("release", "Parameter with the release that runs", parameter),
    )


def _kept(settings: Settings, account: str) -> tuple[Link, ...]:
    names = settings.names
    page = partial(_page, settings)
    secret = f"secretsmanager/secret?name={quote(names.database_secret, safe='')}"
    return (
        page("images", "Images", f"ecr/repositories/private/{account}/{names.repository}"),
        page("secret", "Secret with the database's password", secret),
        page("frontend", "Frontend", _bucket(names.frontend_bucket(account))),
        page("access-logs", "Access logs of the load balancer", _bucket(names.load_balancer_log_bucket(account))),
        page("edge-logs", "Access logs of CloudFront and buckets", _bucket(names.access_log_bucket(account))),
    )


def _bucket(name: str) -> str:
    return f"s3/buckets/{name}"


def _audit(settings: Settings, account: str) -> tuple[Link, ...]:
    page = partial(_page, settings)
    return (
        page("athena", "Athena query editor, with the prepared queries", "athena/home", "/query-editor/saved-queries"),
        page("events", "CloudTrail's event history", "cloudtrailv2/home", "/events"),
        page("trail", "CloudTrail's files", _bucket(settings.names.trail_bucket(account))),
        _page_without_region("roles", "Roles and policies", "iam/home#/roles"),
        page("topic", "Alert topic", "sns/v3/home", "/topics"),
    )


def _money() -> tuple[Link, ...]:
    return (
        _page_without_region("budgets", "Budgets", "billing/home#/budgets"),
        _page_without_region("costs", "Cost Explorer", "costmanagement/home#/cost-explorer"),
        _page_without_region("bill", "Bill of this month", "billing/home#/bills"),
    )
