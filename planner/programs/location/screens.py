"""Why no plan can exist, before the search: totals in contradiction, units in no reach."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pulp

from planner.errors import InfeasibleError, Problem
from planner.programs.location.problem import LocationProblem, option_amount
from planner.solving.door import Settings, SolveStatus, solve
from planner.territory.findings import named

_UNITS = {
    "new_schools": "new schools",
    "expanded_schools": "expanded schools",
    "new_classes": "new classes",
    "new_places": "new places",
    "land_m2": "m² of land",
    "cost_yuan": "yuan",
}


def screen(problem: LocationProblem) -> None:
    """Raise InfeasibleError with every reason found; each names the smallest relaxation."""
    reasons = [*_unreached(problem), *_contradictions(problem)]
    if reasons:
        raise InfeasibleError(reasons)


def _unreached(problem: LocationProblem) -> list[Problem]:
    """Units without a single arc in a service."""
    arcs, found = problem.arcs, []
    for service, name in enumerate(problem.services):
        reached = np.zeros(len(problem.units), bool)
        reached[arcs.unit[arcs.service == service]] = True
        lost = [problem.units[u] for u in np.flatnonzero(~reached)]
        if lost:
            found.append(
                Problem(
                    f"services.{name}",
                    f"no school or site within reach of {len(lost)} compounds: {named(lost)}",
                    "raise its reach or most crossings, or add a site near them",
                    tuple(lost),
                )
            )
    return found


def _contradictions(problem: LocationProblem) -> list[Problem]:
    """Programme totals that no choice of options meets together."""
    if _smallest(problem, ()) is not None:
        return []
    found = []
    for total in problem.totals:
        amount = _smallest(problem, (total,))
        if amount is not None:
            found.append(_reason(problem, total, amount[total]))
    if found:
        return found
    together = _smallest(problem, tuple(problem.totals))
    if together is None:
        return [Problem("programme", "there is no option to choose from", "add sites")]
    return [
        _reason(problem, total, amount, together=True)
        for total, amount in together.items()
        if not _within(problem, total, amount)
    ]


def _smallest(problem: LocationProblem, elastic: tuple[str, ...]) -> Mapping[str, float] | None:
    """Totals of the choice that exceeds the elastic ranges least; None if there is none."""
    lp = pulp.LpProblem("programme", pulp.LpMinimize)
    z = [lp.add_variable(f"z_{o}", 0, 1, pulp.LpInteger) for o in range(len(problem.options))]
    if not problem.opened <= {option.school for option in problem.options}:
        return None
    if not z:
        needed = any(lower is not None and lower > 0 for lower, _ in problem.totals.values())
        return None if needed else dict.fromkeys(problem.totals, 0.0)
    schools: dict[int, list[pulp.LpVariable]] = {}
    for variable, option in zip(z, problem.options, strict=True):
        schools.setdefault(option.school, []).append(variable)
    for school, variables in schools.items():
        lp.addConstraint(pulp.lpSum(variables) <= 1, f"one_option__{school}")
        if school in problem.opened:
            lp.addConstraint(pulp.lpSum(variables) >= 1, f"opened__{school}")
    penalty, amounts = [], {}
    for total, (lower, upper) in problem.totals.items():
        amounts[total] = pulp.LpAffineExpression(
            [(z[o], option_amount(x, total)) for o, x in enumerate(problem.options)]
        )
        over = lp.add_variable(f"over_{total}", 0, None if total in elastic else 0)
        under = lp.add_variable(f"under_{total}", 0, None if total in elastic else 0)
        # in shares of the total: a yuan is below the solver's tolerance
        scale = max(1.0, abs(upper or lower or 1.0))
        penalty.append(over + under)
        share = amounts[total] * (1.0 / scale)
        if lower is not None:
            lp.addConstraint(share + under >= lower / scale, f"least__{total}")
        if upper is not None:
            lp.addConstraint(share - over <= upper / scale, f"most__{total}")
    lp.setObjective(pulp.lpSum(penalty))
    solution = solve(lp, Settings(tolerance=1e-6))
    if solution.status == SolveStatus.INFEASIBLE or not solution.values:
        return None
    return {
        total: sum(c * solution.values.get(v.name, 0.0) for v, c in amount.items())
        for total, amount in amounts.items()
    }


def _within(problem: LocationProblem, total: str, amount: float) -> bool:
    lower, upper = problem.totals[total]
    return (lower is None or amount >= lower - 1e-6) and (upper is None or amount <= upper + 1e-6)


def _reason(
    problem: LocationProblem, total: str, amount: float, *, together: bool = False
) -> Problem:
    lower, upper = problem.totals[total]
    low = lower is not None and amount < lower
    asked = lower if low else upper
    nearest = math.floor(amount + 1e-6) if low else math.ceil(amount - 1e-6)
    others = "with all totals at once" if together else "that meets the other totals"
    few = "at least" if low else "at most"
    reach = "gives more than" if low else "takes less than"
    return Problem(
        f"programme.{total}",
        f"{few} {asked:,.0f} {_UNITS[total]} asked, but no choice of schools {others} "
        f"{reach} {nearest:,}{_too_small(problem) if low else ''}",
        f"smallest change that helps: programme.{total} {'down' if low else 'up'} to {nearest}",
    )


def _too_small(problem: LocationProblem) -> str:
    """Names the schools and sites that have no places and no option to get any."""
    able = {option.school for option in problem.options}
    idle = [
        school
        for f, school in enumerate(problem.schools)
        if f not in able and not problem.places_today[f].any()
    ]
    return f"; no type of school fits the parcel of {named(idle)}" if idle else ""
