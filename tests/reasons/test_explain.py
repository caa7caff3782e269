"""Scenarios without a plan, made on purpose: the true cause is named, the first repair solves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from planner.scenario.loading import load_scenario
from tests.cli.breaking import change, every
from tests.cli.calling import Answer, call, write_request

WIDE = {"n": 4, "m": 2, "community_blocks": (1, 2)}
"""Four communities in a row, two to a side."""
BLOCKS = {"n": 4, "m": 4}
TRUNK = {"n": 2, "m": 2, "community_blocks": (1, 2), "trunk_column": 1}


def case(
    cause: str, repaired: str, *, town: Any = None, edit: Any = None, locks: Any = None,
    ids: tuple[str, ...] = (), less: float | None = None, **sets: Any,
) -> dict[str, Any]:  # fmt: skip
    """A scenario: what its reasons must name, the key that the first repair changes.

    `less`: a value of that key nearer to what is asked, with which there is still no plan.
    """
    return {"cause": cause, "repaired": repaired, "town": town, "edit": edit, "locks": locks,
            "ids": ids, "less": less, "sets": sets}  # fmt: skip


CASES = {
    # the largest school and expansion have 42 classes together
    "capacity": case(
        "programme.new_classes", "programme.new_classes", less=43,
        **{"programme.new_classes": 300},
    ),
    "capacity of the parcels": case(
        "programme.new_schools", "programme.new_schools", ids=("t1", "t2", "t3"),
        edit={"sites": every(land_m2=8099.0)},
    ),
    "two totals": case(
        "programme.new_places", "programme.new_places", less=1349,
        **{"programme.new_classes": 30, "programme.new_places": 1000},
    ),
    "reach": case(
        "services.primary", "services.primary.reach_m", ids=("c0000", "c0101"), less=379,
        **{"services.primary.reach_m": 100},
    ),
    "crossings": case(
        "services.junior", "services.junior.max_crossings", town=TRUNK,
        edit={"schools": change(0, junior_classes=0), "compounds": every(junior_school="s2")},
        **{"services.junior.max_crossings": 0, "programme.new_schools": 0,
           "programme.expanded_schools": 0, "rules.new_schools.rank": "law",
           "rules.expanded_schools.rank": "law"},
    ),
    "land": case("programme.land_m2", "programme.land_m2", less=11_999.5,
                 **{"programme.land_m2": 11_999}),
    "money": case("programme.cost_yuan", "programme.cost_yuan", less=86.9e6,
                  **{"programme.cost_yuan": 86e6}),
    "balance": case(
        "boundaries.band", "boundaries.band", town=WIDE,
        edit={"compounds": change(0, population=9000)}, **{"boundaries.band": 0.01},
    ),
    "parents": case(
        "boundaries.parent_rule", "boundaries.parent_rule",
        town={"n": 3, "m": 2, "community_blocks": (1, 2)},
        edit={"communities": change(1, parent="丙区")},
    ),
    "number": case("boundaries.subdistricts", "boundaries.subdistricts",
                   **{"boundaries.subdistricts": 4}),
    "locks that contradict": case(
        "t3 is closed", "locks.sites.t3",
        locks={"sites": {"t3": "closed"}, "fixed": {"schools": {"primary": {
            "c0000": "t3", "c0101": "t3"}}}},
    ),
    "locks against the programme": case(
        "3 of 3 are locked closed", "locks.sites.",
        locks={"sites": {"t1": "closed", "t2": "closed", "t3": "closed"}},
    ),
    "locks that tear a catchment": case(
        "these locks leave no plan", "locks.fixed.schools.primary.c0000", town=BLOCKS,
        locks={"fixed": {"schools": {"primary": {
            "c0000": "s2", "c0001": "s1", "c0100": "s1", "c0303": "s2"}}}},
    ),
    "a lock across parents": case(
        "k00 of 甲区 is fixed to d2", "locks.fixed.subdistricts.k00",
        locks={"fixed": {"subdistricts": {"k00": "d2"}}},
    ),
}  # fmt: skip


def asked(wrong: dict[str, Any], folder: Path) -> Path:
    """The scenario of a case as a file."""
    base = write_request(folder, town=wrong["town"], edit=wrong["edit"])
    entries: dict[str, Any] = {"extends": str(base)}
    for key, value in wrong["sets"].items():
        *above, last = key.split(".")
        place = entries
        for part in above:
            place = place.setdefault(part, {})
        place[last] = value
    path = base.with_name("wrong.yaml")
    path.write_text(json.dumps(entries | ({"locks": wrong["locks"]} if wrong["locks"] else {})))
    return path


def explained(path: Path, out: Path, *words: str) -> Answer:
    return call("explain", path, "--out", out, "--json", "--time-limit", 60, *words)


@pytest.mark.parametrize("name", CASES)
def test_the_true_cause_is_named_and_the_first_repair_solves(name: str, tmp_path: Path) -> None:
    wrong = CASES[name]
    path = asked(wrong, tmp_path)
    answer = explained(path, tmp_path / "repairs", "--count", "1")
    assert answer.code == 5, answer.err
    data = answer.data
    assert data["status"] == "INFEASIBLE"
    told = "\n".join(f"{p['where']}: {p['message']}" for p in data["problems"])
    assert wrong["cause"] in told
    assert all(key in told for key in wrong["ids"])
    assert wrong["cause"] in answer.err
    page = Path(data["page"]).read_text(encoding="utf-8")
    assert all(f"({key})</title>" in page for key in wrong["ids"])
    first = data["repairs"][0]
    assert all(entry["key"].startswith(wrong["repaired"]) for entry in first["changes"])
    run = call("run", first["file"], "--out", tmp_path / "run", "--quiet", "--json")
    assert run.code == 0, run.err
    assert run.data["verification"]["ok"]
    if wrong["less"] is not None:
        setting = f"{wrong['repaired']}={wrong['less']:g}"
        less = call("run", path, "--set", setting, "--out", tmp_path / "less", "--quiet")
        assert less.code == 5


@pytest.mark.parametrize("name", ["land", "locks that contradict"])
def test_every_repair_is_a_few_lines_that_solve(name: str, tmp_path: Path) -> None:
    answer = explained(asked(CASES[name], tmp_path), tmp_path / "repairs", "--count", "2")
    files = [Path(entry["file"]) for entry in answer.data["repairs"]]
    assert len(files) == 2
    costs = []
    for number, (file, entry) in enumerate(zip(files, answer.data["repairs"], strict=True), 1):
        text = file.read_text(encoding="utf-8")
        assert file.name == f"repair-{number}.yaml"
        assert len(text.splitlines()) <= 16
        assert all(c["key"] in text for c in entry["changes"])
        assert load_scenario(file).scenario.name == f"tiny-repair-{number}"
        run = call("run", file, "--out", tmp_path / f"run-{number}", "--quiet")
        assert run.code == 0, run.err
        costs.append(cost_of(entry["changes"]))
    assert costs == sorted(costs)


def cost_of(changes: list[dict[str, Any]]) -> list[float]:
    ranks = ("law", "standard", "policy", "wish")
    own = [[c["share"] for c in changes if c["rank"] == rank] for rank in ranks]
    return [*map(len, own), *(round(sum(shares), 6) for shares in own)]


def test_the_ranks_of_the_scenario_decide_which_rule_gives_way(tmp_path: Path) -> None:
    path = asked(CASES["land"], tmp_path)
    ranks = ("--set", "rules.land_m2.rank=law")
    answer = explained(path, tmp_path / "repairs", *ranks)
    (first, *_) = answer.data["repairs"]
    assert [c["key"] for c in first["changes"]] == ["programme.new_schools"]
    again = explained(path, tmp_path / "again", "--set", "rules.new_schools.rank=law")
    assert [c["key"] for c in again.data["repairs"][0]["changes"]] == ["programme.land_m2"]


def test_places_and_boundaries_are_repaired_together(tmp_path: Path) -> None:
    sets = {"programme.land_m2": 11_999, "boundaries.subdistricts": 4}
    path = asked(case("", "", **sets), tmp_path)
    answer = explained(path, tmp_path / "repairs")
    reasons = answer.data["reasons"]
    assert reasons["places"]
    assert reasons["boundaries"]
    first = answer.data["repairs"][0]
    assert [c["key"] for c in first["changes"]] == ["programme.land_m2", "boundaries.subdistricts"]
    assert call("run", first["file"], "--out", tmp_path / "run", "--quiet").code == 0


def test_what_was_set_on_the_command_line_is_in_the_repair(tmp_path: Path) -> None:
    base = write_request(tmp_path)
    words = ("--set", "programme.land_m2=11999", "--set", "services.primary.class_size=40")
    answer = explained(base, tmp_path / "repairs", *words)
    request = load_scenario(answer.data["repairs"][0]["file"]).scenario
    assert request.services["primary"].class_size == 40


def test_a_scenario_with_a_plan_needs_no_repair(request_path: Path, tmp_path: Path) -> None:
    answer = explained(request_path, tmp_path / "repairs")
    assert answer.code == 0
    assert answer.data["status"] == "FEASIBLE"
    assert answer.data["repairs"] == []
    assert not (tmp_path / "repairs").exists()


def test_locks_of_unknown_ids_are_an_invalid_scenario(request_path: Path, tmp_path: Path) -> None:
    words = ("--set", "locks.sites={t9: open}")
    answer = explained(request_path, tmp_path / "repairs", *words)
    assert answer.code == 3
    assert "there is no school 't9'" in answer.err
