"""`planner verify` and `planner map` on runs that are whole, moved, damaged or forged."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from hashlib import sha256

import pytest

from tests.cli.calling import call, environment, start

SOLVERS = ("pulp", "highspy", "planner.solving", "planner.programs")


def crosses(answer):
    return {check["code"] for check in answer.data["checks"] if not check["ok"]}


def forge(run, change):
    """Change the plan and record its new hash, so that only the meaning gives it away."""
    plan = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    change(plan)
    text = json.dumps(plan, ensure_ascii=False)
    (run / "plan.json").write_text(text, encoding="utf-8")
    record = json.loads((run / "record.json").read_text(encoding="utf-8"))
    record["sha256"]["plan.json"] = sha256(text.encode()).hexdigest()
    (run / "record.json").write_text(json.dumps(record), encoding="utf-8")


def test_a_run_verifies_wherever_it_lies(planned, tmp_path):
    elsewhere = shutil.copytree(planned[1], tmp_path / "a folder 名")
    answer = call("verify", elsewhere, "--json")
    assert answer.code == 0
    assert answer.data["status"] == "VERIFIED"
    assert answer.data["run_dir"] == str(elsewhere)
    assert answer.data["problems"] == []
    assert len(answer.data["checks"]) == planned[0].data["verification"]["checks"]
    assert answer.err.count("✓") == len(answer.data["checks"]) + 1


def test_verify_needs_no_solver_and_says_so_in_lines(run):
    answer = call("verify", run)
    assert (answer.code, answer.out) == (0, "")
    assert "✓ Catchments are contiguous" in answer.err
    assert "all" in answer.err.splitlines()[-1]


@pytest.mark.parametrize(
    "name",
    ["scenario.yaml", "layers/compounds.geojson", "record.json", "run.log", "plan.json",
     "plan.gpkg", "assignments.csv", "map.html"],
)  # fmt: skip
@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_damaged_file_is_a_cross(run, name, damage):
    path = run / name
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-20])
    answer = call("verify", run, "--json")
    assert answer.code == 8
    assert answer.data["status"] == "BROKEN"
    assert answer.data["exit_code"] == 8
    assert crosses(answer) & {"run-files", "run-readable"}
    assert answer.data["problems"]
    assert name.rsplit("/", 1)[-1] in answer.err
    assert "✗" in answer.err


FORGERIES = {
    "a compound twice": lambda plan: plan["assignments"].append(plan["assignments"][0]),
    "a compound missing": lambda plan: plan["assignments"].pop(),
    "an unknown compound": lambda plan: plan["assignments"][0].update(compound="nobody"),
    "an unknown school": lambda plan: plan["assignments"][0]["schools"].update(primary="x"),
    "a level's value": lambda plan: plan["levels"][1].update(value=1.0, bound=1.0),
    "a level left out": lambda plan: plan["levels"].pop(2),
    "an indicator": lambda plan: plan["indicators"].update(cost_yuan=1),
    "a subdistrict's people": lambda plan: plan["subdistricts"][0].update(population=1),
    "a grid left out": lambda plan: plan["grids"].pop(),
    "a better gap": lambda plan: plan.update(gap=-1.0),
    "another scenario's plan": lambda plan: plan.update(scenario="other"),
}


@pytest.mark.parametrize("case", FORGERIES)
def test_a_forged_plan_is_a_cross(run, case):
    forge(run, FORGERIES[case])
    answer = call("verify", run, "--json")
    assert answer.code == 8
    assert crosses(answer) - {"run-files", "run-readable", "run-table"}


@pytest.mark.parametrize("verb", ["verify", "map"])
def test_what_is_no_folder_is_a_usage_error(verb, tmp_path):
    (tmp_path / "file").write_text("x")
    for name in ("nowhere", "file"):
        answer = call(verb, tmp_path / name)
        assert answer.code == 2
        assert name in answer.err


def test_a_folder_that_is_no_run(tmp_path):
    assert call("verify", tmp_path).code == 8
    answer = call("map", tmp_path)
    assert answer.code == 4
    assert "record.json" in answer.err
    assert list(tmp_path.iterdir()) == []


def test_a_map_is_drawn_again_as_it_was(run):
    before = (run / "map.html").read_bytes()
    (run / "map.html").unlink()
    answer = call("map", run)
    assert (answer.code, answer.out) == (0, f"{run / 'map.html'}\n"), answer.err
    assert (run / "map.html").read_bytes() == before
    assert call("verify", run).code == 0


def test_a_map_shows_the_crosses_of_its_run(run):
    path = run / "layers" / "sites.geojson"
    path.write_bytes(path.read_bytes() + b"\n")
    answer = call("map", run)
    assert answer.code == 8
    assert answer.out == f"{run / 'map.html'}\n"
    assert "sites.geojson has changed" in answer.err
    assert "sites.geojson has changed" in (run / "map.html").read_text(encoding="utf-8")
    assert call("verify", run).code == 8


def test_a_map_of_a_forged_plan_shows_it(run):
    forge(run, lambda plan: plan["indicators"].update(cost_yuan=1))
    answer = call("map", run)
    assert answer.code == 8
    assert "✗" in (run / "map.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("verb", ["verify", "map"])
def test_a_stored_run_needs_no_solver(run, verb):
    code = (
        "import sys\nfrom planner.cli.commands import app\n"
        f"try:\n    app([{verb!r}, {str(run)!r}], prog_name='planner')\n"
        "except SystemExit as done:\n    assert done.code == 0, done.code\n"
        f"wrong = [name for name in sys.modules if name.startswith({SOLVERS!r})]\n"
        "sys.exit(f'loaded: {wrong}' if wrong else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), check=False, capture_output=True,
        encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_help_and_schema_load_no_layers(tmp_path):
    code = (
        "import sys\nfrom planner.cli.commands import app\n"
        "try:\n    app(['schema'], prog_name='planner')\nexcept SystemExit:\n    pass\n"
        "sys.exit('geopandas' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), check=False,
                          capture_output=True, cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0
    assert start("map", tmp_path / "none", cwd=tmp_path).code == 2
