"""Promises about who goes where: each compound once, within reach, in connected catchments."""

from __future__ import annotations

import math
from collections import defaultdict

from planner.plan.verification.case import Case, by_component, duplicates, pieces, shortages
from planner.plan.verification.check import Check, number, promise


def check_served(case: Case) -> list[Check]:
    """Each compound occurs once and goes, in each service, to one school that offers it."""
    homes, services = case.ground.homes, case.scenario.services
    entries = case.plan.assignments
    broken = [
        f"{key} is assigned more than once" for key in duplicates(e.compound for e in entries)
    ]
    broken += [f"{e.compound} is in no layer" for e in entries if e.compound not in homes]
    listed = {entry.compound for entry in entries}
    broken += [f"{key} is not assigned" for key in homes if key not in listed]
    schools = {school.id: school for school in case.plan.schools}
    for entry in entries:
        if set(entry.schools) != set(services):
            broken.append(f"{entry.compound} has schools for {', '.join(sorted(entry.schools))}")
        for service, key in sorted(entry.schools.items()):
            if key not in schools:
                broken.append(f"{entry.compound}: {key} is no school in operation")
            elif schools[key].places.get(service, 0) <= 0:
                broken.append(f"{entry.compound}: {key} offers no {service} places")
    figures = f"{len(listed & set(homes))} of {len(homes)} compounds, {len(services)} services"
    return [promise("served", "Each compound is served once", "各小区各类服务归属唯一",
                    broken=broken, figures=figures)]  # fmt: skip


def check_reach(case: Case) -> list[Check]:
    """Every way exists, is within reach, and crosses no more than is allowed."""
    broken = []
    longest: dict[str, float] = defaultdict(float)
    for trip in case.trips:
        service = case.scenario.services[trip.service]
        reach = math.inf if service.reach_m is None else service.reach_m
        way = f"{trip.compound} to {trip.school} ({trip.service})"
        longest[trip.service] = max(longest[trip.service], trip.distance_m)
        if not math.isfinite(trip.distance_m):
            broken.append(f"{way}: there is no way")
        elif trip.distance_m > reach * (1 + 1e-6):
            broken.append(f"{way}: {number(trip.distance_m)} m, reach is {number(reach)} m")
        if service.max_crossings is not None and trip.crossings > service.max_crossings:
            broken.append(f"{way}: {trip.crossings} crossings")
    figures = "longest way " + ", ".join(f"{name} {longest[name]:.0f} m" for name in longest)
    return [promise("reach", "Ways are within reach", "上学距离与穿越次数合规",
                    broken=broken, figures=figures)]  # fmt: skip


def check_capacity(case: Case) -> list[Check]:
    """Pupils above capacity are exactly those that the plan states."""
    over = shortages(case)
    stated = case.plan.indicators.get("places_short")
    broken = []
    for service in case.scenario.services:
        short = sum(amount for key, amount in over.items() if key[1] == service)
        told = stated.get(service) if isinstance(stated, dict) else None
        if not isinstance(told, int | float) or not math.isclose(short, told, abs_tol=1e-6):
            where = ", ".join(f"{key[0]} {number(over[key])}"
                              for key in sorted(over) if key[1] == service)  # fmt: skip
            broken.append(f"{number(short)} {service} pupils above capacity ({where or 'none'}), "
                          f"stated {told}")  # fmt: skip
    pupils = sum(trip.pupils for trip in case.trips)
    places = sum(sum(school.places.values()) for school in case.plan.schools)
    figures = (f"{number(pupils)} pupils, {places} places, "
               f"{number(sum(over.values()))} pupils above capacity")  # fmt: skip
    return [promise("capacity", "Pupils above capacity are stated", "超出学位的学生数如实说明",
                    broken=broken, figures=figures)]  # fmt: skip


def check_catchments(case: Case) -> list[Check]:
    """A catchment with its school's own cell is connected, in every part of the graph."""
    graph = case.ground.graph
    members: dict[tuple[str, str], set[str]] = defaultdict(set)
    for trip in case.trips:
        members[trip.school, trip.service].add(trip.compound)
    broken = []
    for (school, service), compounds in sorted(members.items()):
        cell = case.ground.schools[school].cell
        for part in by_component(graph, compounds | {cell}):
            found = pieces(graph, part)
            if len(found) > 1:
                broken.append(f"{school} ({service}) in {len(found)} pieces, apart: "
                              + ", ".join(found[-1][:3]))  # fmt: skip
    islands = len(by_component(graph, graph.nodes))
    figures = f"{len(members)} catchments, {islands} parts of the contiguity graph"
    return [promise("catchments-contiguous", "Catchments are contiguous", "学区连片",
                    broken=broken, figures=figures)]  # fmt: skip
