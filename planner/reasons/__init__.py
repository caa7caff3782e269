"""Questions put to the programs about a plan: why, at what price, what else, what would help."""
