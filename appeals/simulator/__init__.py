"""Others that the appeals room talks to, for demonstrations and tests."""
