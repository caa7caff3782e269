"""Promises about a joint plan: it is no worse than the sequential one, and its ledger is right."""

from __future__ import annotations

from planner.plan.verification import amounts
from planner.plan.verification.case import Case
from planner.plan.verification.check import Check, number, promise


def check_joint(case: Case) -> list[Check]:
    """The joint value is not above that of the plan made one half after the other.

    A plan made one after the other promises nothing of this, and carries no other plan's figures.
    """
    stated = case.plan.sequential
    if case.scenario.solve != "joint":
        if not stated:
            return []
        broken = ["a sequential plan carries figures of another"]
        return [_promise(broken, "places first, then boundaries")]
    joint, prices = case.scenario.joint, case.scenario.boundaries.prices
    before = stated["indicators"]
    boundary = prices.border_m * before["border_unfollowed_m"]
    boundary += prices.moved_person * before["people_changing_subdistrict"]
    crossing = before["pupils_other_subdistrict"]["total"]
    value = before["way_pupil_m"] / 1000 + joint.crossing_price_km * crossing
    value += joint.boundary_price_km * boundary
    reached = amounts.joint_value(case)
    broken = []
    if reached > value + 1e-6 * abs(value) + 1e-3:
        broken.append(f"{number(reached)} pupil-km, one half after the other {number(value)}")
    crosses = sum(amounts.pupils_other_subdistrict(case).values())
    figures = (
        f"{number(reached)} of {number(value)} pupil-km, {number(crosses)} of {number(crossing)} "
        f"pupils cross; {number(amounts.people_changing_subdistrict(case))} people change "
        f"subdistrict, {number(amounts.pupils_changing_school(case))} pupils school, "
        f"{number(amounts.pupils_changing_both(case))} pupils both"
    )
    return [_promise(broken, figures)]


def _promise(broken: list[str], figures: str) -> Check:
    return promise(
        "joint", "Deciding together is no worse than one after the other",
        "统筹方案不劣于先后方案", broken=broken, figures=figures,
    )  # fmt: skip
