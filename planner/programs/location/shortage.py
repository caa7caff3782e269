"""The first level over listed choices: the fewest places short, service by service.

Places short alone has no taste, and separation rounds on it do not end. So it is only bounded;
what reaches the bound is then looked for by its short way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from planner.programs.location.choices import ChoiceSearch
from planner.programs.location.distributions import NEW
from planner.programs.location.parts import ROUGH, Part
from planner.programs.location.problem import Floats
from planner.solving.settings import gap_of

_FEWEST, _ANY = 0.4, 0.5
"""Under a time limit: shares of the time left for the fewest places short, and for any plan."""
_DEAR = 10.0
"""Price of a pupil above capacity, in mean ways, where any plan is looked for."""
_TASTE, _CLOSE = 0.3, 0.9
"""Shares of the tolerance: taken by a taste for short ways, and at which a search ends."""


def fewest_short(search: ChoiceSearch, name: str) -> float:
    """Bound of the places short; a plan that reaches it is kept as the best.

    Under a time limit a plan with more places short is taken once the level's time is up.
    """
    search.grant(_FEWEST)
    _relax_all(search, name)
    _search(search, name)
    least = float(_fewest(search).min(initial=math.inf))
    if search.best is None and least < math.inf and search.settings.seconds_left() > 0:
        search.grant(_ANY)
        _any_plan(search)
    return least


def keep_short(
    search: ChoiceSearch, reached: Sequence[float], bound: float, extra: Sequence[float]
) -> None:
    """Keep the places short: those of each service and its `extra` on top.

    Where nothing is granted and the fewest are proven, the fewest in all are kept, whichever
    services they fall to.
    """
    if not any(extra) and gap_of(sum(reached), bound) == 0:
        search.alive &= _fewest(search) <= sum(reached) + 1e-6
        for part in search.parts:
            _limit(part, part.fewest)
    else:
        for part, value, more in zip(search.parts, reached, extra, strict=True):
            _limit(part, np.full(len(part.fewest), value + more))
    search.alive &= np.isfinite(_allowed(search))


def _search(search: ChoiceSearch, name: str) -> None:
    """Examine choices with the fewest places short, by their ways, until one has a plan."""
    while search.left() > 0:
        allowed = _allowed(search)
        least = float(allowed.min(initial=math.inf))
        if least == math.inf:
            return
        lower = np.where(allowed <= least + 1e-6, search.lower(), np.inf)
        i = int(np.argmin(lower))
        if lower[i] == math.inf:
            i = int(np.argmin(allowed))
            if not _lift_choice(search, i):
                return
            continue
        moved = search.value(i) < math.inf or search.advance(i, math.inf, search.settings.tolerance)
        if search.value(i) < math.inf:
            search.best = i  # any plan will do: which one is the best is asked by later levels
            return
        if not moved:
            return
        search.tell(name, math.inf, float(_fewest(search).min(initial=math.inf)))


def _any_plan(search: ChoiceSearch) -> None:
    """A plan of the most promising choice, whatever it is short of places."""
    while search.left() > 0:
        short = _allowed(search)
        seen = [part.known()[part.of_choice] for part in search.parts]
        promise = np.where(np.logical_and.reduce(seen), search.lower(), 1e12 + short)
        i = int(np.argmin(np.where(short < math.inf, promise, np.inf)))
        if short[i] == math.inf:
            return
        at = [int(part.of_choice[i]) for part in search.parts]
        for part, v in zip(search.parts, at, strict=True):
            _relax(part, v)
        if _allowed(search)[i] == math.inf:
            continue
        found = [_cheap_plan(part, v) for part, v in zip(search.parts, at, strict=True)]
        if all(value < math.inf for value in found):
            for part, value in zip(search.parts, found, strict=True):
                limit = part.limits["places_short"]
                able = np.isfinite(limit) & (part.fewest <= value + 1e-6)
                part.limit_short(np.where(able, np.maximum(limit, value), limit))
            search.best = i
            return


def _cheap_plan(part: Part, v: int) -> float:
    """Pupils above capacity in a plan that is found at any price; inf if none is found."""
    part.mips += 1
    part.fix(v)
    part.rounds.release("places_short")
    price = _DEAR * part.scale(v) / max(1.0, part.pupils)
    part.rounds.set_objective(part.program.way + price * part.program.places_short)
    reached = part.rounds.solve("", gap=ROUGH)
    part.rounds.set_objective(part.expressions[part.level])
    if reached.columns is not None:
        return part.add(v, reached.columns).values["places_short"]
    if reached.bound == math.inf:
        part.limits["places_short"][v] = math.inf
    return math.inf


def _relax_all(search: ChoiceSearch, name: str) -> None:
    """Bounds of the places short from linear relaxations, lowest first."""
    seen = [set[int]() for _ in search.parts]
    while search.left() > 0:
        fewest = _fewest(search)
        i = int(np.argmin(fewest))
        if fewest[i] == math.inf:
            return
        at = [int(part.of_choice[i]) for part in search.parts]
        fresh = [k for k, v in enumerate(at) if v not in seen[k]]
        if not fresh:
            return
        for k in fresh:
            seen[k].add(at[k])
            _relax(search.parts[k], at[k])
        search.tell(name, math.inf, float(fewest[i]))


def _relax(part: Part, v: int) -> None:
    """Bound of the pupils above capacity from the relaxation; its duals bound all others."""
    part.lps += 1
    z = part.fix(v)
    part.rounds.release("places_short")
    part.rounds.set_objective(part.program.places_short)
    outcome = part.separated()
    part.rounds.set_objective(part.expressions[part.level])
    bounds = np.full(len(part.fewest), -np.inf)
    if outcome.objective is None or outcome.reduced is None:
        bounds[v] = outcome.bound
    else:
        reduced = outcome.reduced[part.rounds.z]
        gain = np.append(reduced, 0.0)[part.slots].sum(1)
        bounds = part.whole(outcome.objective - float(reduced @ z) + gain)
    part.fewest = np.maximum(part.fewest, bounds)
    part.limit_short(np.maximum(part.limits["places_short"], part.fewest))


def _lift_choice(search: ChoiceSearch, i: int) -> bool:
    """Lift the parts of a choice that have no plan; False if that led nowhere."""
    told = False
    for part in search.parts:
        v = int(part.of_choice[i])
        if part.lower[v] == math.inf:
            told |= _lift(part, v, search.settings.tolerance)
    return told


def _lift(part: Part, v: int, gap: float) -> bool:
    """Find out how short of places a distribution is that has no plan within its limit.

    False if that could not be told.
    """
    part.mips += 1
    limit, known = part.limits["places_short"].copy(), float(part.fewest[v])
    part.fix(v)
    part.rounds.release("places_short")
    # a little of the way gives the search a taste; it adds at most `most` to the bound
    most = _TASTE * gap * max(1.0 if part.counted else 1e-3, known)
    taste = most / max(1.0, part.rounds.most_of(part.program.way))
    part.rounds.set_objective(part.program.places_short + taste * part.program.way)
    reached = part.rounds.solve("", gap=(_CLOSE - _TASTE) * gap)
    part.rounds.set_objective(part.expressions[part.level])
    bound = max(known, float(part.whole(reached.bound - most)))
    if part.counted and limit[v] < known + 0.5:
        bound = max(bound, known + 1.0)  # proven: the fewest so far are too few
    limit[v] = bound
    if reached.columns is not None:
        limit[v] = part.add(v, reached.columns).values["places_short"]
    part.fewest[v] = min(bound, limit[v])
    part.lower[v], part.stage[v] = -math.inf, NEW
    part.limit_short(limit)
    return reached.columns is not None or bound > known


def _limit(part: Part, limit: Floats) -> None:
    """Limit the places short by distribution; what must be above that has no plan."""
    able = np.isfinite(part.limits["places_short"]) & (part.fewest <= limit + 1e-6)
    part.limit_short(np.where(able, limit, np.inf))


def _fewest(search: ChoiceSearch) -> Floats:
    """Bound of the places short of every choice; inf where there is no plan."""
    none = np.zeros(len(search.choices))
    bound = sum((part.fewest[part.of_choice] for part in search.parts), none)
    return np.where(np.isfinite(_allowed(search)), bound, np.inf)


def _allowed(search: ChoiceSearch) -> Floats:
    """Places short that each choice may presently reach; inf where there is no plan."""
    none = np.zeros(len(search.choices))
    return sum((part.limits["places_short"][part.of_choice] for part in search.parts), none)
