"""The trade-off curve: joint plans at several prices of a crossing pupil, each one proven."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from planner.errors import UsageError
from planner.maps.tradeoff_maps import Sketch, plan_maps
from planner.maps.tradeoff_page import KINDS, prices_named, tradeoff_page
from planner.plan.indicators import border_unfollowed_m, outcome_indicators, whole
from planner.plan.tradeoff import TradeoffPoint
from planner.programs.communities.communities import plan_communities
from planner.programs.joint.answer import Plan, crossing_pupils
from planner.programs.joint.curve import PricePoint, joint_values
from planner.programs.joint.joint import Sequential, sequential
from planner.programs.joint.problem import JointProblem
from planner.programs.location.places import plan_places
from planner.programs.subdistricts.subdistricts import plan_subdistricts, screen_subdistricts
from planner.runs.journal import Journal, Report
from planner.runs.place import refuse_unusable
from planner.scenario.loading import LoadedScenario
from planner.scenario.model import Scenario
from planner.solving.settings import Settings, gap_of
from planner.territory.build import build_territory
from planner.territory.layers import read_layers
from planner.territory.lock_checks import check_locks, subdistrict_id
from planner.territory.territory import Territory

PRICES_KM = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0)
PAGE, FIGURES = "tradeoff.html", "tradeoff.json"


@dataclass(frozen=True)
class TradeoffOutcome:
    """The points in order of price, those beside the curve, and where the page lies."""

    points: tuple[TradeoffPoint, ...]
    beside: tuple[TradeoffPoint, ...]
    folder: Path
    seconds: float
    complete: bool
    """Whether every price has its point."""


def tradeoff(
    loaded: LoadedScenario,
    prices: Sequence[float],
    *,
    out: Path,
    stop: threading.Event,
    report: Report,
) -> TradeoffOutcome:
    """Solve the joint program at every price and draw the curve into the folder `out`.

    Raises UsageError for prices that are none or an occupied folder, and what the programs raise.
    """
    if not prices or any(price < 0 for price in prices):
        raise UsageError("--prices needs one price or more, in kilometres, none of them negative")
    refuse_unusable(out)
    journal, scenario = Journal(report), loaded.scenario
    with journal.step("layers"):
        layers = read_layers(scenario)
    with journal.step("territory"):
        territory = build_territory(scenario, layers)
    check_locks(territory, scenario, loaded.places)
    screen_subdistricts(territory, scenario)
    settings = _settings(scenario, stop)
    first = _sequential(territory, scenario, settings, journal)
    points, sketches = [], [_sketch(territory, first.problem, first.start, KINDS["sequential"])]
    with journal.step("joint") as told:
        found = joint_values(
            first.problem, first.caps, replace(settings, report=told), scenario.ranking,
            start=first.start, search=first.search,
            prices=sorted(set(prices)),
        )  # fmt: skip
    for at in found:
        price, gap = at.price_km, gap_of(at.value, at.bound)
        point = _point(territory, first.problem, at.plan, "joint")
        points.append(replace(point, price_km=price, value=at.value, bound=at.bound, gap=gap))
    for plan, prices_km in _by_plan(found):
        zh, en = prices_named(prices_km)
        sketches.append(_sketch(territory, first.problem, plan, (zh, f"{en} for a crossing pupil")))
    beside = [_point(territory, first.problem, first.start, "sequential")]
    beside += _outcome(territory, scenario, first)
    outcome = TradeoffOutcome(
        tuple(points), tuple(beside), out, journal.elapsed_s, len(points) == len(set(prices))
    )
    out.mkdir(parents=True, exist_ok=True)
    maps = plan_maps(territory, sketches)
    page = tradeoff_page(scenario, outcome.points, outcome.beside, maps)
    (out / PAGE).write_text(page, encoding="utf-8")
    text = json.dumps(figures_of(outcome), ensure_ascii=False, indent=1, allow_nan=False)
    (out / FIGURES).write_text(text + "\n", encoding="utf-8")
    return outcome


def _by_plan(found: Sequence[PricePoint]) -> list[tuple[Plan, list[float]]]:
    """Each plan once, with the prices at which it is the best."""
    plans: dict[Any, tuple[Plan, list[float]]] = {}
    for at in found:
        plan = at.plan
        decided = plan.options, tuple(sorted(plan.school.items())), plan.arrangement.seat
        plans.setdefault(decided, (plan, []))[1].append(at.price_km)
    return list(plans.values())


def figures_of(outcome: TradeoffOutcome) -> dict[str, Any]:
    """The points as plain JSON values; a bound of which nothing is proven is null."""
    return {
        "points": [_plain(point) for point in outcome.points],
        "beside": [_plain(point) for point in outcome.beside],
    }


def _plain(point: TradeoffPoint) -> dict[str, Any]:
    return {
        key: None if isinstance(value, float) and abs(value) == float("inf") else value
        for key, value in asdict(point).items()
    }


def _settings(scenario: Scenario, stop: threading.Event) -> Settings:
    solving = scenario.solving
    limit = solving.time_limit_s
    deadline = None if limit is None else time.monotonic() + limit
    return Settings(
        solving.solver, solving.threads, solving.tolerance, scenario.seed, deadline, stop
    )


def _sequential(
    territory: Territory, scenario: Scenario, settings: Settings, journal: Journal
) -> Sequential:
    """The plan made one half after the other."""
    with journal.step("places") as told:
        places = plan_places(territory, scenario, replace(settings, report=told))
    with journal.step("communities") as told:
        communities = plan_communities(territory, scenario, replace(settings, report=told))
    with journal.step("subdistricts") as told:
        subdistricts = plan_subdistricts(
            territory, scenario, replace(settings, report=told),
            communities=communities.communities, served=places.served,
        )  # fmt: skip
    return sequential(
        territory, scenario, communities=communities.communities, places=places,
        subdistricts=subdistricts,
    )  # fmt: skip


def _point(territory: Territory, problem: JointProblem, plan: Plan, kind: str) -> TradeoffPoint:
    """A plan on the curve or beside it, counted."""
    subdistrict = _subdistricts(territory, problem, plan)
    return TradeoffPoint(
        kind=kind,
        price_km=None,
        way_pupil_km=problem.way_km(plan.school),
        crossing_pupils=whole(crossing_pupils(problem, plan.school, plan.arrangement)),
        border_unfollowed_m=border_unfollowed_m(territory, subdistrict),
        people_changing_subdistrict=_moved(territory, subdistrict),
        pupils_changing_school=whole(_changing(problem, plan)),
        boundary_km=problem.prices.boundary_km * plan.arrangement.boundary,
    )


def _subdistricts(territory: Territory, problem: JointProblem, plan: Plan) -> dict[str, str]:
    """Subdistrict of each compound."""
    seats = problem.boundaries.seats
    planned = [subdistrict_id(territory, seats[j]) for j in plan.arrangement.seat]
    return {unit: planned[problem.home[u]] for u, unit in enumerate(problem.location.units)}


def _sketch(
    territory: Territory, problem: JointProblem, plan: Plan, name: tuple[str, str]
) -> Sketch:
    """A plan as it is drawn."""
    location = problem.location
    services = range(len(location.services))
    return Sketch(
        name,
        _subdistricts(territory, problem, plan),
        {unit: tuple(location.schools[plan.school[u, s]] for s in services)
         for u, unit in enumerate(location.units)},
        frozenset(location.schools[location.options[o].school] for o in plan.options),
    )  # fmt: skip


def _outcome(territory: Territory, scenario: Scenario, first: Sequential) -> list[TradeoffPoint]:
    """The historical boundaries with the schools of the sequential plan; none where unknown."""
    if territory.outcome.empty:
        return []
    problem, school = first.problem, first.start.school
    subdistrict = {str(key): str(of) for key, of in territory.outcome["subdistrict"].items()}
    units, location = problem.location.units, problem.location
    cells = [subdistrict[cell] for cell in territory.schools["cell"]]
    crossing = sum(
        float(location.pupils[u, s])
        for (u, s), f in school.items()
        if subdistrict[units[u]] != cells[f]
    )
    figures = outcome_indicators(territory, scenario)
    border, moved = figures["border_unfollowed_m"], figures["people_changing_subdistrict"]
    prices = scenario.boundaries.prices
    boundary = prices.border_m * border + prices.moved_person * moved
    return [
        TradeoffPoint(
            "outcome", None, problem.way_km(school), whole(crossing), border, moved,
            whole(_changing(problem, first.start)), scenario.joint.boundary_price_km * boundary,
        )
    ]  # fmt: skip


def _changing(problem: JointProblem, plan: Plan) -> float:
    """Pupils who change school."""
    arcs, pupils = problem.location.arcs, problem.location.pupils
    keys = zip(arcs.unit.tolist(), arcs.school.tolist(), arcs.service.tolist(), strict=True)
    return sum(
        float(pupils[u, s])
        for (u, f, s), moves in zip(keys, arcs.moves.tolist(), strict=True)
        if moves and plan.school[u, s] == f
    )


def _moved(territory: Territory, subdistrict: Mapping[str, str]) -> int:
    """People whose subdistrict changes."""
    today = territory.compounds["community"].map(territory.communities["subdistrict"])
    people = territory.compounds["population"]
    return sum(int(people[u]) for u, there in subdistrict.items() if today[u] != there)
