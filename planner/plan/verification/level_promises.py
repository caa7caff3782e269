"""Promises about levels: value, bound and gap hang together, and the plan keeps each of them."""

from __future__ import annotations

import math

from planner.plan.plan import Level, Status
from planner.plan.verification.amounts import amounts_of
from planner.plan.verification.case import Case
from planner.plan.verification.check import Check, number, promise, same

ABSOLUTE = 1e-6
"""Value and bound this close count as equal."""
RELATIVE_GAP = 1e-9
CENTRE = "squared_distance_to_centre"
"""Counted to the best centre there is: a program stopped early may know only a worse one."""
BORDER_M = 0.1
"""Outlines digitised roughly: a border's length is known to this, for each pair of neighbours."""


def check_levels_listed(case: Case) -> list[Check]:
    """Every level of every program is there, in rank order."""
    wanted = list(amounts_of(case.scenario))
    listed = [(level.program, level.name) for level in case.plan.levels]
    broken = [f"{program} {name} is missing" for program, name in wanted
              if (program, name) not in listed]  # fmt: skip
    broken += [f"{program} {name} is unknown" for program, name in listed
               if (program, name) not in wanted]  # fmt: skip
    if not broken and listed != wanted:
        broken.append("they are not in rank order")
    return [promise("levels-listed", "Every level is stated", "各级目标均已列出", broken=broken,
                    figures=f"{len(listed)} of {len(wanted)} levels")]  # fmt: skip


def check_levels_arithmetic(case: Case) -> list[Check]:
    """Bounds are not above values, gaps follow from both, and tolerances are the scenario's."""
    broken = [f"{x.program} {x.name}: {what}" for x in case.plan.levels for what in _wrong(case, x)]
    worst = max((level.gap for level in case.plan.levels), default=math.inf)
    return [promise("levels-arithmetic", "Value, bound and gap agree", "目标值、界与差距一致",
                    broken=broken, figures=f"largest gap {worst:.4%}")]  # fmt: skip


def check_status(case: Case) -> list[Check]:
    """OPTIMAL only if every level is proven within the tolerance; the gap is the worst one."""
    plan, tolerance = case.plan, case.scenario.solving.tolerance
    gaps = [_gap(level) for level in plan.levels]
    worst = max(gaps, default=math.inf)
    broken = []
    if not _equal(plan.tolerance, tolerance):
        broken.append(f"the tolerance is {tolerance}, not {plan.tolerance}")
    if not _equal(plan.gap, worst):
        broken.append(f"the worst gap is {worst:.6g}, not {plan.gap:.6g}")
    if plan.status == Status.OPTIMAL and worst > tolerance * (1 + RELATIVE_GAP):
        broken.append(f"OPTIMAL is not proven: a gap of {worst:.4%}")
    if plan.status not in (Status.OPTIMAL, Status.FEASIBLE):
        broken.append(f"a plan cannot be {plan.status}")
    figures = f"{plan.status}, worst gap {worst:.4%}, tolerance {tolerance:.2%}"
    return [promise("status", "The status is proven", "求解状态有据", broken=broken,
                    figures=figures)]  # fmt: skip


def check_levels_kept(case: Case) -> list[Check]:
    """The plan keeps what each level allows, is not below its bound, and ends at the last value."""
    broken = []
    figures = []
    amounts = amounts_of(case.scenario)
    # the joint program goes on below these levels: its plan uses what they allow
    given_way = ("subdistricts", "joint") if case.scenario.solve == "joint" else ()
    last = {x.program: x.name for x in case.plan.levels if x.program not in given_way}
    for level in case.plan.levels:
        amount = amounts.get((level.program, level.name))
        if amount is None:
            continue
        reached = amount(case)
        slack = _slack(case, level, reached)
        name = f"{level.program} {level.name}"
        figures.append(f"{name} {number(reached)}")
        if reached > level.allowed + slack:
            broken.append(f"{name} is {number(reached)}, allowed {number(level.allowed)}")
        if reached < level.bound - slack:
            broken.append(f"{name} is {number(reached)}, below its bound {number(level.bound)}")
        exact = last.get(level.program) == level.name and level.name != CENTRE
        if exact and abs(reached - level.value) > slack:
            broken.append(f"{name} is {number(reached)}, stated {number(level.value)}")
    return [promise("levels-kept", "The plan keeps every level", "方案达到各级目标", broken=broken,
                    figures="; ".join(figures))]  # fmt: skip


def check_header(case: Case) -> list[Check]:
    """The plan answers the scenario stored with it."""
    plan, scenario = case.plan, case.scenario
    broken = []
    if plan.scenario != scenario.name:
        broken.append(f"it is called {plan.scenario}")
    if plan.design_year != scenario.design_year:
        broken.append(f"it is for {plan.design_year}")
    return [promise("scenario", "The plan answers this scenario", "方案对应本情景", broken=broken,
                    figures=f"{scenario.name}, {scenario.design_year}")]  # fmt: skip


def _wrong(case: Case, level: Level) -> list[str]:
    found = []
    if level.bound > level.value + _near(level.value):
        found.append(f"bound {number(level.bound)} above value {number(level.value)}")
    if not _equal(level.gap, _gap(level)):
        found.append(f"gap {level.gap:.6g}, by value and bound it is {_gap(level):.6g}")
    if level.allowed < level.value - _near(level.value):
        found.append(f"allows {number(level.allowed)}, less than its value {number(level.value)}")
    most = _allowed(case, level)
    if level.allowed > most + _near(most):
        found.append(f"allows {number(level.allowed)}, the scenario {number(most)}")
    return found


def _gap(level: Level) -> float:
    if not math.isfinite(level.bound):
        return math.inf
    if level.value - level.bound <= ABSOLUTE:
        return 0.0
    return (level.value - level.bound) / max(abs(level.value), 1e-9)


def _allowed(case: Case, level: Level) -> float:
    """What the scenario lets later levels go up to."""
    ranking, value = case.scenario.ranking, level.value
    pupils = sum(trip.pupils for trip in case.trips)
    return {
        "places_short": value + ranking.places_short * pupils,
        "way": value * (1 + ranking.way),
        "joint_value": value * (1 + ranking.joint),
        "pupils_changing_school": value * (1 + ranking.moves),
        "population_deviation": value + ranking.deviation,
        "squared_distance_to_seat": value * (1 + ranking.compactness),
    }.get(level.name, value)


def _slack(case: Case, level: Level, reached: float) -> float:
    """How far figures recomputed by other means may differ."""
    slack = _near(max(abs(reached), abs(level.value)))
    if level.name in ("border_and_change", "joint_value"):
        subdistrict = case.subdistrict
        pairs = sum(subdistrict.get(a) != subdistrict.get(b) for a, b in case.ground.graph.edges)
        joint = level.name == "joint_value"
        unit = case.scenario.joint.boundary_price_km if joint else 1.0
        slack += unit * case.scenario.boundaries.prices.border_m * BORDER_M * pairs
    return slack


def _near(value: float) -> float:
    return max(ABSOLUTE, 1e-6 * abs(value))


def _equal(a: float, b: float) -> bool:
    return a == b or same(a, b, absolute=1e-9)
