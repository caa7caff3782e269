"""Programs: what is decided, as integer programs with bounds; one module per decision."""
