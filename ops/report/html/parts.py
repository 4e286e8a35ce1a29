"""The few elements that the page is made of. Everything that comes from outside is escaped here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape


@dataclass(frozen=True)
class Html:
    """Text that is HTML already; everything else is escaped."""

    text: str

    def __str__(self) -> str:
        return self.text


Part = Html | str


def html(part: Part) -> str:
    """A part as HTML."""
    return part.text if isinstance(part, Html) else escape(part)


def together(parts: Iterable[Part]) -> Html:
    """Parts one after the other."""
    return Html("\n".join(html(part) for part in parts))


def element(name: str, content: Part = "", **attributes: str) -> Html:
    """An element; ``class_`` is the attribute ``class``."""
    written = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{written}>{html(content)}</{name}>")


def number(name: str, value: float, shown: str) -> Html:
    """A number as people read it, with its exact value and its name for programs."""
    return element("data", shown, id=name, value=repr(value))


def paragraph(*parts: Part, class_: str = "") -> Html:
    """A paragraph."""
    content = Html("".join(html(part) for part in parts))
    return element("p", content, class_=class_) if class_ else element("p", content)


def table(headings: Sequence[str], rows: Iterable[Sequence[Part]], *, numbers: Sequence[int] = ()) -> Html:
    """A table that becomes a list of cards on a phone.

    Args:
        headings: one a column.
        rows: as many cells.
        numbers: columns whose cells are numbers.
    """

    def style(column: int) -> dict[str, str]:
        return {"class_": "number"} if column in numbers else {}

    head = "".join(html(element("th", heading, scope="col", **style(at))) for at, heading in enumerate(headings))
    body = "".join(
        "<tr>"
        + "".join(
            html(element("td", element("span", cell), data_label=headings[at], **style(at)))
            for at, cell in enumerate(row)
        )
        + "</tr>\n"
        for row in rows
    )
    return Html(f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>")


def figure(picture: Html, keys: Iterable[tuple[str, str]], *, name: str) -> Html:
    """A picture with what its colours mean: pairs of class and words."""
    legend = " ".join(f'<span class="entry"><i class="key {kind}"></i>{escape(words)}</span>' for kind, words in keys)
    return Html(f'<figure id="{name}">{picture}<figcaption>{legend}</figcaption></figure>')


def section(name: str, heading: str, *parts: Part) -> Html:
    """A chapter."""
    return Html(f'<section id="{name}"><h2>{escape(heading)}</h2>\n{together(parts)}\n</section>')


def plural(word: str, count: int) -> str:
    """A word for one or for many."""
    return word if count == 1 else f"{word}s"


def moment(time: datetime) -> str:
    """A time of the month, in UTC, that no narrow column breaks."""
    return f"{time:%d\u00a0%b\u00a0%H:%M}"


def span(length: timedelta) -> str:
    """A length of time."""
    seconds = round(length.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min {seconds % 60:02} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02} min"
