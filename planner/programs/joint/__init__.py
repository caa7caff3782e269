"""The joint program: places and subdistricts decided together."""
