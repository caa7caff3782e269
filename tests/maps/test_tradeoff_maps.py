"""Small maps of plans: what differs from the first is counted and hatched."""

from __future__ import annotations

from planner.maps.tradeoff_maps import Sketch, plan_maps
from tests.maps import town


def sketch(name: str, cut: int, school: str, built: str) -> Sketch:
    """The first `cut` compounds in one subdistrict, the others in another; all at one school."""
    units = list(town.territory().compounds.index)
    return Sketch(
        (name, name),
        {unit: "A" if k < cut else "B" for k, unit in enumerate(units)},
        dict.fromkeys(units, (school,)),
        frozenset({built}),
    )


def test_differences_are_counted_and_hatched() -> None:
    place = town.territory()
    schools = list(place.schools.index)
    first = sketch("one", 4, schools[0], schools[0])
    moved = sketch("two", 6, schools[0], schools[0])
    other = sketch("three", 4, schools[1], schools[1])
    maps = plan_maps(place, [first, moved, other])
    assert [(m["moved"], m["reassigned"], m["sites"]) for m in maps] == [
        (0, 0, 0), (2, 0, 0), (0, len(place.compounds), 1)
    ]  # fmt: skip
    hatched = [[f"url(#h{n})" in m["svg"] for n in (0, 1)] for m in maps]
    assert hatched == [[False, False], [True, False], [False, True]]


def test_without_plans_there_are_no_maps() -> None:
    assert plan_maps(town.territory(), []) == []
