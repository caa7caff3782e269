"""A torn plan made whole: its options stay, and each service shares its clients again.

With the options given nothing joins the services, so each is a small program of its own, solved in
rounds until every catchment holds together. The whole program, which takes seconds to give one
torn plan, is spared most of its rounds: the cuts found on the way hold there as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from planner.programs.location.neighbours import Cut
from planner.programs.location.problem import Ints
from planner.programs.priced.cutting import Joined, joined_of
from planner.programs.priced.layout import Layout
from planner.programs.priced.neighbourhoods import torn_in
from planner.programs.priced.plan import Plan, plan_of
from planner.programs.priced.subprogram import subprogram_of
from planner.solving.highs import Session
from planner.solving.settings import Settings

_GAP = 2e-3
"""Relative gap at which a service is shared well enough: the whole program does the rest."""
_ROUNDS = 60


@dataclass(frozen=True)
class Shared:
    """A service shared again: arc by client of a whole plan (None: not found), and the cuts met."""

    arc: Ints | None
    cuts: Sequence[Cut]


def shared_again(
    layout: Layout, known: Joined, plan: Plan, settings: Settings
) -> tuple[Plan | None, list[Cut]]:
    """The best plan found with the options of a torn one, and the cuts that forbid torn ones.

    `known` are the first cuts. None if time is up, or if these options have no contiguous plan.
    """
    with ThreadPoolExecutor(max(1, min(settings.threads, layout.services))) as pool:
        parts = list(
            pool.map(lambda s: _shared(layout, known, plan, s, settings), range(layout.services))
        )
    cuts = [cut for part in parts for cut in part.cuts]
    arc = plan.arc.copy()
    for service, part in enumerate(parts):
        if part.arc is None:
            return None, cuts
        own = np.arange(layout.clients) % layout.services == service
        arc[own] = part.arc[own]
    return plan_of(layout, arc, plan.option), cuts


def sharing(
    layout: Layout, known: Joined, settings: Settings
) -> Callable[[Plan], tuple[Plan | None, list[Cut]]]:
    """A function that shares torn plans again, each choice of options once, and keeps the cuts."""
    seen: set[tuple[int, ...]] = set()
    met: list[Cut] = []

    def share(torn: Plan) -> tuple[Plan | None, list[Cut]]:
        options = tuple(torn.option.tolist())
        if options in seen:
            return None, []
        seen.add(options)
        first = known.and_(joined_of(met, len(layout.cost)))
        plan, cuts = shared_again(layout, first, torn, settings)
        met.extend(cuts)
        return plan, cuts

    return share


def _shared(layout: Layout, known: Joined, plan: Plan, service: int, settings: Settings) -> Shared:
    arcs, options = np.ones(len(layout.cost), bool), np.zeros(len(layout.option_school), bool)
    schools = np.arange(layout.schools)
    sub = subprogram_of(layout, plan, schools, arcs=arcs, options=options, service=service)
    session, width = Session(sub.arrays, settings), len(sub.arrays.names)
    session.add_rows(known.within(sub.arcs).rows(width))
    met: list[Cut] = []
    for _ in range(_ROUNDS):
        outcome = session.optimise(gap=_GAP)
        if outcome.columns is None:
            break
        arc, _ = sub.applied(plan, layout, outcome.columns)
        cuts = torn_in(layout, arc, schools, service)
        if not cuts:
            return Shared(arc, met)
        met += cuts
        session.add_rows(joined_of(cuts, len(layout.cost)).within(sub.arcs).rows(width))
    return Shared(None, met)
