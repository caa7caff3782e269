"""Every check, with at least two broken inputs each: code, severity, ids, what to do."""

import numpy as np
import pytest
from shapely import Point, Polygon
from shapely.affinity import translate

from planner.errors import DataError
from planner.territory.build import build_territory
from planner.territory.checks import check_layers
from planner.territory.layers import read_layers
from planner.territory.territory import Severity
from tests.towns import at, block, line, tiny_scenario, write_town

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


def change(row, **columns):
    """Rows with these columns changed in one of them."""
    return lambda rows: [old | columns if k == row else old for k, old in enumerate(rows)]


def every(**columns):
    return lambda rows: [old | columns for old in rows]


def without(*columns):
    return lambda rows: [{k: v for k, v in old.items() if k not in columns} for old in rows]


def moved(east_m, north_m):
    return lambda rows: [
        old | {"geometry": translate(old["geometry"], east_m, north_m)} for old in rows
    ]


def found(tmp_path, edit=None, *, town=None, **overrides):
    """What the checks find in a town with these edits."""
    folder = write_town(tmp_path, edit=edit, **(town or {}))
    scenario = tiny_scenario(folder, **overrides)
    findings = check_layers(scenario, read_layers(scenario))
    return [finding for finding in findings if finding.code != "crowded"]


def test_a_sound_town_has_nothing_to_tell(tmp_path):
    assert found(tmp_path) == []


BOW = Polygon([(0, 0), (300, 300), (300, 0), (0, 300)])
HOLE = block(0, 0).union(block(1, 0)).union(block(0, 1)).union(block(1, 1))

# layer, edit, code, severity, ids, a word of the message or hint
BROKEN = [
    ("compounds", change(0, id=None), "missing-id", ERROR, ("row 1",), "'id'"),
    ("sites", change(2, id="  "), "missing-id", ERROR, ("row 3",), "'id'"),
    ("buildings", change(3, compound=None), "missing-value", ERROR, ("c0000-04",), "'compound'"),
    ("communities", change(1, subdistrict=None), "missing-value", ERROR, ("k01",), "subdistrict"),
    ("compounds", change(1, id="c0000"), "duplicate-id", ERROR, ("c0000",), "copies"),
    ("sites", change(1, id="t1"), "duplicate-id", ERROR, ("t1",), "copies"),
    ("sites", change(1, id="s1"), "duplicate-id", ERROR, ("s1",), "existing school"),
    ("compounds", change(1, community="k77"), "unmatched-id", ERROR, ("c0001",), "k77"),
    ("compounds", change(2, junior_school="s9"), "unmatched-id", ERROR, ("c0002",), "s9"),
    ("buildings", change(0, compound="c9"), "unmatched-id", ERROR, ("c0000-01",), "file: none"),
    ("communities", change(0, subdistrict="d7"), "unmatched-id", ERROR, ("k00",), "d7"),
    ("seats", change(0, subdistrict="d7"), "unmatched-id", ERROR, ("o1",), "d7"),
    ("schools", change(0, junior_classes=0), "school-without-service", ERROR, None, "s1"),
    ("schools", change(1, primary_classes=None), "school-without-service", ERROR, None, "s2"),
    ("seats", change(0, kind="Office"), "unknown-word", ERROR, ("o1",), "candidate"),
    ("streets", change(0, **{"class": "motorway"}), "unknown-word", WARNING, None, "motorway"),
    ("streets", without("class"), "street-class", WARNING, (), "local"),
    ("streets", without("class", "name"), "street-class", WARNING, (), "local"),
    ("sites", change(0, types="primary, nine-year"), "unknown-type", ERROR, ("t1",), "nine_year"),
    ("sites", change(1, types="kindergarten"), "unknown-type", ERROR, ("t2",), "kindergarten"),
    ("compounds", change(3, geometry=None), "missing-geometry", ERROR, ("c0003",), "draw"),
    ("communities", change(3, geometry=Polygon()), "missing-geometry", ERROR, ("k11",), "draw"),
    ("seats", change(1, geometry=block(0, 0)), "geometry-type", ERROR, ("c2",), "Point"),
    ("communities", change(0, geometry=at(5, 5)), "geometry-type", ERROR, ("k00",), "Polygon"),
    ("schools", change(0, geometry=line((0, 0), (9, 9))), "geometry-type", ERROR, ("s1",), "Point"),
    ("compounds", change(0, geometry=translate(BOW, 450_000, 4_860_000)), "invalid-geometry", ERROR,
     ("c0000",), "Self-intersection"),
    ("streets", change(0, geometry=line((9, 9), (9, 9))), "invalid-geometry", ERROR, None, "GIS"),
    ("communities", change(1, geometry=HOLE), "overlap", ERROR, ("k00", "k01"), "360000 m²"),
    ("communities", moved(0, 0), None, None, None, None),
    ("communities", change(0, geometry=HOLE.union(block(2, 0))), "overlap", ERROR, ("k00", "k10"),
     "90000 m²"),
    ("communities", change(0, geometry=HOLE.difference(at(290, 290).buffer(20))), "gap", WARNING,
     (), "gaps"),
    ("communities", change(3, geometry=block(3, 3).union(block(2, 3)).union(
        block(3, 2)).union(block(2, 2)).difference(at(700, 700).buffer(8))), "gap", WARNING, (),
     "m² together"),
    ("compounds", change(0, households=-5), "negative-number", ERROR, ("c0000",), "households"),
    ("sites", change(0, cost_yuan=-1.0), "negative-number", ERROR, ("t1",), "cost_yuan"),
    ("schools", change(1, junior_classes=-3), "negative-number", ERROR, ("s2",), "junior_classes"),
    ("compounds", change(0, population=None), "missing-number", ERROR, ("c0000",), "population"),
    ("compounds", change(5, primary_2025=None), "missing-number", ERROR, ("c0101",),
     "primary_2025"),
    ("buildings", change(5, households=None), "missing-number", ERROR, ("c0000-06",), "households"),
    ("compounds", change(0, households=700.5), "not-whole", ERROR, ("c0000",), "households"),
    ("schools", change(0, primary_classes=11.5), "not-whole", ERROR, ("s1",), "primary_classes"),
    ("compounds", change(4, population=0), "people", WARNING, ("c0100",), "population"),
    ("compounds", change(4, households=0), "people", WARNING, ("c0100",), "households"),
    ("buildings", change(0, households=201), "building-sum", WARNING, ("c0000",), "c0000 (+100)"),
    ("buildings", lambda rows: rows[:-1], "building-sum", WARNING, ("c0303",), "c0303 (-"),
    ("buildings", lambda rows: [row for row in rows if row["compound"] != "c0303"],
     "buildings-counted", WARNING, ("c0303",), "equal buildings"),
    ("compounds", without("primary_2025"), "demand-year", ERROR, (), "primary_2020"),
    ("compounds", without("junior_2025"), "demand-year", ERROR, (), "design_year to one of 2020"),
    ("compounds", without("primary_2025", "primary_2020"), "demand-missing", ERROR, (),
     "pupils_per_1000"),
    ("compounds", without("junior_2025", "junior_2020"), "demand-missing", ERROR, (), "junior"),
    ("schools", without("primary_classes", "junior_classes"), "missing-column", ERROR, (),
     "primary_classes"),
    ("sites", change(0, land_m2=None), "no-land", ERROR, ("t1",), "draw the parcel"),
    ("sites", change(1, land_m2=0), "no-land", ERROR, ("t2",), "land_m2"),
    ("sites", change(0, land_m2=8099), "parcel-small", WARNING, ("t1",), "t1 (8099 of 8100 m²)"),
    ("sites", change(1, types="junior", land_m2=8999), "parcel-small", WARNING, ("t2",), "of 9000"),
    ("schools", change(1, land_m2=None), "no-land", ERROR, ("s2",), "land_m2"),
    ("sites", every(cost_yuan=None, cost_per_place_yuan=None), "no-cost", WARNING,
     ("t1", "t2", "t3"), "counts as 0"),
    ("schools", change(1, cost_yuan=None, cost_per_place_yuan=None), "no-cost", WARNING, ("s2",),
     "free"),
    ("communities", change(0, parent="丙区"), "mixed-parents", WARNING, ("d1",), "d1 (丙区, 甲区)"),
    ("subdistricts", change(1, parent="甲区"), "mixed-parents", WARNING, ("d2",),
     "no new subdistrict"),
    ("subdistricts", lambda rows: [*rows, rows[0] | {"id": "d3"}], "empty-subdistrict", WARNING,
     ("d3",), "delete"),
    ("seats", change(0, subdistrict=None), "loose-office", ERROR, ("o1",), "candidate"),
    ("seats", change(1, kind="office"), "loose-office", ERROR, ("c2",), "governs"),
    ("seats", change(0, subdistrict="d2"), "several-offices", ERROR, ("d2",), "one office each"),
    ("seats", change(1, kind="office", subdistrict="d1"), "several-offices", ERROR, ("d1",),
     "candidates"),
    ("seats", change(0, kind="candidate"), "no-office", WARNING, ("d1",), "office"),
    ("seats", lambda rows: rows[1:], "no-office", WARNING, ("d1",), "candidates"),
    ("seats", change(3, geometry=at(-400, 0)), "outside", ERROR, ("c4",), "outside: nearest"),
    ("compounds", change(0, geometry=at(5000, 5000)), "outside", ERROR, ("c0000",), "nearest"),
    ("compounds", change(15, geometry=at(-1, 5)), "outside", WARNING, ("c0303",), "c0303 (1 m)"),
    ("compounds", change(15, geometry=at(-101, 5)), "outside", ERROR, ("c0303",), "delete"),
    ("seats", change(3, geometry=at(1299, 500)), "outside", WARNING, ("c4",), "nearest"),
    ("compounds", change(0, community="k11"), "community-location", WARNING, ("c0000",), "counts"),
    ("compounds", change(5, community="k10"), "community-location", WARNING, ("c0101",), "correct"),
    ("compounds", moved(0, 400), "shift", WARNING, (), "layers.compounds.datum"),
    ("buildings", moved(-500, 200), "shift", WARNING, (), "500 m east, 2"),
    ("buildings", moved(300, 300), "shift", WARNING, (), "layers.buildings.datum"),
    ("compounds", change(1, geometry=block(0, 0)), "twins", WARNING, ("c0000", "c0001"),
     "c0000 = c0001"),
    ("compounds", change(9, geometry=block(0, 0)), "twins", WARNING, ("c0000", "c0201"), "delete"),
    ("compounds", change(1, geometry=block(0, 0).union(block(0, 1))), "compound-overlap", WARNING,
     ("c0000", "c0001"), "redraw"),
    ("compounds", change(0, geometry=at(150, 220).buffer(120)), "compound-overlap", WARNING,
     ("c0000", "c0001"), "5 %"),
    ("compounds", lambda rows: [row for row in rows if row["community"] != "k11"],
     "empty-community", WARNING, ("k11",), "no compound"),
    ("compounds", lambda rows: [row | {"community": "k00"} for row in rows], "empty-community",
     WARNING, ("k01", "k10", "k11"), "no people"),
    ("schools", change(0, primary_classes=0, junior_classes=0), "no-classes", WARNING, ("s1",),
     "expanded"),
    ("schools", change(1, primary_classes=None, junior_classes=None), "no-classes", WARNING,
     ("s2",), "in any service"),
    ("schools", change(0, geometry=at(-700, 5)), "off-network", WARNING, ("s1",), "s1 (710 m)"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "edit", "code", "severity", "ids", "word"), BROKEN)
def test_a_broken_layer(tmp_path, layer, edit, code, severity, ids, word):
    findings = found(tmp_path, {layer: edit})
    if code is None:
        assert findings == []
        return
    matching = [f for f in findings if f.code == code]
    assert matching, [f.code for f in findings]
    first = next((f for f in matching if word in f.message + f.hint), None)
    assert first, [f.message + " — " + f.hint for f in matching]
    assert first.severity is severity
    if ids is not None:
        assert first.ids == ids


def test_errors_stop_the_building_and_name_layer_file_and_ids(tmp_path):
    folder = write_town(
        tmp_path, edit={"compounds": every(population=-1), "seats": change(0, kind="x")}
    )
    scenario = tiny_scenario(folder)
    layers = read_layers(scenario)
    with pytest.raises(DataError) as caught:
        build_territory(scenario, layers)
    texts = [str(problem) for problem in caught.value.problems]
    assert caught.value.exit_code == 4
    assert any(t.startswith("seats (seats.geojson): unknown 'kind' (x) at o1") for t in texts)
    (negative,) = [p for p in caught.value.problems if "negative" in p.message]
    assert negative.message.endswith("c0000, c0001, c0002, c0003, c0100 and 11 more")
    assert len(negative.ids) == 16


def test_what_is_no_error_goes_to_the_territory(tmp_path):
    folder = write_town(tmp_path, edit={"compounds": change(4, population=0)})
    scenario = tiny_scenario(folder)
    territory = build_territory(scenario, read_layers(scenario))
    assert {f.code for f in territory.findings} == {"people", "crowded"}


def test_crowded_schools_are_noted(tmp_path):
    scenario = tiny_scenario(write_town(tmp_path, edit={"schools": change(0, primary_pupils=640)}))
    findings = check_layers(scenario, read_layers(scenario))
    (note,) = [f for f in findings if f.code == "crowded" and "primary" in f.message]
    assert note.severity is NOTE
    assert "s1 (+100)" in note.message


def test_outside_may_be_counted_to_the_nearest(tmp_path):
    edit = {"compounds": lambda rows: [
        *rows, rows[-1] | {"id": "z", "community": None, "geometry": block(4, 3)}]}  # fmt: skip
    folder = write_town(tmp_path, edit=edit)
    scenario = tiny_scenario(folder, outside="nearest")
    territory = build_territory(scenario, read_layers(scenario))
    assert territory.compounds.at["z", "community"] == "k11"
    (outside,) = [f for f in territory.findings if f.code == "outside"]
    assert outside.severity is WARNING


def test_compounds_shifted_out_of_the_zone_get_the_hint(tmp_path):
    findings = found(tmp_path, {"compounds": moved(600, 0)}, town={"n": 3, "m": 3, "points": True})
    (outside,) = [f for f in findings if f.code == "outside" and f.layer == "compounds"]
    assert "west" in outside.hint
    assert "layers.compounds.datum" in outside.hint


def test_one_wrong_compound_is_no_shift(tmp_path):
    findings = found(tmp_path, {"compounds": change(0, community="k11")})
    assert "shift" not in {f.code for f in findings}


def test_money_that_is_limited_must_be_known(tmp_path):
    edit = {"sites": every(cost_yuan=None, cost_per_place_yuan=None)}
    findings = found(tmp_path, edit, programme={"new_schools": 1, "cost_yuan": 1e8})
    assert [f.severity for f in findings if f.code == "no-cost"] == [ERROR]


def test_without_the_parent_rule_mixed_parents_are_a_warning(tmp_path):
    edit = {"communities": change(0, parent="丙区")}
    findings = found(tmp_path, edit, boundaries={"subdistricts": 2, "parent_rule": False})
    assert [f.severity for f in findings if f.code == "mixed-parents"] == [WARNING]


@pytest.mark.parametrize(
    ("rows", "code"), [(slice(0, 1), "missing-parent"), (slice(0, 4), "no-parents")]
)
def test_parents_that_are_missing(tmp_path, rows, code):
    def bare(communities):
        gone = communities[rows]
        return [row | {"parent": None} if row in gone else row for row in communities]

    edit = {"communities": bare, "subdistricts": every(parent=None)}
    assert [f.code for f in found(tmp_path, edit)] == [code]


def test_separate_areas(tmp_path):
    def apart(rows):
        return [
            row | {"geometry": translate(row["geometry"], 40 if row["id"] > "k1" else 0, 0)}
            for row in rows
        ]

    codes = {f.code for f in found(tmp_path, {"communities": apart}, outside="nearest")}
    assert "apart" in codes


def test_an_outcome_that_leaves_compounds_out(tmp_path):
    folder = write_town(tmp_path)
    table = [
        "compound,community,subdistrict",
        *(f"c{i:02}{j:02},k,d" for i in range(4) for j in range(3)),
    ]
    (folder / "outcome.csv").write_text("\n".join([*table, "c9999,k,d"]))
    scenario = tiny_scenario(folder)
    findings = check_layers(scenario, read_layers(scenario))
    by_code = {f.code: f for f in findings if f.layer == "outcome"}
    assert by_code["outcome-incomplete"].ids == ("c0003", "c0103", "c0203", "c0303")
    assert by_code["unmatched-id"].ids == ("c9999",)
    assert "file: none" in by_code["unmatched-id"].hint


@pytest.mark.parametrize("barrier", ["river_row", "railway_row"])
def test_islands_and_ways_cut_off_by_a_barrier(tmp_path, barrier):
    findings = {f.code: f for f in found(tmp_path, town={barrier: 1})}
    assert findings["islands"].ids == ("c0000", "c0100", "c0200", "c0300")
    assert findings["unreachable"].severity is WARNING
    assert {f.code for f in found(tmp_path / "b", town={barrier: 1, "bridges": (1, 2)})} == set()


def test_a_far_compound_is_off_the_network_and_without_a_cell(tmp_path):
    edit = {"compounds": change(3, geometry=at(-2000, 1050)), "streets": lambda rows: rows}
    findings = {f.code: f for f in found(tmp_path, edit, outside="nearest", town={"points": True})}
    assert findings["off-network"].ids == ("c0003",)
    assert "c0003 (2010 m)" in findings["off-network"].message
    assert np.isin("c0003", findings["community-location"].ids)


def test_without_streets_the_straight_line_counts(tmp_path):
    layers = {name: {"file": "none"} for name in ("streets", "buildings")}
    assert {f.code for f in found(tmp_path, layers=layers)} == {"no-network", "buildings-counted"}


def test_network_tables_that_do_not_match(tmp_path):
    folder = write_town(tmp_path)
    (folder / "network_nodes.csv").write_text("node_id,lon,lat\n1,125.38,43.874\n2,125.39,43.88\n")
    (folder / "network_edges.csv").write_text("from_node,to_node,length_m\n1,2,1000\n2,3,-7\n")
    scenario = tiny_scenario(folder)
    findings = {f.code: f for f in check_layers(scenario, read_layers(scenario))}
    assert "(3)" in findings["unmatched-id"].message
    assert findings["negative-number"].layer == "network_edges"


def test_points_of_several_places_are_no_place(tmp_path):
    edit = {
        "schools": change(0, geometry=Point(450_050, 4_860_050).union(Point(450_900, 4_860_900)))
    }
    assert "geometry-type" in {f.code for f in found(tmp_path, edit)}


def test_a_compound_cut_off_by_the_line_of_its_district(tmp_path):
    edit = {"compounds": change(0, community="k10")}  # in the west, run from the east
    told = {f.code: f for f in found(tmp_path / "a", edit)}
    assert told["district-islands"].ids == ("c0000",)
    assert "乙区" in told["district-islands"].message
    assert told["district-islands"].severity is WARNING
    free = {"subdistricts": 2, "parent_rule": False}
    assert "district-islands" not in {f.code for f in found(tmp_path / "b", edit, boundaries=free)}
