"""Why this school: every alternative costs what brute force says, every rule is named."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from planner.errors import UsageError
from planner.programs.location.inputs import location_problem
from planner.reasons.case import Asking, Case
from planner.reasons.why_compound import (
    FORBIDDEN,
    IMPOSSIBLE,
    LEFT,
    OUTPRICED,
    TIED,
    UNKNOWN,
    ServedBy,
    why_compound,
)
from tests.reasons.brute_force import best_levels, only_arcs, only_schools
from tests.reasons.towns import planned

NO_LEEWAY = {"ranking": {"way": 0.0}}
NAMES = ("places_short", "way", "pupils_changing_school")


@cache
def town(name: str = "") -> Case:
    """Six compounds; "barred" by those of the middle, which all go east."""
    middle = {"primary": {"c0100": "s2", "c0101": "s2"}}
    locks = {"locks": {"fixed": {"schools": middle}}} if name == "barred" else {}
    return planned(**NO_LEEWAY, **locks)


def everything(case: Case, compound: str) -> tuple[ServedBy, ...]:
    return why_compound(case, compound, count=9).services


@pytest.mark.parametrize(("name", "verdict"), [("", OUTPRICED), ("barred", IMPOSSIBLE)])
def test_every_alternative_agrees_with_brute_force(name: str, verdict: str) -> None:
    case = town(name)
    whole = only_schools(location_problem(case.territory, case.scenario), case.plan)
    judged = dict.fromkeys((OUTPRICED, TIED, IMPOSSIBLE), 0)
    for compound in case.territory.compounds.index:
        for s, served in enumerate(everything(case, compound)):
            base = best_levels(whole, [s])
            for choice in served.choices:
                if choice.verdict == FORBIDDEN:
                    continue

                def keep(u, f, name, *, there=choice.school, unit=compound, service=served.service):
                    return (u, name) != (unit, service) or f == there

                best = best_levels(only_arcs(whole, keep), [s])
                judged[choice.verdict] += 1
                assert (best is None) == (choice.verdict == IMPOSSIBLE)
                if best is None:
                    continue
                assert [c.level for c in choice.changes] == list(NAMES)
                assert [c.value for c in choice.changes] == pytest.approx(best[:3], abs=0.5)
                assert [c.before for c in choice.changes] == pytest.approx(base[:3], abs=0.5)
                worse = any(b > a + 1 for a, b in zip(base[:3], best[:3], strict=True))
                assert worse == (choice.verdict == OUTPRICED)
                for change in choice.changes:
                    assert change.least <= change.change <= change.most
    assert judged[OUTPRICED] >= 8
    assert judged[verdict] >= 1


def test_the_served_school_is_the_plans() -> None:
    case = town()
    for entry in case.plan.assignments:
        for served in why_compound(case, entry.compound, count=0).services:
            assert served.school == entry.schools[served.service]
            assert served.school not in [choice.school for choice in served.choices]
            assert {c.verdict for c in served.choices} <= {LEFT, FORBIDDEN}


def test_sites_without_a_school_are_forbidden_and_say_so() -> None:
    case = town()
    running = {school.id for school in case.plan.schools}
    for served in everything(case, "c0000"):
        for choice in served.choices:
            if choice.school not in running:
                assert choice.verdict == FORBIDDEN
                assert f"planner why RUN site:{choice.school}" in choice.reason


def test_rules_are_named() -> None:
    case = town()
    # the plan is the same; what is asked of it now knows a reach and locks
    reach = case.scenario.services["primary"].model_copy(update={"reach_m": 500.0})
    scenario = case.scenario.model_copy(
        update={
            "services": {**case.scenario.services, "primary": reach},
            "locks": case.scenario.locks.model_validate(
                {
                    "forbidden": {"schools": {"junior": {"c0200": ["s1"]}}},
                    "together": [["c0200", "c0201"]],
                }
            ),
        }
    )
    served = why_compound(replace(case, scenario=scenario), "c0200", count=0).services
    told = {(s.service, c.school): c.reason for s in served for c in s.choices}
    assert "beyond services.primary.reach_m (500)" in told["primary", "s1"]
    assert "locks.forbidden.schools.junior.c0200" in told["junior", "s1"]


def test_nearest_first_and_no_more_than_asked_for() -> None:
    case = town()
    for served in why_compound(case, "c0101", count=1).services:
        solved = [c for c in served.choices if c.verdict not in (FORBIDDEN, LEFT)]
        assert len(solved) <= 1
        able = [c.way_m for c in served.choices if c.verdict != FORBIDDEN]
        assert able == sorted(able)


def test_an_unknown_compound_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="no compound 'c011'"):
        why_compound(town(), "c011", count=1)


def test_without_time_nothing_is_claimed() -> None:
    case = replace(town(), asking=Asking(limit_s=1e-9))
    for served in everything(case, "c0101"):
        told = {choice.verdict for choice in served.choices}
        assert told <= {UNKNOWN, FORBIDDEN}
