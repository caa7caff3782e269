"""The difference of two plans, worked out by hand on the four-by-four town."""

from __future__ import annotations

from dataclasses import replace

import pytest

from planner.plan.difference import Amounts, Flow, Move, amounts_of, difference_of, indicator_rows
from planner.plan.meanings import MEANINGS, Direction, Verdict, meaning_of, verdict_of
from planner.plan.plan import Assignment, Plan, SchoolPlan, Status


def school(key: str, kind: str = "existing", primary: int = 90) -> SchoolPlan:
    return SchoolPlan(key, kind, kind, {"primary": primary}, {}, 0.0, 0.0)


def plan(places: dict[str, tuple[str, str, str]], **more: object) -> Plan:
    """A plan of compounds: school, community, subdistrict."""
    return Plan(
        scenario="x", design_year=2020, status=Status.OPTIMAL, gap=0.0, tolerance=0.001,
        schools=more.pop("schools", ()), communities=(), subdistricts=(), grids=(), levels=(),
        assignments=tuple(
            Assignment(key, {"primary": s}, c, d) for key, (s, c, d) in places.items()
        ),
        indicators=more.pop("indicators", {}),
    )  # fmt: skip


AMOUNTS = Amounts(
    pupils={"primary": {"a": 10.0, "b": 20.0, "c": 40.0}}, people={"a": 100, "b": 200, "c": 400}
)
BEFORE = plan({"a": ("s1", "k1", "d1"), "b": ("s1", "k1", "d1"), "c": ("s2", "k2", "d1")})
AFTER = plan({"a": ("s1", "k1", "d1"), "b": ("s2", "k1", "d2"), "c": ("s1", "k3", "d2")})


def test_moved_units_carry_their_pupils_and_people() -> None:
    found = difference_of(BEFORE, AFTER, AMOUNTS)
    assert found.moves == (
        Move("b", "school", "primary", "s1", "s2", 20.0),
        Move("c", "school", "primary", "s2", "s1", 40.0),
        Move("c", "community", "", "k2", "k3", 400),
        Move("b", "subdistrict", "", "d1", "d2", 200),
        Move("c", "subdistrict", "", "d1", "d2", 400),
    )
    assert found.moved("school") == found.moved("school", "primary") == 60
    assert found.moved("subdistrict") == 600


def test_flows_add_up_to_everyone_and_name_their_compounds() -> None:
    flows = difference_of(BEFORE, AFTER, AMOUNTS).flows
    assert flows == (
        Flow("school", "primary", "s1", "s1", 10.0, ("a",)),
        Flow("school", "primary", "s1", "s2", 20.0, ("b",)),
        Flow("school", "primary", "s2", "s1", 40.0, ("c",)),
        Flow("community", "", "k1", "k1", 300, ("a", "b")),
        Flow("community", "", "k2", "k3", 400, ("c",)),
        Flow("subdistrict", "", "d1", "d1", 100, ("a",)),
        Flow("subdistrict", "", "d1", "d2", 600, ("b", "c")),
    )
    assert [flow.stays for flow in flows[:2]] == [True, False]


def test_the_way_back_is_the_same_difference_turned_round() -> None:
    there, back = difference_of(BEFORE, AFTER, AMOUNTS), difference_of(AFTER, BEFORE, AMOUNTS)
    turned = {(m.compound, m.kind, m.after, m.before) for m in back.moves}
    assert turned == {(m.compound, m.kind, m.before, m.after) for m in there.moves}


def test_a_plan_does_not_differ_from_itself() -> None:
    same = difference_of(BEFORE, BEFORE, AMOUNTS)
    assert same.moves == ()
    assert same.schools == ()
    assert same.only_after == ()
    assert all(flow.stays for flow in same.flows)


def test_schools_opened_closed_and_enlarged_are_told() -> None:
    before = replace(BEFORE, schools=(school("s1"), school("t1", "new")))
    after = replace(BEFORE, schools=(school("s1", "expanded", 135), school("t2", "new")))
    changes = {c.id: (c.before, c.after) for c in difference_of(before, after, AMOUNTS).schools}
    assert changes == {
        "s1": (school("s1"), school("s1", "expanded", 135)),
        "t1": (school("t1", "new"), None),
        "t2": (None, school("t2", "new")),
    }


def test_units_of_one_plan_alone_are_named_not_dropped() -> None:
    other = plan({"a": ("s1", "k1", "d1"), "z": ("s1", "k1", "d1")})
    found = difference_of(other, AFTER, AMOUNTS)
    assert found.only_before == ("z",)
    assert found.only_after == ("b", "c")
    assert {move.compound for move in found.moves} == set()


def test_services_of_one_plan_alone_are_named() -> None:
    nursery = replace(
        BEFORE, assignments=tuple(replace(e, schools={"nursery": "s1"}) for e in BEFORE.assignments)
    )
    found = difference_of(nursery, AFTER, AMOUNTS)
    assert found.only_before == ("service:nursery",)
    assert found.only_after == ("service:primary",)
    assert {move.kind for move in found.moves} == {"community", "subdistrict"}


def test_indicators_stand_side_by_side_with_direction() -> None:
    first = replace(BEFORE, indicators={
        "places_short": {"total": 30, "primary": 30}, "new_schools": 4, "cost_yuan": 5e6,
        "grids": 10, "grids_within_limits": 8,
    })  # fmt: skip
    second = replace(BEFORE, indicators={
        "places_short": {"total": 12, "primary": 12}, "new_schools": 3, "cost_yuan": 6e6,
        "grids": 8, "grids_within_limits": 8,
    })  # fmt: skip
    rows = {row.name: row for row in indicator_rows([first, second, first])}
    assert list(rows) == [
        "places_short.total", "places_short.primary", "new_schools", "cost_yuan", "grids",
        "grids_within_limits", "grids_outside_limits",
    ]  # fmt: skip
    short = rows["places_short.total"]
    assert short.values == (30, 12, 30)
    assert short.changes == (0, -18, 0)
    assert short.verdicts == (Verdict.SAME, Verdict.BETTER, Verdict.SAME)
    assert rows["cost_yuan"].verdicts[1] is Verdict.WORSE
    assert rows["new_schools"].verdicts[1] is Verdict.OTHER
    assert rows["grids_outside_limits"].values == (2, 0, 2)
    assert rows["grids_outside_limits"].verdicts[1] is Verdict.BETTER


def test_an_indicator_of_one_plan_alone_is_not_comparable() -> None:
    rows = indicator_rows([BEFORE, replace(BEFORE, indicators={"places_short": {"total": 1}})])
    assert rows[0].values == (None, 1)
    assert rows[0].changes == (None, None)
    assert rows[0].verdicts[1] is Verdict.UNKNOWN
    assert rows[0].differs


@pytest.mark.parametrize(
    ("direction", "after", "verdict"),
    [(Direction.LESS, 2, Verdict.WORSE), (Direction.MORE, 2, Verdict.BETTER),
     (Direction.LESS, 1 + 1e-12, Verdict.SAME), (Direction.NEITHER, 2, Verdict.OTHER)],
)  # fmt: skip
def test_verdicts(direction: Direction, after: float, verdict: Verdict) -> None:
    assert verdict_of(direction, 1, after) is verdict


def test_every_indicator_of_a_plan_has_a_meaning_in_both_languages() -> None:
    from tests.plan.handmade import town

    place = town()
    for key in place.plan.indicators:
        assert key in MEANINGS
    for meaning in MEANINGS.values():
        assert all(meaning.name)
        assert all(meaning.meaning)
    assert meaning_of("not_known").name == ("not known", "not known")


def test_amounts_are_those_of_the_territory() -> None:
    from tests.plan.handmade import town

    place = town()
    amounts = amounts_of(place.territory, place.scenario)
    changed = sum(
        flow.amount
        for flow in difference_of(place.plan, place.plan, amounts).flows
        if flow.kind == "subdistrict"
    )
    assert changed == place.territory.compounds["population"].sum()
