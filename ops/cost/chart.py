"""A month's bill by day: a chart as a file of its own, and bars for a terminal."""

from ops.cost.actual import Actual, Day
from ops.web.charts import Bar
from ops.web.file_chart import FileChart


def svg(actual: Actual) -> str:
    """The bill against the budget, as SVG text."""
    return FileChart().draw(
        [(day.day, _bar(day)) for day in actual.days],
        title=f"{actual.month}: {actual.total:.2f} of {actual.budget:.0f} USD",
        legend="bars, left: each day; line, right: the month so far; dashes: the budget; pale: AWS may still change it",
        limit=actual.budget,
    )


def _bar(day: Day) -> Bar:
    dearest = sorted(day.by_service.items(), key=lambda item: -item[1])[:5]
    words = f"{day.day}: {day.total:.2f} USD\n" + "\n".join(f"{cost:.2f} {name}" for name, cost in dearest)
    return Bar(value=day.total, words=words, kind="bar" if day.final else "pale")


def bars(actual: Actual, width: int = 40) -> tuple[tuple[str, str, float], ...]:
    """The same for a terminal: day, bar and US dollars."""
    largest = _largest(actual)
    return tuple(
        (f"{day.day:%a %d}", "█" * round(width * max(day.total, 0) / largest), day.total) for day in actual.days
    )


def _largest(actual: Actual) -> float:
    return max((day.total for day in actual.days), default=0) or 1.0
