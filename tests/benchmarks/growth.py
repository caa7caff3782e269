"""``python -m tests.benchmarks growth DIR``: how time and gap grow with the number of homes.

Takes a folder of the programme format, resamples it to other sizes (fewer homes: those around the
middle; more: the city repeated side by side), and solves each for as long. Ways are 1.3 times the
straight line, to at most 25 schools within 3 km, or 4.5 km in the last stage.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import Delaunay, KDTree

from tests.benchmarks.comparing import line, write_rows
from tests.benchmarks.measuring import measured
from tests.benchmarks.programme_runner import judge, solve_folder

SIZES = "114,350,1409,5000"
CLOSE_GAPS = (0.05, 0.02, 0.01)
_FACTOR, _MOST, _REACH_M, _EDGE_M = 1.3, 25, (3000.0, 4500.0), 1500.0
_METRES = 111_320.0
"""In a degree of latitude."""
HEAD = ("homes", "schools", "arcs", "5 %, s", "2 %, s", "1 %, s", "value", "gap %", "seconds", "MB")
WIDTHS = (8, 8, 9, 8, 8, 8, 14, 8, 8, 7)


def main(arguments: list[str]) -> int:
    """Solve every size; exit code 1 if a plan breaks a rule of the problem."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks growth")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--sizes", default=SIZES)
    parser.add_argument("--minutes", type=float, default=1.0, metavar="M")
    parser.add_argument("--contiguous", action="store_true")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw the plot here")
    parser.add_argument("--json", type=Path, metavar="FILE")
    asked = parser.parse_args(arguments)
    print(line(HEAD, WIDTHS), flush=True)
    rows, broken = [], 0
    with tempfile.TemporaryDirectory() as space:
        for size in (int(text) for text in asked.sizes.split(",")):
            folder = Path(space) / f"homes-{size}"
            counts = resample(asked.folder, folder, size)
            done = measured(solve_folder, folder, asked.contiguous, asked.minutes)
            if done.result is None:
                print(done.error)
                return 1
            steps, plan = done.result
            last = steps[-1]
            faults = ["no plan"] if plan is None else judge(
                folder, plan, last["objective"], contiguous=asked.contiguous
            )  # fmt: skip
            row = {**last, **counts, "memory_mb": done.memory_mb, "gap": _gap(last)}
            row["reached_s"] = {str(gap): _reached(steps, gap) for gap in CLOSE_GAPS}
            rows.append(row)
            _tell(row)
            for fault in faults:
                print(f"  !! {fault}")
            broken += len(faults)
    if asked.svg:
        asked.svg.write_text(drawn(rows, asked.minutes), "utf-8")
    write_rows(rows, asked.json)
    return 1 if broken else 0


def resample(source: Path, folder: Path, homes: int) -> dict[str, int]:
    """Write a folder with so many homes, schools and programme in proportion; what it counts."""
    facts = json.loads((source / "instance.json").read_text("utf-8"))
    units, schools = pd.read_csv(source / "units.csv"), pd.read_csv(source / "schools.csv")
    share = homes / len(units)
    middle = units[["lon", "lat"]].mean().to_numpy()
    width = float(np.ptp(units["lon"]))
    units = _picked(units, homes, middle, width, "unit")
    schools = _picked(schools, max(2, round(len(schools) * share)), middle, width, "school")
    sites = schools["kind"] == "site"
    facts["new_schools"] = min(int(sites.sum()), max(1, round(facts["new_schools"] * share)))
    facts["expansions"] = min(int((~sites).sum()), round(facts["expansions"] * share))
    facts["parallel_classes"] = {
        stage: round(count * share) for stage, count in facts["parallel_classes"].items()
    }
    folder.mkdir()
    (folder / "instance.json").write_text(json.dumps(facts), "utf-8")
    units.to_csv(folder / "units.csv", index=False)
    schools.to_csv(folder / "schools.csv", index=False)
    arcs = _arcs(units, schools, list(facts["grades"]))
    arcs.to_csv(folder / "arcs.csv", index=False)
    _borders(units).to_csv(folder / "adjacency.csv", index=False)
    return {"homes": len(units), "schools": len(schools), "arcs": len(arcs)}


def _picked(
    rows: pd.DataFrame, count: int, middle: np.ndarray, width: float, key: str
) -> pd.DataFrame:
    """The rows nearest to the middle, or all of them again and again, each copy further east."""
    copies = [
        rows.assign(lon=rows["lon"] + k * width) for k in range(-(-count // len(rows)))
    ]  # fmt: skip
    far = np.hypot(rows["lon"] - middle[0], (rows["lat"] - middle[1]) * 1.4)
    if len(copies) == 1:
        chosen = rows.loc[far.sort_values(kind="stable").index[:count]]
    else:
        last = copies[-1].sort_values("lon", kind="stable")
        chosen = pd.concat([*copies[:-1], last.head(count - len(rows) * (len(copies) - 1))])
    names = [f"{key[0]}{i:05d}" for i in range(len(chosen))]
    return chosen.assign(**{key: names}).reset_index(drop=True)


def _metres(rows: pd.DataFrame) -> np.ndarray:
    lat = np.radians(rows["lat"].mean())
    return np.column_stack([rows["lon"] * _METRES * np.cos(lat), rows["lat"] * _METRES])


def _arcs(units: pd.DataFrame, schools: pd.DataFrame, stages: list[str]) -> pd.DataFrame:
    """The nearest schools in reach of each home; where there is none, the nearest alone."""
    tree = KDTree(_metres(schools))
    far, near = tree.query(_metres(units), k=min(_MOST, len(schools)))
    parts = []
    for stage, reach in zip(stages, _REACH_M, strict=True):
        inside = far * _FACTOR <= reach
        inside[:, 0] = True
        u, k = np.nonzero(inside)
        parts.append(pd.DataFrame({
            "unit": units["unit"].to_numpy()[u], "school": schools["school"].to_numpy()[near[u, k]],
            "stage": stage, "distance_m": np.round(far[u, k] * _FACTOR, 3),
        }))  # fmt: skip
    return pd.concat(parts)


def _borders(units: pd.DataFrame) -> pd.DataFrame:
    """Delaunay edges that are not long; homes at one spot are joined by a hair's breadth."""
    spots = _metres(units) + np.random.default_rng(0).uniform(-0.5, 0.5, (len(units), 2))
    corners = Delaunay(spots).simplices
    pairs = np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]))
    pairs = np.unique(pairs, axis=0)
    long = np.linalg.norm(spots[pairs[:, 0]] - spots[pairs[:, 1]], axis=1)
    a, b = pairs[long <= _EDGE_M].T
    names = units["unit"].to_numpy()
    return pd.DataFrame({"unit": names[a], "neighbour": names[b]})


def _gap(row: dict[str, Any]) -> float | None:
    value = row["objective"]
    return None if value is None else (value - row["bound"]) / value


def _reached(steps: list[dict[str, Any]], close: float) -> float | None:
    """Seconds until the gap was that close; None: it never was."""
    for step in steps:
        gap = _gap(step)
        if gap is not None and gap <= close:
            return float(step["seconds"])
    return None


def _tell(row: dict[str, Any]) -> None:
    reached = [None if s is None else round(s, 1) for s in row["reached_s"].values()]
    gap = None if row["gap"] is None else f"{row['gap']:.3%}".rjust(WIDTHS[7])
    figures = [row["homes"], row["schools"], row["arcs"], *reached, row["objective"], gap,
               round(row["seconds"], 1), round(row["memory_mb"])]  # fmt: skip
    print(line(figures, WIDTHS), flush=True)


def drawn(rows: list[dict[str, Any]], minutes: float) -> str:
    """The plot: seconds to a gap of 2 %, and the gap in the end, over homes (both logarithmic)."""
    homes = [row["homes"] for row in rows]
    seconds = [row["reached_s"]["0.02"] for row in rows]
    gaps = [None if row["gap"] is None else 100 * row["gap"] for row in rows]
    ends = f"gap when proven or after {minutes:g} min, %"
    left = _panel(homes, seconds, "seconds to a gap of 2 %", 60)
    right = _panel(homes, gaps, ends, 460)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 820 330" font-family="sans-serif" '
        f'font-size="13"><rect width="820" height="330" fill="#fff"/>{left}{right}</svg>\n'
    )


def _panel(homes: list[int], values: list[float | None], title: str, left: int) -> str:
    known = [(h, v) for h, v in zip(homes, values, strict=True) if v is not None and v > 0]
    low, high = 10.0 ** np.floor(np.log10(min(v for _, v in known))), max(v for _, v in known)
    top, bottom, width = 40.0, 280.0, 320.0
    span = max(np.log10(high / low), 0.3) * 1.08

    def at(home: int, value: float) -> tuple[float, float]:
        x = left + width * np.log(home / homes[0]) / max(np.log(homes[-1] / homes[0]), 1e-9)
        return float(x), float(bottom - (bottom - top) * np.log10(value / low) / span)

    dots = [(*at(h, v), v) for h, v in known]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y, _ in dots)
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#1B1F6B"/>'
        f'<text x="{x:.1f}" y="{y - 9:.1f}" text-anchor="middle" stroke="#fff" stroke-width="4" '
        f'paint-order="stroke">{v:.3g}</text>'
        for x, y, v in dots
    )
    ticks = "".join(
        f'<text x="{at(h, low)[0]:.1f}" y="{bottom + 18}" text-anchor="middle">{h}</text>'
        for h in homes
    )
    return (
        f'<text x="{left}" y="20" font-weight="700">{title}</text>'
        f'<path d="M{left} {bottom}h{width}" stroke="#888"/>{ticks}'
        f'<text x="{left + width}" y="{bottom + 38}" text-anchor="end">'
        "homes; both scales logarithmic</text>"
        f'<path d="{path}" fill="none" stroke="#1B1F6B" stroke-width="2"/>{marks}'
    )
