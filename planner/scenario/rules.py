"""Rules: which of them give way first where not all can be kept, and by which steps."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from planner.scenario.values import Frozen

Rank = Literal["law", "standard", "policy", "wish"]
RANKS: tuple[Rank, ...] = ("law", "standard", "policy", "wish")
"""From the last to give way to the first."""


class GivesWay(Frozen):
    """Whose word a rule is, and the step by which its price is asked."""

    rank: Rank
    """`law`, `standard`, `policy` or `wish`: repairs change wishes first and the law last."""
    step: float = Field(gt=0)
    """How far `planner price` relaxes it, in the unit told of the rule."""


class Rules(Frozen):
    """Rank and step of every family of rules, for `planner explain` and `planner price`."""

    new_schools: GivesWay = GivesWay(rank="policy", step=1)
    """Sites opened; the step is schools, more and fewer."""
    expanded_schools: GivesWay = GivesWay(rank="policy", step=1)
    """Existing schools expanded; the step is schools, more and fewer."""
    new_classes: GivesWay = GivesWay(rank="policy", step=6)
    """Classes added; the step is classes, more and fewer."""
    new_places: GivesWay = GivesWay(rank="policy", step=300)
    """Places added; the step is places, more and fewer."""
    land_m2: GivesWay = GivesWay(rank="policy", step=0.1)
    """Land of the programme; the step is a share of it."""
    cost_yuan: GivesWay = GivesWay(rank="policy", step=0.1)
    """Money of the programme; the step is a share of it."""
    reach_m: GivesWay = GivesWay(rank="standard", step=500)
    """Longest way to school of a service; the step is metres."""
    max_crossings: GivesWay = GivesWay(rank="standard", step=1)
    """Most crossings on the way to school; the step is crossings."""
    land_per_place_m2: GivesWay = GivesWay(rank="standard", step=0.1)
    """Least land per place of all services; the step is a share of it."""
    school_sizes: GivesWay = GivesWay(rank="policy", step=1)
    """Parallel classes of school types and expansions; the step is classes per grade."""
    locks: GivesWay = GivesWay(rank="wish", step=1)
    """Decisions locked by the planner; the step is one lock taken away."""
    subdistricts: GivesWay = GivesWay(rank="policy", step=1)
    """Number of subdistricts; the step is subdistricts, one price more and one fewer."""
    band: GivesWay = GivesWay(rank="standard", step=0.05)
    """Largest deviation of a subdistrict's population; the step is added to the fraction."""
    parent_rule: GivesWay = GivesWay(rank="law", step=1)
    """No subdistrict crosses the line of its county-level district; the step takes it away."""
    community_households: GivesWay = GivesWay(rank="standard", step=0.1)
    """Households of a community; the step is a share of both limits."""
    grid_households: GivesWay = GivesWay(rank="standard", step=0.1)
    """Households of a grid; the step is a share of both limits."""
    max_crossing_share: GivesWay = GivesWay(rank="policy", step=0.02)
    """Share of all pupils whose school lies in another subdistrict; the step is added to it."""
