"""Locks in verification, on the plan made by hand: kept ones are ticked, broken ones named."""

from __future__ import annotations

from typing import Any

import pytest

from planner.plan.verification import Check, verify
from planner.scenario.locks import Locks, lock_paths, lock_words, only
from tests.plan.handmade import town

KEPT: list[dict[str, Any]] = [
    {"sites": {"t2": "open", "t1": "closed", "s2": "closed"}},
    {"fixed": {"schools": {"primary": {"c0303": "s2"}}}},
    {"forbidden": {"schools": {"junior": {"c0303": ["s1", "t2"]}}}},
    {"fixed": {"subdistricts": {"k00": "d1"}}, "forbidden": {"subdistricts": {"k11": ["d1"]}}},
    {"together": [["c0200", "c0303"], ["k00", "k01"]]},
    {"together": [["k10"]]},
]
BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"sites": {"t1": "open"}}, "t1 is not built, locked open"),
    ({"sites": {"t2": "closed"}}, "t2 is built, locked closed"),
    ({"sites": {"t9": "closed"}}, "t9 is in no layer"),
    ({"fixed": {"schools": {"primary": {"c0303": "s1"}}}}, "c0303 goes to s2 (primary), fixed to"),
    ({"fixed": {"schools": {"primary": {"c9": "s1"}}}}, "c9 goes to None"),
    ({"forbidden": {"schools": {"junior": {"c0303": ["s2"]}}}}, "which is forbidden"),
    ({"fixed": {"subdistricts": {"k00": "d2"}}}, "k00 lies in d1, fixed to d2"),
    ({"fixed": {"subdistricts": {"k9": "d2"}}}, "k9 lies in none, fixed to d2"),
    ({"forbidden": {"subdistricts": {"k11": ["d2"]}}}, "k11 lies in d2, which is forbidden"),
    ({"together": [["c0000", "c0303"]]}, "c0000, c0303 go to s1 and s2 (primary)"),
    ({"together": [["k00", "k11"]]}, "k00, k11 lie in d1 and d2"),
    ({"together": [["k00", "k9"]]}, "k00, k9 lie in d1"),
]


def checked(locks: dict[str, Any]) -> Check:
    place = town()
    scenario = place.scenario.model_copy(update={"locks": Locks.model_validate(locks)})
    checks = verify(scenario, place.layers, place.json()).checks
    return next(check for check in checks if check.code == "locks")


@pytest.mark.parametrize("locks", KEPT)
def test_locks_that_are_kept_are_ticked(locks: dict[str, Any]) -> None:
    check = checked(locks)
    assert check.ok, check.figures
    assert check.figures.endswith(" locked")


@pytest.mark.parametrize(("locks", "told"), BROKEN)
def test_locks_that_are_broken_are_named(locks: dict[str, Any], told: str) -> None:
    check = checked(locks)
    assert not check.ok
    assert told in check.figures


def test_nothing_locked_is_a_tick() -> None:
    assert checked({}).ok


def test_single_locks_have_a_key_and_words_of_their_own() -> None:
    locks = Locks.model_validate({
        "sites": {"t1": "open"},
        "fixed": {"schools": {"primary": {"c1": "s1"}}, "subdistricts": {"k1": "d1"}},
        "forbidden": {"schools": {"junior": {"c1": ["s1", "s2"]}}},
        "together": [["c1", "c2"]],
    })  # fmt: skip
    paths = lock_paths(locks)
    assert paths == (
        "locks.sites.t1", "locks.fixed.schools.primary.c1",
        "locks.forbidden.schools.junior.c1", "locks.fixed.subdistricts.k1", "locks.together.0",
    )  # fmt: skip
    assert [lock_words(locks, path) for path in paths] == [
        "t1 is open", "c1 is fixed to s1 (primary)", "c1 must not go to s1 or s2 (junior)",
        "k1 is fixed to d1", "c1, c2 are kept together",
    ]  # fmt: skip
    assert only(locks, paths) == locks
    assert lock_paths(only(locks, paths[1:3])) == paths[1:3]
    assert lock_paths(only(locks, ())) == ()
