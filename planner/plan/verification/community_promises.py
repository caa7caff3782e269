"""Promises about communities: whole compounds, each in one, connected, within household limits."""

from __future__ import annotations

from planner.plan.plan import CommunityPlan
from planner.plan.verification.case import Case, by_component, duplicates, pieces
from planner.plan.verification.check import Check, number, promise


def check_communities_partition(case: Case) -> list[Check]:
    """Communities are made of whole compounds, each in exactly one, as the assignments say."""
    homes, communities = case.ground.homes, case.plan.communities
    broken = [f"{key} occurs more than once" for key in duplicates(c.id for c in communities)]
    members = [key for community in communities for key in community.compounds]
    broken += [f"{key} is in several communities" for key in duplicates(members)]
    broken += [f"{key} is in no community" for key in homes if key not in set(members)]
    broken += [f"{key} is in no layer" for key in sorted(set(members) - set(homes))]
    for community in communities:
        for key in community.compounds:
            if case.community.get(key) != community.id:
                broken.append(f"{key} is in {community.id}, but assigned to "
                              f"{case.community.get(key)}")  # fmt: skip
        if community.new == (community.id in case.ground.communities):
            broken.append(f"{community.id} is wrongly called {'new' if community.new else 'old'}")
    new = sum(community.new for community in communities)
    figures = f"{len(communities)} communities, {new} of them new, {len(homes)} compounds"
    return [promise("communities-partition", "Each compound is in one community", "小区不跨社区",
                    broken=broken, figures=figures)]  # fmt: skip


def check_communities_sums(case: Case) -> list[Check]:
    """Households and population of a community are the sums of its compounds."""
    homes = case.ground.homes
    broken = []
    for community in case.plan.communities:
        inside = [homes[key] for key in community.compounds if key in homes]
        households = sum(home.households for home in inside)
        population = sum(home.population for home in inside)
        if (community.households, community.population) != (households, population):
            broken.append(f"{community.id} has {households} households and {population} people")
    total = sum(community.population for community in case.plan.communities)
    return [promise("communities-sums", "Households and people of communities add up",
                    "社区户数与人口相符", broken=broken, figures=f"{total} people")]  # fmt: skip


def check_communities_limits(case: Case) -> list[Check]:
    """Households are within limits, larger single compounds excepted; the level tells the rest."""
    limits = case.scenario.boundaries.community_households
    communities = case.plan.communities
    outside = [community for community in communities if households_outside(case, community)]
    level = next(
        (
            x
            for x in case.plan.levels
            if (x.program, x.name) == ("communities", "households_outside_limits")
        ),
        None,
    )
    stated = level is not None and level.allowed > 0
    broken = [f"{community.id} has {community.households} households"
              for community in outside if not stated]  # fmt: skip
    exceptions = ", ".join(
        f"{community.id} ({households_of(case, community)})"
        for community in communities
        if not limits.min <= households_of(case, community) <= limits.max
    )
    figures = f"{len(communities) - len(outside)} of {len(communities)} keep "
    figures += f"{number(limits.min)} to {number(limits.max)} households"
    figures += f"; exceptions: {exceptions}" if exceptions else ""
    return [promise("communities-limits", "Communities keep the household limits, or say so",
                    "社区户数在限值内或已说明", broken=broken, figures=figures)]  # fmt: skip


def check_communities_contiguous(case: Case) -> list[Check]:
    """A community is connected, in every part of the graph; one that is torn today may stay so."""
    graph, homes = case.ground.graph, case.ground.homes
    broken, torn = [], []
    for community in case.plan.communities:
        known = [key for key in community.compounds if key in homes]
        today = [key for key, home in homes.items() if home.community == community.id]
        before = pieces(graph, today)
        for part in by_component(graph, known):
            found = pieces(graph, part)
            if len(found) == 1:
                continue
            torn.append(community.id)
            if not _torn_as_today(found, before):
                broken.append(f"{community.id} in {len(found)} pieces, apart: "
                              + ", ".join(found[-1][:3]))  # fmt: skip
    figures = f"{len(case.plan.communities)} communities"
    figures += f", torn today already: {', '.join(sorted(set(torn)))}" if torn else ""
    return [promise("communities-contiguous", "Communities are contiguous", "社区连片",
                    broken=broken, figures=figures)]  # fmt: skip


def check_communities_parent(case: Case) -> list[Check]:
    """A community lies in one county-level district, that of its compounds today."""
    homes = case.ground.homes
    broken = []
    for community in case.plan.communities:
        parents = sorted({homes[key].parent for key in community.compounds if key in homes})
        if case.scenario.boundaries.parent_rule and len(parents) > 1:
            broken.append(f"{community.id} lies across {', '.join(parents)}")
        elif parents and community.parent not in parents:
            broken.append(f"{community.id} lies in {parents[0]}, not in {community.parent}")
    parents = sorted({home.parent for home in homes.values()})
    figures = f"{len(parents)} county-level districts: {', '.join(parents)}"
    return [promise("communities-parent", "Communities keep their district", "社区不跨区级边界",
                    broken=broken, figures=figures)]  # fmt: skip


def households_of(case: Case, community: CommunityPlan) -> int:
    """Households of a community's compounds."""
    homes = case.ground.homes
    return sum(homes[key].households for key in community.compounds if key in homes)


def households_outside(case: Case, community: CommunityPlan) -> float:
    """Households above the most or lacking to the least; none for a single larger compound."""
    limits = case.scenario.boundaries.community_households
    households = households_of(case, community)
    if len(community.compounds) == 1 and households > limits.max:
        return 0.0
    return max(0.0, households - limits.max, limits.min - households)


def _torn_as_today(found: list[list[str]], before: list[list[str]]) -> bool:
    """Whether no piece of today's community is divided, and every piece found holds one."""
    place = {key: k for k, piece in enumerate(found) for key in piece}
    held = [{place[key] for key in piece if key in place} for piece in before]
    return all(len(there) <= 1 for there in held) and set().union(*held) == set(range(len(found)))
