"""Programmes that cannot be met: exit 5, reasons with names, and the smallest change that helps."""

from __future__ import annotations

import re

import pytest

from tests.cli.breaking import change, every
from tests.cli.calling import call, write_request

WIDE = {"n": 4, "m": 2, "community_blocks": (1, 2)}
"""Four communities in a row, two to a side."""


def refused(path, *sets, tmp_path):
    """The problems of a request that no plan meets."""
    words = [word for setting in sets for word in ("--set", setting)]
    answer = call("run", path, "--out", tmp_path / "refused", "--json", *words)
    assert answer.code == 5, answer.err
    data = answer.data
    assert data["status"] == "INFEASIBLE"
    assert data["exit_code"] == 5
    assert data["run_dir"] is None
    assert data["indicators"] == {}
    assert data["problems"]
    assert all(entry["where"] and entry["hint"] for entry in data["problems"])
    assert "No plan keeps all rules" in answer.err
    assert not (tmp_path / "refused").exists()
    return data["problems"]


def works(path, *sets, tmp_path):
    words = [word for setting in sets for word in ("--set", setting)]
    return call("run", path, "--out", tmp_path / "works", "--quiet", *words).code == 0


def told(problems):
    return "\n".join(f"{entry['where']}: {entry['message']} {entry['hint']}" for entry in problems)


# Sites: 12 000, 18 000 and 24 000 m², 60, 80 and 100 million yuan and 50 000 yuan a place; the
# expandable school has 9 000 m² more. At 15 m² a place the largest site takes ten parallel junior
# classes, 30 × 50 = 1 500 places, and the expansion four, 12 × 50 = 600: 42 classes, 2 100 places.
# The cheapest school has two parallel primary classes: 60e6 + 12 × 45 × 50e3 = 87e6 yuan.
TOTALS = [
    ("programme.new_classes", 300, 42, "programme.new_classes down to 42"),
    ("programme.new_places", 5000, 2100, "programme.new_places down to 2100"),
    ("programme.new_schools", 9, 3, "programme.new_schools down to 3"),
    ("programme.expanded_schools", 2, 1, "programme.expanded_schools down to 1"),
    ("programme.land_m2", 11_999, 12_000, "programme.land_m2 up to 12000"),
    ("programme.cost_yuan", 86e6, 87e6, "programme.cost_yuan up to 87000000"),
]


@pytest.mark.parametrize(("key", "asked", "possible", "change"), TOTALS)
def test_the_smallest_change_of_a_total_helps(key, asked, possible, change, request_path, tmp_path):
    problems = refused(request_path, f"{key}={asked}", tmp_path=tmp_path)
    (reason,) = [entry for entry in problems if entry["where"] == key]
    assert change in reason["hint"]
    relaxed = float(re.findall(r"to (\d+)", reason["hint"])[-1])
    assert works(request_path, f"{key}={relaxed:.0f}", tmp_path=tmp_path)
    assert relaxed == possible


def test_sites_short_by_classes_beside_money_and_land(request_path, tmp_path):
    sets = ("programme.new_classes=200", "programme.cost_yuan=1e6", "programme.land_m2=11999")
    problems = refused(request_path, *sets, tmp_path=tmp_path)
    assert {"programme.new_classes", "programme.cost_yuan", "programme.land_m2"} & {
        entry["where"] for entry in problems
    }
    changes = re.findall(r"smallest change that helps: (\S+) (?:up|down) to (\d+)", told(problems))
    relaxed = [f"{key}={value}" for key, value in changes]
    assert works(request_path, *sets, *relaxed, tmp_path=tmp_path)


def test_two_totals_that_contradict_each_other(request_path, tmp_path):
    sets = ("programme.new_classes=30", "programme.new_places=1000")
    problems = refused(request_path, *sets, tmp_path=tmp_path)
    assert "programme.new_places up to 1350" in told(problems)  # 30 classes of 45 places
    assert works(request_path, sets[0], "programme.new_places=1350", tmp_path=tmp_path)


def test_parcels_too_small_for_any_school(tmp_path):
    # The smallest school, two parallel primary classes, needs 540 places × 15 m² = 8 100 m².
    path = write_request(tmp_path, edit={"sites": every(land_m2=8099.0)})
    text = told(refused(path, tmp_path=tmp_path))
    assert "programme.new_schools" in text
    assert all(site in text for site in ("t1", "t2", "t3"))
    one = write_request(tmp_path / "one", edit={"sites": change(0, land_m2=100.0)})
    checked = call("check", one, "--json")
    assert checked.code == 0
    assert any("t1" in finding["ids"] for finding in checked.data["findings"])
    assert works(one, tmp_path=tmp_path)


def test_homes_out_of_reach(request_path, tmp_path):
    problems = refused(request_path, "services.primary.reach_m=100", tmp_path=tmp_path)
    text = told(problems)
    assert "services.primary" in text
    assert "c0000" in text
    (least,) = re.findall(r"services\.primary\.reach_m\D+(\d+)", text)
    assert works(request_path, f"services.primary.reach_m={least}", tmp_path=tmp_path)
    less = f"services.primary.reach_m={int(least) - 1}"
    refused(request_path, less, tmp_path=tmp_path)


def test_a_band_too_tight(tmp_path):
    heavy = {"compounds": change(0, population=9000)}
    path = write_request(tmp_path, town=WIDE, edit=heavy)
    problems = refused(path, "boundaries.band=0.01", tmp_path=tmp_path)
    text = told(problems)
    assert "boundaries.band" in text
    assert "甲区" in text
    (least,) = re.findall(r"set boundaries\.band: ([\d.]+)", text)
    assert works(path, f"boundaries.band={least}", tmp_path=tmp_path)
    refused(path, f"boundaries.band={float(least) - 0.002:.3f}", tmp_path=tmp_path)


def test_parents_that_contradict_the_number_of_subdistricts(tmp_path):
    # The middle of three communities lies in a third district: three parents, two subdistricts.
    town = {"n": 3, "m": 2, "community_blocks": (1, 2)}
    path = write_request(tmp_path, town=town, edit={"communities": change(1, parent="丙区")})
    text = told(refused(path, tmp_path=tmp_path))
    assert "丙区" in text
    assert "boundaries.parent_rule" in text
    assert works(path, "boundaries.parent_rule=false", tmp_path=tmp_path)


def test_fewer_subdistricts_than_parents(request_path, tmp_path):
    text = told(refused(request_path, "boundaries.subdistricts=1", tmp_path=tmp_path))
    assert "boundaries.subdistricts" in text
    assert "office" in text


def test_more_subdistricts_than_seats(tmp_path):
    def offices(rows):
        return [row for row in rows if row["kind"] == "office"]

    path = write_request(tmp_path, town=WIDE, edit={"seats": offices})
    text = told(refused(path, "boundaries.subdistricts=3", tmp_path=tmp_path))
    assert "candidate" in text
    assert "boundaries.subdistricts" in text
    assert works(path, "boundaries.subdistricts=2", tmp_path=tmp_path)


def test_more_subdistricts_than_communities(request_path, tmp_path):
    text = told(refused(request_path, "boundaries.subdistricts=4", tmp_path=tmp_path))
    assert "boundaries.subdistricts: 2" in text
