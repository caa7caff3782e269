"""Ways to meet the programme, against trying every choice of options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.programs.location.problem import LocationProblem, Option, option_amount
from planner.programs.location.programme_choices import programme_choices
from tests.programs.location_cases import OPEN, TOTALS, Range, hand_made
from tests.programs.location_oracle import every_choice

MANY = 10**6


@st.composite
def programmes(draw: st.DrawFn) -> LocationProblem:
    """Up to five schools with up to four options, any mixture of ranges and open totals."""
    small, steps = st.integers(0, 3), st.integers(0, 4)
    options = []
    for school in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(["new", "expanded"]))
        land, cost = draw(steps) * 2.5, draw(steps) * 1e6 / 3
        for _ in range(draw(st.integers(0, 4))):
            classes = (draw(small), draw(small))
            places = (classes[0] * 45, classes[1] * 50)
            options.append(Option(school, kind, "any", classes, places, land, cost + sum(places)))
    chosen = {option.school: option for option in options if draw(st.booleans())}.values()
    totals = {}
    for name in draw(st.lists(st.sampled_from(TOTALS), unique=True)):
        totals[name] = draw(ranges(sum(option_amount(option, name) for option in chosen)))
    return with_options(options, totals)


def ranges(amount: float) -> st.SearchStrategy[Range]:
    """Ranges about an amount: exact, one-sided, two-sided, open, or just missed."""
    return st.sampled_from([
        (amount, amount), (None, amount), (amount, None), (None, None), (amount - 1, amount + 1),
        (None, amount * 1.5), (amount * 0.5, amount), (amount + 1, amount + 1), (0.0, None),
    ])  # fmt: skip


def with_options(options: Sequence[Option], totals: dict[str, Range]) -> LocationProblem:
    return replace(hand_made(), options=tuple(options), totals=totals)


def as_sets(problem: LocationProblem, choices: np.ndarray) -> list[tuple[int, ...]]:
    """Choices without their padding, sorted."""
    count = len(problem.options)
    return sorted(tuple(sorted(int(o) for o in row if o < count)) for row in choices)


@given(problem=programmes())
@settings(max_examples=300, deadline=None, derandomize=True)
def test_every_choice_is_listed_once(problem: LocationProblem) -> None:
    found = programme_choices(problem, limit=MANY)
    assert found is not None
    assert as_sets(problem, found) == sorted(every_choice(problem))
    assert ((found >= 0) & (found <= len(problem.options))).all()


@given(problem=programmes(), limit=st.integers(0, 40))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_more_than_the_limit_are_not_listed(problem: LocationProblem, limit: int) -> None:
    found, every = programme_choices(problem, limit=limit), sorted(every_choice(problem))
    if found is None:
        assert len(every) > limit or len(problem.options) > 0  # or too many sets to look through
    else:
        assert len(every) <= limit
        assert as_sets(problem, found) == every


def test_the_limit_counts_choices() -> None:
    options = [Option(f, "new", "any", (c,), (c,), 0.0, 0.0) for f in range(3) for c in range(1, 9)]
    problem = with_options(options, {"new_schools": (1, 1)})
    assert programme_choices(problem, limit=23) is None
    assert len(programme_choices(problem, limit=24)) == 24


def test_without_totals_every_school_is_free() -> None:
    options = [Option(f, "new", "any", (1,), (1,), 0.0, 0.0) for f in (0, 0, 1)]
    assert as_sets(*listed(options, {})) == [(), (0,), (0, 2), (1,), (1, 2), (2,)]
    assert as_sets(*listed(options, {"new_schools": OPEN})) == as_sets(*listed(options, {}))


def test_no_options() -> None:
    assert as_sets(*listed([], {"new_schools": (0, 0)})) == [()]
    assert as_sets(*listed([], {"new_schools": (1, 1)})) == []
    assert as_sets(*listed([], {"new_classes": (None, 5)})) == [()]


def test_exact_totals_that_are_no_whole_numbers() -> None:
    options = [Option(f, "new", "any", (1,), (1,), 10_000.0004, 0.0) for f in range(3)]
    exact = 2 * 10_000.0004
    assert as_sets(*listed(options, {"land_m2": (exact, exact)})) == [(0, 1), (0, 2), (1, 2)]


def test_many_schools_are_left_to_the_program() -> None:
    options = [Option(f, "new", "any", (1,), (1,), 0.0, 0.0) for f in range(8)]
    seven = programme_choices(with_options(options, {"new_schools": (7, 7)}), limit=MANY)
    assert seven is None or len(seven) == 8


def listed(
    options: Sequence[Option], totals: dict[str, Range]
) -> tuple[LocationProblem, np.ndarray]:
    problem = with_options(options, totals)
    found = programme_choices(problem, limit=MANY)
    assert found is not None
    return problem, found
