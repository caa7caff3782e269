"""The territory as a whole: every frame, and the same one whatever the order of rows."""

from dataclasses import fields

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from planner.territory.build import build_territory
from planner.territory.layers import read_layers
from tests.towns import at, block, line, tiny_scenario, write_layer, write_town


def build(folder, **overrides):
    scenario = tiny_scenario(folder, **overrides)
    return build_territory(scenario, read_layers(scenario))


def same(one, other):
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, gpd.GeoDataFrame | gpd.GeoSeries):
            assert a.geometry.to_wkt(rounding_precision=6).equals(
                b.geometry.to_wkt(rounding_precision=6)
            ), field.name
            a, b = (pd.DataFrame(frame).drop(columns="geometry", errors="ignore")
                    if isinstance(frame, pd.DataFrame) else None for frame in (a, b))  # fmt: skip
        if isinstance(a, pd.DataFrame):
            pd.testing.assert_frame_equal(a, b, check_exact=True)
        elif field.name == "travel":
            for table in ("distance_m", "straight_m", "crossings"):
                pd.testing.assert_frame_equal(
                    getattr(a, table), getattr(b, table), check_exact=True
                )
        elif field.name in ("findings", "modelled", "crs"):
            assert a == b


@pytest.mark.parametrize("points", [False, True])
def test_shuffled_rows_give_the_same_territory(tmp_path, points):
    rng = np.random.default_rng(5)

    def shuffled(rows):
        return [rows[k] for k in rng.permutation(len(rows))]

    names = ["compounds", "buildings", "schools", "sites", "communities", "subdistricts", "seats",
             "streets", "barriers"]  # fmt: skip
    options = {"river_row": 2, "railway_row": 1, "bridges": (1, 2), "points": points}
    one = build(write_town(tmp_path / "a", **options))
    other = build(write_town(tmp_path / "b", **options, edit=dict.fromkeys(names, shuffled)))
    same(one, other)


def test_distances_by_hand(tmp_path):
    territory = build(write_town(tmp_path))
    # Home (150, 150) to the street at x = 10, down to y = 6, along to x = 60, up to (60, 40).
    assert territory.travel.distance_m.at["c0000", "s1"] == pytest.approx(140 + 144 + 50 + 34)
    assert territory.travel.straight_m.at["c0000", "s1"] == pytest.approx(np.hypot(90, 110))
    assert territory.travel.crossings.to_numpy().max() == 0


def test_a_trunk_road_in_between_is_crossed(tmp_path):
    territory = build(write_town(tmp_path, trunk_column=2, railway_row=1, bridges=(0, 1, 2, 3)))
    crossings = territory.travel.crossings
    assert crossings.at["c0000", "s1"] == 0
    assert crossings.at["c0200", "s1"] == 1
    assert crossings.at["c0201", "s1"] == 2


def test_without_streets_a_factor(tmp_path):
    town = write_town(tmp_path)
    territory = build(town, layers={"streets": {"file": "none"}}, ways={"straight_factor": 1.5})
    ratio = territory.travel.distance_m / territory.travel.straight_m
    assert ratio.to_numpy() == pytest.approx(np.full((16, 5), 1.5))


def test_node_and_edge_tables_take_the_place_of_streets(tmp_path):
    town = write_town(tmp_path)
    write_layer(tmp_path / "network_nodes.geojson", [
        {"node_id": 1, "geometry": at(0, 0)}, {"node_id": 2, "geometry": at(1200, 0)},
    ])  # fmt: skip
    (tmp_path / "network_edges.csv").write_text("from_node,to_node,length_m\n1,2,2400\n")
    away = build(town).travel.distance_m
    # The street takes two metres for one: 150 up, (150 - 60) × 2 along, 40 down.
    assert away.at["c0000", "s1"] == pytest.approx(150 + 180 + 40)


def test_communities_found_by_location(tmp_path):
    plain = build(write_town(tmp_path / "a"))
    bare = {"compounds": lambda rows: [row | {"community": None} for row in rows]}
    found = build(write_town(tmp_path / "b", edit=bare, points=True))
    pd.testing.assert_series_equal(plain.compounds["community"], found.compounds["community"])


def test_schools_and_sites_stand_together_in_their_cells(tmp_path):
    edit = {"sites": lambda rows: [rows[0] | {"geometry": block(3, 0), "land_m2": None}, *rows[1:]]}
    schools = build(write_town(tmp_path, edit=edit)).schools
    assert schools["kind"].tolist() == ["existing", "existing", "site", "site", "site"]
    assert schools["cell"].to_dict() == {
        "s1": "c0000", "s2": "c0303", "t1": "c0300", "t2": "c0003", "t3": "c0202",
    }  # fmt: skip
    assert schools.at["t1", "land_m2"] == pytest.approx(90_000, abs=0.01)
    assert schools.at["t2", "land_m2"] == 18_000
    assert schools.at["t1", "primary_classes"] == 0
    assert schools["expandable"].tolist() == [False, True, False, False, False]
    assert set(schools.geometry.geom_type) == {"Point"}


def test_subdistricts_are_dissolved_where_there_is_no_layer(tmp_path):
    given = build(write_town(tmp_path / "a"))
    town = write_town(tmp_path / "b")
    (town / "subdistricts.geojson").unlink()
    made = build(town)
    assert made.subdistricts["parent"].to_dict() == {"d1": "甲区", "d2": "乙区"}
    assert made.subdistricts["name"].to_dict() == {"d1": "d1", "d2": "d2"}
    for key in ("d1", "d2"):
        shapes = [t.subdistricts.geometry[key] for t in (given, made)]
        assert shapes[0].symmetric_difference(shapes[1]).area < 1


def test_seats_lie_in_a_cell_and_a_community(tmp_path):
    seats = build(write_town(tmp_path)).seats
    assert seats.loc["o1", ["kind", "subdistrict", "cell", "community"]].tolist() == [
        "office", "d1", "c0000", "k00",
    ]  # fmt: skip
    assert seats.at["c2", "subdistrict"] is None
    assert seats.at["c2", "subdistrict_name_en"] == "New subdistrict 2"


def test_demand_by_year_and_by_rate(tmp_path):
    services = {
        "primary": {"name": {"zh": "小学", "en": "Primary"}, "grades": 6},
        "kinder": {"name": {"zh": "幼儿园", "en": "Kindergarten"}, "pupils_per_1000": 30},
    }
    types = {"kinder": {"name": {"zh": "园", "en": "K"}, "parallels": {"kinder": {"max": 9}}}}
    territory = build(write_town(tmp_path), services=services, school_types=types)
    assert list(territory.demand["primary"].columns) == [2020, 2025]
    assert list(territory.demand["kinder"].columns) == [2025]
    people = territory.compounds.at["c0000", "population"]
    assert territory.demand["kinder"].at["c0000", 2025] == pytest.approx(people * 0.03)
    # Nobody runs a kindergarten today.
    assert set(territory.today["kinder"]) == {""}
    assert "no-school-today" in {found.code for found in territory.findings}


def test_one_column_of_pupils_is_the_design_years(tmp_path):
    def single(rows):
        return [
            {k: v for k, v in row.items() if not k.startswith("primary_2")} | {"primary": 70}
            for row in rows
        ]

    demand = build(write_town(tmp_path, edit={"compounds": single})).demand["primary"]
    assert demand[2025].tolist() == [70.0] * 16


def test_unknown_schools_of_today_are_the_nearest_with_room(tmp_path):
    """Three homes in a row, two schools: the middle one finds the near school full."""

    def homes(rows):
        rows = [row | {"primary_2020": 200, "primary_school": None} for row in rows]
        return [row | {"community": None} for row in rows]

    def schools(rows):
        return [
            rows[0] | {"primary_classes": 9, "geometry": at(30, 150)},
            rows[1] | {"primary_classes": 4, "geometry": at(890, 150)},
        ]

    town = write_town(tmp_path, n=3, m=1, community_blocks=(1, 1), schools=[(0, 0), (2, 0)],
                      sites=[(1, 0)], edit={"compounds": homes, "schools": schools})  # fmt: skip
    territory = build(town, boundaries={"subdistricts": 2, "band": 0.9})
    # s1 has 405 places: c0000 and c0100 fit; s2 has 180, too few for anyone.
    assert territory.today["primary"].to_dict() == {"c0000": "s1", "c0100": "s1", "c0200": "s2"}
    notes = {found.code: found.ids for found in territory.findings}
    assert notes["school-today"] == ("c0000", "c0100", "c0200")
    assert notes["no-room-today"] == ("c0200",)


def test_buildings_counted_and_estimated(tmp_path):
    def counts(rows):
        rows = [row | {"households": 610, "population": 1500} for row in rows]
        return [rows[0] | {"buildings": 4}, *(row | {"buildings": None} for row in rows[1:])]

    town = write_town(tmp_path, n=2, m=2, community_blocks=(1, 1), edit={"compounds": counts})
    territory = build(town, layers={"buildings": {"file": "none"}})
    counted = territory.buildings[territory.buildings["compound"] == "c0000"]
    assert counted["households"].to_dict() == {
        "c0000-b01": 153, "c0000-b02": 153, "c0000-b03": 152, "c0000-b04": 152,
    }  # fmt: skip
    assert set(counted["source"]) == {"counted"}
    rest = territory.buildings[territory.buildings["compound"] == "c0001"]
    assert rest["households"].tolist() == [102, 102, 102, 102, 101, 101]
    assert set(rest["source"]) == {"estimated"}
    assert territory.compounds["buildings"].tolist() == [4, 6, 6, 6]
    codes = {found.code for found in territory.findings}
    assert {"buildings-counted", "buildings-estimated"} <= codes


def test_buildings_keep_the_place_the_layer_gives_them(tmp_path):
    def some(rows):
        known = [row for row in rows if row["compound"] != "c0101"]
        return [known[0] | {"geometry": None}, *known[1:]]

    town = write_town(tmp_path, n=2, m=2, community_blocks=(1, 1), edit={"buildings": some})
    buildings = build(town).buildings
    assert isinstance(buildings, gpd.GeoDataFrame)
    assert buildings.crs == "EPSG:4551"
    assert buildings.geometry["c0000-02"].distance(block(0, 0).centroid) < 100
    assert buildings.geometry["c0000-01"] is None
    made = buildings[buildings["compound"] == "c0101"]
    assert set(made["source"]) == {"counted"}
    assert made.geometry.isna().all()


def test_a_table_of_buildings_has_no_places(tmp_path):
    town = write_town(tmp_path, n=2, m=2, community_blocks=(1, 1))
    rows = pd.DataFrame(gpd.read_file(town / "buildings.geojson")).drop(columns="geometry")
    rows.to_csv(town / "buildings.csv", index=False)
    (town / "buildings.geojson").unlink()
    buildings = build(town).buildings
    assert not isinstance(buildings, gpd.GeoDataFrame)
    assert set(buildings["source"]) == {"layer"}


def test_the_outcome_and_what_is_modelled(tmp_path):
    def unsaid(rows):
        return [{k: v for k, v in row.items() if k != "status"} for row in rows]

    town = write_town(tmp_path, edit={"seats": unsaid})
    rows = [f"c{i:02}{j:02},x{i // 2},社区,d{i // 2}" for i in range(4) for j in range(4)]
    text = "\n".join(["compound,community,community_name,subdistrict", *rows[::-1]])
    (town / "outcome.csv").write_text(text, encoding="utf-8")
    territory = build(town)
    assert territory.outcome.index.tolist() == territory.compounds.index.tolist()
    last = territory.outcome.loc["c0300"]
    assert last["community"] == "x1"
    assert (last["community_name_en"], last["subdistrict_name"]) == ("社区", "d1")
    assert "compounds" in territory.modelled
    assert not {"seats", "outcome"} & set(territory.modelled)


def test_streets_without_ids_and_context(tmp_path):
    def bare(rows):
        return [{k: v for k, v in row.items() if k not in ("id", "class")} for row in rows]

    park = {"context": lambda _: [{"name": "公园", "kind": "park", "geometry": block(5, 5)}]}
    territory = build(write_town(tmp_path, edit={"streets": bare, **park}))
    assert territory.streets.index[0] == "streets-0001"
    assert set(territory.streets["class"]) == {"local"}
    assert territory.context["name_en"].tolist() == ["公园"]


def test_rivers_part_neighbours_in_the_whole(tmp_path):
    town = write_town(tmp_path, river_row=2, bridges=(1,))
    pairs = set(zip(*(build(town).borders[end] for end in ("a", "b")), strict=True))
    assert ("c0101", "c0102") in pairs
    assert ("c0001", "c0002") not in pairs
    assert len(pairs) == 24 - 3


def test_an_arterial_is_followed(tmp_path):
    town = write_town(tmp_path)
    borders = build(town).borders.set_index(["a", "b"])
    assert borders.at[("c0100", "c0200"), "followed_m"] == pytest.approx(300, abs=0.1)
    assert borders.at[("c0000", "c0100"), "followed_m"] == 0
    assert borders["border_m"].to_numpy() == pytest.approx(np.full(24, 300.0), abs=0.1)


def test_a_crossing_street_drawn_by_hand(tmp_path):
    def bridged(rows):
        extra = {"id": "bridge", "class": "local", "geometry": line((1000, 500), (1000, 700))}
        return [*rows, extra]

    town = write_town(tmp_path, river_row=2, edit={"streets": bridged})
    borders = build(town).borders
    assert ((borders["a"] == "c0301") & (borders["b"] == "c0302")).sum() == 1
