"""The commands of what-if: config, compare, sweep."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planner.cli.guarding import guarded, stoppable
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

Grid = Annotated[
    list[str] | None,
    typer.Option("--grid", metavar="KEY=V1,V2", show_default=False,
                 help="Values of one key; every combination of all --grid is a run."),
]  # fmt: skip
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, metavar="N", show_default=False,
                 help="Local worker processes.  [default: one a core]"),
]  # fmt: skip
Cluster = Annotated[
    str | None,
    typer.Option("--cluster", metavar="ADDRESS", show_default=False,
                 help="A Dask scheduler, e.g. tcp://10.0.0.5:8786, in place of local ones."),
]  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("config")(config_command)
    app.command("compare")(compare_command)
    app.command("sweep")(sweep_command)


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
    page: Annotated[
        Path | None,
        typer.Option(
            "--map",
            metavar="FILE",
            show_default=False,
            help="Write a page of maps side by side, indicators and flows: one HTML file.",
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
        from planner.runs.comparison_map import refuse_page, write_page

        gates = read_gates(fail_if or ())
        if page is not None:
            refuse_page(page, runs)
        comparison = compare(runs)
        results = judge(comparison, gates)
        failed = any(result.failed for result in results)
        code = ExitCode.GATE if failed else ExitCode.FINE
        drawn = None if page is None else write_page(comparison, page)
        comparison_reports.show_comparison(voice, comparison, results, code, drawn)
        raise typer.Exit(int(code))


def sweep_command(
    scenario: ScenarioPath,
    *,
    grid: Grid = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            show_default=False,
            help="Folder of the sweep; one that is there is gone on with.  "
            "[default: runs/<file>-sweep]",
        ),
    ] = None,
    data: Data = None,
    alternatives: Alternatives = None,
    sets: Sets = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Solve every combination of values: resumable, a table and a page of all runs."""
    voice = Voice(json=as_json, quiet=quiet, verbose=verbose)

    with stoppable(voice, "finished runs are kept, the others are solved the next time") as stop:
        from planner.cli import sweep_reports
        from planner.runs.place import RUNS
        from planner.runs.sweep_grid import combinations_of, read_grid
        from planner.runs.sweeping import sweep

        if workers is not None and cluster is not None:
            raise UsageError("--workers starts local processes, --cluster uses others: give one")
        axes = read_grid(grid or ())
        found = combinations_of(
            scenario, axes, alternatives=alternatives or (), sets=sets or (), data=data
        )
        folder = out or Path(RUNS) / f"{scenario.stem}-sweep"
        outcome = sweep(
            found, axes, out=folder, workers=workers, cluster=cluster, stop=stop,
            told=sweep_reports.progress_teller(voice),
        )  # fmt: skip
        code = sweep_reports.show_sweep(voice, outcome, [axis.key for axis in axes])
        raise typer.Exit(int(code))
