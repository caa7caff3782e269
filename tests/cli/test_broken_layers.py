"""Broken layers through the command line: exit code, file, layer, ids, and what to do."""

from __future__ import annotations

import pytest
from shapely import Polygon
from shapely.affinity import translate

from tests.cli.breaking import (
    as_shapefile,
    as_table,
    change,
    doubled,
    every,
    gone,
    in_metres,
    network,
    renamed,
    text,
    without,
)
from tests.cli.calling import call, write_request
from tests.towns import ORIGIN, at, block, line

BOW = translate(Polygon([(0, 0), (300, 300), (300, 0), (0, 300)]), *ORIGIN)
NODES = "node_id,lon,lat\n1,125.38,43.874\n2,125.39,43.88\n"
STATED = {"crs": "EPSG:4551"}

# family, what is broken, edits of rows, damage to files, layers of the scenario,
# words that the messages hold (layer, file, ids, what to do)
CASES = [
    ("files", "a required layer is missing", {}, [gone("schools")], {},
     ["schools: the layer is missing", "put schools.geojson there"]),
    ("files", "a stated file is missing", {}, [], {"sites": {"file": "lots.gpkg"}},
     ["sites", "there is no file", "lots.gpkg"]),
    ("files", "two files for one layer", {}, [text("sites.csv", "id\n1\n")], {},
     ["sites", "sites.geojson and sites.csv"]),
    ("files", "no GeoJSON at all", {}, [text("seats.geojson", "{")], {},
     ["seats", "seats.geojson cannot be read"]),
    ("files", "a layer no GeoPackage holds", {}, [], {"sites": {"layer": "parcels"}},
     ["sites", "parcels"]),
    ("files", "an empty layer", {"schools": lambda rows: []}, [], {}, ["schools", "no rows"]),
    ("columns", "a required column is missing", {"compounds": without("population")}, [], {},
     ["compounds (compounds.geojson)", "no column 'population'"]),
    ("columns", "a column under a foreign name", {"compounds": renamed("households", "hushu")}, [],
     {}, ["compounds", "no column 'households'", "layers.compounds.columns"]),
    ("columns", "a mapping to a column that is not there", {}, [],
     {"compounds": {"columns": {"population": "renkou"}}},
     ["layers.compounds.columns.population", "'renkou'"]),
    ("coordinates", "metres, and no CRS stated", {}, [in_metres("schools")], {},
     ["schools", "not degrees", "layers.schools.crs"]),
    ("coordinates", "degrees said to be metres", {}, [], {"compounds": STATED},
     ["compounds", "look like degrees"]),
    ("coordinates", "the CRS of another zone", {}, [in_metres("sites")],
     {"sites": {"crs": "EPSG:4546"}}, ["sites", "km away"]),
    ("coordinates", "a shapefile without CRS", {}, [as_shapefile("sites", lost="prj")], {},
     ["sites", "no coordinate reference system", "layers.sites.crs"]),
    ("coordinates", "swapped axes", {}, [as_table("seats", lon="lat", lat="lon")], {},
     ["seats", "swapped"]),
    ("coordinates", "a table without coordinates", {}, [as_table("schools", lon="east")], {},
     ["schools (schools.csv)", "no coordinates", "lon"]),
    ("coordinates", "a web-map datum in metres", {}, [in_metres("sites")],
     {"sites": STATED | {"datum": "gcj02"}}, ["sites", "gcj02 needs longitude and latitude"]),
    ("ids", "one compound twice", {"compounds": doubled(1)}, [], {},
     ["compounds (compounds.geojson)", "c0001", "copies"]),
    ("ids", "a compound without id", {"compounds": change(2, id=None)}, [], {},
     ["compounds", "row 3", "'id'"]),
    ("ids", "a site named like a school", {"sites": change(1, id="s1")}, [], {},
     ["sites", "s1", "rename"]),
    ("references", "a community nobody knows", {"compounds": change(1, community="k77")}, [], {},
     ["compounds", "c0001", "k77"]),
    ("references", "today's school nobody knows", {"compounds": change(0, primary_school="s9")},
     [], {}, ["compounds", "c0000", "s9"]),
    ("references", "buildings of no compound", {"buildings": change(0, compound="c9")}, [], {},
     ["buildings (buildings.geojson)", "c0000-01", "c9"]),
    ("references", "an office of no subdistrict", {"seats": change(0, subdistrict="d7")}, [], {},
     ["seats", "o1", "d7"]),
    ("words", "a seat of no known kind", {"seats": change(0, kind="HQ")}, [], {},
     ["seats", "HQ", "o1", "office"]),
    ("words", "a school type nobody knows", {"sites": change(0, types="college")}, [], {},
     ["sites", "t1", "college", "nine_year"]),
    ("shapes", "overlapping communities",
     {"communities": change(0, geometry=block(0, 0).union(block(0, 1)).union(block(1, 0)))}, [],
     {}, ["communities", "k00", "k10", "90000 m²"]),
    ("shapes", "an outline that crosses itself", {"compounds": change(0, geometry=BOW)}, [], {},
     ["compounds", "c0000", "Self-intersection"]),
    ("shapes", "a community without shape", {"communities": change(1, geometry=None)}, [], {},
     ["communities", "k10", "draw"]),
    ("shapes", "a school drawn as a line",
     {"schools": change(0, geometry=line((0, 0), (9, 9)))}, [], {}, ["schools", "s1", "Point"]),
    ("numbers", "negative pupils", {"compounds": change(3, primary_2025=-12)}, [], {},
     ["compounds", "c0101", "primary_2025"]),
    ("numbers", "pupils unknown", {"compounds": change(2, junior_2025=None)}, [], {},
     ["compounds", "c0100", "junior_2025"]),
    ("numbers", "households in words", {"compounds": change(0, households="about 900")}, [], {},
     ["compounds", "c0000", "households"]),
    ("numbers", "half a class", {"schools": change(0, primary_classes=11.5)}, [], {},
     ["schools", "s1", "primary_classes"]),
    ("demand", "no pupils of the design year", {"compounds": without("primary_2025")}, [], {},
     ["compounds", "primary_2020", "design_year"]),
    ("demand", "no pupils at all", {"compounds": without("junior_2020", "junior_2025")}, [], {},
     ["compounds", "junior", "pupils_per_1000"]),
    ("schools", "no column of classes",
     {"schools": without("primary_classes", "junior_classes")}, [], {},
     ["schools", "primary_classes"]),
    ("schools", "today's school without the stage", {"schools": change(0, junior_classes=0)}, [],
     {}, ["compounds", "s1", "junior"]),
    ("land", "a site that is a point without area", {"sites": change(0, land_m2=None)}, [], {},
     ["sites", "t1", "land_m2"]),
    ("land", "an expansion without land", {"schools": change(1, land_m2=None)}, [], {},
     ["schools", "s2", "land_m2"]),
    ("administration", "a parent for some only",
     {"communities": change(0, parent=None), "subdistricts": every(parent=None)}, [], {},
     ["communities", "k00", "parent"]),
    ("administration", "two offices of one subdistrict", {"seats": change(0, subdistrict="d2")},
     [], {}, ["seats", "d2", "office"]),
    ("administration", "an office that governs nothing", {"seats": change(0, subdistrict=None)},
     [], {}, ["seats", "o1", "candidate"]),
    ("places", "a compound outside all communities",
     {"compounds": change(0, geometry=at(5000, 5000).buffer(50))}, [], {},
     ["compounds", "c0000", "outside: nearest"]),
    ("places", "a seat outside the zone", {"seats": change(1, geometry=at(-400, 0))}, [], {},
     ["seats", "c2"]),
    ("network", "an edge to no node", {},
     [network(nodes=NODES, edges="from_node,to_node,length_m\n1,2,900\n2,3,40\n")], {},
     ["network_edges", "3"]),
    ("network", "an edge of negative length", {},
     [network(nodes=NODES, edges="from_node,to_node,length_m\n1,2,-900\n")], {},
     ["network_edges", "length_m"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("edits", "damages", "layers", "words"),
    [case[2:] for case in CASES], ids=[f"{case[0]}: {case[1]}" for case in CASES],
)  # fmt: skip
def test_a_broken_layer_is_named(tmp_path, edits, damages, layers, words):
    path = write_request(tmp_path, edit=edits, layers=layers)
    for damage in damages:
        damage(tmp_path / "geodata")
    answer = call("run", path, "--out", tmp_path / "run", "--json")
    assert answer.code == 4, answer.err
    assert answer.data["status"] == "INVALID_DATA"
    assert answer.data["exit_code"] == 4
    assert answer.data["run_dir"] is None
    for word in words:
        assert word in answer.err, answer.err
    problems = answer.data["problems"]
    assert problems
    assert all(problem["where"] and problem["message"] and problem["hint"] for problem in problems)
    assert not (tmp_path / "run").exists()


def test_every_family_is_broken_twice():
    families = [case[0] for case in CASES]
    assert all(families.count(family) >= 2 for family in families)


def test_check_finds_the_same_and_more_at_once(tmp_path):
    edits = {
        "compounds": change(3, primary_2025=-12),
        "communities": change(1, geometry=None),
        "sites": change(1, id="s1"),
    }
    path = write_request(tmp_path, edit=edits)
    checked = call("check", path, "--json")
    assert checked.code == 4
    assert checked.data["status"] == "INVALID_DATA"
    told = {(problem["layer"], *problem["ids"]) for problem in checked.data["problems"]}
    assert {("compounds", "c0101"), ("communities", "k10"), ("sites", "s1")} <= told
    ran = call("run", path, "--json")
    assert len(ran.data["problems"]) == len(checked.data["problems"])


def test_a_sound_town_passes_its_check(tmp_path):
    answer = call("check", write_request(tmp_path), "--json")
    assert answer.code == 0
    assert answer.data["status"] == "OK"
    assert answer.data["crs"] == "EPSG:4551"
    assert answer.data["layers"]["compounds"] == 4
    assert answer.data["problems"] == []
    assert {finding["severity"] for finding in answer.data["findings"]} <= {"note"}


def test_what_is_odd_but_usable_is_told_and_no_error(tmp_path):
    path = write_request(tmp_path, edit={"compounds": change(0, population=0)})
    answer = call("check", path)
    assert answer.code == 0
    assert answer.out == ""
    assert "c0000" in answer.err
    assert "1 warning" in answer.err
