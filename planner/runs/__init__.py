"""Runs: from a scenario to a stored, verified and drawn plan."""
