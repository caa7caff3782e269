"""Promises about locks: every decision that was made beforehand is in the plan."""

from __future__ import annotations

from collections.abc import Iterator

from planner.plan.verification.case import Case
from planner.plan.verification.check import Check, promise


def check_locks(case: Case) -> list[Check]:
    """Sites are open or closed, pairs fixed or absent and units together as the locks say."""
    locks = case.scenario.locks
    pairs = (locks.fixed, locks.forbidden)
    count = (
        len(locks.sites)
        + sum(len(entries) for pair in pairs for entries in pair.schools.values())
        + sum(len(pair.subdistricts) for pair in pairs)
        + len(locks.together)
    )
    broken = [*_sites(case), *_schools(case), *_subdistricts(case), *_together(case)]
    return [promise("locks", "Locks are kept", "已锁定的决定均予保留", broken=broken,
                    figures=f"{count} locked" if count else "nothing is locked")]  # fmt: skip


def _sites(case: Case) -> Iterator[str]:
    built = {school.id for school in case.plan.schools if school.kind in ("new", "expanded")}
    for key, state in case.scenario.locks.sites.items():
        if key not in case.ground.schools:
            yield f"{key} is in no layer"
        elif (key in built) != (state == "open"):
            yield f"{key} is {'built' if key in built else 'not built'}, locked {state}"


def _schools(case: Case) -> Iterator[str]:
    locks = case.scenario.locks
    schools = {entry.compound: entry.schools for entry in case.plan.assignments}
    for service, fixed in locks.fixed.schools.items():
        for compound, wanted in fixed.items():
            found = schools.get(compound, {}).get(service)
            if found != wanted:
                yield f"{compound} goes to {found} ({service}), fixed to {wanted}"
    for service, forbidden in locks.forbidden.schools.items():
        for compound, barred in forbidden.items():
            found = schools.get(compound, {}).get(service)
            if found is None or found in barred:
                yield f"{compound} goes to {found} ({service}), which is forbidden"


def _subdistricts(case: Case) -> Iterator[str]:
    locks = case.scenario.locks
    for community, wanted in locks.fixed.subdistricts.items():
        found = _subdistricts_of(case, community)
        if found != {wanted}:
            yield f"{community} lies in {_listed(found)}, fixed to {wanted}"
    for community, barred in locks.forbidden.subdistricts.items():
        found = _subdistricts_of(case, community)
        if not found or found & set(barred):
            yield f"{community} lies in {_listed(found)}, which is forbidden"


def _together(case: Case) -> Iterator[str]:
    schools = {entry.compound: entry.schools for entry in case.plan.assignments}
    for group in case.scenario.locks.together:
        if all(key in case.ground.homes for key in group):
            for service in case.scenario.services:
                found = {schools.get(key, {}).get(service) or "none" for key in group}
                if len(found) > 1:
                    yield f"{', '.join(group)} go to {_listed(found)} ({service})"
        else:
            found = {one for key in group for one in _subdistricts_of(case, key)}
            missing = [key for key in group if not _subdistricts_of(case, key)]
            if len(found) > 1 or missing:
                yield f"{', '.join(group)} lie in {_listed(found)}"


def _subdistricts_of(case: Case, community: str) -> set[str]:
    """Where a planned community lies, and all that was split from it without a lock of its own."""
    pairs = (case.scenario.locks.fixed, case.scenario.locks.forbidden)
    own = {key for pair in pairs for key in pair.subdistricts}
    found = {c.subdistrict for c in case.plan.communities if c.id == community}
    for key, home in case.ground.homes.items():
        planned = case.community.get(key, "")
        if home.community == community and (planned == community or planned not in own):
            found.add(case.subdistrict.get(key, ""))
    return found


def _listed(found: set[str]) -> str:
    return " and ".join(sorted(found)) or "none"
