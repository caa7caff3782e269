"""The uncapacitated rest by branching on sites, with a Lagrangian bound at every node.

Prices are inherited from node to node, and each node closes the sites that no better plan below it
opens, so nodes shrink fast. Best bound first: whenever the search ends, the least bound of the open
nodes holds for all plans.
Source: Beasley, European Journal of Operational Research 21 (1985), trees over Lagrangian bounds.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np

from planner.programs.facility.problem import Bools, FacilityProblem, Floats, Ints
from planner.solving.settings import Settings

_STEPS = 60
_PATIENCE = 5
_SHORTER = 0.6
_FIRST_LENGTH = 0.6
_FADE = 0.9
"""How fast a node forgets which sites its bounds opened, when it asks which one to branch on."""


@dataclass(frozen=True)
class Tree:
    """Bound of all plans, the best sites met with their value, nodes, and whether none is open."""

    bound: float
    value: float
    opened: Ints | None
    nodes: int
    closed: bool


@dataclass(frozen=True)
class _Node:
    sites: Ints
    must: Bools
    """By site of the node."""
    prices: Floats


@dataclass(frozen=True)
class _Met:
    """What a node's ascent met."""

    bound: float
    prices: Floats
    site: Floats
    chosen: Bools
    often: Floats
    value: float
    opened: Ints


def branch(
    problem: FacilityProblem,
    settings: Settings,
    *,
    may: Bools,
    must: Bools,
    prices: Floats,
    bound: float,
    value: float,
    step: float,
    nodes: int,
) -> Tree:
    """Search sites among `may` for plans better than `value` by at least `step`.

    Ends without open nodes, after `nodes` of them, or at the settings' limit.
    """
    sites = np.flatnonzero(may)
    heap = [(bound, 0, _Node(sites, must[sites], prices))]
    best, opened, count = value, None, 0
    while heap and count < nodes and settings.seconds_left() > 0:
        if heap[0][0] >= best - step:
            break
        _, _, node = heapq.heappop(heap)
        count += 1
        met = _ascend(problem, node, best, step)
        if met.value < best:
            best, opened = met.value, met.opened
        if met.bound >= best - step or node.must.all():
            continue
        for child in _children(problem, node, met, best - step):
            heapq.heappush(heap, (met.bound, 2 * count + len(heap), child))
    open_bound = min((entry[0] for entry in heap), default=math.inf)
    closed = open_bound >= best - step
    return Tree(min(open_bound, best - step), best, opened, count, closed)


def _ascend(problem: FacilityProblem, node: _Node, best: float, step: float) -> _Met:
    cost = problem.cost[:, node.sites]
    fixed = problem.fixed[node.sites]
    u, direction = node.prices, np.zeros(len(cost))
    often = np.zeros(len(node.sites))
    top = _Met(-math.inf, u, fixed, node.must, often, math.inf, node.sites)
    value, opened = math.inf, node.sites
    length, waited = _FIRST_LENGTH, 0
    for k in range(_STEPS):
        rest = cost - u[:, None]
        site = fixed + np.minimum(rest, 0.0).sum(0)
        chosen = _choose(problem, site, node.must)
        often = _FADE * often + (1 - _FADE) * chosen
        bound = float(u.sum() + site[chosen].sum())
        if k % 8 == 0:
            plan = float(cost[:, chosen].min(1, initial=math.inf).sum() + fixed[chosen].sum())
            if plan < value:
                value, opened = plan, node.sites[chosen]
        if bound > top.bound:
            gained = bound > top.bound + 1e-6 * abs(bound)
            top, waited = (
                _Met(bound, u, site, chosen, often, value, opened),
                0 if gained else (waited + 1),
            )
        else:
            waited += 1
        if bound >= min(best, value) - step:
            break
        if waited >= _PATIENCE:
            length, waited, u = length * _SHORTER, 0, top.prices
            direction = np.zeros(len(cost))
            continue
        direction = 1.0 - (rest[:, chosen] < 0).sum(1) + 0.3 * direction
        norm = float(direction @ direction)
        if norm < 1e-12:
            break
        u = u + length * max(best - bound, step) / norm * direction
    return _Met(top.bound, top.prices, top.site, top.chosen, often, value, opened)


def _choose(problem: FacilityProblem, site: Floats, must: Bools) -> Bools:
    """The sites that the bound opens: those that must be, and the best others."""
    chosen = must.copy()
    if problem.count is None:
        return np.asarray(chosen | (site < 0), bool)
    more = problem.count - int(must.sum())
    if more > 0:
        others = np.where(must, math.inf, site)
        chosen[np.argpartition(others, more - 1)[:more]] = True
    return chosen


def _children(problem: FacilityProblem, node: _Node, met: _Met, most: float) -> list[_Node]:
    """Two nodes with a site open and closed, after closing what no plan up to `most` opens."""
    slack = most - met.bound + 1e-9 * max(1.0, abs(most))
    free = met.chosen & ~node.must
    last, following = 0.0, 0.0
    if problem.count is not None:
        last = float(met.site[free].max(initial=-math.inf))
        following = float(met.site[~met.chosen].min(initial=math.inf))
    keep = met.chosen | (met.site - last <= slack)
    must = node.must | (free & (following - met.site > slack))
    sites, forced = node.sites[keep], must[keep]
    if problem.count is not None:
        if len(sites) < problem.count or int(forced.sum()) > problem.count:
            return []
        if int(forced.sum()) == problem.count:
            sites, forced = sites[forced], forced[forced]
        elif len(sites) == problem.count:
            forced = np.ones(len(sites), bool)
    undecided = np.flatnonzero(~forced)
    if not len(undecided):
        return [_Node(sites, forced, met.prices)]
    at = undecided[int(np.argmin(np.abs(met.often[keep][undecided] - 0.5)))]
    opened = forced.copy()
    opened[at] = True
    closed = np.delete(np.arange(len(sites)), at)
    return [_Node(sites, opened, met.prices), _Node(sites[closed], forced[closed], met.prices)]
