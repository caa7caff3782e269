"""A first plan: options by a program that may split homes, homes whole by rounding and descent."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planner.programs.location.problem import Bools, Floats, Ints
from planner.programs.priced.cutting import Joined, joined_of, known_cuts, violated_cuts
from planner.programs.priced.descent import descend
from planner.programs.priced.layout import Layout
from planner.programs.priced.plan import Plan, open_pairs, plan_of
from planner.programs.priced.subprogram import Subprogram, subprogram_of
from planner.solving.highs import Session
from planner.solving.settings import Settings

_GAP = 2e-3
_LP_ROUNDS = 8


def whole_program(layout: Layout, arcs: Bools, options: Bools) -> Subprogram:
    """The program of all schools, over the arcs and options given."""
    first = layout.by_client.order[layout.by_client.start[:-1]]
    nothing = Plan(first, np.full(layout.schools, -1), np.inf)
    everyone = np.arange(layout.schools)
    return subprogram_of(layout, nothing, everyone, arcs=arcs, options=options)


@dataclass(frozen=True)
class Relaxed:
    """The separated linear relaxation: bound, prices of clients and of cuts, use of each arc."""

    bound: float
    client: Floats
    cuts: Joined
    row: Floats
    used: Floats


def relaxed(layout: Layout, settings: Settings) -> Relaxed:
    """Solve the linear relaxation, with the contiguity cuts that it violates."""
    all_arcs = np.ones(len(layout.cost), bool)
    program = whole_program(layout, all_arcs, np.ones(len(layout.option_school), bool))
    session, width = Session(program.arrays, settings), len(program.arrays.names)
    first = session.row_count
    cuts = more = known_cuts(layout)
    used = np.zeros(len(layout.cost))
    for last in [False] * _LP_ROUNDS + [True]:
        session.add_rows(more.over(program.arcs).rows(width))
        outcome = session.relax()
        if outcome.columns is None or outcome.duals is None:
            none = np.zeros(len(cuts.right))
            return Relaxed(outcome.bound, np.zeros(layout.clients), cuts, none, used)
        used[program.arcs] = outcome.columns[: len(program.arcs)]
        found = [] if last else violated_cuts(layout, used)
        if not found:
            break
        more = joined_of(found, len(layout.cost))
        cuts = cuts.and_(more)
    duals = np.zeros(0) if outcome.duals is None else outcome.duals
    return Relaxed(outcome.bound, duals[: layout.clients], cuts, -duals[first:], used)


def first_plan(
    layout: Layout, settings: Settings, *, arcs: Bools, options: Bools, seconds: float,
    begun: Plan | None = None, gap: float = _GAP,
) -> Plan | None:  # fmt: skip
    """A plan over promising arcs and options, found in about so many seconds; None: none.

    With those of a plan `begun` before, from which the program then begins.
    """
    nothing = Plan(np.zeros(layout.clients, np.int64), np.full(layout.schools, -1), np.inf)
    if begun is None:
        program, start = whole_program(layout, arcs, options), None
    else:
        everyone = np.arange(layout.schools)
        program = subprogram_of(layout, begun, everyone, arcs=arcs, options=options)
        start = program.start(begun, layout)
    whole = program.arrays.integer.copy()
    whole[: len(program.arcs)] = False
    session = Session(replace(program.arrays, integer=whole), settings)
    outcome = session.optimise(gap=gap, seconds=seconds, start=start)
    if outcome.columns is None:
        return None
    _, option = program.applied(nothing, layout, outcome.columns)
    share = np.zeros(len(layout.cost))
    share[program.arcs] = outcome.columns[: len(program.arcs)]
    return descend(layout, plan_of(layout, _largest(layout, share, option), option))


def _largest(layout: Layout, share: Floats, option: Ints) -> Ints:
    """The arc by client with the largest share, the cheapest of those; to an open pair."""
    closed = ~open_pairs(layout, option)[layout.pair]
    order = np.lexsort((layout.cost, -share, closed, layout.client))
    return order[np.searchsorted(layout.client[order], np.arange(layout.clients))]
