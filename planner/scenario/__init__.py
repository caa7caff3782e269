"""What is asked: the typed scenario, its loading and its schema."""
