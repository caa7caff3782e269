"""Alternatives, for people as two tables, for machines as one object."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.table import Table

from planner.cli.figures import figure, share
from planner.cli.voice import Voice
from planner.cli.why_reports import signed
from planner.errors import ExitCode, Problem, UsageError
from planner.reasons.case import Case
from planner.reasons.near_boundaries import NearArrangements
from planner.reasons.near_places import NearPlaces

_FIGURES = ("places_short", "way_pupil_m", "pupils_changing_school", "cost_yuan")


def read_share(text: str) -> float:
    """A share as ``1%`` or ``0.01``; raises UsageError for anything else."""
    percent = text.strip().endswith("%")
    try:
        value = float(text.strip().removesuffix("%")) / (100 if percent else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise UsageError(Problem("", f"--within {text}: must be a share like 1% or 0.01"))
    return value


def show_alternatives(
    voice: Voice, case: Case, within: float, places: NearPlaces | None,
    boundaries: NearArrangements | None, code: ExitCode,
) -> None:  # fmt: skip
    """Which sites, which assignments, which boundaries; and what all plans share."""
    if places is not None:
        _show_places(voice, case, within, places)
    if boundaries is not None:
        _show_boundaries(voice, within, boundaries)
    voice.emit({
        "status": "ANSWERED" if code is ExitCode.FINE else "INTERRUPTED",
        "exit_code": int(code), "within": within,
        "places": _places_object(places),
        "boundaries": None if boundaries is None else asdict(boundaries),
        "problems": [],
    })  # fmt: skip


def _show_places(voice: Voice, case: Case, within: float, found: NearPlaces) -> None:
    table = Table(
        title=f"Places within {share(within)} of the plan, in every service", title_justify="left"
    )
    for column in ("#", "built", "sites apart"):
        table.add_column(column, overflow="fold")
    for name in ("places short", "pupil-m", "change school", "yuan", "pupils elsewhere"):
        table.add_column(name, justify="right")
    built = [school.id for school in case.plan.schools if school.kind != "existing"]
    own = vars(found.figures)
    table.add_row("plan", ", ".join(sorted(built)), "", *(figure(own[n]) for n in _FIGURES), "")
    for number, plan in enumerate(found.plans, start=1):
        figures = vars(plan.figures)
        cells = [f"{figure(figures[n])} ({signed(figures[n] - own[n])})" for n in _FIGURES]
        widest = "" if plan.widest else " or more"
        table.add_row(
            str(number), ", ".join(sorted(plan.built)), f"{plan.apart}{widest}", *cells,
            ", ".join(f"{name} {count:,.0f}" for name, count in plan.elsewhere.items()),
        )  # fmt: skip
    voice.show(table)
    shared = ", ".join(case.name(key) for key in found.shared_schools) or "none"
    voice.say(f"Built in every plan: {shared}")
    told = ", ".join(f"{name} {share(part)}" for name, part in found.shared_pupils.items())
    voice.say(f"Pupils with the same school in every plan: {told}")
    if not found.listed:
        voice.say("There are too many ways to meet the programme: only assignments were varied.")
    if found.complete:
        voice.say("Proven: no further plan with other sites is left within the share.")


def _show_boundaries(voice: Voice, within: float, found: NearArrangements) -> None:
    if not found.listed:
        voice.say("Boundaries: too many contiguous parts to list; none were looked for.")
        return
    table = Table(
        title=f"Boundaries within {share(within)} of the plan, in every level",
        title_justify="left",
    )
    for column in ("#", "communities elsewhere"):
        table.add_column(column, overflow="fold")
    for name in ("people", "deviation", "squared distance", "border and change"):
        table.add_column(name, justify="right")
    for number, plan in enumerate(found.plans, start=1):
        above = plan.above
        table.add_row(
            str(number),
            ", ".join(f"{key}→{plan.subdistrict[key]}" for key in plan.communities_elsewhere),
            f"{plan.people_elsewhere:,}",
            f"{share(plan.deviation)} ({above['population_deviation'] * 100:+.2f} %)",
            f"{figure(plan.squared_km2)} ({above['squared_distance_to_seat'] * 100:+.2f} %)",
            f"{figure(plan.border_and_change)} ({above['border_and_change'] * 100:+.2f} %)",
        )
    voice.show(table)
    voice.say(f"In the same subdistrict in every plan: {', '.join(found.shared) or 'none'}")
    if found.complete:
        more = "further " if found.plans else "other "
        voice.say(f"Proven: no {more}arrangement is left within the share.")


def _places_object(found: NearPlaces | None) -> dict[str, Any] | None:
    return None if found is None else asdict(found)
