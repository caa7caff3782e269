"""Sites not chosen: what a stored plan can say, without solving, on why each was left."""

from __future__ import annotations

from dataclasses import dataclass

from planner.plan.meanings import Pair
from planner.plan.plan import Plan
from planner.plan.usage import uses_of
from planner.scenario.model import Scenario
from planner.territory.territory import Territory


@dataclass(frozen=True)
class SiteLeft:
    """A site without a school in the plan, and what it would have offered."""

    id: str
    land_m2: float
    nearer_pupils: float
    """Pupils who would have a shorter way to it than to the school of the plan."""
    saved_pupil_m: float
    """What they would walk less in all, were it open without limit of places."""
    programme_full: bool
    """No more new schools may be opened."""
    fits_land: bool
    """The land limit would bear it in place of some chosen site (or beside them)."""
    nearest: str
    """The nearest school in operation as the crow flies; empty where there is none."""
    nearest_m: float


def sites_left(territory: Territory, scenario: Scenario, plan: Plan) -> dict[str, SiteLeft]:
    """Facts on every site that the plan leaves, by id."""
    schools = territory.schools
    built = {school.id: school for school in plan.schools}
    uses = uses_of(territory, scenario, plan)
    new = [school for school in plan.schools if school.kind == "new"]
    most = scenario.programme.new_schools.max
    full = most is not None and len(new) >= most
    found = {}
    for key in sorted(map(str, schools.index[schools["kind"] == "site"])):
        if key in built:
            continue
        way = territory.travel.distance_m[key]
        saved = [(use.pupils, use.distance_m - float(way[use.compound])) for use in uses]
        gains = [(pupils, metres) for pupils, metres in saved if metres > 0 and pupils > 0]
        beside = {
            school: float(schools.geometry[key].distance(schools.geometry[school]))
            for school in sorted(built)
        }
        nearest = min(beside, key=lambda school: (beside[school], school), default="")
        land_m2 = float(schools.at[key, "land_m2"])
        found[key] = SiteLeft(
            id=key,
            land_m2=land_m2,
            nearer_pupils=sum(pupils for pupils, _ in gains),
            saved_pupil_m=sum(pupils * metres for pupils, metres in gains),
            programme_full=full,
            fits_land=_fits_land(scenario, plan, land_m2, full=full),
            nearest=nearest,
            nearest_m=beside.get(nearest, 0.0),
        )
    return found


def reason_of(site: SiteLeft, *, new_schools: int, nearest: Pair, proven: bool) -> Pair:
    """Why a site was left, in Chinese and English."""
    zh, en = [], []
    if site.programme_full:
        zh.append(f"建设计划的{new_schools}所新校已排满")
        en.append(f"the programme's {new_schools} new schools are all placed")
    if not site.fits_land:
        zh.append("用地超出计划限额（即使换下最大的已选用地）")
        en.append("its parcel breaks the land limit even in place of the largest chosen one")
    if site.nearest:
        zh.append(f"距{nearest[0]}直线{site.nearest_m:.0f}米")
        en.append(f"{site.nearest_m:.0f} m from {nearest[1]} as the crow flies")
    less = f"{site.saved_pupil_m / 1e6:.2f}"
    zh.append(f"对{site.nearer_pupils:,.0f}名学生更近（合计至多少走{less}百万人·米）")
    en.append(f"nearer for {site.nearer_pupils:,.0f} pupils "
              f"(at most {less} million pupil-metres less)")  # fmt: skip
    if proven:
        zh.append("已证明改用它的方案不会更优（在容许差距内）")
        en.append("no plan with it is better, as proven within the tolerance")
    return "；".join(zh), "; ".join(en)


def _fits_land(scenario: Scenario, plan: Plan, land_m2: float, *, full: bool) -> bool:
    limit = scenario.programme.land_m2.max
    if limit is None:
        return True
    new = [school.land_m2 for school in plan.schools if school.kind == "new"]
    given_up = max(new, default=0.0) if full else 0.0
    return sum(school.land_m2 for school in plan.schools) - given_up + land_m2 <= limit
