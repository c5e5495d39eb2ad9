"""The day: its stop, its visits, its figures."""
