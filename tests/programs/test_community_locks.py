"""Locks on communities: parts take on what is locked of the community they were split from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from planner.errors import ScenarioError
from planner.plan.plan import CommunityPlan
from planner.programs.communities.communities import communities_of
from planner.programs.communities.problem import community_problem
from planner.programs.subdistricts.locking import (
    community_locks,
    lock_problems,
    locks_of_today,
    merging_marks,
)
from planner.scenario.locks import Locks
from planner.scenario.model import Scenario
from planner.territory.territory import Territory
from tests.plan.handmade import town


def place(**locks: Any) -> tuple[Territory, Scenario, list[CommunityPlan]]:
    """The town with k00 split in two, and these locks."""
    here = town(one_parent=True)
    communities = list(here.plan.communities)
    whole = communities[0]
    assert whole.id == "k00"
    first, second = whole.compounds[:2], whole.compounds[2:]
    communities[0] = replace(whole, compounds=first)
    communities.append(replace(whole, id="k00-2", new=True, compounds=second))
    scenario = here.scenario.model_copy(update={"locks": Locks.model_validate(locks)})
    return here.territory, scenario, communities


def test_a_lock_of_today_holds_for_all_that_is_split_from_it() -> None:
    locks = community_locks(*place(fixed={"subdistricts": {"k00": "d1"}}))
    assert locks.fixed == {"k00": "d1", "k00-2": "d1"}
    assert locks.barred("k00-2", "d2")
    assert not locks.barred("k00-2", "d1")
    assert not locks.barred("k11", "d2")


def test_a_part_with_a_lock_of_its_own_does_not_take_it_on() -> None:
    stated = {"fixed": {"subdistricts": {"k00": "d1"}}, "forbidden": {"subdistricts": {
        "k00-2": ["d1"]}}}  # fmt: skip
    locks = community_locks(*place(**stated))
    assert locks.fixed == {"k00": "d1"}
    assert locks.barred("k00-2", "d1")
    assert not locks.barred("k00-2", "d2")


def test_parts_are_kept_together_with_what_their_community_is() -> None:
    assert community_locks(*place(together=[["k00", "k01"]])).together == (("k00", "k00-2", "k01"),)
    chain = place(together=[["k00-2", "k10"], ["k10", "k11"]])
    assert community_locks(*chain).together == (("k00-2", "k10", "k11"),)


def test_a_part_that_the_plan_does_not_have_is_refused() -> None:
    territory, scenario, communities = place(fixed={"subdistricts": {"k00-3": "d1"}})
    with pytest.raises(ScenarioError, match=r"k00 has no part 'k00-3' in this plan.*'k00-2'"):
        community_locks(territory, scenario, communities)
    assert locks_of_today(territory, scenario) == frozenset()


def test_an_office_cannot_be_locked_out_of_its_subdistrict() -> None:
    territory, scenario, communities = place(forbidden={"subdistricts": {"k00": ["d1"]}})
    found = [str(problem) for problem in lock_problems(territory, scenario, communities)]
    assert len(found) == 1
    assert "k00 is locked out of d1, but the office o1 lies in it" in found[0]


def test_communities_locked_otherwise_are_never_joined() -> None:
    territory, scenario, _ = place(fixed={"subdistricts": {"k00": "d1", "k01": "d1"}})
    marks = merging_marks(territory, scenario)
    assert marks["k00"] == marks["k01"]
    assert joins(territory, scenario, "k00") == {"k01"}
    other = place(fixed={"subdistricts": {"k00": "d1"}})
    assert joins(other[0], other[1], "k00") == set()


def joins(territory: Territory, scenario: Scenario, small: str) -> set[str]:
    """Communities that `small` could be joined to, were it too small and all others had room."""
    today = communities_of(territory, scenario)
    ids = list(territory.communities.index)
    households = [sum(today.households[u] for u in members) for members in today.members]
    own = households[ids.index(small)]
    roomy = replace(today, least=own + 1, most=10 * sum(households))
    problem = community_problem(roomy)
    slots = [s for s in problem.slots if not s.split]
    unit = {problem.units[s.units[0]].community: s.units for s in slots}
    givers = {
        ids[c]: {ids[problem.units[i].community] for i in units[1:]} for c, units in unit.items()
    }
    return {key for key, given in givers.items() if small in given}
