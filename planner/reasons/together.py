"""Places and boundaries decided together again, from the halves on."""

from __future__ import annotations

from planner.programs.communities.communities import plan_communities
from planner.programs.joint.joint import JointResult, plan_joint
from planner.programs.location.places import plan_places
from planner.programs.subdistricts.subdistricts import plan_subdistricts
from planner.reasons.case import Asking
from planner.scenario.model import Scenario
from planner.territory.territory import Territory


def joint_again(territory: Territory, scenario: Scenario, asking: Asking) -> JointResult:
    """The joint decision of a scenario; each program has the limit of one re-solve.

    Raises InfeasibleError where there is none, NoPlanInTimeError where none was found in time.
    """
    places = plan_places(territory, scenario, asking.settings(scenario), whole=False)
    communities = plan_communities(territory, scenario, asking.settings(scenario)).communities
    subdistricts = plan_subdistricts(
        territory, scenario, asking.settings(scenario),
        communities=communities, served=places.served,
    )  # fmt: skip
    return plan_joint(
        territory, scenario, asking.settings(scenario),
        communities=communities, places=places, subdistricts=subdistricts,
    )  # fmt: skip
