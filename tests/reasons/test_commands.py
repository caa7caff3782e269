"""The commands: tables for people, one object for machines, exit codes."""

from __future__ import annotations

import json

import pytest

from tests.cli.calling import call


def test_why_answers_for_people_and_machines(planned) -> None:
    answer, run_dir = planned
    assert answer.code == 0
    told = call("why", run_dir, "compound:c0000", "--json")
    assert told.code == 0, told.err
    data = told.data
    assert (data["status"], data["kind"], data["id"]) == ("ANSWERED", "compound", "c0000")
    assert [s["service"] for s in data["answer"]["services"]] == ["primary", "junior"]
    plan = json.loads((run_dir / "plan.json").read_text(encoding="utf-8"))
    schools = next(a["schools"] for a in plan["assignments"] if a["compound"] == "c0000")
    for served in data["answer"]["services"]:
        assert served["school"] == schools[served["service"]]
        assert f"Instead of {served['school']}" in told.err
    assert "Boundaries and grids were not" in told.err
    assert call("why", run_dir, "compound:c0000", "--quiet").err == ""


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("site:t1", ["Site 1 (t1)", "locks.sites.t1: open", "Ranked levels"]),
        ("school:s1", ["as if it were not there", "Pupils at another school"]),
        ("community:k00", ["Community k00 (k00)", "boundaries.parent_rule", "the office o1"]),
    ],
)
def test_every_kind_can_be_asked_about(planned, subject, words) -> None:
    answer = call("why", planned[1], subject, "--json")
    assert answer.code == 0, answer.err
    assert all(word in answer.err for word in words)
    assert answer.data["problems"] == []


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("c0000", "nothing that can be asked about"),
        ("compound:", "nothing that can be asked about"),
        ("house:c0000", "compound:ID, school:ID"),
        ("compound:c0009", "nearest compound 'c0"),
        ("community:k9", "there is no community 'k9'"),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error(planned, subject, told) -> None:
    answer = call("why", planned[1], subject, "--json")
    assert answer.code == 2
    assert told in answer.err
    assert answer.data["status"] == "USAGE_ERROR"


def test_prices_of_some_rules(planned) -> None:
    words = ("--rule", "programme.new_schools", "--rule", "band", "--json")
    answer = call("price", planned[1], *words)
    assert answer.code == 0, answer.err
    prices = answer.data["prices"]
    assert [price["key"] for price in prices] == ["programme.new_schools", "boundaries.band"]
    for price in prices:
        assert price["status"] == "OPTIMAL"
        assert price["gap"] <= 0.001
        for change in price["changes"]:
            assert change["least"] <= change["change"] <= change["most"]
    assert "1 → 0–2" in answer.err
    assert call("price", planned[1], "--rule", "nonsense").code == 2


def test_alternatives_of_a_run(planned) -> None:
    answer = call("alternatives", planned[1], "--within", "100%", "--count", "2", "--json")
    assert answer.code == 0, answer.err
    data = answer.data
    assert data["within"] == 1.0
    assert len(data["places"]["plans"]) == 2
    assert "Built in every plan" in answer.err
    only = call("alternatives", planned[1], "--only", "boundaries", "--json")
    assert only.data["places"] is None
    assert only.data["boundaries"]["listed"]
    for words in (("--within", "much"), ("--within", "-1%"), ("--only", "sites")):
        assert call("alternatives", planned[1], *words).code == 2


def test_a_run_of_which_a_part_is_missing_is_refused(run) -> None:
    (run / "plan.json").unlink()
    for words in (("why", run, "site:t1"), ("price", run), ("alternatives", run)):
        answer = call(*words)
        assert answer.code == 4
        assert "plan.json: is missing" in answer.err
    assert call("why", run / "nowhere", "site:t1").code == 2
