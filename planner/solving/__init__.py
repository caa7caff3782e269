"""One door to the solvers: a PuLP problem in, an honest `Solution` out."""
