"""Numbers for people."""

from __future__ import annotations

import math
from typing import Any


def figure(value: Any) -> str:
    """A number for people: thousands parted, at most six digits of a small one."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == round(value) or abs(value) >= 1e5:
        return f"{round(value):,}"
    return f"{value:,.6g}"


def share(value: float) -> str:
    """A share in percent."""
    return f"{value * 100:.3g} %" if math.isfinite(value) else "unknown"
