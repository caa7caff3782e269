"""The command line: one thin command per verb; the only place that prints and exits."""

from planner.cli.commands import main

__all__ = ["main"]
