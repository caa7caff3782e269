"""The price of a rule is what brute force says of the zone with the rule relaxed."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from planner.cli.why_reports import against
from planner.errors import UsageError
from planner.programs.location.inputs import location_problem
from planner.reasons.case import Asking, Case
from planner.reasons.levels import changes_of, not_worse
from planner.reasons.prices import prices_of
from planner.reasons.rules import PLACES, relaxed_rules
from planner.scenario.model import Range
from planner.solving.ranked import LevelResult
from tests.reasons.brute_force import best_levels
from tests.reasons.test_why_community import best_with, problem_of_plan
from tests.reasons.test_why_community import town as districts
from tests.reasons.towns import PRIMARY, SIX, case_of, planned

RULES = ("new_schools", "new_classes", "cost_yuan", "reach_m", "land_per_place_m2", "locks")


@cache
def town() -> Case:
    """Six compounds; a programme that binds, a lock and a reach that do."""
    primary = {**PRIMARY["services"]["primary"], "reach_m": 900}
    return planned(
        {**SIX, "households": (1500, 2500)},
        ranking={"way": 0.0},
        services={"primary": primary},
        school_types=PRIMARY["school_types"],
        programme={"new_schools": 1, "new_classes": {"max": 6}, "cost_yuan": 105e6},
        locks={"sites": {"t2": "closed"}},
    )  # fmt: skip


def test_places_agree_with_brute_force() -> None:
    case, better = town(), 0
    before = best_levels(location_problem(case.territory, case.scenario))
    assert before is not None
    prices = prices_of(case, RULES)
    scenarios = {rule.key: rule.scenario for rule in relaxed_rules(case.territory, case.scenario)}
    assert [price.family for price in prices] == [
        "new_schools", "new_classes", "cost_yuan", "reach_m", "land_per_place_m2", "locks",
    ]  # fmt: skip
    for price in prices:
        problem = location_problem(case.territory, scenarios[price.key])
        best = best_levels(problem)
        assert best is not None
        assert price.touches == PLACES
        assert price.status == "OPTIMAL"
        assert [change.value for change in price.changes] == pytest.approx(best, abs=0.5)
        assert [change.before for change in price.changes] == pytest.approx(before, abs=0.5)
        worth = [b - a for a, b in zip(before, best, strict=True)]
        better += next((change < -1 for change in worth if abs(change) > 1), False)
        first = next((change for change in price.changes if abs(change.change) > 1), None)
        assert first is None or first.change < 0  # a relaxed rule takes no plan away
    assert better >= 2


def test_subdistricts_agree_with_brute_force() -> None:
    case = districts(parents=True)
    problem = problem_of_plan(case)
    for price in prices_of(case, ["boundaries.band", "parent_rule"]):
        relaxed = next(
            rule.scenario for rule in relaxed_rules(case.territory, case.scenario)
            if rule.key == price.key
        )  # fmt: skip
        again = problem_of_plan(Case(case.territory, relaxed, case.plan))
        ends = [best_with(again, i, j) for i in (1,) for j in range(len(problem.seats))]
        best = min(found for found in ends if found is not None)
        assert price.status == "OPTIMAL"
        assert price.changes[0].value == pytest.approx(best[0], abs=1e-3)
        assert price.moved_people is not None


def test_prices_of_a_joint_run_are_those_of_the_plan_made_one_after_the_other() -> None:
    alone = town()
    both = case_of(alone.scenario.model_copy(update={"solve": "joint"}))
    assert (alone.against, both.against) == ("run", "sequential")
    assert "way" not in {level.name for level in both.plan.levels}
    for one, other in zip(prices_of(alone, RULES), prices_of(both, RULES), strict=True):
        assert other.status == one.status
        assert [c.level for c in other.changes] == [c.level for c in one.changes]
        for mine, theirs in zip(one.changes, other.changes, strict=True):
            assert theirs.before == pytest.approx(mine.before, rel=1e-4)
            assert theirs.change == pytest.approx(mine.change, rel=1e-4, abs=0.5)
    assert both.indicators["way_pupil_m"] == pytest.approx(alone.indicators["way_pupil_m"])
    assert "one after the other" in against(both)
    assert against(alone) == "the run's levels"


def test_every_rule_is_relaxed_by_its_step() -> None:
    case = town()
    rules = {rule.key: rule for rule in relaxed_rules(case.territory, case.scenario)}
    asked = {key: rule.scenario for key, rule in rules.items()}
    assert asked["programme.new_schools"].programme.new_schools == Range(min=0, max=2)
    assert asked["programme.cost_yuan"].programme.cost_yuan.max == pytest.approx(115.5e6)
    assert asked["services.primary.reach_m"].services["primary"].reach_m == 1400
    assert asked["locks.sites.t2"].locks.empty
    assert asked["boundaries.band"].boundaries.band == pytest.approx(0.55)
    assert rules["locks.sites.t2"].rank == "wish"
    assert rules["boundaries.parent_rule"].rank == "law"
    assert "programme.land_m2" not in rules  # it is open


def test_steps_are_the_scenarios_own() -> None:
    case = town()
    stated = {"reach_m": {"rank": "law", "step": 250}}
    rules = case.scenario.rules.model_validate(stated)
    scenario = case.scenario.model_copy(update={"rules": rules})
    found = {rule.key: rule for rule in relaxed_rules(case.territory, scenario)}
    reach = found["services.primary.reach_m"]
    assert (reach.rank, reach.now, reach.then) == ("law", "900", "1150")


def test_a_rule_that_is_none_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="--rule programme"):
        prices_of(town(), ["programme.cost"])


def test_without_time_the_plan_of_the_run_stands() -> None:
    case = town()
    hasty = Case(case.territory, case.scenario, case.plan, Asking(limit_s=1e-9))
    (price,) = prices_of(hasty, ["cost_yuan"])
    assert price.status == "FEASIBLE"
    assert "stands" in price.note
    for change in price.changes:
        assert (change.value, change.change, change.most) == (change.before, 0.0, 0.0)
        assert change.least == -np.inf


def test_a_relaxed_rule_is_never_told_to_be_worse() -> None:
    def level(name: str, value: float, bound: float) -> LevelResult:
        return LevelResult(name, "", value, bound, 0.0, value, 0.0)

    before = [level("way", 100.0, 99.0), level("moves", 10.0, 10.0)]
    later = [level("way", 103.0, 95.0), level("moves", 2.0, 2.0)]
    changes, kept = not_worse(changes_of(before, later))
    assert kept
    assert [(c.value, c.change) for c in changes] == [(100.0, 0.0), (10.0, 0.0)]
    assert [c.least for c in changes] == [-5.0, -np.inf]
    better = [level("way", 90.0, 89.0), level("moves", 20.0, 20.0)]
    changes, kept = not_worse(changes_of(before, better))
    assert not kept
    assert [c.change for c in changes] == [-10.0, 10.0]
