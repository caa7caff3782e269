"""Values beside published ones, and rows as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def agrees(value: float, published: str) -> bool:
    """Whether a value equals a published one as printed.

    Whole numbers to 1e-6; others to 0.51 units of the last printed decimal or 1e-9 of the value.
    """
    decimals = len(published.partition(".")[2])
    target = float(published)
    if not decimals:
        return abs(value - target) <= 1e-6
    return abs(value - target) <= max(0.51 * 10.0**-decimals, 1e-9 * abs(target))


def write_rows(rows: Sequence[Mapping[str, Any]], file: Path | None) -> None:
    """Write rows as a JSON list; without a file nothing is written."""
    if file is not None:
        file.write_text(json.dumps(list(rows), indent=1, ensure_ascii=False) + "\n", "utf-8")


def line(cells: Sequence[object], widths: Sequence[int]) -> str:
    """One line of a table: text to the left, numbers to the right."""
    return "  ".join(
        f"{cell:<{width}}" if isinstance(cell, str) else f"{shown(cell):>{width}}"
        for cell, width in zip(cells, widths, strict=True)
    )


def shown(cell: object) -> str:
    """A number as short as it can be read; nothing as a dash."""
    if cell is None:
        return "–"
    return f"{cell:.10g}" if isinstance(cell, float) else str(cell)
