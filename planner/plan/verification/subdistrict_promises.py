"""Promises about subdistricts: whole communities, connected, balanced, each around its seat."""

from __future__ import annotations

import math

import shapely

from planner.plan.plan import SubdistrictPlan
from planner.plan.verification.case import Case, by_component, duplicates, pieces, within_parents
from planner.plan.verification.check import Check, promise, same

M2_IN_KM2 = 1e6


def check_subdistricts_partition(case: Case) -> list[Check]:
    """Subdistricts are made of whole communities, each in exactly one, as many as asked for."""
    parts, communities = case.plan.subdistricts, {c.id: c for c in case.plan.communities}
    broken = [f"{key} occurs more than once" for key in duplicates(part.id for part in parts)]
    members = [key for part in parts for key in part.communities]
    broken += [f"{key} is in several subdistricts" for key in duplicates(members)]
    broken += [f"{key} is in no subdistrict" for key in communities if key not in set(members)]
    broken += [f"{key} is no community" for key in sorted(set(members) - set(communities))]
    for part in parts:
        for key in part.communities:
            if key in communities and communities[key].subdistrict != part.id:
                broken.append(f"{key} is in {part.id}, but says {communities[key].subdistrict}")
    for compound, key in case.community.items():
        if key in communities and case.subdistrict[compound] != communities[key].subdistrict:
            broken.append(f"{compound} is assigned to {case.subdistrict[compound]}, its community "
                          f"to {communities[key].subdistrict}")  # fmt: skip
    wanted = case.scenario.boundaries.subdistricts or len(_today(case))
    if len(parts) != wanted:
        broken.append(f"{wanted} are asked for")
    figures = f"{len(parts)} of {wanted} subdistricts, {len(communities)} communities"
    return [promise("subdistricts-partition", "Each community is in one subdistrict",
                    "社区不跨街道，街道数符合要求", broken=broken, figures=figures)]  # fmt: skip


def check_subdistricts_contiguous(case: Case) -> list[Check]:
    """A subdistrict is connected, in every part of the graph."""
    graph = within_parents(case)
    broken, torn = [], []
    for part in case.plan.subdistricts:
        apart = by_component(graph, _members(case, part))
        if len(apart) > 1:
            torn.append(f"{part.id} ({len(apart)})")
        for members in apart:
            found = pieces(graph, members)
            if len(found) > 1:
                broken.append(f"{part.id} in {len(found)} pieces, apart: "
                              + ", ".join(found[-1][:3]))  # fmt: skip
    figures = f"{len(case.plan.subdistricts)} subdistricts"
    figures += f", in parts that the ground keeps apart: {', '.join(torn)}" if torn else ""
    return [promise("subdistricts-contiguous", "Subdistricts are contiguous", "街道连片",
                    broken=broken, figures=figures)]  # fmt: skip


def check_subdistricts_parent(case: Case) -> list[Check]:
    """No subdistrict crosses the line of its county-level district, unless that is allowed."""
    rule = case.scenario.boundaries.parent_rule
    broken = []
    for part in case.plan.subdistricts:
        parents = sorted({case.ground.homes[key].parent for key in _members(case, part)})
        if rule and len(parents) > 1:
            broken.append(f"{part.id} lies across {', '.join(parents)}")
        if rule and parents and part.parent not in parents:
            broken.append(f"{part.id} lies in {parents[0]}, not in {part.parent}")
    figures = "the rule is on" if rule else "the rule is off"
    return [promise("subdistricts-parent", "Subdistricts keep their district", "街道不跨区级边界",
                    broken=broken, figures=figures)]  # fmt: skip


def check_subdistricts_sums(case: Case) -> list[Check]:
    """Population and area of a subdistrict are those of its compounds' cells."""
    broken = []
    for part in case.plan.subdistricts:
        people = population_of(case, part)
        if part.population != people:
            broken.append(f"{part.id} has {people} people, not {part.population}")
        area = _area_km2(case, part)
        if not same(part.area_km2, area, absolute=1e-4):
            broken.append(f"{part.id} covers {area:.4f} km², not {part.area_km2:.4f}")
    people = sum(part.population for part in case.plan.subdistricts)
    area = sum(part.area_km2 for part in case.plan.subdistricts)
    return [promise("subdistricts-sums", "People and area of subdistricts add up",
                    "街道人口与面积相符", broken=broken,
                    figures=f"{people} people, {area:.2f} km²")]  # fmt: skip


def check_subdistricts_band(case: Case) -> list[Check]:
    """Populations are within the band around the mean of all subdistricts."""
    band = case.scenario.boundaries.band
    people = {part.id: population_of(case, part) for part in case.plan.subdistricts}
    mean = sum(people.values()) / max(1, len(people))
    least = math.ceil((1 - band) * mean - 1e-6)
    most = math.floor((1 + band) * mean + 1e-6)
    broken = [f"{key} has {count} people" for key, count in people.items()
              if not least <= count <= most]  # fmt: skip
    worst = max((abs(count - mean) / mean for count in people.values() if mean), default=0.0)
    figures = f"largest deviation {worst:.1%}, band ±{band:.0%} ({least} to {most} people)"
    return [promise("subdistricts-band", "Populations are balanced", "街道人口均衡",
                    broken=broken, figures=figures)]  # fmt: skip


def check_seats(case: Case) -> list[Check]:
    """Each subdistrict has a seat of its own inside; each office stays that of its subdistrict."""
    seats, parts = case.ground.seats, case.plan.subdistricts
    broken = [f"{key} is the seat of several" for key in duplicates(part.seat for part in parts)]
    used = {part.seat: part for part in parts}
    broken += [
        f"the office {key} is no seat"
        for key, seat in seats.items()
        if seat.kind == "office" and key not in used
    ]
    for part in parts:
        seat = seats.get(part.seat)
        if seat is None:
            broken.append(f"{part.id}: {part.seat} is no seat")
            continue
        if case.subdistrict.get(seat.home) != part.id:
            broken.append(f"{part.id}: its seat {part.seat} lies in "
                          f"{case.subdistrict.get(seat.home)}")  # fmt: skip
        if seat.kind == "office" and seat.subdistrict != part.id:
            broken.append(f"{part.id} is seated at the office of {seat.subdistrict}")
        if part.new != (part.id not in _today(case)):
            broken.append(f"{part.id} is wrongly called {'new' if part.new else 'old'}")
    offices = sum(seat.kind == "office" for seat in seats.values())
    figures = f"{len(parts)} seats, {offices} of them offices of today"
    return [promise("seats", "Each office stays, each seat lies in its subdistrict",
                    "原办事处保留，驻地在辖区内", broken=broken, figures=figures)]  # fmt: skip


def population_of(case: Case, part: SubdistrictPlan) -> int:
    """People of a subdistrict's compounds."""
    return sum(case.ground.homes[key].population for key in _members(case, part))


def _members(case: Case, part: SubdistrictPlan) -> list[str]:
    inside = set(part.communities)
    return sorted({
        key
        for community in case.plan.communities
        if community.id in inside
        for key in community.compounds
        if key in case.ground.homes
    })  # fmt: skip


def _area_km2(case: Case, part: SubdistrictPlan) -> float:
    cells = [case.ground.cells[key] for key in _members(case, part)]
    return float(shapely.union_all(cells).area) / M2_IN_KM2


def _today(case: Case) -> set[str]:
    return {home.subdistrict for home in case.ground.homes.values()} | set(case.ground.subdistricts)
