"""The list of arrangements against every assignment of communities to seats."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from planner.programs.joint.answer import arrangement_of
from planner.programs.joint.arrangements import TooManyArrangementsError, list_arrangements
from tests.programs import small_subdistricts
from tests.programs.joint import cases


def together(seat: tuple[int, ...]) -> frozenset[frozenset[int]]:
    return frozenset(frozenset(i for i, other in enumerate(seat) if other == j) for j in set(seat))


@given(seed=st.integers(0, 10**6))
@settings(max_examples=30, deadline=None, derandomize=True,
          phases=(Phase.explicit, Phase.reuse, Phase.generate))  # fmt: skip
def test_each_partition_within_the_caps_is_listed_once_at_its_cheapest_seats(seed: int) -> None:
    problem, caps, _, _ = cases.random_case(seed)
    cheapest: dict[frozenset[frozenset[int]], float] = {}
    for seat in cases.every_seat(problem.boundaries, caps):
        boundary = arrangement_of(problem, seat).boundary
        key = together(seat)
        cheapest[key] = min(boundary, cheapest.get(key, boundary))
    listed = list_arrangements(problem.boundaries, caps)
    found = {together(arrangement.seat): arrangement.boundary for arrangement in listed}
    assert len(found) == len(listed)
    assert found == pytest.approx(cheapest)
    assert [a.boundary for a in listed] == sorted(a.boundary for a in listed)
    assert all(small_subdistricts.keeps_rules(problem.boundaries, a.seat) for a in listed)


def test_too_many_are_refused() -> None:
    problem, caps, _, _ = next(
        case
        for case in map(cases.random_case, range(100))
        if len(list_arrangements(case[0].boundaries, case[1])) > 3
    )
    with pytest.raises(TooManyArrangementsError):
        list_arrangements(problem.boundaries, caps, most=2)
