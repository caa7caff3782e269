"""Places with a price on overflow: one objective, from a zone to a whole city."""
