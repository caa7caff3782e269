"""Random plans of tiny problems: every school takes one of its options, homes go anywhere open."""

from __future__ import annotations

import numpy as np

from planner.programs.location.problem import Bools
from planner.programs.priced.layout import Layout, layout_of
from planner.programs.priced.plan import Plan, open_pairs, plan_of
from tests.programs.location_cases import unlocked_problem


def drawn_plan(seed: int) -> tuple[Layout, Plan, Bools] | None:
    """A plan that may be torn, and which arcs its options open; None if a home may go nowhere."""
    problem = unlocked_problem(seed)
    arcs = problem.arcs
    served = set(zip(arcs.unit.tolist(), arcs.service.tolist(), strict=True))
    if len(served) < len(problem.units) * len(problem.services):
        return None
    rng, layout = np.random.default_rng(seed), layout_of(problem, 5.0)
    option = np.full(layout.schools, -1)
    option[layout.option_school] = np.arange(len(layout.option_school))
    is_open = open_pairs(layout, option)[layout.pair]
    own = [layout.by_client.of(c)[is_open[layout.by_client.of(c)]] for c in range(layout.clients)]
    if not all(len(a) for a in own):
        return None
    return layout, plan_of(layout, np.array([rng.choice(a) for a in own]), option), is_open


def keeps_totals(layout: Layout, plan: Plan) -> bool:
    """Whether the options of a plan keep the programme's totals."""
    total = layout.amounts[plan.option[plan.option >= 0]].sum(0)
    return bool(((layout.least <= total) & (total <= layout.most)).all())
