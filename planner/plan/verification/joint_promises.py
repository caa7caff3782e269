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
    crosses = sum(amounts.pupils_other_subdistrict(case).values())
    most = _most_crossing(case)
    kept_before = most is None or crossing <= most
    if kept_before and reached > value + 1e-6 * abs(value) + 1e-3:
        broken.append(f"{number(reached)} pupil-km, one half after the other {number(value)}")
    figures = (
        f"{number(reached)} of {number(value)} pupil-km, {number(crosses)} of {number(crossing)} "
        f"pupils cross; {number(amounts.people_changing_subdistrict(case))} people change "
        f"subdistrict, {number(amounts.pupils_changing_school(case))} pupils school, "
        f"{number(amounts.pupils_changing_both(case))} pupils both"
        f"{'' if kept_before else '; the plan before is beyond the limit on crossing'}"
    )
    return [_promise(broken, figures), *_limit(case, crosses)]


def _limit(case: Case, crosses: float) -> list[Check]:
    """Where a share is stated, no larger share of the pupils crosses."""
    most = _most_crossing(case)
    if most is None:
        return []
    told = f"{number(crosses)} of at most {number(most)} pupils"
    return [promise(
        "crossing-share", "No more pupils cross than the stated share of all",
        "跨街道就学的学生不超过规定比例", broken=[told] if crosses > most else [], figures=told,
    )]  # fmt: skip


def _most_crossing(case: Case) -> float | None:
    """Pupils who may cross, a millionth of a pupil allowed for; None: no limit is stated."""
    share = case.scenario.joint.max_crossing_share
    if share is None:
        return None
    return share * sum(trip.pupils for trip in case.trips) + 1e-6


def _promise(broken: list[str], figures: str) -> Check:
    return promise(
        "joint", "Deciding together is no worse than one after the other",
        "统筹方案不劣于先后方案", broken=broken, figures=figures,
    )  # fmt: skip
