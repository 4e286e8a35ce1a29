"""The record of an exercise: JSON for programs and Markdown for people."""

import json
from dataclasses import asdict
from pathlib import Path

from ops.account.caller import Caller
from ops.escaping.markdown import text as cell
from ops.month.exercise.plan import ExercisePlan
from ops.month.exercise.run import Result


def write(folder: Path, plan: ExercisePlan, result: Result, caller: Caller, environment: str) -> tuple[Path, Path]:
    """Write both files; returns their paths, whose names begin with the time."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{result.began:%Y-%m-%dT%H%M%SZ}-{environment}-{Path(plan.name).stem}"
    files = folder / f"{stem}.json", folder / f"{stem}.md"
    content = {
        "exercise": Path(plan.name).stem,
        "environment": environment,
        "account": caller.account,
        "region": caller.region,
        "embedded": caller.endpoint is not None,
        "fault": plan.exercise.fault,
        "way": plan.method.way if plan.method else "",
        "expected": plan.exercise.expect.model_dump(),
        "met": result.met,
        **asdict(result),
        "began": result.began.isoformat(),
    }
    files[0].write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    files[1].write_text(as_markdown(plan, result, environment), encoding="utf-8")
    return files


def as_markdown(plan: ExercisePlan, result: Result, environment: str) -> str:
    """One page."""
    exercise = plan.exercise
    lines = [
        f"# {exercise.title} ({environment}, {result.began:%Y-%m-%d %H:%M} UTC)",
        "",
        exercise.why,
        "",
        "| | |",
        "| --- | --- |",
        f"| expectation | {'met' if result.met else '**not met**: ' + cell('; '.join(result.objections))} |",
        f"| detected | {_detected(result)} |",
        f"| recovered | {_seconds(result.recovered_seconds)} |",
        f"| fault | {cell(plan.method.text) if plan.method else ''} |",
        "",
        "| after | what was seen |",
        "| --- | --- |",
        *(f"| {moment.seconds:g} s | {cell(moment.text)} |" for moment in result.moments),
    ]
    return "\n".join(lines) + "\n"


def _detected(result: Result) -> str:
    return f"{_seconds(result.detected_seconds)} by {result.detected_by}" if result.detected_by else "no alarm"


def _seconds(value: float | None) -> str:
    return "not in time" if value is None else f"after {value:g} s"
