"""Why no plan keeps the share of pupils who may cross, and the smallest share that works."""

from __future__ import annotations

from planner.errors import InfeasibleError, NoPlanInTimeError, Problem
from planner.programs.joint.capped import LIMIT, LimitTooLowError
from planner.reasons.case import Asking
from planner.reasons.repairs import Changed, Repair
from planner.reasons.rules import rank_of
from planner.reasons.together import joint_again
from planner.scenario.model import Scenario
from planner.territory.territory import Territory


def crossing_reasons(
    territory: Territory, scenario: Scenario, asking: Asking
) -> tuple[list[Problem], list[Repair]] | None:
    """Reasons and the repair that raises the limit, both empty if it can be kept or there is none.

    None if that was not told in time. Both halves must have a plan each.
    """
    if scenario.joint.max_crossing_share is None:
        return [], []
    asking.told("reasons: who crosses")
    try:
        joint_again(territory, scenario, asking)
    except LimitTooLowError as error:
        return list(error.problems), [_raised(scenario, error)]
    except InfeasibleError as error:
        return list(error.problems), []
    except NoPlanInTimeError:
        return None
    return [], []


def _raised(scenario: Scenario, error: LimitTooLowError) -> Repair:
    now, then = scenario.joint.max_crossing_share or 0.0, error.smallest_share
    joint = scenario.joint.model_copy(update={"max_crossing_share": then})
    beyond = (then - now) / now if now > 0 else 1.0
    family = "max_crossing_share"
    rank = rank_of(scenario, family)
    change = Changed(LIMIT, family, rank, f"{now:g}", f"{then:g}", beyond)
    return Repair((change,), scenario.model_copy(update={"joint": joint}), error.proven)
