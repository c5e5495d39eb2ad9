"""People who are followed up: found, recorded, merged, forgotten."""
