"""The priced places decision at any size: a plan and its bound, closer the longer it may search.

A linear relaxation prices the clients; Lagrangian steps raise the bound over whole options and
whole homes; a program that may split homes gives the first plan. From then on neighbourhoods
improve the plan while further steps raise the bound. In a small problem what the bound leaves open
is fixed as soon as it is little, and the rest is decided by one exact program. A large one begins
again from a wider program, and then searches in several streams.
"""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Event

import numpy as np

from planner.programs.location.problem import Bools, Floats, LocationProblem
from planner.programs.location.program import build_location
from planner.programs.location.rounds import Rounds
from planner.programs.priced.ascent import Ascent
from planner.programs.priced.cutting import Joined
from planner.programs.priced.growing import grown
from planner.programs.priced.layout import SMALL_ARCS, Layout, layout_of
from planner.programs.priced.mending import absorbed
from planner.programs.priced.neighbourhoods import Neighbourhoods
from planner.programs.priced.plan import Plan, options_of, plan_of, schools_of, torn_pairs
from planner.programs.priced.settling import annealed, settled
from planner.programs.priced.sharing import sharing
from planner.programs.priced.start import Relaxed, first_plan, relaxed
from planner.programs.priced.wide import Wide
from planner.solving.settings import Progress, Settings, SolveStatus, gap_of, status_of

_FIRST_STEPS, _MORE_STEPS, _STEPS = 30, 60, 5
"""Steps of the bound before the first plan, after it where it is small, and from then on."""
_FIRST_SECONDS = 5.0
_NEAR_ARCS, _NEAR_OPTIONS = 30.0, 5.0
"""Pupil-kilometres above the cheapest that arcs and options of a first plan may cost."""
_GOOD_ARCS, _GOOD_OPTIONS = 60.0, 60.0
"""The same for compact plans, and the arcs with which a large problem begins again."""
_MORE_OPTIONS, _AGAIN_SECONDS, _AGAIN_GAP = 20.0, 40.0, 3e-3
"""The same for its options (more make a program too large for a good plan in time), and what
that program may take and leave open."""
_COMPACT = 1e-2
"""Relative gap of the program of compact plans."""


@dataclass(frozen=True)
class PricedSolution:
    """A plan of the priced decision (None: none) with its proven bound, in pupil-kilometres."""

    status: SolveStatus
    value: float | None
    bound: float
    school: dict[tuple[int, int], int]
    """School by unit and service, by position."""
    options: tuple[int, ...]


def solve_priced(problem: LocationProblem, price_km: float, settings: Settings) -> PricedSolution:
    """Least pupil-kilometres plus `price_km` per pupil above capacity, to the tolerance.

    Stops at the tolerance or at the settings' deadline, whichever comes first.
    Raises ValueError for a price that is not positive.
    """
    return PricedSearch(layout_of(problem, price_km), settings).run()


def search_layout(
    layout: Layout, settings: Settings, *, start: Plan, prices: Relaxed | None = None
) -> Plan:
    """The best plan found from a start that keeps all rules; costs may be any, not only ways.

    With the `prices` of a search for other costs there is no relaxation to be solved first, and
    all time but a little goes into plans.
    """
    search = PricedSearch(layout, settings, start, prices)
    search.run()
    return search.plan or start


class PricedSearch:
    """Plan and bound of one search; `run` moves them towards each other."""

    def __init__(
        self, layout: Layout, settings: Settings, start: Plan | None = None,
        prices: Relaxed | None = None,
    ) -> None:  # fmt: skip
        self._layout, self._settings = layout, settings
        self._prices, self._goes_on = prices, prices is not None
        self._began = time.monotonic()
        self._bound = -math.inf
        self._plan = start

    @property
    def plan(self) -> Plan | None:
        """The best plan so far."""
        return self._plan

    @property
    def prices(self) -> Relaxed | None:
        """Of clients and cuts at the best bound; they bound nothing at other costs."""
        return self._prices

    def run(self) -> PricedSolution:
        """Search until the tolerance is met or time is up."""
        layout, settings = self._layout, self._settings
        linear = self._prices or relaxed(layout, settings)
        self._raise(linear.bound)
        if not (self._goes_on or math.isfinite(linear.bound)):
            return self._solution()
        small = layout.small
        self._neighbourhoods = Neighbourhoods(layout, linear.cuts, settings)
        ascent = Ascent(layout, linear.client, linear.cuts, linear.row)
        self._ascend(ascent, _MORE_STEPS if self._goes_on else _FIRST_STEPS)
        if self._plan is None:
            self._start(ascent, linear.used > 1e-9, linear.cuts)
        if self._plan is None:
            return self._solution()
        if small:
            self._narrow(ascent, linear.cuts)
        else:
            self._widen(ascent, linear.used > 1e-9, linear.cuts)
        best = ascent.best
        self._prices = replace(linear, bound=-math.inf, client=best.client, row=best.row)
        return self._solution()

    def _narrow(self, ascent: Ascent, cuts: Joined) -> None:
        """Neighbourhoods and steps of the bound in turn, until one program decides the rest."""
        self._ascend(ascent, _MORE_STEPS)
        while not (self._done() or self._closes(ascent, cuts)):
            assert self._plan is not None
            arcs, options = self._kept(ascent, 0.0)
            self._take(self._neighbourhoods.improve(self._plan, arcs, options))
            self._ascend(ascent, _STEPS)

    def _widen(self, ascent: Ascent, support: Bools, cuts: Joined) -> None:
        """Streams of neighbourhoods, one of which raises the bound first if there are several."""
        begun = self._plan
        assert begun is not None
        streams = max(1, min(self._settings.threads, self._layout.schools))
        wide = Wide(
            self._layout, cuts, ascent, self._settings,
            streams=streams, plan=begun, take=self._take,
        )  # fmt: skip
        ended = Event()

        def work(stream: int) -> None:
            try:
                if stream == 0 and not self._goes_on:
                    plan = self._begun_again(ascent, support, begun)
                    if plan is not None:
                        wide.offer(plan)
                while not (ended.is_set() or self._done()):
                    first = stream == streams - 1 and not (ascent.stalled or self._goes_on)
                    if first:
                        self._ascend(ascent, 1 if streams > 1 else _STEPS)
                    if streams == 1 or not first:
                        wide.improve()
            finally:
                ended.set()

        with ThreadPoolExecutor(streams) as pool:
            for done in [pool.submit(work, stream) for stream in range(streams)]:
                done.result()

    def _start(self, ascent: Ascent, support: Bools, cuts: Joined) -> None:
        """The first plan: what rounding gives, what is compact, or else what the program finds."""
        layout = self._layout
        self._begin(ascent, support)
        if layout.small and layout.problem.graph is not None:
            self._compact(ascent, support)
        if self._plan is None:
            self._any(cuts)

    def _begin(self, ascent: Ascent, support: Bools) -> None:
        """The first plan, contiguous if it has to be."""
        layout = self._layout
        arcs = support | (ascent.above_cheapest() <= _NEAR_ARCS)
        for widen in (1.0, 4.0, math.inf):
            options = ascent.best.extra <= _NEAR_OPTIONS * widen
            plan = first_plan(
                layout, self._settings, arcs=arcs, options=options, seconds=_FIRST_SECONDS
            )
            if plan is not None or self._settings.seconds_left() <= 0:
                break
        plan = None if plan is None else self._held_together(ascent, plan)
        if plan is not None:
            self._take(plan)

    def _begun_again(self, ascent: Ascent, support: Bools, begun: Plan) -> Plan | None:
        """A plan from many more arcs and options than the first one, for which there is time."""
        plan = first_plan(
            self._layout, self._settings, arcs=support | (ascent.above_cheapest() <= _GOOD_ARCS),
            options=ascent.best.extra <= _MORE_OPTIONS, seconds=_AGAIN_SECONDS, begun=begun,
            gap=_AGAIN_GAP,
        )  # fmt: skip
        plan = None if plan is None else self._held_together(ascent, plan)
        return None if plan is None else annealed(self._layout, plan, self._settings)

    def _held_together(self, ascent: Ascent, plan: Plan) -> Plan | None:
        """The plan with its torn catchments grown anew or mended; None if that fails."""
        layout = self._layout
        if not layout.small:
            good = ascent.above_cheapest() <= _GOOD_ARCS
            plan = grown(layout, ascent.joined, plan, good, self._settings)
        plan = absorbed(layout, plan)
        torn = torn_pairs(layout, plan.arc)
        if torn:
            plan = self._neighbourhoods.mended(plan, torn, np.ones(len(layout.cost), bool))
            torn = torn_pairs(layout, plan.arc)
        if torn or layout.small:  # a small problem's exact program does that better
            return None if torn else plan
        return settled(layout, plan)

    def _compact(self, ascent: Ascent, support: Bools) -> None:
        """A contiguous plan without rounds, over arcs and options that cost little more."""
        if self._settings.seconds_left() <= 0:
            return
        arcs, options = self._promising(ascent)
        rounds = self._opened(support | arcs, options)
        below = math.inf if self._plan is None else self._plan.value
        reached = rounds.compact_plan(gap=_COMPACT, below=below)
        if reached.columns is not None:
            self._take(_read(self._layout, rounds, reached.columns))

    def _any(self, cuts: Joined) -> None:
        """Look for a plan by the whole program: what is promising has none that holds."""
        if self._settings.seconds_left() > 0:
            layout = self._layout
            every = np.ones(len(layout.cost), bool), np.ones(len(layout.option_school), bool)
            self._raise(self._exact(math.inf, *every, cuts))

    def _closes(self, ascent: Ascent, cuts: Joined) -> bool:
        """Decide the rest exactly if little of it is left; whether that was done."""
        assert self._plan is not None
        below = self._plan.value * (1 - 0.9 * self._settings.tolerance)
        arcs, options = self._kept(ascent, 0.9 * self._settings.tolerance)
        ascent.allow(arcs, options)
        if arcs.sum() > SMALL_ARCS:
            return False
        reached = self._exact(below, arcs, options, cuts)
        self._raise(min(reached, below))
        return self._done()

    def _kept(self, ascent: Ascent, gap: float) -> tuple[Bools, Bools]:
        """Arcs and options that a plan better by more than a relative gap may use."""
        if self._plan is None:
            return np.ones(len(self._layout.cost), bool), ascent.kept_options(math.inf)
        below = self._plan.value * (1 - gap)
        options = ascent.kept_options(below)
        return ascent.kept_arcs(below, options), options

    def _promising(self, ascent: Ascent) -> tuple[Bools, Bools]:
        """Arcs and options that cost little more than the cheapest: most of a good plan's."""
        return ascent.above_cheapest() <= _GOOD_ARCS, ascent.best.extra <= _GOOD_OPTIONS

    def _exact(self, below: float, arcs: Bools, options: Bools, cuts: Joined) -> float:
        """Bound of plans below a value over the arcs and options left; takes what it finds."""
        layout, rounds = self._layout, self._opened(arcs, options)
        rounds.join(cuts.matrix, cuts.right)
        self._raise(min(rounds.relaxed_bound(), below))
        share = sharing(layout, cuts, self._settings)

        def mend(torn: Floats) -> Floats | None:
            plan, met = share(_read(layout, rounds, torn))
            rounds.add_cuts(met)
            if plan is None:
                return None
            return rounds.columns_of(options_of(plan), schools_of(layout, plan))

        reached = rounds.solve("way", gap=0.9 * self._settings.tolerance, below=below, mend=mend)
        if reached.columns is not None:
            self._take(_read(layout, rounds, reached.columns))
        return reached.bound

    def _opened(self, arcs: Bools, options: Bools) -> Rounds:
        """The whole program over some arcs and options, to be solved in rounds."""
        problem = self._layout.problem
        program = build_location(problem)
        rounds = Rounds(problem, program, self._settings)
        rounds.set_objective(program.way + self._layout.price_km * program.places_short)
        rounds.fix_arcs(upper=arcs)
        rounds.session.set_bounds(rounds.z, np.zeros(len(options)), options.astype(float))
        return rounds

    def _ascend(self, ascent: Ascent, steps: int) -> None:
        for _ in range(steps):
            if self._settings.seconds_left() <= 0:
                break
            value = self._plan.value if self._plan else (1 + 1e-2) * abs(self._bound)
            ascent.step(value)
            self._raise(ascent.best.bound)

    def _raise(self, bound: float) -> None:
        if bound > self._bound:
            self._bound = bound
            self._tell()

    def _take(self, plan: Plan) -> None:
        if self._plan is None or plan.value < self._plan.value - 1e-9:
            self._plan = plan
            self._tell()

    def _done(self) -> bool:
        value = None if self._plan is None else self._plan.value
        met = gap_of(value, self._bound) <= self._settings.tolerance
        return met or self._settings.seconds_left() <= 0

    def _tell(self) -> None:
        if self._settings.report is not None:
            value = math.inf if self._plan is None else self._plan.value
            seconds = time.monotonic() - self._began
            self._settings.report(Progress("way", seconds, value, self._bound))

    def _solution(self) -> PricedSolution:
        plan, layout = self._plan, self._layout
        value = None if plan is None else plan.value
        bound = self._bound if value is None else min(self._bound, value)
        status = status_of(value, bound, self._settings.tolerance)
        if plan is None:
            return PricedSolution(status, None, bound, {}, ())
        return PricedSolution(status, value, bound, schools_of(layout, plan), options_of(plan))


def _read(layout: Layout, rounds: Rounds, columns: Floats) -> Plan:
    """The plan of an exact program."""
    used = np.array(rounds.used_arcs(columns), np.int64)
    arc = np.zeros(layout.clients, np.int64)
    arc[layout.client[used]] = used
    option = np.full(layout.schools, -1)
    chosen = np.flatnonzero(columns[rounds.z] > 0.5)
    option[layout.option_school[chosen]] = chosen
    return plan_of(layout, arc, option)
