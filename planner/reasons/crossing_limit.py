"""Why no plan keeps the share of pupils who may cross, and the smallest share that works."""

from __future__ import annotations

from planner.errors import InfeasibleError, NoPlanInTimeError, Problem
from planner.programs.communities.communities import plan_communities
from planner.programs.joint.capped import LIMIT, LimitTooLowError
from planner.programs.joint.joint import plan_joint
from planner.programs.location.places import plan_places
from planner.programs.subdistricts.subdistricts import plan_subdistricts
from planner.reasons.case import Asking
from planner.reasons.repairs import Changed, Repair
from planner.scenario.model import Scenario
from planner.territory.territory import Territory

_RANK = "policy"


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
        places = plan_places(territory, scenario, asking.settings(scenario))
        communities = plan_communities(territory, scenario, asking.settings(scenario)).communities
        subdistricts = plan_subdistricts(
            territory, scenario, asking.settings(scenario),
            communities=communities, served=places.served,
        )  # fmt: skip
        plan_joint(
            territory, scenario, asking.settings(scenario),
            communities=communities, places=places, subdistricts=subdistricts,
        )  # fmt: skip
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
    change = Changed(LIMIT, "max_crossing_share", _RANK, f"{now:g}", f"{then:g}", beyond)
    return Repair((change,), scenario.model_copy(update={"joint": joint}), error.proven)
