from __future__ import annotations

import pytest

from planner.maps.cards import draw_cards
from planner.maps.public_cards import public_cards
from planner.maps.reading import Reading
from planner.scenario.model import Privacy
from tests.maps import town


@pytest.mark.parametrize("least", [0, 100, 10_000])
def test_catchments_of_few_children_are_not_counted(least: int) -> None:
    place = town.territory()
    asked = town.scenario().model_copy(update={"privacy": Privacy(min_children=least)})
    reading = Reading(place, asked, town.plan(place))
    exact, public = draw_cards(reading)["school"], public_cards(reading)["school"]
    withheld = 0
    for key, card in exact.items():
        for service, offer in card["services"].items():
            told = public[key]["services"][service]
            for count, seen in zip(
                [offer["pupils"], *offer["years"]], [told["pupils"], *told["years"]], strict=True
            ):
                few = 0 < count < least
                withheld += few
                assert seen == (None if few else count)
    assert (withheld > 0) == (least > 0)
