"""Districting: units into contiguous, balanced parts, at every level, with proof."""
