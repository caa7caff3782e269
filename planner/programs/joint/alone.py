"""The joint decision by one integer program, where plans or boundaries are too many to list."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np

from planner.programs.joint.answer import (
    JointSolution,
    Plan,
    arrangement_of,
    joint_value_km,
)
from planner.programs.joint.problem import Caps, JointProblem
from planner.programs.joint.program import JointProgram, build_joint
from planner.programs.location.levels import CLOSE, tidy, whole
from planner.programs.location.problem import Floats
from planner.programs.location.program import by_service
from planner.programs.location.rounds import Rounds
from planner.programs.subdistricts.program import separate_strays
from planner.scenario.model import Ranking
from planner.solving.ranked import LevelResult
from planner.solving.settings import Settings, gap_of

HOW = "one integer program"


class JointRounds(Rounds):
    """The joint program in HiGHS; rows for catchments and for subdistricts come in rounds."""

    def __init__(self, problem: JointProblem, program: JointProgram, settings: Settings) -> None:
        super().__init__(problem.location, program.location, settings)
        self._joint, self._both = problem, program

    def separate(self, columns: Floats) -> bool:
        """Whether catchments or subdistricts of a plan are torn; adds the rows that forbid it."""
        torn = super().separate(columns)
        # nothing counts as added before: a plan may come again within the round that tears it
        program = replace(self._both.boundaries, rows_added=set())
        rows = separate_strays(self._joint.boundaries, program, self.values(columns))
        self._add(rows)
        return bool(rows) or torn

    def seats(self, columns: Floats) -> tuple[int, ...]:
        """The seat of each community in a plan."""
        values = self.values(columns)
        chosen = {i: j for (i, j), x in self._both.boundaries.x.items() if values[x.name] > 0.5}
        return tuple(chosen[i] for i in sorted(chosen))

    def columns_of_both(self, plan: Plan) -> Floats:
        """A plan as columns; those that only couple are left at 0."""
        columns = self.columns_of(plan.options, plan.school)
        for (i, j), x in self._both.boundaries.x.items():
            columns[self._position[x.name]] = plan.arrangement.seat[i] == j
        return self.exact(columns)

    def fix_boundaries(self, seat: tuple[int, ...]) -> None:
        """Keep the boundaries of a plan."""
        x = self._both.boundaries.x
        at = np.array([self._position[v.name] for v in x.values()], np.int32)
        chosen = np.array([float(seat[i] == j) for i, j in x])
        self.session.set_bounds(at, chosen, chosen)


def solve_as_one(
    problem: JointProblem, caps: Caps, settings: Settings, ranking: Ranking, start: Plan,
    bound: float = -math.inf,
) -> JointSolution:  # fmt: skip
    """The joint value, then moves and cost with its boundaries kept.

    `start` keeps the caps; the plan returned is nowhere worse in the joint value. `bound` is one
    that is known already.
    """
    program = build_joint(problem, caps)
    rounds, began = JointRounds(problem, program, settings), time.monotonic()
    _keep_short(problem, program, rounds, caps)
    rounds.set_objective(program.value)
    most = joint_value_km(problem, start.school, start.arrangement)
    bound = max(bound, rounds.relaxed_bound())
    columns = rounds.columns_of_both(start)
    if gap_of(most, bound) > CLOSE * settings.tolerance:
        reached = rounds.solve("joint_value", gap=CLOSE * settings.tolerance, below=most)
        columns = columns if reached.columns is None else reached.columns
        bound = max(bound, reached.bound)
    bound = min(most, bound)
    plan = _plan_of(problem, rounds, columns)
    value = joint_value_km(problem, plan.school, plan.arrangement)
    allowed = allowed_km(
        value, problem.prices.boundary_km * plan.arrangement.boundary, most, ranking
    )
    levels = [level_of("joint_value", "pupil-km", value, bound, allowed, began)]
    rounds.fix_boundaries(plan.arrangement.seat)
    rounds.keep(program.value, allowed, "joint")
    below = (
        ("pupils_changing_school", "moves", program.location.moves),
        ("cost_yuan", "cost", program.location.cost),
    )
    for name, level, expression in below:
        began = time.monotonic()
        rounds.set_objective(expression)
        value = rounds.value_of(expression, columns)
        reached = rounds.solve(name, gap=CLOSE * settings.tolerance, below=value)
        columns = columns if reached.columns is None else reached.columns
        value = tidy(rounds.value_of(expression, columns), level)
        bound = max(0.0, reached.bound)
        bound = whole(problem.location, bound) if level == "moves" else bound
        most = value * (1 + (ranking.moves if level == "moves" else 0.0))
        rounds.keep(expression, most, level)
        scale, unit = (1e6, "yuan") if level == "cost" else (1.0, "pupils")
        figures = (value * scale, bound * scale, most * scale)
        levels.append(level_of(name, unit, *figures, began))
    last = _plan_of(problem, rounds, columns)
    return JointSolution(last, plan, tuple(levels), (HOW,) * len(levels))


def fewest_crossings(
    problem: JointProblem, caps: Caps, settings: Settings, enough: float
) -> tuple[Plan | None, float]:
    """A plan within the caps with few pupils who cross, and a bound; stops at `enough` pupils.

    What the caps say of crossing is not kept.
    """
    program = build_joint(problem, replace(caps, crossing=None))
    rounds = JointRounds(problem, program, settings)
    _keep_short(problem, program, rounds, caps)
    rounds.set_objective(program.crossing)
    bound = rounds.relaxed_bound()
    reached = rounds.solve("crossing", gap=CLOSE * settings.tolerance, enough=enough)
    plan = None if reached.columns is None else _plan_of(problem, rounds, reached.columns)
    return plan, max(bound, reached.bound)


def _keep_short(
    problem: JointProblem, program: JointProgram, rounds: JointRounds, caps: Caps
) -> None:
    location = program.location
    if len(caps.short) == 1:
        rounds.keep(location.places_short, caps.short[0], "places_short")
        return
    services = by_service(problem.location, location, "places_short")
    for s, (expression, most) in enumerate(zip(services, caps.short, strict=True)):
        rounds.keep(expression, most, f"places_short__{s}")


def allowed_km(value: float, fixed: float, start: float, ranking: Ranking) -> float:
    """What the joint value may rise to: by the ranking's share, and never above the start."""
    return max(value, min(start, fixed + (value - fixed) * (1 + ranking.joint)))


def _plan_of(problem: JointProblem, rounds: JointRounds, columns: Floats) -> Plan:
    arcs = problem.location.arcs
    options = tuple(o for o, used in enumerate(columns[rounds.z]) if used > 0.5)
    school = {
        (int(arcs.unit[a]), int(arcs.service[a])): int(arcs.school[a])
        for a in rounds.used_arcs(columns)
    }
    return Plan(options, school, arrangement_of(problem, rounds.seats(columns)))


def level_of(
    name: str, unit: str, value: float, bound: float, allowed: float, began: float
) -> LevelResult:
    """A level as it is reported: its bound not above its value, what it allows not below."""
    bound = min(bound, value)
    seconds = time.monotonic() - began
    return LevelResult(name, unit, value, bound, gap_of(value, bound), max(value, allowed), seconds)
