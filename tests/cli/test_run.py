"""`planner run`: its object, its folder, and where the folder goes."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.cli.calling import ROOT, call, command, environment, start, write_request
from tests.towns import write_town

BY_SERVICE = {"total", "primary", "junior"}
INDICATORS = {
    "new_schools": None, "expanded_schools": None, "new_classes": BY_SERVICE,
    "new_places": BY_SERVICE, "places_short": BY_SERVICE,
    "mean_distance_m": {"primary", "junior"}, "beyond_radius": {"primary", "junior"},
    "land_m2": None, "cost_yuan": None, "subdistricts": None, "communities": None,
    "new_communities": None, "grids": None, "max_population_deviation": None,
    "people_changing_subdistrict": None, "pupils_changing_school": None,
}  # fmt: skip
PLAN = {
    "schools": {"id", "kind", "places", "new_classes"},
    "assignments": {"compound", "schools", "community", "subdistrict"},
    "grids": {"id", "community", "households", "parts"},
    "communities": {"id", "name", "subdistrict", "households", "population", "compounds"},
    "subdistricts": {"id", "name", "parent", "seat", "population", "area_km2", "communities"},
    "levels": {"name", "program", "unit", "value", "bound", "gap"},
}
FILES = {
    "scenario.yaml", "layers", "record.json", "run.log", "plan.json", "plan.gpkg",
    "assignments.csv", "map.html",
}  # fmt: skip


def test_the_object_of_a_proven_plan(planned):
    answer, out = planned
    assert answer.code == 0, answer.err
    data = answer.data
    assert data["status"] == "OPTIMAL"
    assert data["exit_code"] == 0
    assert 0 <= data["gap"] <= data["tolerance"]
    assert data["gap"] == max(level["gap"] for level in data["levels"])
    assert data["seconds"] > 0
    assert data["run_dir"] == str(out)
    assert data["verification"] == {
        "ok": True, "checks": data["verification"]["checks"], "broken": []
    }  # fmt: skip
    assert data["verification"]["checks"] > 35
    assert not data["interrupted"]
    assert data["problems"] == []


def test_the_object_holds_every_indicator(planned):
    indicators = planned[0].data["indicators"]
    for name, services in INDICATORS.items():
        value = indicators[name]
        if services is None:
            assert isinstance(value, int | float)
        else:
            assert set(value) == services
        if services == BY_SERVICE:
            assert value["total"] == value["primary"] + value["junior"]
    assert indicators["new_schools"] == 1
    assert indicators["subdistricts"] == 2
    assert indicators["new_places"]["primary"] == 45 * indicators["new_classes"]["primary"]


def test_the_folder_is_whole_and_agrees_with_the_object(planned):
    answer, out = planned
    assert {entry.name for entry in out.iterdir()} == FILES
    plan = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    for kind, keys in PLAN.items():
        assert plan[kind]
        assert all(keys <= set(entry) for entry in plan[kind])
    assert plan["indicators"] == answer.data["indicators"]
    assert plan["levels"] == answer.data["levels"]
    assert set(plan["assignments"][0]["schools"]) == {"primary", "junior"}
    assert set(plan["grids"][0]["parts"][0]) == {"compound", "buildings"}
    assert (out / "assignments.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "小城" in (out / "map.html").read_text(encoding="utf-8")
    record = json.loads((out / "record.json").read_text(encoding="utf-8"))
    assert record["run_id"] == "kept"
    assert {"planner", "Python", "highspy", "PuLP"} <= set(record["versions"])
    assert "layers/compounds.geojson" in record["sha256"]
    assert list(out.parent.iterdir()) == [out]  # nothing half-written beside it


def test_people_are_told_on_stderr_and_the_folder_on_stdout(request_path, tmp_path):
    answer = call("run", request_path, "--out", tmp_path / "run")
    assert answer.out == f"{tmp_path / 'run'}\n"
    for words in ("小城 · Tiny town", "new schools", "OPTIMAL", "Verification: ✓", "map.html"):
        assert words in answer.err
    quiet = call("run", request_path, "--out", tmp_path / "quiet", "--quiet")
    assert (quiet.out, quiet.err) == (f"{tmp_path / 'quiet'}\n", "")


def test_verbose_tells_every_step(request_path, tmp_path):
    answer = call("run", request_path, "--out", tmp_path / "run", "--verbose")
    for words in ("Reading the layers", "Placing schools", "Forming grids", "Drawing the map"):
        assert words in answer.err


def test_unnamed_runs_are_numbered_below_here(request_path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number in (1, 2):
        answer = call("run", request_path, "--json", "--quiet")
        assert Path(answer.data["run_dir"]) == tmp_path / "runs" / f"tiny-{number}"
        assert (tmp_path / "runs" / f"tiny-{number}" / "plan.json").exists()


def test_a_named_folder_is_relative_to_here_and_told_in_full(request_path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    for name in ("empty", "deep/er"):
        answer = call("run", request_path, "--out", name, "--json")
        assert answer.data["run_dir"] == str(tmp_path / name)
        assert call("verify", name).code == 0


@pytest.mark.parametrize("kind", ["full", "file", "below a file", "dangling link"])
def test_an_unusable_folder_is_refused_before_any_work(request_path, tmp_path, kind):
    out = tmp_path / "out"
    if kind == "full":
        out.mkdir()
        (out / "notes.txt").write_text("mine")
    elif kind == "dangling link":
        out.symlink_to(tmp_path / "nowhere")
    else:
        out.write_text("mine")
        out = out / "run" if kind == "below a file" else out
    answer = call("run", request_path, "--out", out, "--json", "--verbose")
    assert answer.code == 2
    assert answer.data["status"] == "USAGE_ERROR"
    assert "--out" in answer.err
    assert "Reading" not in answer.err


def test_set_and_data_take_the_place_of_what_the_file_says(request_path, tmp_path):
    other = write_town(tmp_path / "other", n=3, m=2, community_blocks=(1, 2))
    out = tmp_path / "run"
    answer = call(
        "run", request_path, "--data", other, "--out", out, "--json",
        "--set", "boundaries.band=0.9", "--set", "programme.expanded_schools=0",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert answer.data["indicators"]["communities"] == 3
    assert answer.data["indicators"]["expanded_schools"] == 0
    kept = YAML(typ="safe").load(out / "scenario.yaml")
    assert kept["boundaries"]["band"] == 0.9
    assert kept["data"] == "layers"
    origins = json.loads((out / "record.json").read_text(encoding="utf-8"))["origins"]
    assert origins["boundaries.band"] == "--set"
    assert origins["data"] == "--data"
    assert str(other) not in (out / "scenario.yaml").read_text(encoding="utf-8")


def test_a_service_is_an_entry_not_code(tmp_path):
    clinic = {"name": {"zh": "诊所", "en": "Clinic"}, "class_size": 10, "reach_m": 2000,
              "pupils_per_1000": 8}  # fmt: skip
    kind = {"name": {"zh": "诊所", "en": "Clinic"}, "parallels": {"clinic": {"min": 1, "max": 9}}}

    def beds(rows):
        return [row | {"clinic_classes": 2} for row in rows]

    path = write_request(
        tmp_path, edit={"schools": beds},
        services={"primary": None, "junior": None, "clinic": clinic},
        school_types={"primary": None, "junior": None, "nine_year": None, "clinic": kind},
    )  # fmt: skip
    answer = call("run", path, "--out", tmp_path / "run", "--json")
    assert answer.code == 0, answer.err
    assert set(answer.data["indicators"]["new_places"]) == {"total", "clinic"}


def test_both_solvers_give_levels_of_the_same_value(planned, request_path, tmp_path):
    answer = call("run", request_path, "--set", "solving.solver=cbc", "--out", tmp_path / "cbc",
                  "--json")  # fmt: skip
    assert answer.code == 0, answer.err
    ours = {level["name"]: level["value"] for level in answer.data["levels"]}
    theirs = {level["name"]: level["value"] for level in planned[0].data["levels"]}
    assert ours.keys() == theirs.keys()
    assert all(math.isclose(ours[key], theirs[key], rel_tol=1e-3, abs_tol=1e-6) for key in ours)


def test_the_program_itself(request_path, tmp_path):
    answer = start("run", request_path, "--out", "run", "--json", cwd=tmp_path)
    assert answer.code == 0, answer.err
    assert answer.data["run_dir"] == str(tmp_path / "run")
    assert "\x1b" not in answer.err  # no progress, no colours where nobody watches
    assert start("--version", cwd=tmp_path).out.startswith("planner ")
    assert start("verify", "run", "--quiet", cwd=tmp_path).code == 0


def test_what_a_library_prints_never_reaches_stdout(tmp_path):
    code = (
        "import os, sys\n"
        "from planner.cli import commands\n"
        "from planner.scenario import schema\n"
        "def noisy():\n    os.write(1, b'Running a solver\\n')\n    return '{}\\n'\n"
        "schema.schema_text = noisy\n"
        "sys.argv = ['planner', 'schema']\n"
        "commands.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), cwd=tmp_path,
                          check=True, capture_output=True, text=True)  # fmt: skip
    assert (done.stdout, done.stderr) == ("{}\n", "")


def test_a_closed_stdout_is_no_bug(tmp_path):
    words = " ".join(command("schema"))
    for shut in ("| head -c 0", ">&-"):
        done = subprocess.run(f"{words} {shut}", shell=True, env=environment(), cwd=tmp_path,
                              check=False, capture_output=True, text=True)  # fmt: skip
        assert "Traceback" not in done.stderr


def test_the_schema_is_the_committed_one():
    committed = ROOT / "configs" / "scenario.schema.json"
    assert call("schema").out == committed.read_text(encoding="utf-8")
