"""Locks in the subdistrict decision: which communities may not belong to which seats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planner.errors import Problem, ScenarioError
from planner.plan.plan import CommunityPlan
from planner.scenario.keys import nearest
from planner.scenario.locks import lock_paths
from planner.scenario.model import Scenario
from planner.territory.lock_checks import groups_of, subdistrict_id
from planner.territory.territory import Territory


@dataclass(frozen=True)
class CommunityLocks:
    """What is locked of each planned community, by id."""

    fixed: Mapping[str, str]
    forbidden: Mapping[str, tuple[str, ...]]
    together: tuple[tuple[str, ...], ...]
    """Planned communities that belong to one subdistrict."""

    def barred(self, community: str, subdistrict: str) -> bool:
        """Whether a community may not belong to a subdistrict."""
        wanted = self.fixed.get(community, subdistrict)
        return wanted != subdistrict or subdistrict in self.forbidden.get(community, ())


def community_locks(
    territory: Territory, scenario: Scenario, communities: Sequence[CommunityPlan]
) -> CommunityLocks:
    """The locks as they hold for planned communities.

    A community without a lock of its own takes on that of the community of today which its
    compounds belong to. Raises ScenarioError for a lock on a part that the plan does not have.
    """
    locks = scenario.locks
    fixed, forbidden = locks.fixed.subdistricts, locks.forbidden.subdistricts
    _refuse_unknown(territory, scenario, communities)
    today = {c.id: _today(territory, c) for c in communities}
    holders: dict[str, tuple[str, ...]] = {}
    for community in communities:
        own = community.id in fixed or community.id in forbidden
        # by itself, or by those of today whose locks it takes on
        holders[community.id] = (community.id,) if own else today[community.id]
    members = [
        tuple(
            c.id
            for c in communities
            if c.id in group or (holders[c.id] != (c.id,) and set(holders[c.id]) & set(group))
        )
        for group in locks.together
        if group[0] not in territory.compounds.index
    ]
    return CommunityLocks(
        fixed={
            key: fixed[holder] for key, of in holders.items() for holder in of if holder in fixed
        },
        forbidden={
            key: tuple(sorted({one for holder in of for one in forbidden.get(holder, ())}))
            for key, of in holders.items()
        },
        together=tuple(groups_of(members, [])),
    )


def merging_marks(territory: Territory, scenario: Scenario) -> dict[str, str]:
    """What is locked of each community of today, as text: only equals may be joined."""
    locks, marks = scenario.locks, dict[str, str]()
    fixed, forbidden = locks.fixed.subdistricts, locks.forbidden.subdistricts
    groups = [group for group in locks.together if group[0] not in territory.compounds.index]
    for members in groups_of(groups, [*fixed, *forbidden]):
        wanted = sorted({fixed[key] for key in members if key in fixed})
        barred = sorted({one for key in members for one in forbidden.get(key, ())})
        mark = f"{wanted} not {barred}" + (f" {members}" if len(members) > 1 else "")
        marks |= dict.fromkeys(members, mark)
    return marks


def locks_of_today(territory: Territory, scenario: Scenario) -> frozenset[str]:
    """Dotted keys of the locks that name no part of a community that is still to be split."""
    known = {*territory.communities.index, *territory.compounds.index}
    locks = scenario.locks
    groups = {f"locks.together.{n}": set(group) for n, group in enumerate(locks.together)}
    return frozenset(
        path
        for path in lock_paths(locks)
        if groups.get(path, set()) <= known
        and not (".subdistricts." in path and path.split(".", 3)[3] not in known)
    )


def barred_pairs(
    territory: Territory, locks: CommunityLocks, communities: Sequence[str], seats: Sequence[str]
) -> frozenset[tuple[int, int]]:
    """Communities and seats (positions) that the locks keep apart."""
    subdistricts = [subdistrict_id(territory, seat) for seat in seats]
    return frozenset(
        (i, j)
        for i, community in enumerate(communities)
        for j, subdistrict in enumerate(subdistricts)
        if locks.barred(community, subdistrict)
    )


def lock_problems(
    territory: Territory, scenario: Scenario, communities: Sequence[CommunityPlan]
) -> list[Problem]:
    """Locks that the parent rule or an office forbids, whatever the rest of the plan."""
    locks = community_locks(territory, scenario, communities)
    seats = {subdistrict_id(territory, seat): seat for seat in territory.seats.index}
    parents = {community.id: community.parent for community in communities}
    home = {key: str(territory.seats.at[seat, "community"]) for key, seat in seats.items()}
    above = {str(key): str(of) for key, of in territory.communities["parent"].items()}
    found = []
    for community, subdistrict in sorted(locks.fixed.items()):
        there = above[home[subdistrict]]
        if scenario.boundaries.parent_rule and parents[community] != there:
            found.append(
                Problem(
                    f"locks.fixed.subdistricts.{community}",
                    f"{community} of {parents[community]} is fixed to {subdistrict}, whose seat "
                    f"{seats[subdistrict]} lies in {there}: none crosses that line",
                    "take the lock away, or set boundaries.parent_rule: false",
                    (community, subdistrict),
                )
            )
    for key, seat in sorted(seats.items()):
        office = territory.seats.at[seat, "kind"] == "office"
        if office and locks.barred(home[key], key):
            found.append(
                Problem(
                    f"locks.fixed.subdistricts.{home[key]}"
                    if home[key] in locks.fixed
                    else f"locks.forbidden.subdistricts.{home[key]}",
                    f"{home[key]} is locked out of {key}, but the office {seat} lies in it and "
                    f"stays the seat of {key}",
                    "take the lock away",
                    (home[key], key, seat),
                )
            )
    return found


def _today(territory: Territory, community: CommunityPlan) -> tuple[str, ...]:
    """Communities of today that a planned one is made of; its own id where it has no compounds."""
    if not community.compounds:
        return (community.id,)
    column = territory.compounds["community"]
    return tuple(sorted({str(column[key]) for key in community.compounds}))


def _refuse_unknown(
    territory: Territory, scenario: Scenario, communities: Sequence[CommunityPlan]
) -> None:
    """Parts that are locked (``K08-2``) must be in the plan; those of today were checked before."""
    planned, locks = {c.id for c in communities}, scenario.locks
    known = planned | set(territory.communities.index)
    stated = [
        *((f"locks.fixed.subdistricts.{key}", key) for key in locks.fixed.subdistricts),
        *((f"locks.forbidden.subdistricts.{key}", key) for key in locks.forbidden.subdistricts),
        *(
            (f"locks.together.{number}", key)
            for number, group in enumerate(locks.together)
            if group[0] not in territory.compounds.index
            for key in group
        ),
    ]
    problems = []
    for path, key in stated:
        if key not in known:
            today = key.rpartition("-")[0]
            parts = sorted(one for one in planned if one.rpartition("-")[0] == today)
            close = nearest(key, parts or sorted(planned))
            message = f"{path}: {today} has no part '{key}' in this plan"
            problems.append(Problem("", message, f"nearest community '{close or today}'", (key,)))
    if problems:
        raise ScenarioError(problems)
