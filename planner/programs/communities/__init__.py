"""Communities: compounds, split above the household limit, small ones merged."""
