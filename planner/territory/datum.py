"""Datums of Chinese web maps: GCJ-02 and BD-09 to and from WGS 84, in degrees.

The forward formulas are the public ones; the way back is found by iteration, so that going there
and back agrees to better than 1e-7 degrees (about a centimetre).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Degrees = npt.NDArray[np.float64]
"""Array n × 2 of longitude and latitude."""

_AXIS_M = 6378245.0
_ECCENTRICITY2 = 0.00669342162296594323
_BD_SCALE = np.pi * 3000.0 / 180.0
_CHINA = (72.004, 137.8347, 0.8293, 55.8271)
_TOLERANCE_DEGREES = 1e-9
_ROUNDS = 50


def wgs84_to_gcj02(degrees: Degrees) -> Degrees:
    """GCJ-02 coordinates of WGS 84 ones; outside China nothing changes."""
    lon, lat = degrees[:, 0], degrees[:, 1]
    x, y = lon - 105.0, lat - 35.0
    shift_lat = (
        -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
        + _waves(x, (6.0, 2.0)) + _swell(y, (1.0, 3.0), (20.0, 40.0))
        + (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    )  # fmt: skip
    shift_lon = (
        300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
        + _waves(x, (6.0, 2.0)) + _swell(x, (1.0, 3.0), (20.0, 40.0))
        + (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    )  # fmt: skip
    radians = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY2 * np.sin(radians) ** 2
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY2) / (magic * np.sqrt(magic))
    parallel_m = _AXIS_M / np.sqrt(magic) * np.cos(radians)
    shift = np.column_stack(
        [np.degrees(shift_lon / parallel_m), np.degrees(shift_lat / meridian_m)]
    )
    return degrees + np.where(_in_china(degrees)[:, None], shift, 0.0)


def gcj02_to_wgs84(degrees: Degrees) -> Degrees:
    """WGS 84 coordinates of GCJ-02 ones; outside China nothing changes."""
    return np.where(_in_china(degrees)[:, None], _inverse(wgs84_to_gcj02, degrees), degrees)


def wgs84_to_bd09(degrees: Degrees) -> Degrees:
    """BD-09 coordinates of WGS 84 ones; outside China nothing changes."""
    return np.where(_in_china(degrees)[:, None], _gcj02_to_bd09(wgs84_to_gcj02(degrees)), degrees)


def bd09_to_wgs84(degrees: Degrees) -> Degrees:
    """WGS 84 coordinates of BD-09 ones; outside China nothing changes."""
    back = gcj02_to_wgs84(_inverse(_gcj02_to_bd09, degrees))
    return np.where(_in_china(degrees)[:, None], back, degrees)


def _gcj02_to_bd09(degrees: Degrees) -> Degrees:
    lon, lat = degrees[:, 0], degrees[:, 1]
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_SCALE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_SCALE)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def _inverse(forward: Callable[[Degrees], Degrees], target: Degrees) -> Degrees:
    guess = target.copy()
    for _ in range(_ROUNDS):
        miss = forward(guess) - target
        guess = guess - miss
        if not miss.size or np.nanmax(np.abs(miss)) < _TOLERANCE_DEGREES:
            break
    return guess


def _waves(v: npt.NDArray[np.float64], per_degree: tuple[float, float]) -> npt.NDArray[np.float64]:
    first, second = per_degree
    return (20.0 * np.sin(first * v * np.pi) + 20.0 * np.sin(second * v * np.pi)) * 2.0 / 3.0


def _swell(
    v: npt.NDArray[np.float64], parts: tuple[float, float], heights: tuple[float, float]
) -> npt.NDArray[np.float64]:
    first = heights[0] * np.sin(v / parts[0] * np.pi)
    return (first + heights[1] * np.sin(v / parts[1] * np.pi)) * 2.0 / 3.0


def _in_china(degrees: Degrees) -> npt.NDArray[np.bool_]:
    west, east, south, north = _CHINA
    lon, lat = degrees[:, 0], degrees[:, 1]
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
