"""Large neighbourhoods: some schools near each other decide again, exactly, the others stay.

Two kinds take turns: schools that may choose other options, and more schools that keep theirs and
share the clients of one service again. Catchments that come out torn are cut off and the program
is solved again, so a neighbourhood ends contiguous whatever it began with.
Source: Shaw, CP 1998, large neighbourhood search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.programs.location.catchments import torn_cuts
from planner.programs.location.neighbours import Cut
from planner.programs.location.problem import Bools, Floats, Ints
from planner.programs.priced.cutting import Joined, joined_of
from planner.programs.priced.layout import Layout
from planner.programs.priced.mending import absorbed
from planner.programs.priced.plan import Plan, open_pairs, plan_of, torn_pairs
from planner.programs.priced.settling import settled
from planner.programs.priced.subprogram import subprogram_of
from planner.solving.highs import Session
from planner.solving.settings import Settings

_SEPARATIONS, _SEPARATIONS_MENDING = 4, 12
"""Programs of a neighbourhood until its plan holds together, else the plan stays."""
_GAP = 2e-3
"""Relative gap at which a neighbourhood is good enough."""
_ROUGH = 2e-2
"""The same where torn catchments are mended."""
_MENDING = (5, 10, 20, 40)
"""Schools that share their clients again where one of them is torn, until it is not."""
_LEAST = 1e-6


@dataclass(frozen=True)
class Sizes:
    """Schools in a neighbourhood that chooses options, and in one that shares clients."""

    options: int = 12
    clients: int = 20
    seconds: float = 1.5
    """What one program of a neighbourhood may take."""


class Neighbourhoods:
    """Draws neighbourhoods around schools and improves plans in them."""

    def __init__(
        self, layout: Layout, known: Joined, settings: Settings, sizes: Sizes | None = None
    ) -> None:
        self._layout, self._known, self._settings = layout, known, settings
        self._sizes = Sizes() if sizes is None else sizes
        self._near = nearness(layout)
        self._random = np.random.default_rng(settings.seed)
        self._turn = 0

    def improve(self, plan: Plan, arcs: Bools, options: Bools) -> Plan:
        """The plan, better in the next neighbourhood if it can be; only `arcs` and `options`."""
        layout = self._layout
        centre = int(self._random.integers(layout.schools))
        service = None if self._turn % 3 == 0 else self._turn % 2
        self._turn += 1
        order = np.argsort(self._near[centre], kind="stable")
        if service is None or layout.services == 1:
            schools = np.sort(order[: self._sizes.options])
            return improved(
                layout,
                self._known,
                plan,
                schools,
                self._settings,
                arcs=arcs,
                options=options,
                seconds=self._sizes.seconds,
            )
        is_open = open_pairs(layout, plan.option).reshape(layout.schools, layout.services)
        service %= layout.services
        schools = np.sort(order[is_open[order, service]][: self._sizes.clients])
        none = np.zeros(len(options), bool)
        return improved(
            layout, self._known, plan, schools, self._settings,
            arcs=arcs, options=none, seconds=self._sizes.seconds, service=service,
        )  # fmt: skip

    def mended(self, plan: Plan, torn: Sequence[int], arcs: Bools) -> Plan:
        """The plan with these torn pairs made contiguous, as far as a neighbourhood can."""
        layout = self._layout
        for size in _MENDING:
            for pair in torn:
                if not _torn(layout, plan.arc, pair):
                    continue  # a neighbour's turn has mended it
                school, service = divmod(pair, layout.services)
                is_open = open_pairs(layout, plan.option).reshape(layout.schools, -1)[:, service]
                order = np.argsort(self._near[school], kind="stable")
                schools = np.sort(order[is_open[order]][:size])
                none = np.zeros(len(layout.option_school), bool)
                plan = improved(
                    layout, self._known, plan, schools, self._settings,
                    arcs=arcs, options=none, seconds=self._sizes.seconds,
                    service=service, mending=True,
                )  # fmt: skip
            torn = [pair for pair in torn if _torn(layout, plan.arc, pair)]
            if not torn:
                break
        return plan


def improved(
    layout: Layout, known: Joined, plan: Plan, schools: Ints, settings: Settings, *, arcs: Bools,
    options: Bools, seconds: float, service: int | None = None, mending: bool = False,
    gap: float = _GAP,
) -> Plan:  # fmt: skip
    """The best plan found in which only `schools` decide again.

    A contiguous one if the layout asks for it, `known` being its first cuts. A plan that is torn
    is `mending` taken even if it is worse, and then roughly will do.
    """
    sub = subprogram_of(layout, plan, schools, arcs=arcs, options=options, service=service)
    session, width = Session(sub.arrays, settings), len(sub.arrays.names)
    session.add_rows(known.within(sub.arcs).rows(width))
    start: Floats | None = None if mending else sub.start(plan, layout)
    gap = _ROUGH if mending else gap
    for _ in range(_SEPARATIONS_MENDING if mending else _SEPARATIONS):
        outcome = session.optimise(start=start, gap=gap, seconds=seconds)
        if outcome.columns is None:
            return plan
        arc, option = sub.applied(plan, layout, outcome.columns)
        cuts = torn_in(layout, arc, schools, service)
        if not cuts:
            found = plan_of(layout, arc, option)
            return found if mending or found.value < plan.value - _LEAST else plan
        session.add_rows(joined_of(cuts, len(layout.cost)).within(sub.arcs).rows(width))
        if settings.seconds_left() <= 0:
            break
    if layout.small:
        return plan
    # torn still: what is left of it once the strays are given away may be better even so
    found = settled(layout, absorbed(layout, plan_of(layout, arc, option)))
    better = found.value < plan.value - _LEAST and not torn_pairs(layout, found.arc)
    return found if better else plan


def torn_in(layout: Layout, arc: Ints, schools: Ints, service: int | None) -> list[Cut]:
    """Cuts that forbid the torn catchments of some schools, of all services or of one."""
    return [
        cut
        for school in (schools.tolist() if layout.problem.graph is not None else ())
        for s in range(layout.services)
        if service in (None, s)
        for cut in _torn(layout, arc, school * layout.services + s)
    ]


def _torn(layout: Layout, arc: Ints, pair: int) -> list[Cut]:
    used = arc[layout.pair[arc] == pair]
    own = layout.by_pair.of(pair)
    return torn_cuts(layout.problem, divmod(pair, layout.services), own.tolist(), used.tolist())


def nearness(layout: Layout) -> Floats:
    """Schools × schools: the shortest way from one to the other over a home that both serve."""
    arcs, schools = layout.problem.arcs, layout.schools
    way = np.full((len(layout.problem.units), schools), np.inf)
    np.minimum.at(way, (arcs.unit, arcs.school), arcs.way_m)
    near = np.full((schools, schools), np.inf)
    for f in range(schools):
        own = way[np.isfinite(way[:, f])]
        if len(own):
            near[f] = (own + own[:, f : f + 1]).min(0)
        near[f, f] = 0.0
    return near
