"""The centre: receives what the buses record, merges it, and gives it back to each feed."""
