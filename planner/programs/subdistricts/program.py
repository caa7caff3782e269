"""The subdistrict program: Hess's formulation with seats, and contiguity by separators.

Variables: ``x[i,j]`` community i belongs to the subdistrict seated at j, ``y[j]`` seat open,
``q[g,k]`` group g has k subdistricts, ``t[j,k] = y[j] q[g(j),k]``, ``z[i,k,j]`` i belongs to j and
k does not, ``d`` largest deviation. Source: Hess et al., Operations Research 13 (1965).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pulp

from planner.programs.districting import Cut, beyond, loose_cuts, rooted_cuts
from planner.programs.subdistricts.problem import SubdistrictProblem

Pair = tuple[int, int]
Terms = list[tuple[pulp.LpVariable, float]]


@dataclass(frozen=True)
class SubdistrictProgram:
    """A built program: its PuLP problem, variables by position, and the ranked expressions."""

    problem: pulp.LpProblem
    x: Mapping[Pair, pulp.LpVariable]
    """By (community, seat), within a group."""
    y: tuple[pulp.LpVariable, ...]
    q: Mapping[Pair, pulp.LpVariable]
    """By (group, number of subdistricts)."""
    t: Mapping[Pair, pulp.LpVariable]
    """By (seat, number of subdistricts in its group)."""
    z: Mapping[tuple[int, int, int], pulp.LpVariable]
    """By (community, community, seat)."""
    d: pulp.LpVariable
    band: pulp.LpVariable | None
    """The band, where it is looked for."""
    population_deviation: pulp.LpAffineExpression
    squared_distance: pulp.LpAffineExpression
    border_and_change: pulp.LpAffineExpression
    rows_added: set[str] = field(default_factory=set)
    """Names of the separators added in rounds."""


def build_subdistricts(
    problem: SubdistrictProblem, *, skip: frozenset[str] = frozenset(), free_band: bool = False
) -> SubdistrictProgram:
    """Build the program; `skip` leaves row families out, `free_band` makes the band a variable."""
    program = _empty(problem, free_band=free_band)
    for family, define in FAMILIES.items():
        if family not in skip:
            define(problem, program)
    return program


def define_assigned(problem: SubdistrictProblem, program: SubdistrictProgram) -> None:
    """Each community belongs to one subdistrict: ``sum(x[i,j] for j) == 1``."""
    for i in range(len(problem.communities)):
        terms = [(program.x[i, j], 1.0) for j in problem.seats_of(problem.group[i])]
        _add(program, pulp.LpAffineExpression(terms) == 1, f"assigned__{i}")


def define_open(_: SubdistrictProblem, program: SubdistrictProgram) -> None:
    """Only to an open seat: ``x[i,j] <= y[j]``."""
    for i, j in program.x:
        _add(program, program.x[i, j] <= program.y[j], f"open__{i}_{j}")


def define_home(problem: SubdistrictProblem, program: SubdistrictProgram) -> None:
    """A seat's community belongs to its subdistrict: ``x[h(j),j] == y[j]``."""
    for j, home in enumerate(problem.home):
        _add(program, program.x[home, j] - program.y[j] == 0, f"home__{j}")


def define_office(problem: SubdistrictProblem, program: SubdistrictProgram) -> None:
    """Each office stays the seat of its subdistrict: ``y[j] == 1``."""
    for j, office in enumerate(problem.office):
        if office:
            _add(program, pulp.LpAffineExpression(program.y[j]) == 1, f"office__{j}")


def define_number(problem: SubdistrictProblem, program: SubdistrictProgram) -> None:
    """As many subdistricts as asked for: ``sum(y[j]) == number``."""
    _add(program, pulp.lpSum(program.y) == problem.number, "number__all")


def define_band(problem: SubdistrictProblem, program: SubdistrictProgram) -> None:
    """Within the band: ``least y[j] <= sum(p[i] x[i,j]) <= most y[j]``, in whole persons.

    With a free band b: ``y[j] - b <= sum(p[i] x[i,j]) / mean <= y[j] + b``.
    """
    for j, y in enumerate(program.y):
        if program.band is None:
            people = pulp.LpAffineExpression(_people(problem, program, j))
            _add(program, people - problem.least * y >= 0, f"band__{j}_least")
            _add(program, people - problem.most * y <= 0, f"band__{j}_most")
        else:
            share = pulp.LpAffineExpression(_people(problem, program, j, 1 / problem.mean))
            _add(program, share - y + program.band >= 0, f"band__{j}_least")
            _add(program, share - y - program.band <= 0, f"band__{j}_most")


def define_count(problem: SubdistrictProblem, program: SubdistrictProgram) -> None:
    """How many subdistricts a group has, and for which of its seats that counts.

    ``sum(q[g,k] for k) == 1``; ``sum(t[j,k] for j in g) == k q[g,k]``;
    ``sum(t[j,k] for k) == y[j]``; ``t[j,k] <= q[g,k]``.
    """
    for g in range(len(problem.groups)):
        counts, seats = _counts(problem, program, g), problem.seats_of(g)
        one = pulp.lpSum(program.q[g, k] for k in counts)
        _add(program, pulp.LpAffineExpression(one) == 1, f"count__{g}")
        for k in counts:
            total = pulp.lpSum(program.t[j, k] for j in seats)
            _add(program, total - k * program.q[g, k] == 0, f"count__{g}_{k}")
            for j in seats:
                _add(program, program.t[j, k] <= program.q[g, k], f"count__{g}_{k}_{j}")
        for j in seats:
            shares = pulp.lpSum(program.t[j, k] for k in counts)
            _add(program, shares - program.y[j] == 0, f"count__seat_{j}")


def define_deviation(problem: SubdistrictProblem, program: SubdistrictProgram) -> None:
    """From the mean of its group: ``|sum(p[i] x[i,j]) - sum(p(g)/k t[j,k])| <= mean d``."""
    for j, home in enumerate(problem.home):
        g = problem.group[home]
        people = _people(problem, program, j, 1 / problem.mean)
        own = problem.group_population[g] / problem.mean
        mean = [(program.t[j, k], -own / k) for k in _counts(problem, program, g)]
        difference = pulp.LpAffineExpression([*people, *mean])
        _add(program, difference - program.d <= 0, f"deviation__{j}_above")
        _add(program, difference + program.d >= 0, f"deviation__{j}_below")


def define_parted(_: SubdistrictProblem, program: SubdistrictProgram) -> None:
    """Two communities are parted where one belongs to j only: ``z[i,k,j] >= x[i,j] - x[k,j]``."""
    for (i, k, j), z in program.z.items():
        other = [(program.x[k, j], -1.0)] if (k, j) in program.x else []
        inside = pulp.LpAffineExpression([(program.x[i, j], 1.0), *other])
        _add(program, inside - z <= 0, f"parted__{i}_{k}_{j}")


def define_contiguous(problem: SubdistrictProblem, program: SubdistrictProgram) -> None:
    """Not alone: ``x[i,j] <= sum(x[c,j] for c next to a)`` for each piece a of i off the root.

    The first separator of every piece; the others are added in rounds where they are violated.
    """
    for j, root in enumerate(problem.root):
        for piece, near in enumerate(problem.graph.neighbours):
            off = piece != root and root not in near
            if off and problem.graph.component[piece] == problem.graph.component[root]:
                for row in _rows(problem, program, j, Cut((piece,), near, root)):
                    if row.name not in program.rows_added:
                        _add(program, row, row.name)


def define_barred(problem: SubdistrictProblem, program: SubdistrictProgram) -> None:
    """Locks keep a community from a seat: ``x[i,j] == 0``."""
    for i, j in sorted(problem.barred & program.x.keys()):
        _add(program, pulp.LpAffineExpression(program.x[i, j]) == 0, f"barred__{i}_{j}")


def define_together(problem: SubdistrictProblem, program: SubdistrictProgram) -> None:
    """Communities kept together belong to one subdistrict: ``x[i,j] == x[k,j]`` for each seat."""
    for first, *others in problem.together:
        for other in others:
            for j in range(len(problem.seats)):
                pairs = ((first, 1.0), (other, -1.0))
                terms = [(program.x[i, j], sign) for i, sign in pairs if (i, j) in program.x]
                if terms:
                    row = pulp.LpAffineExpression(terms) == 0
                    _add(program, row, f"together__{first}_{other}_{j}")


FAMILIES: Mapping[str, Callable[[SubdistrictProblem, SubdistrictProgram], None]] = {
    "assigned": define_assigned,
    "open": define_open,
    "home": define_home,
    "office": define_office,
    "number": define_number,
    "band": define_band,
    "count": define_count,
    "deviation": define_deviation,
    "parted": define_parted,
    "contiguous": define_contiguous,
    "barred": define_barred,
    "together": define_together,
}


def separate_strays(
    problem: SubdistrictProblem, program: SubdistrictProgram, values: Mapping[str, float]
) -> list[pulp.LpConstraint]:
    """Rows of the family `contiguous` that an integral point violates, and their like.

    In the root's component ``x[i,j] <= sum(x[c,j] for c in C)`` for every seat whose root lies
    beyond the separator C too; elsewhere ``x[i,j] + x[k,j] <= 1 + sum(x[c,j] for c in C)``.
    """
    graph = problem.graph
    rows: list[pulp.LpConstraint] = []
    for j, root in enumerate(problem.root):
        members = [
            v
            for v, i in enumerate(problem.owner)
            if (i, j) in program.x and values[program.x[i, j].name] > 0.5
        ]
        for cut in rooted_cuts(graph, members, root):
            near = beyond(graph, cut)
            for k, other in enumerate(problem.root):
                same = graph.component[other] == graph.component[root]
                if k == j or (same and other not in near):
                    rows += _rows(problem, program, k, Cut(cut.piece, cut.separator, other))
        if members:
            for cut in loose_cuts(graph, members, but=graph.component[root]):
                rows += _rows(problem, program, j, cut, rooted=False)
    return _fresh(rows, program.rows_added)


def _rows(
    problem: SubdistrictProblem,
    program: SubdistrictProgram,
    j: int,
    cut: Cut,
    *,
    rooted: bool = True,
) -> list[pulp.LpConstraint]:
    """The rows of one cut for the seat j, one for each community of the piece."""
    doors = sorted({problem.owner[v] for v in cut.separator})
    anchor = problem.owner[cut.anchor]
    rows = []
    for i in sorted({problem.owner[v] for v in cut.piece}):
        if (i, j) not in program.x or i in doors:
            continue
        terms: Terms = [(program.x[i, j], 1.0)]
        terms += [(program.x[c, j], -1.0) for c in doors if (c, j) in program.x]
        limit = 0
        if not rooted and i != anchor:
            terms.append((program.x[anchor, j], 1.0))
            limit = 1
        row = pulp.LpAffineExpression(terms) <= limit
        row.name = f"contiguous__{i}_{j}__{'_'.join(map(str, doors))}" + f"__{anchor}" * limit
        rows.append(row)
    return rows


def _fresh(rows: Sequence[pulp.LpConstraint], added: set[str]) -> list[pulp.LpConstraint]:
    """Rows not added before, each once."""
    fresh = []
    for row in rows:
        if row.name not in added:
            added.add(row.name)
            fresh.append(row)
    return fresh


def _people(
    problem: SubdistrictProblem, program: SubdistrictProgram, j: int, unit: float = 1.0
) -> Terms:
    here = problem.communities_of(problem.group[problem.home[j]])
    return [(program.x[i, j], problem.population[i] * unit) for i in here]


def _counts(problem: SubdistrictProblem, program: SubdistrictProgram, group: int) -> list[int]:
    return problem.counts(group, banded=program.band is None)


def _add(program: SubdistrictProgram, row: pulp.LpConstraint, name: str) -> None:
    program.problem.addConstraint(row, name)
    program.rows_added.add(name)


def _empty(problem: SubdistrictProblem, *, free_band: bool) -> SubdistrictProgram:
    """Variables and ranked expressions, without rows."""
    lp = pulp.LpProblem("subdistricts", pulp.LpMinimize)
    seats = range(len(problem.seats))
    groups = range(len(problem.groups))
    seat_group = [problem.group[home] for home in problem.home]
    x = {
        (i, j): lp.add_variable(f"x_{i}_{j}", 0, 1, pulp.LpInteger)
        for i, g in enumerate(problem.group)
        for j in problem.seats_of(g)
    }
    y = tuple(lp.add_variable(f"y_{j}", 0, 1, pulp.LpInteger) for j in seats)
    q = {
        (g, k): lp.add_variable(f"q_{g}_{k}", 0, 1, pulp.LpInteger)
        for g in groups
        for k in problem.counts(g, banded=not free_band)
    }
    t = {
        (j, k): lp.add_variable(f"t_{j}_{k}", 0, 1)
        for j in seats
        for k in problem.counts(seat_group[j], banded=not free_band)
    }
    z = {
        (i, k, j): lp.add_variable(f"z_{i}_{k}_{j}", 0, 1)
        for i, k in sorted(problem.cuts)
        for j in problem.seats_of(problem.group[i])
    }
    d = lp.add_variable("d", 0, None)
    change = [(v, float(problem.moved[i, j])) for (i, j), v in x.items() if problem.moved[i, j]]
    parted = [(v, problem.cuts[i, k]) for (i, k, _), v in z.items()]
    return SubdistrictProgram(
        problem=lp,
        x=x,
        y=y,
        q=q,
        t=t,
        z=z,
        d=d,
        band=lp.add_variable("band", 0, None) if free_band else None,
        population_deviation=pulp.LpAffineExpression(d),
        squared_distance=pulp.LpAffineExpression(
            [(v, float(problem.squared[i, j])) for (i, j), v in x.items()]
        ),
        border_and_change=pulp.LpAffineExpression([*change, *parted]),
    )
