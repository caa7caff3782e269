"""Grids: whole buildings, limits, connection, ranked levels; against brute force."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from planner.plan.plan import CommunityPlan, Status
from planner.programs.grids import dive as grid_dive
from planner.programs.grids import minimum as grid_minimum
from planner.programs.grids import search as grid_search
from planner.programs.grids.grids import CommunityGrids, grids_of_community, plan_grids
from planner.programs.grids.patterns import list_within
from planner.programs.grids.program import (
    FAMILIES,
    IMPLIED,
    PATTERN_RULES,
    Kept,
    Question,
    build_grids,
)
from planner.programs.grids.search import solve_piece
from planner.programs.grids.stock import Stock, joined, single_buildings
from planner.scenario.model import Band
from planner.solving.door import Settings
from tests.programs.grid_oracle import best_by_force, frame_of, graph, rank

GOLDEN = Path(__file__).parent / "golden_grids"
LIMITS = Band(min=300, max=500)


def solved(compounds, borders, *, limits=LIMITS, **more) -> CommunityGrids:
    frame = more.pop("frame", None)
    frame = frame_of(compounds) if frame is None else frame
    return grids_of_community(frame, graph(compounds, borders), limits, Settings(), **more)


def ranked_of(result: CommunityGrids, compounds, limits=LIMITS):
    """Levels of the grids as they stand, from their building ids alone."""
    frame = frame_of(compounds)
    grids = [
        [(p.compound, int(frame.loc[b, "households"])) for p in g.parts for b in p.buildings]
        for g in result.grids
    ]
    return rank(grids, compounds, int(limits.min), int(limits.max))


@st.composite
def communities(draw):
    """Up to 4 compounds and 7 buildings; links, sizes and limits at random."""
    count = draw(st.integers(1, 4))
    names = [f"c{i}" for i in range(count)]
    sizes = st.one_of(st.integers(30, 260), st.sampled_from([120, 150, 259]), st.integers(450, 640))
    total = draw(st.integers(count, 7))
    compounds = {name: [draw(sizes)] for name in names}
    for _ in range(total - count):
        compounds[draw(st.sampled_from(names))].append(draw(sizes))
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    borders = [pair for pair in pairs if draw(st.integers(0, 2))]
    return compounds, borders


@settings(max_examples=300, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(communities())
def test_brute_force_agrees(case):
    compounds, borders = case
    result = solved(compounds, borders)
    expected = best_by_force(compounds, borders, 300, 500)
    assert result.values == expected
    assert result.bounds == expected
    assert ranked_of(result, compounds) == expected


@settings(max_examples=100, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(communities(), st.sampled_from([(150, 330), (280, 400), (100, 1000), (390, 400)]))
def test_other_limits_agree(case, limits):
    compounds, borders = case
    band = Band(min=limits[0], max=limits[1])
    result = solved(compounds, borders, limits=band)
    assert result.values == result.bounds == best_by_force(compounds, borders, *limits)


@settings(max_examples=120, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(communities())
def test_level_after_level_agrees(case):
    """The way without the short cut for grids that are all within the limits reaches the same."""
    compounds, borders = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grid_search._Search, "keep_limits", lambda self: None)
        result = solved(compounds, borders)
    assert result.values == result.bounds == best_by_force(compounds, borders, 300, 500)


@settings(max_examples=120, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(communities())
def test_dives_and_clusters_agree(case):
    """Proofs by clusters and plans by dives, where all patterns count as too many, are right."""
    compounds, borders = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grid_minimum, "EXACT", 0)
        patch.setattr(grid_dive, "SMALL", 0)
        result = solved(compounds, borders)
    assert result.values == result.bounds == best_by_force(compounds, borders, 300, 500)


@settings(max_examples=120, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(communities())
def test_generated_patterns_give_plans_and_honest_bounds(case):
    """Where patterns are too many to list, plans stand as ranked and no bound is above the best."""
    compounds, borders = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grid_search, "FULL", 0)
        result = solved(compounds, borders)
    expected = best_by_force(compounds, borders, 300, 500)
    assert ranked_of(result, compounds) == result.values >= expected
    assert result.bounds[0] <= expected[0]
    assert result.bounds[1] <= expected[1] or result.bounds[0] < expected[0]
    assert result.bounds[2] <= expected[2] or result.bounds[:2] < expected[:2]


def test_parts_hold_each_building_once_and_are_connected():
    compounds = {"a": [120] * 5, "b": [90, 80, 70], "c": [200, 210], "d": [60]}
    borders = [("a", "b"), ("b", "c"), ("c", "d")]
    result = solved(compounds, borders, community="K1")
    held = [b for g in result.grids for part in g.parts for b in part.buildings]
    assert sorted(held) == sorted(frame_of(compounds).index)
    assert [g.id for g in result.grids] == [f"K1-G0{i + 1}" for i in range(len(result.grids))]
    near = {frozenset(pair) for pair in borders}
    for grid in result.grids:
        touched = [part.compound for part in grid.parts]
        assert all(
            len(touched) == 1 or any(frozenset((a, b)) in near for b in touched) for a in touched
        )


def test_large_building_is_a_grid_of_its_own_with_its_reason():
    result = solved({"a": [612, 100, 250]}, [])
    assert result.values == (612, 2, 0)
    assert [g.reason for g in result.grids if g.reason] == ["one building of 612 households"]


def test_equal_large_buildings_pair_up_rather_than_pile_up():
    result = solved({"a": [259] * 5}, [])
    assert result.values == (1295, 3, 0)
    assert sorted(g.households for g in result.grids) == [259, 518, 518]
    assert all("too large to add up to 300–500 households" in g.reason for g in result.grids)


def test_small_community_and_cut_off_compound_say_so():
    assert solved({"a": [120, 120]}, []).grids[0].reason == "whole community: 240 households"
    reasons = [g.reason for g in solved({"a": [180], "b": [400]}, []).grids]
    assert sorted(reasons) == ["", "compound cut off from its neighbours: 180 households"]


def test_compounds_stay_whole_where_they_can():
    result = solved({"a": [150, 250], "b": [150, 250]}, [("a", "b")])
    assert result.values == (0, 2, 0)
    assert [[p.compound for p in g.parts] for g in result.grids] == [["a"], ["b"]]


def test_buildings_without_households_are_in_a_grid():
    result = solved({"a": [0, 0, 150, 200], "b": [0]}, [("a", "b")])
    assert result.values == result.bounds == (0, 1, 0)
    assert result.grids[0].parts[0].buildings == ("a-00", "a-01", "a-02", "a-03")
    assert solved({"a": [0]}, []).grids[0].households == 0


def test_strange_building_is_refused():
    with pytest.raises(ValueError, match="outside the community"):
        grids_of_community(frame_of({"x": [100]}), graph({"a": []}, []), LIMITS, Settings())


def test_row_order_changes_nothing():
    compounds = {f"c{i}": [50 + 7 * i + 11 * j for j in range(6)] for i in range(6)}
    borders = [(f"c{i}", f"c{i + 1}") for i in range(5)] + [("c0", "c3"), ("c1", "c5")]
    frame = frame_of(compounds)
    first = solved(compounds, borders)
    shuffled = solved(compounds, borders[::-1], frame=frame.sample(frac=1, random_state=3))
    assert first == shuffled


def test_one_building_of_each_size_is_proven():
    """Sixty buildings of distinct sizes in six compounds, too many patterns to list."""
    compounds = {f"c{i}": [31 + i + 6 * 2 * j for j in range(10)] for i in range(6)}
    borders = [(f"c{i}", f"c{i + 1}") for i in range(5)] + [("c0", "c2"), ("c3", "c5")]
    total = sum(sum(sizes) for sizes in compounds.values())
    result = solved(compounds, borders)
    assert result.values == result.bounds
    assert result.values[:2] == (0, -(-total // 500))


def test_sixty_sizes_in_one_compound_are_proven():
    compounds = {"a": list(range(40, 160, 2))}
    result = solved(compounds, [])
    assert result.values == result.bounds == (0, 12, 0)


def test_equal_buildings_next_to_each_other_share_a_grid():
    """Eight equal buildings in a row, ids out of order; b's grid takes the end next to b."""
    compounds = {"a": [100] * 8, "b": [150]}
    along = [50, 10, 70, 20, 40, 0, 60, 30]
    places = {f"a-0{i}": (float(x), x / 10) for i, x in enumerate(along)} | {"b-00": (90.0, 0.0)}
    spots = {"a": (35.0, 3.5), "b": (90.0, 0.0)}
    result = solved(compounds, [("a", "b")], spots=spots, places=places)
    rows = [
        sorted(places[b][0] for b in part.buildings)
        for grid in result.grids for part in grid.parts if part.compound == "a"
    ]  # fmt: skip
    assert result.values == (0, 2, 0)
    assert all(row[-1] - row[0] == 10 * (len(row) - 1) for row in rows)
    joint = next(grid for grid in result.grids if len(grid.parts) == 2)
    assert max(places[b][0] for b in joint.parts[0].buildings) == 70


def test_plan_sums_over_communities_and_runs_from_north_west():
    compounds = {"a": [400], "b": [400], "c": [100, 100]}
    points = {"a": Point(1000, 0), "b": Point(0, 1000), "c": Point(0, 0)}
    territory = SimpleNamespace(
        compounds=gpd.GeoDataFrame(geometry=gpd.GeoSeries(points)),
        buildings=frame_of(compounds),
        borders=pd.DataFrame({"a": ["a", "b"], "b": ["b", "c"]}),
    )
    scenario = SimpleNamespace(boundaries=SimpleNamespace(grid_households=LIMITS))
    plans = [
        CommunityPlan(key, key, key, "d", "p", False, 0, 0, members)
        for key, members in (("K2", ("c",)), ("K1", ("a", "b")))
    ]
    result = plan_grids(territory, scenario, Settings(), communities=plans)
    assert [(g.id, g.parts[0].compound) for g in result.grids] == [
        ("K1-G01", "b"), ("K1-G02", "a"), ("K2-G01", "c"),
    ]  # fmt: skip
    assert [(x.name, x.value, x.bound, x.gap) for x in result.levels] == [
        ("households_outside_limits", 200.0, 200.0, 0.0),
        ("grids", 3.0, 3.0, 0.0),
        ("compounds_divided", 0.0, 0.0, 0.0),
    ]
    assert result.status == Status.OPTIMAL


TINY = Stock(
    compounds=("a", "b"), neighbours=((1,), (0,)), kinds=((0, 150), (0, 260), (1, 150)),
    count=(2, 1, 1), least=300, most=500,
)  # fmt: skip


def tiny_program(families: frozenset[str]):
    pool = list_within(TINY, limit=100)
    assert pool is not None
    whole = joined([pool, single_buildings(TINY)])
    skip = frozenset(FAMILIES) - families
    kept = Kept(outside=260, grids=2, capacities=((0,), (0, 1)))
    return build_grids(Question(TINY, whole, 2, kept, skip)).problem


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_golden_rows_of_a_family(family, tmp_path):
    file = tmp_path / "rows.lp"
    tiny_program(frozenset([family])).writeLP(file)
    assert file.read_text() == (GOLDEN / f"{family}.lp").read_text()


def test_no_family_lacks_its_golden_rows():
    assert sorted(path.stem for path in GOLDEN.glob("*.lp")) == sorted(FAMILIES)


def mutation_cases():
    """Small communities; every third with buildings too few or too large for the limits."""
    random = np.random.default_rng(5)
    for i in range(60):
        low, high = [(60, 280), (100, 290), (230, 300)][i % 3]
        sizes = random.integers(low, high, size=7).tolist()
        compounds = {"a": sizes[:3], "b": sizes[3:5], "c": sizes[5:]}
        yield compounds, [("a", "b"), ("b", "c")] if i % 2 else [("a", "c")]
    # two grids divide c, three would divide none
    yield {"a": [170, 160], "b": [170, 160], "c": [165, 165]}, [("a", "c"), ("b", "c")]


def disagreements(family: frozenset[str]) -> int:
    """Cases in which the levels without some rows are not the proven optimum."""
    found = 0
    for compounds, borders in mutation_cases():
        result = solved(compounds, borders, skip=family)
        expected = best_by_force(compounds, borders, 300, 500)
        held = sorted(b for g in result.grids for part in g.parts for b in part.buildings)
        whole = held == sorted(frame_of(compounds).index)
        found += not (whole and result.values == result.bounds == expected)
    return found


def test_brute_force_agrees_where_no_family_is_missing(monkeypatch):
    monkeypatch.setattr(grid_search._Search, "keep_limits", lambda self: None)
    assert disagreements(frozenset()) == 0


@pytest.mark.parametrize("family", [*(f for f in FAMILIES if f not in IMPLIED), *PATTERN_RULES])
def test_brute_force_sees_a_missing_family(family):
    assert disagreements(frozenset([family])) > 0


def test_both_solvers_agree():
    compounds = {"a": [120] * 5, "b": [90, 80, 70], "c": [200, 210], "d": [60]}
    near = graph(compounds, [("a", "b"), ("b", "c"), ("c", "d")])
    found = [
        grids_of_community(frame_of(compounds), near, LIMITS, Settings(solver=solver))
        for solver in ("highs", "cbc")
    ]
    assert found[0].values == found[1].values == found[0].bounds == found[1].bounds


def test_levels_stand_without_a_limit_of_work():
    """A piece stopped at once still has a plan, and bounds below it."""
    late = Settings(deadline=0.0)
    stock = Stock(
        compounds=("a", "b"), neighbours=((1,), (0,)), kinds=((0, 170), (1, 210)),
        count=(5, 4), least=300, most=500,
    )  # fmt: skip
    result = solve_piece(stock, late)
    assert (result.rows.sum(axis=0) == [5, 4]).all()
    assert result.bounds[0] <= result.values[0]
