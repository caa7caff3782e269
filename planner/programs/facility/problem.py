"""Clients, sites and what it costs to serve one from the other: arrays behind ids."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planner.errors import DataError, Problem
from planner.solving.settings import SolveStatus

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Id = Hashable


@dataclass(frozen=True)
class FacilityProblem:
    """Open sites, serve every client: which sites, and who is served where.

    The parameters make the kind: `count` fixes the number of sites (p-median), `fixed` prices them
    (facility location), `capacity` limits them, `split` lets a client be shared among sites.
    """

    clients: tuple[Id, ...]
    sites: tuple[Id, ...]
    cost: Floats
    """Clients × sites: of serving the client's whole demand; inf where that is not allowed."""
    demand: Floats
    """By client."""
    capacity: Floats
    """By site; inf: no limit."""
    fixed: Floats
    """By site: cost of opening it."""
    count: int | None = None
    """Exactly so many sites open; None: as many as pay."""
    split: bool = False
    """Whether a client may be shared among sites; without capacities nothing is gained by it."""

    @property
    def capacitated(self) -> bool:
        """Whether any site has a limit."""
        return bool(np.isfinite(self.capacity).any())

    @property
    def whole(self) -> bool:
        """Whether every plan costs a whole number, so that bounds may be rounded up."""
        if self.split and self.capacitated:
            return False
        costs = self.cost[np.isfinite(self.cost)]
        return bool((costs % 1 == 0).all() and (self.fixed % 1 == 0).all())


@dataclass(frozen=True)
class FacilitySolution:
    """What was found and proven; ids are the problem's.

    `value` is recomputed from the plan, never taken from a solver; None without a plan. `bound` is
    on the side that no plan passes: below the value, or above it where the value is maximised.
    """

    status: SolveStatus
    value: float | None
    bound: float
    gap: float
    open: tuple[Id, ...]
    served: Mapping[Id, Mapping[Id, float]]
    """By client: the share that each site serves. Clients left uncovered are not in it."""
    how: str


def from_matrix(
    cost: npt.ArrayLike,
    *,
    clients: Sequence[Id] | None = None,
    sites: Sequence[Id] | None = None,
) -> FacilityProblem:
    """A problem from a table of costs, clients × sites; ids are positions unless given.

    nan or inf: the site cannot serve the client. Raises DataError for shapes that do not match,
    doubled ids, and clients that nothing can serve.
    """
    table = np.array(cost, float)
    if table.ndim != 2:
        raise _wrong("cost", f"the table has {table.ndim} dimensions", "give clients × sites")
    table[np.isnan(table)] = math.inf
    rows = tuple(range(table.shape[0])) if clients is None else tuple(clients)
    columns = tuple(range(table.shape[1])) if sites is None else tuple(sites)
    if (len(rows), len(columns)) != table.shape:
        raise _wrong(
            "cost",
            f"{len(rows)} clients × {len(columns)} sites, but a table of {table.shape}",
            "give one id for each row and column",
        )
    for what, ids in (("clients", rows), ("sites", columns)):
        if len(set(ids)) != len(ids):
            twice = sorted({str(i) for i in ids if ids.count(i) > 1})
            raise _wrong(what, f"doubled ids: {', '.join(twice[:5])}", "make them unique")
    alone = [str(rows[i]) for i in np.flatnonzero(~np.isfinite(table).any(1)).tolist()]
    if alone:
        raise _wrong("cost", f"nothing can serve {', '.join(alone[:5])}", "add arcs or leave out")
    count = len(columns)
    return FacilityProblem(
        rows, columns, table, np.ones(len(rows)), np.full(count, math.inf), np.zeros(count)
    )


def from_arcs(client: Sequence[Id], site: Sequence[Id], cost: Sequence[float]) -> FacilityProblem:
    """A problem from arcs (three sequences of one length); what is not listed is not allowed.

    The last of several entries for a pair counts. Raises DataError as `from_matrix` does.
    """
    rows, columns = tuple(dict.fromkeys(client)), tuple(dict.fromkeys(site))
    row = {c: i for i, c in enumerate(rows)}
    column = {s: j for j, s in enumerate(columns)}
    table = np.full((len(rows), len(columns)), math.inf)
    table[[row[c] for c in client], [column[s] for s in site]] = np.asarray(cost, float)
    return from_matrix(table, clients=rows, sites=columns)


def by_id(given: Mapping[Id, float] | Sequence[float], ids: Sequence[Id], what: str) -> Floats:
    """An amount for each id, from a mapping or in their order.

    Raises DataError naming the ids without an amount and amounts below zero.
    """
    if isinstance(given, Mapping):
        missing = [str(i) for i in ids if i not in given]
        if missing:
            raise _wrong(what, f"no amount for {', '.join(missing[:5])}", "give one for each")
        given = [given[i] for i in ids]
    amounts = np.array(given, float)
    if amounts.shape != (len(ids),):
        raise _wrong(what, f"{amounts.shape} amounts for {len(ids)} ids", "give one for each")
    bad = [str(ids[i]) for i in np.flatnonzero(~(amounts >= 0)).tolist()]
    if bad:
        raise _wrong(what, f"negative or no number at {', '.join(bad[:5])}", "correct them")
    return amounts


def plan_value(problem: FacilityProblem, opened: Ints, share: Floats) -> float:
    """Value of a plan from the data alone; inf if it breaks a rule.

    `opened` lists site positions, `share` is clients × sites.
    """
    is_open = np.zeros(len(problem.sites), bool)
    is_open[opened] = True
    used = share > 1e-9
    load = problem.demand @ share
    room = problem.capacity * (1 + 1e-9) + 1e-6
    kept = (
        np.allclose(share.sum(1), 1.0, atol=1e-6)
        and not used[:, ~is_open].any()
        and bool(np.isfinite(problem.cost[used]).all())
        and bool((load <= room).all())
        and (problem.split or bool((share[used] > 1 - 1e-6).all()))
        and (problem.count is None or len(opened) == problem.count)
    )
    if not kept:
        return math.inf
    costs = np.where(used, problem.cost, 0.0)
    return float((costs * share).sum() + problem.fixed[opened].sum())


def _wrong(where: str, message: str, action: str) -> DataError:
    return DataError(Problem(where, message, action))
