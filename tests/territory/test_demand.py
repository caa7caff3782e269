"""Demand with a factor: whole pupils from the design year on, as verification counts them."""

from __future__ import annotations

import pandas as pd
import pytest

from planner.plan.verification.homes import pupils_of
from planner.scenario.model import Scenario
from planner.territory.demand import demand_of
from tests.towns import tiny_scenario

ROWS = pd.DataFrame({
    "population": [1000, 333], "primary_2020": [11.0, 5.0], "primary_2025": [11.0, 5.0],
    "junior": [7.0, 2.5],
})  # fmt: skip


def scenario(tmp_path, **factors: float) -> Scenario:
    bare = tiny_scenario(tmp_path)
    services = {
        name: service.model_copy(update={"demand_factor": factors.get(name, 1.0)})
        for name, service in bare.services.items()
    }
    return bare.model_copy(update={"services": services})


def test_without_a_factor_nothing_is_rounded(tmp_path):
    assert list(demand_of(ROWS, scenario(tmp_path))["junior"][2025]) == [7.0, 2.5]


def test_a_factor_scales_the_design_year_and_not_today(tmp_path):
    asked = scenario(tmp_path, primary=0.5, junior=1.1)
    demand = demand_of(ROWS, asked)
    assert list(demand["primary"][2020]) == [11, 5]
    assert list(demand["primary"][2025]) == [6, 3]  # 5.5 and 2.5: halves round up
    assert list(demand["junior"][2025]) == [8, 3]
    for service in ("primary", "junior"):
        for n, row in enumerate(ROWS.to_dict("records")):
            for year in demand[service]:
                counted = pupils_of(asked, service, row, year)
                assert counted == pytest.approx(demand[service][year].iloc[n])
