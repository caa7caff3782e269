"""The program of a neighbourhood: some schools decide again, everything else stays as it is.

Built as arrays, because a search builds thousands of them; the rows are those of
`programs.location` with the overflow priced.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix

from planner.programs.location.problem import Bools, Floats, Ints
from planner.programs.priced.layout import Layout
from planner.programs.priced.plan import Plan
from planner.solving.arrays import Arrays, Rows


@dataclass(frozen=True)
class Subprogram:
    """Arrays with columns arcs, options, overflow by pair; and what they stand for."""

    arrays: Arrays
    arcs: Ints
    options: Ints
    clients: Ints
    """Those that are assigned again."""
    schools: Ints

    def start(self, plan: Plan, layout: Layout) -> Floats:
        """The columns of a plan; overflow is left open."""
        x = np.isin(self.arcs, plan.arc[self.clients]).astype(float)
        z = np.isin(self.options, plan.option[self.schools]).astype(float)
        pairs = len(self.schools) * layout.services
        return np.concatenate([x, z, np.full(pairs, np.nan)])

    def applied(self, plan: Plan, layout: Layout, columns: Floats) -> tuple[Ints, Ints]:
        """Arcs by client and options by school of a plan changed as the columns say."""
        arc, option = plan.arc.copy(), plan.option.copy()
        chosen = self.arcs[columns[: len(self.arcs)] > 0.5]
        arc[layout.client[chosen]] = chosen
        option[self.schools] = -1
        picked = columns[len(self.arcs) : len(self.arcs) + len(self.options)] > 0.5
        taken = self.options[picked]
        option[layout.option_school[taken]] = taken
        return arc, option


def subprogram_of(
    layout: Layout,
    plan: Plan,
    schools: Ints,
    *,
    arcs: Bools,
    options: Bools,
    service: int | None = None,
) -> Subprogram:
    """The program in which `schools` (sorted) choose options and share their clients again.

    Only the `arcs` and `options` given, and those of the plan, may be used.
    """
    services = layout.services
    inside = np.zeros(layout.schools, bool)
    inside[schools] = True
    own = inside[layout.pair[plan.arc] // services]
    if service is not None:
        own &= np.arange(layout.clients) % services == service
    clients = np.flatnonzero(own)
    ours = plan.option[schools]
    may = options.copy()
    may[ours[ours >= 0]] = True
    z = np.flatnonzero(inside[layout.option_school] & may)
    allowed = arcs.copy()
    allowed[plan.arc] = True
    pairs = (schools[:, None] * services + np.arange(services)).ravel()
    opening = np.zeros(len(layout.places), bool)
    opened = layout.option_school[z][:, None] * services + np.arange(services)
    opening[opened[layout.opens[z]]] = True
    opening |= layout.open_today
    near = np.concatenate([layout.by_pair.of(int(p)) for p in pairs])
    x = np.sort(near[own[layout.client[near]] & allowed[near] & opening[layout.pair[near]]])
    arrays = _arrays(layout, plan, schools, clients, pairs, x, z)
    return Subprogram(arrays, x, z, clients, schools)


def _arrays(
    layout: Layout, plan: Plan, schools: Ints, clients: Ints, pairs: Ints, x: Ints, z: Ints
) -> Arrays:
    """Rows served, capacity, open, one option, totals; columns arcs, options, overflow."""
    services, nx, nz = layout.services, len(x), len(z)
    at_client = _positions(clients, layout.clients)[layout.client[x]]
    place = _positions(pairs, len(layout.places))
    at_pair = place[layout.pair[x]]
    count_c, count_p, count_s = len(clients), len(pairs), len(schools)
    rows: list[Ints] = [at_client, count_c + at_pair]
    columns: list[Ints] = [np.arange(nx), np.arange(nx)]
    values: list[Floats] = [np.ones(nx), layout.pupils[x]]
    z_pair = place[layout.option_school[z][:, None] * services + np.arange(services)]
    rows += [count_c + z_pair.ravel(), count_c + np.arange(count_p)]
    columns += [np.repeat(nx + np.arange(nz), services), nx + nz + np.arange(count_p)]
    values += [-layout.option_places[z].ravel(), np.full(count_p, -1.0)]
    base = count_c + count_p
    closed = np.flatnonzero(~layout.open_today[layout.pair[x]])
    rows.append(base + np.arange(len(closed)))
    columns.append(closed)
    values.append(np.ones(len(closed)))
    o, s = np.nonzero(layout.opens[z])
    by_pair: dict[int, list[int]] = {}
    for option, pair in zip(o.tolist(), z_pair[o, s].tolist(), strict=True):
        by_pair.setdefault(pair, []).append(option)
    for i, pair in enumerate(at_pair[closed].tolist()):
        with_it = np.array(by_pair.get(pair, []), np.int64)
        rows.append(np.full(len(with_it), base + i))
        columns.append(nx + with_it)
        values.append(np.full(len(with_it), -1.0))
    base += len(closed)
    rows.append(base + _positions(schools, layout.schools)[layout.option_school[z]])
    columns.append(nx + np.arange(nz))
    values.append(np.ones(nz))
    base += count_s
    t, at = np.nonzero(layout.amounts[z].T)
    rows.append(base + t)
    columns.append(nx + at)
    values.append(layout.amounts[z].T[t, at])
    count = base + len(layout.least)
    least, most = _totals_left(layout, plan, schools)
    lower = np.full(count, -math.inf)
    upper = np.zeros(count)
    lower[:count_c] = upper[:count_c] = 1.0
    upper[count_c : count_c + count_p] = layout.places[pairs]
    upper[base - count_s : base] = 1.0
    lower[base:], upper[base:] = least, most
    width = nx + nz + count_p
    matrix = coo_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), (count, width)
    ).tocsr()
    matrix.sort_indices()
    cost = np.concatenate([layout.cost[x], np.zeros(nz), np.full(count_p, layout.price_km)])
    return Arrays(
        names=tuple(map(str, range(width))),
        cost=cost,
        offset=0.0,
        lower=np.zeros(width),
        upper=np.append(np.ones(nx + nz), np.full(count_p, math.inf)),
        integer=np.append(np.ones(nx + nz, bool), np.zeros(count_p, bool)),
        rows=Rows(
            tuple(map(str, range(count))), lower, upper, matrix.indptr.astype(np.int32),
            matrix.indices.astype(np.int32), matrix.data,
        ),
    )  # fmt: skip


def _totals_left(layout: Layout, plan: Plan, schools: Ints) -> tuple[Floats, Floats]:
    """What is left of the totals once all other schools keep their options."""
    outside = plan.option.copy()
    outside[schools] = -1
    taken = layout.amounts[outside[outside >= 0]].sum(0)
    return layout.least - taken, layout.most - taken


def _positions(of: Ints, count: int) -> Ints:
    position = np.full(count, -1)
    position[of] = np.arange(len(of))
    return position
