"""Datums of web maps."""

import numpy as np
import pytest
from pyproj import Geod

from planner.territory.datum import (
    bd09_to_wgs84,
    gcj02_to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

NEAR_CHANGCHUN = np.array([[125.39, 43.87], [125.354, 43.83], [125.431, 43.899]])
CITIES = np.array([[116.397, 39.909], [121.47, 31.23], [87.6, 43.8], [113.26, 23.13]])


@pytest.mark.parametrize(
    ("there", "back"), [(wgs84_to_gcj02, gcj02_to_wgs84), (wgs84_to_bd09, bd09_to_wgs84)]
)
def test_there_and_back_is_the_same_place(there, back):
    degrees = np.vstack([NEAR_CHANGCHUN, CITIES])
    assert np.abs(back(there(degrees)) - degrees).max() < 1e-7
    assert np.abs(there(back(degrees)) - degrees).max() < 1e-7


def test_gcj02_lies_300_to_700_m_off():
    moved = wgs84_to_gcj02(NEAR_CHANGCHUN)
    _, _, away_m = Geod(ellps="WGS84").inv(*NEAR_CHANGCHUN.T, *moved.T)
    assert (away_m > 300).all()
    assert (away_m < 700).all()


def test_gcj02_of_a_published_place():
    # Tian'anmen: the usual example of the public formula.
    moved = wgs84_to_gcj02(np.array([[116.3912022, 39.9075000]]))
    assert moved[0] == pytest.approx([116.3974455, 39.9089026], abs=2e-5)


def test_bd09_is_about_a_hundredth_degree_further():
    step = wgs84_to_bd09(NEAR_CHANGCHUN) - wgs84_to_gcj02(NEAR_CHANGCHUN)
    assert step == pytest.approx(np.tile([0.0065, 0.006], (3, 1)), abs=0.001)


@pytest.mark.parametrize("convert", [wgs84_to_gcj02, gcj02_to_wgs84, wgs84_to_bd09, bd09_to_wgs84])
def test_outside_china_nothing_moves(convert):
    degrees = np.array([[13.4, 52.5], [-74.0, 40.7], [151.2, -33.9]])
    assert (convert(degrees) == degrees).all()


def test_no_places_no_trouble():
    assert gcj02_to_wgs84(np.empty((0, 2))).shape == (0, 2)
