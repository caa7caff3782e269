"""The commands: run, check, verify, map, schema; those of what-if are registered with them."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner import __version__
from planner.cli import reasons, whatif
from planner.cli.documents import documents_command
from planner.cli.guarding import guarded, stoppable
from planner.cli.options import (
    Alternatives,
    AsJson,
    Data,
    Quiet,
    RunPath,
    ScenarioPath,
    Sets,
    Verbose,
)
from planner.cli.streams import reserve_stdout
from planner.cli.tradeoff import tradeoff_command
from planner.cli.voice import Voice
from planner.errors import ExitCode

if TYPE_CHECKING:
    from planner.runs.journal import Report

# What a command needs is imported inside it: `map` and `verify` do not load a solver.

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


def main() -> None:
    """Run the command line and exit."""
    reserve_stdout()
    try:
        app(prog_name="planner")
    except SystemExit as ended:
        _end_with_solvers(ended.code if isinstance(ended.code, int) else ExitCode.BUG)
        raise


def _end_with_solvers(code: int) -> None:
    """End at once if a solver that did not stop in time is still at work: it may not outlive us."""
    watched = sys.modules.get("planner.solving.watched")  # quick commands load no solver
    if watched is not None and watched.left_behind():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"planner {__version__}")
        raise typer.Exit


@app.callback()
def planner(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Plan where new school places go, and where subdistricts, communities and grids run."""


@app.command("run")
def run_command(
    scenario: ScenarioPath,
    *,
    data: Data = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Run folder, new or empty.  [default: runs/<name>-<n>]",
            show_default=False,
        ),
    ] = None,
    alternatives: Alternatives = None,
    sets: Sets = None,
    locks: Annotated[
        Path | None,
        typer.Option(
            "--locks",
            metavar="FILE",
            show_default=False,
            help="Edited layers (e.g. plan.gpkg): changed and ticked cells are locks.",
        ),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Make a plan, verify it, draw it and store it in a run folder."""
    voice, began = Voice(json=as_json, quiet=quiet, verbose=verbose), time.monotonic()

    def without_plan() -> dict[str, object]:
        seconds = round(time.monotonic() - began, 3)
        return {"gap": None, "seconds": seconds, "run_dir": None, "indicators": {}}

    with stoppable(voice, "the best plan so far is being saved", more=without_plan) as stop:
        from planner.cli import reports
        from planner.runs.main_job import run
        from planner.scenario.loading import load_scenario

        loaded = load_scenario(
            scenario, alternatives=alternatives or (), sets=sets or (), data=data
        )
        with voice.waiting() as line:
            report: Report = reports.progress_reporter(voice, line)
            outcome = run(loaded, out=out, stop=stop, report=report, edited=locks)
        reports.show_run(voice, loaded.scenario, outcome)
        raise typer.Exit(int(outcome.exit_code))


@app.command("check")
def check_command(
    scenario: ScenarioPath,
    *,
    data: Data = None,
    alternatives: Alternatives = None,
    sets: Sets = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Check the scenario and its layers, without planning anything."""
    voice = Voice(json=as_json, quiet=quiet, verbose=verbose)
    with guarded(voice, more=lambda: {"findings": []}):
        from planner.cli import reports
        from planner.scenario.loading import load_scenario
        from planner.territory.build import build_territory
        from planner.territory.checks import check_layers
        from planner.territory.findings import errors_in
        from planner.territory.layers import read_layers
        from planner.territory.lock_checks import check_locks

        loaded = load_scenario(
            scenario, alternatives=alternatives or (), sets=sets or (), data=data
        )
        request = loaded.scenario
        layers = read_layers(request)
        findings = check_layers(request, layers)
        if not request.locks.empty and not errors_in(findings):
            check_locks(build_territory(request, layers), request, loaded.places)
        raise typer.Exit(int(reports.show_findings(voice, findings, layers)))


@app.command("verify")
def verify_command(
    run_dir: RunPath, as_json: AsJson = False, quiet: Quiet = False, verbose: Verbose = False
) -> None:
    """Recompute every promise of a stored run: a tick or a cross each."""
    voice = Voice(json=as_json, quiet=quiet, verbose=verbose)
    with guarded(voice):
        from planner.cli import reports
        from planner.store.run_check import verify_run

        raise typer.Exit(int(reports.show_checks(voice, run_dir.absolute(), verify_run(run_dir))))


@app.command("map")
def map_command(run_dir: RunPath, quiet: Quiet = False, verbose: Verbose = False) -> None:
    """Draw the map of a stored run again, without a solver; prints its path.

    Broken promises are shown on the map and make the command exit with 8.
    """
    voice = Voice(quiet=quiet, verbose=verbose)
    with guarded(voice):
        from planner.cli import reports
        from planner.runs.redrawing import redraw

        path, verification = redraw(run_dir)
        for check in verification.broken:
            voice.warn(reports.check_line(check))
        typer.echo(str(path))
        raise typer.Exit(int(ExitCode.FINE if verification.ok else ExitCode.VERIFICATION))


@app.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of a scenario file."""
    from planner.scenario.schema import schema_text

    typer.echo(schema_text(), nl=False)


whatif.register(app)
reasons.register(app)
app.command("documents")(documents_command)
app.command("tradeoff")(tradeoff_command)
