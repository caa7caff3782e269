"""Reports: what a command tells people, and the object it prints for machines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.status import Status as StatusLine
from rich.table import Table
from rich.text import Text

from planner.cli import summary
from planner.cli.figures import figure
from planner.cli.voice import Voice
from planner.errors import ExitCode
from planner.plan.verification import Check, Verification
from planner.scenario.model import Scenario
from planner.territory.layers import Layers
from planner.territory.territory import Finding, Severity

if TYPE_CHECKING:
    from planner.runs.main_job import RunOutcome
    from planner.solving.settings import Progress

STEPS = {
    "layers": "Reading the layers",
    "territory": "Checking the territory",
    "places": "Placing schools and classes",
    "communities": "Forming communities",
    "subdistricts": "Forming subdistricts",
    "joint": "Deciding places and subdistricts together",
    "grids": "Forming grids",
    "indicators": "Working out indicators",
    "verification": "Verifying the plan",
    "map": "Drawing the map",
    "saving": "Saving the run",
    "reading back": "Verifying the run as saved",
}
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}


def progress_reporter(
    voice: Voice, line: StatusLine | None
) -> Callable[[str, Progress | None], None]:
    """Tells steps and searches on the terminal's status line, or line by line if verbose."""

    def report(step: str, progress: Progress | None) -> None:
        text = STEPS[step]
        if progress is not None:
            text += (
                f": {progress.what}, best {figure(progress.best)}, "
                f"bound {figure(progress.bound)}, {progress.seconds:.1f} s"
            )
        if line is not None:
            line.update(Text(text))
        if voice.verbose:
            voice.say(text)

    return report


def show_run(voice: Voice, scenario: Scenario, outcome: RunOutcome) -> None:
    """The summary of a run for people; its folder, or the object of ``--json``, on stdout."""
    plan, verification = outcome.plan, outcome.verification
    voice.show(summary.indicator_table(scenario, plan))
    voice.show(summary.level_table(plan))
    voice.say(summary.status_line(plan, outcome.seconds), summary.time_line(outcome.steps))
    if plan.sequential:
        voice.say(summary.beside_line(plan))
    voice.say(summary.verification_line(verification))
    for check in verification.broken:
        voice.warn(check_line(check))
    counts = dict.fromkeys((Severity.WARNING, Severity.NOTE), 0)
    for finding in plan.findings:
        counts[Severity(finding["severity"])] += 1
    if plan.findings:
        told = ", ".join(_counted(count, severity) for severity, count in counts.items() if count)
        voice.say(f"Findings in the layers: {told} (on the map; planner check lists them)")
    if outcome.locked:
        voice.say(f"Locked by the edited layers: {_counted(len(outcome.locked), 'decision')}")
        voice.say(*(f"  {told}" for told in outcome.locked))
    if outcome.interrupted:
        voice.warn("Interrupted: this is the best plan found until then.")
    voice.say(f"Map: {outcome.run_dir / 'map.html'}")
    voice.emit(run_object(outcome))
    if not voice.json:
        typer.echo(str(outcome.run_dir))


def run_object(outcome: RunOutcome) -> dict[str, Any]:
    """The object of ``planner run --json``; a gap of which nothing is proven is null."""
    plan, verification = outcome.plan, outcome.verification
    return {
        "status": plan.status.value,
        "exit_code": int(outcome.exit_code),
        "gap": plan.gap,
        "tolerance": plan.tolerance,
        "seconds": round(outcome.seconds, 3),
        "run_dir": str(outcome.run_dir),
        "interrupted": outcome.interrupted,
        "indicators": plan.indicators,
        "outcome": plan.outcome,
        "sequential": plan.sequential,
        "levels": [asdict(level) for level in plan.levels],
        "verification": {
            "ok": verification.ok,
            "checks": len(verification.checks),
            "broken": [asdict(check) for check in verification.broken],
        },
        "findings": list(plan.findings),
        "locked": list(outcome.locked),
        "steps": {step: round(seconds, 3) for step, seconds in outcome.steps.items()},
        "problems": [],
    }


def show_findings(voice: Voice, findings: Sequence[Finding], layers: Layers) -> ExitCode:
    """All findings as a table and as an object; returns the exit code they mean."""
    broken = any(finding.severity is Severity.ERROR for finding in findings)
    code = ExitCode.DATA if broken else ExitCode.FINE
    if findings:
        voice.show(_findings_table(findings))
    counts = [
        _counted(count, severity)
        for severity in Severity
        if (count := sum(finding.severity is severity for finding in findings))
    ]
    rows = sum(len(frame) for frame in layers.frames.values())
    voice.say(
        f"{len(layers.frames)} layers with {rows} rows in {layers.crs}: "
        f"{', '.join(counts) or 'nothing found'}"
    )
    entries = [
        {**asdict(found), "severity": found.severity.value, "ids": list(found.ids)}
        for found in findings
    ]
    voice.emit({
        "status": "INVALID_DATA" if broken else "OK",
        "exit_code": int(code),
        "crs": layers.crs,
        "layers": {name: len(frame) for name, frame in layers.frames.items()},
        "findings": entries,
        "problems": [entry for entry in entries if entry["severity"] == Severity.ERROR.value],
    })  # fmt: skip
    return code


def show_checks(voice: Voice, run_dir: Path, verification: Verification) -> ExitCode:
    """Every check as a line and as an object; returns the exit code they mean."""
    code = ExitCode.FINE if verification.ok else ExitCode.VERIFICATION
    for check in verification.checks:
        if check.ok:
            voice.say(check_line(check))
        else:
            voice.warn(check_line(check))
    voice.say(summary.verification_line(verification))
    voice.emit({
        "status": "VERIFIED" if verification.ok else "BROKEN",
        "exit_code": int(code),
        "run_dir": str(run_dir),
        "checks": [asdict(check) for check in verification.checks],
        "problems": [
            {"where": check.code, "message": f"{check.title_en}: {check.figures}", "hint": "",
             "ids": []}
            for check in verification.broken
        ],
    })  # fmt: skip
    return code


def check_line(check: Check) -> str:
    """A tick or a cross, the promise, and its figures."""
    return f"{'✓' if check.ok else '✗'} {check.title_en}: {check.figures}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _findings_table(findings: Sequence[Finding]) -> Table:
    table = Table(title="Findings", title_justify="left")
    for column in ("severity", "layer", "what", "what to do"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        severity = Text(finding.severity.value, style=_STYLES[finding.severity])
        table.add_row(severity, finding.layer, Text(finding.message), Text(finding.hint))
    return table
