"""Plans of places nearly as good as the run's and as different as possible.

Nearly as good: in every service no more places short, and its way and its pupils who change school
at most a share above the run's plan, as is the cost in all. As different as possible: first the
sites and expansions, then the pupils who go elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pulp

from planner.programs.location.choices import ChoiceSearch
from planner.programs.location.inputs import location_problem
from planner.programs.location.parts import Part
from planner.programs.location.problem import Bools, Floats, LocationProblem
from planner.programs.location.programme_choices import Choices, programme_choices
from planner.programs.location.settling import settle
from planner.programs.location.shortage import keep_short
from planner.reasons.case import Case
from planner.reasons.places import Figures, chosen_options, figures_of

_CHOICES = 200_000
"""More ways to meet the programme are not listed: then only assignments are varied."""
_PROVEN = 0.02
"""Gap of the pupils who stay at which an assignment is different enough."""

Schools = dict[tuple[int, int], int]


@dataclass(frozen=True)
class NearPlan:
    """One alternative; all against the run's plan."""

    built: Mapping[str, str]
    """Type of each new or expanded school, by id."""
    classes: Mapping[str, Mapping[str, int]]
    """Added classes by school and service."""
    served: Mapping[str, Mapping[str, str]]
    """School of each compound, by service."""
    figures: Figures
    above: Mapping[str, float]
    """By figure: share above the run's plan; negative where it is better."""
    apart: int
    """Sites and expansions that only one of this plan and the nearest plan before it has."""
    elsewhere: Mapping[str, float]
    """By service: pupils who go to another school than in the run's plan."""
    widest: bool
    """Whether no plan within the share has more sites apart, as proven."""


@dataclass(frozen=True)
class NearPlaces:
    """The alternatives, and what they share with each other and the run's plan."""

    figures: Figures
    """Of the run's plan."""
    plans: tuple[NearPlan, ...]
    shared_schools: tuple[str, ...]
    """New or expanded in every plan."""
    shared_pupils: Mapping[str, float]
    """By service: share of the pupils whose school is the same in every plan."""
    listed: bool
    """Whether all ways to meet the programme were looked at."""
    complete: bool
    """Whether no further plan with other sites is left within the share, as proven."""


@dataclass
class _Search:
    """The search and what came of it so far; arrays are by choice."""

    case: Case
    problem: LocationProblem
    search: ChoiceSearch
    most: tuple[float, ...]
    """Of the way of each service, in pupil-kilometres."""
    uses: Bools
    """Choices × schools: which schools a choice builds or expands."""
    built: list[Bools]
    """Schools that each plan so far builds or expands; the first is the run's."""
    schools: list[Schools]
    out: Bools
    """Proven to be outside the share."""
    untold: Bools
    """Neither proven to be outside nor found to be inside."""

    def forget_proven(self) -> None:
        """Choices of which the bound of some service is beyond its most are out."""
        for part, most in zip(self.search.parts, self.most, strict=True):
            beyond = most + 1e-5 * max(1.0, most)
            self.out |= part.lower[part.of_choice] > beyond


def near_places(case: Case, *, within: float, count: int) -> NearPlaces:
    """Up to `count` alternatives, each proven to be within the share `within` of the run's plan."""
    problem = location_problem(case.territory, case.scenario)
    chosen = chosen_options(problem, case.plan)
    school = _of_plan(case, problem)
    choices, listed = _choices(problem, chosen, within)
    first = np.zeros(len(problem.schools), bool)
    first[[problem.options[o].school for o in chosen]] = True
    search = _Search(
        case=case, problem=problem,
        search=ChoiceSearch(problem, choices, case.asking.settings(case.scenario)),
        most=(), uses=_uses(problem, choices), built=[first], schools=[school],
        out=np.zeros(len(choices), bool), untold=np.zeros(len(choices), bool),
    )  # fmt: skip
    own = _own(problem, chosen, school)
    search.most = tuple(way * (1 + within) / 1e3 for way in own["way"])
    search.search.start("way", [part.program.way for part in search.search.parts])
    search.search.grant(1.0)
    keep_short(search.search, own["short"], -np.inf, [0.0] * len(problem.services))
    for part, moves in zip(search.search.parts, own["moves"], strict=True):
        part.limits["moves"] = np.full(len(part.slots), moves * (1 + within))
    _take_in(search, chosen)
    base = figures_of(problem, chosen, school)
    plans, complete = _alternatives(search, base, count)
    return NearPlaces(
        figures=base,
        plans=tuple(plans),
        shared_schools=tuple(
            key
            for key, kept in zip(problem.schools, np.all(search.built, axis=0), strict=True)
            if kept
        ),
        shared_pupils=_shared(problem, search.schools),
        listed=listed,
        complete=listed and complete,
    )


def _take_in(state: _Search, chosen: Sequence[int]) -> None:
    """Let the search know the run's plan, so that it is not looked for again."""
    none = len(state.problem.options)
    wanted = sorted(chosen)
    same = [sorted(o for o in row if o < none) == wanted for row in state.search.choices.tolist()]
    for i in np.flatnonzero(same).tolist():
        for s, part in enumerate(state.search.parts):
            arcs, v = part.problem.arcs, int(part.of_choice[i])
            keys = zip(arcs.unit.tolist(), arcs.school.tolist(), strict=True)
            used = np.array([state.schools[0][u, s] == f for u, f in keys], float)
            columns = part.rounds.columns(used, np.zeros(len(state.problem.schools)))
            columns[part.rounds.z] = part.fix(v)
            part.add(v, part.rounds.exact(columns))


def _choices(
    problem: LocationProblem, chosen: Sequence[int], within: float
) -> tuple[Choices, bool]:
    """The ways to meet the programme within the cost; the plan's alone if they are too many."""
    choices = programme_choices(problem, limit=_CHOICES)
    if choices is None:
        return np.array([sorted(chosen)], np.int32).reshape(1, -1), False
    cost = np.array([*(option.cost_yuan for option in problem.options), 0.0])
    most = sum(problem.options[o].cost_yuan for o in chosen) * (1 + within)
    return choices[cost[choices].sum(1) <= most + 1.0], True


def _alternatives(state: _Search, base: Figures, count: int) -> tuple[list[NearPlan], bool]:
    """Alternative after alternative, each as far as can be from all before it."""
    plans: list[NearPlan] = []
    while len(plans) < count and not state.case.asking.stop.is_set():
        state.case.asking.told(f"alternative {len(plans) + 1}")
        # half of an alternative's time is for its sites, half for who goes where
        state.search.grant(0.5 / (count - len(plans)))
        found = _farthest(state)
        if found is None:
            break
        i, apart, widest = found
        state.search.grant(1.0 / (count - len(plans)))
        school = _apart(state, i)
        if school in state.schools:
            break  # the same assignment again: nothing else is left
        options = state.search.options(i)
        state.built.append(state.uses[i])
        state.schools.append(school)
        plans.append(_near(state, base, options, school, apart, widest))
    same = np.any([(state.uses == built).all(axis=1) for built in state.built], axis=0)
    return plans, bool((state.out | same).all())


def _farthest(state: _Search) -> tuple[int, int, bool] | None:
    """A choice within the share whose sites are as far from all plans before as can be told.

    With it, how many sites it is apart from the nearest, and whether none farther is left. Always
    the most promising choice that is farther than the best so far is looked at next.
    """
    search = state.search
    far = np.array([(state.uses != other).sum(axis=1) for other in state.built]).min(axis=0)
    best: tuple[int, int] | None = None
    while search.left() > 0:
        state.forget_proven()
        beyond = -1 if best is None else best[1]
        left = np.flatnonzero((far > max(beyond, 0)) & ~state.out & ~state.untold)
        if not len(left) and best is None:
            left = np.flatnonzero(~state.out & ~state.untold)
        if not len(left):
            break
        i = int(left[np.argmin(search.lower()[left])])
        verdict = search.within(i, state.most)
        if verdict:
            best = i, int(far[i])
            if not far[i]:
                break
        else:
            state.out[i], state.untold[i] = verdict is False, verdict is None
    if best is None:
        own = [i for i in np.flatnonzero(far == 0) if search.within(int(i), state.most)]
        best = (int(own[0]), 0) if own else None
    if best is None:
        return None
    state.forget_proven()
    return *best, not ((far > best[1]) & ~state.out).any()


def _uses(problem: LocationProblem, choices: Choices) -> Bools:
    """Which schools each choice builds or expands."""
    school = np.array([*(option.school for option in problem.options), len(problem.schools)], int)
    uses = np.zeros((len(choices), len(problem.schools) + 1), bool)
    np.put_along_axis(uses, school[choices], True, axis=1)
    return uses[:, :-1]


def _apart(state: _Search, i: int) -> Schools:
    """The assignment of a choice in which the most pupils go elsewhere than in all plans before."""
    school: Schools = {}
    for s, (part, most) in enumerate(zip(state.search.parts, state.most, strict=True)):
        v = int(part.of_choice[i])
        found = part.best(v)
        assert found is not None
        columns = _different(state, part, v, s, most)
        for a in part.rounds.used_arcs(found.columns if columns is None else columns):
            school[int(part.problem.arcs.unit[a]), s] = int(part.problem.arcs.school[a])
    return settle(state.problem, school)


def _different(state: _Search, part: Part, v: int, s: int, most: float) -> Floats | None:
    """Columns of the assignment that keeps the fewest pupils where earlier plans have them."""
    arcs, pupils = part.problem.arcs, part.problem.pupils[:, 0]
    kept = np.zeros(len(arcs.unit))
    for a, (unit, f) in enumerate(zip(arcs.unit.tolist(), arcs.school.tolist(), strict=True)):
        kept[a] = pupils[unit] * sum(plan[unit, s] == f for plan in state.schools)
    terms = list(zip(part.program.x, (kept / 1e3).tolist(), strict=True))
    part.fix(v)
    part.rounds.keep(part.program.way, most, "way")
    part.rounds.set_objective(pulp.LpAffineExpression(terms))
    reached = part.rounds.solve("", gap=_PROVEN)
    part.rounds.release("way")
    part.rounds.set_objective(part.expressions[part.level])
    return reached.columns


def _near(
    state: _Search, base: Figures, options: tuple[int, ...], school: Schools,
    apart: int, widest: bool,
) -> NearPlan:  # fmt: skip
    problem, first = state.problem, state.schools[0]
    figures = figures_of(problem, options, school)
    names = problem.services
    return NearPlan(
        built={problem.schools[problem.options[o].school]: problem.options[o].type
               for o in options},
        classes={
            problem.schools[problem.options[o].school]: dict(
                zip(names, problem.options[o].classes, strict=True)
            )
            for o in options
        },
        served={
            name: {unit: problem.schools[school[u, s]] for u, unit in enumerate(problem.units)}
            for s, name in enumerate(names)
        },
        figures=figures,
        above={
            name: (value - vars(base)[name]) / max(1.0, abs(vars(base)[name]))
            for name, value in vars(figures).items()
        },
        apart=apart,
        elsewhere={
            name: float(sum(
                problem.pupils[u, s] for u in range(len(problem.units))
                if school[u, s] != first[u, s]
            ))
            for s, name in enumerate(names)
        },
        widest=widest,
    )  # fmt: skip


def _of_plan(case: Case, problem: LocationProblem) -> Schools:
    at = {key: f for f, key in enumerate(problem.schools)}
    served = {entry.compound: entry.schools for entry in case.plan.assignments}
    return {
        (u, s): at[served[unit][name]]
        for u, unit in enumerate(problem.units)
        for s, name in enumerate(problem.services)
    }


def _own(
    problem: LocationProblem, options: Sequence[int], school: Schools
) -> dict[str, list[float]]:
    """Places short, way and moves of each service alone."""
    found: dict[str, list[float]] = {"short": [], "way": [], "moves": []}
    for s in range(len(problem.services)):
        own = {key: f for key, f in school.items() if key[1] == s}
        figures = figures_of(problem, tuple(options), own)
        found["short"].append(figures.places_short)
        found["way"].append(figures.way_pupil_m)
        found["moves"].append(figures.pupils_changing_school)
    return found


def _shared(problem: LocationProblem, plans: Sequence[Schools]) -> dict[str, float]:
    found = {}
    for s, name in enumerate(problem.services):
        pupils = problem.pupils[:, s]
        same = [len({plan[u, s] for plan in plans}) == 1 for u in range(len(pupils))]
        found[name] = float(pupils[same].sum() / max(1.0, pupils.sum()))
    return found
