"""Addresses of the AWS console, for the account and the region of an installation.

AWS does not document all deep links; ``data/links.yaml`` has the forms that the console itself shows.
"""

from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Final
from urllib.parse import quote

from installation import yaml_text
from installation.names import Names
from installation.settings import Settings

_FILE: Final = Path(__file__).parent / "data" / "links.yaml"


@dataclass(frozen=True, kw_only=True)
class Link:
    """One page of the console."""

    name: str  # a short word for the command line
    title: str  # what the page shows
    url: str  # its address; the console first asks to sign in, and shows that account
    month: bool = False  # whether it shows something only while a month runs


class _Page(yaml_text.Data):
    """A page as in the file, which explains each field."""

    name: str
    title: str
    path: str = ""
    path_without_region: str = ""
    fragment: str = ""
    log_group: str = ""
    month: bool = False


def links(settings: Settings, account: str) -> tuple[Link, ...]:
    """All pages that the operations guide names, and others for daily work."""
    pages = yaml_text.read(_FILE, tuple[_Page, ...])
    return tuple(
        Link(name=page.name, title=page.title, url=_url(page, settings, account), month=page.month) for page in pages
    )


def _url(page: _Page, settings: Settings, account: str) -> str:
    """The address of a page. The region is in it twice, because some pages read only the query."""
    if page.path_without_region:
        return f"https://us-east-1.console.aws.amazon.com/{page.path_without_region}"
    names, region = settings.names, settings.region
    separator = "&" if "?" in page.path else "?"
    path = _fill_names(page.path, names, account)
    url = f"https://{region}.console.aws.amazon.com/{path}{separator}region={region}"
    fragment = (
        _log_group(getattr(names, page.log_group)) if page.log_group else _fill_names(page.fragment, names, account)
    )
    return f"{url}#{fragment}" if fragment else url


def _fill_names(text: str, names: Names, account: str) -> str:
    values = {"account": account}
    for field in {field for _, field, _, _ in Formatter().parse(text) if field} - values.keys():
        name = getattr(names, field)
        # Names of buckets end with the account id.
        values[field] = quote(name(account) if callable(name) else name, safe="")
    return text.format_map(values)


def _log_group(name: str) -> str:
    """A log group as CloudWatch's pages write it in a fragment: escaped twice, with ``$`` for ``%``."""
    return "logsV2:log-groups/log-group/" + quote(quote(name, safe=""), safe="").replace("%", "$")
