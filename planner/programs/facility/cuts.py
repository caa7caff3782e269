"""The uncapacitated rest by Benders cuts: sites are whole, clients' costs follow from cuts.

For any level v, ``cost of client i >= v - sum(max(0, v - cost[i,j]) y[j])``. Cuts come in rounds,
first at points of the linear program, then at its whole plans; all of them stay.
Source: Duran-Mateluna, Ales, Elloumi, European Journal of Operational Research 308 (2023), for the
separation by sorted distances; the first cuts here stand at the Lagrangian prices.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.programs.facility.problem import Bools, FacilityProblem, Floats, Ints
from planner.solving.arrays import Arrays, Rows
from planner.solving.highs import Session
from planner.solving.settings import Settings

Cut = tuple[Ints, Floats, float]
"""Columns, coefficients, and what they must reach."""
_LP_ROUNDS = 60
_FEW_ROUNDS = 6
_ROUNDS = 200
_VIOLATED = 1e-6


@dataclass(frozen=True)
class Relaxed:
    """Bound and point of the linear program (None: the bound is enough), reduced costs by site."""

    bound: float
    open: Floats | None
    reduced: Floats | None


@dataclass(frozen=True)
class Rest:
    """What the rounds reached: bound of all plans, and the best sites with their value."""

    bound: float
    value: float
    opened: Ints | None
    rounds: int


class Master:
    """Sites and costs of clients as columns; only the sites that are left."""

    def __init__(
        self, problem: FacilityProblem, may: Bools, must: Bools, settings: Settings
    ) -> None:
        self.problem, self.settings = problem, settings
        self.sites = np.flatnonzero(may)
        self.cost = problem.cost[:, self.sites]
        self.order = np.argsort(self.cost, axis=1, kind="stable")
        self.ranked = np.take_along_axis(self.cost, self.order, axis=1)
        count, clients = len(self.sites), len(self.cost)
        self.count = count
        lower = np.concatenate([must[self.sites].astype(float), self.ranked[:, 0]])
        upper = np.concatenate([np.ones(count), np.full(clients, math.inf)])
        cost = np.concatenate([problem.fixed[self.sites], np.ones(clients)])
        integer = np.concatenate([np.ones(count, bool), np.zeros(clients, bool)])
        self._columns = (cost, lower, upper, integer)
        self._rows: list[Cut] = []
        self._equal = problem.count
        self._reach()

    def _reach(self) -> None:
        """A client that not every site can serve needs one that can."""
        for i in np.flatnonzero(~np.isfinite(self.cost).all(1)).tolist():
            near = np.flatnonzero(np.isfinite(self.cost[i]))
            self._rows.append((near.astype(np.int64), np.ones(len(near)), 1.0))

    def session(self) -> Session:
        """A fresh session with all rows so far."""
        cost, lower, upper, integer = self._columns
        first = [] if self._equal is None else [(np.arange(self.count), np.ones(self.count),
                                                 float(self._equal))]  # fmt: skip
        rows = _rows([*first, *self._rows], equal=len(first))
        names = tuple(map(str, range(len(cost))))
        return Session(Arrays(names, cost, 0.0, lower, upper, integer, rows), self.settings)

    def cut(self, i: int, level: float) -> Cut:
        """The cut of a client at a level of its cost."""
        nearer = self.order[i, : int(np.searchsorted(self.ranked[i], level))]
        columns = np.append(nearer, self.count + i)
        return columns, np.append(level - self.cost[i, nearer], 1.0), level

    def violated(self, y: Floats, theta: Floats) -> list[Cut]:
        """The most violated cut of every client at a point."""
        mass = np.take_along_axis(np.broadcast_to(y, self.cost.shape), self.order, axis=1)
        filled = np.cumsum(mass, axis=1)
        k = np.minimum((filled < 1 - 1e-9).sum(1), self.count - 1)
        rows = np.arange(len(k))
        level = self.ranked[rows, k]
        finite = np.where(np.isfinite(self.ranked), self.ranked, 0.0)
        spent = np.cumsum(mass * finite, axis=1) - mass * finite
        before = filled - mass
        true = spent[rows, k] + level * (1 - before[rows, k])
        wrong = np.isfinite(true) & (true > theta + _VIOLATED * np.maximum(1.0, np.abs(true)))
        return [self.cut(i, float(level[i])) for i in np.flatnonzero(wrong).tolist()]

    def keep(self, rows: list[Cut]) -> None:
        """Keep rows for the sessions to come."""
        self._rows += rows

    def fix(self, closed: Bools, opened: Bools) -> None:
        """Close and open sites (by site left) for good."""
        _, lower, upper, _ = self._columns
        upper[: self.count][closed] = 0.0
        lower[: self.count][opened] = 1.0

    def drop_idle(self, columns: Floats) -> None:
        """Forget rows that a point leaves slack; what is needed comes back."""
        self._rows = [
            row for row in self._rows
            if float(row[1] @ columns[row[0]]) <= row[2] + 1e-6 * max(1.0, abs(row[2]))
        ]  # fmt: skip


def relax_rest(master: Master, prices: Floats, target: float) -> Relaxed:
    """The linear program over the sites left, with cuts in rounds until none is violated.

    First cuts stand at the prices of the clients. Ends early once the bound reaches `target`.
    """
    master.keep([master.cut(i, float(u)) for i, u in enumerate(prices) if math.isfinite(u)])
    session, bound = master.session(), -math.inf
    relaxed = Relaxed(bound, None, None)
    for _ in range(_LP_ROUNDS):
        outcome = session.relax()
        bound = max(bound, outcome.bound)
        if outcome.columns is None or outcome.reduced is None or bound >= target:
            return Relaxed(bound, None, None)
        relaxed = Relaxed(bound, outcome.columns[: master.count], outcome.reduced[: master.count])
        point = outcome.columns
        cuts = master.violated(point[: master.count], point[master.count :])
        if not cuts or master.settings.seconds_left() <= 0:
            break
        master.keep(cuts)
        session.add_rows(_rows(cuts))
    master.drop_idle(point)
    return relaxed


def solve_rest(
    master: Master, *, value: float, step: float, polish: Callable[[Ints], Ints]
) -> Rest:
    """Search the sites left for plans better than `value` by `step`, in rounds of cuts.

    Every plan met is given to `polish` for a better one. The bound holds for all plans among these
    sites; it is at most the best value less `step`.
    """
    problem, bound, best = master.problem, -math.inf, value
    opened, session, rounds = None, master.session(), 0
    while rounds < _ROUNDS:
        rounds += 1
        outcome = session.optimise(gap=1e-9, cutoff=best - step)
        bound = max(bound, outcome.bound)
        cuts: list[Cut] = []
        for columns in outcome.improving:
            y, theta = np.round(columns[: master.count]), columns[master.count :]
            found = polish(master.sites[y > 0.5])
            true = float(problem.cost[:, found].min(1).sum() + problem.fixed[found].sum())
            if true < best - 1e-9 * max(1.0, abs(best)):
                best, opened = true, found
            cuts += master.violated(y, theta)
        cuts += _fractional(master, session, cuts)
        if bound >= best - step or not cuts or master.settings.seconds_left() <= 0:
            break
    return Rest(min(bound, best), best, opened, rounds)


def _fractional(master: Master, session: Session, cuts: list[Cut]) -> list[Cut]:
    """Add cuts to a session, and those that its linear program then asks for."""
    if not cuts:
        return []
    session.add_rows(_rows(cuts))
    more: list[Cut] = []
    for _ in range(_FEW_ROUNDS):
        outcome = session.relax()
        if outcome.columns is None:
            break
        y, theta = outcome.columns[: master.count], outcome.columns[master.count :]
        violated = master.violated(y, theta)
        if not violated:
            break
        session.add_rows(_rows(violated))
        more += violated
    return more


def _rows(rows: list[Cut], equal: int = 0) -> Rows:
    """Rows ``value · columns >= right``; the first `equal` of them with equality."""
    lower = np.array([right for _, _, right in rows], float)
    upper = np.full(len(rows), math.inf)
    upper[:equal] = lower[:equal]
    start = np.concatenate([[0], np.cumsum([len(index) for index, _, _ in rows])])
    none = np.zeros(0)
    index = np.concatenate([none, *(index for index, _, _ in rows)]).astype(np.int32)
    value = np.concatenate([none, *(value for _, value, _ in rows)]).astype(float)
    names = tuple(map(str, range(len(rows))))
    return Rows(names, lower, upper, start.astype(np.int32), index, value)
