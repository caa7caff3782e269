"""Communities of a small town: who is split, who joins, what they are called."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from planner.plan.plan import Status
from planner.programs.communities.communities import (
    CommunityResult,
    chinese_number,
    plan_communities,
)
from planner.solving.settings import Settings
from planner.territory.build import build_territory
from planner.territory.layers import read_layers
from planner.territory.territory import Territory
from tests.towns import tiny_scenario, write_town


def planned(folder: Path, least: int, most: int, **town: Any) -> tuple[Territory, CommunityResult]:
    write_town(folder, **town)
    scenario = tiny_scenario(
        folder, boundaries={"community_households": {"min": least, "max": most}}
    )
    territory = build_territory(scenario, read_layers(scenario))
    return territory, plan_communities(territory, scenario, Settings(tolerance=1e-6))


def values(result: CommunityResult) -> dict[str, float]:
    return {level.name: level.value for level in result.levels}


def test_a_zone_within_its_limits_stays_as_it_is(tmp_path: Path) -> None:
    territory, result = planned(tmp_path, 1000, 5000)
    assert result.membership == territory.compounds["community"].to_dict()
    assert values(result)["people_changing_community"] == 0
    assert not any(community.new for community in result.communities)
    assert result.status == Status.OPTIMAL


def test_large_communities_are_split_and_the_larger_part_keeps_the_id(tmp_path: Path) -> None:
    # Each community holds four compounds of 1000 households: two and two, or three and one.
    _, result = planned(tmp_path, 1000, 3000, households=(1000, 1000))
    names = {community.id: community.name for community in result.communities}
    assert sorted(names) == ["k00", "k00-2", "k01", "k01-2", "k10", "k10-2", "k11", "k11-2"]
    assert names["k00-2"] == "社区k00第二社区"
    kept = {c.id: (len(c.compounds), c.new) for c in result.communities}
    assert kept["k00"] == (3, False)
    assert kept["k00-2"] == (1, True)
    # 2500 people move in each of four communities.
    assert values(result)["people_changing_community"] == 10_000
    assert values(result)["households_outside_limits"] == 0
    assert values(result)["communities"] == 8


def test_small_communities_join_a_neighbour_of_their_own_parent(tmp_path: Path) -> None:
    # 1×1 communities of 600 households; two must join to reach 1000, and no three fit 1500.
    territory, result = planned(
        tmp_path, 1000, 1500, n=4, m=2, households=(600, 600), community_blocks=(1, 1)
    )
    assert [len(community.compounds) for community in result.communities] == [2] * 4
    for community in result.communities:
        today = territory.compounds["community"][list(community.compounds)]
        assert len(set(territory.communities["parent"][today])) == 1
    assert values(result)["communities"] == 4


def test_a_larger_compound_alone_is_no_reason_to_split(tmp_path: Path) -> None:
    _, result = planned(tmp_path, 100, 900, households=(1000, 1000), community_blocks=(1, 1))
    assert values(result) == {
        "households_outside_limits": 0,
        "people_changing_community": 0,
        "communities": 16,
        "squared_distance_to_centre": 0,
    }


def test_splitting_tears_nothing_more_than_it_is_today(tmp_path: Path) -> None:
    # A river without a bridge in the east: k10 is torn today, k00 is not.
    territory, result = planned(
        tmp_path, 1000, 2500, households=(700, 900), community_blocks=(2, 4), river_row=2,
        bridges=[0],
    )  # fmt: skip
    today = territory.compounds["community"]
    assert pieces_of(territory, [u for u in today.index if today[u] == "k10"]) == 2
    for community in result.communities:
        assert pieces_of(territory, community.compounds) <= 1 + (community.id == "k10")
    assert sum(community.new for community in result.communities) >= 4
    assert "k10 (2)" in result.levels[0].how


def pieces_of(territory: Territory, compounds: Sequence[str]) -> int:
    pairs = {frozenset(p) for p in zip(territory.borders["a"], territory.borders["b"], strict=True)}
    left, count = set(compounds), 0
    while left:
        seen = [min(left)]
        for u in seen:
            seen += [w for w in left if frozenset((u, w)) in pairs and w not in seen]
        left -= set(seen)
        count += 1
    return count


@pytest.mark.parametrize(
    ("number", "text"), [(2, "二"), (10, "十"), (11, "十一"), (20, "二十"), (35, "三十五")]
)
def test_chinese_numbers(number: int, text: str) -> None:
    assert chinese_number(number) == text
