"""Reports of the what-if commands: effective values, differences, sweeps."""

from __future__ import annotations

import json

import typer

from planner.cli.voice import Voice
from planner.scenario.loading import LoadedScenario
from planner.scenario.values_by_key import values_by_key


def show_config(voice: Voice, loaded: LoadedScenario, *, origin: bool) -> None:
    """Every effective value as ``key = value``, with its origin where asked for."""
    values = values_by_key(loaded.scenario)
    stated = {
        key: loaded.places.get(key, at) if at.startswith("--") else at
        for key, at in loaded.origins.items()
    }
    if voice.json:
        entries = {key: {"value": value, "origin": stated[key]} for key, value in values.items()}
        voice.emit({"exit_code": 0, "alternatives": list(loaded.alternatives), "values": entries})
        return
    lines = {key: f"{key} = {json.dumps(v, ensure_ascii=False)}" for key, v in values.items()}
    width = min(60, max(len(line) for line in lines.values()))
    for key, line in lines.items():
        typer.echo(f"{line:<{width}}  # {stated[key]}" if origin else line)
