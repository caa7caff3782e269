"""The run folder: whole or not at all, self-contained, and read back with what is wrong in it."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest

from planner.errors import UsageError
from planner.plan.verification import verify
from planner.store import run_folder
from planner.store.run_check import verify_run
from planner.store.run_folder import next_run_dir, read_run, replace_map, write_run
from planner.territory.layers import read_layers
from tests.plan.handmade import town
from tests.towns import tiny_scenario, write_town

MAP = "<!doctype html><title>地图</title>"


def written(out: Path) -> Path:
    place = town()
    return write_run(
        out,
        scenario=place.scenario,
        layers=place.layers,
        territory=place.territory,
        plan=place.plan,
        verification=verify(place.scenario, place.layers, place.json()),
        log="a line\n",
        map_html=MAP,
        record={"created": "2017-01-01T00:00:00Z", "versions": {"planner": "0"}},
    )


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return written(tmp_path_factory.mktemp("runs") / "tiny-1")


@pytest.fixture
def run(kept, tmp_path):
    return Path(shutil.copytree(kept, tmp_path / "elsewhere"))


def crosses(run: Path) -> set[str]:
    return {check.code for check in verify_run(run).broken}


def record_again(run: Path) -> None:
    """Rewrite the hashes, so that only the meaning gives a change away."""
    record = json.loads((run / "record.json").read_text())
    record["sha256"] = {
        path.relative_to(run).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(run.rglob("*"))
        if path.is_file() and path.name != "record.json"
    }
    (run / "record.json").write_text(json.dumps(record))


def test_a_run_holds_every_part(kept):
    names = {path.relative_to(kept).as_posix() for path in kept.rglob("*") if path.is_file()}
    layers = {f"layers/{name}.geojson" for name in town().layers.files}
    assert names == layers | {
        "scenario.yaml", "record.json", "run.log", "plan.json", "plan.gpkg", "assignments.csv",
        "map.html",
    }  # fmt: skip
    assert kept.is_absolute()
    for name, (file, *_) in town().layers.files.items():
        assert (kept / f"layers/{name}.geojson").read_bytes() == file.read_bytes()
    assert [path.name for path in kept.parent.iterdir()] == ["tiny-1"]


def test_the_record_holds_hashes_and_checks(kept):
    record = json.loads((kept / "record.json").read_text())
    assert record["created"] == "2017-01-01T00:00:00Z"
    assert record["sha256"]["map.html"] == sha256(MAP.encode()).hexdigest()
    assert "record.json" not in record["sha256"]
    assert {check["ok"] for check in record["verification"]} == {True}


def test_a_run_is_verified_wherever_it_lies(run):
    result = verify_run(run)
    assert [(check.code, check.figures) for check in result.broken] == []
    assert {"run-readable", "run-files", "run-table", "catchments-contiguous"} <= {
        check.code for check in result.checks
    }


def test_a_run_is_read_back(run):
    stored = read_run(run)
    assert stored.problems == ()
    assert stored.plan == town().plan
    assert stored.scenario.model_dump(exclude={"data", "layers"}) == (
        town().scenario.model_dump(exclude={"data", "layers"})
    )
    assert stored.layers.frames.keys() == town().layers.frames.keys()


def test_verification_needs_neither_solver_nor_programs(run):
    code = (
        "import sys; from pathlib import Path; from planner.store.run_check import verify_run\n"
        "assert verify_run(Path(sys.argv[1])).ok\n"
        "loaded = [name for name in sys.modules if name.split('.')[0] in ('pulp', 'highspy')"
        " or name.startswith(('planner.programs', 'planner.solving', 'planner.maps'))]\n"
        "assert not loaded, loaded\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code, str(run)], cwd=root, check=False,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_an_occupied_folder_is_refused(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").write_text("a")
    (tmp_path / "file").write_text("a")
    for name in ("full", "file"):
        with pytest.raises(UsageError, match="--out") as caught:
            written(tmp_path / name)
        assert caught.value.exit_code == 2
    assert (tmp_path / "full" / "a.txt").read_text() == "a"
    (tmp_path / "empty").mkdir()
    assert verify_run(written(tmp_path / "empty")).ok


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("a")
    with pytest.raises(UsageError, match="cannot be written"):
        written(tmp_path / "file" / "run")


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_stopped_half_way_nothing_is_left(tmp_path, monkeypatch, stop):
    def stopped(*_args):
        raise stop

    monkeypatch.setattr(run_folder, "write_geopackage", stopped)
    with pytest.raises(stop):
        written(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_the_next_run_is_numbered_after_the_last(tmp_path):
    assert next_run_dir(tmp_path / "runs", "tiny") == tmp_path / "runs" / "tiny-1"
    for name in ("tiny-1", "tiny-10", "tiny-x", "tinyer-40"):
        (tmp_path / name).mkdir()
    assert next_run_dir(tmp_path, "tiny").name == "tiny-11"


def test_equal_plans_are_equal_files(kept, tmp_path):
    again = written(tmp_path / "tiny-2")
    for name in ("plan.json", "plan.gpkg", "assignments.csv", "scenario.yaml", "record.json"):
        assert (again / name).read_bytes() == (kept / name).read_bytes(), name


def test_the_table_opens_in_a_spreadsheet(kept):
    raw = (kept / "assignments.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(raw.decode("utf-8-sig").splitlines()))
    assert rows[0] == [
        "compound", "name", "primary_school", "primary_school_name", "primary_school_today",
        "junior_school", "junior_school_name", "junior_school_today", "community", "subdistrict",
        "changes",
    ]  # fmt: skip
    by_id = {row[0]: row for row in rows[1:]}
    assert len(rows) == 17
    assert by_id["c0000"] == ["c0000", "小区0-0", "s1", "学校1", "s1", "s1", "学校1", "s1", "k00",
                              "d1", ""]  # fmt: skip
    assert by_id["c0003"][2:5] == ["t2", "地块2", by_id["c0003"][4]]
    assert by_id["c0003"][-1] == "primary junior"


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_formulas_are_neutralised(name):
    from planner.store.assignments import safe

    assert safe(name) == f"'{name}"
    assert safe("小区=1") == "小区=1"


def test_the_geopackage_holds_every_unit(kept):
    path, plan = kept / "plan.gpkg", town().plan
    assert [name for name, _ in pyogrio.list_layers(path)] == [
        "compounds", "schools", "communities", "subdistricts", "grids", "sites_not_chosen",
    ]  # fmt: skip
    count = {name: len(gpd.read_file(path, layer=name)) for name, _ in pyogrio.list_layers(path)}
    assert count == {
        "compounds": 16, "schools": 3, "communities": 4, "subdistricts": 2,
        "grids": len(plan.grids), "sites_not_chosen": 2,
    }  # fmt: skip
    parts = gpd.read_file(path, layer="subdistricts").set_index("id")
    assert parts.crs.to_epsg() == 4551
    assert parts.area["d1"] == pytest.approx(8 * 300**2, rel=1e-6)
    schools = gpd.read_file(path, layer="schools").set_index("id")
    pupils = town().territory.demand["primary"][2025]
    assert schools["primary_pupils"]["t2"] == sum(
        pupils[f"c0{i}0{j}"] for i in (0, 1) for j in (2, 3)
    )


def test_shapefiles_are_copied_with_all_that_belongs_to_them(tmp_path):
    folder = write_town(tmp_path / "town")
    frame = (
        gpd.read_file(folder / "communities.geojson")
        .to_crs(4551)
        .rename(columns={"subdistrict": "subdistric"})
    )
    frame.to_file(tmp_path / "Zone.shp", encoding="UTF-8")
    place = town()
    scenario = tiny_scenario(
        folder, programme=place.scenario.programme,
        layers={"communities": {"file": str(tmp_path / "Zone.shp"),
                                "columns": {"subdistrict": "subdistric"}}},
    )  # fmt: skip
    layers = read_layers(scenario)
    out = write_run(
        tmp_path / "run", scenario=scenario, layers=layers, territory=place.territory,
        plan=place.plan, verification=verify(scenario, layers, place.json()), log="",
        map_html="", record={},
    )  # fmt: skip
    names = {path.name for path in (out / "layers").glob("communities.*")}
    assert {"communities.shp", "communities.dbf", "communities.shx", "communities.prj"} <= names
    shutil.rmtree(folder)
    (tmp_path / "Zone.shp").unlink()
    stored = read_run(out)
    assert stored.problems == ()
    assert set(stored.layers.frames["communities"]["subdistrict"]) == {"d1", "d2"}


def test_a_map_is_replaced_with_its_hash(run):
    replace_map(run, "<title>new</title>")
    assert (run / "map.html").read_text() == "<title>new</title>"
    assert verify_run(run).ok


@pytest.mark.parametrize(
    "name", ["scenario.yaml", "plan.json", "record.json", "layers/compounds.geojson"]
)
@pytest.mark.parametrize("content", [None, b"", b"{", b"[1]", b"\xff\xfe\x00", b"null"])
def test_a_missing_or_unreadable_part_is_a_cross(run, name, content):
    if content is None:
        (run / name).unlink()
    else:
        (run / name).write_bytes(content)
    assert "run-readable" in crosses(run)


@pytest.mark.parametrize("name", ["run.log", "map.html", "plan.gpkg", "layers/streets.geojson"])
def test_a_changed_or_missing_file_is_a_cross(run, name):
    with (run / name).open("ab") as file:
        file.write(b" ")
    assert "run-files" in crosses(run)
    (run / name).unlink()
    assert "run-files" in crosses(run)


def test_a_part_that_was_removed_from_the_record_too_is_a_cross(run):
    (run / "map.html").unlink()
    record_again(run)
    assert crosses(run) == {"run-files"}


def test_an_added_layer_is_a_cross(run):
    barriers = '{"type":"FeatureCollection","features":[]}'
    (run / "layers" / "barriers.geojson").write_text(barriers)
    assert "run-files" in crosses(run)


def edit_layer(run: Path, layer: str, key: str, **properties) -> None:
    path = run / "layers" / f"{layer}.geojson"
    data = json.loads(path.read_text(encoding="utf-8"))
    for feature in data["features"]:
        if feature["properties"]["id"] == key:
            feature["properties"] |= properties
    path.write_text(json.dumps(data), encoding="utf-8")
    record_again(run)


def test_a_corrupted_layer_is_seen_by_its_meaning(run):
    edit_layer(run, "compounds", "c0000", population=9999)
    assert {"communities-sums", "subdistricts-sums", "indicators"} <= crosses(run)


def test_a_smaller_parcel_in_the_layer_is_seen(run):
    edit_layer(run, "sites", "t2", land_m2=100.0)
    assert "school-options" in crosses(run)


def test_a_changed_scenario_is_seen(run):
    path = run / "scenario.yaml"
    text = path.read_text(encoding="utf-8")
    assert "new_schools: 1" in text
    path.write_text(text.replace("new_schools: 1", "new_schools: 2"), encoding="utf-8")
    record_again(run)
    assert crosses(run) == {"programme-new_schools"}


def test_data_from_outside_the_run_is_seen(run, tmp_path):
    moved = tmp_path / "outside.geojson"
    (run / "layers" / "streets.geojson").rename(moved)
    path = run / "scenario.yaml"
    text = path.read_text(encoding="utf-8")
    assert "layers/streets.geojson" in text
    path.write_text(text.replace("layers/streets.geojson", str(moved)), encoding="utf-8")
    record_again(run)
    assert crosses(run) == {"run-self-contained"}


def test_a_table_that_says_otherwise_is_seen(run):
    path = run / "assignments.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("k00", "k01", 1), encoding="utf-8")
    record_again(run)
    assert crosses(run) == {"run-table"}


def test_a_changed_plan_is_seen_without_its_hash(run):
    path = run / "plan.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    data["assignments"][0]["schools"]["primary"] = "s2"
    path.write_text(json.dumps(data), encoding="utf-8")
    record_again(run)
    assert {"catchments-contiguous", "run-table", "indicators", "levels-kept"} <= crosses(run)


def test_what_is_no_folder_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no run folder"):
        verify_run(tmp_path / "nothing")
