"""Communities within their household limits: large ones are split, small ones may join."""

from __future__ import annotations

from dataclasses import dataclass

from planner.plan.plan import CommunityPlan, Level, Status
from planner.programs.communities.parts import Part
from planner.programs.communities.problem import Communities, CommunityProblem, community_problem
from planner.programs.communities.search import search
from planner.programs.contiguity import graph_of, pieces
from planner.programs.districting import levels_of, own_point, squared_km2, status_of_plan
from planner.programs.subdistricts.locking import merging_marks
from planner.scenario.model import Scenario
from planner.solving.settings import Settings
from planner.territory.territory import Territory

DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True)
class CommunityResult:
    """Community of each compound, the communities sorted by id, and what is proven."""

    membership: dict[str, str]
    communities: tuple[CommunityPlan, ...]
    levels: tuple[Level, ...]
    status: Status


def plan_communities(
    territory: Territory, scenario: Scenario, settings: Settings
) -> CommunityResult:
    """Split and join communities of whole compounds; there is always a plan, today's at least.

    Raises NoPlanInTimeError if the limit comes first.
    """
    today = communities_of(territory, scenario)
    problem = community_problem(today)
    solution, parts = search(problem, settings)
    status = status_of_plan(solution, what="communities")
    plans = _plans(territory, today, parts)
    membership = {u: plan.id for plan in plans for u in plan.compounds}
    how = {"households_outside_limits": _how(territory, today, problem)}
    return CommunityResult(
        membership=dict(sorted(membership.items())),
        communities=plans,
        levels=levels_of(solution, program="communities", how=how),
        status=status,
    )


def communities_of(territory: Territory, scenario: Scenario) -> Communities:
    """Today's communities as arrays."""
    compounds = tuple(sorted(territory.compounds.index))
    frame = territory.compounds.loc[list(compounds)]
    points = [own_point(shape) for shape in frame.geometry]
    today = territory.communities.sort_index()
    members: dict[str, list[int]] = {key: [] for key in today.index}
    for u, key in enumerate(frame["community"]):
        members[key].append(u)
    limits = scenario.boundaries.community_households
    marks = merging_marks(territory, scenario)
    return Communities(
        compounds=compounds,
        households=tuple(int(x) for x in frame["households"]),
        population=tuple(int(x) for x in frame["population"]),
        squared=squared_km2(points, points),
        graph=graph_of(compounds, territory.borders),
        members=tuple(tuple(inside) for inside in members.values()),
        within=tuple(
            (str(subdistrict), _text(parent), marks.get(str(key), ""))
            for key, subdistrict, parent in zip(
                today.index, today["subdistrict"], today["parent"], strict=True
            )
        ),
        least=int(limits.min),
        most=int(limits.max),
    )


def chinese_number(number: int) -> str:
    """A number from 1 to 99 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{DIGITS[tens]}十"
    return head + (DIGITS[ones] if ones else "")


def _plans(
    territory: Territory, today: Communities, parts: tuple[Part, ...]
) -> tuple[CommunityPlan, ...]:
    """The communities of the plan: parts that stay keep the id, new ones are numbered by size."""
    ids = list(territory.communities.sort_index().index)
    taken = set(ids)
    plans = [
        _plan(territory, today, part, ids[part.community], 1) for part in parts if not part.new
    ]
    fresh = sorted(
        (part for part in parts if part.new),
        key=lambda part: (part.community, -_people(today, part), part.members),
    )
    numbers: dict[int, int] = {}
    for part in fresh:
        number = numbers.get(part.community, 1) + 1
        while f"{ids[part.community]}-{number}" in taken:
            number += 1
        numbers[part.community] = number
        plans.append(_plan(territory, today, part, f"{ids[part.community]}-{number}", number))
    return tuple(sorted(plans, key=lambda plan: plan.id))


def _plan(
    territory: Territory, today: Communities, part: Part, key: str, number: int
) -> CommunityPlan:
    row = territory.communities.sort_index().iloc[part.community]
    name, name_en = _text(row["name"]), _text(row["name_en"])
    if part.new:
        name = f"{name.removesuffix('社区')}第{chinese_number(number)}社区"
        name_en = f"{name_en} No. {number}"
    return CommunityPlan(
        id=key,
        name=name,
        name_en=name_en,
        subdistrict=str(row["subdistrict"]),
        parent=_text(row["parent"]),
        new=part.new,
        households=sum(today.households[u] for u in part.members),
        population=_people(today, part),
        compounds=tuple(today.compounds[u] for u in part.members),
    )


def _people(today: Communities, part: Part) -> int:
    return sum(today.population[u] for u in part.members)


def _how(territory: Territory, today: Communities, problem: CommunityProblem) -> str:
    """Who takes part, and where today's communities are torn or empty."""
    ids = list(territory.communities.sort_index().index)
    split = [ids[slot.community] for slot in problem.slots if slot.split and not slot.new]
    torn = [
        f"{ids[c]} ({count})"
        for c, members in enumerate(today.members)
        if (count := len(pieces(today.graph, members))) > 1
    ]
    empty = [ids[c] for c, members in enumerate(today.members) if not members]
    told = [f"above the limit today: {', '.join(split) or 'none'}"]
    if torn:
        told.append(f"torn today, may stay so (pieces): {', '.join(torn)}")
    if empty:
        told.append(f"without compounds, left as they are: {', '.join(empty)}")
    return "; ".join(told)


def _text(value: object) -> str:
    """A text cell; empty if missing."""
    return value if isinstance(value, str) else ""
