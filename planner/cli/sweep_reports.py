"""The report of a sweep: a line for each run as it ends, a table, and one object for machines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import typer
from rich.table import Table

from planner.cli.figures import figure, share
from planner.cli.voice import Voice
from planner.errors import ExitCode
from planner.plan.sweep_table import SweepTable, table_of
from planner.runs.sweeping import PAGE, TABLE, SweepOutcome

_SHOWN = {
    "places_short.total": "places short", "way_pupil_m": "way, pupil-m", "cost_yuan": "cost, yuan",
    "pupils_changing_school": "change school", "people_changing_subdistrict": "change subdistrict",
}  # fmt: skip


def progress_teller(voice: Voice) -> Callable[[dict[str, Any], int, int], None]:
    """Tells each result as it comes."""

    def told(result: dict[str, Any], done: int, total: int) -> None:
        asked = ", ".join(f"{key}={value}" for key, value in result["values"].items())
        gap = "" if result["gap"] is None else f", gap {share(result['gap'])}"
        voice.say(f"[{done}/{total}] {asked}: {result['status']}{gap}, {result['seconds']:.1f} s")

    return told


def show_sweep(voice: Voice, outcome: SweepOutcome, keys: Sequence[str]) -> ExitCode:
    """The table and where it lies; returns the exit code: fine if every run is recorded."""
    code = ExitCode.FINE
    if outcome.interrupted:
        code = ExitCode.INTERRUPTED
    elif outcome.failed or outcome.missing:
        code = ExitCode.BUG
    table = table_of(outcome.results, keys)
    voice.show(_table(table))
    solved = len(outcome.results) - outcome.kept
    voice.say(
        f"{len(outcome.results)} runs recorded: {solved} solved now, {outcome.kept} kept; "
        f"{outcome.seconds:.1f} s"
    )
    for key, reason in outcome.failed.items():
        voice.warn(f"✗ {key}: {reason}")
    if outcome.missing:
        voice.warn(f"{len(outcome.missing)} runs are still to be solved: give the command again.")
    voice.say(f"Table: {outcome.folder / TABLE}", f"Page: {outcome.folder / PAGE}")
    voice.emit({
        "status": {0: "COMPLETE", 130: "INTERRUPTED"}.get(int(code), "INCOMPLETE"),
        "exit_code": int(code),
        "folder": str(outcome.folder),
        "seconds": round(outcome.seconds, 3),
        "solved": solved,
        "kept": outcome.kept,
        "missing": list(outcome.missing),
        "runs": [
            {**result, "efficient": row.efficient}
            for result, row in zip(outcome.results, table.rows, strict=True)
        ],
        "problems": [
            {"where": key, "message": reason, "hint": "", "ids": []}
            for key, reason in outcome.failed.items()
        ],
    })  # fmt: skip
    if not voice.json:
        typer.echo(str(outcome.folder))
    return code


def _table(table: SweepTable) -> Table:
    shown = Table(title="Runs (★ efficient)", title_justify="left")
    shown.add_column("#", justify="right")
    for key in table.keys:
        shown.add_column(key.rpartition(".")[2], overflow="fold")
    shown.add_column("result", overflow="fold")
    for name in _SHOWN.values():
        shown.add_column(name, justify="right", overflow="fold")
    for number, row in enumerate(table.rows, start=1):
        shown.add_row(
            f"{number}{' ★' if row.efficient else ''}",
            *(row.values.get(key, "") for key in table.keys),
            row.status,
            *(figure(row.figures.get(name)) for name in _SHOWN),
        )
    return shown
