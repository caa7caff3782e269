"""The import contract of the rooms, as stated in pyproject.toml."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def check_contract(config):
    """Exit code and report of the contract; no cache, so that nothing is left behind."""
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(tool), "--config", str(config), "--no-cache"],
        cwd=ROOT, check=False, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_arrows_point_up_the_list_of_rooms():
    code, report = check_contract(ROOT / "pyproject.toml")
    assert code == 0, report
    assert "6 kept, 0 broken" in report


def test_a_broken_contract_would_be_told(tmp_path):
    config = tmp_path / "pyproject.toml"
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    config.write_text(text.replace('"rich", "typer"', '"rich", "typer", "networkx"'))
    code, report = check_contract(config)
    assert code == 1
    assert "5 kept, 1 broken" in report


def test_only_the_command_line_exits_or_prints():
    wrong = []
    for path in sorted((ROOT / "planner").rglob("*.py")):
        names = [node.func.id for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                 if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]  # fmt: skip
        if {"print", "exit", "quit"} & set(names):
            wrong.append(path.name)
    assert wrong == []
