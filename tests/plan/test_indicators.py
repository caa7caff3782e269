"""Indicators worked out by hand on three compounds, two schools and a site."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box

from planner.plan.indicators import indicators, outcome_indicators
from planner.plan.plan import (
    Assignment,
    CommunityPlan,
    GridPlan,
    Plan,
    SchoolPlan,
    Status,
    SubdistrictPlan,
)
from planner.scenario.model import Scenario
from planner.territory.territory import Territory, Travel

CRS = "EPSG:4551"
IDS = ["a", "b", "c"]
SCENARIO = Scenario.model_validate({
    "name": "three",
    "title": {"zh": "三", "en": "Three"},
    "design_year": 2020,
})  # fmt: skip


def frame(rows: dict[str, dict], geometry: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        pd.DataFrame.from_dict(rows, orient="index"), geometry=geometry, crs=CRS
    )


def matrix(rows: list[list[float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, index=IDS, columns=["s1", "s2", "t1"])


EMPTY = gpd.GeoDataFrame({"name": []}, geometry=[], crs=CRS)
CELLS = [box(0, 0, 100, 100), box(100, 0, 200, 100), box(200, 0, 300, 100)]
TERRITORY = Territory(
    crs=CRS,
    study_area=box(0, 0, 300, 100),
    compounds=frame(
        {
            "a": {"name": "a", "community": "k1", "population": 1000, "households": 400},
            "b": {"name": "b", "community": "k1", "population": 600, "households": 200},
            "c": {"name": "c", "community": "k2", "population": 1400, "households": 600},
        },
        CELLS,
    ),
    cells=gpd.GeoSeries(CELLS, index=IDS, crs=CRS),
    demand={
        "primary": pd.DataFrame({2020: [100.0, 50.0, 30.0]}, index=IDS),
        "junior": pd.DataFrame({2020: [40.0, 0.0, 20.0]}, index=IDS),
    },
    today=pd.DataFrame({"primary": ["s1", "s1", "s1"], "junior": ["", "", ""]}, index=IDS),
    buildings=pd.DataFrame(),
    schools=frame(
        {
            "s1": {"kind": "existing", "cell": "a"},
            "s2": {"kind": "existing", "cell": "c"},
            "t1": {"kind": "site", "cell": "b"},
        },
        [Point(50, 50), Point(250, 50), Point(150, 50)],
    ),
    communities=frame(
        {"k1": {"subdistrict": "d1"}, "k2": {"subdistrict": "d2"}},
        [box(0, 0, 200, 100), box(200, 0, 300, 100)],
    ),
    subdistricts=frame(
        {"d1": {"name": "东", "code": "01"}, "d2": {"name": "西", "code": "02"}},
        [CELLS[0], CELLS[2]],
    ),
    seats=EMPTY,
    streets=EMPTY,
    barriers=EMPTY,
    context=EMPTY,
    outcome=pd.DataFrame(),
    borders=pd.DataFrame(
        {"a": ["a", "b"], "b": ["b", "c"], "border_m": [100.0, 100.0], "followed_m": [0.0, 30.0]}
    ),
    travel=Travel(
        distance_m=matrix([[60, 400, 250], [300, 350, 70], [900, 80, 320]]),
        straight_m=matrix([[50, 390, 200], [200, 300, 60], [600, 70, 300]]),
        crossings=matrix([[0, 1, 0], [0, 1, 0], [2, 0, 1]]),
    ),
    findings=(),
    modelled=(),
)
PLAN = Plan(
    scenario="three",
    design_year=2020,
    status=Status.OPTIMAL,
    gap=0.0,
    tolerance=0.001,
    schools=(
        SchoolPlan("s1", "existing", "existing", {"primary": 90}, {}, 0.0, 0.0),
        SchoolPlan("s2", "expanded", "expansion", {"junior": 50}, {"junior": 3}, 900.0, 2e6),
        SchoolPlan("t1", "new", "nine_year", {"primary": 45, "junior": 50},
                   {"primary": 6, "junior": 3}, 5000.0, 8e6),
    ),
    assignments=(
        Assignment("a", {"primary": "s1", "junior": "t1"}, "k1", "d1"),
        Assignment("b", {"primary": "t1", "junior": "t1"}, "k1-2", "d1"),
        Assignment("c", {"primary": "s1", "junior": "s2"}, "k2", "d3"),
    ),
    communities=(
        CommunityPlan("k1", "", "", "d1", "", False, 400, 1000, ("a",)),
        CommunityPlan("k1-2", "", "", "d1", "", True, 200, 600, ("b",)),
        CommunityPlan("k2", "", "", "d3", "", False, 600, 1400, ("c",)),
    ),
    subdistricts=(
        SubdistrictPlan("d1", "", "", "", "o1", False, 1600, 0.02, ("k1", "k1-2")),
        SubdistrictPlan("d3", "", "", "", "c1", True, 1400, 0.01, ("k2",)),
    ),
    grids=(
        GridPlan("g1", "k1", 400, ()),
        GridPlan("g2", "k1-2", 200, ()),
        GridPlan("g3", "k2", 500, ()),
        GridPlan("g4", "k2", 501, ()),
    ),
    levels=(),
)  # fmt: skip

EXPECTED = {
    "new_schools": 1,
    "expanded_schools": 1,
    "new_classes": {"total": 12, "primary": 6, "junior": 6},
    "new_places": {"total": 570, "primary": 270, "junior": 300},
    # primary: s1 has 100 + 30 pupils on 90 places, t1 has 50 on 45; junior fits.
    "places_short": {"total": 45, "primary": 45, "junior": 0},
    # (100 · 60 + 50 · 70 + 30 · 900) / 180 and (40 · 250 + 20 · 80) / 60
    "mean_distance_m": {"primary": 36500 / 180, "junior": 11600 / 60},
    "beyond_radius": {"primary": 30, "junior": 0},
    "land_m2": 5900,
    "cost_yuan": 10_000_000,
    # 36500 + 30 pupils × (500 beyond the radius + 2 crossings × 300) + 11600
    "way_pupil_m": 36500 + 30 * 1100 + 11600,
    "pupils_changing_school": 50,
    "subdistricts": 2,
    "communities": 3,
    "new_communities": 1,
    "grids": 4,
    "grids_within_limits": 2,
    "max_population_deviation": 100 / 1500,
    "people_changing_subdistrict": 1400,
    # c alone changes subdistrict, and its pupils keep their school.
    "pupils_changing_both": 0,
    "people_changing_community": 600,
    "border_unfollowed_m": 70,
    # primary of c go to s1 in the cell of a.
    "pupils_other_subdistrict": {"total": 30, "primary": 30, "junior": 0},
}


@pytest.fixture(scope="module")
def found():
    return indicators(TERRITORY, SCENARIO, PLAN)


def test_pupils_change_both_where_their_compound_changes_subdistrict():
    a, b, c = PLAN.assignments
    plan = replace(PLAN, assignments=(a, replace(b, subdistrict="d3"), c))
    assert indicators(TERRITORY, SCENARIO, plan)["pupils_changing_both"] == 50


def test_every_indicator_is_expected(found):
    assert list(found) == list(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_indicator_is_as_worked_out_by_hand(found, name):
    assert found[name] == pytest.approx(EXPECTED[name], rel=1e-12)


def test_whole_numbers_are_plain_integers(found):
    assert isinstance(found["land_m2"], int)
    assert isinstance(found["places_short"]["total"], int)


def test_without_an_outcome_there_is_nothing_to_tell():
    assert outcome_indicators(TERRITORY, SCENARIO) == {}


def test_outcome_is_compared_with_today_by_id_code_or_name():
    outcome = pd.DataFrame(
        {
            "community": ["x1", "x2", "x2"],
            "subdistrict": ["01", "22", "33"],
            "subdistrict_name": ["街道", "东", "新"],
        },
        index=IDS,
    )
    found = outcome_indicators(replace(TERRITORY, outcome=outcome), SCENARIO)
    assert found == {
        "subdistricts": 3,
        "communities": 2,
        "population": {"01": 1000, "22": 600, "33": 1400},
        "max_population_deviation": pytest.approx(0.4),
        # a stays by code, b stays by name, c moves.
        "people_changing_subdistrict": 1400,
        # 400 and 800 households, least is 1000.
        "communities_outside_limits": 2,
        "border_unfollowed_m": pytest.approx(170.0),
    }
