"""Appointments at the stops of the bus."""
