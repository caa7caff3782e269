"""The commands of reasons: why, price, explain, alternatives."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from planner.cli.figures import figure
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
from planner.cli.voice import Voice
from planner.errors import ExitCode, Problem, UsageError

if TYPE_CHECKING:
    from planner.reasons.case import Asking, Case
    from planner.solving.settings import Progress

KINDS = ("compound", "school", "site", "community")
LIMIT_S = 180.0
"""Of each re-solve: some relaxed programmes have too many choices to be proven at all."""
SEARCH_S = 600.0
"""Of the search for alternatives of places, all together."""
Limit = Annotated[
    float,
    typer.Option("--time-limit", metavar="SECONDS", min=0.1, help="Limit of each re-solve."),
]  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("why")(why_command)
    app.command("price")(price_command)
    app.command("explain")(explain_command)
    app.command("alternatives")(alternatives_command)


@contextmanager
def asking(voice: Voice, limit_s: float) -> Iterator[Asking]:
    """How programs are asked again; Ctrl-C tells what was found until then."""
    with stoppable(voice, "what was found until now is told") as stop:
        from planner.reasons.case import Asking

        with voice.waiting() as line:
            now = ""

            def told(what: str) -> None:
                nonlocal now
                now = what
                if line is None:
                    voice.say(f"Solving: {what}")
                else:
                    line.update(Text(what))

            def report(state: Progress) -> None:
                text = f"{now}: best {figure(state.best)}, bound {figure(state.bound)}"
                if line is not None:
                    line.update(Text(text))
                if voice.verbose:
                    voice.say(text)

            yield Asking(limit_s, stop, told, report)


def ended(stop: threading.Event) -> ExitCode:
    """The exit code of an answer: fine, unless it was cut short by Ctrl-C."""
    return ExitCode.INTERRUPTED if stop.is_set() else ExitCode.FINE


def why_command(
    run_dir: RunPath,
    subject: Annotated[
        str,
        typer.Argument(
            metavar="KIND:ID", help="compound:ID, school:ID, site:ID or community:ID.",
            show_default=False,
        ),
    ],
    *,
    count: Annotated[
        int,
        typer.Option("--count", min=0, metavar="N",
                     help="Schools solved again for a compound, for each service."),
    ] = 3,
    limit_s: Limit = LIMIT_S,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:  # fmt: skip
    """Tell why a compound, school, site or community is where it is, and what else would cost.

    Each alternative is the run's scenario with one more decision locked, solved again at the level
    it touches: assignments for a compound, all places for a school or site, subdistricts for a
    community.
    """
    voice = Voice(json=as_json, quiet=quiet, verbose=verbose)
    kind, key = _subject(voice, subject)
    with asking(voice, limit_s) as how:
        from planner.cli import why_reports
        from planner.reasons.why_community import why_community
        from planner.reasons.why_compound import why_compound
        from planner.reasons.why_school import why_school

        case = _read(run_dir, how, voice)
        if kind == "compound":
            show = why_reports.compound_teller(case, why_compound(case, key, count=count))
        elif kind == "community":
            show = why_reports.community_teller(case, why_community(case, key))
        else:
            show = why_reports.school_teller(case, why_school(case, key))
    code = ended(how.stop)
    show(voice, code)
    raise typer.Exit(int(code))


def price_command(
    run_dir: RunPath,
    *,
    rules: Annotated[
        list[str] | None,
        typer.Option("--rule", metavar="KEY", show_default=False,
                     help="Only this rule (e.g. programme.cost_yuan) or family (e.g. reach_m)."),
    ] = None,
    limit_s: Limit = LIMIT_S,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:  # fmt: skip
    """Tell what each rule costs: relaxed in turn by a step, and solved again.

    Steps are in `rules` of the scenario. Told are pupil-metres, money and pupils who change
    school, each with its bound and gap.
    """
    voice = Voice(json=as_json, quiet=quiet, verbose=verbose)
    with asking(voice, limit_s) as how:
        from planner.cli.price_reports import show_prices
        from planner.reasons.prices import prices_of

        case = _read(run_dir, how, voice)
        prices = prices_of(case, rules or ())
    code = ended(how.stop)
    show_prices(voice, case, prices, code)
    raise typer.Exit(int(code))


def explain_command(
    scenario: ScenarioPath,
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", show_default=False,
            help="Folder of the repairs, new or empty.  [default: runs/<file>-repairs-<n>]",
        ),
    ] = None,
    count: Annotated[
        int, typer.Option("--count", min=1, metavar="N", help="Repairs looked for.")
    ] = 3,
    limit_s: Limit = LIMIT_S,
    data: Data = None,
    alternatives: Alternatives = None,
    sets: Sets = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:  # fmt: skip
    """Tell why a scenario has no plan, and write the cheapest repairs as scenarios that have one.

    Which rules give way first is ranked in `rules` of the scenario. Exits with 5 where there is no
    plan, with 0 where there is one.
    """
    voice = Voice(json=as_json, quiet=quiet, verbose=verbose)
    with asking(voice, limit_s) as how:
        from planner.cli import explain_reports
        from planner.runs.explaining import explain_scenario
        from planner.scenario.loading import load_scenario

        loaded = load_scenario(
            scenario, alternatives=alternatives or (), sets=sets or (), data=data
        )
        explained = explain_scenario(loaded, how, out=out, count=count)
    code = ended(how.stop) or explain_reports.exit_code(explained)
    explain_reports.show_explanation(voice, explained, code)
    raise typer.Exit(int(code))


def alternatives_command(
    run_dir: RunPath,
    *,
    within: Annotated[
        str,
        typer.Option("--within", metavar="SHARE",
                     help="How much worse each figure may be, e.g. 1%."),
    ] = "1%",
    count: Annotated[
        int, typer.Option("--count", min=1, metavar="N", help="Alternatives looked for.")
    ] = 5,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="WHAT", show_default=False,
                     help="Only alternatives of 'places' or of 'boundaries'."),
    ] = None,
    limit_s: Annotated[
        float,
        typer.Option("--time-limit", metavar="SECONDS", min=0.1,
                     help="Limit of the search for places, and for each of boundaries."),
    ] = SEARCH_S,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:  # fmt: skip
    """Find plans nearly as good as the run's and as different as possible, and what they share.

    Places: other sites first, then pupils at other schools. Boundaries: people in other
    subdistricts, over the plan's communities and schools.
    """
    voice = Voice(json=as_json, quiet=quiet, verbose=verbose)
    with asking(voice, limit_s) as how:
        from planner.cli.near_reports import read_share, show_alternatives
        from planner.reasons.near_boundaries import near_boundaries
        from planner.reasons.near_places import near_places

        if only not in (None, "places", "boundaries"):
            raise UsageError(Problem("", f"--only {only}: must be 'places' or 'boundaries'"))
        most = read_share(within)
        case = _read(run_dir, how, voice)
        places = boundaries = None
        if only != "boundaries":
            places = near_places(case, within=most, count=count)
        if only != "places":
            boundaries = near_boundaries(case, within=most, count=count)
    code = ended(how.stop)
    show_alternatives(voice, case, most, places, boundaries, code)
    raise typer.Exit(int(code))


def _read(run_dir: Path, how: Asking, voice: Voice) -> Case:
    """The run in question; tells where its answers weigh less than the run did."""
    from planner.reasons.case import ONE_BY_ONE
    from planner.runs.questioning import read_case

    case = read_case(run_dir, how)
    if case.against != "run":
        voice.say(ONE_BY_ONE)
    return case


def _subject(voice: Voice, text: str) -> tuple[str, str]:
    with guarded(voice):
        kind, colon, key = text.partition(":")
        if kind in KINDS and colon and key:
            return kind, key
        hint = f"write one of {', '.join(f'{name}:ID' for name in KINDS)}"
        raise UsageError(Problem("", f"'{text}' is nothing that can be asked about", hint))
