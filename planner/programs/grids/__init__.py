"""Grids: whole buildings of one compound or of neighbours, 300 to 500 households."""
