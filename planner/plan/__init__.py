"""The answer: `Plan`, its indicators and its independent verification."""
