"""What the summary says of a joint plan and of the one made one half after the other."""

from __future__ import annotations

from dataclasses import replace

from planner.cli.summary import beside_line
from planner.plan.plan import Plan
from tests.plan.handmade import town

FIGURES = {
    "pupils_other_subdistrict": {"total": 30},
    "way_pupil_m": 12_000.0,
    "people_changing_subdistrict": 5,
    "pupils_changing_school": 7,
    "pupils_changing_both": 2,
}


def together(gap: float) -> Plan:
    """A plan with these figures, beside one whose last level has this gap."""
    levels = [
        {"name": "way", "gap": 0.0005},
        {"name": "pupils_changing_school", "gap": gap},
    ]
    before = {"levels": levels, "indicators": FIGURES}
    return replace(town().plan, tolerance=0.001, indicators=FIGURES, sequential=before)


def test_a_proven_baseline_goes_without_saying() -> None:
    line = beside_line(together(0.001))
    assert "30 pupils cross a boundary (30)" in line
    assert "proven" not in line


def test_what_is_not_proven_of_the_baseline_is_told() -> None:
    line = beside_line(together(0.0507))
    assert line.endswith("proven only so far: pupils changing school within 5.07 %")
