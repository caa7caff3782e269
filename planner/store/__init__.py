"""Stored runs: self-contained folders that can be verified and drawn without a solver."""
