"""Demand: pupils of each compound, service and year."""

from __future__ import annotations

import re

import pandas as pd

from planner.scenario.model import Scenario


def year_columns(frame: pd.DataFrame, service: str) -> dict[int, str]:
    """The columns `<service>_<year>` by year, in order."""
    pattern = re.compile(re.escape(service) + r"_(\d{4})")
    matches = [(match, str(name)) for name in frame if (match := pattern.fullmatch(str(name)))]
    return dict(sorted((int(match.group(1)), name) for match, name in matches))


def demand_of(compounds: pd.DataFrame, scenario: Scenario) -> dict[str, pd.DataFrame]:
    """Pupils by service, compounds × years: from yearly columns, one column, or the rate.

    The service's `demand_factor` scales the design year and all later ones.
    """
    demand: dict[str, pd.DataFrame] = {}
    for name, service in scenario.services.items():
        years = year_columns(compounds, name)
        if years:
            frame = compounds[list(years.values())].astype(float)
            frame.columns = pd.Index(list(years))
        else:
            rate = service.pupils_per_1000 or 0.0
            pupils = compounds[name] if name in compounds else compounds["population"] * rate / 1000
            frame = pupils.astype(float).to_frame(scenario.design_year)
        demand[name] = _scaled(frame, service.demand_factor, scenario.design_year)
    return demand


def _scaled(frame: pd.DataFrame, factor: float, first: int) -> pd.DataFrame:
    """Pupils from the year `first` on times a factor, in whole pupils."""
    if factor == 1:
        return frame
    later = [year for year in frame.columns if int(year) >= first]
    # half a pupil rounds up: np.round would round it to the even number
    scaled = (frame[later] * factor + 0.5) // 1
    kept = frame.copy()
    kept[later] = scaled
    return kept
