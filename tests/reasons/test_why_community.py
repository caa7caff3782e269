"""Why this subdistrict: every alternative is the brute-force best with the community moved."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product

import pytest

from planner.errors import UsageError
from planner.programs.subdistricts.problem import SubdistrictProblem
from planner.reasons.case import Case
from planner.reasons.why_community import problem_of_plan, why_community
from planner.territory.lock_checks import subdistrict_id
from tests.programs.small_subdistricts import keeps_rules, levels
from tests.reasons.towns import planned

TOWN = {
    "n": 3, "m": 2, "community_blocks": (1, 1), "parents": ("甲区", "甲区"),
    "households": (1100, 2000), "seed": 3,
}  # fmt: skip
RANKING = {"deviation": 0.05, "compactness": 0.2}


@cache
def town(*, parents: bool = False) -> Case:
    """Six communities, each of one compound; of one parent, or (`parents`) of two."""
    place = {**TOWN, "parents": ("甲区", "乙区")} if parents else TOWN
    return planned(place, ranking=RANKING, boundaries={"subdistricts": 3, "band": 0.45})


def best_with(problem: SubdistrictProblem, i: int, j: int) -> tuple[float, ...] | None:
    """The ranked levels of the best arrangement with community i at seat j, by trying all."""
    able = [problem.seats_of(group) for group in problem.group]
    every = (seat for seat in product(*able) if seat[i] == j)
    left = [levels(problem, seat) for seat in every if keeps_rules(problem, seat)]
    if not left:
        return None
    deviation = min(found[0] for found in left)
    left = [found for found in left if found[0] <= deviation + RANKING["deviation"] + 1e-7]
    squared = min(found[1] for found in left)
    left = [f for f in left if f[1] <= (1 + RANKING["compactness"]) * squared + 1e-6]
    return deviation, squared, min(found[2] for found in left)


@pytest.mark.parametrize("parents", [False, True])
def test_every_alternative_agrees_with_brute_force(parents: bool) -> None:
    case = town(parents=parents)
    problem, seen = problem_of_plan(case), dict.fromkeys(("OUTPRICED", "IMPOSSIBLE"), 0)
    names = {subdistrict_id(case.territory, seat): j for j, seat in enumerate(problem.seats)}
    for i, key in enumerate(problem.communities):
        answer = why_community(case, key)
        assert {c.subdistrict for c in answer.choices} == set(names) - {answer.subdistrict}
        for choice in answer.choices:
            best = best_with(problem, i, names[choice.subdistrict])
            if choice.verdict in ("FORBIDDEN", "IMPOSSIBLE"):
                assert best is None
                seen["IMPOSSIBLE"] += 1
                continue
            assert best is not None
            seen["OUTPRICED"] += choice.verdict == "OUTPRICED"
            assert [c.value for c in choice.changes] == pytest.approx(best, abs=1e-3, rel=1e-4)
    assert min(seen.values()) >= 1


def test_the_band_that_would_allow_it_is_the_smallest() -> None:
    case = town()
    problem, found = problem_of_plan(case), 0
    names = {subdistrict_id(case.territory, seat): j for j, seat in enumerate(problem.seats)}
    for i, key in enumerate(problem.communities):
        for choice in why_community(case, key).choices:
            if choice.smallest_band is None:
                continue
            found += 1
            j, band = names[choice.subdistrict], choice.smallest_band
            assert best_with(replace(problem, band=band + 1e-6), i, j) is not None
            assert best_with(replace(problem, band=band - 1e-3), i, j) is None
        if found:
            return
    assert found


def test_rules_are_named() -> None:
    case = town(parents=True)
    told = [c.reason for c in why_community(case, "k10").choices if c.verdict == "FORBIDDEN"]
    assert any("boundaries.parent_rule: k10 lies in 甲区" in reason for reason in told)
    told = [c.reason for c in why_community(case, "k00").choices if c.verdict == "FORBIDDEN"]
    assert any("the office o1 lies in k00" in reason for reason in told)
    locks = {"fixed": {"subdistricts": {"k10": "d1"}}}
    scenario = case.scenario.model_copy(update={"locks": case.scenario.locks.model_validate(locks)})
    told = [c.reason for c in why_community(replace(case, scenario=scenario), "k10").choices]
    assert all(reason.startswith("locks.fixed.subdistricts.k10") for reason in told)


def test_an_unknown_community_is_told() -> None:
    with pytest.raises(UsageError, match="no community 'k99'"):
        why_community(town(), "k99")
