"""Why a compound goes to its school: the next best schools, and what each would cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from planner.programs.location.inputs import location_problem, way_m
from planner.programs.location.locking import rule_against
from planner.programs.location.problem import LocationProblem
from planner.reasons.case import Case, known_id
from planner.reasons.levels import Change, changes_of, deciding_level
from planner.reasons.places import Again, Figures, kept_schools, sent_to, solved_again
from planner.scenario.model import Scenario

FORBIDDEN, OUTPRICED, TIED, IMPOSSIBLE, UNKNOWN, LEFT = (
    "FORBIDDEN", "OUTPRICED", "TIED", "IMPOSSIBLE", "UNKNOWN", "NOT_SOLVED",
)  # fmt: skip
"""A single rule forbids it; a level is proven worse; none is; no plan has it; not told in time;
not asked for."""
_WORDS = {
    "places_short": "places short", "way": "the way to school",
    "pupils_changing_school": "pupils who change school", "cost_yuan": "cost",
}  # fmt: skip


@dataclass(frozen=True)
class SchoolChoice:
    """One school that could serve a compound in a service."""

    school: str
    distance_m: float
    way_m: float
    """Of each of its pupils: distance and surcharges."""
    own_pupil_m: float
    """What the compound's own pupils would walk more than now, surcharges included."""
    changes_school: bool
    """Whether the compound's pupils would go elsewhere than today."""
    places: int
    """Of the school in the plan."""
    free_places: float
    """Of them not taken in the plan; negative where pupils are above capacity."""
    verdict: str
    reason: str
    """Which rule forbids it, or which level outprices it."""
    changes: tuple[Change, ...] = ()
    """The service's ranked levels with it."""
    figures: Figures | None = None
    moved: tuple[str, ...] = ()
    """Other compounds that would go elsewhere than in the plan."""
    seconds: float = 0.0


@dataclass(frozen=True)
class ServedBy:
    """The school of a compound in one service, and the others."""

    service: str
    pupils: float
    today: str
    school: str
    distance_m: float
    way_m: float
    choices: tuple[SchoolChoice, ...]
    """Those solved again first, nearest first; then those that a rule forbids."""
    status: str
    """Of the service's assignment solved again as it is."""


@dataclass(frozen=True)
class CompoundAnswer:
    """Why a compound goes where it goes."""

    compound: str
    community: str
    services: tuple[ServedBy, ...]


def why_compound(case: Case, compound: str, *, count: int) -> CompoundAnswer:
    """The served school and the `count` nearest others in operation, each solved again.

    Schools and classes are those of the plan; all other compounds of the service may go elsewhere.
    Raises UsageError for an id that the run does not have.
    """
    known_id("compound", compound, [str(key) for key in case.territory.compounds.index])
    problem = location_problem(case.territory, case.scenario)
    entry = next(a for a in case.plan.assignments if a.compound == compound)
    services = tuple(
        _served(case, problem, compound, service, entry.schools[service], count)
        for service in case.scenario.services
    )
    return CompoundAnswer(compound, entry.community, services)


def _served(
    case: Case, problem: LocationProblem, compound: str, service: str, school: str, count: int
) -> ServedBy:
    part = kept_schools(problem, case.plan, service)
    u = part.units.index(compound)
    facts = _facts(case, compound, service, school)
    able = [choice for choice in facts if not choice.reason]
    base: Again | None = None
    if able and count:
        case.asking.told(f"{compound}: {service} as it is")
        base = solved_again(part, case.asking.settings(case.scenario), case.scenario.ranking)
    choices = []
    for k, choice in enumerate(able):
        if base is None or k >= count or case.asking.stop.is_set():
            choices.append(_judged(choice, LEFT, "farther than those solved again"))
            continue
        if not base.solved:
            choices.append(_judged(choice, UNKNOWN, "no assignment was found in time", base))
            continue
        case.asking.told(f"{compound}: {service} at {choice.school} instead of {school}")
        trial = sent_to(part, u, part.schools.index(choice.school))
        again = solved_again(trial, case.asking.settings(case.scenario), case.scenario.ranking)
        choices.append(_compared(case, choice, service, compound, base, again))
    forbidden = [_judged(c, FORBIDDEN, c.reason) for c in facts if c.reason]
    frame = case.territory
    return ServedBy(
        service=service,
        pupils=float(part.pupils[u, 0]),
        today=str(frame.today.at[compound, service] or ""),
        school=school,
        distance_m=float(frame.travel.distance_m[school][compound]),
        way_m=_way(case, compound, service, school),
        choices=(*choices, *forbidden),
        status="" if base is None else base.status,
    )


def _facts(case: Case, compound: str, service: str, school: str) -> list[SchoolChoice]:
    """All other schools, nearest first, with the rule that forbids each where one does."""
    territory, plan = case.territory, case.plan
    places = {s.id: s.places.get(service, 0) for s in plan.schools}
    demand = territory.demand[service][case.scenario.design_year]
    load = dict.fromkeys(places, 0.0)
    for entry in plan.assignments:
        load[entry.schools[service]] += float(demand[entry.compound])
    pupils, now = float(demand[compound]), _way(case, compound, service, school)
    today = str(territory.today.at[compound, service] or "")
    found = []
    for key in map(str, territory.schools.index):
        if key == school:
            continue
        way = _way(case, compound, service, key)
        found.append(
            SchoolChoice(
                school=key,
                distance_m=float(territory.travel.distance_m[key][compound]),
                way_m=way,
                own_pupil_m=pupils * (way - now),
                changes_school=today not in ("", key),
                places=places.get(key, 0),
                free_places=places.get(key, 0) - load.get(key, 0.0),
                verdict="",
                reason=_rule(case, compound, service, key, places),
            )
        )
    return sorted(found, key=lambda choice: (choice.way_m, choice.school))


def _rule(case: Case, compound: str, service: str, school: str, places: dict[str, int]) -> str:
    """The rule that by itself keeps a compound from a school; empty without one."""
    if not places.get(school):
        built = school in places
        return (
            f"offers no {service} places in the plan" if built
            else f"no school stands there in the plan (planner why RUN site:{school})"
        )  # fmt: skip
    why, _ = rule_against(case.territory, case.scenario, service, compound, school, offered=True)
    if why:
        return why
    locks = case.scenario.locks
    group = next((g for g in locks.together if compound in g), (compound,))
    for key in group:
        wanted = locks.fixed.schools.get(service, {}).get(key, school)
        if wanted != school:
            return f"locks.fixed.schools.{service}.{key}: {key} is fixed to {wanted}"
        if school in locks.forbidden.schools.get(service, {}).get(key, ()):
            return f"locks.forbidden.schools.{service}.{key}: {school} is forbidden for {key}"
        other, _ = rule_against(case.territory, case.scenario, service, key, school, offered=True)
        if other:
            return f"{key} is kept together with it, and for {key} {other}"
    return ""


def _compared(
    case: Case, choice: SchoolChoice, service: str, compound: str, base: Again, again: Again
) -> SchoolChoice:
    if not again.solved:
        known = again.status == "INFEASIBLE"
        words = (
            "no assignment keeps all catchments contiguous with it"
            if known else "no plan with it was found in time"
        )  # fmt: skip
        return _judged(choice, IMPOSSIBLE if known else UNKNOWN, words, again)
    level = deciding_level(base.levels, again.levels)
    changes = tuple(c for c in changes_of(base.levels, again.levels) if c.level != "cost_yuan")
    words = " ".join(
        [*_outprices(choice, service, case, compound), *_told(changes, level, case.scenario)]
    )
    judged = _judged(choice, OUTPRICED if level else TIED, words, again)
    plan = {a.compound: a.schools[service] for a in case.plan.assignments}
    other = again.served[service]
    moved = tuple(u for u in sorted(other) if u != compound and other[u] != plan[u])
    return replace(judged, changes=changes, figures=again.figures, moved=moved)


def _told(changes: tuple[Change, ...], level: str, scenario: Scenario) -> Iterator[str]:
    if not level:
        yield (
            "no level is proven worse than the ranking allows "
            f"(the way may be {scenario.ranking.way:.1%} longer)"
        )
        return
    change = next(c for c in changes if c.level == level)
    yield f"{_WORDS[level]}: at least {change.least:,.0f} {change.unit} more"


def _outprices(choice: SchoolChoice, service: str, case: Case, compound: str) -> Iterator[str]:
    """What stands in the way of simply going there."""
    pupils = float(case.territory.demand[service][case.scenario.design_year][compound])
    if choice.free_places < pupils:
        free = max(0.0, choice.free_places)
        yield f"{free:,.0f} of {choice.places:,} places are free for {pupils:,.0f} pupils;"


def _judged(
    choice: SchoolChoice, verdict: str, reason: str, again: Again | None = None
) -> SchoolChoice:
    seconds = 0.0 if again is None else again.seconds
    return replace(choice, verdict=verdict, reason=reason, seconds=seconds)


def _way(case: Case, compound: str, service: str, school: str) -> float:
    territory = case.territory
    u = territory.compounds.index.get_loc(compound)
    f = territory.schools.index.get_loc(school)
    return float(way_m(territory, case.scenario, service)[u, f])
