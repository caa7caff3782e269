"""The committed territory is what the generator makes, and it meets the published totals."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import networkx as nx
import pandas as pd
import pytest
import shapely

GEODATA = Path(__file__).parents[2] / "geodata"
NAMES = (
    "barriers", "buildings", "communities", "compounds", "context", "schools", "seats", "sites",
    "streets", "subdistricts",
)  # fmt: skip
OFFICIAL = {
    "220171001": 7, "220171002": 4, "220171003": 4, "220171004": 6,
}  # fmt: skip


@pytest.fixture(scope="module")
def layers() -> dict[str, gpd.GeoDataFrame]:
    return {name: gpd.read_file(GEODATA / f"{name}.geojson") for name in NAMES}


@pytest.fixture(scope="module")
def compounds(layers) -> gpd.GeoDataFrame:
    frame = layers["compounds"].set_index("id")
    side = layers["communities"].set_index("id")["subdistrict"]
    return frame.assign(side=frame["community"].map(side))


def generate(folder: Path, *arguments: str, hash_seed: str) -> None:
    subprocess.run(
        [sys.executable, str(GEODATA / "generate.py"), "--out", str(folder), *arguments],
        check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )  # fmt: skip


def test_committed_layers_are_what_the_generator_makes(tmp_path):
    generate(tmp_path, hash_seed="7")
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == sorted([*(f"{name}.geojson" for name in NAMES), "outcome.csv"])
    for name in made:
        assert (tmp_path / name).read_bytes() == (GEODATA / name).read_bytes(), name


def test_another_seed_is_another_town_with_the_same_totals(tmp_path, compounds):
    generate(tmp_path, "--seed", "1", hash_seed="1")
    other = gpd.read_file(tmp_path / "compounds.geojson")
    assert other["population"].sum() == compounds["population"].sum()
    assert not other.geometry.iloc[0].equals(compounds.geometry.iloc[0])


def test_published_totals(compounds):
    assert compounds.groupby("side")["population"].sum().to_dict() == {
        "220171001": 76_700,
        "220171002": 112_600,
    }
    assert compounds["households"].sum() == 77_000
    assert 110 <= len(compounds) <= 130
    assert compounds["households"].max() == 5445
    assert 40 <= (compounds["households"] > 500).sum() <= 55
    assert 950 <= compounds["population"].median() <= 1180


def test_compounds_tile_the_study_area(layers):
    for crs in ("EPSG:4326", "EPSG:4551"):
        cells = layers["compounds"].to_crs(crs).geometry.to_numpy()
        assert shapely.coverage_is_valid(cells), crs
    area = layers["compounds"].to_crs("EPSG:4551").area.sum() / 1e6
    assert area == pytest.approx(32.8, rel=0.005)
    west, south, east, north = layers["compounds"].total_bounds
    assert west == pytest.approx(125.354, abs=0.006)
    assert east == pytest.approx(125.431, abs=0.006)
    assert south == pytest.approx(43.830, abs=0.006)
    assert north == pytest.approx(43.899, abs=0.006)


def test_communities_and_subdistricts_are_exact_unions(layers):
    for part, whole, column in (
        ("compounds", "communities", "community"),
        ("communities", "subdistricts", "subdistrict"),
    ):
        members = layers[part].groupby(column).geometry
        for row in layers[whole].itertuples():
            union = shapely.coverage_union_all(members.get_group(row.id).to_numpy())
            assert row.geometry.geom_type == "Polygon"
            assert row.geometry.equals(union), row.name


def test_communities_call_for_splits_and_a_merger(compounds):
    households = compounds.groupby("community")["households"].sum()
    assert len(households) == 20
    assert 3 <= (households > 5000).sum() <= 6
    assert (households < 1000).sum() >= 1
    counts = compounds.groupby("community").size()
    assert counts.min() >= 3
    assert counts.max() <= 10


def test_buildings_add_up_to_their_compound(layers, compounds):
    buildings = layers["buildings"]
    assert buildings["households"].between(30, 200).all()
    grouped = buildings.groupby("compound")["households"]
    assert grouped.sum().to_dict() == compounds["households"].to_dict()
    assert grouped.size().to_dict() == compounds["buildings"].to_dict()
    cells = compounds.geometry.loc[buildings["compound"]].reset_index(drop=True)
    assert cells.contains(buildings.geometry).all()


@pytest.mark.parametrize(
    ("service", "class_size", "grades", "added"),
    [("primary", 45, 6, 3510), ("junior", 50, 3, 3450)],
)
def test_places_with_the_programme_meet_demand(
    layers, compounds, service, class_size, grades, added
):
    classes = layers["schools"][f"{service}_classes"]
    assert (classes % grades == 0).all()
    places = classes.sum() * class_size + added
    assert 1.025 <= places / compounds[f"{service}_2020"].sum() <= 1.03
    enrolled = compounds.groupby(f"{service}_school")[f"{service}_2017"].sum()
    stated = layers["schools"].set_index("id")[f"{service}_pupils"]
    assert enrolled.to_dict() == stated[stated > 0].to_dict()
    assert enrolled.sum() > 1.2 * classes.sum() * class_size


def test_demand_peaks_then_declines(compounds):
    for service, peaks in (("primary", (2021, 2022)), ("junior", (2024, 2025, 2026))):
        by_year = {y: int(compounds[f"{service}_{y}"].sum()) for y in range(2017, 2031)}
        peak = max(by_year, key=by_year.get)
        assert peak in peaks
        assert all(by_year[a] < by_year[b] for a, b in pairwise(range(2017, peak + 1)))
        assert all(by_year[a] > by_year[b] for a, b in pairwise(range(peak, 2031)))


def test_schools_and_sites(layers):
    schools, sites = layers["schools"], layers["sites"]
    both = (schools["primary_classes"] > 0) & (schools["junior_classes"] > 0)
    expandable = schools["expandable"].astype(bool)
    assert 10 <= len(schools) <= 13
    assert 4 <= expandable.sum() <= 5
    assert (both & expandable).sum() >= 2
    money = schools.loc[expandable, ["land_m2", "cost_yuan", "cost_per_place_yuan"]]
    assert money.notna().to_numpy().all()
    assert 12 <= len(sites) <= 16
    assert sites["land_m2"].between(18_000, 45_000).all()
    area = sites.to_crs("EPSG:4551").area
    assert (area / sites["land_m2"] - 1).abs().max() < 0.002
    homes = gpd.sjoin(sites, layers["compounds"][["geometry"]], predicate="within")
    assert len(homes) == len(sites)


def test_streets_are_one_noded_network(layers):
    graph = nx.Graph()
    for line in layers["streets"].geometry:
        graph.add_edge(line.coords[0], line.coords[-1])
    assert nx.is_connected(graph)
    lines = layers["streets"].geometry.to_numpy()
    first, second = shapely.STRtree(lines).query(lines, predicate="crosses")
    assert len(first) == len(second) == 0


def test_barriers_have_few_crossings(layers):
    streets = layers["streets"].geometry
    assert sorted(layers["barriers"]["kind"]) == ["railway", "river"]
    for barrier in layers["barriers"].geometry:
        assert 3 <= streets.crosses(barrier).sum() <= 6
        assert not streets.touches(barrier).any()


def test_arterials_lie_in_their_order(layers):
    arterials = layers["streets"][layers["streets"]["class"].isin(["trunk", "arterial"])]
    middle = arterials.to_crs("EPSG:4551").dissolve("name").centroid
    west_east = ["自由大路", "浦东路", "东南湖大路", "北海路", "卫星路"]
    south_north = ["临河街", "仙台大街", "会展大街", "世纪大街", "洋浦大街", "东环城路"]
    assert sorted(middle.index) == sorted(west_east + south_north)
    assert middle.y.loc[west_east].is_monotonic_decreasing
    assert middle.x.loc[south_north].is_monotonic_increasing


def test_communities_lie_on_the_road_they_are_called_after(layers):
    communities = layers["communities"].to_crs("EPSG:4551").set_index("name")
    streets = layers["streets"].to_crs("EPSG:4551").dissolve("name").geometry
    called = {name: name.removesuffix("社区") for name in communities.index}
    called |= {"临河社区": "临河街", "仙台社区": "仙台大街"}
    free = {"新开河社区", "六合社区", "红星社区"}
    for name, road in called.items():
        if name not in free:
            along = streets.loc[road].intersection(communities.geometry.loc[name].buffer(5))
            assert along.length > 150, name


def test_seats(layers):
    seats = layers["seats"]
    here = layers["subdistricts"][["id", "geometry"]].rename(columns={"id": "here"})
    inside = gpd.sjoin(seats, here, predicate="within")
    offices = inside[inside["kind"] == "office"]
    assert offices["subdistrict"].to_list() == offices["here"].to_list()
    assert len(offices) == 2
    candidates = inside[inside["kind"] == "candidate"]
    assert candidates.groupby("here").size().to_dict() == {"220171001": 3, "220171002": 3}
    assert seats["subdistrict_name"].is_unique


def test_outcome_is_the_division_of_2017(compounds):
    outcome = pd.read_csv(GEODATA / "outcome.csv", dtype=str)
    assert sorted(outcome["compound"]) == sorted(compounds.index)
    pairs = outcome.drop_duplicates("community")
    assert Counter(pairs["subdistrict"]) == OFFICIAL
    suzhou = outcome.loc[outcome["community_name"] == "苏州社区", "compound"]
    assert compounds.loc[suzhou, "community"].nunique() == 1


def test_every_feature_says_that_it_is_modelled(layers):
    for name, frame in layers.items():
        assert (frame["status"] == "modelled").all(), name


def test_fringe_lies_outside_the_study_area(layers):
    context = layers["context"]
    fringe = context[context["kind"].isin(["town", "village"])]
    assert set(fringe["name"]) == {"兴隆山镇", "杨家村", "黎明村", "三道村"}
    assert not fringe.intersects(layers["subdistricts"].union_all()).any()


def test_layers_stay_small():
    assert sum(path.stat().st_size for path in GEODATA.glob("*.*")) < 2_500_000
