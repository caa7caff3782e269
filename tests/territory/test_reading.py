"""Reading layers: formats, columns, coordinates."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from planner.errors import DataError
from planner.territory.datum import wgs84_to_bd09, wgs84_to_gcj02
from planner.territory.layers import read_layers
from tests.towns import tiny_scenario, write_town


@pytest.fixture
def town(tmp_path):
    return write_town(tmp_path, n=2, m=2, community_blocks=(1, 1))


def problems(scenario):
    with pytest.raises(DataError) as caught:
        read_layers(scenario)
    return [str(problem) for problem in caught.value.problems]


def as_csv(town, name, *, columns=None, drop=()):
    """Write a point layer as CSV with lon and lat in place of its GeoJSON."""
    frame = gpd.read_file(town / f"{name}.geojson")
    table = pd.DataFrame(frame.drop(columns=["geometry", *drop]))
    table["lon"], table["lat"] = frame.geometry.x, frame.geometry.y
    table.rename(columns=columns or {}).to_csv(town / f"{name}.csv", index=False)
    (town / f"{name}.geojson").unlink()


def compare(one, other, *, within_m=0.01):
    assert one.crs == other.crs
    assert list(one.frames) == list(other.frames)
    for name, frame in one.frames.items():
        same = other.frames[name]
        assert list(frame.columns) == list(same.columns)
        plain = frame.drop(columns="geometry", errors="ignore")
        pd.testing.assert_frame_equal(
            plain.reset_index(drop=True),
            same.drop(columns="geometry", errors="ignore").reset_index(drop=True),
        )
        if "geometry" in frame:
            shapes = same.geometry.reset_index(drop=True)
            assert (
                frame.geometry.reset_index(drop=True).hausdorff_distance(shapes) < within_m
            ).all()


def test_standard_columns_and_metres(town):
    layers = read_layers(tiny_scenario(town))
    assert layers.crs == "EPSG:4551"
    assert layers.findings == ()
    assert list(layers.frames)[:3] == ["compounds", "buildings", "schools"]
    compounds = layers.frames["compounds"]
    assert compounds["id"].tolist() == ["c0000", "c0001", "c0100", "c0101"]
    assert compounds.geometry.area.to_numpy() == pytest.approx(np.full(4, 90_000.0), abs=0.01)
    assert layers.files["compounds"][0].name == "compounds.geojson"


def test_without_a_crs_the_utm_zone_is_taken(town):
    assert read_layers(tiny_scenario(town, crs=None)).crs == "EPSG:32651"


@pytest.mark.parametrize("suffix", [".gpkg", ".shp"])
def test_geopackage_and_shapefile(town, suffix):
    plain = read_layers(tiny_scenario(town))
    for name in ("communities", "schools"):
        frame = gpd.read_file(town / f"{name}.geojson")
        # A Shapefile has names of ten characters: long ones are mapped back.
        short = {column: column[:10] if suffix == ".shp" else column for column in frame.columns}
        short["geometry"] = "geometry"
        if name == "schools":
            short |= {"cost_yuan": "fixed", "cost_per_place_yuan": "place"}
            short |= {
                f"{s}_{w}": f"{s[:3]}{w}"
                for s in ("primary", "junior")
                for w in ("classes", "pupils")
            }
        frame.rename(columns=short).to_file(town / f"{name}{suffix}")
        (town / f"{name}.geojson").unlink()
    mapping = {"cost_yuan": "fixed", "cost_per_place_yuan": "place"}
    mapping |= {
        f"{s}_{w}": f"{s[:3]}{w}" for s in ("primary", "junior") for w in ("classes", "pupils")
    }
    community = {"subdistrict": "subdistric"} if suffix == ".shp" else {}
    entries = {"schools": {"columns": mapping}, "communities": {"columns": community}}
    again = read_layers(tiny_scenario(town, layers=entries))
    compare(plain, again)
    parts = {path.suffix for path in again.files["schools"]}
    assert parts == ({".gpkg"} if suffix == ".gpkg" else {".shp", ".shx", ".dbf", ".prj", ".cpg"})


def test_csv_with_foreign_names(town):
    plain = read_layers(tiny_scenario(town))
    as_csv(town, "schools", columns={"id": "编号", "lon": "经度", "lat": "纬度"})
    mapping = {"id": "编号", "lon": "经度", "lat": "纬度"}
    compare(plain, read_layers(tiny_scenario(town, layers={"schools": {"columns": mapping}})))


def test_csv_with_projected_coordinates(town):
    plain = read_layers(tiny_scenario(town))
    frame = plain.frames["seats"]
    table = pd.DataFrame(frame.drop(columns="geometry"))
    table["x"], table["y"] = frame.geometry.x, frame.geometry.y
    table.to_csv(town / "seats.csv", index=False)
    (town / "seats.geojson").unlink()
    compare(plain, read_layers(tiny_scenario(town, layers={"seats": {"crs": "EPSG:4551"}})))
    (message,) = problems(tiny_scenario(town))
    assert "layers.seats.crs" in message


def test_csv_in_gb18030_is_read_and_told(town):
    as_csv(town, "seats")
    text = (town / "seats.csv").read_text(encoding="utf-8")
    (town / "seats.csv").write_text(text, encoding="gb18030")
    layers = read_layers(tiny_scenario(town))
    assert layers.frames["seats"]["name"].tolist()[0] == "办事处2"
    assert [found.code for found in layers.findings] == ["encoding"]


def test_ids_are_texts_whatever_the_file_holds(tmp_path):
    def numbered(rows):
        return [row | {"id": float(k + 12), "primary_school": None} for k, row in enumerate(rows)]

    town = write_town(
        tmp_path, edit={"compounds": numbered}, layers=["compounds", "communities", "schools"]
    )
    ids = read_layers(tiny_scenario(town)).frames["compounds"]["id"].tolist()
    assert ids[0] == "12"
    assert ids == sorted(str(k + 12) for k in range(16))


@pytest.mark.parametrize(("datum", "there"), [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)])
def test_web_map_coordinates_are_converted(town, datum, there):
    plain = read_layers(tiny_scenario(town))
    for name in ("compounds", "schools"):
        frame = gpd.read_file(town / f"{name}.geojson")
        frame.geometry = frame.geometry.transform(there)
        frame.to_file(town / f"{name}.geojson")
    moved = read_layers(tiny_scenario(town))
    away = plain.frames["schools"].distance(moved.frames["schools"])
    assert (away > 300).all()
    entries = {name: {"datum": datum} for name in ("compounds", "schools")}
    compare(plain, read_layers(tiny_scenario(town, layers=entries)))


def test_a_layer_of_a_geopackage_by_name(town):
    plain = read_layers(tiny_scenario(town))
    for name in ("communities", "schools"):
        gpd.read_file(town / f"{name}.geojson").to_file(town / "all.gpkg", layer=f"my_{name}")
    entries = {
        name: {"file": "all.gpkg", "layer": f"my_{name}"} for name in ("communities", "schools")
    }
    compare(plain, read_layers(tiny_scenario(town, layers=entries)))
    del entries["schools"]["layer"]
    (message,) = problems(tiny_scenario(town, layers=entries))
    assert "my_communities, my_schools" in message


def test_a_layer_is_left_out_by_none(town):
    layers = read_layers(tiny_scenario(town, layers={"buildings": {"file": "none"}}))
    assert "buildings" not in layers.frames


def test_rows_in_any_order_give_the_same_layers(tmp_path):
    one = read_layers(tiny_scenario(write_town(tmp_path / "a")))
    turned = {name: lambda rows: rows[::-1] for name in one.frames}
    other = read_layers(tiny_scenario(write_town(tmp_path / "b", edit=turned)))
    compare(one, other, within_m=1e-6)


# What cannot be read: a message with the layer, the file and what to do.


def test_a_missing_layer(town):
    (town / "schools.geojson").unlink()
    (message,) = problems(tiny_scenario(town))
    assert message.startswith("schools: the layer is missing")
    assert "layers.schools.file" in message


def test_a_stated_file_that_is_not_there(town):
    (message,) = problems(tiny_scenario(town, layers={"sites": {"file": "lots.geojson"}}))
    assert "lots.geojson" in message


def test_two_files_for_one_layer(town):
    (town / "sites.csv").write_text("id\n1\n")
    (message,) = problems(tiny_scenario(town))
    assert "sites.geojson and sites.csv" in message


@pytest.mark.parametrize("text", ["", "{", "id,name"])
def test_an_unreadable_file(town, text):
    (town / "sites.geojson").write_text(text)
    found = problems(tiny_scenario(town))
    assert any(message.startswith("sites") for message in found)


def test_an_empty_layer(town):
    empty = '{"type": "FeatureCollection", "features": []}'
    (town / "sites.geojson").write_text(empty)
    layers = read_layers(tiny_scenario(town))
    assert [(found.code, found.layer) for found in layers.findings] == [("empty-layer", "sites")]
    (town / "schools.geojson").write_text(empty)
    assert any(
        "schools" in message and "no rows" in message for message in problems(tiny_scenario(town))
    )


def test_a_missing_column_names_the_nearest(tmp_path):
    def renamed(rows):
        return [
            {("populaton" if k == "population" else k): v for k, v in row.items()} for row in rows
        ]

    town = write_town(tmp_path, edit={"compounds": renamed})
    (message,) = problems(tiny_scenario(town))
    assert "no column 'population' (nearest is 'populaton')" in message
    assert "layers.compounds.columns: {population: populaton}" in message
    fixed = {"compounds": {"columns": {"population": "populaton"}}}
    assert "population" in read_layers(tiny_scenario(town, layers=fixed)).frames["compounds"]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"populaton": "people"}, ["layers.compounds.columns.populaton", "'population'"]),
        ({"population": "peple"}, ["layers.compounds.columns.population", "'peple'"]),
    ],
)
def test_a_wrong_mapping(town, columns, words):
    found = "\n".join(problems(tiny_scenario(town, layers={"compounds": {"columns": columns}})))
    assert all(word in found for word in words)


@pytest.mark.parametrize("value", ["1,200", "about 900", "900 households"])
def test_numbers_are_read_strictly(tmp_path, value):
    def spoilt(rows):
        return [rows[0] | {"households": value}, *rows[1:]]

    town = write_town(tmp_path, edit={"compounds": spoilt})
    found = problems(tiny_scenario(town))
    assert any("households" in message and "c0000" in message for message in found)


def test_a_flag_that_is_none(tmp_path):
    town = write_town(
        tmp_path, edit={"schools": lambda rows: [row | {"expandable": "maybe"} for row in rows]}
    )
    (message,) = problems(tiny_scenario(town))
    assert "expandable" in message
    assert "s1, s2" in message


def reprojected(town, name, crs):
    """The layer's GeoJSON with coordinates in `crs`, without saying so."""
    frame = gpd.read_file(town / f"{name}.geojson").to_crs(crs)
    frame.set_crs("EPSG:4326", allow_override=True).to_file(town / f"{name}.geojson")


def test_metres_in_a_geojson_without_crs(town):
    plain = read_layers(tiny_scenario(town))
    reprojected(town, "schools", "EPSG:4551")
    (message,) = problems(tiny_scenario(town))
    assert "not degrees" in message
    assert "layers.schools.crs" in message
    compare(plain, read_layers(tiny_scenario(town, layers={"schools": {"crs": "EPSG:4551"}})))


def test_degrees_said_to_be_metres(town):
    (message,) = problems(tiny_scenario(town, layers={"schools": {"crs": "EPSG:4551"}}))
    assert "look like degrees" in message


def test_swapped_axes(town):
    as_csv(town, "schools", columns={"lon": "lat", "lat": "lon"})
    (message,) = problems(tiny_scenario(town))
    assert "swapped" in message


def test_a_crs_of_another_zone(town):
    reprojected(town, "schools", "EPSG:4551")
    (message,) = problems(tiny_scenario(town, layers={"schools": {"crs": "EPSG:4546"}}))
    assert "km away" in message


def test_a_shapefile_without_prj(town):
    gpd.read_file(town / "schools.geojson")[["id", "geometry"]].to_file(town / "schools.shp")
    (town / "schools.geojson").unlink()
    (town / "schools.prj").unlink()
    found = problems(tiny_scenario(town))
    assert any("no coordinate reference system" in m and "layers.schools.crs" in m for m in found)


def test_a_datum_needs_degrees(town):
    reprojected(town, "schools", "EPSG:4551")
    entry = {"schools": {"crs": "EPSG:4551", "datum": "gcj02"}}
    (message,) = problems(tiny_scenario(town, layers=entry))
    assert "gcj02 needs longitude and latitude" in message


def test_a_csv_without_coordinates_or_with_broken_ones(town):
    as_csv(town, "schools", columns={"lon": "long"})
    (message,) = problems(tiny_scenario(town))
    assert "no coordinates" in message
    table = pd.read_csv(town / "schools.csv").rename(columns={"long": "lon"})
    table["lon"] = table["lon"].astype(str) + "E"
    table.to_csv(town / "schools.csv", index=False)
    (message,) = problems(tiny_scenario(town))
    assert "line 2, line 3" in message


def test_all_problems_come_at_once(tmp_path):
    town = write_town(
        tmp_path,
        edit={
            "compounds": lambda rows: [
                {k: v for k, v in r.items() if k != "population"} for r in rows
            ],
            "schools": lambda rows: [rows[0], rows[1] | {"id": "s1"}],
            "seats": lambda rows: [rows[0] | {"kind": "HQ"}, *rows[1:]],
        },
    )
    found = problems(tiny_scenario(town, layers={"sites": {"file": "lots.gpkg"}}))
    assert [message.split(" ")[0].rstrip(":") for message in found] == [
        "sites", "compounds", "schools", "compounds", "compounds", "seats",
    ]  # fmt: skip
