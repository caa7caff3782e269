"""The command that draws the trade-off of ways to school against pupils who cross a boundary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli.guarding import stoppable
from planner.cli.options import (
    Alternatives,
    AsJson,
    Data,
    Quiet,
    ScenarioPath,
    Sets,
    Verbose,
)
from planner.cli.voice import Voice
from planner.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from planner.runs.journal import Report
    from planner.runs.tradeoff import TradeoffOutcome


def tradeoff_command(
    scenario: ScenarioPath,
    *,
    prices: Annotated[
        str | None,
        typer.Option("--prices", metavar="KM,KM...", show_default=False,
                     help="Kilometres that a crossing pupil counts, one point each.  "
                     "[default: 0,0.1,0.2,0.5,1,2]"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", show_default=False,
                     help="Folder, new or empty.  [default: runs/<file>-tradeoff]"),
    ] = None,
    data: Data = None,
    alternatives: Alternatives = None,
    sets: Sets = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:  # fmt: skip
    """Draw what fewer crossing pupils cost in ways to school: joint plans, each one proven."""
    voice = Voice(json=as_json, quiet=quiet, verbose=verbose)

    with stoppable(voice, "the points found so far are drawn") as stop:
        from planner.cli import reports
        from planner.runs.place import RUNS
        from planner.runs.tradeoff import PRICES_KM, tradeoff
        from planner.scenario.loading import load_scenario

        asked = PRICES_KM if prices is None else _read_prices(prices)
        loaded = load_scenario(
            scenario, alternatives=alternatives or (), sets=sets or (), data=data
        )
        folder = out or Path(RUNS) / f"{scenario.stem}-tradeoff"
        with voice.waiting() as line:
            report: Report = reports.progress_reporter(voice, line)
            outcome = tradeoff(loaded, asked, out=folder, stop=stop, report=report)
        code = _show(voice, outcome, loaded.scenario.solving.tolerance, stopped=stop.is_set())
        raise typer.Exit(int(code))


def _read_prices(text: str) -> list[float]:
    """Prices of the command line; raises UsageError for what is no number."""
    try:
        return [float(word) for word in text.split(",")]
    except ValueError as error:
        raise UsageError(f"--prices: {text} is no list of numbers such as 0,0.2,1") from error


def _show(voice: Voice, outcome: TradeoffOutcome, tolerance: float, *, stopped: bool) -> ExitCode:
    """The points for people, the page's path or the object of ``--json`` on stdout."""
    from planner.runs.tradeoff import PAGE, figures_of

    proven = all(
        point.gap is not None and point.gap <= tolerance * (1 + 1e-9) for point in outcome.points
    )
    whole = proven and outcome.complete
    code = ExitCode.FINE if whole else ExitCode.STOPPED_WITH_PLAN
    code = ExitCode.INTERRUPTED if stopped else code
    for point in (*outcome.points, *outcome.beside):
        name = point.kind if point.price_km is None else f"{point.price_km:g} km a crossing pupil"
        gap = "" if point.gap is None else f", gap {point.gap:.3%}"
        voice.say(
            f"{name}: {point.way_pupil_km:,.0f} pupil-km, {point.crossing_pupils:,.0f} cross, "
            f"{point.people_changing_subdistrict:,.0f} people change subdistrict{gap}"
        )
    page = outcome.folder / PAGE
    voice.emit({
        "status": "OPTIMAL" if whole else "FEASIBLE", "exit_code": int(code),
        "page": str(page), "seconds": round(outcome.seconds, 3), **figures_of(outcome),
        "problems": [],
    })  # fmt: skip
    if not voice.json:
        typer.echo(str(page))
    return code
