"""Withheld figures: few children, and what would give them away."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from planner.plan.privacy import shown, withheld


def test_few_are_withheld_with_the_next_smallest() -> None:
    pupils = {"a": 3.0, "b": 40.0, "c": 12.0, "d": 0.0}
    assert withheld(pupils, dict.fromkeys("abcd", "s"), min_children=5) == {"a", "c"}


def test_two_that_hide_enough_stand_alone() -> None:
    pupils = {"a": 3.0, "b": 4.0, "c": 12.0}
    assert withheld(pupils, dict.fromkeys("abc", "s"), min_children=5) == {"a", "b"}


def test_zero_and_no_threshold_are_shown() -> None:
    assert withheld({"a": 0.0, "b": 9.0}, {"a": "s", "b": "s"}, min_children=5) == set()
    assert withheld({"a": 1.0}, {"a": "s"}, min_children=0) == set()
    assert (shown(4, min_children=5), shown(5, min_children=5), shown(0, min_children=5)) == (
        None, 5, 0,
    )  # fmt: skip


@given(st.lists(st.integers(0, 30), min_size=1, max_size=12), st.integers(1, 10))
def test_no_total_gives_a_small_figure_away(counts: list[int], least: int) -> None:
    pupils = {f"u{n:02}": float(count) for n, count in enumerate(counts)}
    hidden = withheld(pupils, dict.fromkeys(pupils, "s"), min_children=least)
    assert all(key in hidden for key, count in pupils.items() if 0 < count < least)
    own = [pupils[key] for key in hidden]
    everything = sum(count > 0 for count in counts) == len(own)
    assert not own or everything or (len(own) >= 2 and sum(own) >= least)
