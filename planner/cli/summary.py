"""The summary of a run: what was asked, what was reached, and what is proven of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

from planner.cli.figures import figure, share
from planner.plan.plan import Plan, Status
from planner.plan.verification import Verification, tally
from planner.scenario.model import Range, Scenario

Row = tuple[str, str, str]


def indicator_table(scenario: Scenario, plan: Plan) -> Table:
    """Indicator, asked, reached."""
    title = f"{scenario.title.zh} · {scenario.title.en}"
    table = Table(title=title, title_justify="left")
    table.add_column("indicator")
    table.add_column("asked", justify="right")
    table.add_column("reached", justify="right")
    for row in (*_programme_rows(scenario, plan), *_school_rows(plan), *_area_rows(scenario, plan)):
        table.add_row(*row)
    return table


def level_table(plan: Plan) -> Table:
    """Value, bound and gap of every ranked level."""
    table = Table(title="Ranked levels", title_justify="left")
    table.add_column("level", overflow="fold")
    for column in ("value", "bound", "gap"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("unit")
    for level in plan.levels:
        name = f"{level.program}: {level.name.replace('_', ' ')}"
        unit = level.unit.removesuffix(" of the mean of all subdistricts")
        table.add_row(name, figure(level.value), figure(level.bound), share(level.gap), unit)
    return table


def status_line(plan: Plan, seconds: float) -> str:
    """The status in words, with its gap and tolerance."""
    proven = (
        f"every level is proven within {share(plan.tolerance)}"
        if plan.status == Status.OPTIMAL
        else f"usable, but not every level is proven within {share(plan.tolerance)}"
    )
    return f"{plan.status}: {proven}; worst gap {share(plan.gap)}; {seconds:.1f} s"


def beside_line(plan: Plan) -> str:
    """What deciding together changed against the plan made one half after the other."""
    now, before = plan.indicators, plan.sequential["indicators"]
    crossing = (entry["pupils_other_subdistrict"]["total"] for entry in (now, before))
    names = {
        "people_changing_subdistrict": "people change subdistrict",
        "pupils_changing_school": "pupils change school",
        "pupils_changing_both": "pupils change both",
    }
    cross, crossed = (figure(value) for value in crossing)
    ways = (figure(round(entry["way_pupil_m"] / 1000)) for entry in (now, before))
    told = [
        f"{cross} pupils cross a boundary ({crossed})",
        "{} pupil-km ({})".format(*ways),
        *(f"{figure(now[key])} {words} ({figure(before[key])})" for key, words in names.items()),
    ]
    return "Together (one after the other): " + ", ".join(told) + _unproven_beside(plan)


def _unproven_beside(plan: Plan) -> str:
    """Which levels of the plan made one half after the other are not proven."""
    levels = plan.sequential["levels"]
    loose = [level for level in levels if level["gap"] > plan.tolerance * (1 + 1e-9)]
    if not loose:
        return ""
    told = (f"{level['name'].replace('_', ' ')} within {share(level['gap'])}" for level in loose)
    return f"; the plan one after the other is proven only so far: {', '.join(told)}"


def time_line(steps: Mapping[str, float]) -> str:
    """Where the time went."""
    return "Time: " + ", ".join(f"{step} {seconds:.1f} s" for step, seconds in steps.items())


def verification_line(verification: Verification) -> str:
    """How many promises are kept."""
    count = tally((check.code, check.ok) for check in verification.checks)
    if count.ok:
        files = f", and all {count.files} checks of the run's files" if count.files else ""
        return f"Verification: ✓ all {count.plan} promises of the plan are kept{files}"
    files = (
        f", {count.files_kept} of {count.files} checks of the run's files" if count.files else ""
    )
    kept = f"{count.plan_kept} of {count.plan} promises of the plan are kept"
    return f"Verification: ✗ {kept}{files}"


def asked(bounds: Range) -> str:
    """A total that was asked for."""
    if bounds.min is None and bounds.max is None:
        return ""
    if bounds.min == bounds.max:
        return figure(bounds.min)
    if bounds.min is None:
        return f"≤ {figure(bounds.max)}"
    return f"≥ {figure(bounds.min)}" if bounds.max is None else (
        f"{figure(bounds.min)}–{figure(bounds.max)}"
    )  # fmt: skip


def _programme_rows(scenario: Scenario, plan: Plan) -> Iterator[Row]:
    names = {
        "new_schools": "new schools",
        "expanded_schools": "expanded schools",
        "new_classes": "new classes",
        "new_places": "new places",
        "land_m2": "land, m²",
        "cost_yuan": "cost, yuan",
    }
    for key, name in names.items():
        yield name, asked(getattr(scenario.programme, key)), _parts(plan.indicators[key])


def _school_rows(plan: Plan) -> Iterator[Row]:
    known = plan.indicators
    yield "places short, pupils", "", _parts(known["places_short"])
    yield "mean way to school, m", "", _parts(known["mean_distance_m"])
    yield "beyond the service radius, pupils", "", _parts(known["beyond_radius"])
    yield "pupils changing school", "", figure(known["pupils_changing_school"])
    yield "school in another subdistrict, pupils", "", _parts(known["pupils_other_subdistrict"])


def _area_rows(scenario: Scenario, plan: Plan) -> Iterator[Row]:
    known, boundaries = plan.indicators, scenario.boundaries
    number = "" if boundaries.subdistricts is None else figure(boundaries.subdistricts)
    limits = boundaries.grid_households
    within = f"{known['grids_within_limits']:,} of {known['grids']:,}"
    deviation = share(known["max_population_deviation"])
    yield "subdistricts", number, figure(known["subdistricts"])
    yield "largest deviation of their population", f"≤ {share(boundaries.band)}", deviation
    yield "people changing subdistrict", "", figure(known["people_changing_subdistrict"])
    if "pupils_changing_both" in known:
        both = figure(known["pupils_changing_both"])
        yield "pupils changing school and subdistrict", "", both
    yield "border without road or barrier, m", "", figure(round(known["border_unfollowed_m"]))
    new = f"{known['communities']:,} ({known['new_communities']:,} new)"
    yield "communities", "", new
    yield "people changing community", "", figure(known["people_changing_community"])
    yield "grids", "", figure(known["grids"])
    yield f"grids of {figure(limits.min)}–{figure(limits.max)} households", "", within


def _parts(value: Any) -> str:
    """A number, or its total and its services."""
    if not isinstance(value, Mapping):
        return figure(value)
    services = {name: entry for name, entry in value.items() if name != "total"}
    told = ", ".join(f"{name} {_rounded(entry)}" for name, entry in services.items())
    return f"{_rounded(value['total'])} ({told})" if "total" in value else told


def _rounded(value: Any) -> str:
    return figure(value if value is None else round(value, 1))
