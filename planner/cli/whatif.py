"""The commands of what-if: config, compare, sweep."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from planner.cli.guarding import guarded
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
from planner.errors import ExitCode, Problem, UsageError


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("config")(config_command)
    app.command("compare")(compare_command)


def config_command(
    scenario: ScenarioPath,
    *,
    data: Data = None,
    alternatives: Alternatives = None,
    sets: Sets = None,
    origin: Annotated[
        bool, typer.Option("--origin", help="Tell where each value was stated: file:line or flag.")
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Print every value that a run would use, defaults included."""
    voice = Voice(json=as_json, verbose=verbose)
    with guarded(voice):
        from planner.cli import whatif_reports
        from planner.scenario.loading import load_scenario

        loaded = load_scenario(
            scenario, alternatives=alternatives or (), sets=sets or (), data=data
        )
        whatif_reports.show_config(voice, loaded, origin=origin)


def compare_command(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN_A RUN_B [RUN_C…]",
            help="Folders of runs; the first is the one the others are compared with.",
            show_default=False,
        ),
    ],
    *,
    page: Annotated[
        Path | None,
        typer.Option(
            "--map",
            metavar="FILE",
            help="Write a page with the maps side by side.",
            show_default=False,
        ),
    ] = None,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-if",
            metavar="CONDITION",
            show_default=False,
            help="Exit with 9 if it holds for a later run, e.g. "
            '"pupils_changing_school>300", "change.cost_yuan>0", "moved.school>500".',
        ),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Compare stored runs: what was asked differently, indicators, who moves, flows."""
    voice = Voice(json=as_json, quiet=quiet, verbose=verbose)
    with guarded(voice):
        from planner.cli import comparison_reports
        from planner.runs.comparing import compare, judge, read_gates

        gates = read_gates(fail_if or ())
        comparison = compare(runs)
        results = judge(comparison, gates)
        if page is not None:
            _write_page(page, _comparison_page(comparison.runs))
        failed = any(result.failed for result in results)
        code = ExitCode.GATE if failed else ExitCode.FINE
        comparison_reports.show_comparison(voice, comparison, results, page, code)
        raise typer.Exit(int(code))


def _comparison_page(runs: object) -> str:
    return str(import_module("planner.maps.comparison").comparison_page(runs))


def _write_page(path: Path, html: str) -> None:
    try:
        path.write_text(html, encoding="utf-8", newline="")
    except OSError as error:
        reason = f"cannot be written: {error.strerror or error}"
        raise UsageError(Problem(str(path), reason, "name another file")) from error
