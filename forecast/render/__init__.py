"""Results drawn for people, with Rich."""
