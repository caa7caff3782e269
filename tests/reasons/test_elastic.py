"""The least that must give way is what trying every choice of schools finds."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from planner.programs.location.problem import LocationProblem, option_amount
from planner.reasons.case import Asking
from planner.reasons.elastic import Elastic, Given, elastic_places, land_lack, ways_out
from planner.reasons.repairs import _reduced, place_repairs, places_work
from planner.scenario.model import Programme, Range, Scenario
from planner.scenario.rules import RANKS
from planner.territory.build import build_territory
from planner.territory.layers import read_layers
from tests.reasons.towns import PRIMARY, SIX, folder, tiny_scenario

TERRITORY = build_territory(
    tiny_scenario(folder(**SIX), **PRIMARY), read_layers(tiny_scenario(folder(**SIX), **PRIMARY))
)


def asked(seed: int) -> Scenario:
    """A programme at random, mostly one that no choice meets, with ranks at random."""
    rng = np.random.default_rng(seed)
    totals = {
        "new_schools": Range(min=float(rng.integers(0, 4))),
        "expanded_schools": Range(max=float(rng.integers(0, 2))),
        "new_classes": Range(min=float(rng.integers(0, 9) * 6)),
        "land_m2": Range(max=float(rng.integers(8, 60) * 1000)),
        "cost_yuan": Range(max=float(rng.integers(60, 300) * 1e6)),
    }
    names = [*totals, "land_per_place_m2"]
    ranks = {name: {"rank": RANKS[int(rng.integers(0, 4))], "step": 1} for name in names}
    scenario = tiny_scenario(folder(**SIX), **PRIMARY, rules=ranks)
    programme = Programme(**{**{n: Range() for n in Programme.model_fields}, **totals})
    return scenario.model_copy(update={"programme": programme})


def costs(elastic: Elastic, options) -> dict[str, tuple[str, float]]:
    """Rank and share of each rule that a choice of options breaks, from their definitions."""
    scenario, found = elastic.scenario, {}
    for name in ("new_schools", "expanded_schools", "new_classes", "land_m2", "cost_yuan"):
        bounds = getattr(scenario.programme, name)
        amount = sum(option_amount(option, name) for option in options)
        beyond = max((bounds.min or 0) - amount, amount - (bounds.max or np.inf), 0.0)
        if bounds.max == 0:
            beyond = max(beyond, amount)
        if beyond > 1e-6:
            found[name] = getattr(scenario.rules, name).rank, beyond
    lack = max((land_lack(scenario, option) for option in options), default=0.0)
    if lack > 1e-9:
        found["land_per_place_m2"] = scenario.rules.land_per_place_m2.rank, lack
    return found


def counts(broken: dict[str, tuple[str, float]]) -> tuple[int, ...]:
    return tuple(sum(rank == own for own, _ in broken.values()) for rank in RANKS)


def every_choice(problem: LocationProblem):
    at: dict[int, list] = {}
    for option in problem.options:
        at.setdefault(option.school, [None]).append(option)
    for picked in product(*at.values()):
        yield tuple(option for option in picked if option is not None)


@pytest.mark.parametrize("seed", range(12))
def test_the_fewest_rules_by_rank_give_way(seed: int) -> None:
    scenario = asked(seed)
    elastic = elastic_places(TERRITORY, scenario, assigned=False)
    found = ways_out(elastic, Asking(60.0).settings(scenario), count=2)
    every = [costs(elastic, options) for options in every_choice(elastic.problem)]
    least = min(map(counts, every))
    assert counts(costs(elastic, found[0].options)) == least
    assert found[0].proven
    families = {key_family(elastic, key) for key in found[0].used}
    assert families == set(costs(elastic, found[0].options))
    if len(found) > 1 and families:
        # the next does not hold all that gave way first
        others = [broken for broken in every if not families <= set(broken)]
        assert counts(costs(elastic, found[1].options)) == min(map(counts, others))


def key_family(elastic: Elastic, key: str) -> str:
    return elastic.soft[key].family


def test_a_single_rule_gives_way_as_little_as_can_be() -> None:
    alone = 0
    for seed in range(40):
        scenario = asked(seed)
        elastic = elastic_places(TERRITORY, scenario, assigned=False)
        (first, *_) = ways_out(elastic, Asking(60.0).settings(scenario), count=1)
        broken = costs(elastic, first.options)
        if len(broken) != 1:
            continue
        alone += 1
        ((name, (_, beyond)),) = broken.items()
        every = [costs(elastic, options) for options in every_choice(elastic.problem)]
        same = [one[name][1] for one in every if set(one) == {name}]
        assert beyond == pytest.approx(min(same), rel=1e-3)
    assert alone >= 8


def test_repairs_have_a_plan() -> None:
    shown = 0
    for seed in range(4):
        scenario = asked(seed)
        if places_work(TERRITORY, scenario, Asking(60.0)):
            continue
        repairs = place_repairs(TERRITORY, scenario, Asking(60.0), count=1)
        assert repairs
        assert repairs[0].cheapest
        assert places_work(TERRITORY, repairs[0].scenario, Asking(60.0))
        shown += 1
    assert shown >= 2


def test_what_an_unfinished_search_changed_in_vain_is_put_back() -> None:
    services = {"primary": {**PRIMARY["services"]["primary"], "reach_m": 100}}
    scenario = tiny_scenario(folder(**SIX), **{**PRIMARY, "services": services})
    elastic = elastic_places(TERRITORY, scenario, assigned=True)
    (first,) = ways_out(elastic, Asking(60.0).settings(scenario), count=1)
    assert first.used == ("services.primary.reach_m",)
    vain = ("programme.new_schools", "programme.expanded_schools", *first.used)
    every = {option.school: option for option in elastic.problem.options}
    wasteful = Given(vain, tuple(every.values()), first.arcs, proven=False)
    repair = _reduced(elastic, wasteful, Asking(60.0))
    assert [change.key for change in repair.changes] == list(first.used)
    assert not repair.cheapest
