"""Locks from a scenario and from an edited layer: honoured, reported, verified; refused by id."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from tests.cli.calling import Answer, call, write_request

TOWN = {"n": 4, "m": 4}
Edit = Callable[[pd.DataFrame], None]


@pytest.fixture(scope="module")
def request_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town of sixteen compounds; not to be changed."""
    return write_request(tmp_path_factory.mktemp("town"), town=TOWN)


@pytest.fixture(scope="module")
def base(request_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its plan without locks."""
    out = tmp_path_factory.mktemp("runs") / "base"
    assert call("run", request_path, "--out", out).code == 0
    return out


def locked(request_path: Path, out: Path, *words: str, **locks: Any) -> Answer:
    """A run with locks stated in a file that extends the request."""
    path = out.parent / "locked.yaml"
    path.write_text(json.dumps({"extends": str(request_path), "locks": locks}, indent=1))
    return call("run", path, "--out", out, "--json", *words)


def edited(base: Path, folder: Path, **edits: Edit) -> Path:
    """The plan's GeoPackage, its layers changed as a GIS would change them."""
    path = folder / "edited.gpkg"
    for name, _ in pyogrio.list_layers(base / "plan.gpkg"):
        frame = gpd.read_file(base / "plan.gpkg", layer=name)
        if name in edits:
            edits[name](frame)
        frame.to_file(path, layer=name, driver="GPKG")
    return path


def set_cell(key: str, **cells: Any) -> Edit:
    def edit(frame: pd.DataFrame) -> None:
        for column, value in cells.items():
            frame.loc[frame["id"] == key, column] = value

    return edit


def plan_of(out: Path) -> dict[str, Any]:
    """The plan without the seconds it took."""
    plan: dict[str, Any] = json.loads((out / "plan.json").read_text())
    for level in plan["levels"]:
        del level["seconds"]
    return plan


def schools(plan: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {entry["compound"]: entry["schools"] for entry in plan["assignments"]}


def built(plan: dict[str, Any]) -> set[str]:
    return {school["id"] for school in plan["schools"] if school["kind"] != "existing"}


def lock_check(out: Path) -> dict[str, Any]:
    checks = json.loads((out / "record.json").read_text())["verification"]
    return next(check for check in checks if check["code"] == "locks")


def test_what_is_locked_is_in_the_plan_and_verified(request_path, base, tmp_path):
    before = schools(plan_of(base))
    assert built(plan_of(base)) & {"t1", "t2", "t3"} == {"t2"}
    assert before["c0101"]["primary"] == "s1"
    out = tmp_path / "run"
    answer = locked(
        request_path, out,
        sites={"t2": "closed"},
        fixed={"schools": {"primary": {"c0101": "t3"}}, "subdistricts": {"k01": "d1"}},
        forbidden={"schools": {"junior": {"c0303": ["s2"]}}},
        together=[["c0000", "c0100"], ["k10", "k11"]],
    )  # fmt: skip
    assert answer.code == 0, answer.err
    after = schools(plan_of(out))
    assert built(plan_of(out)) & {"t1", "t2", "t3"} == {"t3"}
    assert after["c0101"]["primary"] == "t3"
    assert after["c0303"]["junior"] != "s2"
    assert after["c0000"] == after["c0100"]
    assert lock_check(out)["ok"]
    assert lock_check(out)["figures"] == "6 locked"
    again = tmp_path / "again"
    assert call("run", out / "scenario.yaml", "--out", again).code == 0
    assert plan_of(again) == plan_of(out)


def test_locks_out_of_a_geopackage_are_honoured_and_told(request_path, base, tmp_path):
    path = edited(
        base, tmp_path,
        compounds=set_cell("c0101", primary_school="t3"),
        sites_not_chosen=set_cell("t1", locked=True),
        communities=set_cell("k11", locked=True),
    )  # fmt: skip
    out = tmp_path / "run"
    answer = call("run", request_path, "--locks", path, "--out", out, "--json")
    assert answer.code == 0, answer.err
    assert answer.data["locked"] == [
        "c0101 is fixed to t3 (primary) — edited.gpkg: compounds: c0101.primary_school",
        "k11 is fixed to d2 — edited.gpkg: communities: k11.subdistrict",
        "t1 is closed — edited.gpkg: sites_not_chosen: t1.locked",
    ]
    assert "c0101 is fixed to t3 (primary)" in answer.err
    assert schools(plan_of(out))["c0101"]["primary"] == "t3"
    assert lock_check(out)["figures"] == "3 locked"
    record = json.loads((out / "record.json").read_text())
    assert record["origins"]["locks.sites.t1"] == "--locks"
    again = tmp_path / "again"
    assert call("run", out / "scenario.yaml", "--out", again).code == 0
    assert plan_of(again) == plan_of(out)


def test_an_untouched_geopackage_locks_nothing(request_path, base, tmp_path):
    out = tmp_path / "run"
    answer = call("run", request_path, "--locks", base / "plan.gpkg", "--out", out, "--json")
    assert answer.code == 0
    assert answer.data["locked"] == []
    assert plan_of(out) == plan_of(base)


def test_a_service_column_and_a_ticked_row_are_locks_too(request_path, base, tmp_path):
    def edit(frame: pd.DataFrame) -> None:
        frame["primary"] = None
        set_cell("c0101", primary="t2")(frame)
        set_cell("c0303", locked=True)(frame)

    path = edited(base, tmp_path, compounds=edit)
    out = tmp_path / "run"
    answer = call("run", request_path, "--locks", path, "--out", out, "--json")
    assert answer.code == 0, answer.err
    told = [line.split(" — ")[0] for line in answer.data["locked"]]
    assert told == [
        "c0101 is fixed to t2 (primary)", "c0303 is fixed to s2 (primary)",
        "c0303 is fixed to s2 (junior)", "k11 is fixed to d2",
    ]  # fmt: skip


def test_any_table_with_ids_is_compared_with_today(request_path, tmp_path):
    path = tmp_path / "wishes.csv"
    path.write_text("id,primary,locked\nc0101,t2,\nc0000,s1,是\nc0303,s2,\n", encoding="utf-8")
    answer = call("run", request_path, "--locks", path, "--out", tmp_path / "run", "--json")
    assert answer.code == 0, answer.err
    told = [line.split(" — ")[0] for line in answer.data["locked"]]
    assert told == ["c0101 is fixed to t2 (primary)", "c0000 is fixed to s1 (primary)"]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"primary_school": "t9"}, ["there is no school 't9'", "nearest school 't"]),
        ({"subdistrict": "d9"}, ["there is no subdistrict 'd9'", "nearest subdistrict 'd"]),
        ({"community": "k11"}, ["was moved from k00 to k11", "change the subdistrict instead"]),
    ],
)
def test_cells_that_cannot_be_honoured_are_refused(request_path, base, tmp_path, cells, told):
    path = edited(base, tmp_path, compounds=set_cell("c0101", **cells))
    answer = call("run", request_path, "--locks", path, "--out", tmp_path / "run")
    assert answer.code == 3
    for words in (*told, f"edited.gpkg: compounds: c0101.{next(iter(cells))}"):
        assert words in answer.err


def test_two_wishes_for_one_community_are_named_with_both_cells(base, tmp_path):
    one_parent = write_request(
        tmp_path, town={**TOWN, "parents": ("甲区", "甲区")}, name="one-parent"
    )

    def edit(frame: pd.DataFrame) -> None:
        set_cell("c0300", subdistrict="d1")(frame)
        set_cell("c0301", subdistrict="N-c2")(frame)

    path = edited(base, tmp_path, compounds=edit)
    answer = call("run", one_parent, "--locks", path, "--out", tmp_path / "run")
    assert answer.code == 3
    assert "is 'N-c2' here, but 'd1' in edited.gpkg: compounds: c0300.subdistrict" in answer.err


def test_files_without_locks_are_usage_errors(request_path, base, tmp_path):
    nothing = tmp_path / "nothing.csv"
    nothing.write_text("id,primary\nq,s1\n")
    for path, told in (
        (tmp_path / "none.gpkg", "no such file"),
        (request_path, "cannot be read"),
        (nothing, "has no layer of compounds"),
    ):
        answer = call("run", request_path, "--locks", path, "--out", tmp_path / "run")
        assert answer.code == 2
        assert told in answer.err


UNKNOWN = [
    ({"sites": {"t9": "open"}}, "locks.sites.t9: there is no school 't9'", "nearest school 't"),
    ({"sites": {"s1": "open"}}, "locks.sites.s1: s1 cannot be expanded", "t1"),
    ({"fixed": {"schools": {"primry": {"c0101": "s1"}}}}, "there is no service", "'primary'"),
    ({"fixed": {"schools": {"primary": {"c011": "s1"}}}}, "there is no compound", "'c01"),
    ({"forbidden": {"subdistricts": {"k0": ["d1"]}}}, "there is no community", "'k"),
    ({"together": [["c0101", "k00"]]}, "there is no compound 'k00'", "nearest compound"),
]  # fmt: skip


@pytest.mark.parametrize(("locks", "told", "hint"), UNKNOWN)
def test_unknown_ids_are_refused_with_the_nearest(request_path, tmp_path, locks, told, hint):
    answer = locked(request_path, tmp_path / "run", **locks)
    assert answer.code == 3
    assert told in answer.err
    assert hint in answer.err
    assert "locked.yaml:" in answer.data["problems"][0]["where"]


CONTRADICTIONS = [
    (
        {"sites": {"t3": "closed"}, "fixed": {"schools": {"primary": {"c0101": "t3"}}}},
        "c0101 is fixed to t3, but t3 is closed", 3,
    ),
    (
        {"fixed": {"schools": {"primary": {"c0101": "t3"}}},
         "forbidden": {"schools": {"primary": {"c0101": ["t3"]}}}},
        "c0101 is fixed to t3, but t3 is forbidden for c0101", 3,
    ),
    (
        {"fixed": {"schools": {"primary": {"c0101": "s1", "c0303": "s2"}}},
         "together": [["c0101", "c0202"], ["c0202", "c0303"]]},
        "c0101 is fixed to s1, but c0303, kept together with it, to s2", 3,
    ),
    ({"sites": {"t1": "open", "t2": "open"}}, "2 are locked open (t1, t2)", 5),
    ({"sites": {"t1": "closed", "t2": "closed", "t3": "closed"}}, "3 of 3 are locked closed", 5),
    ({"fixed": {"subdistricts": {"k00": "d2"}}}, "k00 of 甲区 is fixed to d2", 5),
    (
        {"fixed": {"schools": {"primary": {
            "c0000": "s2", "c0001": "s1", "c0100": "s1", "c0303": "s2"}}}},
        ("these locks leave no plan that keeps the rules: c0000 is fixed to s2 (primary); "
        "c0001 is fixed to s1 (primary); c0100 is fixed to s1 (primary)"), 5,
    ),
    (
        {"forbidden": {"schools": {"junior": {"c0101": ["s1", "s2", "t1", "t2", "t3"]}}}},
        "every junior school within reach of c0101 is forbidden", 5,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("locks", "told", "code"), CONTRADICTIONS)
def test_contradictory_locks_are_explained_by_id(request_path, tmp_path, locks, told, code):
    answer = locked(request_path, tmp_path / "run", **locks)
    assert answer.code == code
    assert told in answer.err


def test_a_lock_beyond_reach_says_how_far(request_path, tmp_path):
    answer = locked(
        request_path, tmp_path / "run", "--set", "services.primary.reach_m=700",
        fixed={"schools": {"primary": {"c0000": "s2"}}},
    )  # fmt: skip
    assert answer.code == 5
    assert "c0000 is fixed to s2, but" in answer.err
    assert "raise services.primary.reach_m to" in answer.err


def test_check_tells_unknown_locks_without_planning(request_path, tmp_path):
    path = tmp_path / "locked.yaml"
    path.write_text(f"extends: {request_path}\nlocks: {{sites: {{t7: open}}}}\n")
    answer = call("check", path)
    assert answer.code == 3
    assert f"{path}:2:21: locks.sites.t7: there is no school 't7'" in answer.err
