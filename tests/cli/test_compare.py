"""Comparing stored runs: asked differently, indicators with direction, who moves, gates."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.calling import call, write_request


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """The town's plan, one without its chosen site, and one with fewer pupils."""
    folder = tmp_path_factory.mktemp("town")
    request = write_request(folder, town={"n": 4, "m": 4})
    outs = tuple(folder / name for name in ("base", "closed", "fewer"))
    sets: tuple[list[str], ...] = (
        [], ["--set", "locks.sites.t2=closed"], ["--set", "services.primary.demand_factor=0.5"],
    )  # fmt: skip
    for out, more in zip(outs, sets, strict=True):
        assert call("run", request, "--out", out, *more).code == 0
    return outs


def test_what_was_asked_and_what_came_of_it(runs):
    base, closed, fewer = runs
    answer = call("compare", base, closed, fewer, "--json")
    assert answer.code == 0
    data = answer.data
    assert data["status"] == "DIFFERENT"
    assert [run["name"] for run in data["runs"]] == ["base", "closed", "fewer"]
    assert {row["key"]: row["values"] for row in data["asked"]} == {
        "locks.sites.t2": {"base": None, "closed": "closed", "fewer": None},
        "services.primary.demand_factor": {"base": 1, "closed": 1, "fewer": 0.5},
    }
    rows = {row["name"]: row for row in data["indicators"]}
    way = rows["way_pupil_m"]
    assert way["direction"] == "less is better"
    assert way["verdicts"] == {"base": "the same", "closed": "worse", "fewer": "better"}
    assert way["changes"]["closed"] == pytest.approx(
        way["values"]["closed"] - way["values"]["base"]
    )
    closed_schools = {school["id"]: school for school in data["differences"][0]["schools"]}
    assert closed_schools["t2"]["after"] is None
    assert closed_schools["t3"]["before"] is None


def test_moves_and_flows_are_those_of_the_plans(runs):
    base, closed, _ = runs
    found = call("compare", base, closed, "--json").data["differences"][0]
    moves = [move for move in found["moves"] if move["service"] == "primary"]
    assert {move["before"] for move in moves} >= {"t2"}
    flows = [flow for flow in found["flows"] if flow["service"] == "primary"]
    moved = sum(flow["amount"] for flow in flows if flow["before"] != flow["after"])
    assert moved == pytest.approx(sum(move["amount"] for move in moves))
    everyone = sum(flow["amount"] for flow in flows)
    back = call("compare", closed, base, "--json").data["differences"][0]
    assert everyone == sum(f["amount"] for f in back["flows"] if f["service"] == "primary")
    story = " ".join(sentence["en"] for sentence in found["story"])
    assert "No longer built:" in story
    assert "(t2)" in story
    assert "go to another school" in story
    assert all(sentence["zh"].endswith("。") for sentence in found["story"])


def test_people_read_tables_and_sentences(runs):
    answer = call("compare", *runs[:2])
    assert answer.code == 0
    for words in ("Asked differently", "locks.sites.t2", "▼ worse", "closed against base:",
                  "Largest flows", "不再建设"):  # fmt: skip
        assert words in answer.err
    assert call("compare", *runs[:2], "--quiet").err == ""


def test_a_run_does_not_differ_from_its_copy(runs, tmp_path):
    copy = shutil.copytree(runs[0], tmp_path / "copy")
    answer = call("compare", runs[0], copy, "--json")
    assert answer.data["status"] == "SAME"
    assert answer.data["asked"] == []
    assert answer.data["differences"][0]["story"][0]["en"] == "The two plans are the same."


def test_a_gate_that_fails_exits_with_nine(runs):
    base, closed, _ = runs
    held = call("compare", base, closed, "--fail-if", "places_short > 1e6")
    assert held.code == 0
    assert "gate held" in held.err
    failed = call(
        "compare", base, closed, "--json", "--fail-if", "change.way_pupil_m>0",
        "--fail-if", "moved.school.primary>=1e9", "--fail-if", "pupils_changing_school<=-1",
    )  # fmt: skip
    assert failed.code == 9
    assert failed.data["exit_code"] == 9
    assert [gate["failed"] for gate in failed.data["gates"]] == [True, False, False]
    assert "gate failed: change.way_pupil_m>0" in failed.err


@pytest.mark.parametrize(
    ("gate", "told"),
    [
        ("pupils_changing_scool>300", "nearest figure 'pupils_changing_school'"),
        ("pupils_changing_school", "must be like pupils_changing_school>300"),
        ("places_short>many", "must be like"),
        ("places_short=>3", "must be like"),
    ],
)
def test_a_gate_that_cannot_be_read_is_a_usage_error(runs, gate, told):
    answer = call("compare", *runs[:2], "--fail-if", gate)
    assert answer.code == 2
    assert told in answer.err


def test_what_is_no_run_is_refused(runs, tmp_path):
    assert call("compare", runs[0]).code == 2
    assert call("compare", runs[0], tmp_path / "none").code == 2
    broken = shutil.copytree(runs[0], tmp_path / "broken")
    (broken / "plan.json").write_text("{}")
    answer = call("compare", runs[0], broken)
    assert answer.code == 4
    assert "plan.json" in answer.err


def test_a_broken_promise_is_told(runs, tmp_path):
    tampered = shutil.copytree(runs[0], tmp_path / "tampered")
    (tampered / "run.log").write_text("something else")
    answer = call("compare", runs[0], tampered, "--json")
    assert answer.data["runs"][1]["broken"] == 1
    assert "1 promises BROKEN" in answer.err


def test_a_page_is_written_outside_the_runs(runs, tmp_path):
    base, closed, fewer = runs
    page = tmp_path / "pages" / "comparison.html"
    answer = call("compare", base, closed, fewer, "--map", page, "--json")
    assert answer.code == 0
    assert answer.data["map"] == str(page)
    first = page.read_bytes()
    assert b'id="map_c"' in first
    assert [path.name for path in page.parent.iterdir()] == [page.name]
    again = call("compare", base, closed, fewer, "--map", page)
    assert str(page) in again.err
    assert page.read_bytes() == first, "same runs, same bytes"
    assert call("compare", base, closed, "--json").data["map"] is None


def test_a_page_that_cannot_be_written_is_a_usage_error(runs, tmp_path):
    inside = call("compare", *runs[:2], "--map", runs[0] / "comparison.html")
    assert inside.code == 2
    assert "lies in a run" in inside.err
    assert call("compare", *runs[:2], "--map", tmp_path).code == 2
    (tmp_path / "file").write_text("")
    below = call("compare", *runs[:2], "--map", tmp_path / "file" / "page.html")
    assert below.code == 2
    assert "cannot be written" in below.err
    assert call("verify", runs[0]).code == 0
