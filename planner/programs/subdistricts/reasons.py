"""Why there is no arrangement of subdistricts: reasons with names, and the smallest relaxation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import combinations

from planner.errors import Problem
from planner.programs.subdistricts.parts import TooManyPartsError, Window, list_parts
from planner.programs.subdistricts.problem import SubdistrictProblem
from planner.programs.subdistricts.search import smallest_band
from planner.solving.settings import Settings

NUMBER = "boundaries.subdistricts"
BAND = "boundaries.band"
RULE = "boundaries.parent_rule"


def contradictions(
    problem: SubdistrictProblem,
    governed: Mapping[str, str],
    names: Mapping[str, str],
    *,
    splitting: bool = False,
) -> list[Problem]:
    """Contradictions that no band can heal.

    `governed`: parent of the subdistrict that an office governs, by seat; `names`: by id;
    `splitting`: the communities may still be split, which parts seats that lie together.
    """
    return [
        *_number(problem, len(problem.seats if splitting else set(problem.home))),
        *(() if splitting else _offices_together(problem, names)),
        *_offices_astray(problem, governed, names),
        *_groups_without_seats(problem),
    ]


def reasons(
    problem: SubdistrictProblem, settings: Settings, names: Mapping[str, str]
) -> list[Problem]:
    """Reasons why no arrangement keeps the band, and the smallest band that works."""
    found = [*_heavy(problem, names), *_uneven(problem)]
    band = smallest_band(problem, settings)
    if band is None:
        return [*found, _unreachable(problem, names)]
    rounded = math.ceil(band * 1000 - 1e-6) / 1000
    return [
        *found,
        Problem(
            BAND,
            f"no arrangement keeps every subdistrict within ±{problem.band:g} of the mean of "
            f"{problem.mean:.0f} people",
            "smallest band that works with these communities, parents and offices: "
            f"{rounded:.3f} (set {BAND}: {rounded:.3f})",
        ),
    ]


def _number(problem: SubdistrictProblem, seats: int) -> Iterator[Problem]:
    """`seats` that may each have a subdistrict of its own."""
    offices = sum(problem.office)
    if problem.number > seats:
        yield Problem(
            NUMBER,
            f"{problem.number} subdistricts are asked for, and {seats} communities hold a seat",
            _fewer_or_more_seats(problem, seats),
            problem.seats,
        )
    if problem.number < offices:
        yield Problem(
            NUMBER,
            f"{problem.number} subdistricts are asked for, and each of {offices} offices keeps one",
            f"set {NUMBER}: {offices}",
            tuple(seat for j, seat in enumerate(problem.seats) if problem.office[j]),
        )


def _fewer_or_more_seats(problem: SubdistrictProblem, seats: int) -> str:
    more = f"add {problem.number - seats} candidate seats in other communities"
    return f"{more}, or set {NUMBER}: {seats}" if seats else more


def _offices_together(problem: SubdistrictProblem, names: Mapping[str, str]) -> Iterator[Problem]:
    offices = [j for j in range(len(problem.seats)) if problem.office[j]]
    for a, b in combinations(offices, 2):
        if problem.home[a] == problem.home[b]:
            seats = (problem.seats[a], problem.seats[b])
            home = problem.communities[problem.home[a]]
            yield Problem(
                "seats",
                f"the offices {_label(seats[0], names)} and {_label(seats[1], names)} lie in the "
                f"same community {_label(home, names)}: each needs a subdistrict of its own",
                "move one of them in the layer, or make it a candidate",
                (*seats, home),
            )


def _offices_astray(
    problem: SubdistrictProblem, governed: Mapping[str, str], names: Mapping[str, str]
) -> Iterator[Problem]:
    for j, seat in enumerate(problem.seats):
        parent = problem.groups[problem.group[problem.home[j]]]
        if problem.office[j] and parent and governed.get(seat, parent) != parent:
            home = problem.communities[problem.home[j]]
            yield Problem(
                RULE,
                f"the office {_label(seat, names)} governs a subdistrict of {governed[seat]}, and "
                f"its community {_label(home, names)} lies in {parent}",
                f"correct `parent` of the community or subdistrict, or set {RULE}: false",
                (seat, home),
            )


def _groups_without_seats(problem: SubdistrictProblem) -> Iterator[Problem]:
    if problem.number < len(problem.groups):
        yield Problem(
            NUMBER,
            f"{problem.number} subdistricts are asked for, and there are {len(problem.groups)} "
            f"parents ({', '.join(problem.groups)}) that none may cross",
            f"set {NUMBER}: {len(problem.groups)}, or {RULE}: false",
        )
    for g, parent in enumerate(problem.groups):
        if not problem.seats_of(g):
            inside = tuple(problem.communities[i] for i in problem.communities_of(g))
            yield Problem(
                RULE,
                f"no seat lies in {parent or 'the zone'} ({len(inside)} communities, "
                f"{problem.group_population[g]} people)",
                f"add a candidate seat there, or set {RULE}: false",
                inside,
            )


def _heavy(problem: SubdistrictProblem, names: Mapping[str, str]) -> Iterator[Problem]:
    for i, people in enumerate(problem.population):
        if people > problem.most:
            key = problem.communities[i]
            yield Problem(
                BAND,
                f"community {_label(key, names)} alone has {people} people, more than the "
                f"{problem.most} of the largest subdistrict within ±{problem.band:g}",
                f"its own deviation is {people / problem.mean - 1:.3f}",
                (key,),
            )


def _uneven(problem: SubdistrictProblem) -> Iterator[Problem]:
    """Parents whose population cannot be cut into parts within the band."""
    if len(problem.groups) == 1:
        return
    for g, parent in enumerate(problem.groups):
        people = problem.group_population[g]
        seats = problem.seats_of(g)
        offices = sum(problem.office[j] for j in seats)
        most = len({problem.home[j] for j in seats})
        shares = {k: people / k / problem.mean - 1 for k in range(max(1, offices), most + 1)}
        if not any(k in problem.counts(g) for k in shares):
            told = ", ".join(f"{k}: {share:+.1%}" for k, share in sorted(shares.items()))
            yield Problem(
                BAND,
                f"{parent} has {people} people, which cannot be cut into parts within "
                f"±{problem.band:g} of the mean (parts and their mean deviation: {told})",
                f"widen {BAND}, add candidate seats there, or set {RULE}: false",
            )


def _unreachable(problem: SubdistrictProblem, names: Mapping[str, str]) -> Problem:
    """Communities that no contiguous subdistrict of any seat can hold."""
    try:
        parts = list_parts(problem, Window(float(problem.number), banded=False))
    except TooManyPartsError:
        parts = []
    held = {i for part in parts for i in part.communities}
    left = [key for i, key in enumerate(problem.communities) if parts and i not in held]
    told = ", ".join(_label(key, names) for key in left)
    return Problem(
        "seats",
        "no arrangement of contiguous subdistricts around these seats exists, whatever the band"
        + (f"; no seat can reach {told}" if left else ""),
        f"change {NUMBER}, add candidate seats, or set {RULE}: false",
        tuple(left),
    )


def _label(key: str, names: Mapping[str, str]) -> str:
    name = names.get(key, "")
    return f"{name} ({key})" if name and name != key else key
