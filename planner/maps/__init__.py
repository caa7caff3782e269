"""Pages that show a plan on a map."""
