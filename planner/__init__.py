"""Planner: where the new school places go, and where the boundaries run."""

__version__ = "0.1.0"
