"""Values of a column, read strictly by kind: ids, texts, numbers and flags."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from planner.territory.contract import Column

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_WHOLE_FLOAT = re.compile(r"([+-]?\d+)\.0+")
_FLAGS = {
    "true": True, "yes": True, "1": True, "y": True, "是": True,
    "false": False, "no": False, "0": False, "n": False, "否": False,
}  # fmt: skip


def values_of(column: Column, raw: pd.Series) -> tuple[pd.Series, list[int]]:
    """The column's values in its kind, and the positions of rows that cannot be read so.

    Missing values are None for ids and texts, nan for numbers and False for flags.
    """
    read = {"id": _id, "text": _text, "number": _number, "flag": _flag}[column.kind]
    values: list[object] = []
    wrong: list[int] = []
    for position, value in enumerate(raw.tolist()):
        try:
            values.append(read(value))
        except ValueError:
            wrong.append(position)
            values.append(np.nan if column.kind == "number" else None)
    kind = {"number": float, "flag": bool}.get(column.kind, object)
    return pd.Series(values, index=raw.index, dtype=kind), wrong


def _id(value: object) -> str | None:
    text = _text(value)
    whole = _WHOLE_FLOAT.fullmatch(text) if text else None
    return whole.group(1) if whole else text


def _text(value: object) -> str | None:
    if _is_missing(value):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() or None


def _number(value: object) -> float:
    if _is_missing(value):
        return float("nan")
    if isinstance(value, bool | np.bool_):
        raise ValueError(value)
    if isinstance(value, int | float | np.integer | np.floating):
        if not np.isfinite(value):
            raise ValueError(value)
        return float(value)
    text = str(value).strip()
    if not text:
        return float("nan")
    if not _NUMBER.fullmatch(text):
        raise ValueError(value)
    return float(text)


def _flag(value: object) -> bool:
    text = _id(value)
    if text is None:
        return False
    return _flag_of(text)


def _flag_of(text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise ValueError(text)
    return _FLAGS[text.lower()]


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (
        isinstance(value, float) and bool(np.isnan(value))
    )  # fmt: skip
